//! The three ways to wrap the root key.

use aws_lc_rs::digest;
use doorward_core::{Env, Secret};
use doorward_store::genuine::GENERATION;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::shamir;
use crate::envelope::{self, Key, Tampered};

/// How the root key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "SealMethod")]
pub enum Method {
    /// In a file that opens it at start.
    KeyFile,
    /// Under a passphrase that somebody types.
    Passphrase,
    /// Under a key that several people have shares of.
    Shamir,
}

impl Method {
    /// Its name in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyFile => "keyfile",
            Self::Passphrase => "passphrase",
            Self::Shamir => "shamir",
        }
    }
}

impl std::str::FromStr for Method {
    type Err = Tampered;
    fn from_str(s: &str) -> Result<Self, Tampered> {
        [Self::KeyFile, Self::Passphrase, Self::Shamir]
            .into_iter()
            .find(|m| m.name() == s)
            .ok_or(Tampered)
    }
}

/// What to keep the root key under from now on.
#[derive(Clone, Debug)]
pub enum NewSeal {
    /// A new key in the configured file.
    KeyFile,
    /// This passphrase.
    Passphrase(Secret<String>),
    /// Shares, of which `threshold` are needed.
    Shares {
        /// How many open it.
        threshold: u8,
        /// How many are made.
        shares: u8,
    },
}

/// What a passphrase costs to try (RFC 9106 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 }
    }
}

/// What the database keeps beside the wrapped root key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "lowercase")]
pub(crate) enum Params {
    KeyFile,
    Passphrase {
        salt: [u8; 16],
        cost: Cost,
    },
    Shamir {
        threshold: u8,
        set: [u8; 4],
        /// The check value of share 1, 2, 3, …
        checks: Vec<[u8; 16]>,
    },
}

impl Params {
    pub fn method(&self) -> Method {
        match self {
            Self::KeyFile => Method::KeyFile,
            Self::Passphrase { .. } => Method::Passphrase,
            Self::Shamir { .. } => Method::Shamir,
        }
    }

    /// The parameters are part of what is authenticated: a weaker cost or other
    /// check values do not open the same root key.
    fn aad(&self) -> Result<Vec<u8>, Tampered> {
        let text = serde_json::to_vec(self).map_err(|_| Tampered)?;
        let mut aad = b"doorward root key v1".to_vec();
        aad.extend_from_slice(digest::digest(&digest::SHA256, &text).as_ref());
        Ok(aad)
    }
}

/// The root key out of its wrapping.
pub(crate) struct Opened {
    pub root: Key,
    /// What opened it.
    pub kek: Key,
    /// The generation of tables whose rows this house has signed; it only grows. It
    /// stands behind the root key, where nobody who can write the database, and take
    /// the row keys away, can take it away.
    pub rows_signed: u8,
}

/// The root key of a house that has signed all its rows, under the wrapping key.
pub(crate) fn seal_root(
    env: &Env,
    params: &Params,
    kek: &Key,
    root: &Key,
) -> Result<Vec<u8>, Tampered> {
    let mut plain = Zeroizing::new(root.expose().to_vec());
    plain.push(GENERATION);
    envelope::seal_raw(env, kek, &params.aad()?, &plain)
}

/// As houses had it before their rows were signed.
#[cfg(test)]
pub(crate) fn seal_root_alone(
    env: &Env,
    params: &Params,
    kek: &Key,
    root: &Key,
) -> Result<Vec<u8>, Tampered> {
    envelope::seal_raw(env, kek, &params.aad()?, root.expose())
}

/// The root key out of its wrapping: alone, as houses had it before their rows were
/// signed, or with the mark.
pub(crate) fn open_root(params: &Params, kek: &Key, wrapped: &[u8]) -> Result<Opened, Tampered> {
    let plain = envelope::open_raw(kek, &params.aad()?, wrapped)?;
    let (root, rest) = plain.expose().split_first_chunk::<32>().ok_or(Tampered)?;
    let rows_signed = match rest {
        [] => 0,
        [generation] => *generation,
        _ => return Err(Tampered),
    };
    Ok(Opened { root: Secret::new(*root), kek: kek.clone(), rows_signed })
}

/// The wrapping key of a passphrase. Takes as long as it costs: call it off the
/// runtime's threads.
pub(crate) fn stretch(passphrase: &str, salt: &[u8; 16], cost: Cost) -> Result<Key, Tampered> {
    let params = argon2::Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
        .map_err(|_| Tampered)?;
    let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut out = [0; 32];
    argon.hash_password_into(passphrase.as_bytes(), salt, &mut out).map_err(|_| Tampered)?;
    Ok(Secret::new(out))
}

/// The wrapping key of shares, and the shares.
pub(crate) fn share(env: &Env, threshold: u8, shares: u8) -> (Key, Params, Vec<Secret<String>>) {
    let kek = env.secret();
    let made = shamir::split(env, kek.expose(), threshold, shares);
    let params = Params::Shamir {
        threshold,
        set: made.first().map(|s| s.set).unwrap_or_default(),
        checks: made.iter().map(shamir::Share::check).collect(),
    };
    let texts = made.iter().map(shamir::Share::text).collect();
    (kek, params, texts)
}
