//! What the sign-in refuses, apart from wrong proofs, which are answered with
//! another prompt.

use std::time::Duration;

use doorward_core::Denied;

/// Why a sign-in, a session or an authenticator could not be dealt with.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The flow is over, or another step was taken from the same page.
    #[error("this sign-in is over; begin again")]
    Over,
    /// The link is used, over, or never was.
    #[error("this link is no longer valid; ask an administrator for another")]
    Link,
    /// Too much was tried.
    #[error("too many attempts; try again in {} seconds", .0.as_secs().max(1))]
    TooMany(Duration),
    /// A value cannot be used.
    #[error("{field}: {problem}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
    /// There is no such thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Somebody else changed it in between.
    #[error("it was changed in the meantime; look at it again")]
    Conflict,
    /// It would lock its owner out.
    #[error("{0}")]
    Needed(&'static str),
    /// Policy says no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The vault is sealed, or a value in it was altered.
    #[error(transparent)]
    Vault(#[from] doorward_vault::VaultError),
    /// The database.
    #[error(transparent)]
    Store(#[from] doorward_store::Error),
    /// The configuration cannot work.
    #[error("{0}")]
    Config(String),
    /// Something that should always work did not.
    #[error("{0}")]
    Internal(String),
}

/// With [`SignInError`].
pub type Result<T, E = SignInError> = std::result::Result<T, E>;

impl SignInError {
    pub(crate) fn field(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Field { field, problem: problem.into() }
    }
}
