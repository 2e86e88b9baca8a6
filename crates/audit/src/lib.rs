//! The audit record as a log that somebody else can check.
//!
//! Owns: the Merkle tree (RFC 6962), its signed heads (C2SP checkpoints), its
//! tiles on disk (C2SP tlog-tiles), proofs, offline verification, search and
//! export.
//! Promises: every event gets exactly one leaf, in one order; what was altered,
//! dropped, reordered or cut off afterwards is found and named.
//! Must not know: what an event means. Events are appended by those who make
//! the change, through `doorward_store::event`.

pub mod checkpoint;
pub mod merkle;
pub mod proofs;
pub mod search;
mod sequencer;
pub mod tiles;
pub mod verify;

pub use checkpoint::{Checkpoint, CheckpointSigner, SignedCheckpoint};
pub use merkle::Hash;
pub use sequencer::{Sequencer, SequencerError};

/// The origin line of the log, when the configuration names none.
pub const ORIGIN: &str = "doorward/audit";
/// The purpose of the key that signs checkpoints.
pub const KEY_PURPOSE: &str = "audit";
