//! A gateway over real rooms, a real sshd, and the stock OpenSSH clients.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]
#![allow(dead_code, reason = "each test binary uses a part of it")]

#[path = "../../../doorward/src/demo/sshd.rs"]
pub mod sshd;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::*;
use doorward_gate::house::House;
use doorward_gate::{Gate, GateConfig, Protocol as _};
use doorward_gate_ssh::{Ssh, SshSettings};
use doorward_grants::Grants;
use doorward_policy::{Engine, policies};
use doorward_signin::{SignIn, SignInConfig};
use doorward_store::authenticator::{self, Authenticator};
use doorward_store::{Db, DbConfig, Json, args, change, policy as policy_rows};
use doorward_vault::{Credential, SealConfig, Vault};
use doorward_watch::Watch;
use serde_json::json;
use sshd::{Lifetime, Opens, Sshd};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

/// Engineers may use what is labelled `test` at once, by whatever proof.
const POLICY: &str = r#"
permit (principal in Doorward::Group::"engineers", action in [Doorward::Action::"session:open"], resource)
when { resource.labels.contains("env=test") };
permit (principal in Doorward::Group::"engineers", action in [Doorward::Action::"session:open"], resource)
when { resource.labels.contains("env=asked") && context.reason && context.approvals >= 1 && context has duration };
permit (principal in Doorward::Group::"forwarders", action in [Doorward::Action::"session:forward-port"], resource);
"#;

pub struct Gatehouse {
    pub db: Db,
    pub env: Env,
    pub engine: Arc<Engine>,
    pub vault: Vault,
    pub signin: SignIn,
    pub grants: Grants,
    pub gate: Gate,
    pub watch: Arc<Watch>,
    pub address: SocketAddr,
    pub dir: tempfile::TempDir,
    pub sshd: Sshd,
    pub alice: IdentityId,
    pub bob: IdentityId,
    pub target: TargetId,
    pub account: AccountId,
    pub shutdown: CancellationToken,
}

impl Drop for Gatehouse {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

pub fn key(dir: &Path, name: &str) -> PathBuf {
    let path = dir.join(name);
    let done = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
        .arg(&path)
        .status()
        .unwrap();
    assert!(done.success());
    path
}

fn fingerprint(path: &Path) -> String {
    let out = std::process::Command::new("ssh-keygen")
        .arg("-lf")
        .arg(path.with_extension("pub"))
        .output()
        .unwrap();
    String::from_utf8(out.stdout).unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

impl Gatehouse {
    /// With a target `web-1` of this label and further settings.
    pub async fn start(label: &str, more: serde_json::Value) -> Self {
        Self::with(label, more, Vec::new()).await
    }

    pub async fn with(label: &str, more: serde_json::Value, user_cas: Vec<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let env = doorward_runtime::env();
        let random: [u8; 4] = env.bytes();
        let name = format!("dw{}", random.iter().map(|b| format!("{b:02x}")).collect::<String>());
        let sshd =
            Sshd::start(&env, &dir.path().join("sshd"), &name, Lifetime::Remove).await.unwrap();
        let url = format!("sqlite:{}", dir.path().join("d.db").display());
        let db = Db::open(&DbConfig::new(url), &env).await.unwrap();
        policies::install_starter(&db).await.unwrap();
        let vault = Vault::open(&db, &env, SealConfig::new(dir.path().join("key"))).await.unwrap();
        let mine = key(dir.path(), "alice_key");
        let print = fingerprint(&mine);
        let mut settings =
            json!({"host": "127.0.0.1", "port": sshd.port, "host_keys": [sshd.host_key]});
        for (k, v) in more.as_object().unwrap() {
            settings[k] = v.clone();
        }
        let (e, label, account_name) = (env.clone(), label.to_owned(), sshd.account.clone());
        let (alice, bob, target, account) = db
            .write(move |c| {
                let now = e.now();
                let mut people = Vec::new();
                for name in ["alice", "bob", "ada"] {
                    let id = IdentityId::new(&e);
                    c.execute(
                        "INSERT INTO identity (id, kind, name, display_name, email, relation, enabled, attributes, created_at, updated_at, version)
                         VALUES ($1, 'person', $2, $2, $3, 'employee', TRUE, $4, $5, $5, 1)",
                        args![id, name, format!("{name}@corp.example"), Json(json!({})), now],
                    )?;
                    people.push(id);
                }
                let [alice, bob, ada] = people[..] else { unreachable!() };
                let team = GroupId::new(&e);
                c.execute("INSERT INTO team (id, name, description, created_at, version) VALUES ($1, 'engineers', '', $2, 1)", args![team, now])?;
                c.execute("INSERT INTO team_identity (team, identity) VALUES ($1, $2)", args![team, alice])?;
                for (role, who) in [("approver", bob), ("administrator", ada), ("auditor", bob)] {
                    let id = RoleId::new(&e);
                    c.execute("INSERT INTO role (id, name, description, created_at, version) VALUES ($1, $2, '', $3, 1)", args![id, role, now])?;
                    c.execute("INSERT INTO role_holder (role, holder_kind, holder) VALUES ($1, 'identity', $2)", args![id, who])?;
                }
                authenticator::insert(c, &Authenticator {
                    id: AuthenticatorId::new(&e),
                    identity: alice,
                    factor: "ssh-key".to_owned(),
                    label: "laptop".to_owned(),
                    lookup: Some(print.clone()),
                    data: Vec::new(),
                    counter: 0,
                    created_at: now,
                    used_at: None,
                    version: 1,
                })?;
                let (target, account) = (TargetId::new(&e), AccountId::new(&e));
                c.execute(
                    "INSERT INTO target (id, name, kind, description, settings, labels, enabled, created_at, version)
                     VALUES ($1, 'web-1', 'ssh', '', $2, $3, TRUE, $4, 1)",
                    args![target, Json(&settings), Json(json!({"env": label})), now],
                )?;
                c.execute(
                    "INSERT INTO account (id, target, name, labels, created_at, version) VALUES ($1, $2, $3, $4, $5, 1)",
                    args![account, target, account_name, Json(json!({})), now],
                )?;
                policy_rows::insert(c, &policy_rows::Policy {
                    id: PolicyId::new(&e),
                    name: Name::parse("testing").unwrap(),
                    description: String::new(),
                    text: POLICY.to_owned(),
                    enabled: true,
                    created_at: now,
                    updated_at: now,
                    version: 1,
                })?;
                Ok::<_, doorward_store::Error>((alice, bob, target, account))
            })
            .await
            .unwrap();
        let shutdown = CancellationToken::new();
        let engine = Engine::new(env.clone());
        let watch =
            Watch::start(db.clone(), engine.clone(), env.clone(), shutdown.clone()).await.unwrap();
        let origin = "https://door.example";
        let signin = SignIn::new(
            &db,
            &env,
            &vault,
            engine.clone(),
            Arc::new(doorward_signin::Silent),
            SignInConfig::new(origin),
        )
        .unwrap();
        let grants = Grants::new(&db, &env, engine.clone(), origin);
        let credential = match &sshd.opens {
            Opens::Password(text) => Credential::Password(text.clone()),
            Opens::PrivateKey(text) => Credential::PrivateKey(text.clone()),
        };
        let yes = Yes(env.clone());
        let system = Actor::identity(alice, Vec::new());
        let write = authorize(&yes, &system, WriteTarget { target }, &Context::default()).unwrap();
        vault.set_credential(&write, account, &credential).await.unwrap();
        let house = House {
            db: db.clone(),
            env: env.clone(),
            signin: signin.clone(),
            grants: grants.clone(),
            vault: vault.clone(),
            decider: engine.clone(),
        };
        let config =
            GateConfig { node: NodeId::new(&env), recordings: dir.path().join("recordings") };
        let gate = Gate::new(db.clone(), env.clone(), watch.clone(), house.services(), config);
        let ssh = Arc::new(Ssh::new(SshSettings {
            listen: "127.0.0.1:0".parse().unwrap(),
            user_cas,
            origin: origin.to_owned(),
        }));
        let (serving, serve_gate, stop) = (ssh.clone(), gate.clone(), shutdown.clone());
        tokio::spawn(async move { serving.serve(serve_gate, stop).await.unwrap() });
        let address = ssh.address().await.unwrap();
        Self {
            db,
            env,
            engine,
            vault,
            signin,
            grants,
            gate,
            watch,
            address,
            dir,
            sshd,
            alice,
            bob,
            target,
            account,
            shutdown,
        }
    }

    /// The kernel of another node that shares the database.
    pub async fn another_gate(&self) -> Gate {
        let house = House {
            db: self.db.clone(),
            env: self.env.clone(),
            signin: self.signin.clone(),
            grants: self.grants.clone(),
            vault: self.vault.clone(),
            decider: self.engine.clone(),
        };
        let config =
            GateConfig { node: NodeId::new(&self.env), recordings: self.dir.path().join("other") };
        Gate::new(self.db.clone(), self.env.clone(), self.watch.clone(), house.services(), config)
    }

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

    pub fn allow<A: Act>(&self, who: IdentityId, act: A) -> Allowed<A> {
        let proof = Proof {
            factor: "passkey".to_owned(),
            class: FactorClass::PossessionVerified,
            phishing_resistant: true,
            at: self.env.now(),
        };
        let actor = Actor::identity(who, vec![proof]);
        authorize(&Yes(self.env.clone()), &actor, act, &Context::default()).unwrap()
    }

    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        self.db.read(move |c| c.all_with(sql, &[], |r| r.first::<String>())).await.unwrap()
    }

    pub async fn events(&self) -> Vec<String> {
        self.texts("SELECT activity FROM event ORDER BY id").await
    }

    /// Waits for an event of this activity.
    pub async fn event(&self, activity: &str) {
        for _ in 0..1_000 {
            if self.events().await.iter().any(|a| a == activity) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no event {activity}: {:?}", self.events().await);
    }

    /// The only session that there was.
    pub async fn session(&self) -> doorward_store::privileged_session::PrivilegedSession {
        let all = self
            .db
            .read(|c| doorward_store::privileged_session::list(c, None, None, None, 10))
            .await
            .unwrap();
        all.into_iter().next().expect("a session")
    }

    /// The recording of the only session, played.
    pub async fn played(&self) -> String {
        let s = self.session().await;
        let play = self.allow(
            self.bob,
            PlayRecording { session: s.id, owner: s.identity, account: s.account },
        );
        self.gate.play(&play).await.unwrap().all().await.unwrap()
    }

    /// Alice's browser, signed in with a passkey in this moment.
    pub async fn browser(&self) -> LiveSession {
        let now = self.env.now();
        let proof = Proof {
            factor: "passkey".to_owned(),
            class: FactorClass::PossessionVerified,
            phishing_resistant: true,
            at: now,
        };
        let session = LiveSession {
            id: SessionId::new(&self.env),
            identity: self.alice,
            kind: SessionKind::Browser,
            proofs: vec![proof],
            network: Network::default(),
            user_agent: "browser".to_owned(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + Duration::from_secs(3600),
        };
        let (row, hash) = (session.clone(), self.env.bytes::<32>().to_vec());
        self.db.write(move |c| doorward_store::session::insert(c, &row, &hash)).await.unwrap();
        session
    }

    /// Confirms the one code that waits, in this browser.
    pub async fn confirm(&self, browser: &LiveSession) {
        for _ in 0..1_000 {
            let codes =
                self.texts("SELECT user_code FROM confirmation WHERE state = 'waiting'").await;
            if let Some(code) = codes.first() {
                let network = Network::default();
                let found = self.signin.find_confirmation(browser, code, &network).await.unwrap();
                self.signin.confirm(browser, found.id, &network).await.unwrap();
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no code waits");
    }

    pub async fn disable_alice(&self) {
        let (id, env) = (self.alice, self.env.clone());
        self.db
            .write(move |c| {
                c.execute("UPDATE identity SET enabled = FALSE WHERE id = $1", args![id])?;
                change::bump(c, "identity", id, env.now())
            })
            .await
            .unwrap();
    }
}

struct Yes(Env);

impl Decider for Yes {
    fn decide(&self, _: &Question) -> Verdict {
        Verdict::Permit { policies: vec!["test".to_owned()] }
    }
    fn now(&self) -> Timestamp {
        self.0.now()
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
