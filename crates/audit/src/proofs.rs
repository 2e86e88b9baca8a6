//! Proofs for somebody who has only the log's key: that an event is in the log,
//! and that the log of then is a prefix of the log of now.

use doorward_store::{Db, Error as StoreError, event};
use serde::{Deserialize, Serialize};

use crate::checkpoint::{self, SignedCheckpoint};
use crate::merkle::{self, Hash};

/// A proof that one event is in the log.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Proof {
    /// The exact text that is hashed.
    pub body: String,
    /// Its place.
    pub leaf: u64,
    /// The audit path (RFC 6962 section 2.1.1), in hex, from the leaf up.
    pub path: Vec<String>,
    /// The signed head.
    pub checkpoint: String,
}

/// A proof that nothing which stood in the log at one size was changed since.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "ConsistencyProof")]
pub struct Consistency {
    /// How many leaves there were then.
    pub from: u64,
    /// The consistency proof (RFC 6962 section 2.1.2), in hex.
    pub path: Vec<String>,
    /// The signed head of now.
    pub checkpoint: String,
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// No such event, or the log was never of this size.
    #[error("there is no such event or size in the log")]
    NotFound,
    /// Its leaf is not under a signed head yet.
    #[error("it is not under a signed head yet; try again in a second")]
    NotYet,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The hashes under the newest signed head, and its note.
async fn signed(db: &Db) -> Result<(Vec<Hash>, String), ProofError> {
    let head = db.read(event::newest_checkpoint).await?;
    let (size, note) = head.ok_or(ProofError::NotYet)?;
    let hashes = db.read(move |c| event::hashes(c, 0, size)).await?;
    Ok((hashes.into_iter().filter_map(|(_, h)| h.try_into().ok()).collect(), note))
}

/// The proof of one event under the newest signed head.
pub async fn inclusion(db: &Db, id: doorward_core::EventId) -> Result<Proof, ProofError> {
    let found = db.read(move |c| event::find(c, id)).await?.ok_or(ProofError::NotFound)?;
    let leaf = found.leaf.and_then(|l| usize::try_from(l).ok()).ok_or(ProofError::NotYet)?;
    let (hashes, checkpoint) = signed(db).await?;
    let path = merkle::inclusion(leaf, &hashes).ok_or(ProofError::NotYet)?;
    Ok(Proof { body: found.body, leaf: leaf as u64, path: hex_all(&path), checkpoint })
}

/// The proof that the log of `from` leaves is a prefix of the newest signed one.
pub async fn consistency(db: &Db, from: u64) -> Result<Consistency, ProofError> {
    let (hashes, checkpoint) = signed(db).await?;
    let old = usize::try_from(from).map_err(|_| ProofError::NotFound)?;
    let path = merkle::consistency(old, &hashes).ok_or(ProofError::NotFound)?;
    Ok(Consistency { from, path: hex_all(&path), checkpoint })
}

fn hex_all(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(hex::encode).collect()
}

fn read_all(path: &[String]) -> Option<Vec<Hash>> {
    path.iter().map(|h| hex::decode(h).ok()?.try_into().ok()).collect()
}

impl Proof {
    /// Whether it holds, for somebody who has only the log's key.
    pub fn holds(&self, public: &[u8; 32]) -> bool {
        let Ok(head) = checkpoint::open(&self.checkpoint, public) else { return false };
        let Some(path) = read_all(&self.path) else { return false };
        let (leaf, head) = (merkle::leaf(self.body.as_bytes()), head.checkpoint);
        merkle::verify_inclusion(self.leaf, head.size, &leaf, &path, &head.root)
    }
}

impl Consistency {
    /// Whether it shows that the log of `old`, a head that was kept, is a prefix
    /// of the log of now.
    pub fn holds(&self, old: &SignedCheckpoint, public: &[u8; 32]) -> bool {
        let Ok(head) = checkpoint::open(&self.checkpoint, public) else { return false };
        let Some(path) = read_all(&self.path) else { return false };
        let (old, new) = (&old.checkpoint, head.checkpoint);
        old.origin == new.origin
            && old.size == self.from
            && merkle::verify_consistency(old.size, new.size, &old.root, &new.root, &path)
    }
}
