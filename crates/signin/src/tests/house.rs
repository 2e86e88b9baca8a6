//! A house with real policies, vault and watch, and a browser to knock with.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use doorward_core::*;
use doorward_directory::{Directory, Identity, NewPerson, SettingsCheck};
use doorward_policy::{Engine, policies};
use doorward_store::testing::{TestEnv, each_database};
use doorward_store::{Conn, Db, args};
use doorward_vault::{SealConfig, Vault};
use doorward_watch::Watch;
use tokio_util::sync::CancellationToken;

use crate::SignIn;
use crate::factors::totp;
use crate::*;

pub const ORIGIN: &str = "https://door.example.org";
pub const PASSWORD: &str = "quartz otter lantern";

struct NoTargets;

impl SettingsCheck for NoTargets {
    fn check(&self, _: &str, _: &serde_json::Value) -> std::result::Result<(), String> {
        Ok(())
    }
}

/// Remembers what was told.
#[derive(Default)]
pub struct Told(pub Mutex<Vec<Notice>>);

impl Notify for Told {
    fn tell(&self, _: &Conn<'_>, _: &Env, notice: &Notice) -> doorward_store::Result<()> {
        self.0.lock().unwrap().push(notice.clone());
        Ok(())
    }
}

pub struct House {
    pub db: Db,
    pub env: TestEnv,
    pub engine: Arc<Engine>,
    pub watch: Arc<Watch>,
    pub directory: Directory,
    pub signin: SignIn,
    pub told: Arc<Told>,
    _keys: tempfile::TempDir,
}

pub async fn each_house<F, Fut>(body: F)
where
    F: Fn(House) -> Fut,
    Fut: Future<Output = ()>,
{
    each_database(|db, env| {
        let body = &body;
        async move { body(House::open(db, env, |_| {}).await).await }
    })
    .await;
}

impl House {
    pub async fn open(db: Db, env: TestEnv, adjust: impl FnOnce(&mut SignInConfig)) -> Self {
        let e = env.env();
        policies::install_starter(&db).await.unwrap();
        let engine = Engine::new(e.clone());
        let watch = Watch::start(db.clone(), engine.clone(), e.clone(), CancellationToken::new());
        let watch = watch.await.unwrap();
        let keys = tempfile::tempdir().unwrap();
        let seal = SealConfig::new(keys.path().join("root.key"));
        let vault = Vault::open(&db, &e, seal).await.unwrap();
        let told = Arc::new(Told::default());
        let mut config = SignInConfig::new(ORIGIN);
        config.cost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };
        adjust(&mut config);
        let signin = SignIn::new(&db, &e, &vault, engine.clone(), told.clone(), config).unwrap();
        watch.on_change(Arc::new(signin.clone()));
        let directory = Directory::open(&db, &e, Arc::new(NoTargets)).await.unwrap();
        directory.on_leaving(Arc::new(signin.clone()));
        Self { db, env, engine, watch, directory, signin, told, _keys: keys }
    }

    /// What Doorward itself may do.
    pub fn system<A: Act>(&self, act: A) -> Allowed<A> {
        authorize(&*self.engine, &Actor::system("test"), act, &Context::default()).unwrap()
    }

    /// What the owner of the session may do with their own.
    pub fn own(&self, session: &lifecycle::LiveSession) -> Allowed<ManageOwn> {
        let actor = session.actor(network());
        let act = ManageOwn { of: session.identity };
        authorize(&*self.engine, &actor, act, &Context::default()).unwrap()
    }

    pub async fn person(&self, name: &str) -> Identity {
        let new = NewPerson {
            name: name.to_owned(),
            display_name: None,
            email: Some(format!("{name}@example.org")),
            relation: None,
            starts_at: None,
            ends_at: None,
            attributes: Default::default(),
        };
        self.directory.create_person(&self.system(CreateIdentity {}), new).await.unwrap()
    }

    pub async fn disable(&self, id: IdentityId) {
        let allowed = self.system(DisableIdentity { identity: id });
        self.directory.disable_identity(&allowed, "test").await.unwrap();
    }

    pub async fn link(&self, id: IdentityId) -> Link {
        let allowed = self.system(ManageAuthenticators { identity: id });
        self.signin.create_link(&allowed, LinkPurpose::Invitation).await.unwrap()
    }

    /// Somebody with a password and an authenticator app, and their first session.
    pub async fn enrolled(&self, name: &str) -> Enrolled {
        let person = self.person(name).await;
        let link = self.link(person.id).await;
        let turn = self.signin.begin_link(link.token().expose(), &client()).await.unwrap();
        let mut b = Browser::at(self, turn);
        b.answer(&[("new_password", PASSWORD)]).await;
        assert_eq!(b.prompt.step, "choose", "{:?}", b.prompt);
        b.answer(&[("use", "totp")]).await;
        let seed = b.seed();
        b.answer(&[("code", &self.code(&seed))]).await;
        let codes = b.codes();
        let finished = b.finish(&[("saved", "yes")]).await;
        Enrolled { id: person.id, seed, codes, finished }
    }

    /// The code of this moment.
    pub fn code(&self, seed: &[u8]) -> String {
        totp::code(seed, self.env.wall().secs().div_euclid(30))
    }

    pub fn next_window(&self) {
        self.env.advance(Duration::from_secs(30));
    }

    /// Signs in whole; the clock moves on so that the code is a fresh one.
    pub async fn sign_in(&self, name: &str, seed: &[u8]) -> Finished {
        self.next_window();
        let mut b = Browser::open(self).await;
        b.answer(&[("name", name)]).await;
        b.answer(&[("password", PASSWORD)]).await;
        assert_eq!(b.prompt.step, "totp", "{:?}", b.prompt);
        b.finish(&[("code", &self.code(seed))]).await
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        self.db.read(move |c| c.value::<i64>(sql, args![])).await.unwrap().unwrap()
    }

    pub async fn events(&self, activity: &'static str) -> i64 {
        let sql = "SELECT COUNT(*) AS n FROM event WHERE activity = $1";
        self.db.read(move |c| c.value::<i64>(sql, args![activity])).await.unwrap().unwrap()
    }

    /// Until the reviewers have ended this session's row.
    pub async fn until_revoked(&self, id: SessionId) {
        for _ in 0..2_000 {
            let sql = "SELECT COUNT(*) AS n FROM session WHERE id = $1 AND revoked_at IS NOT NULL";
            let n = self.db.read(move |c| c.value::<i64>(sql, args![id])).await.unwrap();
            if n == Some(1) {
                return;
            }
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("the session was not revoked");
    }
}

pub struct Enrolled {
    pub id: IdentityId,
    pub seed: Vec<u8>,
    pub codes: Vec<String>,
    pub finished: Finished,
}

pub fn network() -> Network {
    Network { address: Some("203.0.113.7".parse().unwrap()) }
}

pub fn client() -> Client {
    Client::browser(network(), "Mozilla/5.0 (test)")
}

/// Follows a flow.
pub struct Browser {
    pub signin: SignIn,
    pub token: String,
    pub prompt: Prompt,
    /// Every token that it was ever given.
    pub tokens: Vec<String>,
    pub client: Client,
}

impl Browser {
    pub async fn open(house: &House) -> Self {
        let turn = house.signin.begin(&client(), "").await.unwrap();
        Self::at(house, turn)
    }

    pub fn at(house: &House, turn: Turn) -> Self {
        let Turn::Ask { token, prompt } = turn else { panic!("a question: {turn:?}") };
        let token = token.expose().to_owned();
        Self {
            signin: house.signin.clone(),
            tokens: vec![token.clone()],
            token,
            prompt: *prompt,
            client: client(),
        }
    }

    pub async fn try_answer(&mut self, fields: &[(&str, &str)]) -> Result<Option<Turn>> {
        let answer: Answer =
            fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        match self.signin.answer(&self.token, &answer, &self.client).await? {
            Turn::Ask { token, prompt } => {
                self.token = token.expose().to_owned();
                self.tokens.push(self.token.clone());
                self.prompt = *prompt;
                Ok(None)
            }
            done => Ok(Some(done)),
        }
    }

    /// Answers and expects another question.
    pub async fn answer(&mut self, fields: &[(&str, &str)]) -> &Prompt {
        let turn = self.try_answer(fields).await.unwrap();
        assert!(turn.is_none(), "another question, not {turn:?}");
        &self.prompt
    }

    /// Answers and expects to be done.
    pub async fn finish(&mut self, fields: &[(&str, &str)]) -> Finished {
        match self.try_answer(fields).await.unwrap() {
            Some(Turn::Done(finished)) => *finished,
            other => panic!("done, not {other:?} {:?}", self.prompt),
        }
    }

    pub fn seed(&self) -> Vec<u8> {
        let text = self.prompt.fields.iter().find_map(|f| match f {
            Field::Seed { text, .. } => Some(text.replace(' ', "")),
            _ => None,
        });
        BASE32_NOPAD.decode(text.expect("a seed").as_bytes()).unwrap()
    }

    pub fn codes(&self) -> Vec<String> {
        let codes = self.prompt.fields.iter().find_map(|f| match f {
            Field::Codes { codes } => Some(codes.clone()),
            _ => None,
        });
        codes.unwrap_or_else(|| panic!("codes in {:?}", self.prompt))
    }

    pub fn options(&self) -> serde_json::Value {
        let options = self.prompt.fields.iter().find_map(|f| match f {
            Field::Webauthn { options, .. } => Some(options.clone()),
            _ => None,
        });
        options.unwrap_or_else(|| panic!("a ceremony in {:?}", self.prompt))
    }
}
