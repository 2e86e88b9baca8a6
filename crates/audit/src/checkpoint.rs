//! The signed head of the log: a C2SP checkpoint in a C2SP signed note.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::merkle::{Hash, sha256};

/// Signature type of Ed25519 in a signed note.
const ED25519_TYPE: u8 = 1;

/// The head of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// A checkpoint with its signatures: the text of the note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// The note.
    pub note: String,
}

/// Signs checkpoints. None while the vault is sealed: the log goes on growing,
/// its signed head waits.
pub trait CheckpointSigner: Send + Sync {
    /// The public key, 32 bytes.
    fn public(&self) -> Option<[u8; 32]>;
    /// An Ed25519 signature.
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>>;
}

/// What is wrong with a checkpoint.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CheckpointError {
    /// It is no note of this form.
    #[error("the checkpoint is no signed note: {0}")]
    Form(&'static str),
    /// No signature of this key verifies.
    #[error("the checkpoint is not signed by the log's key")]
    Signature,
}

impl Checkpoint {
    /// The text that is signed: origin, size, root, a line each.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Signs it; none while the signer cannot.
    pub fn sign(self, signer: &dyn CheckpointSigner) -> Option<SignedCheckpoint> {
        let text = self.text();
        let mut line = key_id(&self.origin, &signer.public()?).to_vec();
        line.extend(signer.sign(text.as_bytes())?);
        let note = format!("{text}\n\u{2014} {} {}\n", self.origin, STANDARD.encode(line));
        Some(SignedCheckpoint { checkpoint: self, note })
    }
}

/// `SHA-256(name || 0x0A || 0x01 || key)`, the first four bytes.
pub fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let mut bytes = name.as_bytes().to_vec();
    bytes.push(b'\n');
    bytes.push(ED25519_TYPE);
    bytes.extend(public);
    let [a, b, c, d, ..] = sha256(&bytes);
    [a, b, c, d]
}

/// The verifier key of C2SP notes: `name+id+base64(type || key)`.
pub fn verifier_key(name: &str, public: &[u8; 32]) -> String {
    let mut key = vec![ED25519_TYPE];
    key.extend(public);
    format!("{name}+{}+{}", hex::encode(key_id(name, public)), STANDARD.encode(key))
}

/// The public key that somebody wrote down: a verifier key as [`verifier_key`]
/// writes it, or 64 hex digits.
pub fn read_key(text: &str) -> Option<[u8; 32]> {
    let bytes = match text.trim().splitn(3, '+').collect::<Vec<_>>()[..] {
        [name, id, value] => {
            let (kind, key) =
                STANDARD.decode(value).ok()?.split_first().map(|(k, r)| (*k, r.to_vec()))?;
            let public: [u8; 32] = key.try_into().ok()?;
            let good = kind == ED25519_TYPE && hex::encode(key_id(name, &public)) == id;
            return good.then_some(public);
        }
        [digits] => hex::decode(digits).ok()?,
        _ => return None,
    };
    bytes.try_into().ok()
}

/// Reads a note and checks that `public` signed it. Other signatures, those of
/// witnesses, are left alone.
pub fn open(note: &str, public: &[u8; 32]) -> Result<SignedCheckpoint, CheckpointError> {
    let form = CheckpointError::Form;
    let (text, signatures) = note.split_once("\n\n").ok_or(form("no signatures"))?;
    let text = format!("{text}\n");
    let mut lines = text.lines();
    let origin = lines.next().filter(|l| !l.is_empty()).ok_or(form("no origin"))?.to_owned();
    let size = lines.next().ok_or(form("no size"))?;
    // One way to write a number: no sign, no leading zero.
    let size: u64 =
        size.parse().ok().filter(|n: &u64| n.to_string() == size).ok_or(form("size"))?;
    let root = lines.next().and_then(|l| STANDARD.decode(l).ok()).ok_or(form("root"))?;
    let root: Hash = root.try_into().map_err(|_| form("root"))?;
    let wanted = key_id(&origin, public);
    for line in signatures.lines() {
        let Some((name, value)) = line.strip_prefix("\u{2014} ").and_then(|l| l.split_once(' '))
        else {
            return Err(form("signature line"));
        };
        let Ok(bytes) = STANDARD.decode(value) else { return Err(form("signature line")) };
        let Some((id, signature)) = bytes.split_at_checked(4) else { continue };
        if name == origin
            && id == wanted
            && UnparsedPublicKey::new(&ED25519, public).verify(text.as_bytes(), signature).is_ok()
        {
            let checkpoint = Checkpoint { origin, size, root };
            return Ok(SignedCheckpoint { checkpoint, note: note.to_owned() });
        }
    }
    Err(CheckpointError::Signature)
}

#[cfg(test)]
pub(crate) mod tests {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

    use super::*;

    pub(crate) struct Key(pub(crate) Ed25519KeyPair);

    impl Default for Key {
        fn default() -> Self {
            Self(Ed25519KeyPair::generate().unwrap())
        }
    }

    impl CheckpointSigner for Key {
        fn public(&self) -> Option<[u8; 32]> {
            self.0.public_key().as_ref().try_into().ok()
        }
        fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
            Some(self.0.sign(message).as_ref().to_vec())
        }
    }

    #[test]
    fn note_opens_with_its_key_and_no_other() {
        let (key, other) = (Key::default(), Key::default());
        let head = Checkpoint { origin: crate::ORIGIN.to_owned(), size: 7, root: [3; 32] };
        let signed = head.clone().sign(&key).unwrap();
        assert_eq!(open(&signed.note, &key.public().unwrap()).unwrap().checkpoint, head);
        assert_eq!(open(&signed.note, &other.public().unwrap()), Err(CheckpointError::Signature));
    }

    #[test]
    fn key_is_read_as_it_was_written_and_no_other_way() {
        let public = Key::default().public().unwrap();
        let written = verifier_key(crate::ORIGIN, &public);
        assert_eq!(read_key(&written), Some(public));
        assert_eq!(read_key(&hex::encode(public)), Some(public));
        assert_eq!(read_key(&written.replacen("audit", "other", 1)), None);
        for wrong in ["", "+", "a+b", "a+b+c", "00", &written[..written.len() - 4]] {
            assert_eq!(read_key(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_changed_character_is_found() {
        let key = Key::default();
        let head = Checkpoint { origin: crate::ORIGIN.to_owned(), size: 7, root: [3; 32] };
        let note = head.clone().sign(&key).unwrap().note;
        for (at, c) in note.char_indices() {
            let mut changed = note.clone();
            changed.replace_range(at..at + c.len_utf8(), if c == 'x' { "y" } else { "x" });
            let opened = open(&changed, &key.public().unwrap());
            assert!(opened.map_or(true, |o| o.checkpoint == head), "character {at}");
        }
    }
}
