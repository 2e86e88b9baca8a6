//! Somebody who has proven who they are, for as long as that counts.
//!
//! A connection may be held for days before it opens anything, by `ssh -N` or as the hop
//! before another: what was proven on it ends with the person's leaving, and is looked
//! at again before anything new stands on it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use doorward_core::lifecycle::EndCause;
use doorward_core::{Actor, Timestamp};
use doorward_gate::Registration;

use super::Connection;

/// How long something may begin by a proof.
const LASTS: Duration = Duration::from_secs(12 * 3600);

/// Who, and by what. Clones end together.
#[derive(Clone)]
pub(crate) struct Known {
    pub actor: Actor,
    /// The fingerprint of the key that they signed with.
    key: Option<String>,
    presence: Arc<Presence>,
}

struct Presence {
    ended: Arc<OnceLock<EndCause>>,
    _registration: Registration,
}

impl Known {
    /// By a key of this fingerprint.
    pub fn by_key(actor: Actor, key: String, connection: &Arc<Connection>) -> Self {
        Self { key: Some(key), ..Self::by_code(actor, connection) }
    }

    /// By a code in the browser.
    pub fn by_code(actor: Actor, connection: &Arc<Connection>) -> Self {
        let until = connection.house.gate.env().now() + LASTS;
        Self::until(until, actor, connection)
    }

    /// By a certificate that is valid until then.
    pub fn until(until: Timestamp, actor: Actor, connection: &Arc<Connection>) -> Self {
        let ended = Arc::new(OnceLock::new());
        let (told, connected) = (ended.clone(), Arc::downgrade(connection));
        let on_end = move |cause: EndCause| {
            let expired = cause == EndCause::Expired;
            let _ = told.set(cause);
            if let Some(connection) = connected.upgrade() {
                // What runs already stands on a permission of its own.
                if !(expired && connection.busy()) {
                    connection.leave();
                }
            }
        };
        let registration = connection.house.gate.stay(&actor, until, on_end);
        let presence = Arc::new(Presence { ended, _registration: registration });
        Self { actor, key: None, presence }
    }

    /// Why they are not there any more, if so.
    pub fn gone(&self) -> Option<EndCause> {
        self.presence.ended.get().cloned()
    }

    /// Whether something new may stand on it. The error is a sentence for the person.
    pub async fn counts(&self, connection: &Connection) -> Result<(), String> {
        if let Some(cause) = self.gone() {
            let why = match cause {
                EndCause::Expired => "it is too long ago that you proved who you are".to_owned(),
                cause => cause.sentence(),
            };
            return Err(format!("{why}; please connect again"));
        }
        let identify = connection.house.gate.identify();
        match identify.counts(&self.actor, self.key.as_deref()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err("what you proved when you came does not count any more; please \
                              connect again"
                .to_owned()),
            Err(error) => {
                tracing::error!(%error, "cannot look whether a proof still counts");
                Err("it cannot be decided at the moment whether you are still who you were; \
                     please try again in a minute"
                    .to_owned())
            }
        }
    }
}
