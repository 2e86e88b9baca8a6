//! Private keys in OpenSSH's own form (OpenSSH `PROTOCOL.key`), as far as the
//! vault needs it: make an Ed25519 one, and show the public half of any.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_core::{Env, Secret};
use zeroize::Zeroizing;

use crate::error::VaultError;

const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";
const MAGIC: &[u8] = b"openssh-key-v1\0";
const LINE: usize = 70;

/// Why a text is no private key that the vault takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenSshError {
    /// Not OpenSSH's form.
    #[error("not a private key in OpenSSH's form; convert it: ssh-keygen -p -f KEY")]
    Form,
    /// It has a passphrase.
    #[error("the key has a passphrase; take it off: ssh-keygen -p -N '' -f KEY")]
    Encrypted,
}

/// A string of the SSH wire format (RFC 4251 section 5).
pub(crate) fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

fn take<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], OpenSshError> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(OpenSshError::Form)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| OpenSshError::Form)?;
    let (string, rest) = rest.split_at_checked(length).ok_or(OpenSshError::Form)?;
    *bytes = rest;
    Ok(string)
}

/// A new Ed25519 key, in OpenSSH's form.
pub fn generate_ed25519(env: &Env, comment: &str) -> Result<Secret<String>, VaultError> {
    Ok(NewKey::ed25519(env, comment)?.private)
}

/// Both halves of a new key.
pub(crate) struct NewKey {
    /// 32 bytes.
    pub public: Vec<u8>,
    /// In OpenSSH's form.
    pub private: Secret<String>,
}

impl NewKey {
    pub fn ed25519(env: &Env, comment: &str) -> Result<Self, VaultError> {
        let seed = env.secret();
        let pair =
            Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| VaultError::Crypto)?;
        let public = pair.public_key().as_ref().to_vec();
        let private = armoured(env, &seed, &public, comment);
        Ok(Self { public, private })
    }
}

/// An Ed25519 public key as the wire has it (RFC 8709 section 4).
pub(crate) fn ed25519_blob(public: &[u8]) -> Vec<u8> {
    let mut blob = Vec::with_capacity(51);
    put(&mut blob, b"ssh-ed25519");
    put(&mut blob, public);
    blob
}

fn armoured(env: &Env, seed: &Secret<[u8; 32]>, public: &[u8], comment: &str) -> Secret<String> {
    let blob = ed25519_blob(public);

    let mut private = Zeroizing::new(Vec::with_capacity(256));
    let check: [u8; 4] = env.bytes();
    private.extend_from_slice(&check);
    private.extend_from_slice(&check);
    put(&mut private, b"ssh-ed25519");
    put(&mut private, public);
    let mut both = Zeroizing::new(seed.expose().to_vec());
    both.extend_from_slice(public);
    put(&mut private, &both);
    put(&mut private, comment.as_bytes());
    for pad in (1..=8_u8).take((8 - private.len() % 8) % 8) {
        private.push(pad);
    }

    let mut file = Zeroizing::new(Vec::with_capacity(512));
    file.extend_from_slice(MAGIC);
    put(&mut file, b"none");
    put(&mut file, b"none");
    put(&mut file, b"");
    file.extend_from_slice(&1_u32.to_be_bytes());
    put(&mut file, &blob);
    put(&mut file, &private);

    let body = Zeroizing::new(STANDARD.encode(&*file));
    let mut text = String::with_capacity(body.len() + 128);
    text.push_str(BEGIN);
    for (i, letter) in body.chars().enumerate() {
        if i % LINE == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text.push('\n');
    text.push_str(END);
    text.push('\n');
    Secret::new(text)
}

/// The public half, as a line of `authorized_keys`.
pub fn public_line(pem: &str, comment: &str) -> Result<String, OpenSshError> {
    let body = pem.trim().strip_prefix(BEGIN).and_then(|b| b.strip_suffix(END));
    let letters: Zeroizing<String> =
        Zeroizing::new(body.ok_or(OpenSshError::Form)?.split_ascii_whitespace().collect());
    let file =
        STANDARD.decode(letters.as_bytes()).map(Zeroizing::new).map_err(|_| OpenSshError::Form)?;
    let mut rest = file.strip_prefix(MAGIC).ok_or(OpenSshError::Form)?;
    if take(&mut rest)? != b"none" {
        return Err(OpenSshError::Encrypted);
    }
    let (_kdf, _options) = (take(&mut rest)?, take(&mut rest)?);
    let (count, mut rest) = rest.split_first_chunk::<4>().ok_or(OpenSshError::Form)?;
    if u32::from_be_bytes(*count) != 1 {
        return Err(OpenSshError::Form);
    }
    let blob = take(&mut rest)?;
    let kind = std::str::from_utf8(take(&mut &*blob)?).map_err(|_| OpenSshError::Form)?;
    if kind.is_empty() || !kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"-@.".contains(&b)) {
        return Err(OpenSshError::Form);
    }
    let line = format!("{kind} {} {comment}", STANDARD.encode(blob));
    Ok(line.trim_end().to_owned())
}
