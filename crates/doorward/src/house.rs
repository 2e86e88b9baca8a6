//! A whole house: built, started, stopped.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use doorward_audit::tiles::Tiles;
use doorward_audit::{ORIGIN, Sequencer};
use doorward_core::lifecycle::SessionLimits;
use doorward_core::{Action, Actor, Class, Entity, Env, Event, Id as _, NodeId};
use doorward_directory::{Directory, SettingsCheck};
use doorward_gate::{Gate, GateConfig, Protocol as _, Registry, Sources};
use doorward_gate_ssh::{Ssh, SshRotator, SshSettings};
use doorward_grants::{Channel, Delivery, DeliveryError, Grants, HttpPost, Mail, Mailer, Webhooks};
use doorward_policy::{Engine, policies};
use doorward_runtime::config::{Cidr, Config};
use doorward_runtime::files::{self, FileError};
use doorward_runtime::{Shutdown, outbound, tls};
use doorward_signin::{Notice, Notify, SignIn, SignInConfig};
use doorward_sso::{KEY_PURPOSE, LOGOUT, LogoutTokenError, Oidc, SsoReviewer};
use doorward_store::cursor::Cursors;
use doorward_store::{Conn, Db, DbConfig, event, identity, outbox};
use doorward_vault::{SealConfig, Vault, keys, ssh_ca};
use doorward_watch::{Standing, Watch};
use doorward_web::{AppState, Streams, WebConfig};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::keys::{AUDIT, LogKey};

/// The purpose of the gateway's host key.
const SSH_HOST: &str = "ssh-host";
/// How often a sealed house looks whether it was unsealed.
const UNSEAL: Duration = Duration::from_millis(250);
/// How often the vault settles what was cut short and renews its keys.
const TEND: Duration = Duration::from_secs(60);
/// How long the tasks of a house may take to end.
const DRAIN: Duration = Duration::from_secs(10);

/// Why a house does not stand.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum HouseError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error("database")]
    Store(#[from] doorward_store::Error),
    #[error("vault")]
    Vault(#[from] doorward_vault::VaultError),
    #[error("policies")]
    Policy(#[from] policies::PolicyError),
    #[error("directory")]
    Directory(#[from] doorward_directory::Error),
    #[error("sign-in")]
    SignIn(#[from] doorward_signin::SignInError),
    #[error("mail")]
    Mail(#[from] doorward_grants::MailError),
    #[error("outbound requests")]
    Outbound(#[from] outbound::OutboundError),
    #[error("gateway")]
    Gate(#[from] doorward_gate::OpenError),
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("the policy does not let Doorward itself do {0}")]
    Refused(Action),
    #[error("{0}")]
    Other(String),
}

/// A house that runs.
pub struct House {
    /// Its rooms.
    pub state: AppState,
    /// Its log.
    pub sequencer: Arc<Sequencer>,
    /// Where HTTPS is answered.
    pub https: SocketAddr,
    /// Where SSH is answered, when it is.
    pub ssh: Option<SocketAddr>,
    config: Config,
    shutdown: Shutdown,
    tasks: JoinSet<()>,
}

struct Checked(Registry);

impl SettingsCheck for Checked {
    fn check(&self, kind: &str, settings: &serde_json::Value) -> Result<(), String> {
        self.0.check(kind, settings).map_err(|e| e.to_string())
    }
}

/// Mails people what happened to their authenticators, in its transaction.
struct Letters {
    mail: bool,
}

impl Notify for Letters {
    fn tell(&self, c: &Conn<'_>, env: &Env, notice: &Notice) -> doorward_store::Result<()> {
        let person = identity::find(c, notice.identity)?;
        if let (true, Some(to)) = (self.mail, person.and_then(|p| p.email)) {
            let body = serde_json::json!({
                "subject": "Your way into Doorward was changed",
                "text": format!("{}\n\nIf that was not you, tell your administrators now.\n", notice.text),
            });
            outbox::push(c, env, doorward_grants::MAIL, &to, &body)?;
        }
        Ok(())
    }
}

/// Delivers logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.5).
struct LogoutChannel(outbound::Client, Oidc);

#[async_trait]
impl Channel for LogoutChannel {
    async fn deliver(&self, row: &outbox::OutboxRow) -> Result<(), DeliveryError> {
        let token = self.1.logout_token(&row.body).map_err(|e| match e {
            LogoutTokenError::Form(e) => DeliveryError::Never(e.to_string()),
            LogoutTokenError::Vault(e) => DeliveryError::Later(e.to_string()),
        })?;
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("logout_token", &token)
            .finish();
        let kind = [("content-type", "application/x-www-form-urlencoded".to_owned())];
        match self.0.post(&row.destination, &kind, form.into_bytes()).await {
            Ok(status) if (200..300).contains(&status) => Ok(()),
            Ok(status) => Err(DeliveryError::Later(format!("it answered {status}"))),
            Err(e) => Err(DeliveryError::Later(e.to_string())),
        }
    }
}

/// The database's address, as the configuration means it.
pub fn database(config: &Config) -> Result<DbConfig, HouseError> {
    let url = match &config.database.url {
        Some(url) => url.clone(),
        None => format!("sqlite:{}", config.data_dir.join("doorward.db").display()),
    };
    let mut found = DbConfig::new(url);
    if let Some(path) = &config.database.password_file {
        files::check_mode(path, 0o600)?;
        let text = std::fs::read_to_string(path)
            .map_err(|source| FileError::Io { path: path.clone(), source })?;
        found.password = Some(doorward_core::Secret::new(text.trim_end_matches('\n').to_owned()));
    }
    Ok(found)
}

/// Where the key file lies.
pub fn key_file(config: &Config) -> PathBuf {
    config.seal.key_file.clone().unwrap_or_else(|| config.data_dir.join("seal.key"))
}

/// Where the recordings lie.
pub fn recordings(config: &Config) -> PathBuf {
    config.data_dir.join("recordings")
}

/// Where the log's tiles lie.
pub fn log_dir(config: &Config) -> PathBuf {
    config.data_dir.join("log")
}

/// This node's id; the same after a restart.
fn node_id(data_dir: &Path, env: &Env) -> Result<NodeId, HouseError> {
    let path = data_dir.join("node");
    if let Ok(text) = std::fs::read_to_string(&path) {
        return text
            .trim()
            .parse()
            .map_err(|_| HouseError::Other(format!("{} holds no id; remove it", path.display())));
    }
    let id = NodeId::new(env);
    files::write_private(&path, id.uuid().to_string().as_bytes())?;
    Ok(id)
}

impl House {
    /// Builds and starts everything. What listens does so when this returns.
    pub async fn start(config: Config, env: Env) -> Result<Self, HouseError> {
        let shutdown = Shutdown::new();
        files::private_dir(&config.data_dir)?;
        files::private_dir(&recordings(&config))?;
        files::private_dir(&log_dir(&config))?;
        let node = node_id(&config.data_dir, &env)?;
        let server_tls = Arc::new(tls::server(&config, &env)?);
        let db = Db::open(&database(&config)?, &env).await?;
        // First of all: without its keys no row counts.
        let vault = Vault::open(&db, &env, SealConfig::new(key_file(&config))).await?;
        policies::install_starter(&db).await?;
        let engine = Engine::new(env.clone());
        let watch = Watch::start(db.clone(), engine.clone(), env.clone(), shutdown.token()).await?;
        let sealed = vault.is_sealed();
        if !sealed {
            ensure_keys(&vault).await?;
        }
        let signer = Arc::new(LogKey(vault.clone()));
        let tiles = Tiles::new(log_dir(&config));
        let sequencer = Sequencer::new(db.clone(), env.clone(), node, ORIGIN, tiles, signer);

        let ssh = Arc::new(Ssh::new(SshSettings {
            listen: config.ssh.listen,
            user_cas: config.ssh.user_cas.clone(),
            origin: config.http.origin.clone(),
        }));
        // The one line that a protocol costs.
        let protocols = Registry::new().with(ssh.clone());
        let sources = Sources::parse(&config.ssh.source_addresses)
            .map_err(|e| HouseError::Other(format!("ssh.source_addresses: {e}")))?;
        let rotator = SshRotator::new(env.clone()).from(sources.clone());
        vault.register(ssh.name(), Arc::new(rotator));

        let directory = Directory::open(&db, &env, Arc::new(Checked(protocols.clone()))).await?;
        let letters = Arc::new(Letters { mail: config.mail.is_some() });
        let limits =
            SessionLimits { idle: config.session_idle(), absolute: config.session_absolute() };
        let signin_config = SignInConfig {
            limits,
            breach_list: config.signin.breach_list.clone(),
            ..SignInConfig::new(config.http.origin.clone())
        };
        let signin = SignIn::new(&db, &env, &vault, engine.clone(), letters, signin_config)?;
        let grants = Grants::new(&db, &env, engine.clone(), &config.http.origin);
        let oidc = Oidc::new(
            db.clone(),
            env.clone(),
            engine.clone(),
            vault.clone(),
            signin.clone(),
            &config.http.origin,
        );
        let rooms = doorward_gate::house::House {
            db: db.clone(),
            env: env.clone(),
            signin: signin.clone(),
            grants: grants.clone(),
            vault: vault.clone(),
            decider: engine.clone(),
            sources,
        };
        let gate_config =
            GateConfig { node, name: config.node.clone(), recordings: recordings(&config) };
        let gate = Gate::new(db.clone(), env.clone(), watch.clone(), rooms.services(), gate_config);
        gate.recover().await?;
        // What they hold ends with them, in one transaction.
        directory.on_leaving(Arc::new(oidc.clone()));
        directory.on_leaving(Arc::new(signin.clone()));
        directory.on_leaving(Arc::new(grants.clone()));
        directory.on_leaving(Arc::new(gate.clone()));
        watch.on_change(Arc::new(signin.clone()));
        watch.on_change(Arc::new(grants.clone()));
        watch.on_change(Arc::new(SsoReviewer::new(oidc.clone())));

        let listener = TcpListener::bind(config.http.listen)
            .await
            .map_err(|source| HouseError::Listen { address: config.http.listen, source })?;
        let https = listener
            .local_addr()
            .map_err(|source| HouseError::Listen { address: config.http.listen, source })?;
        let mut tasks = JoinSet::new();
        let mut ssh_at = None;
        if config.ssh.enabled {
            let (serving, gate, token) = (ssh.clone(), gate.clone(), shutdown.token());
            let (stop, opening) = (shutdown.clone(), vault.clone());
            tasks.spawn(async move {
                // The gateway's host key is in the vault: a sealed house answers
                // HTTPS, to be unsealed, and opens the gateway then.
                if !unsealed(&opening, &stop).await {
                    return;
                }
                if let Err(error) = serving.serve(gate, token).await {
                    tracing::error!(%error, "the SSH gateway has ended");
                    stop.begin();
                }
            });
            ssh_at = tokio::select! {
                biased;
                () = std::future::ready(()), if sealed => Some(config.ssh.listen),
                address = ssh.address() => address,
                () = shutdown.begun() => {
                    return Err(HouseError::Other(format!("the SSH gateway cannot listen on {}", config.ssh.listen)));
                }
            };
        }

        let own_ca = match &config.http.certificate {
            None => std::fs::read(tls::ca_path(&config.data_dir)).ok(),
            Some(_) => None,
        };
        let client = outbound::Client::new(&config.outbound, own_ca.as_deref())?;
        let http: Arc<dyn HttpPost> = Arc::new(client.clone());
        let webhooks = Webhooks::new(&db, &env, &vault, http.clone());
        let mut delivery = Delivery::new(&db, &env)
            .with(doorward_grants::WEBHOOK, Arc::new(webhooks))
            .with(LOGOUT, Arc::new(LogoutChannel(client, oidc.clone())));
        if let Some(mail) = &config.mail {
            delivery =
                delivery.with(doorward_grants::MAIL, Arc::new(Mailer::new(&Mail::load(mail)?)?));
        }
        let state = AppState {
            http,
            cursors: Cursors::open(&db, &env).await?,
            config: Arc::new(WebConfig {
                origin: config.http.origin.clone(),
                house: "Doorward".to_owned(),
                ssh: ssh_at.map(|at| (host_of(&config.http.origin), at.port())),
                trusted_proxies: config
                    .http
                    .trusted_proxies
                    .iter()
                    .filter_map(|b| Cidr::parse(b).ok())
                    .collect(),
                version: env!("CARGO_PKG_VERSION"),
            }),
            streams: Streams::new(&signin, &watch),
            db,
            env: env.clone(),
            engine,
            watch,
            protocols,
            directory,
            signin,
            oidc,
            vault,
            grants,
            gate,
        };
        let started =
            Event::new(&env, Class::ApplicationLifecycle, "house.started", &Actor::system("start"))
                .on(Entity::new("House", "doorward"))
                .with("node", config.node.as_str())
                .with("version", env!("CARGO_PKG_VERSION"));
        state.db.write(move |c| event::append(c, &started)).await?;
        tasks.spawn(delivery.run(shutdown.token()));
        tasks.spawn(sequencer.clone().run(shutdown.token()));
        let standing = Standing::new(&state.db, state.engine.clone(), &env);
        tasks.spawn(standing.run(shutdown.token()));
        tasks.spawn(doorward_web::serve(state.clone(), listener, server_tls, shutdown.token()));
        let (tended, stop) = (state.vault.clone(), shutdown.clone());
        tasks.spawn(async move {
            loop {
                if let Err(error) = tended.tend(&[KEY_PURPOSE, AUDIT]).await {
                    tracing::warn!(%error, "the vault could not be tended; trying again");
                }
                tokio::select! {
                    () = stop.begun() => return,
                    () = tokio::time::sleep(TEND) => {}
                }
            }
        });
        Ok(Self { state, sequencer, https, ssh: ssh_at, config, shutdown, tasks })
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What ends it.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Waits until it was told to end, and until everything has ended.
    pub async fn wait(mut self) {
        self.shutdown.begun().await;
        self.drain().await;
    }

    /// Ends it.
    pub async fn stop(mut self) {
        self.shutdown.begin();
        self.drain().await;
    }

    async fn drain(&mut self) {
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, all).await.is_err() {
            tracing::warn!("some tasks did not end in time");
            self.tasks.abort_all();
        }
    }
}

/// Makes the signing keys that the house cannot do without.
async fn ensure_keys(vault: &Vault) -> Result<(), doorward_vault::VaultError> {
    keys::ensure(vault, KEY_PURPOSE, keys::Algorithm::Es256).await?;
    keys::ensure(vault, AUDIT, keys::Algorithm::EdDsa).await?;
    keys::ensure(vault, SSH_HOST, keys::Algorithm::EdDsa).await?;
    ssh_ca::ensure(vault).await
}

/// Waits until the vault is open; false when the house ends before that.
async fn unsealed(vault: &Vault, shutdown: &Shutdown) -> bool {
    while vault.is_sealed() {
        tokio::select! {
            () = shutdown.begun() => return false,
            () = tokio::time::sleep(UNSEAL) => {}
        }
    }
    if let Err(error) = ensure_keys(vault).await {
        tracing::error!(%error, "signing keys could not be made");
    }
    true
}

fn host_of(origin: &str) -> String {
    url::Url::parse(origin)
        .ok()
        .and_then(|u| u.host_str().map(str::to_owned))
        .unwrap_or_else(|| "localhost".to_owned())
}
