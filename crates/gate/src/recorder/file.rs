//! The recording's file: a head, then chunks, each compressed, encrypted and
//! fsynced before it counts.
//!
//! ```text
//! "DWREC1\r\n" | recording id (16) | { length u32 BE | AES-256-GCM(zstd(lines)) } …
//! ```
//!
//! INVARIANT: a recording's key encrypts no other recording, and a chunk's
//! nonce is its number; nothing is ever appended after a restart.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest;
use doorward_core::{Id as _, RecordingId, Secret};

const MAGIC: &[u8; 8] = b"DWREC1\r\n";
/// The longest chunk that a reader takes; a writer stays far below.
const LONGEST: u32 = 64 << 20;
/// The longest that a chunk may become when decompressed.
const LONGEST_PLAIN: usize = 256 << 20;

/// What can be wrong with a recording's file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file system says no.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is no recording, or another one.
    #[error("this is not the recording's file")]
    Foreign,
    /// It ends in the middle of a chunk, or before the last one.
    #[error("the recording is cut off after chunk {after}")]
    Truncated {
        /// How many chunks are whole.
        after: u64,
    },
    /// A chunk is not what was written.
    #[error("chunk {number} of the recording was altered")]
    Altered {
        /// Which, counted from 0.
        number: u64,
    },
    /// Encryption or compression failed.
    #[error("cannot seal a chunk")]
    Seal,
}

pub(crate) fn cipher(key: &Secret<[u8; 32]>) -> Result<LessSafeKey, FileError> {
    UnboundKey::new(&AES_256_GCM, key.expose()).map(LessSafeKey::new).map_err(|_| FileError::Seal)
}

pub(crate) fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

fn aad(id: RecordingId, number: u64) -> Aad<Vec<u8>> {
    let mut text = b"doorward recording chunk ".to_vec();
    text.extend_from_slice(id.uuid().as_bytes());
    text.extend_from_slice(&number.to_be_bytes());
    Aad::from(text)
}

/// What the key of a recording is bound to in the vault.
pub fn key_aad(id: RecordingId) -> Vec<u8> {
    let mut text = b"recording ".to_vec();
    text.extend_from_slice(id.uuid().as_bytes());
    text
}

/// A chunk that is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Which, counted from 0.
    pub number: u64,
    /// SHA-256 of its ciphertext.
    pub sha256: [u8; 32],
    /// How long its ciphertext is.
    pub bytes: u64,
}

/// A recording that is being written.
pub(crate) struct Writer {
    id: RecordingId,
    file: File,
    key: LessSafeKey,
    next: u64,
}

impl Writer {
    /// Begins the file; it must not exist.
    pub fn create(path: &Path, id: RecordingId, key: &Secret<[u8; 32]>) -> Result<Self, FileError> {
        if let Some(folder) = path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(MAGIC)?;
        file.write_all(id.uuid().as_bytes())?;
        file.sync_data()?;
        if let Some(folder) = path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(Self { id, file, key: cipher(key)?, next: 0 })
    }

    /// Appends a chunk and waits for the disk. After an error nothing more may
    /// be written: what reached the disk is not known.
    pub fn append(&mut self, lines: &[u8]) -> Result<Written, FileError> {
        let number = self.next;
        let mut sealed = zstd::bulk::compress(lines, 3)?;
        self.key
            .seal_in_place_append_tag(nonce(number), aad(self.id, number), &mut sealed)
            .map_err(|_| FileError::Seal)?;
        let length = u32::try_from(sealed.len()).ok().filter(|l| *l <= LONGEST);
        let length = length.ok_or(FileError::Seal)?;
        let mut out = Vec::with_capacity(sealed.len() + 4);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&sealed);
        self.file.write_all(&out)?;
        self.file.sync_data()?;
        self.next += 1;
        Ok(Written { number, sha256: sha256(&sealed), bytes: u64::from(length) })
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// Reads the stored chunks of a file, as they are: for checking hashes without
/// any key.
pub struct Chunks {
    id: RecordingId,
    file: std::io::BufReader<File>,
    next: u64,
    over: bool,
}

impl Chunks {
    /// Opens the file.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let mut file = std::io::BufReader::new(File::open(path)?);
        let mut head = [0; 24];
        file.read_exact(&mut head).map_err(|_| FileError::Foreign)?;
        let (magic, id) = head.split_at(8);
        let id = uuid::Uuid::from_slice(id).map_err(|_| FileError::Foreign)?;
        if magic != MAGIC {
            return Err(FileError::Foreign);
        }
        Ok(Self { id: RecordingId::from_uuid(id), file, next: 0, over: false })
    }

    /// Whose file it says it is.
    pub fn recording(&self) -> RecordingId {
        self.id
    }

    /// How many chunks were read.
    pub fn read(&self) -> u64 {
        self.next
    }

    fn take(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        let cut = FileError::Truncated { after: self.next };
        let mut length = [0; 4];
        let mut have = 0;
        while have < length.len() {
            match self.file.read(length.get_mut(have..).unwrap_or_default())? {
                0 if have == 0 => return Ok(None),
                0 => return Err(cut),
                n => have += n,
            }
        }
        let length = u32::from_be_bytes(length);
        if length > LONGEST {
            return Err(FileError::Altered { number: self.next });
        }
        let mut sealed = Vec::new();
        let wanted = u64::from(length);
        let got = (&mut self.file).take(wanted).read_to_end(&mut sealed)?;
        if got as u64 != wanted {
            return Err(cut);
        }
        self.next += 1;
        Ok(Some(sealed))
    }
}

/// The hash of one stored chunk.
pub type ChunkHash = (u64, [u8; 32]);

impl Iterator for Chunks {
    type Item = Result<(u64, Vec<u8>), FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let number = self.next;
        match self.take() {
            Ok(Some(sealed)) => Some(Ok((number, sealed))),
            Ok(None) => {
                self.over = true;
                None
            }
            Err(e) => {
                self.over = true;
                Some(Err(e))
            }
        }
    }
}

/// The hashes of all stored chunks, in order; the last item is the error, when
/// the file is cut off.
pub fn chunk_hashes(
    path: &Path,
) -> Result<impl Iterator<Item = Result<ChunkHash, FileError>> + use<>, FileError> {
    Ok(Chunks::open(path)?.map(|chunk| chunk.map(|(number, sealed)| (number, sha256(&sealed)))))
}

/// Opens the sealed chunks of one recording, wherever they come from.
pub(crate) struct Unseal {
    id: RecordingId,
    key: LessSafeKey,
}

impl Unseal {
    pub fn new(id: RecordingId, key: &Secret<[u8; 32]>) -> Result<Self, FileError> {
        Ok(Self { id, key: cipher(key)? })
    }

    /// The lines of this chunk, counted from 0.
    pub fn lines(&self, number: u64, mut sealed: Vec<u8>) -> Result<Vec<u8>, FileError> {
        let altered = || FileError::Altered { number };
        let plain = self
            .key
            .open_in_place(nonce(number), aad(self.id, number), &mut sealed)
            .map_err(|_| altered())?;
        zstd::bulk::decompress(plain, LONGEST_PLAIN).map_err(|_| altered())
    }
}

/// Reads a recording's chunks in the clear.
pub struct Reader {
    chunks: Chunks,
    unseal: Unseal,
    expected: u64,
}

impl Reader {
    /// Opens the file of recording `id`, of which `expected` chunks are known to
    /// have been written.
    pub fn open(
        path: &Path,
        id: RecordingId,
        key: &Secret<[u8; 32]>,
        expected: u64,
    ) -> Result<Self, FileError> {
        let chunks = Chunks::open(path)?;
        if chunks.recording() != id {
            return Err(FileError::Foreign);
        }
        Ok(Self { chunks, unseal: Unseal::new(id, key)?, expected })
    }

    /// The lines of the next chunk.
    pub fn next_lines(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        if self.chunks.read() >= self.expected {
            return Ok(None);
        }
        match self.chunks.next() {
            Some(chunk) => {
                let (number, sealed) = chunk?;
                self.unseal.lines(number, sealed).map(Some)
            }
            None => Err(FileError::Truncated { after: self.chunks.read() }),
        }
    }
}
