//! Privileged sessions: list, watch, end, replay.

use axum::body::Body as HttpBody;
use doorward_core::lifecycle::EndCause;
use doorward_core::{
    AccountId, Act as _, Action, EndSession, GrantId, IdentityId, NodeId, PlayRecording,
    PrivilegedSessionId, ReadSession, TargetId, Timestamp, WatchSession,
};
use doorward_store::Conn;
use doorward_store::order::Order;
use doorward_store::privileged_session::{
    self as rows, Command, FileOperation, Frozen, PrivilegedSession, PrivilegedSessionSort,
};
use doorward_store::session_watcher;
use futures::StreamExt as _;
use http::{HeaderValue, header};

use super::answers::Asciicast;
use super::directory::Why;
use super::listing::sifted;
use super::own::Permissions;
use super::prelude::*;
use super::support::{still_named, who};
use crate::streams::{hold, no_longer};

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
    /// Nothing passes in it, by whose order and why.
    frozen: Option<Frozen>,
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
        frozen: p.frozen.clone().map(|f| Frozen { by_name: still_named(s, f.by, f.by_name), ..f }),
        coverage: p.coverage.clone(),
        bytes_in: p.bytes_in,
        bytes_out: p.bytes_out,
    }
}

fn read_act(p: &PrivilegedSession) -> ReadSession {
    ReadSession { session: p.id, owner: p.identity, account: p.account }
}

/// The session, if the caller may know that it exists.
pub(super) async fn find(
    s: &AppState,
    caller: &Caller,
    id: PrivilegedSessionId,
) -> Result<PrivilegedSession, Problem> {
    let found = s.db.read(move |c| rows::find(c, id)).await?.ok_or_else(missing)?;
    s.allow(&caller.actor, read_act(&found)).map_err(|_| missing())?;
    Ok(found)
}

listing! {
    /// Which privileged sessions.
    SessionQuery sorted by PrivilegedSessionSort, Order::down(PrivilegedSessionSort::StartedAt);
    {
        /// Part of the account's name, such as `deploy@web-1`, of the address, or of
        /// whose it is.
        q: String,
        /// Only those in this state.
        state: PrivilegedSessionState,
        /// Whose they are, by name or id.
        identity: String,
        /// On which account, by name or id.
        account: String,
        /// On which target, by name or id.
        target: String,
        /// Over which protocol.
        protocol: String,
        /// By which grant.
        grant: GrantId,
        /// Begun not before.
        since: Timestamp,
        /// Begun before.
        until: Timestamp,
        /// Only those that are frozen, or that are not.
        frozen: bool,
    }
}

impl SessionQuery {
    pub(super) fn filter(&self, s: &AppState) -> Result<rows::Filter, Problem> {
        let (account, target) = {
            let world = s.engine.world();
            // What is gone has no name any more, but its id is in the record.
            let account = self.account.as_ref().map(|text| {
                let named = world.entity_named(text).map_or(text.clone(), |e| e.id);
                named.parse().map_err(|_| invalid("account", "no account is called that"))
            });
            let target = self.target.as_ref().map(|text| {
                let named = world.accounts().find(|(_, t)| t.name.as_str() == text);
                named
                    .map(|(_, t)| t.id)
                    .or_else(|| text.parse().ok())
                    .ok_or_else(|| invalid("target", "no target with an account is called that"))
            });
            (account.transpose()?, target.transpose()?)
        };
        Ok(rows::Filter {
            q: self.q.clone(),
            state: self.state.map(PrivilegedSessionState::as_str),
            identity: who(s, "identity", self.identity.as_deref())?,
            account,
            target,
            protocol: self.protocol.clone(),
            grant: self.grant,
            since: self.since,
            until: self.until,
            frozen: self.frozen,
        })
    }
}

/// Those that the caller may see; each is asked about by itself.
pub(super) async fn list(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<SessionQuery>,
) -> Answer<Listed<ShownSession>> {
    let filter = q.filter(&s)?;
    let read = move |c: &Conn<'_>, at: &_| rows::search(c, &filter, at);
    sifted(&s, "privileged-sessions", &q.page(), read, |row: PrivilegedSession| {
        s.allow(&caller.actor, read_act(&row)).ok()?;
        Some(shown(&s, &row))
    })
    .await
}

/// A privileged session, and what the one who asks may do with it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PrivilegedSessionDetails")]
pub(super) struct Details {
    #[serde(flatten)]
    session: ShownSession,
    /// What policy lets the caller do with this one, however it stands; what is in
    /// neither list is refused.
    permissions: Permissions,
}

/// What may be asked about one session, beyond that it is there.
const OF_SESSION: &[Action] = &[
    Action::WatchSession,
    Action::FreezeSession,
    Action::MessageSession,
    Action::EndSession,
    Action::PlayRecording,
];

pub(super) async fn show(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
) -> Answer<Shown<Details>> {
    let p = find(&s, &caller, id).await?;
    // Each of these acts is done to the session as reading it is.
    let permissions = Permissions::over(&s, &caller, &read_act(&p).resource(), OF_SESSION);
    answer(Details { session: shown(&s, &p), permissions })
}

/// What was typed is content: it is for those who may see the session's content.
pub(super) fn content(s: &AppState, caller: &Caller, p: &PrivilegedSession) -> Result<(), Problem> {
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
    pub(super) fn start(&self, s: &AppState, list: &str) -> Result<i64, Problem> {
        Ok(self.cursor.as_deref().map(|c| s.cursors.unseal(list, c)).transpose()?.unwrap_or(0))
    }
    pub(super) fn most(&self) -> i64 {
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

/// Somebody who watches a session at the moment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SessionWatcher")]
pub(super) struct Watcher {
    /// Who.
    identity: IdentityId,
    /// Their name.
    identity_name: String,
    /// Since when.
    since: Timestamp,
}

/// For whoever may see what happens in it. Those at a node that was not there for a
/// minute do not count.
pub(super) async fn watchers(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
) -> Answer<Listed<Watcher>> {
    content(&s, &caller, &find(&s, &caller, id).await?)?;
    let seen = s.env.now() - std::time::Duration::from_secs(60);
    let found = s.db.read(move |c| session_watcher::of(c, id, seen)).await?;
    let shown = |w: session_watcher::Watcher| Watcher {
        identity: w.identity,
        identity_name: name_of(&s, w.identity),
        since: w.since,
    };
    page(found.into_iter().map(shown).collect(), None)
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
    let held = hold(&s, &caller, &allowed).await;
    let stream = futures::stream::unfold((lines, held), |(mut lines, held)| async move {
        let mut line = held.unless_over(lines.recv()).await.flatten()?;
        if !line.ends_with('\n') {
            line.push('\n');
        }
        Some((Ok::<_, std::convert::Infallible>(line), (lines, held)))
    });
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
    let held = hold(&s, &caller, &allowed).await;
    let stream = futures::stream::unfold(Some((playback, held)), |open| async move {
        let (mut playback, held) = open?;
        match held.unless_over(playback.next()).await {
            Some(Ok(Some(lines))) => Some((Ok(lines), Some((playback, held)))),
            Some(Ok(None)) => None,
            // What came before is as it was recorded; the connection breaks here.
            Some(Err(e)) => Some((Err(std::io::Error::other(e)), None)),
            None => Some((Err(no_longer()), None)),
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
