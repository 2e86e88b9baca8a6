//! A gateway over real rooms, a real sshd, and the stock OpenSSH clients.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]
#![allow(dead_code, unused_imports, reason = "each test binary uses a part of it")]

#[path = "../../../doorward/src/demo/sshd.rs"]
pub mod sshd;

mod clients;
pub mod host;
mod node;
pub mod own;

use std::path::{Path, PathBuf};
use std::time::Duration;

use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::*;
use doorward_policy::policies;
use doorward_store::authenticator::{self, Authenticator};
use doorward_store::testing::{TestEnv, postgres_config};
use doorward_store::{Backend, Db, DbConfig, Json, args, change, policy as policy_rows};
use doorward_vault::{Credential, SealConfig, Vault};
use serde_json::{Value, json};
use sshd::{Lifetime, Opens, Sshd};
use tokio_util::sync::CancellationToken;

pub use clients::{finished, output, text};
pub use node::{Node, Rooms};

/// Both databases that there are.
pub const BOTH: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];

/// Engineers may use what is labelled `test` at once, by whatever proof.
const POLICY: &str = r#"
permit (principal in Doorward::Group::"engineers", action in [Doorward::Action::"session:open"], resource)
when { resource.labels.contains("env=test") };
permit (principal in Doorward::Group::"engineers", action in [Doorward::Action::"session:open"], resource)
when { resource.labels.contains("env=asked") && context.reason && context.approvals >= 1 && context has duration };
permit (principal in Doorward::Group::"engineers", action in [Doorward::Action::"session:open"], resource)
when { resource.labels.contains("env=managed") && context.managed_device };
permit (principal in Doorward::Group::"forwarders", action in [Doorward::Action::"session:forward-port"], resource);
"#;

/// What a test wants of its house.
pub struct Plan {
    /// The label `env` of the target.
    pub label: &'static str,
    /// Settings of the target besides host, port and host key.
    pub settings: Value,
    /// Authorities whose certificates let people in.
    pub user_cas: Vec<String>,
    /// Where targets see the gateway, as certificates say it.
    pub sources: Vec<String>,
    pub database: Backend,
    /// Held in the test's hand, from the present on; else the clock runs.
    pub clock: Option<TestEnv>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            label: "test",
            settings: json!({}),
            user_cas: Vec::new(),
            sources: Vec::new(),
            database: Backend::Sqlite,
            clock: None,
        }
    }
}

/// A clock that stands still at the present until the test moves it.
pub fn held_clock() -> TestEnv {
    let clock = TestEnv::default();
    clock.set(doorward_runtime::env().now());
    clock
}

/// A house with one target, `web-1`, and one node.
pub struct Gatehouse {
    pub node: Node,
    pub config: DbConfig,
    pub plan: Plan,
    pub dir: tempfile::TempDir,
    pub sshd: Sshd,
    pub alice: IdentityId,
    pub bob: IdentityId,
    pub target: TargetId,
    pub account: AccountId,
    pub shutdown: CancellationToken,
}

impl std::ops::Deref for Gatehouse {
    type Target = Node;
    fn deref(&self) -> &Node {
        &self.node
    }
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

/// People, roles, the target and its account.
struct Rows {
    alice: IdentityId,
    bob: IdentityId,
    target: TargetId,
    account: AccountId,
}

async fn rows(
    db: &Db,
    env: &Env,
    print: String,
    sshd: &Sshd,
    settings: Value,
    label: &str,
) -> Rows {
    let (e, label, account_name) = (env.clone(), label.to_owned(), sshd.account.clone());
    db
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
                doorward_store::testing::own(c)?;
                Ok::<_, doorward_store::Error>(Rows { alice, bob, target, account })
            })
            .await
            .unwrap()
}

impl Gatehouse {
    /// With a target `web-1` of this label and further settings.
    pub async fn start(label: &'static str, settings: Value) -> Self {
        Self::with(Plan { label, settings, ..Plan::default() }).await
    }

    /// On this database.
    pub async fn on(database: Backend) -> Self {
        Self::with(Plan { database, ..Plan::default() }).await
    }

    pub async fn with(plan: Plan) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let env = plan.clock.as_ref().map_or_else(doorward_runtime::env, TestEnv::env);
        let random: [u8; 4] = env.bytes();
        let name = format!("dw{}", random.iter().map(|b| format!("{b:02x}")).collect::<String>());
        let sshd =
            Sshd::start(&env, &dir.path().join("sshd"), &name, Lifetime::Remove).await.unwrap();
        let config = match plan.database {
            Backend::Sqlite => {
                DbConfig::new(format!("sqlite:{}", dir.path().join("d.db").display()))
            }
            Backend::Postgres => postgres_config().await,
        };
        let db = Db::open(&config, &env).await.unwrap();
        let vault = Vault::open(&db, &env, SealConfig::new(dir.path().join("key"))).await.unwrap();
        policies::install_starter(&db).await.unwrap();
        let print = fingerprint(&key(dir.path(), "alice_key"));
        let mut settings =
            json!({"host": "127.0.0.1", "port": sshd.port, "host_keys": [sshd.host_key]});
        merge(&mut settings, &plan.settings);
        let rows = rows(&db, &env, print, &sshd, settings, plan.label).await;
        let (target, account) = (rows.target, rows.account);
        let credential = match &sshd.opens {
            Opens::Password(text) => Credential::Password(text.clone()),
            Opens::PrivateKey(text) => Credential::PrivateKey(text.clone()),
        };
        let system = Actor::identity(rows.alice, Vec::new());
        let yes = Yes(env.clone());
        let write = authorize(&yes, &system, WriteTarget { target }, &Context::default()).unwrap();
        vault.set_credential(&write, account, &credential).await.unwrap();
        let shutdown = CancellationToken::new();
        let recordings = dir.path().join("recordings");
        let rooms = Rooms::new(db, vault, &env, &shutdown).await;
        let node = Node::start(rooms, recordings, &plan, &shutdown).await;
        let Rows { alice, bob, .. } = rows;
        Self { node, config, plan, dir, sshd, alice, bob, target, account, shutdown }
    }

    /// Another node on the same database: with everything of its own where the
    /// database is shared by processes, else with a gateway of its own.
    pub async fn second(&self) -> Node {
        let recordings = self.dir.path().join("other");
        let rooms = match self.plan.database {
            Backend::Sqlite => self.node.rooms.clone(),
            Backend::Postgres => {
                let db = Db::open(&self.config, &self.env).await.unwrap();
                let seal = SealConfig::new(self.dir.path().join("key"));
                let vault = Vault::open(&db, &self.env, seal).await.unwrap();
                Rooms::new(db, vault, &self.env, &self.shutdown).await
            }
        };
        Node::start(rooms, recordings, &self.plan, &self.shutdown).await
    }

    /// Has the target's settings say something else from now on.
    pub async fn retarget(&self, change: Value) {
        let (target, now) = (self.target, self.env.now());
        self.db
            .write(move |c| {
                let found = doorward_store::target::find(c, target)?.unwrap();
                let mut settings = found.settings;
                merge(&mut settings, &change);
                let sql = "UPDATE target SET settings = $2 WHERE id = $1";
                c.execute(sql, args![target, Json(&settings)])?;
                change::bump(c, "target", target, now)
            })
            .await
            .unwrap();
    }

    /// Puts Alice into a group of this name.
    pub async fn join(&self, group: &str) -> GroupId {
        let (alice, env, group) = (self.alice, self.env.clone(), group.to_owned());
        self.db
            .write(move |c| {
                let (id, now) = (GroupId::new(&env), env.now());
                let team = "INSERT INTO team (id, name, description, created_at, version) VALUES ($1, $2, '', $3, 1)";
                c.execute(team, args![id, &group, now])?;
                c.execute("INSERT INTO team_identity (team, identity) VALUES ($1, $2)", args![id, alice])?;
                doorward_store::testing::own(c)?;
                change::bump(c, "team", id, now)?;
                Ok::<_, doorward_store::Error>(id)
            })
            .await
            .unwrap()
    }

    /// Takes Alice out of it.
    pub async fn leave(&self, group: GroupId) {
        let (alice, now) = (self.alice, self.env.now());
        self.db
            .write(move |c| {
                let sql = "DELETE FROM team_identity WHERE team = $1 AND identity = $2";
                c.execute(sql, args![group, alice])?;
                change::bump(c, "team", group, now)
            })
            .await
            .unwrap();
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

    /// A permission that this house's own policies give.
    pub fn decided<A: Act>(&self, who: IdentityId, act: A) -> Allowed<A> {
        let proof = Proof {
            factor: "passkey".to_owned(),
            class: FactorClass::PossessionVerified,
            phishing_resistant: true,
            at: self.env.now(),
        };
        let actor = Actor::identity(who, vec![proof]);
        authorize(&*self.engine, &actor, act, &Context::default()).unwrap()
    }

    /// The first column of what the query finds.
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

    /// Bob approves the request that is filed next.
    pub async fn approve(&self, comment: &str) {
        self.event("request.filed").await;
        let pending = self.grants.requests(None, None, None, 10).await.unwrap();
        let act = DecideRequest {
            request: pending[0].id,
            requester: self.alice,
            about: pending[0].about.clone(),
        };
        let yes = doorward_core::lifecycle::Decision::Approve;
        self.grants.decide(&self.allow(self.bob, act), yes, comment).await.unwrap();
    }

    /// Waits until this many sessions are over and no other is open.
    pub async fn ended(&self, wanted: usize) {
        let mut states = Vec::new();
        for _ in 0..1_000 {
            states = self.texts("SELECT state FROM privileged_session").await;
            if states.len() == wanted && states.iter().all(|s| s == "ended") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{states:?}");
    }

    /// The newest session.
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
            device: None,
        };
        let (row, hash) = (session.clone(), self.env.bytes::<32>().to_vec());
        self.db.write(move |c| doorward_store::session::insert(c, &row, &hash)).await.unwrap();
        session
    }

    /// A device of Alice's that is managed.
    pub async fn managed_device(&self) -> DeviceId {
        let (now, hash) = (self.env.now(), self.env.bytes::<32>());
        let device = doorward_store::device::Device {
            id: DeviceId::new(&self.env),
            identity: self.alice,
            kind: SessionKind::Browser,
            label: "laptop".to_owned(),
            managed: true,
            created_at: now,
            last_seen_at: now,
            version: 1,
        };
        let id = device.id;
        let made = self.db.write(move |c| {
            doorward_store::device::insert(c, &device, &hash)?;
            change::bump(c, "device", id, now)
        });
        made.await.unwrap();
        id
    }

    /// Confirms the one code that waits, in this browser.
    pub async fn confirm(&self, browser: &LiveSession) {
        self.confirm_from(browser, &Network::default()).await;
    }

    /// The same, from this address.
    pub async fn confirm_from(&self, browser: &LiveSession, network: &Network) {
        for _ in 0..1_000 {
            let codes =
                self.texts("SELECT user_code FROM confirmation WHERE state = 'waiting'").await;
            if let Some(code) = codes.first() {
                let found = self.signin.find_confirmation(browser, code, network).await.unwrap();
                self.signin.confirm(browser, found.id, network).await.unwrap();
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

fn merge(settings: &mut Value, more: &Value) {
    for (k, v) in more.as_object().unwrap() {
        settings[k] = v.clone();
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
