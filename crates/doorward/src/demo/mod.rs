//! `doorward demo`: a small organisation on real parts, to try everything on.

mod app;
mod seed;
pub mod sshd;

use std::net::SocketAddr;
use std::path::PathBuf;

use doorward_core::Env;
use doorward_runtime::config::{Config, HttpConfig, OutboundConfig, SshConfig};
use doorward_runtime::tls;

use crate::house::{House, HouseError};
use sshd::{Lifetime, Sshd};

pub use seed::{APPLICATION_PORT, Client, Seeded};

/// What the demo is started with.
#[derive(Clone, Debug)]
pub struct DemoConfig {
    /// Where it keeps everything.
    pub data_dir: PathBuf,
    /// Where HTTPS is answered.
    pub https_port: u16,
    /// Where SSH is answered.
    pub ssh_port: u16,
    /// The folder of the everyday application; it is left out when absent.
    pub app: Option<PathBuf>,
}

/// A demo that runs; everything ends with it.
pub struct Demo {
    /// The house.
    pub house: House,
    /// Whom it made, and their one-time links.
    pub seeded: Seeded,
    _hosts: Vec<Sshd>,
    _app: Option<app::App>,
}

impl Demo {
    /// Starts targets, house and application, and seeds the organisation when the
    /// house is empty.
    pub async fn start(config: DemoConfig, env: Env) -> Result<Self, HouseError> {
        let other = |what: &str, e: std::io::Error| HouseError::Other(format!("{what}: {e}"));
        let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let settings = Config {
            data_dir: config.data_dir.clone(),
            node: "demo".to_owned(),
            http: HttpConfig {
                listen: loopback(config.https_port),
                origin: format!("https://localhost:{}", config.https_port),
                ..HttpConfig::default()
            },
            ssh: SshConfig { listen: loopback(config.ssh_port), ..SshConfig::default() },
            // The application of the demo is told of sign-outs on loopback.
            outbound: OutboundConfig {
                allow: vec!["127.0.0.1".to_owned(), "::1".to_owned()],
                ca_file: None,
            },
            ..Config::default()
        };
        let house = House::start(settings, env.clone()).await?;
        let mut hosts = Vec::new();
        for (target, account) in [("web-1", "deploy"), ("dev-1", "develop")] {
            let folder = config.data_dir.join("hosts").join(target);
            let sshd = Sshd::start(&env, &folder, account, Lifetime::Keep)
                .await
                .map_err(|e| other(target, e))?;
            hosts.push(sshd);
        }
        let seeded = house.seed(&hosts).await?;
        let app = match &config.app {
            Some(folder) => {
                let ca = tls::ca_path(&config.data_dir);
                Some(
                    app::App::start(folder, house.config(), &seeded.application, &ca)
                        .map_err(|e| other("the application", e))?,
                )
            }
            None => None,
        };
        Ok(Self { house, seeded, _hosts: hosts, _app: app })
    }
}
