//! The stored sign-in: a file of mode 0600 in the user's state directory.

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

fn path() -> Result<PathBuf, CredentialsError> {
    let base = std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".local/state")))
        .ok_or(CredentialsError::NoHome)?;
    Ok(base.join("doorward/session.json"))
}

impl Credentials {
    /// The stored sign-in, if there is one.
    pub fn load() -> Result<Option<Self>, CredentialsError> {
        let Ok(path) = path() else { return Ok(None) };
        if !path.exists() {
            return Ok(None);
        }
        files::check_mode(&path, 0o600)?;
        let broken = |message: String| CredentialsError::Broken { path: path.clone(), message };
        let bytes = std::fs::read(&path).map_err(|e| broken(e.to_string()))?;
        serde_json::from_slice(&bytes).map(Some).map_err(|e| broken(e.to_string()))
    }

    /// Keeps it.
    pub fn store(&self) -> Result<(), CredentialsError> {
        let path = path()?;
        if let Some(dir) = path.parent() {
            files::private_dir(dir)?;
        }
        let text = serde_json::to_vec(self)
            .map_err(|e| CredentialsError::Broken { path: path.clone(), message: e.to_string() })?;
        Ok(files::write_private(&path, &text)?)
    }

    /// Forgets it.
    pub fn forget() -> Result<(), CredentialsError> {
        let path = path()?;
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(CredentialsError::Broken { path, message: e.to_string() })
            }
            _ => Ok(()),
        }
    }
}
