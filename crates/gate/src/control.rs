//! What others want of a live session: that it ends, that nothing passes for a
//! while, that the person in it reads a line. Said on any node, done on the
//! session's own.

use std::sync::PoisonError;
use std::time::Duration;

use async_trait::async_trait;
use doorward_core::lifecycle::EndCause;
use doorward_core::{
    Act, Allowed, Class, EndSession, Entity, Event, FreezeSession, IdentityId, MessageSession,
    PrivilegedSessionId, Timestamp,
};
use doorward_directory::Leaving;
use doorward_formats::line;
use doorward_store::privileged_session::{self as sessions, Frozen};
use doorward_store::session_order::{self as orders, Kind, Order};
use doorward_store::{Conn, change, event, identity, node};
use doorward_watch::Reviewer;

use crate::kernel::{Gate, Inner, OpenError};
use crate::relay;

/// How often a node says that it is there.
const SEEN: Duration = Duration::from_secs(10);
/// The longest reason and message, in characters.
const LONGEST: usize = 500;

/// Why an order is not taken.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// Nobody but an identity gives orders.
    #[error("only an identity can do this")]
    NoIdentity,
    /// It is not connected yet.
    #[error("the session is not connected yet")]
    NotLive,
    /// It is over, or about to be.
    #[error("the session is over already")]
    Over,
    /// Somebody was first.
    #[error("the session is frozen already, by {0}")]
    Frozen(String),
    /// Nothing holds it.
    #[error("the session is not frozen")]
    NotFrozen,
    /// The reason or the message cannot be shown.
    #[error("{0}")]
    Text(&'static str),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] doorward_store::Error),
}

impl Gate {
    /// Asks the session's node, which may be this one, to end it.
    pub async fn terminate(
        &self,
        allowed: &Allowed<EndSession>,
        reason: &str,
    ) -> Result<bool, OpenError> {
        let inner = &self.0;
        let Some(by) = allowed.actor().id() else { return Err(OpenError::NoIdentity) };
        let id = allowed.act().session;
        let cause = EndCause::Revoked { by, reason: reason.to_owned() };
        let event = self.ordered("session.end-requested", allowed, id).with("reason", reason);
        let (now, asked) = (inner.env.now(), cause.clone());
        let done = inner
            .db
            .write(move |c| {
                let done = sessions::request_end(c, id, &asked)?;
                if done {
                    event::append(c, &event)?;
                    change::bump(c, "privileged_session", id, now)?;
                }
                Ok::<_, doorward_store::Error>(done)
            })
            .await?;
        inner.live.end(id, cause);
        Ok(done)
    }

    /// From now on nothing passes in the session, in either direction, until it is
    /// thawed or ends.
    pub async fn freeze(
        &self,
        allowed: &Allowed<FreezeSession>,
        reason: &str,
    ) -> Result<(), OrderError> {
        let reason = line(reason, "say why, in one line of at most 500 characters")?;
        self.order(allowed, allowed.act().session, Kind::Freeze, reason).await.map(|_| ())
    }

    /// It goes on.
    pub async fn thaw(&self, allowed: &Allowed<FreezeSession>) -> Result<(), OrderError> {
        self.order(allowed, allowed.act().session, Kind::Thaw, String::new()).await.map(|_| ())
    }

    /// Writes a line to the person in the session.
    pub async fn message(
        &self,
        allowed: &Allowed<MessageSession>,
        text: &str,
    ) -> Result<Order, OrderError> {
        let text = line(text, "write one line of 1 to 500 characters")?;
        self.order(allowed, allowed.act().session, Kind::Message, text).await
    }

    fn ordered<A: Act>(
        &self,
        activity: &str,
        allowed: &Allowed<A>,
        id: PrivilegedSessionId,
    ) -> Event {
        Event::new(&self.0.env, Class::AuthorizeSession, activity, allowed.actor())
            .on(Entity::new("PrivilegedSession", id))
            .within(id)
            .by(allowed.policies())
    }

    async fn order<A: Act>(
        &self,
        allowed: &Allowed<A>,
        id: PrivilegedSessionId,
        kind: Kind,
        text: String,
    ) -> Result<Order, OrderError> {
        let inner = &self.0;
        let by = allowed.actor().id().ok_or(OrderError::NoIdentity)?;
        let event = match kind {
            Kind::Freeze => self.ordered("session.frozen", allowed, id).with("reason", &*text),
            Kind::Thaw => self.ordered("session.thawed", allowed, id),
            Kind::Message => self.ordered("session.message", allowed, id).with("text", &*text),
        };
        let at = inner.env.now();
        let done = inner
            .db
            .write(move |c| {
                let Some(who) = identity::find(c, by)? else {
                    return Ok(Err(OrderError::NoIdentity));
                };
                let by_name = who.name.to_string();
                let number = match kind {
                    Kind::Freeze => {
                        let (by_name, reason) = (by_name.clone(), text.clone());
                        sessions::freeze(c, id, &Frozen { by, by_name, at, reason })?
                    }
                    Kind::Thaw => sessions::thaw(c, id)?,
                    Kind::Message => sessions::said(c, id)?,
                };
                let Some(number) = number else { return refused(c, id).map(Err) };
                let order = Order { number, kind, by, by_name, at, text: text.clone() };
                orders::insert(c, id, &order)?;
                event::append(c, &event)?;
                change::bump(c, "privileged_session", id, at)?;
                Ok::<_, doorward_store::Error>(Ok(order))
            })
            .await??;
        inner.obey(&[id]).await;
        Ok(done)
    }
}

/// One line that can be shown anywhere: trimmed, without what moves a cursor or
/// turns the direction of writing.
fn line(text: &str, wanted: &'static str) -> Result<String, OrderError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(line::acts) {
        return Err(OrderError::Text(wanted));
    }
    Ok(text.to_owned())
}

/// What keeps an order from being taken.
fn refused(c: &Conn<'_>, id: PrivilegedSessionId) -> doorward_store::Result<OrderError> {
    Ok(match sessions::find(c, id)? {
        Some(s) if s.state == "opening" && s.end_requested.is_none() => OrderError::NotLive,
        Some(s) if s.state == "live" && s.end_requested.is_none() => match s.frozen {
            Some(frozen) => OrderError::Frozen(frozen.by_name),
            None => OrderError::NotFrozen,
        },
        _ => OrderError::Over,
    })
}

impl Inner {
    /// Does what is wanted of these sessions, as far as they are here.
    async fn obey(&self, ids: &[PrivilegedSessionId]) {
        let here = self.live.obeyed(ids);
        if here.is_empty() {
            return;
        }
        let read = self.db.read(move |c| {
            let wanted = |(id, number)| {
                let end = sessions::end_requested(c, id)?;
                Ok::<_, doorward_store::Error>((id, end, orders::after(c, id, number)?))
            };
            here.iter().copied().map(wanted).collect::<Result<Vec<_>, _>>()
        });
        match read.await {
            Ok(wanted) => {
                for (id, end, orders) in wanted {
                    for order in orders {
                        self.live.order(id, &order);
                    }
                    if let Some(cause) = end {
                        self.live.end(id, cause);
                    }
                }
            }
            Err(error) => {
                self.live.behind();
                tracing::error!(%error, "cannot read what is wanted of live sessions");
            }
        }
    }
}

/// Whoever is disabled or removed keeps no session, on whichever node, not even
/// one that is just being opened.
impl Leaving for Gate {
    fn left(&self, c: &Conn<'_>, who: IdentityId, because: &str) -> doorward_store::Result<()> {
        let cause = EndCause::NoLongerPermitted { because: because.to_owned() };
        for id in sessions::request_ends(c, who, &cause)? {
            change::bump(c, "privileged_session", id, self.0.env.now())?;
        }
        Ok(())
    }
}

/// Does here what somebody on any node wants.
pub(crate) struct Follower(pub std::sync::Weak<Inner>);

#[async_trait]
impl Reviewer for Follower {
    async fn review(&self, changes: &[change::Change]) {
        let Some(inner) = self.0.upgrade() else { return };
        if changes.iter().any(|c| c.kind == relay::CHANGE)
            && let Err(error) = relay::answer(&inner).await
        {
            tracing::error!(%error, "cannot read what other nodes want to see");
        }
        let changed: Vec<PrivilegedSessionId> = changes
            .iter()
            .filter(|c| c.kind == "privileged_session")
            .filter_map(|c| c.id.parse().ok())
            .collect();
        inner.obey(&changed).await;
    }

    async fn tick(&self, now: Timestamp) {
        let Some(inner) = self.0.upgrade() else { return };
        inner.live.warn(now);
        if inner.live.was_behind() {
            inner.obey(&inner.live.ids()).await;
        }
        let due = {
            let mut seen = inner.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let due = now.since(*seen) >= SEEN || now < *seen;
            if due {
                *seen = now;
            }
            due
        };
        let node = inner.config.node;
        if due && let Err(error) = inner.db.write(move |c| node::seen(c, node, now)).await {
            tracing::warn!(%error, "this node cannot say that it is there");
        }
    }
}
