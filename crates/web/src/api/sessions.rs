//! Privileged sessions: list, watch, end, replay.

use axum::body::Body as HttpBody;
use doorward_core::{EndSession, PlayRecording, PrivilegedSessionId, ReadSession, WatchSession};
use doorward_store::privileged_session::{self as rows, PrivilegedSession};
use doorward_watch::Lasting;
use futures::StreamExt as _;
use http::{HeaderValue, header};
use tokio_util::sync::CancellationToken;

use super::directory::Why;
use super::prelude::*;

const LIST: &str = "privileged-sessions";

pub(crate) fn shown(s: &AppState, p: &PrivilegedSession) -> Value {
    json!({
        "id": p.id, "identity": p.identity, "identity_name": name_of(s, p.identity),
        "account": p.account, "account_name": p.login, "target": p.target, "protocol": p.protocol,
        "grant": p.grant, "node": p.node, "address": p.address, "state": p.state,
        "started_at": p.started_at, "ended_at": p.ended_at, "end_cause": p.end_cause,
        "end_requested": p.end_requested, "coverage": p.coverage, "bytes_in": p.bytes_in,
        "bytes_out": p.bytes_out,
    })
}

fn read_act(p: &PrivilegedSession) -> ReadSession {
    ReadSession { session: p.id, owner: p.identity, account: p.account }
}

/// The session, if the caller may know that it exists.
async fn find(
    s: &AppState,
    caller: &Caller,
    id: PrivilegedSessionId,
) -> Result<PrivilegedSession, Problem> {
    let found = s.db.read(move |c| rows::find(c, id)).await?.ok_or_else(missing)?;
    s.allow(&caller.actor, read_act(&found)).map_err(|_| missing())?;
    Ok(found)
}

pub(super) async fn list(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ListQuery>,
) -> Answer {
    let state = match q.state.as_deref() {
        None => None,
        Some(state @ ("opening" | "live" | "ended")) => Some(state.to_owned()),
        Some(_) => return Err(invalid("state", "use opening, live or ended")),
    };
    let mut before: Option<PrivilegedSessionId> =
        q.cursor.as_deref().map(|c| s.cursors.unseal(LIST, c)).transpose()?;
    let most = usize::try_from(q.most()).unwrap_or(1);
    let (mut items, mut next) = (Vec::new(), None);
    while next.is_none() {
        let wanted = state.clone();
        let found = s.db.read(move |c| rows::list(c, wanted.as_deref(), None, before, 200)).await?;
        if found.is_empty() {
            break;
        }
        for row in &found {
            before = Some(row.id);
            if s.allow(&caller.actor, read_act(row)).is_err() {
                continue;
            }
            items.push(shown(&s, row));
            if items.len() == most {
                next = Some(s.cursors.seal(LIST, &row.id)?);
                break;
            }
        }
    }
    page(items, next)
}

pub(super) async fn show(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
) -> Answer {
    answer(shown(&s, &find(&s, &caller, id).await?))
}

/// What was typed is content: it is for those who may see the session's content.
fn content(s: &AppState, caller: &Caller, p: &PrivilegedSession) -> Result<(), Problem> {
    let play = PlayRecording { session: p.id, owner: p.identity, account: p.account };
    let watch = WatchSession { session: p.id, owner: p.identity, account: p.account };
    if p.state != "ended" && s.allow(&caller.actor, watch).is_ok() {
        return Ok(());
    }
    s.allow(&caller.actor, play)?;
    Ok(())
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct After {
    cursor: Option<String>,
    limit: Option<i64>,
}

impl After {
    fn start(&self, s: &AppState, list: &str) -> Result<i64, Problem> {
        Ok(self.cursor.as_deref().map(|c| s.cursors.unseal(list, c)).transpose()?.unwrap_or(0))
    }
    fn most(&self) -> i64 {
        self.limit.unwrap_or(200).clamp(1, doorward_store::cursor::LIMIT)
    }
}

pub(super) async fn commands(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
    Params(q): Params<After>,
) -> Answer {
    content(&s, &caller, &find(&s, &caller, id).await?)?;
    let list = format!("commands-{id}");
    let (after, most) = (q.start(&s, &list)?, q.most());
    let found = s.db.read(move |c| rows::commands(c, id, after, most + 1)).await?;
    let found = s.cursors.page(&list, most, found, |c| c.number)?;
    let items = found
        .items
        .iter()
        .map(|c| json!({ "number": c.number, "at": c.at, "text": c.text, "certain": c.certain }))
        .collect();
    page::<Value>(items, found.next)
}

pub(super) async fn files(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
    Params(q): Params<After>,
) -> Answer {
    content(&s, &caller, &find(&s, &caller, id).await?)?;
    let list = format!("files-{id}");
    let (after, most) = (q.start(&s, &list)?, q.most());
    let found = s.db.read(move |c| rows::files(c, id, after, most + 1)).await?;
    let found = s.cursors.page(&list, most, found, |f| f.number)?;
    let items = found
        .items
        .iter()
        .map(|f| {
            json!({
                "number": f.number, "at": f.at, "operation": f.operation, "path": f.path,
                "other_path": f.other_path, "bytes": f.bytes, "outcome": f.outcome,
            })
        })
        .collect();
    page::<Value>(items, found.next)
}

pub(super) async fn end(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
    Body(why): Body<Why>,
) -> Answer {
    let p = find(&s, &caller, id).await?;
    let allowed =
        s.allow(&caller.actor, EndSession { session: id, owner: p.identity, account: p.account })?;
    let was_open = s.gate.terminate(&allowed, &why.reason).await?;
    if !was_open {
        return Err(Problem::new(crate::Code::Over, "the session is over already"));
    }
    answer(json!({ "id": id, "state": "ending" }))
}

/// asciicast v2, line by line, for as long as the session and the right to
/// watch it last.
pub(super) async fn watch(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
) -> Answer {
    let p = find(&s, &caller, id).await?;
    let act = WatchSession { session: id, owner: p.identity, account: p.account };
    let allowed = s.allow(&caller.actor, act)?;
    let lines = s.gate.watch_session(&allowed).await?;
    let over = CancellationToken::new();
    let end = over.clone();
    let registration = s.watch.register(Lasting {
        question: allowed.question(),
        until: Some(caller.session.expires_at),
        on_end: Box::new(move |_| end.cancel()),
    });
    let stream = futures::stream::unfold(
        (lines, registration, over),
        |(mut lines, kept, over)| async move {
            let line = tokio::select! {
                () = over.cancelled() => None,
                line = lines.recv() => line,
            };
            let mut line = line?;
            if !line.ends_with('\n') {
                line.push('\n');
            }
            Some((Ok::<_, std::convert::Infallible>(line), (lines, kept, over)))
        },
    );
    Ok(asciicast(HttpBody::from_stream(stream), None))
}

/// The recording, once its playing is in the record.
pub(super) async fn recording(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
) -> Answer {
    let p = find(&s, &caller, id).await?;
    let act = PlayRecording { session: id, owner: p.identity, account: p.account };
    let allowed = s.allow(&caller.actor, act)?;
    let playback = s.gate.play(&allowed).await?;
    let interrupted = playback.interrupted();
    let stream = futures::stream::unfold(Some(playback), |playback| async move {
        let mut playback = playback?;
        match playback.next().await {
            Ok(Some(lines)) => Some((Ok(lines), Some(playback))),
            Ok(None) => None,
            // What came before is as it was recorded; the connection breaks here.
            Err(e) => Some((Err(std::io::Error::other(e)), None)),
        }
    });
    let body = HttpBody::from_stream(stream.boxed());
    let mut response = asciicast(body, Some(&format!("{id}.cast")));
    if interrupted {
        response.headers_mut().insert("doorward-interrupted", HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn asciicast(body: HttpBody, file: Option<&str>) -> axum::response::Response {
    let mut response = axum::response::Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-asciicast"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let disposition = file.map(|f| format!("attachment; filename=\"{f}\""));
    if let Some(value) = disposition.and_then(|d| HeaderValue::from_str(&d).ok()) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
