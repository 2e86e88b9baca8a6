//! Telling people what happened to their authenticators.

use doorward_core::{Env, IdentityId, Timestamp};
use doorward_store::Conn;

/// Something that an identity's owner must hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who must hear.
    pub identity: IdentityId,
    /// The activity of its event: `authenticator.enrolled`, …
    pub activity: String,
    /// One sentence, without any secret.
    pub text: String,
    /// When it happened.
    pub at: Timestamp,
}

/// Sends notices. Called in the transaction of what they are about, so that a
/// notice is neither lost nor sent for something that did not happen.
pub trait Notify: Send + Sync {
    /// Queues the notice in this transaction.
    fn tell(&self, c: &Conn<'_>, env: &Env, notice: &Notice) -> doorward_store::Result<()>;
}

/// For houses without an outbox: the record of events is all there is.
pub struct Silent;

impl Notify for Silent {
    fn tell(&self, _: &Conn<'_>, _: &Env, _: &Notice) -> doorward_store::Result<()> {
        Ok(())
    }
}
