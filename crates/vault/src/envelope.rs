//! Envelope encryption: every record under a key of its own, that key under a
//! key of the ring, both bound to the place where the record stands.
//!
//! AES-256-GCM with random nonces. A record key seals one value, and a ring key
//! seals one record key per record, so neither comes near the 2^32 limit of
//! NIST SP 800-38D section 8.3. The associated data is the record's table, id,
//! column and version, each with its length before it: a ciphertext that is
//! moved to another row, column or version does not open.

use aws_lc_rs::aead::{self, LessSafeKey, Nonce, UnboundKey};
use doorward_core::{Env, Id as _, KeyId, Secret};
use zeroize::Zeroizing;

const FORM: u8 = 1;
const KEY: usize = 32;
const NONCE: usize = aead::NONCE_LEN;
const TAG: usize = 16;
const WRAPPED: usize = NONCE + KEY + TAG;
const UUID: usize = 16;

/// Where a sealed value stands. It opens nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aad {
    table: &'static str,
    id: String,
    column: &'static str,
    version: i64,
}

impl Aad {
    /// The place of a value: its table, the id of its row, its column, and its
    /// version (0 where a value has none).
    pub fn new(
        table: &'static str,
        id: impl std::fmt::Display,
        column: &'static str,
        version: i64,
    ) -> Self {
        Self { table, id: id.to_string(), column, version }
    }

    fn bytes(&self, layer: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        for part in [layer, self.table, &self.id, self.column] {
            out.extend_from_slice(&(part.len() as u64).to_be_bytes());
            out.extend_from_slice(part.as_bytes());
        }
        out.extend_from_slice(&self.version.to_be_bytes());
        out
    }
}

/// The bytes are no sealed value, were altered, or stand in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value was altered, or does not belong here")]
pub struct Tampered;

/// One AES-256-GCM key.
pub(crate) type Key = Secret<[u8; KEY]>;

fn cipher(key: &Key) -> Result<LessSafeKey, Tampered> {
    UnboundKey::new(&aead::AES_256_GCM, key.expose()).map(LessSafeKey::new).map_err(|_| Tampered)
}

/// Nonce, ciphertext, tag.
pub(crate) fn seal_raw(
    env: &Env,
    key: &Key,
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, Tampered> {
    let nonce: [u8; NONCE] = env.bytes();
    let mut out = Vec::with_capacity(NONCE + plaintext.len() + TAG);
    out.extend_from_slice(&nonce);
    let mut body = Zeroizing::new(plaintext.to_vec());
    let tag = cipher(key)?
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            aead::Aad::from(aad),
            &mut body,
        )
        .map_err(|_| Tampered)?;
    out.extend_from_slice(&body);
    out.extend_from_slice(tag.as_ref());
    Ok(out)
}

/// The plaintext of what [`seal_raw`] made.
pub(crate) fn open_raw(key: &Key, aad: &[u8], sealed: &[u8]) -> Result<Secret<Vec<u8>>, Tampered> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or(Tampered)?;
    let mut body = Zeroizing::new(body.to_vec());
    let plain = cipher(key)?
        .open_in_place(Nonce::assume_unique_for_key(*nonce), aead::Aad::from(aad), &mut body)
        .map_err(|_| Tampered)?;
    Ok(Secret::new(plain.to_vec()))
}

/// A key out of what [`seal_raw`] made of one.
pub(crate) fn open_key(key: &Key, aad: &[u8], sealed: &[u8]) -> Result<Key, Tampered> {
    let plain = open_raw(key, aad, sealed)?;
    let bytes: [u8; KEY] = plain.expose().as_slice().try_into().map_err(|_| Tampered)?;
    Ok(Secret::new(bytes))
}

/// A new record key, and itself wrapped for the place.
pub(crate) fn new_record_key(env: &Env, ring: &Key, aad: &Aad) -> Result<(Key, Vec<u8>), Tampered> {
    let key = env.secret();
    let wrapped = seal_raw(env, ring, &aad.bytes("record key"), key.expose())?;
    Ok((key, wrapped))
}

/// The record key out of its wrapped form.
pub(crate) fn open_record_key(ring: &Key, aad: &Aad, wrapped: &[u8]) -> Result<Key, Tampered> {
    open_key(ring, &aad.bytes("record key"), wrapped)
}

/// Form, ring key id, wrapped record key, sealed value.
pub(crate) fn seal(
    env: &Env,
    ring_id: KeyId,
    ring: &Key,
    aad: &Aad,
    plaintext: &[u8],
) -> Result<Vec<u8>, Tampered> {
    let (key, wrapped) = new_record_key(env, ring, aad)?;
    let body = seal_raw(env, &key, &aad.bytes("value"), plaintext)?;
    let mut out = Vec::with_capacity(1 + UUID + WRAPPED + body.len());
    out.push(FORM);
    out.extend_from_slice(ring_id.uuid().as_bytes());
    out.extend_from_slice(&wrapped);
    out.extend_from_slice(&body);
    Ok(out)
}

/// Which key of the ring the value needs.
pub(crate) fn ring_key_of(sealed: &[u8]) -> Result<KeyId, Tampered> {
    let (form, rest) = sealed.split_first().ok_or(Tampered)?;
    if *form != FORM {
        return Err(Tampered);
    }
    let (id, _) = rest.split_first_chunk::<UUID>().ok_or(Tampered)?;
    Ok(KeyId::from_uuid(uuid::Uuid::from_bytes(*id)))
}

/// The plaintext of what [`seal`] made.
pub(crate) fn open(ring: &Key, aad: &Aad, sealed: &[u8]) -> Result<Secret<Vec<u8>>, Tampered> {
    ring_key_of(sealed)?;
    let rest = sealed.get(1 + UUID..).ok_or(Tampered)?;
    let (wrapped, body) = rest.split_first_chunk::<WRAPPED>().ok_or(Tampered)?;
    let key = open_record_key(ring, aad, wrapped)?;
    open_raw(&key, &aad.bytes("value"), body)
}
