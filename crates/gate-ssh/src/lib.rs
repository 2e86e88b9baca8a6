//! SSH, in and out.
//!
//! ```text
//!  person's ssh ──▶ server: who, may they ──▶ kernel (gate) ──▶ target's sshd
//!                     │ keyboard-interactive: code, link, reason, approval
//!                     └─ channels: requests and bytes, both ways, recorded
//! ```
//!
//! Owns: the SSH server that people reach, the SSH client that reaches targets,
//! what is read of SFTP and scp on the way, the rotation of credentials on hosts.
//! Promises: a key that is offered and not signed with proves nothing; the host
//! key of a target is the pinned one or there is no session; an agent, an X11
//! display or a socket is never forwarded, a port only if policy permits it.
//! Must not know: how people are identified, who may do what, where credentials
//! come from: the kernel knows.

mod algorithms;
mod certificate;
mod flow;
#[cfg(fuzzing)]
pub mod fuzz;
mod look;
mod rotate;
mod server;
mod settings;
mod sftp;
mod target;
mod transport;

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use doorward_core::Class;
use doorward_gate::{Gate, HostKey, Protocol, ServeError, SettingsError, Wire};
use tokio_util::sync::CancellationToken;

pub use rotate::SshRotator;
pub use settings::{PublicKeyLine, TargetSettings};

/// How the kernel names this protocol.
pub(crate) const WIRE: Wire = Wire { name: "ssh", class: Class::SshActivity };

/// What the operator sets for the gateway.
#[derive(Clone, Debug)]
pub struct SshSettings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Authorities (`ssh-ed25519 AAAA…`) whose user certificates are accepted.
    pub user_cas: Vec<String>,
    /// Where people find Doorward in the browser.
    pub origin: String,
}

/// SSH as a protocol of the house.
pub struct Ssh {
    settings: SshSettings,
    bound: tokio::sync::watch::Sender<Option<SocketAddr>>,
}

impl Ssh {
    /// With these settings.
    pub fn new(settings: SshSettings) -> Self {
        Self { settings, bound: tokio::sync::watch::channel(None).0 }
    }

    /// The address that it listens on, as soon as it does.
    pub async fn address(&self) -> Option<SocketAddr> {
        let mut bound = self.bound.subscribe();
        bound.wait_for(Option::is_some).await.ok().and_then(|b| *b)
    }
}

#[async_trait]
impl Protocol for Ssh {
    fn name(&self) -> &'static str {
        WIRE.name
    }

    fn settings_schema(&self) -> serde_json::Value {
        settings::schema()
    }

    fn check_settings(&self, settings: &serde_json::Value) -> Result<(), SettingsError> {
        TargetSettings::read(settings).map(|_| ())
    }

    async fn host_keys(&self, settings: &serde_json::Value) -> Result<Vec<HostKey>, SettingsError> {
        look::host_keys(settings).await
    }

    async fn serve(&self, gate: Gate, shutdown: CancellationToken) -> Result<(), ServeError> {
        let house = Arc::new(server::House::new(gate, &self.settings).await?);
        server::serve(house, self.settings.listen, &self.bound, shutdown).await
    }
}
