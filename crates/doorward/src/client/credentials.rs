//! What is stored, in files of mode 0600 in the user's state directory: the sign-in, and
//! the keys by which servers know this command line again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use doorward_runtime::files::{self, FileError};
use serde::{Deserialize, Serialize};

/// A sign-in at one server.
#[derive(Serialize, Deserialize)]
pub struct Credentials {
    /// Which server.
    pub server: String,
    /// The bearer value of the session.
    pub token: String,
    /// The CA that was given at sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

/// Why it cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The file or its mode.
    #[error(transparent)]
    File(#[from] FileError),
    /// Neither XDG_STATE_HOME nor HOME is set.
    #[error("no home directory; set HOME or DOORWARD_TOKEN")]
    NoHome,
    /// The file cannot be read.
    #[error("{path}: {message}; remove it and run: doorward login")]
    Broken {
        /// Which.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

fn path(file: &str) -> Result<PathBuf, CredentialsError> {
    let base = std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".local/state")))
        .ok_or(CredentialsError::NoHome)?;
    Ok(base.join("doorward").join(file))
}

const SESSION: &str = "session.json";
const DEVICES: &str = "devices.json";

fn read<T: serde::de::DeserializeOwned>(file: &str) -> Result<Option<T>, CredentialsError> {
    let Ok(path) = path(file) else { return Ok(None) };
    if !path.exists() {
        return Ok(None);
    }
    files::check_mode(&path, 0o600)?;
    let broken = |message: String| CredentialsError::Broken { path: path.clone(), message };
    let bytes = std::fs::read(&path).map_err(|e| broken(e.to_string()))?;
    serde_json::from_slice(&bytes).map(Some).map_err(|e| broken(e.to_string()))
}

fn write(file: &str, value: &impl Serialize) -> Result<(), CredentialsError> {
    let path = path(file)?;
    if let Some(dir) = path.parent() {
        files::private_dir(dir)?;
    }
    let text = serde_json::to_vec(value)
        .map_err(|e| CredentialsError::Broken { path: path.clone(), message: e.to_string() })?;
    Ok(files::write_private(&path, &text)?)
}

/// The keys by which each server knows this command line again, by the server's address.
/// They stay when it signs out.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceKeys(BTreeMap<String, String>);

impl DeviceKeys {
    /// Those for this server, and no other's.
    pub fn load(server: &str) -> Result<Option<String>, CredentialsError> {
        Ok(read::<Self>(DEVICES)?.and_then(|mut all| all.0.remove(server)))
    }

    /// Keeps those that this server gave.
    pub fn store(server: &str, keys: &str) -> Result<(), CredentialsError> {
        let mut all = read::<Self>(DEVICES)?.unwrap_or_default();
        all.0.insert(server.to_owned(), keys.to_owned());
        write(DEVICES, &all)
    }
}

impl Credentials {
    /// The stored sign-in, if there is one.
    pub fn load() -> Result<Option<Self>, CredentialsError> {
        read(SESSION)
    }

    /// Keeps it.
    pub fn store(&self) -> Result<(), CredentialsError> {
        write(SESSION, self)
    }

    /// Forgets it.
    pub fn forget() -> Result<(), CredentialsError> {
        let path = path(SESSION)?;
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(CredentialsError::Broken { path, message: e.to_string() })
            }
            _ => Ok(()),
        }
    }
}
