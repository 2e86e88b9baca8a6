//! Changing the credential of an account on its host.
//!
//! A password is changed by `chpasswd` when the account is root, by the dialog
//! of `passwd` otherwise; a key by a new line in `authorized_keys` in place of
//! the old one. Neither ever stands on a command line. The proof is a new login.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use doorward_core::{Env, Secret};
use doorward_gate::{
    Credential, HostAccount, Rotator, RotatorError, SessionCertificate, Sources, StoredCredential,
};
use russh::keys::{PrivateKey, PublicKey};
use russh::{ChannelMsg, client};

use crate::settings::TargetSettings;
use crate::target::{self, ConnectError, Target};

/// How long a host may take to answer one line.
const PATIENCE: Duration = Duration::from_secs(20);

/// Puts the line that stdin gives second in place of the one it gives first.
/// The names of both are random, and the file changes in one step.
const REPLACE: &str = "set -eu; umask 077; cd; mkdir -p .ssh; IFS= read -r old; IFS= read -r new; \
    f=.ssh/authorized_keys; t=$(mktemp .ssh/.doorward.XXXXXX); \
    if [ -f \"$f\" ]; then grep -vF -- \"$old\" \"$f\" > \"$t\" || true; fi; \
    printf '%s\\n' \"$new\" >> \"$t\"; mv \"$t\" \"$f\"; echo doorward-done";

/// Rotates on targets of kind `ssh`.
pub struct SshRotator {
    env: Env,
    sources: Sources,
}

impl SshRotator {
    /// With this clock.
    pub fn new(env: Env) -> Self {
        Self { env, sources: Sources::default() }
    }

    /// Where targets see this node's connections come from.
    #[must_use]
    pub fn from(self, sources: Sources) -> Self {
        Self { sources, ..self }
    }

    async fn login(
        &self,
        host: &HostAccount,
        credential: &StoredCredential,
    ) -> Result<Result<Target, ConnectError>, RotatorError> {
        self.enter(host, injected(credential)).await
    }

    async fn enter(
        &self,
        host: &HostAccount,
        credential: Credential,
    ) -> Result<Result<Target, ConnectError>, RotatorError> {
        let settings =
            TargetSettings::read(&host.settings).map_err(|e| RotatorError(e.to_string()))?;
        let now = self.env.now();
        Ok(target::connect(&settings, &host.name, credential, now).await)
    }
}

fn injected(credential: &StoredCredential) -> Credential {
    match credential {
        StoredCredential::Password(text) => Credential::Password(text.clone()),
        StoredCredential::PrivateKey(text) => Credential::PrivateKey(text.clone()),
    }
}

fn failed(e: impl std::fmt::Display) -> RotatorError {
    RotatorError(e.to_string())
}

#[async_trait]
impl Rotator for SshRotator {
    async fn change(
        &self,
        host: &HostAccount,
        current: &StoredCredential,
        new: &StoredCredential,
    ) -> Result<(), RotatorError> {
        let target = self.login(host, current).await?.map_err(failed)?;
        let work = async {
            match (current, new) {
                (_, StoredCredential::Password(new)) if host.name == "root" => {
                    chpasswd(&target, &host.name, new).await
                }
                (StoredCredential::Password(old), StoredCredential::Password(new)) => {
                    passwd(&target, old, new).await
                }
                (StoredCredential::PrivateKey(old), StoredCredential::PrivateKey(new)) => {
                    authorized_keys(&target, old, new).await
                }
                _ => Err(RotatorError(
                    "a password can be rotated to a password, a key to a key".to_owned(),
                )),
            }
        };
        tokio::time::timeout(PATIENCE, work)
            .await
            .map_err(|_| RotatorError("the host did not answer in time".to_owned()))?
    }

    async fn prove(
        &self,
        host: &HostAccount,
        credential: &StoredCredential,
    ) -> Result<bool, RotatorError> {
        proven(self.login(host, credential).await?)
    }

    fn sources(&self) -> Sources {
        self.sources.clone()
    }

    async fn prove_certificate(
        &self,
        host: &HostAccount,
        made: SessionCertificate,
    ) -> Result<bool, RotatorError> {
        let shown = Credential::Certificate { key: made.key, certificate: made.line };
        proven(self.enter(host, shown).await?)
    }
}

fn proven(entered: Result<Target, ConnectError>) -> Result<bool, RotatorError> {
    match entered {
        Ok(_) => Ok(true),
        Err(ConnectError::Credential { .. } | ConnectError::Certificate { .. }) => Ok(false),
        Err(e) => Err(failed(e)),
    }
}

type Channel = russh::Channel<client::Msg>;

async fn open(target: &Target) -> Result<Channel, RotatorError> {
    target.handle.channel_open_session().await.map_err(failed)
}

/// Runs a command with this input; gives its output and exit status.
async fn run(
    target: &Target,
    command: &str,
    input: &Secret<String>,
) -> Result<(String, u32), RotatorError> {
    let mut channel = open(target).await?;
    channel.exec(true, command).await.map_err(failed)?;
    channel.data_bytes(Bytes::copy_from_slice(input.expose().as_bytes())).await.map_err(failed)?;
    channel.eof().await.map_err(failed)?;
    let (mut output, mut status) = (Vec::new(), None);
    while let Some(message) = channel.wait().await {
        match message {
            ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }
                if output.len() < 16 << 10 =>
            {
                output.extend_from_slice(&data);
            }
            ChannelMsg::ExitStatus { exit_status } => status = Some(exit_status),
            ChannelMsg::Close => break,
            _ => {}
        }
    }
    let status = status.ok_or_else(|| RotatorError("the host broke off".to_owned()))?;
    Ok((String::from_utf8_lossy(&output).into_owned(), status))
}

async fn chpasswd(
    target: &Target,
    account: &str,
    new: &Secret<String>,
) -> Result<(), RotatorError> {
    let line = Secret::new(format!("{account}:{}\n", new.expose()));
    match run(target, "chpasswd", &line).await? {
        (_, 0) => Ok(()),
        (_, status) => Err(RotatorError(format!("chpasswd ended with status {status}"))),
    }
}

/// The dialog of `passwd`: the current one, the new one, the new one again.
async fn passwd(
    target: &Target,
    old: &Secret<String>,
    new: &Secret<String>,
) -> Result<(), RotatorError> {
    let mut channel = open(target).await?;
    // A terminal without echo, so that nothing of it comes back.
    let modes = [(russh::Pty::ECHO, 0)];
    channel.request_pty(false, "dumb", 200, 24, 0, 0, &modes).await.map_err(failed)?;
    channel.set_env(false, "LC_ALL", "C").await.map_err(failed)?;
    channel.exec(true, "LC_ALL=C passwd").await.map_err(failed)?;
    let mut answers = vec![new.clone(), new.clone(), old.clone()];
    let (mut screen, mut asked, mut status) = (String::new(), 0, None);
    while let Some(message) = channel.wait().await {
        match message {
            ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. } => {
                screen.push_str(&String::from_utf8_lossy(&data));
                if screen.len() > 16 << 10 {
                    return Err(RotatorError("passwd says too much".to_owned()));
                }
                let prompts = screen.to_lowercase().matches("password:").count();
                while asked < prompts {
                    asked += 1;
                    let Some(answer) = answers.pop() else {
                        return Err(RotatorError("passwd asks more than expected".to_owned()));
                    };
                    let line = Secret::new(format!("{}\n", answer.expose()));
                    let bytes = Bytes::copy_from_slice(line.expose().as_bytes());
                    channel.data_bytes(bytes).await.map_err(failed)?;
                }
            }
            ChannelMsg::ExitStatus { exit_status } => status = Some(exit_status),
            ChannelMsg::Close => break,
            _ => {}
        }
    }
    match status {
        Some(0) => Ok(()),
        Some(status) => Err(RotatorError(format!("passwd ended with status {status}"))),
        None => Err(RotatorError("the host broke off".to_owned())),
    }
}

async fn authorized_keys(
    target: &Target,
    old: &Secret<String>,
    new: &Secret<String>,
) -> Result<(), RotatorError> {
    let public = |text: &Secret<String>| -> Result<PublicKey, RotatorError> {
        let key = PrivateKey::from_openssh(text.expose()).map_err(failed)?;
        Ok(PublicKey::new(key.public_key().key_data().clone(), ""))
    };
    let old = public(old)?.to_openssh().map_err(failed)?;
    let new = public(new)?.to_openssh().map_err(failed)?;
    let input = Secret::new(format!("{}\n{} doorward\n", old.trim(), new.trim()));
    match run(target, &format!("sh -c '{}'", REPLACE.replace('\'', "'\\''")), &input).await? {
        (output, 0) if output.contains("doorward-done") => Ok(()),
        (_, status) => {
            Err(RotatorError(format!("authorized_keys cannot be changed (status {status})")))
        }
    }
}
