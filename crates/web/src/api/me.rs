//! Who I am; my sessions, authenticators and activity; signing in a command line.

use doorward_audit::search;
use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::{
    Allowed, Assurance, AuthenticatorId, IdentityId, ManageOwn, Name, SessionId, Timestamp,
};
use doorward_signin::{AuthenticatorInfo, Client, ConfirmationPurpose, Details, Polled};
use doorward_store::event::{EventSort, Filter};
use doorward_store::order::Order;

use super::audit::{NamedEvent, named};
use super::prelude::*;

/// The caller's own permission over what is theirs.
pub(super) fn own(state: &AppState, caller: &Caller) -> Result<Allowed<ManageOwn>, Problem> {
    Ok(state.allow(&caller.actor, ManageOwn { of: caller.id() })?)
}

/// The session that asks.
#[derive(Serialize, JsonSchema)]
pub(super) struct CurrentSession {
    /// Its id.
    id: SessionId,
    /// Whose it is.
    identity: IdentityId,
    /// Their name.
    name: String,
    /// Browser or command line.
    kind: SessionKind,
    /// How strongly they are proven at this moment.
    assurance: Assurance,
    /// Whether by something that cannot be phished.
    phishing_resistant: bool,
    /// By what.
    factors: Vec<String>,
    /// What they are in, directly or through groups.
    groups: Vec<Name>,
    /// What they hold, directly or through groups.
    roles: Vec<Name>,
    /// When it began.
    created_at: Timestamp,
    /// When it ends in any case.
    expires_at: Timestamp,
    /// What a change by this cookie brings as `X-CSRF-Token`; a bearer needs none.
    csrf_token: Option<String>,
}

/// A session of one's own.
#[derive(Serialize, JsonSchema)]
pub(super) struct OwnSession {
    #[serde(flatten)]
    session: LiveSession,
    /// Whether it is the one that asks.
    current: bool,
}

pub(super) async fn session(
    State(s): State<AppState>,
    caller: Caller,
) -> Answer<Shown<CurrentSession>> {
    let id = caller.id();
    let (groups, roles) = s.engine.world().memberships(id, s.env.now());
    let by_cookie = caller.session.kind == SessionKind::Browser;
    answer(CurrentSession {
        id: caller.session.id,
        identity: id,
        name: name_of(&s, id),
        kind: caller.session.kind,
        assurance: caller.actor.assurance(),
        phishing_resistant: caller.actor.phishing_resistant(),
        factors: caller.session.proofs.iter().map(|p| p.factor.clone()).collect(),
        groups,
        roles,
        created_at: caller.session.created_at,
        expires_at: caller.session.expires_at,
        csrf_token: by_cookie.then(|| caller.csrf_token.expose().clone()),
    })
}

pub(super) async fn sign_out(State(s): State<AppState>, caller: Caller) -> Answer<Nothing> {
    s.signin.revoke_session(&own(&s, &caller)?, caller.session.id).await?;
    nothing()
}

pub(super) async fn sessions(
    State(s): State<AppState>,
    caller: Caller,
) -> Answer<Listed<OwnSession>> {
    let all = s.signin.sessions(&own(&s, &caller)?).await?;
    let current = caller.session.id;
    let shown = all.into_iter().map(|l| OwnSession { current: l.id == current, session: l });
    page(shown.collect(), None)
}

pub(super) async fn end_session(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<SessionId>,
) -> Answer<Nothing> {
    s.signin.revoke_session(&own(&s, &caller)?, id).await?;
    nothing()
}

pub(super) async fn authenticators(
    State(s): State<AppState>,
    caller: Caller,
) -> Answer<Listed<AuthenticatorInfo>> {
    page(s.signin.authenticators(&own(&s, &caller)?).await?, None)
}

pub(super) async fn remove_authenticator(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<AuthenticatorId>,
) -> Answer<Nothing> {
    s.signin.remove_authenticator(&own(&s, &caller)?, id).await?;
    nothing()
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewSshKey")]
pub(super) struct NewKey {
    /// What to call it; its comment when absent.
    #[serde(default)]
    label: String,
    /// The line of the `.pub` file.
    public_key: String,
}

pub(super) async fn add_ssh_key(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewKey>,
) -> Answer<Created<AuthenticatorInfo>> {
    created(s.signin.add_ssh_key(&own(&s, &caller)?, &new.label, &new.public_key).await?)
}

listing! {
    /// Which events of one's own.
    ActivityQuery sorted by EventSort, Order::down(EventSort::At);
    {
        /// What, or the beginning of it.
        activity: String,
        /// Not before.
        since: Timestamp,
        /// Before.
        until: Timestamp,
    }
}

pub(super) async fn activity(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ActivityQuery>,
) -> Answer<Listed<NamedEvent>> {
    own(&s, &caller)?;
    let filter = Filter {
        actor: Some(caller.id()),
        activity: q.activity.clone(),
        since: q.since,
        until: q.until,
        ..Filter::default()
    };
    let found = search::own(&s.db, &s.cursors, filter, &q.page()).await?;
    page(found.items.into_iter().map(|f| named(&s, f)).collect(), found.next)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceStart {
    /// What asks; the person sees it.
    #[serde(default)]
    client: String,
}

pub(super) async fn device_start(
    State(s): State<AppState>,
    Peer(network, ..): Peer,
    Body(start): Body<DeviceStart>,
) -> Answer<Shown<DeviceStarted>> {
    let details = Details { client: start.client, address: network.address, ..Details::default() };
    let begun = s.signin.start_confirmation(ConfirmationPurpose::Device, details, None).await?;
    answer(DeviceStarted {
        user_code: begun.user_code,
        verification_uri: begun.verification_uri,
        verification_uri_complete: begun.verification_uri_complete,
        device_token: begun.token.expose().to_owned(),
        interval: begun.interval.as_secs(),
        expires_in: begun.expires_in.as_secs(),
    })
}

/// A command line that waits to be confirmed.
#[derive(Serialize, JsonSchema)]
pub(super) struct DeviceStarted {
    /// What the person compares.
    user_code: String,
    /// Where they confirm it.
    verification_uri: String,
    /// The same with the code filled in.
    verification_uri_complete: String,
    /// What to poll with.
    device_token: String,
    /// How often to poll, in seconds.
    interval: u64,
    /// How long it waits, in seconds.
    expires_in: u64,
}

/// Either the new session, told once, or why there is none yet.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum DevicePolled {
    Confirmed(SignedIn),
    Waiting(DeviceWaiting),
}

/// A command line that is signed in.
#[derive(Serialize, JsonSchema)]
pub(super) struct SignedIn {
    /// The bearer value.
    token: String,
    /// What to send as `Doorward-Device` from now on, also with the next sign-in: by it
    /// this command line is known again.
    device: String,
    /// Whose it is.
    name: String,
    /// When the session ends in any case.
    expires_at: Timestamp,
}

/// A command line that is not signed in.
#[derive(Serialize, JsonSchema)]
pub(super) struct DeviceWaiting {
    /// Where it stands.
    state: DeviceState,
}

/// Where a confirmation stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum DeviceState {
    /// Nobody has answered.
    Waiting,
    /// Asked too often.
    SlowDown,
    /// Somebody said no.
    Refused,
    /// Nobody answered in time, or it was told already.
    Expired,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DevicePoll {
    /// What start gave.
    device_token: String,
}

pub(super) async fn device_poll(
    State(s): State<AppState>,
    here: Peer,
    Body(poll): Body<DevicePoll>,
) -> Answer<Shown<DevicePolled>> {
    let client: Client = here.client(SessionKind::Cli);
    let state = match s.signin.poll_confirmation(&poll.device_token, &client).await? {
        Polled::Waiting => DeviceState::Waiting,
        Polled::SlowDown => DeviceState::SlowDown,
        Polled::Refused => DeviceState::Refused,
        Polled::Expired => DeviceState::Expired,
        Polled::Confirmed(confirmed) => match confirmed.session {
            Some(made) => {
                return answer(DevicePolled::Confirmed(SignedIn {
                    token: made.token.expose().to_owned(),
                    device: made.device.expose().clone(),
                    name: name_of(&s, made.session.identity),
                    expires_at: made.session.expires_at,
                }));
            }
            None => DeviceState::Expired,
        },
    };
    answer(DevicePolled::Waiting(DeviceWaiting { state }))
}
