//! What ends with an identity.
//!
//! Somebody who is disabled and enabled again a moment later must find nothing of
//! what they held before: so whatever lasts ends in the transaction that stops
//! them, and not when somebody looks at the facts the next time.

use std::sync::{Arc, PoisonError};

use doorward_core::{IdentityId, Timestamp};
use doorward_store::identity::Identity;
use doorward_store::{Conn, change};

use crate::Directory;
use crate::error::Result;

/// What keeps things that last for an identity.
pub trait Leaving: Send + Sync {
    /// The identity stops counting in this transaction: end all that it holds.
    fn left(&self, c: &Conn<'_>, who: IdentityId, because: &str) -> doorward_store::Result<()>;
}

impl Directory {
    /// Adds what must end with an identity; called in the order they came.
    pub fn on_leaving(&self, leaving: Arc<dyn Leaving>) {
        self.leaving.write().unwrap_or_else(PoisonError::into_inner).push(leaving);
    }

    /// Ends what `before` holds, if it counted before and does not any more.
    pub(crate) fn settle_leaving(
        &self,
        c: &Conn<'_>,
        before: &Identity,
        after: Option<&Identity>,
        now: Timestamp,
    ) -> Result<()> {
        if !before.active(now) || after.is_some_and(|i| i.active(now)) {
            return Ok(());
        }
        let because = match after {
            None => "the account no longer exists",
            Some(i) if !i.enabled => "the account was disabled",
            Some(_) => "the account is outside its dates",
        };
        for leaving in self.leaving.read().unwrap_or_else(PoisonError::into_inner).iter() {
            leaving.left(c, before.id, because)?;
        }
        // What is open on any node ends by this, even if the identity counts again
        // before that node has looked.
        Ok(change::bump(c, change::LEFT, before.id, now)?)
    }
}
