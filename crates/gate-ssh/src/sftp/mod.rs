//! What is read of file transfers on their way: SFTP (draft-ietf-secsh-filexfer-02,
//! the version that OpenSSH speaks) and the old scp protocol.
//!
//! Promises: a command is followed as a transfer only when it says itself that it is
//! one, and only as long as what it sends is; content is never held; what a client or a target claims about
//! lengths is bounded before it is believed.

pub(crate) mod confine;
mod packet;
mod plain;
mod scp;
mod track;

pub(crate) use confine::{Confined, Verdict};
pub(crate) use packet::{Malformed, Parser, Piece, Side};
pub(crate) use plain::Plain;
pub(crate) use scp::{Direction, Scp};
pub(crate) use track::Tracker;

#[cfg(test)]
mod tests;
