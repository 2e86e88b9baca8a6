//! Signing keys: one purpose each, published before they sign, published a
//! while after.
//!
//! Where a key stands follows from its times, so nothing has to flip it:
//! published before `activates_at`, active until a younger one is, retired from
//! then, gone from `retires_at`.

mod algorithm;
mod rotate;

use doorward_core::{KeyId, Timestamp};
use serde::Serialize;

pub use algorithm::Algorithm;
pub(crate) use algorithm::Private;
pub use rotate::{When, ensure, rotate, rotate_due, rotate_ring};

use crate::envelope::Aad;
use crate::error::VaultError;
use crate::ring::{Keys, Purpose};
use crate::vault::{Vault, WeakVault};
use doorward_store::signing_key::SigningKeyRow;

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Known to others, does not sign yet.
    Published,
    /// Signs.
    Active,
    /// Signs no more, still verifies.
    Retired,
}

/// A signing key. Its private half stays in the vault: it signs only while the
/// vault is open.
#[derive(Clone)]
pub struct SigningKey {
    /// Its id; `kid` in JOSE.
    pub id: KeyId,
    /// What it is for.
    pub purpose: String,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// The public half: 32 bytes (Ed25519), an uncompressed point (P-256), or an
    /// `RSAPublicKey` in DER.
    pub public: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when it signs.
    pub activates_at: Timestamp,
    /// From when it is no longer published.
    pub retires_at: Option<Timestamp>,
    vault: WeakVault,
}

/// A signing key in memory.
pub(crate) struct Loaded {
    row: SigningKeyRow,
    algorithm: Algorithm,
    private: Private,
}

impl Loaded {
    pub fn open(keys: &Keys, row: SigningKeyRow) -> Result<Self, VaultError> {
        let aad = place(row.id);
        let id = crate::envelope::ring_key_of(&row.sealed)?;
        let ring = keys.key(Purpose::Signing, id).ok_or(VaultError::UnknownKey)?;
        let bytes = crate::envelope::open(ring, &aad, &row.sealed)?;
        let algorithm: Algorithm = row.algorithm.parse()?;
        let private = Private::open(algorithm, bytes.expose())?;
        Ok(Self { row, algorithm, private })
    }

    fn shown(&self, vault: &Vault) -> SigningKey {
        SigningKey {
            id: self.row.id,
            purpose: self.row.purpose.clone(),
            algorithm: self.algorithm,
            public: self.row.public.clone(),
            created_at: self.row.created_at,
            activates_at: self.row.activates_at,
            retires_at: self.row.retires_at,
            vault: vault.downgrade(),
        }
    }
}

fn place(id: KeyId) -> Aad {
    Aad::new("signing_key", id, "sealed", 0)
}

/// Every key of the purpose that is published now, oldest first: what a JWKS
/// holds.
pub fn all(vault: &Vault, purpose: &str) -> Result<Vec<SigningKey>, VaultError> {
    let now = vault.env().now();
    let keys = vault.keys()?;
    Ok(keys
        .signing
        .iter()
        .filter(|k| k.row.purpose == purpose && k.row.retires_at.is_none_or(|at| at > now))
        .map(|k| k.shown(vault))
        .collect())
}

/// The key of the purpose that signs now.
pub fn active(vault: &Vault, purpose: &str) -> Result<SigningKey, VaultError> {
    let now = vault.env().now();
    let mut keys = all(vault, purpose)?;
    // With a clock set back none may be active yet; then the oldest signs.
    let index = keys.iter().rposition(|k| k.activates_at <= now).unwrap_or(0);
    if keys.is_empty() {
        return Err(VaultError::NoSigningKey(purpose.to_owned()));
    }
    Ok(keys.swap_remove(index))
}

impl SigningKey {
    /// Where it stands, among the keys that [`all`] gives for its purpose.
    pub fn state(&self, now: Timestamp, active: KeyId) -> KeyState {
        if self.id == active {
            KeyState::Active
        } else if self.activates_at > now {
            KeyState::Published
        } else {
            KeyState::Retired
        }
    }

    /// Its name in JOSE headers.
    pub fn kid(&self) -> String {
        self.id.to_string()
    }

    /// Signs. The signature has the form that JOSE wants (RFC 7518 section 3).
    pub fn sign(&self, data: &[u8]) -> Result<Vec<u8>, VaultError> {
        let keys = self.vault.upgrade()?.keys()?;
        let found = keys.signing.iter().find(|k| k.row.id == self.id);
        found.ok_or_else(|| VaultError::NoSigningKey(self.purpose.clone()))?.private.sign(data)
    }

    /// The seed of an Ed25519 key, for protocols that sign by themselves (an SSH
    /// host key).
    pub fn ed25519_seed(&self) -> Result<doorward_core::Secret<[u8; 32]>, VaultError> {
        let keys = self.vault.upgrade()?.keys()?;
        let found = keys.signing.iter().find(|k| k.row.id == self.id);
        found.ok_or_else(|| VaultError::NoSigningKey(self.purpose.clone()))?.private.seed()
    }

    /// The public half as a JWK (RFC 7517; RFC 8037 for Ed25519).
    pub fn jwk(&self) -> Result<serde_json::Value, VaultError> {
        self.algorithm.jwk(&self.kid(), &self.public)
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({} {:?} {})", self.purpose, self.algorithm, self.id)
    }
}
