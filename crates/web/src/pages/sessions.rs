//! Privileged sessions: live ones to watch and end, recordings to replay.

use std::convert::Infallible;

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use doorward_core::{EndSession, PlayRecording, PrivilegedSessionId, ReadSession, WatchSession};
use doorward_store::privileged_session::{self as rows, Command, FileOperation, PrivilegedSession};
use serde::Deserialize;

use super::lang::Lang;
use super::shell::Shell;
use super::terminal::{Frames, Screen};
use super::views::{Names, SessionView};
use crate::frame::extract::{Ask, Form};
use crate::frame::guard::Caller;
use crate::streams::hold;
use crate::{AppState, Problem};

/// More frames than this are not sent to a browser; the command line plays all.
const FRAMES: usize = 20_000;

#[derive(Template)]
#[template(path = "sessions.html")]
struct List {
    s: Shell,
    live: Vec<SessionView>,
    past: Vec<SessionView>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "session.html")]
struct One {
    s: Shell,
    v: SessionView,
    commands: Vec<Command>,
    files: Vec<FileOperation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct From {
    cursor: Option<String>,
}

fn may_see(state: &AppState, caller: &Caller, row: &PrivilegedSession) -> bool {
    let act = ReadSession { session: row.id, owner: row.identity, account: row.account };
    state.allow(&caller.actor, act).is_ok()
}

pub(super) async fn list(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    Ask(from): Ask<From>,
) -> Result<Response, Problem> {
    let s = Shell::portal(&state, lang, &caller, "sessions", "Privileged sessions").await?;
    let before: Option<PrivilegedSessionId> =
        from.cursor.as_deref().map(|c| state.cursors.unseal("sessions-page", c)).transpose()?;
    let (live, past) = state
        .db
        .read(move |c| {
            Ok::<_, doorward_store::Error>((
                rows::list(c, Some("live"), None, None, 200)?,
                rows::list(c, Some("ended"), None, before, 100)?,
            ))
        })
        .await?;
    let next = match past.last() {
        Some(last) if past.len() == 100 => Some(state.cursors.seal("sessions-page", &last.id)?),
        _ => None,
    };
    let names = Names::of(&state);
    let seen = |all: Vec<PrivilegedSession>| -> Vec<SessionView> {
        all.into_iter()
            .filter(|r| may_see(&state, &caller, r))
            .map(|r| SessionView::of(&state, &names, &caller.actor, r))
            .collect()
    };
    let page = List { s, live: seen(live), past: seen(past), next };
    page.s.page(&page)
}

/// The session; nothing at all for those who may not know that it is there.
pub(super) async fn find(
    state: &AppState,
    caller: &Caller,
    id: &str,
) -> Result<PrivilegedSession, Problem> {
    let missing = || Problem::not_found("privileged session");
    let id: PrivilegedSessionId = id.parse().map_err(|_| missing())?;
    let row = state.db.read(move |c| rows::find(c, id)).await?.ok_or_else(missing)?;
    if may_see(state, caller, &row) { Ok(row) } else { Err(missing()) }
}

pub(super) async fn show(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let row = find(&state, &caller, &id).await?;
    let session = row.id;
    let mut s = Shell::portal(&state, lang, &caller, "sessions", "Privileged session").await?;
    s.live = false;
    let (commands, files) = state
        .db
        .read(move |c| {
            Ok::<_, doorward_store::Error>((
                rows::commands(c, session, 0, 200)?,
                rows::files(c, session, 0, 200)?,
            ))
        })
        .await?;
    let v = SessionView::of(&state, &Names::of(&state), &caller.actor, row);
    // What was typed is content: for those who may watch or replay.
    let (commands, files) =
        if v.may.watch || v.may.play { (commands, files) } else { (Vec::new(), Vec::new()) };
    let page = One { s, v, commands, files };
    page.s.page(&page)
}

pub(super) async fn screen(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let row = find(&state, &caller, &id).await?;
    let act = WatchSession { session: row.id, owner: row.identity, account: row.account };
    let allowed = state.allow(&caller.actor, act)?;
    let lines = state.gate.watch_session(&allowed).await?;
    let held = hold(&state, &caller, &allowed).await;
    let screen = Screen::new().ok_or_else(|| Problem::internal("no terminal of 80 by 24"))?;
    let begin = (lines, screen, held, false);
    let stream =
        futures::stream::unfold(begin, |(mut lines, mut screen, held, ended)| async move {
            if ended {
                return None;
            }
            let mut changed = false;
            let mut more = Vec::new();
            let read = held.unless_over(lines.recv_many(&mut more, 256)).await;
            let open = read.is_some_and(|count| count > 0);
            for text in &more {
                for line in text.lines() {
                    changed |= screen.read(line);
                }
            }
            let message = match (open, changed) {
                (false, _) => Message::default()
                    .event("over")
                    .data("\"the session is over, or you may not watch it any more\""),
                (true, true) => Message::default().event("screen").data(json(&screen.lines())),
                (true, false) => Message::default().comment(""),
            };
            // At most some twenty screens a second.
            tokio::time::sleep(std::time::Duration::from_millis(45)).await;
            Some((Ok::<_, Infallible>(message), (lines, screen, held, !open)))
        });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub(super) async fn frames(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let row = find(&state, &caller, &id).await?;
    let act = PlayRecording { session: row.id, owner: row.identity, account: row.account };
    let allowed = state.allow(&caller.actor, act)?;
    let mut playback = state.gate.play(&allowed).await?;
    let mut frames =
        Frames::new(FRAMES).ok_or_else(|| Problem::internal("no terminal of 80 by 24"))?;
    let mut rest = String::new();
    'all: while let Some(bytes) = playback.next().await.map_err(Problem::internal)? {
        rest.push_str(&String::from_utf8_lossy(&bytes));
        while let Some((line, after)) = rest.split_once('\n') {
            let room = frames.read(line);
            rest = after.to_owned();
            if !room {
                break 'all;
            }
        }
    }
    Ok(Json(frames.done()).into_response())
}

pub(super) async fn end(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    let row = find(&state, &caller, &id).await?;
    let act = EndSession { session: row.id, owner: row.identity, account: row.account };
    let allowed = state.allow(&caller.actor, act)?;
    state.gate.terminate(&allowed, form.get("reason")).await?;
    Ok(Redirect::to("/sessions").into_response())
}
