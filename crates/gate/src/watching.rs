//! Looks at live sessions: who has one, from its first line to its last.

use std::ops::{Deref, DerefMut};

use doorward_core::{
    Actor, Allowed, Class, Entity, Env, Event, IdentityId, NodeId, PrivilegedSessionId,
    WatchSession,
};
use doorward_store::session_watcher::{self as rows, Watcher};
use doorward_store::{change, event};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::kernel::Gate;
use crate::playback::SeeError;

/// The live lines of a session. Dropping it ends the look.
pub struct Watching {
    lines: mpsc::Receiver<String>,
    _look: Look,
}

impl Watching {
    pub(crate) fn new(lines: mpsc::Receiver<String>, look: Look) -> Self {
        Self { lines, _look: look }
    }
}

impl Deref for Watching {
    type Target = mpsc::Receiver<String>;
    fn deref(&self) -> &Self::Target {
        &self.lines
    }
}

impl DerefMut for Watching {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.lines
    }
}

/// A look that is in the database for as long as it lasts.
pub(crate) struct Look {
    gate: Gate,
    id: Uuid,
    session: PrivilegedSessionId,
    actor: Actor,
}

impl Look {
    /// Makes it known, before the first line; `node` is where the session runs, when
    /// that is not here.
    pub async fn begin(
        gate: &Gate,
        allowed: &Allowed<WatchSession>,
        node: Option<NodeId>,
    ) -> Result<Self, SeeError> {
        let inner = &gate.0;
        let session = allowed.act().session;
        let begun = told(&inner.env, "session.watched", allowed.actor(), session)
            .by(allowed.policies())
            .with("node", node.map(|n| n.to_string()));
        let (id, now, here) = (inner.env.uuid(), inner.env.now(), inner.config.node);
        // The house itself watches nothing.
        let who: Option<IdentityId> = allowed.actor().id();
        inner
            .db
            .write(move |c| {
                event::append(c, &begun)?;
                if let Some(identity) = who {
                    rows::insert(c, id, session, here, &Watcher { identity, since: now })?;
                }
                change::bump(c, "privileged_session", session, now)
            })
            .await?;
        Ok(Self { gate: gate.clone(), id, session, actor: allowed.actor().clone() })
    }
}

fn told(env: &Env, activity: &str, actor: &Actor, session: PrivilegedSessionId) -> Event {
    Event::new(env, Class::ApiActivity, activity, actor)
        .on(Entity::new("PrivilegedSession", session))
        .within(session)
}

impl Drop for Look {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (gate, id, session) = (self.gate.clone(), self.id, self.session);
        let env = &gate.0.env;
        let (now, over) = (env.now(), told(env, "session.watch-ended", &self.actor, session));
        runtime.spawn(async move {
            let written = gate.0.db.write(move |c| {
                rows::delete(c, id)?;
                event::append(c, &over)?;
                change::bump(c, "privileged_session", session, now)
            });
            if let Err(error) = written.await {
                tracing::warn!(%error, %session, "the end of a look could not be recorded");
            }
        });
    }
}
