//! The stock clients, as Alice uses them.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};

use super::Gatehouse;

impl Gatehouse {
    pub fn login(&self) -> String {
        format!("{}@web-1", self.sshd.account)
    }

    pub fn my_key(&self) -> PathBuf {
        self.dir.path().join("alice_key")
    }

    /// Options for any OpenSSH client, with this key.
    pub fn options(&self, key: &Path) -> Vec<String> {
        [
            "-F",
            "none",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "LogLevel=INFO",
            "-o",
            "IdentityAgent=none",
            "-i",
        ]
        .iter()
        .map(|s| (*s).to_owned())
        .chain([key.display().to_string()])
        .collect()
    }

    pub fn ssh(&self) -> Command {
        self.client("ssh", &["-p", &self.address.port().to_string(), "-o", "BatchMode=yes"])
    }

    pub fn client(&self, program: &str, more: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(self.options(&self.my_key())).args(more);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        command
    }

    pub fn at(&self) -> String {
        format!("{}@127.0.0.1", self.login())
    }

    pub fn answering(&self, command: &mut Command, answer: &str) {
        let script = self.dir.path().join("askpass");
        std::fs::write(&script, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        command.env("SSH_ASKPASS", &script).env("SSH_ASKPASS_REQUIRE", "force");
    }
}

pub async fn output(command: &mut Command) -> Output {
    tokio::time::timeout(Duration::from_secs(60), command.output()).await.expect("it ends").unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub async fn finished(child: Child) -> Output {
    tokio::time::timeout(Duration::from_secs(60), child.wait_with_output())
        .await
        .expect("it ends")
        .unwrap()
}
