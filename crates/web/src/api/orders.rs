//! What others want of a live privileged session, and wanted of it so far: freeze,
//! thaw, messages.

use doorward_core::{FreezeSession, IdentityId, MessageSession, PrivilegedSessionId, Timestamp};
use doorward_gate::OrderError;
use doorward_store::privileged_session::PrivilegedSession;
use doorward_store::session_order::{self as rows, Kind};

use super::directory::Why;
use super::prelude::*;
use super::sessions::{self, After, ShownSession};
use super::support::still_named;

/// What somebody wanted of a session, and the person in it was told.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SessionOrder")]
pub(super) struct Order {
    /// The later the greater, among those of one session.
    number: i64,
    /// What.
    kind: Kind,
    /// Who wanted it.
    by: IdentityId,
    /// Their name.
    by_name: String,
    /// When.
    at: Timestamp,
    /// Why it was frozen; the message.
    text: String,
}

fn shown(s: &AppState, order: rows::Order) -> Order {
    let rows::Order { number, kind, by, by_name, at, text } = order;
    Order { number, kind, by, by_name: still_named(s, by, by_name), at, text }
}

/// What to write.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewSessionMessage")]
pub(super) struct Words {
    /// One line of 1 to 500 characters.
    text: String,
}

fn freezing(p: &PrivilegedSession) -> FreezeSession {
    FreezeSession { session: p.id, owner: p.identity, account: p.account }
}

pub(super) async fn freeze(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
    Body(why): Body<Why>,
) -> Answer<Shown<ShownSession>> {
    let p = sessions::find(&s, &caller, id).await?;
    let allowed = s.allow(&caller.actor, freezing(&p))?;
    s.gate.freeze(&allowed, &why.reason).await.map_err(|e| match e {
        OrderError::Text(problem) => Problem::field("reason", problem),
        other => other.into(),
    })?;
    answer(sessions::shown(&s, &sessions::find(&s, &caller, id).await?))
}

pub(super) async fn thaw(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
) -> Answer<Shown<ShownSession>> {
    let p = sessions::find(&s, &caller, id).await?;
    let allowed = s.allow(&caller.actor, freezing(&p))?;
    s.gate.thaw(&allowed).await?;
    answer(sessions::shown(&s, &sessions::find(&s, &caller, id).await?))
}

pub(super) async fn message(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
    Body(words): Body<Words>,
) -> Answer<Created<Order>> {
    let p = sessions::find(&s, &caller, id).await?;
    let act = MessageSession { session: p.id, owner: p.identity, account: p.account };
    let allowed = s.allow(&caller.actor, act)?;
    let said = s.gate.message(&allowed, &words.text).await?;
    created(shown(&s, said))
}

/// For whoever may see what happens in it, and for the person in it, who was told.
pub(super) async fn list(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
    Params(q): Params<After>,
) -> Answer<Listed<Order>> {
    let p = sessions::find(&s, &caller, id).await?;
    if caller.actor.id() != Some(p.identity) {
        sessions::content(&s, &caller, &p)?;
    }
    let list = format!("orders-{id}");
    let (after, most) = (q.start(&s, &list)?, q.most());
    let found = s.db.read(move |c| rows::some_after(c, id, after, most + 1)).await?;
    let found = s.cursors.page(&list, most, found, |o| o.number)?;
    page(found.items.into_iter().map(|o| shown(&s, o)).collect(), found.next)
}
