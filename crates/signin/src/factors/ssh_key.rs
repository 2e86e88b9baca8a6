//! SSH public keys. The proof is made by the gateway, which sees the signature;
//! here is what a key must be and whose it is.

use doorward_core::{FactorClass, Proof, Timestamp};
use ssh_key::public::KeyData;
use ssh_key::{HashAlg, PublicKey};

use crate::error::{Result, SignInError};

/// The registered name of the factor.
pub const NAME: &str = "ssh-key";
const LONGEST: usize = 16 * 1_024;
const RSA_BITS: u32 = 3_072;

/// A public key that may be enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshKey {
    /// `SHA256:…`
    pub fingerprint: String,
    /// Algorithm and key as OpenSSH writes them, without comment.
    pub line: String,
    /// What followed the key.
    pub comment: String,
}

/// Reads one line as in `authorized_keys` or `id_ed25519.pub`, without options.
pub fn parse(text: &str) -> Result<SshKey> {
    let bad = |problem: &str| SignInError::field("key", problem);
    let text = text.trim();
    if text.len() > LONGEST || text.lines().count() != 1 {
        return Err(bad("paste one line, as in ~/.ssh/id_ed25519.pub"));
    }
    if text.contains("PRIVATE KEY") {
        return Err(bad("this is a private key; paste the .pub file instead, and make a new key"));
    }
    let key = PublicKey::from_openssh(text).map_err(|_| {
        bad("this is no OpenSSH public key; paste the line of ~/.ssh/id_ed25519.pub")
    })?;
    match key.key_data() {
        KeyData::Ed25519(_)
        | KeyData::SkEd25519(_)
        | KeyData::Ecdsa(_)
        | KeyData::SkEcdsaSha2NistP256(_) => {}
        KeyData::Rsa(rsa) if rsa.key_size() >= RSA_BITS => {}
        KeyData::Rsa(_) => return Err(bad("RSA keys need at least 3072 bits; better use ed25519")),
        _ => return Err(bad("use an ed25519, sk-ed25519, ecdsa or RSA key")),
    }
    let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
    let comment: String = String::from_utf8_lossy(key.comment().as_ref())
        .chars()
        .filter(|c| !c.is_control())
        .take(64)
        .collect();
    let line = key
        .to_openssh()
        .map_err(|_| bad("this key cannot be written again"))?
        .split_whitespace()
        .take(2)
        .collect::<Vec<_>>()
        .join(" ");
    Ok(SshKey { fingerprint, line, comment })
}

/// The proof that a verified signature by an enrolled key is.
pub fn proof(at: Timestamp) -> Proof {
    Proof {
        factor: NAME.to_owned(),
        class: FactorClass::Possession,
        // The signature covers the session identifier, which no relay shares.
        phishing_resistant: true,
        at,
    }
}
