//! What a host shows of itself before anybody trusts it: its keys, one connection
//! for each kind. Nothing is learned from it here, nothing is sent to it after the
//! key exchange; a person compares the keys with the host's own and pins them.

use std::sync::{Arc, Mutex, PoisonError};

use doorward_gate::{HostKey, SettingsError};
use russh::client;
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PublicKey, PublicKeyOrCertificate};
use tokio::net::TcpStream;

use crate::algorithms;
use crate::settings::TargetSettings;

/// Takes the key that is shown, and refuses it.
struct Looking(Arc<Mutex<Option<PublicKey>>>);

impl client::Handler for Looking {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        key: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        if let PublicKeyOrCertificate::PublicKey { key, .. } = key {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        }
        Ok(false)
    }
}

/// The kinds that are asked for, the best first.
fn kinds() -> [Vec<Algorithm>; 3] {
    let rsa = |hash| Algorithm::Rsa { hash: Some(hash) };
    [
        vec![Algorithm::Ed25519],
        vec![Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 }],
        vec![rsa(HashAlg::Sha512), rsa(HashAlg::Sha256)],
    ]
}

async fn shown(
    settings: &TargetSettings,
    kinds: Vec<Algorithm>,
) -> Result<Option<PublicKey>, SettingsError> {
    let unreachable = |problem: String| SettingsError { field: "host".to_owned(), problem };
    let at = format!("{} port {}", settings.host, settings.port);
    let found = Arc::new(Mutex::new(None));
    let work = async {
        let socket = TcpStream::connect((settings.host.as_str(), settings.port))
            .await
            .map_err(|e| unreachable(format!("{at} cannot be reached: {e}")))?;
        // It ends with a refusal, always; what was shown before is what is wanted.
        let config = algorithms::client(kinds, false);
        let _ = client::connect_stream(config, socket, Looking(found.clone())).await;
        Ok(())
    };
    tokio::time::timeout(settings.patience(), work)
        .await
        .map_err(|_| unreachable(format!("{at} did not answer in time")))??;
    Ok(found.lock().unwrap_or_else(PoisonError::into_inner).take())
}

/// The keys of the host that these settings name; they need not pin one yet.
pub(crate) async fn host_keys(value: &serde_json::Value) -> Result<Vec<HostKey>, SettingsError> {
    let settings = TargetSettings::place(value)?;
    let mut keys = Vec::new();
    for kind in kinds() {
        let Some(key) = shown(&settings, kind).await? else { continue };
        let line = key.to_openssh().map_err(|e| SettingsError {
            field: "host".to_owned(),
            problem: format!("it shows a key that cannot be written: {e}"),
        })?;
        keys.push(HostKey { line, fingerprint: key.fingerprint(HashAlg::Sha256).to_string() });
    }
    if keys.is_empty() {
        return Err(SettingsError {
            field: "host".to_owned(),
            problem: format!("{} port {} shows no SSH host key", settings.host, settings.port),
        });
    }
    Ok(keys)
}
