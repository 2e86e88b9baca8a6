//! Bytes to values and back, for what strangers send: tokens, JSON, recordings.
//!
//! Promises: no I/O, bounded work on any input, one reading of each text.
//! Must not know: whether what it reads is true, or who may have it.

pub mod asciicast;
pub mod jws;
pub mod line;
pub mod strict;
