//! What was true when somebody came, and has to be when they begin: who they are, what a
//! session leads to, and what stands beside it.

use doorward_core::lifecycle::EndCause;
use doorward_core::{Act, Actor, Allowed, Timestamp};
use doorward_store::{account, target};
use doorward_watch::{Lasting, Registration, Staying};

use crate::kernel::{Destination, Gate, OpenError};

impl Gate {
    /// The destination as it is now. Between its resolution and the last decision hours
    /// may lie, of waiting for an approval; the credential is today's, and goes to
    /// where it belongs today.
    pub async fn afresh(&self, to: &Destination) -> Result<Destination, OpenError> {
        let (target_id, account_id) = (to.target.id, to.account.id);
        let found = self.0.db.read(move |c| {
            Ok::<_, doorward_store::Error>((
                target::find(c, target_id)?,
                account::find(c, account_id)?,
            ))
        });
        match found.await? {
            (Some(target), Some(account))
                if target.kind == to.target.kind && account.target == target.id =>
            {
                if !target.enabled {
                    return Err(OpenError::Disabled(target.name.to_string()));
                }
                Ok(Destination { target, account })
            }
            _ => Err(OpenError::Unknown(to.to_string())),
        }
    }

    /// Something lasts on this permission: `on_end` is called once it holds no more.
    /// Dropping what is given forgets it.
    pub fn hold<A: Act>(
        &self,
        allowed: &Allowed<A>,
        on_end: impl FnOnce(EndCause) + Send + 'static,
    ) -> Registration {
        self.0.watch.register(Lasting {
            question: allowed.question(),
            asked_at: allowed.at(),
            until: None,
            on_end: Box::new(on_end),
        })
    }

    /// Somebody is there: `on_end` is called once they do not count any more, if only for
    /// a moment, or at `until`. Dropping what is given forgets it.
    pub fn stay(
        &self,
        actor: &Actor,
        until: Timestamp,
        on_end: impl FnOnce(EndCause) + Send + 'static,
    ) -> Registration {
        self.0.watch.stay(Staying {
            actor: actor.clone(),
            until: Some(until),
            on_end: Box::new(on_end),
        })
    }
}
