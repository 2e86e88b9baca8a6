//! Frames: numbered, sealed for one look, the last one marked as such.

use aws_lc_rs::aead::{Aad, LessSafeKey};
use doorward_core::{Id as _, RelayId, Secret};

use crate::recorder::file::{FileError, cipher, nonce};

/// The longest that a frame may become when decompressed.
const LONGEST: usize = 128 << 20;

/// What a frame holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Some of it.
    Some(Vec<u8>),
    /// There is no more, and why, when it is not simply over.
    End(String),
}

/// The frame is not what the other node wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Forged;

/// Seals and opens the frames of one look.
///
/// INVARIANT: the key is of this look alone, and a frame's nonce is its number.
pub(super) struct Frames {
    id: RelayId,
    key: LessSafeKey,
}

impl Frames {
    pub fn new(id: RelayId, key: &Secret<[u8; 32]>) -> Result<Self, FileError> {
        Ok(Self { id, key: cipher(key)? })
    }

    pub fn seal(&self, number: i64, frame: &Frame) -> Result<Vec<u8>, FileError> {
        let (end, payload) = match frame {
            Frame::Some(bytes) => (0, bytes.as_slice()),
            Frame::End(why) => (1, why.as_bytes()),
        };
        let mut sealed = zstd::bulk::compress(payload, 1)?;
        sealed.push(end);
        self.key
            .seal_in_place_append_tag(nonce(number.unsigned_abs()), self.aad(number), &mut sealed)
            .map_err(|_| FileError::Seal)?;
        Ok(sealed)
    }

    pub fn open(&self, number: i64, mut sealed: Vec<u8>) -> Result<Frame, Forged> {
        let plain = self
            .key
            .open_in_place(nonce(number.unsigned_abs()), self.aad(number), &mut sealed)
            .map_err(|_| Forged)?;
        let (end, payload) = plain.split_last().ok_or(Forged)?;
        let payload = zstd::bulk::decompress(payload, LONGEST).map_err(|_| Forged)?;
        match end {
            0 => Ok(Frame::Some(payload)),
            _ => String::from_utf8(payload).map(Frame::End).map_err(|_| Forged),
        }
    }

    fn aad(&self, number: i64) -> Aad<Vec<u8>> {
        let mut text = b"doorward relay frame ".to_vec();
        text.extend_from_slice(self.id.uuid().as_bytes());
        text.extend_from_slice(&number.to_be_bytes());
        Aad::from(text)
    }
}
