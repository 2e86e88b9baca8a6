//! What is read of file transfers on their way: SFTP (draft-ietf-secsh-filexfer-02,
//! the version that OpenSSH speaks) and the old scp protocol.
//!
//! Promises: content is never held; what a client or a target claims about
//! lengths is bounded before it is believed.

pub(crate) mod confine;
mod packet;
mod scp;
mod track;

pub(crate) use confine::{Confined, Verdict};
pub(crate) use packet::{Malformed, Parser, Piece, Side};
pub(crate) use scp::{Direction, Scp};
pub(crate) use track::Tracker;

#[cfg(test)]
mod tests;
