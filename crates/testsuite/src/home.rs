//! A whole house in a temporary directory: furnished in this process, and then
//! either used here or served by the real program.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward::House;
use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::{
    Act, Actor, Allowed, Context, CreateGroup, CreateIdentity, CreateRole, FactorClass, GroupId,
    IdentityId, Name, Network, PolicyId, Proof, SessionId, WriteGroup, WriteRole, authorize,
};
use doorward_directory::{Holder, Member, NewGroup, NewPerson, NewRole};
use doorward_runtime::config::{Config, HttpConfig, LogConfig, SshConfig};
use doorward_store::{change, policy};

/// What the house's people may do, beside what everybody may.
const POLICY: &str = r#"
permit (principal in Doorward::Group::"people", action == Doorward::Action::"sign-in", resource)
when { context.aal >= 1 };
permit (principal in Doorward::Group::"people", action == Doorward::Action::"session:open", resource);
permit (principal in Doorward::Group::"people", action == Doorward::Action::"application:open", resource);
"#;

/// A house in a temporary directory.
pub struct Home {
    /// It.
    pub house: House,
    /// The group of the house's people.
    pub group: GroupId,
    /// Its configuration.
    pub config: Config,
    /// Where it keeps everything.
    pub dir: tempfile::TempDir,
}

fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Home {
    /// A fresh one.
    pub async fn new() -> anyhow::Result<Self> {
        Self::with(|_| {}).await
    }

    /// A fresh one whose configuration is adjusted before it starts.
    pub async fn with(adjust: impl FnOnce(&mut Config)) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let (https, ssh) = (free_port()?, free_port()?);
        let mut config = Config {
            data_dir: dir.path().join("house"),
            http: HttpConfig {
                listen: SocketAddr::from(([127, 0, 0, 1], https)),
                origin: format!("https://localhost:{https}"),
                ..HttpConfig::default()
            },
            ssh: SshConfig {
                listen: SocketAddr::from(([127, 0, 0, 1], ssh)),
                ..SshConfig::default()
            },
            log: LogConfig { filter: "warn".to_owned(), ..LogConfig::default() },
            ..Config::default()
        };
        adjust(&mut config);
        let house = House::start(config.clone(), doorward_runtime::env()).await?;
        let mut home = Self { house, group: GroupId::new(&doorward_runtime::env()), config, dir };
        let new = NewGroup { name: "people".to_owned(), description: String::new() };
        let directory = &home.house.state.directory;
        home.group = directory.create_group(&home.system(CreateGroup {})?, new).await?.id;
        home.policy("people", POLICY).await?;
        Ok(home)
    }

    /// What Doorward itself may do.
    pub fn system<A: Act>(&self, act: A) -> anyhow::Result<Allowed<A>> {
        let state = &self.house.state;
        Ok(authorize(&*state.engine, &Actor::system("test"), act, &Context::default())?)
    }

    /// Puts a policy in force.
    pub async fn policy(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let env = self.house.state.env.clone();
        let now = env.now();
        let row = policy::Policy {
            id: PolicyId::new(&env),
            name: Name::parse(name)?,
            description: String::new(),
            text: text.to_owned(),
            enabled: true,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let write = self.house.state.db.write(move |c| {
            policy::insert(c, &row)?;
            change::bump(c, "policy", row.id, now)
        });
        Ok(write.await.map_err(|e: doorward_store::Error| e)?)
    }

    /// Somebody in the house's group.
    pub async fn person(&self, name: &str) -> anyhow::Result<IdentityId> {
        let new = NewPerson {
            name: name.to_owned(),
            display_name: None,
            email: None,
            relation: None,
            starts_at: None,
            ends_at: None,
            attributes: Default::default(),
        };
        let directory = &self.house.state.directory;
        let id = directory.create_person(&self.system(CreateIdentity {})?, new).await?.id;
        let allowed = self.system(WriteGroup { group: self.group })?;
        directory.add_member(&allowed, Member::Identity(id)).await?;
        Ok(id)
    }

    /// The bearer of an administrator's session, freshly proven with a passkey.
    pub async fn administrator(&self, kind: SessionKind) -> anyhow::Result<String> {
        let who = self.person("ada").await?;
        let directory = &self.house.state.directory;
        let new = NewRole { name: "administrator".to_owned(), description: String::new() };
        let role = directory.create_role(&self.system(CreateRole {})?, new).await?.id;
        let allowed = self.system(WriteRole { role })?;
        directory.assign_role(&allowed, Holder::Identity(who), None).await?;
        let env = &self.house.state.env;
        let token = URL_SAFE_NO_PAD.encode(env.secret().expose());
        let hash = digest(&SHA256, token.as_bytes()).as_ref().to_vec();
        let now = env.now();
        let session = LiveSession {
            id: SessionId::new(env),
            identity: who,
            kind,
            proofs: vec![Proof {
                factor: "passkey".to_owned(),
                class: FactorClass::PossessionVerified,
                phishing_resistant: true,
                at: now,
            }],
            network: Network::default(),
            user_agent: "test".to_owned(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + Duration::from_secs(3600),
            device: None,
        };
        let insert =
            self.house.state.db.write(move |c| doorward_store::session::insert(c, &session, &hash));
        insert.await.map_err(|e: doorward_store::Error| e)?;
        Ok(token)
    }

    /// Stops it here and serves it by the real program.
    pub async fn serve(self, program: &Path) -> anyhow::Result<Served> {
        let Self { house, config, dir, .. } = self;
        house.stop().await;
        let file = dir.path().join("doorward.toml");
        std::fs::write(&file, toml::to_string(&config)?)?;
        let served = Served::start(program, file, config, dir)?;
        served.ready().await?;
        Ok(served)
    }
}

/// The real program over a furnished house.
pub struct Served {
    /// Its process.
    pub child: Child,
    /// Its configuration.
    pub config: Config,
    /// The file that says so.
    pub file: PathBuf,
    /// Where it keeps everything.
    pub dir: tempfile::TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    fn start(
        program: &Path,
        file: PathBuf,
        config: Config,
        dir: tempfile::TempDir,
    ) -> anyhow::Result<Self> {
        let child = spawn(program, &file)?;
        Ok(Self { child, config, file, dir })
    }

    /// Waits until it answers.
    pub async fn ready(&self) -> anyhow::Result<()> {
        until_ready(&client(&self.config)?, &self.config).await
    }

    /// Where SSH is answered.
    pub fn ssh(&self) -> u16 {
        self.config.ssh.listen.port()
    }
}

/// The program: the one that is named, or the one that was built beside this test.
pub fn program() -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os("DOORWARD_BIN") {
        return Ok(named.into());
    }
    let beside = std::env::current_exe()?;
    let built = beside.parent().and_then(Path::parent).map(|p| p.join("doorward"));
    built.filter(|p| p.exists()).context("build it first: cargo build --package doorward")
}

/// Starts the program.
pub fn spawn(program: &Path, config: &Path) -> anyhow::Result<Child> {
    Command::new(program)
        .arg("serve")
        .env("DOORWARD_CONFIG", config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .with_context(|| format!("{}", program.display()))
}

/// A client that trusts the house's own authority.
pub fn client(config: &Config) -> anyhow::Result<reqwest::Client> {
    let pem = std::fs::read(doorward_runtime::tls::ca_path(&config.data_dir))?;
    Ok(reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&pem)?])
        .timeout(Duration::from_secs(30))
        .build()?)
}

/// Asks until it says that it is ready.
pub async fn until_ready(client: &reqwest::Client, config: &Config) -> anyhow::Result<()> {
    let url = format!("{}/api/v1/health", config.http.origin);
    let begun = Instant::now();
    loop {
        if client.get(&url).send().await.is_ok_and(|r| r.status().is_success()) {
            return Ok(());
        }
        if begun.elapsed() > Duration::from_secs(30) {
            anyhow::bail!("{url} does not answer");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
