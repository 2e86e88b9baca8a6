//! Who I am; my sessions, authenticators and activity; signing in a command line.

use doorward_core::lifecycle::SessionKind;
use doorward_core::{Allowed, AuthenticatorId, ManageOwn, SessionId};
use doorward_signin::{Client, ConfirmationPurpose, Details, Polled};
use doorward_store::event::Filter;

use super::prelude::*;

/// The caller's own permission over what is theirs.
pub(super) fn own(state: &AppState, caller: &Caller) -> Result<Allowed<ManageOwn>, Problem> {
    Ok(state.allow(&caller.actor, ManageOwn { of: caller.id() })?)
}

pub(super) async fn session(State(s): State<AppState>, caller: Caller) -> Answer {
    let id = caller.id();
    let (groups, roles) = s.engine.world().memberships(id, s.env.now());
    answer(json!({
        "id": caller.session.id,
        "identity": id,
        "name": name_of(&s, id),
        "kind": caller.session.kind,
        "assurance": caller.actor.assurance(),
        "phishing_resistant": caller.actor.phishing_resistant(),
        "factors": caller.session.proofs.iter().map(|p| &p.factor).collect::<Vec<_>>(),
        "groups": groups,
        "roles": roles,
        "created_at": caller.session.created_at,
        "expires_at": caller.session.expires_at,
    }))
}

pub(super) async fn sign_out(State(s): State<AppState>, caller: Caller) -> Answer {
    s.signin.revoke_session(&own(&s, &caller)?, caller.session.id).await?;
    nothing()
}

pub(super) async fn sessions(State(s): State<AppState>, caller: Caller) -> Answer {
    let all = s.signin.sessions(&own(&s, &caller)?).await?;
    let shown = all.iter().map(|l| with(l, [("current", json!(l.id == caller.session.id))]));
    page::<Value>(shown.collect(), None)
}

pub(super) async fn end_session(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<SessionId>,
) -> Answer {
    s.signin.revoke_session(&own(&s, &caller)?, id).await?;
    nothing()
}

pub(super) async fn authenticators(State(s): State<AppState>, caller: Caller) -> Answer {
    page(s.signin.authenticators(&own(&s, &caller)?).await?, None)
}

pub(super) async fn remove_authenticator(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<AuthenticatorId>,
) -> Answer {
    s.signin.remove_authenticator(&own(&s, &caller)?, id).await?;
    nothing()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    #[serde(default)]
    label: String,
    public_key: String,
}

pub(super) async fn add_ssh_key(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewKey>,
) -> Answer {
    created(s.signin.add_ssh_key(&own(&s, &caller)?, &new.label, &new.public_key).await?)
}

pub(super) async fn activity(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ListQuery>,
) -> Answer {
    own(&s, &caller)?;
    let filter = Filter { actor: Some(caller.id()), ..Filter::default() };
    let cursor = q.cursor.as_deref();
    answer(doorward_audit::search::page(&s.db, &s.cursors, filter, cursor, q.most()).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceStart {
    #[serde(default)]
    client: String,
}

pub(super) async fn device_start(
    State(s): State<AppState>,
    Peer(network, _): Peer,
    Body(start): Body<DeviceStart>,
) -> Answer {
    let details = Details {
        client: start.client,
        address: network.address,
        target: None,
        phishing_resistant: false,
    };
    let begun = s.signin.start_confirmation(ConfirmationPurpose::Device, details, None).await?;
    answer(json!({
        "user_code": begun.user_code,
        "verification_uri": begun.verification_uri,
        "verification_uri_complete": begun.verification_uri_complete,
        "device_token": begun.token.expose(),
        "interval": begun.interval.as_secs(),
        "expires_in": begun.expires_in.as_secs(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DevicePoll {
    device_token: String,
}

pub(super) async fn device_poll(
    State(s): State<AppState>,
    here: Peer,
    Body(poll): Body<DevicePoll>,
) -> Answer {
    let client: Client = here.client(SessionKind::Cli);
    let state = match s.signin.poll_confirmation(&poll.device_token, &client).await? {
        Polled::Waiting => "waiting",
        Polled::SlowDown => "slow_down",
        Polled::Refused => "refused",
        Polled::Expired => "expired",
        Polled::Confirmed(confirmed) => match confirmed.session {
            Some((session, token)) => {
                return answer(json!({
                    "token": token.expose(),
                    "name": name_of(&s, session.identity),
                    "expires_at": session.expires_at,
                }));
            }
            None => "expired",
        },
    };
    answer(json!({ "state": state }))
}
