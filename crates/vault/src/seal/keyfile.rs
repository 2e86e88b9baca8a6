//! The key file: one line of text, readable by its owner alone.

use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::Secret;
use doorward_runtime::files;
use zeroize::Zeroizing;

use crate::envelope::Key;
use crate::error::VaultError;

const PREFIX: &str = "doorward-seal-key-1:";

/// Where the key file is.
#[derive(Clone, Debug)]
pub(crate) struct KeyFile(PathBuf);

impl KeyFile {
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where a new key waits until the database knows of it.
    fn next(&self) -> PathBuf {
        let mut name = self.0.as_os_str().to_owned();
        name.push(".next");
        PathBuf::from(name)
    }

    /// The keys that may open the seal, the likeliest first: a rekey that was
    /// cut short leaves its new key beside the old one.
    pub fn candidates(&self) -> Result<Vec<Key>, VaultError> {
        let mut keys = Vec::new();
        keys.extend(read(&self.0)?);
        keys.extend(read(&self.next())?);
        Ok(keys)
    }

    /// Writes the first key.
    pub fn write(&self, key: &Key) -> Result<(), VaultError> {
        write(&self.0, key)
    }

    /// Writes a new key beside the old one.
    pub fn prepare(&self, key: &Key) -> Result<(), VaultError> {
        write(&self.next(), key)
    }

    /// Makes `key`, which opens the seal, the only key, when a rekey has left two.
    /// Otherwise the file is not touched: it may be on a read-only mount.
    pub fn promote(&self, key: &Key) -> Result<(), VaultError> {
        let next = self.next();
        if !next.exists() {
            return Ok(());
        }
        write(&self.0, key)?;
        std::fs::remove_file(next).map_err(|e| VaultError::KeyFile(e.to_string()))
    }
}

fn write(path: &Path, key: &Key) -> Result<(), VaultError> {
    let text = Zeroizing::new(format!("{PREFIX}{}\n", URL_SAFE_NO_PAD.encode(key.expose())));
    files::write_private(path, text.as_bytes()).map_err(|e| VaultError::KeyFile(e.to_string()))
}

/// The key in the file; none when there is no file. A file that others may read
/// is refused.
fn read(path: &Path) -> Result<Option<Key>, VaultError> {
    let refuse = |what: String| VaultError::KeyFile(what);
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(refuse(format!("{}: {e}", path.display()))),
    };
    files::check_mode(path, 0o600).map_err(|e| refuse(e.to_string()))?;
    let mut text = Zeroizing::new(String::new());
    file.by_ref()
        .take(4096)
        .read_to_string(&mut text)
        .map_err(|e| refuse(format!("{}: {e}", path.display())))?;
    parse(&text).map(Some).ok_or_else(|| refuse(format!("{} is no key file", path.display())))
}

/// The key in the text of a key file.
pub(crate) fn parse(text: &str) -> Option<Key> {
    let body = text.trim_end().strip_prefix(PREFIX)?;
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(body).ok()?);
    let key: [u8; 32] = bytes.as_slice().try_into().ok()?;
    Some(Secret::new(key))
}
