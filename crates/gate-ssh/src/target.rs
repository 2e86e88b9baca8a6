//! The way to a target: connect, check its host key, prove ourselves with the
//! vault's credential, and hand on what it says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use doorward_core::Timestamp;
use doorward_gate::Credential;
use russh::client::{self, AuthResult, KeyboardInteractiveAuthResponse};
use russh::keys::ssh_key::certificate::CertType;
use russh::keys::{
    Algorithm, Certificate, HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey,
    PublicKeyOrCertificate,
};
use russh::{ChannelId, ChannelOpenFailure, Sig};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::algorithms;
use crate::certificate;
use crate::flow::{Drain, Feed, Valve, flow};
use crate::settings::TargetSettings;
use crate::transport::Cuttable;

/// What a target's channel says.
#[derive(Debug)]
pub(crate) enum Down {
    Data(Bytes),
    Extended(u32, Bytes),
    Eof,
    ExitStatus(u32),
    ExitSignal {
        signal: Sig,
        core_dumped: bool,
        message: String,
    },
    /// A request was refused.
    Refused,
    Close,
}

impl Down {
    fn weight(&self) -> usize {
        match self {
            Self::Data(bytes) | Self::Extended(_, bytes) => bytes.len(),
            _ => 0,
        }
    }
}

/// Why a target cannot be reached. Sentences for the person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("{host} port {port} cannot be reached: {why}")]
    Unreachable { host: String, port: u16, why: String },
    #[error("{host} port {port} did not {what} within {seconds} seconds")]
    Slow { host: String, port: u16, what: &'static str, seconds: u64 },
    #[error(
        "{host} shows another host key ({shown}) than the one that is pinned; the connection is \
         refused and the change is recorded. An administrator must compare the keys"
    )]
    HostKey { host: String, shown: String },
    #[error("{host} did not accept the credential that the vault holds for it")]
    Credential { host: String },
    #[error(
        "{host} did not accept the certificate of this session; its sshd must trust what \
         `doorward targets ca` prints (TrustedUserCAKeys)"
    )]
    Certificate { host: String },
    #[error("the credential that the vault holds for {host} cannot be used: {why}")]
    Unusable { host: String, why: String },
    #[error("{host} port {port} broke off: {why}")]
    Broken { host: String, port: u16, why: String },
}

/// Channels of a target, by their number, and who takes what they say.
#[derive(Default)]
pub(crate) struct Router(Mutex<HashMap<ChannelId, Route>>);

struct Route {
    feed: Feed<Down>,
    /// Until somebody takes it: bytes may come before the opener knows the number.
    drain: Option<Drain<Down>>,
}

impl Router {
    fn with<T>(&self, id: ChannelId, f: impl FnOnce(&mut Route) -> T) -> T {
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f(routes.entry(id).or_insert_with(|| {
            let (feed, drain) = flow();
            Route { feed, drain: Some(drain) }
        }))
    }

    fn feed(&self, id: ChannelId) -> Feed<Down> {
        self.with(id, |route| route.feed.clone())
    }

    /// What the channel says; once.
    pub fn take(&self, id: ChannelId) -> Option<Drain<Down>> {
        self.with(id, |route| route.drain.take())
    }

    fn forget(&self, id: ChannelId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    fn close_all(&self) {
        // Dropping the feeds ends every drain.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A target that took the credential.
pub(crate) struct Target {
    pub handle: client::Handle<Hostile>,
    pub router: Arc<Router>,
    /// Whether anything may pass.
    pub valve: Valve,
    /// Cancel it and not one byte more comes or goes.
    pub cut: CancellationToken,
    /// Cancelled when the target is gone.
    pub gone: CancellationToken,
}

impl Drop for Target {
    fn drop(&mut self) {
        self.cut.cancel();
    }
}

/// Handles what a target sends; all of it may be hostile.
pub(crate) struct Hostile {
    pinned: Pinned,
    shown: Arc<Mutex<Option<String>>>,
    router: Arc<Router>,
    valve: Valve,
    cut: CancellationToken,
    gone: CancellationToken,
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.router.close_all();
        self.gone.cancel();
    }
}

struct Pinned {
    host: String,
    keys: Vec<PublicKey>,
    authority: Option<PublicKey>,
    now: Timestamp,
}

impl Pinned {
    fn of(settings: &TargetSettings, now: Timestamp) -> Self {
        Self {
            host: settings.host.clone(),
            keys: settings.host_keys.iter().filter_map(|line| line.key()).collect(),
            authority: settings.host_ca.as_ref().and_then(|ca| ca.key()),
            now,
        }
    }

    fn algorithms(&self) -> Vec<Algorithm> {
        let mut found = Vec::new();
        for key in &self.keys {
            match key.algorithm() {
                Algorithm::Rsa { .. } => found.extend([
                    Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
                    Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
                ]),
                other => found.push(other),
            }
        }
        found
    }

    fn accept(&self, shown: &PublicKeyOrCertificate) -> bool {
        match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => {
                self.keys.iter().any(|k| k.key_data() == key.key_data())
            }
            PublicKeyOrCertificate::Certificate(certificate) => self.certified(certificate),
        }
    }

    fn certified(&self, certificate: &Certificate) -> bool {
        let Ok(now) = u64::try_from(self.now.secs()) else { return false };
        self.authority.as_ref().is_some_and(|ca| ca.key_data() == certificate.signature_key())
            && certificate.cert_type() == CertType::Host
            && certificate.valid_principals().contains(&self.host)
            && certificate.valid_after() <= now
            && now < certificate.valid_before()
            && certificate.critical_options().is_empty()
            && certificate.verify_signature().is_ok()
    }
}

fn describe(shown: &PublicKeyOrCertificate) -> String {
    match shown {
        PublicKeyOrCertificate::PublicKey { key, .. } => {
            format!("{} {}", key.algorithm(), key.fingerprint(HashAlg::Sha256))
        }
        PublicKeyOrCertificate::Certificate(c) => format!("certificate {:?}", c.key_id()),
    }
}

/// Connects and proves ourselves. The error names the host key that was shown,
/// when it was not a pinned one.
pub(crate) async fn connect(
    settings: &TargetSettings,
    account: &str,
    credential: Credential,
    now: Timestamp,
) -> Result<Target, ConnectError> {
    let patience = settings.patience();
    let slow = |what| ConnectError::Slow {
        host: settings.host.clone(),
        port: settings.port,
        what,
        seconds: patience.as_secs(),
    };
    let cut = CancellationToken::new();
    let guard = cut.clone().drop_guard();
    let mut target = tokio::time::timeout(patience, reach(settings, now, &cut))
        .await
        .map_err(|_| slow("answer"))??;
    tokio::time::timeout(patience, prove(&mut target, settings, account, credential, now))
        .await
        .map_err(|_| slow("take the credential"))??;
    guard.disarm();
    Ok(target)
}

async fn reach(
    settings: &TargetSettings,
    now: Timestamp,
    cut: &CancellationToken,
) -> Result<Target, ConnectError> {
    let (host, port) = (settings.host.clone(), settings.port);
    let socket = TcpStream::connect((host.as_str(), port))
        .await
        .map_err(|e| ConnectError::Unreachable { host: host.clone(), port, why: plain(&e) })?;
    let _ = socket.set_nodelay(true);
    let pinned = Pinned::of(settings, now);
    let config = algorithms::client(pinned.algorithms(), pinned.authority.is_some());
    let router = Arc::new(Router::default());
    let shown = Arc::new(Mutex::new(None));
    let gone = CancellationToken::new();
    let valve = Valve::new();
    let handler = Hostile {
        pinned,
        shown: shown.clone(),
        router: router.clone(),
        valve: valve.clone(),
        cut: cut.clone(),
        gone: gone.clone(),
    };
    let connected = client::connect_stream(config, Cuttable::new(socket, cut), handler).await;
    match connected {
        Ok(handle) => Ok(Target { handle, router, valve, cut: cut.clone(), gone }),
        Err(e) => {
            let other = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
            Err(match (other, e) {
                (Some(shown), _) => ConnectError::HostKey { host, shown },
                // It has no host key of the pinned kind: it cannot be the same host.
                (None, russh::Error::NoCommonAlgo { kind: russh::AlgorithmKind::Key, .. }) => {
                    ConnectError::HostKey { host, shown: "of another kind".to_owned() }
                }
                (None, e) => ConnectError::Broken { host, port, why: e.to_string() },
            })
        }
    }
}

fn plain(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        std::io::ErrorKind::TimedOut => "timed out".to_owned(),
        _ => e.to_string(),
    }
}

async fn prove(
    target: &mut Target,
    settings: &TargetSettings,
    account: &str,
    credential: Credential,
    now: Timestamp,
) -> Result<(), ConnectError> {
    let host = || settings.host.clone();
    let broken = |e: russh::Error| ConnectError::Broken {
        host: host(),
        port: settings.port,
        why: e.to_string(),
    };
    let unusable = |why: &str| ConnectError::Unusable { host: host(), why: why.to_owned() };
    let private = |text: &str| -> Result<Arc<PrivateKey>, ConnectError> {
        let key = PrivateKey::from_openssh(text)
            .map_err(|_| unusable("it is no private key in OpenSSH's format"))?;
        if key.is_encrypted() {
            return Err(unusable("it is protected by a passphrase"));
        }
        // RUSTSEC-2023-0071: no RSA private-key operation goes through `rsa`.
        if key.algorithm().is_rsa() {
            return Err(unusable("RSA keys are not used; make an Ed25519 key"));
        }
        Ok(Arc::new(key))
    };
    let refused = match &credential {
        Credential::Certificate { .. } => ConnectError::Certificate { host: host() },
        _ => ConnectError::Credential { host: host() },
    };
    let handle = &mut target.handle;
    let done = match credential {
        Credential::Password(password) => {
            let result =
                handle.authenticate_password(account, password.expose()).await.map_err(broken)?;
            match result {
                AuthResult::Success => true,
                AuthResult::Failure { remaining_methods, .. } => {
                    remaining_methods.contains(&russh::MethodKind::KeyboardInteractive)
                        && answer(handle, account, password.expose()).await.map_err(broken)?
                }
            }
        }
        Credential::PrivateKey(text) => {
            let key = PrivateKeyWithHashAlg::new(private(text.expose())?, None);
            handle.authenticate_publickey(account, key).await.map_err(broken)?.success()
        }
        Credential::Certificate { key, certificate } => {
            let certificate = Certificate::from_openssh(&certificate)
                .map_err(|_| unusable("its certificate cannot be read"))?;
            certificate::opens(&certificate, account, now)
                .map_err(|why| unusable(&why.to_string()))?;
            handle
                .authenticate_openssh_cert(account, private(key.expose())?, certificate)
                .await
                .map_err(broken)?
                .success()
        }
    };
    if done { Ok(()) } else { Err(refused) }
}

/// Gives the password where a target asks for it in a dialog of one hidden line.
async fn answer(
    handle: &mut client::Handle<Hostile>,
    account: &str,
    password: &str,
) -> Result<bool, russh::Error> {
    let mut said = false;
    let mut response = handle.authenticate_keyboard_interactive_start(account, None).await?;
    for _ in 0..4 {
        let answers = match &response {
            KeyboardInteractiveAuthResponse::Success => return Ok(true),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                match prompts.as_slice() {
                    [] => Vec::new(),
                    // Given once, and only where it is not shown.
                    [prompt] if !prompt.echo && !said => {
                        said = true;
                        vec![password.to_owned()]
                    }
                    _ => return Ok(false),
                }
            }
        };
        response = handle.authenticate_keyboard_interactive_respond(answers).await?;
    }
    Ok(false)
}

impl Hostile {
    async fn say(&self, id: ChannelId, down: Down) -> Result<(), russh::Error> {
        let feed = self.router.feed(id);
        let weight = down.weight();
        feed.put(down, weight);
        if feed.high() && self.valve.is_shut() {
            // Nothing comes from the other side either: it can wait as long as it takes.
            tokio::select! {
                () = self.valve.passable() => {}
                () = self.cut.cancelled() => return Err(russh::Error::Disconnect),
            }
        }
        feed.ease().await.map_err(|_| russh::Error::Disconnect)
    }
}

impl client::Handler for Hostile {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        key: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        let good = self.pinned.accept(key);
        if !good {
            *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(describe(key));
        }
        Ok(good)
    }

    async fn data(
        &mut self,
        id: ChannelId,
        data: &[u8],
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        self.say(id, Down::Data(Bytes::copy_from_slice(data))).await
    }

    async fn extended_data(
        &mut self,
        id: ChannelId,
        kind: u32,
        data: &[u8],
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        self.say(id, Down::Extended(kind, Bytes::copy_from_slice(data))).await
    }

    async fn channel_eof(
        &mut self,
        id: ChannelId,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        self.say(id, Down::Eof).await
    }

    async fn channel_close(
        &mut self,
        id: ChannelId,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        let said = self.say(id, Down::Close).await;
        // Whoever drains it keeps what was put in; the number may be used again.
        if self.router.with(id, |route| route.drain.is_none()) {
            self.router.forget(id);
        }
        said
    }

    async fn exit_status(
        &mut self,
        id: ChannelId,
        status: u32,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        self.say(id, Down::ExitStatus(status)).await
    }

    async fn exit_signal(
        &mut self,
        id: ChannelId,
        signal: Sig,
        core_dumped: bool,
        message: &str,
        _: &str,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        let message = message.chars().take(256).collect();
        self.say(id, Down::ExitSignal { signal, core_dumped, message }).await
    }

    async fn channel_failure(
        &mut self,
        id: ChannelId,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        self.say(id, Down::Refused).await
    }

    // A target opens nothing towards us: every such handle is refused.

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _: russh::Channel<client::Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        reply: client::ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        Ok(())
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _: russh::Channel<client::Msg>,
        _: &str,
        reply: client::ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        Ok(())
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _: russh::Channel<client::Msg>,
        reply: client::ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        Ok(())
    }

    async fn server_channel_open_session(
        &mut self,
        _: russh::Channel<client::Msg>,
        reply: client::ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        Ok(())
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _: russh::Channel<client::Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        reply: client::ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        Ok(())
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _: russh::Channel<client::Msg>,
        _: &str,
        reply: client::ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        Ok(())
    }

    async fn server_channel_open_x11(
        &mut self,
        _: russh::Channel<client::Msg>,
        _: &str,
        _: u32,
        reply: client::ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), Self::Error> {
        reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        Ok(())
    }
}
