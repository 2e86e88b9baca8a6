//! The settings of a target of kind `ssh`.

use std::time::Duration;

use doorward_gate::SettingsError;
use russh::keys::{Algorithm, PublicKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algorithms;

/// A host that is reached over SSH.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetSettings {
    /// The host's name or address.
    pub host: String,
    /// Its SSH port.
    #[serde(default = "ssh_port")]
    pub port: u16,
    /// Its host keys, as `ssh-keyscan` prints them without the host's name:
    /// `ssh-ed25519 AAAA…`. A host that shows another key is refused; none is
    /// ever learned on first use.
    #[serde(default)]
    pub host_keys: Vec<PublicKeyLine>,
    /// The authority that signs host certificates, instead of pinned keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_ca: Option<PublicKeyLine>,
    /// For how many seconds it may take to answer, and then to take the credential:
    /// 1 to 60.
    #[serde(default = "ten")]
    pub connect_timeout: u8,
    /// Confines the target to file transfer (SFTP) below this absolute folder:
    /// no shell, no commands, no way out by `..` or symbolic links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sftp_root: Option<String>,
}

/// A public key as one line: `ssh-ed25519 AAAA… comment`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PublicKeyLine(pub String);

impl PublicKeyLine {
    /// The key, when it is one of a kind that is used here. A certificate is none.
    pub fn key(&self) -> Option<PublicKey> {
        let key = PublicKey::from_openssh(self.0.trim()).ok()?;
        let known = match key.algorithm() {
            Algorithm::Rsa { .. } => true,
            other => algorithms::keys().contains(&other),
        };
        known.then_some(key)
    }
}

fn ten() -> u8 {
    10
}

fn ssh_port() -> u16 {
    22
}

fn wrong(field: &str, problem: String) -> SettingsError {
    SettingsError { field: field.to_owned(), problem }
}

/// The JSON schema.
pub(crate) fn schema() -> serde_json::Value {
    serde_json::to_value(schemars::schema_for!(TargetSettings)).unwrap_or_default()
}

impl TargetSettings {
    /// How long it may take to answer.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.connect_timeout.into())
    }

    /// Where a host is, whether anything says yet which one it must be.
    pub(crate) fn place(value: &serde_json::Value) -> Result<Self, SettingsError> {
        let settings: Self =
            serde_json::from_value(value.clone()).map_err(|e| wrong("settings", e.to_string()))?;
        let host = &settings.host;
        if host.is_empty()
            || host.len() > 253
            || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:_".contains(&b))
        {
            return Err(wrong("host", "write a host name or an IP address".to_owned()));
        }
        if settings.port == 0 {
            return Err(wrong("port", "write a port from 1 to 65535".to_owned()));
        }
        if !(1..=60).contains(&settings.connect_timeout) {
            return Err(wrong(
                "connect_timeout",
                "write a number of seconds from 1 to 60".to_owned(),
            ));
        }
        Ok(settings)
    }

    /// Reads and checks settings.
    pub fn read(value: &serde_json::Value) -> Result<Self, SettingsError> {
        let settings = Self::place(value)?;
        if settings.host_keys.is_empty() && settings.host_ca.is_none() {
            return Err(wrong(
                "host_keys",
                "pin at least one host key: `ssh-keyscan HOST` prints them; compare them with the \
                 host's own"
                    .to_owned(),
            ));
        }
        for (i, line) in settings.host_keys.iter().enumerate() {
            if line.key().is_none() {
                let problem = "this is no public key like `ssh-ed25519 AAAA…`".to_owned();
                return Err(wrong(&format!("host_keys[{i}]"), problem));
            }
        }
        if settings.host_ca.as_ref().is_some_and(|ca| ca.key().is_none()) {
            let problem = "this is no public key like `ssh-ed25519 AAAA…`".to_owned();
            return Err(wrong("host_ca", problem));
        }
        if let Some(root) = &settings.sftp_root {
            let clean = root.starts_with('/')
                && !root.split('/').any(|part| part == ".." || part == ".")
                && !root.contains('\0');
            if !clean {
                let problem = "write an absolute folder without `.` and `..`".to_owned();
                return Err(wrong("sftp_root", problem));
            }
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[test]
    fn settings_say_what_is_wrong_with_them() {
        let field = |value| TargetSettings::read(&value).unwrap_err().field;
        assert!(TargetSettings::read(&json!({"host": "h", "host_keys": [KEY]})).is_ok());
        assert_eq!(field(json!({"host": "h"})), "host_keys");
        assert_eq!(field(json!({"host": "h", "host_keys": ["x"]})), "host_keys[0]");
        assert_eq!(field(json!({"host": "h y", "host_keys": [KEY]})), "host");
        assert_eq!(field(json!({"host": "h", "host_keys": [KEY], "port": 0})), "port");
        assert_eq!(field(json!({"host": "h", "host_keys": [KEY], "x": 0})), "settings");
        let patience = json!({"host": "h", "host_keys": [KEY], "connect_timeout": 61});
        assert_eq!(field(patience), "connect_timeout");
        let root = json!({"host": "h", "host_keys": [KEY], "sftp_root": "/srv/../etc"});
        assert_eq!(field(root), "sftp_root");
    }

    #[test]
    fn the_schema_names_every_field() {
        let text = schema().to_string();
        for field in ["host", "port", "host_keys", "host_ca", "connect_timeout", "sftp_root"] {
            assert!(text.contains(field), "{field}");
        }
    }
}
