//! The everyday application: a Node process that signs in through us.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use doorward_runtime::config::Config;

use super::seed::{APPLICATION_PORT, Client};

/// The running application; it ends when this is dropped.
pub(super) struct App(Child);

impl App {
    pub(super) fn start(
        folder: &Path,
        config: &Config,
        client: &Client,
        ca: &Path,
    ) -> io::Result<Self> {
        let ca = ca.canonicalize()?;
        let child = Command::new("node")
            .arg("server.mjs")
            .current_dir(folder)
            .env("ISSUER", &config.http.origin)
            .env("CLIENT_ID", &client.id)
            .env("CLIENT_SECRET", &client.secret)
            .env("PORT", APPLICATION_PORT.to_string())
            .env("NODE_EXTRA_CA_CERTS", ca)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self(child))
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
