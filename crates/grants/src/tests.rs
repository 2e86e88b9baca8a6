mod asking;
mod ending;
mod forged;
mod glass_breaking;
mod linked;
mod risk;
mod telling;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use doorward_core::lifecycle::Decision;
use doorward_core::*;
use doorward_policy::{Engine, policies};
use doorward_store::testing::TestEnv;
use doorward_store::{Db, Json, args, policy as policy_rows};
use serde_json::json;

use crate::*;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const ORIGIN: &str = "https://door.example";

/// Two approvals for the most dangerous hosts; an application by request.
const MORE: &str = r#"
permit (principal in Doorward::Group::"engineers", action == Doorward::Action::"session:open", resource)
when { context.reason && context.approvals >= 2 && context has duration && resource.labels.contains("env=top") };
permit (principal in Doorward::Group::"engineers", action == Doorward::Action::"application:open", resource)
when { context.approvals >= 1 && context has duration };
permit (principal in Doorward::Group::"engineers", action == Doorward::Action::"session:open", resource)
when { context.reason && context has duration && resource.labels.contains("env=why") };
permit (principal in Doorward::Group::"engineers", action == Doorward::Action::"session:open", resource)
when { context.managed_device && context.approvals >= 1 && context has duration && resource.labels.contains("env=safe") };
"#;

/// A small organisation: eve asks; abe, bob and cyd approve; ada administers.
pub(crate) struct House {
    pub db: Db,
    pub env: TestEnv,
    pub engine: Arc<Engine>,
    pub grants: Grants,
    ids: HashMap<&'static str, IdentityId>,
    accounts: HashMap<&'static str, AccountId>,
    pub rota: ApplicationId,
}

impl House {
    pub async fn new(db: Db, env: TestEnv) -> Self {
        policies::install_starter(&db).await.unwrap();
        let e = env.env();
        let made = db
            .write(move |c| {
                let now = e.now();
                let mut ids = HashMap::new();
                for name in ["eve", "abe", "bob", "cyd", "ada", "zoe"] {
                    let id = IdentityId::new(&e);
                    c.execute(
                        "INSERT INTO identity (id, kind, name, display_name, email, relation, enabled, attributes, created_at, updated_at, version)
                         VALUES ($1, 'person', $2, $2, $3, 'employee', TRUE, $4, $5, $5, 1)",
                        args![id, name, format!("{name}@corp.example"), Json(json!({})), now],
                    )?;
                    ids.insert(name, id);
                }
                for (name, members) in [("engineers", vec!["eve", "abe"]), ("on-call", vec!["eve"])] {
                    let id = GroupId::new(&e);
                    c.execute("INSERT INTO team (id, name, description, created_at, version) VALUES ($1, $2, '', $3, 1)", args![id, name, now])?;
                    for m in members {
                        c.execute("INSERT INTO team_identity (team, identity) VALUES ($1, $2)", args![id, ids[m]])?;
                    }
                }
                for (name, holders) in [("approver", vec!["abe", "bob", "cyd"]), ("administrator", vec!["ada"])] {
                    let id = RoleId::new(&e);
                    c.execute("INSERT INTO role (id, name, description, created_at, version) VALUES ($1, $2, '', $3, 1)", args![id, name, now])?;
                    for h in holders {
                        c.execute("INSERT INTO role_holder (role, holder_kind, holder) VALUES ($1, 'identity', $2)", args![id, ids[h]])?;
                    }
                }
                let mut accounts = HashMap::new();
                for (name, label) in [("web-1", "prod"), ("dev-1", "dev"), ("top-1", "top"), ("why-1", "why"), ("safe-1", "safe")] {
                    let (target, account) = (TargetId::new(&e), AccountId::new(&e));
                    c.execute(
                        "INSERT INTO target (id, name, kind, description, settings, labels, enabled, created_at, version)
                         VALUES ($1, $2, 'ssh', '', $3, $4, TRUE, $5, 1)",
                        args![target, name, Json(json!({})), Json(json!({"env": label})), now],
                    )?;
                    c.execute(
                        "INSERT INTO account (id, target, name, labels, created_at, version) VALUES ($1, $2, 'deploy', $3, $4, 1)",
                        args![account, target, Json(json!({})), now],
                    )?;
                    accounts.insert(name, account);
                }
                let rota = ApplicationId::new(&e);
                c.execute(
                    "INSERT INTO application (id, name, title, description, settings, enabled, created_at, version)
                     VALUES ($1, 'rota', 'Rota', '', $2, TRUE, $3, 1)",
                    args![rota, Json(json!({})), now],
                )?;
                policy_rows::insert(c, &policy_rows::Policy {
                    id: PolicyId::new(&e),
                    name: Name::parse("more").unwrap(),
                    description: String::new(),
                    text: MORE.to_owned(),
                    enabled: true,
                    created_at: now,
                    updated_at: now,
                    version: 1,
                })?;
                Ok::<_, doorward_store::Error>((ids, accounts, rota))
            })
            .await
            .unwrap();
        let engine = Engine::new(env.env());
        engine.load(&db).await.unwrap();
        let grants = Grants::new(&db, &env.env(), engine.clone(), ORIGIN);
        Self { db, env, engine, grants, ids: made.0, accounts: made.1, rota: made.2 }
    }

    pub fn id(&self, name: &str) -> IdentityId {
        self.ids[name]
    }

    pub fn account(&self, target: &str) -> AccountId {
        self.accounts[target]
    }

    pub fn about(&self, target: &str) -> Entity {
        Entity::new("Account", self.account(target))
    }

    /// Signed in with a passkey in this moment.
    pub fn actor(&self, name: &str) -> Actor {
        let proof = Proof {
            factor: "passkey".to_owned(),
            class: FactorClass::PossessionVerified,
            phishing_resistant: true,
            at: self.env.now(),
        };
        Actor::identity(self.id(name), vec![proof])
    }

    pub fn ask<A: Act>(&self, name: &str, act: A) -> Result<Allowed<A>, Denied> {
        authorize(self.engine.as_ref(), &self.actor(name), act, &Context::default())
    }

    pub async fn file(&self, target: &str) -> Result<Filed, FileError> {
        let (actor, about) = (self.actor("eve"), self.about(target));
        self.grants.file_request(&actor, &about, "the site is down", Some(HOUR)).await
    }

    pub async fn word(
        &self,
        filed: &Filed,
        name: &str,
        word: Decision,
    ) -> Result<Counted, DecideError> {
        let r = &filed.request;
        let act = DecideRequest { request: r.id, requester: r.requester, about: r.about.clone() };
        self.grants.decide(&self.ask(name, act).unwrap(), word, "fine").await
    }

    pub async fn granted(&self, target: &str) -> doorward_core::lifecycle::LiveGrant {
        let filed = self.file(target).await.unwrap();
        match self.word(&filed, "abe", Decision::Approve).await.unwrap() {
            Counted::Granted(grant) => grant,
            other => panic!("{other:?}"),
        }
    }

    pub async fn may_open(&self, target: &str) -> bool {
        let access = self.grants.access(&self.actor("eve"), self.account(target)).await.unwrap();
        matches!(access, Access::Now { .. })
    }

    pub async fn activities(&self) -> Vec<String> {
        let sql = "SELECT activity FROM event ORDER BY id";
        self.db.read(move |c| c.all_with(sql, &[], |r| r.first::<String>())).await.unwrap()
    }

    pub async fn count(&self, table: &'static str) -> i64 {
        let sql = format!("SELECT COUNT(*) AS n FROM {table}");
        self.db.read(move |c| c.value::<i64>(&sql, &[])).await.unwrap().unwrap()
    }

    /// Changes a fact behind everybody's back and has it seen, as watch does.
    pub async fn change(&self, sql: &'static str) {
        self.db.write(move |c| c.execute(sql, &[])).await.unwrap();
        self.engine.load(&self.db).await.unwrap();
    }
}
