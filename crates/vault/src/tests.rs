mod certificates;
mod forged;
mod rotating;
mod sealing;
mod signing;
mod values;
mod versions;

use std::sync::Arc;

use doorward_core::*;
use doorward_store::testing::TestEnv;
use doorward_store::{Db, account, target};

use crate::*;

/// Permits everything: the vault trusts `Allowed`, and policy has its own tests.
pub(crate) struct Yes(pub Env);

impl Decider for Yes {
    fn decide(&self, _: &Question) -> Verdict {
        Verdict::Permit { policies: vec!["test".to_owned()] }
    }
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

pub(crate) struct House {
    pub db: Db,
    pub env: TestEnv,
    pub vault: Vault,
    pub dir: Arc<tempfile::TempDir>,
}

/// Cheap enough to try often; the product's own cost is tested once.
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

impl House {
    pub async fn new(db: Db, env: TestEnv) -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let vault = Vault::open(&db, &env.env(), config(&dir)).await.unwrap();
        Self { db, env, vault, dir }
    }

    /// What a restart, or a second node, sees.
    pub async fn again(&self) -> Vault {
        Vault::open(&self.db, &self.env.env(), config(&self.dir)).await.unwrap()
    }

    pub fn allow<A: Act>(&self, act: A) -> Allowed<A> {
        let actor = Actor::identity(IdentityId::new(&self.env.env()), Vec::new());
        authorize(&Yes(self.env.env()), &actor, act, &Context::default()).unwrap()
    }

    pub async fn activities(&self) -> Vec<String> {
        let sql = "SELECT activity FROM event ORDER BY id";
        self.db.read(move |c| c.all_with(sql, &[], |r| r.first::<String>())).await.unwrap()
    }

    pub async fn bodies(&self) -> String {
        let sql = "SELECT body FROM event ORDER BY id";
        self.db
            .read(move |c| c.all_with(sql, &[], |r| r.first::<String>()))
            .await
            .unwrap()
            .join("\n")
    }

    /// An account called `name` on a target of kind `test`.
    pub async fn account(&self, name: &str) -> (TargetId, AccountId) {
        let env = self.env.env();
        let (target, account) = (TargetId::new(&env), AccountId::new(&env));
        let (name, now) = (name.to_owned(), env.now());
        self.db
            .write(move |c| {
                target::insert(
                    c,
                    &target::Target {
                        id: target,
                        name: Name::parse(&format!("t-{target}")).unwrap(),
                        kind: "test".to_owned(),
                        description: String::new(),
                        settings: serde_json::json!({"host": "h"}),
                        labels: Default::default(),
                        enabled: true,
                        created_at: now,
                        version: 1,
                    },
                )?;
                account::insert(
                    c,
                    &account::Account {
                        id: account,
                        target,
                        name: name.clone(),
                        labels: Default::default(),
                        secret: None,
                        created_at: now,
                        version: 1,
                    },
                )
            })
            .await
            .unwrap();
        (target, account)
    }
}

pub(crate) fn config(dir: &tempfile::TempDir) -> SealConfig {
    SealConfig { key_file: dir.path().join("seal.key"), cost: CHEAP }
}

pub(crate) fn text(s: &str) -> Secret<String> {
    Secret::new(s.to_owned())
}

pub(crate) fn bytes(s: &str) -> Secret<Vec<u8>> {
    Secret::new(s.as_bytes().to_vec())
}
