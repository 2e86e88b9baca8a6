//! The configuration: one TOML file, the environment over it, a JSON schema of
//! both. An unknown field is an error, never ignored.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// All of it. `doorward config schema` prints the schema, `doorward config
/// check` reads a file and says what it found.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the database, keys, recordings and the log's tiles live. Mode 0700.
    pub data_dir: PathBuf,
    /// How this node calls itself.
    pub node: String,
    /// HTTPS.
    pub http: HttpConfig,
    /// The SSH gateway.
    pub ssh: SshConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// How the root key is kept.
    pub seal: SealConfig,
    /// Sessions and sign-in.
    pub signin: SignInConfig,
    /// Outgoing mail; none when absent.
    pub mail: Option<MailConfig>,
    /// Webhooks and logout notices.
    pub outbound: OutboundConfig,
    /// What operators read.
    pub log: LogConfig,
}

/// HTTPS.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address that people type and every link is built from. Never taken
    /// from a request.
    pub origin: String,
    /// A certificate chain (PEM) of your own; Doorward's CA issues one when absent.
    pub certificate: Option<PathBuf>,
    /// Its private key (PEM, mode 0600).
    pub private_key: Option<PathBuf>,
    /// Further names and addresses for the certificate that Doorward issues.
    pub names: Vec<String>,
    /// Proxies (addresses or CIDR blocks) whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
}

/// The SSH gateway.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SshConfig {
    /// Whether it runs on this node.
    pub enabled: bool,
    /// Where to listen.
    pub listen: SocketAddr,
    /// CA keys (`ssh-ed25519 AAAA…`) whose user certificates are accepted.
    pub user_cas: Vec<String>,
    /// Addresses or CIDR blocks from which targets see this node's connections:
    /// the certificates that it uses on them are valid from nowhere else. Leave it
    /// empty when they are not always the same.
    pub source_addresses: Vec<String>,
}

/// The database.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// `postgres://user@host/name`, or `sqlite:/path`; SQLite in the data
    /// directory when absent. A password belongs into `password_file`.
    pub url: Option<String>,
    /// A file (mode 0600) with the password.
    pub password_file: Option<PathBuf>,
}

/// How the root key is kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SealConfig {
    /// The key file; `seal.key` in the data directory when absent. Keep it
    /// elsewhere than the backups. Not used once the seal is rekeyed to a
    /// passphrase or to shares.
    pub key_file: Option<PathBuf>,
}

/// Sessions and sign-in.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignInConfig {
    /// Minutes without use after which a session ends (at most 60).
    pub idle_minutes: u32,
    /// Hours after which a session ends in any case (at most 24).
    pub absolute_hours: u32,
    /// A file of breached passwords: SHA-1 in upper-case hex, one a line, sorted.
    pub breach_list: Option<PathBuf>,
}

/// Outgoing mail.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// The SMTP server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailTls,
    /// The sender: `Doorward <doorward@example.com>`.
    pub from: String,
    /// The user, when the server asks for one.
    #[serde(default)]
    pub user: Option<String>,
    /// A file (mode 0600) with the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

/// How a mail connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// STARTTLS, required.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None: loopback only.
    None,
}

/// Where Doorward may send HTTP requests of its own.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OutboundConfig {
    /// Private or loopback blocks (CIDR) that webhooks and logout notices may
    /// reach. Public addresses always may; all others never.
    pub allow: Vec<String>,
    /// Further CAs (PEM) to trust.
    pub ca_file: Option<PathBuf>,
}

/// What operators read.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// A level, or a list as `info,doorward_gate_ssh=debug`.
    pub filter: String,
    /// How it is written.
    pub format: LogFormat,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            node: "node-1".to_owned(),
            http: HttpConfig::default(),
            ssh: SshConfig::default(),
            database: DatabaseConfig::default(),
            seal: SealConfig::default(),
            signin: SignInConfig::default(),
            mail: None,
            outbound: OutboundConfig::default(),
            log: LogConfig::default(),
        }
    }
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            origin: "https://localhost:8443".to_owned(),
            certificate: None,
            private_key: None,
            names: Vec::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for SshConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: SocketAddr::from(([127, 0, 0, 1], 2222)),
            user_cas: Vec::new(),
            source_addresses: Vec::new(),
        }
    }
}

impl Default for SignInConfig {
    fn default() -> Self {
        Self { idle_minutes: 30, absolute_hours: 12, breach_list: None }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

/// Why the configuration was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, or a field is unknown or of the wrong kind; the
    /// message points at the line.
    #[error("{path}: {message}")]
    Parse {
        /// Which file.
        path: String,
        /// Line, column and what is wrong.
        message: String,
    },
    /// An environment variable names no field, or holds a wrong value.
    #[error("environment variable {name}: {message}")]
    Environment {
        /// Which.
        name: String,
        /// What is wrong.
        message: String,
    },
    /// A value cannot be.
    #[error("{field}: {message}")]
    Value {
        /// Which field.
        field: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
}

const PREFIX: &str = "DOORWARD_";

impl Config {
    /// Reads the file, when there is one, lays the environment over it
    /// (`DOORWARD_HTTP__ORIGIN` is `http.origin`) and checks every value.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = match file {
            None => toml::Table::new(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
                // Parsed as the real thing first, so that the error points at the line.
                let _: Config = toml::from_str(&text).map_err(|e| ConfigError::Parse {
                    path: path.display().to_string(),
                    message: e.to_string(),
                })?;
                toml::from_str(&text).map_err(|e| ConfigError::Parse {
                    path: path.display().to_string(),
                    message: e.to_string(),
                })?
            }
        };
        for (name, value) in environment {
            // INVARIANT: one underscore joins words, two go one level down.
            // Variables without a level are the command line's own.
            let Some(path) = name.strip_prefix(PREFIX) else { continue };
            let path = path.to_ascii_lowercase();
            if !path.contains("__") && path != "data_dir" && path != "node" {
                continue;
            }
            overlay(&mut table, &path, &value)
                .map_err(|message| ConfigError::Environment { name, message })?;
        }
        let config: Config = table.try_into().map_err(|e: toml::de::Error| ConfigError::Parse {
            path: "configuration with environment".to_owned(),
            message: e.to_string(),
        })?;
        config.check()?;
        Ok(config)
    }

    /// The JSON schema of the file.
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Config).to_value()
    }

    /// Refuses values that cannot be, naming the field and what to do.
    pub fn check(&self) -> Result<(), ConfigError> {
        let bad = |field, message: String| Err(ConfigError::Value { field, message });
        match url::Url::parse(&self.http.origin) {
            Ok(u)
                if u.scheme() == "https"
                    && u.origin().ascii_serialization() == self.http.origin => {}
            _ => {
                return bad(
                    "http.origin",
                    format!(
                        "{:?} is no origin; write it as https://host[:port], with no path and no final slash",
                        self.http.origin
                    ),
                );
            }
        }
        if self.http.certificate.is_some() != self.http.private_key.is_some() {
            return bad(
                "http.certificate",
                "set http.certificate and http.private_key together".to_owned(),
            );
        }
        for block in &self.http.trusted_proxies {
            if let Err(message) = Cidr::parse(block) {
                return bad("http.trusted_proxies", message);
            }
        }
        for block in &self.ssh.source_addresses {
            if let Err(message) = Cidr::parse(block) {
                return bad("ssh.source_addresses", message);
            }
        }
        for block in &self.outbound.allow {
            if let Err(message) = Cidr::parse(block) {
                return bad("outbound.allow", message);
            }
        }
        if !(1..=60).contains(&self.signin.idle_minutes) {
            return bad("signin.idle_minutes", "must be 1 to 60".to_owned());
        }
        if !(1..=24).contains(&self.signin.absolute_hours) {
            return bad("signin.absolute_hours", "must be 1 to 24".to_owned());
        }
        if let Some(url) = &self.database.url
            && !["sqlite:", "postgres://", "postgresql://"].iter().any(|p| url.starts_with(p))
        {
            return bad("database.url", "must begin with sqlite: or postgres://".to_owned());
        }
        if let Some(mail) = &self.mail {
            let loopback = mail.host == "localhost"
                || mail.host.parse::<IpAddr>().is_ok_and(|a| a.is_loopback());
            if mail.tls == MailTls::None && !loopback {
                return bad(
                    "mail.tls",
                    "none is for loopback only; use starttls or tls".to_owned(),
                );
            }
        }
        Ok(())
    }

    /// How long a session lives without use.
    pub fn session_idle(&self) -> Duration {
        Duration::from_secs(u64::from(self.signin.idle_minutes) * 60)
    }

    /// How long a session lives in any case.
    pub fn session_absolute(&self) -> Duration {
        Duration::from_secs(u64::from(self.signin.absolute_hours) * 3600)
    }
}

fn overlay(table: &mut toml::Table, path: &str, value: &str) -> Result<(), String> {
    let mut here = table;
    let mut parts = path.split("__").peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            here.insert(part.to_owned(), toml_value(value));
            return Ok(());
        }
        let next =
            here.entry(part.to_owned()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        here = next.as_table_mut().ok_or_else(|| format!("{part} is no section"))?;
    }
    Ok(())
}

/// `8443`, `true` and `["a", "b"]` are what they look like; all else is text.
fn toml_value(text: &str) -> toml::Value {
    let parsed = toml::from_str::<toml::Table>(&format!("v = {text}"));
    match parsed.ok().and_then(|mut t| t.remove("v")) {
        Some(v @ (toml::Value::Integer(_) | toml::Value::Boolean(_) | toml::Value::Array(_))) => v,
        _ => toml::Value::String(text.to_owned()),
    }
}

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    base: IpAddr,
    bits: u8,
}

impl Cidr {
    /// `10.0.0.0/8`, `::1`, `127.0.0.1`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no address block; write 10.0.0.0/8 or 127.0.0.1");
        let (address, bits) = match text.split_once('/') {
            Some((a, b)) => (a, Some(b.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let base: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(wrong()) } else { Ok(Self { base, bits }) }
    }

    /// Whether the address lies in the block. An IPv4 address mapped into IPv6
    /// is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(b), IpAddr::V4(a)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                u32::from(b) & mask == u32::from(a) & mask
            }
            (IpAddr::V6(b), IpAddr::V6(a)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                u128::from(b) & mask == u128::from(a) & mask
            }
            _ => false,
        }
    }
}
