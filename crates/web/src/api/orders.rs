//! What others want of a live privileged session: freeze, thaw, messages.

use doorward_core::{FreezeSession, IdentityId, MessageSession, PrivilegedSessionId, Timestamp};
use doorward_gate::OrderError;
use doorward_store::privileged_session::PrivilegedSession;
use doorward_store::session_order::{self as rows, Order};

use super::directory::Why;
use super::prelude::*;
use super::sessions::{self, After, ShownSession};

/// A line that was written to the person in a session.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SessionMessage")]
pub(super) struct Message {
    /// Orders the messages of one session.
    number: i64,
    /// Who wrote it.
    by: IdentityId,
    /// What they were called then.
    by_name: String,
    /// When.
    at: Timestamp,
    /// What it says.
    text: String,
}

impl From<Order> for Message {
    fn from(order: Order) -> Self {
        let Order { number, by, by_name, at, text, .. } = order;
        Self { number, by, by_name, at, text }
    }
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
) -> Answer<Created<Message>> {
    let p = sessions::find(&s, &caller, id).await?;
    let act = MessageSession { session: p.id, owner: p.identity, account: p.account };
    let allowed = s.allow(&caller.actor, act)?;
    created(s.gate.message(&allowed, &words.text).await?)
}

/// For whoever may see what happens in it: the person in it has read them.
pub(super) async fn messages(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<PrivilegedSessionId>,
    Params(q): Params<After>,
) -> Answer<Listed<Message>> {
    let p = sessions::find(&s, &caller, id).await?;
    if caller.actor.id() != Some(p.identity) {
        sessions::content(&s, &caller, &p)?;
    }
    let list = format!("messages-{id}");
    let (after, most) = (q.start(&s, &list)?, q.most());
    let found = s.db.read(move |c| rows::messages(c, id, after, most + 1)).await?;
    let found = s.cursors.page(&list, most, found, |o| o.number)?;
    page(found.items.into_iter().map(Message::from).collect(), found.next)
}
