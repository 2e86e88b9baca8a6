//! What can go wrong with sealed values.

use crate::envelope::Tampered;

/// Why a value could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No key is in memory.
    #[error("the vault is sealed; unseal it: doorward unseal")]
    Sealed,
    /// The value was altered or moved.
    #[error(transparent)]
    Tampered(#[from] Tampered),
    /// The key that it was sealed under is not in the ring.
    #[error("the key that this value was sealed under is not in the ring")]
    UnknownKey,
    /// There is no signing key for the purpose.
    #[error("there is no signing key for {0:?}")]
    NoSigningKey(String),
    /// The cryptographic library refused.
    #[error("the key could not be used")]
    Crypto,
    /// The key file cannot be used as it is.
    #[error("seal.key_file: {0}")]
    KeyFile(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] doorward_store::Error),
}
