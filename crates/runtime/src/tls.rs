//! TLS 1.3 for the server, and Doorward's own CA for those who bring no
//! certificate: in the data directory, made at first start, its leaf renewed
//! before it ends.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use doorward_core::{Env, Timestamp};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Config;
use crate::files::{self, FileError};

#[cfg(test)]
mod tests;

const CA_YEARS: u64 = 10;
const LEAF_DAYS: u64 = 90;
const RENEW_DAYS: u64 = 30;
const DAY: u64 = 86_400;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A certificate or key that cannot be read.
    #[error("{path}: {message}")]
    Pem {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A certificate could not be made.
    #[error("cannot issue a certificate")]
    Issue(#[from] rcgen::Error),
    /// The library refused the configuration.
    #[error("TLS configuration refused")]
    Tls(#[from] rustls::Error),
    /// The origin has no host.
    #[error("http.origin has no host")]
    Origin,
}

/// Where the CA's certificate lies.
pub fn ca_path(data_dir: &Path) -> PathBuf {
    data_dir.join("tls/ca.pem")
}

/// The provider, the only one: aws-lc-rs with post-quantum key exchange first.
pub fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// The server's configuration: the operator's certificate, or one of our CA's.
pub fn server(config: &Config, env: &Env) -> Result<rustls::ServerConfig, TlsError> {
    let (chain, key) = match (&config.http.certificate, &config.http.private_key) {
        (Some(certificate), Some(key)) => {
            files::check_mode(key, 0o600)?;
            (certificate.clone(), key.clone())
        }
        _ => issued(config, env)?,
    };
    let pem = |path: &Path, message: String| TlsError::Pem { path: path.to_owned(), message };
    let certificates = CertificateDer::pem_file_iter(&chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| pem(&chain, e.to_string()))?;
    let private = PrivateKeyDer::from_pem_file(&key).map_err(|e| pem(&key, e.to_string()))?;
    let mut tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(certificates, private)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// Makes sure that the CA exists, and gives its certificate's path.
pub fn ensure_ca(data_dir: &Path, env: &Env) -> Result<PathBuf, TlsError> {
    let dir = data_dir.join("tls");
    files::private_dir(&dir)?;
    let (certificate, key) = (ca_path(data_dir), dir.join("ca.key"));
    if certificate.exists() && key.exists() {
        files::check_mode(&key, 0o600)?;
        return Ok(certificate);
    }
    let pair = rcgen::KeyPair::generate()?;
    let ca = ca_params(env.now()).self_signed(&pair)?;
    files::write_private(&key, pair.serialize_pem().as_bytes())?;
    files::write_public(&certificate, ca.pem().as_bytes())?;
    Ok(certificate)
}

fn ca_params(now: Timestamp) -> rcgen::CertificateParams {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Doorward CA");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
    params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign, rcgen::KeyUsagePurpose::CrlSign];
    valid_for(&mut params, now, Duration::from_secs(CA_YEARS * 365 * DAY));
    params
}

fn issued(config: &Config, env: &Env) -> Result<(PathBuf, PathBuf), TlsError> {
    let ca = ensure_ca(&config.data_dir, env)?;
    let dir = config.data_dir.join("tls");
    let (chain, key) = (dir.join("server.pem"), dir.join("server.key"));
    let names = names(config)?;
    if key.exists() && still_good(&chain, &names, env.now()) {
        files::check_mode(&key, 0o600)?;
        return Ok((chain, key));
    }
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .map_err(|e| TlsError::Pem { path: path.to_owned(), message: e.to_string() })
    };
    let ca_pem = read(&ca)?;
    let ca_key = rcgen::KeyPair::from_pem(&read(&dir.join("ca.key"))?)?;
    let issuer = rcgen::Issuer::new(ca_params(env.now()), ca_key);
    let pair = rcgen::KeyPair::generate()?;
    let mut params = rcgen::CertificateParams::new(names.clone())?;
    if let Some(first) = names.first() {
        params.distinguished_name.push(rcgen::DnType::CommonName, first.as_str());
    }
    params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid_for(&mut params, env.now(), Duration::from_secs(LEAF_DAYS * DAY));
    let leaf = params.signed_by(&pair, &issuer)?;
    files::write_private(&key, pair.serialize_pem().as_bytes())?;
    files::write_public(&chain, format!("{}{ca_pem}", leaf.pem()).as_bytes())?;
    Ok((chain, key))
}

fn names(config: &Config) -> Result<Vec<String>, TlsError> {
    let origin = url::Url::parse(&config.http.origin).map_err(|_| TlsError::Origin)?;
    let host = origin.host_str().ok_or(TlsError::Origin)?.trim_matches(['[', ']']).to_owned();
    let mut names = vec![host];
    for name in config.http.names.iter().cloned().chain(
        ["localhost", "127.0.0.1", "::1"]
            .into_iter()
            .filter(|_| config.http.listen.ip().is_loopback())
            .map(str::to_owned),
    ) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Whether the leaf names all of `names` and has a month to live.
fn still_good(chain: &Path, names: &[String], now: Timestamp) -> bool {
    let Ok(der) = CertificateDer::from_pem_file(chain) else { return false };
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(&der) else { return false };
    let end = Timestamp::from_secs(certificate.validity().not_after.timestamp());
    let Ok(Some(san)) = certificate.subject_alternative_name() else { return false };
    let has = |name: &String| {
        san.value.general_names.iter().any(|g| match g {
            x509_parser::extensions::GeneralName::DNSName(d) => d == name,
            x509_parser::extensions::GeneralName::IPAddress(bytes) => {
                let address = match bytes.len() {
                    4 => <[u8; 4]>::try_from(*bytes).ok().map(IpAddr::from),
                    16 => <[u8; 16]>::try_from(*bytes).ok().map(IpAddr::from),
                    _ => None,
                };
                address.is_some_and(|a| name.parse() == Ok(a))
            }
            _ => false,
        })
    };
    now + Duration::from_secs(RENEW_DAYS * DAY) < end && names.iter().all(has)
}

fn valid_for(params: &mut rcgen::CertificateParams, now: Timestamp, length: Duration) {
    let at = |t: Timestamp| {
        time::OffsetDateTime::from_unix_timestamp(t.secs())
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
    };
    // A day of grace for clients whose clocks are behind.
    params.not_before = at(now - Duration::from_secs(DAY));
    params.not_after = at(now + length);
}
