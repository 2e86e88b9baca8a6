//! Privileged sessions: list, watch, end, replay.

use axum::body::Body as HttpBody;
use doorward_core::lifecycle::EndCause;
use doorward_core::{
    AccountId, EndSession, GrantId, IdentityId, NodeId, PlayRecording, PrivilegedSessionId,
    ReadSession, TargetId, Timestamp, WatchSession,
};
use doorward_store::privileged_session::{self as rows, Command, FileOperation, PrivilegedSession};
use doorward_watch::Lasting;
use futures::StreamExt as _;
use http::{HeaderValue, header};
use tokio_util::sync::CancellationToken;

use super::answers::Asciicast;
use super::directory::Why;
use super::prelude::*;
use super::support::most;

const LIST: &str = "privileged-sessions";

/// Where a privileged session stands.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PrivilegedSessionState {
    /// Permitted, and not connected yet.
    Opening,
    /// Connected.
    Live,
    /// Over.
    Ended,
}

impl PrivilegedSessionState {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Live => "live",
            Self::Ended => "ended",
        }
    }
    fn of(text: &str) -> Self {
        match text {
            "opening" => Self::Opening,
            "live" => Self::Live,
            _ => Self::Ended,
        }
    }
}

/// A privileged session.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PrivilegedSession")]
pub(super) struct ShownSession {
    /// Its id.
    id: PrivilegedSessionId,
    /// Whose it is.
    identity: IdentityId,
    /// Their name.
    identity_name: String,
    /// On which account.
    account: AccountId,
    /// `deploy@web-1`, as it was called when the session began.
    account_name: String,
    /// On which target.
    target: TargetId,
    /// The protocol's registered name.
    protocol: String,
    /// By which grant, if it took one.
    grant: Option<GrantId>,
    /// On which node it runs.
    node: NodeId,
    /// Where the person comes from.
    address: Option<String>,
    /// Where it stands.
    state: PrivilegedSessionState,
    /// Since when.
    started_at: Timestamp,
    /// Until when.
    ended_at: Option<Timestamp>,
    /// Why it ended, when it was not its owner who left.
    end_cause: Option<EndCause>,
    /// Somebody wants it ended, and why.
    end_requested: Option<EndCause>,
    /// `full`, or `partial: ` and what the recording does not show.
    coverage: String,
    /// Bytes from the person.
    bytes_in: u64,
    /// Bytes from the target.
    bytes_out: u64,
}

pub(super) fn shown(s: &AppState, p: &PrivilegedSession) -> ShownSession {
    ShownSession {
        id: p.id,
        identity: p.identity,
        identity_name: name_of(s, p.identity),
        account: p.account,
        account_name: p.login.clone(),
        target: p.target,
        protocol: p.protocol.clone(),
        grant: p.grant,
        node: p.node,
        address: p.address.clone(),
        state: PrivilegedSessionState::of(&p.state),
        started_at: p.started_at,
        ended_at: p.ended_at,
        end_cause: p.end_cause.clone(),
        end_requested: p.end_requested.clone(),
        coverage: p.coverage.clone(),
        bytes_in: p.bytes_in,
        bytes_out: p.bytes_out,
    }
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

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SessionQuery {
    /// Only those in this state.
    pub(super) state: Option<PrivilegedSessionState>,
    /// The cursor of the page before.
    pub(super) cursor: Option<String>,
    /// At most this many, 1 to 200; 50 when absent.
    pub(super) limit: Option<i64>,
}

pub(super) async fn list(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<SessionQuery>,
) -> Answer<Listed<ShownSession>> {
    let state = q.state.map(PrivilegedSessionState::as_str);
    let mut before: Option<PrivilegedSessionId> =
        q.cursor.as_deref().map(|c| s.cursors.unseal(LIST, c)).transpose()?;
    let most = usize::try_from(most(q.limit)).unwrap_or(1);
    let (mut items, mut next) = (Vec::new(), None);
    while next.is_none() {
        let found = s.db.read(move |c| rows::list(c, state, None, before, 200)).await?;
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
) -> Answer<Shown<ShownSession>> {
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

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct After {
    /// The cursor of the page before.
    cursor: Option<String>,
    /// At most this many, 1 to 200; 200 when absent.
    limit: Option<i64>,
}

/// A session that is being ended.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EndingSession")]
pub(super) struct Ending {
    /// Which.
    id: PrivilegedSessionId,
    /// Where it stands.
    #[schemars(extend("const" = "ending"))]
    state: &'static str,
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
) -> Answer<Listed<Command>> {
    content(&s, &caller, &find(&s, &caller, id).await?)?;
    let list = format!("commands-{id}");
    let (after, most) = (q.start(&s, &list)?, q.most());
    let found = s.db.read(move |c| rows::commands(c, id, after, most + 1)).await?;
    Ok(s.cursors.page(&list, most, found, |c| c.number)?.into())
}

pub(super) async fn files(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
    Params(q): Params<After>,
) -> Answer<Listed<FileOperation>> {
    content(&s, &caller, &find(&s, &caller, id).await?)?;
    let list = format!("files-{id}");
    let (after, most) = (q.start(&s, &list)?, q.most());
    let found = s.db.read(move |c| rows::files(c, id, after, most + 1)).await?;
    Ok(s.cursors.page(&list, most, found, |f| f.number)?.into())
}

pub(super) async fn end(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
    Body(why): Body<Why>,
) -> Answer<Shown<Ending>> {
    let p = find(&s, &caller, id).await?;
    let allowed =
        s.allow(&caller.actor, EndSession { session: id, owner: p.identity, account: p.account })?;
    let was_open = s.gate.terminate(&allowed, &why.reason).await?;
    if !was_open {
        return Err(Problem::new(crate::Code::Over, "the session is over already"));
    }
    answer(Ending { id, state: "ending" })
}

/// asciicast v2, line by line, for as long as the session and the right to
/// watch it last.
pub(super) async fn watch(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
) -> Answer<Asciicast> {
    let p = find(&s, &caller, id).await?;
    let act = WatchSession { session: id, owner: p.identity, account: p.account };
    let allowed = s.allow(&caller.actor, act)?;
    let lines = s.gate.watch_session(&allowed).await?;
    let over = CancellationToken::new();
    let end = over.clone();
    let registration = s.watch.register(Lasting {
        question: allowed.question(),
        asked_at: allowed.at(),
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
    Ok(Asciicast(asciicast(HttpBody::from_stream(stream), None)))
}

/// The recording, once its playing is in the record.
pub(super) async fn recording(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
) -> Answer<Asciicast> {
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
    Ok(Asciicast(response))
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
