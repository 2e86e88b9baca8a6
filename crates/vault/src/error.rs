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
    /// The seal is gone and the house is not new.
    #[error(
        "the seal is gone from a database that is not new; put the row of the table `seal` back \
         from a backup"
    )]
    SealGone,
    /// The key by which rows are known is gone.
    #[error(
        "the keys that sign rows are gone from the table `ring_key`; put them back from a backup"
    )]
    RowKeysGone,
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
