//! The seal, the key ring, signing keys, secrets, and the credentials of
//! accounts.
//!
//! Owns: every key that protects data at rest, and every value that must not be
//! read out of the database.
//! Promises: a stolen database opens nothing; a sealed vault has no key in
//! memory that opens anything (the keys by which the database knows its own rows stay
//! with it, once they were there); a value is handed out only after its event is durable; a rotation
//! that is cut short at any step settles on the credential that works.
//! Must not know: protocols (rotators are registered by the kind of target),
//! HTTP, who may do what.
//!
//! ```text
//! file, passphrase or shares ─▶ wrapping key ─▶ root key ─┬▶ ring keys by purpose ─▶ record keys ─▶ values
//!                                                         └▶ derived keys (peppers, MACs)
//! ```

mod credentials;
mod envelope;
mod error;
#[cfg(fuzzing)]
pub mod fuzz;
pub mod keys;
mod ring;
mod rotation;
mod rows;
mod seal;
pub mod secrets;
pub mod ssh_ca;
mod vault;

pub use credentials::{
    Credential, CredentialError, Injection, OpenSshError, generate_ed25519, public_line,
};
pub use envelope::Aad;
pub use error::VaultError;
pub use ring::{Purpose, UnknownPurpose};
pub use rotation::{HostAccount, RotateError, Rotator, RotatorError, Settled, Tried};
pub use seal::{Cost, Method, NewSeal, RekeyError, Rekeyed, ShareError, UnsealError};
pub use vault::{DataKey, SealConfig, Status, Vault};

#[cfg(test)]
mod tests;
