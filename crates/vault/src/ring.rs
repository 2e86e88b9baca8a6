//! The keys that are in memory while the vault is open, and nowhere else.

use std::collections::HashMap;

use aws_lc_rs::hkdf;
use doorward_core::{Env, Id as _, KeyId, Secret};
use doorward_store::ring_key::RingKeyRow;

use crate::envelope::{self, Key, Tampered};
use crate::keys::Loaded;

/// What a key of the ring is for. A value sealed for one purpose does not open
/// for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// Values that people and machines put into the vault, and credentials.
    Secrets,
    /// Authenticators: TOTP seeds and the like.
    Factors,
    /// Private halves of signing keys.
    Signing,
    /// Recordings.
    Recordings,
    /// What sessions and flows keep.
    Sessions,
    /// The MACs by which the house knows its own rows. It seals nothing.
    Rows,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 6] =
        [Self::Secrets, Self::Factors, Self::Signing, Self::Recordings, Self::Sessions, Self::Rows];

    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::Factors => "factors",
            Self::Signing => "signing",
            Self::Recordings => "recordings",
            Self::Sessions => "sessions",
            Self::Rows => "rows",
        }
    }
}

impl std::str::FromStr for Purpose {
    type Err = UnknownPurpose;
    fn from_str(s: &str) -> Result<Self, UnknownPurpose> {
        Self::ALL.into_iter().find(|p| p.name() == s).ok_or(UnknownPurpose)
    }
}

/// There is no such purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no key ring is called that; there are secrets, factors, signing, recordings, sessions, rows"
)]
pub struct UnknownPurpose;

struct RingKey {
    purpose: Purpose,
    key: Key,
}

/// Everything that sealing takes out of memory.
pub(crate) struct Keys {
    root: Key,
    live: HashMap<Purpose, KeyId>,
    ring: HashMap<KeyId, RingKey>,
    /// Signing keys, oldest first.
    pub(crate) signing: Vec<Loaded>,
}

/// The associated data of a ring key under the root key.
fn ring_aad(id: KeyId, purpose: &str) -> Vec<u8> {
    let mut aad = b"doorward ring key v1".to_vec();
    aad.extend_from_slice(id.uuid().as_bytes());
    aad.extend_from_slice(purpose.as_bytes());
    aad
}

/// A new key for the ring, as a row.
pub(crate) fn new_row(env: &Env, root: &Key, purpose: Purpose) -> Result<RingKeyRow, Tampered> {
    let id = KeyId::new(env);
    let key = env.secret();
    let wrapped = envelope::seal_raw(env, root, &ring_aad(id, purpose.name()), key.expose())?;
    Ok(RingKeyRow {
        id,
        purpose: purpose.name().to_owned(),
        wrapped,
        live: true,
        created_at: env.now(),
    })
}

impl Keys {
    /// The ring of these rows.
    pub fn load(root: Key, rows: &[RingKeyRow]) -> Result<Self, Tampered> {
        let mut keys =
            Self { root, live: HashMap::new(), ring: HashMap::new(), signing: Vec::new() };
        for row in rows {
            let purpose: Purpose = row.purpose.parse().map_err(|_| Tampered)?;
            let aad = ring_aad(row.id, &row.purpose);
            let key = envelope::open_key(&keys.root, &aad, &row.wrapped)?;
            if row.live {
                keys.live.insert(purpose, row.id);
            }
            keys.ring.insert(row.id, RingKey { purpose, key });
        }
        Ok(keys)
    }

    pub fn root(&self) -> &Key {
        &self.root
    }

    /// The live key of the purpose.
    pub fn live(&self, purpose: Purpose) -> Option<(KeyId, &Key)> {
        let id = self.live.get(&purpose)?;
        Some((*id, &self.ring.get(id)?.key))
    }

    /// The key of this id. A key of another purpose is as good as none.
    pub fn key(&self, purpose: Purpose, id: KeyId) -> Option<&Key> {
        self.ring.get(&id).filter(|k| k.purpose == purpose).map(|k| &k.key)
    }

    /// Every key of the purpose.
    pub fn of(&self, purpose: Purpose) -> impl Iterator<Item = (KeyId, &Key)> {
        self.ring.iter().filter(move |(_, k)| k.purpose == purpose).map(|(id, k)| (*id, &k.key))
    }

    /// A key that follows from the root key and this label, and never changes.
    pub fn derived(&self, label: &[&str]) -> Result<Key, Tampered> {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"doorward derived key v1")
            .extract(self.root.expose());
        let parts: Vec<u8> = label
            .iter()
            .flat_map(|p| (p.len() as u64).to_be_bytes().into_iter().chain(p.bytes()))
            .collect();
        let mut out = [0; 32];
        let info = [parts.as_slice()];
        let okm = prk.expand(&info, hkdf::HKDF_SHA256).map_err(|_| Tampered)?;
        okm.fill(&mut out).map_err(|_| Tampered)?;
        Ok(Secret::new(out))
    }
}
