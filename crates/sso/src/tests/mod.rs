//! The provider as a client, and as an attacker, meets it.

mod assertions;
mod clauses;
mod device;
mod ending;
mod flow;
mod machine;
mod redirects;
mod time;
mod trial;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::{
    Act, Actor, Allowed, Context, CreateApplication, DisableIdentity, Env, FactorClass, GroupId,
    IdentityId, Network, Proof, RoleId, SessionId, authorize as core_authorize,
};
use doorward_directory::{Directory, SettingsCheck};
use doorward_policy::{Engine, policies};
use doorward_signin::{HashCost, SignIn, SignInConfig, Silent};
use doorward_store::testing::TestEnv;
use doorward_store::{Db, DbConfig, Error as StoreError, Json, args, change, outbox, session};
use doorward_vault::{SealConfig, Vault, keys};
use doorward_watch::Watch;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::applications::{ClientAuthentication, Kind, NewApplication, Registered, Settings};
use crate::jwt::TokenKind;
use crate::tokens::{hash, random};
use crate::{AuthorizeOutcome, KEY_PURPOSE, OAuthCode, Oidc, Params, SsoReviewer, TokenResponse};

/// A provider with one person, signed in.
pub(crate) struct House {
    pub(crate) oidc: Oidc,
    pub(crate) signin: SignIn,
    pub(crate) directory: Directory,
    pub(crate) db: Db,
    pub(crate) env: TestEnv,
    pub(crate) watch: Arc<Watch>,
    pub(crate) eve: IdentityId,
    pub(crate) pipeline: IdentityId,
    pub(crate) session: LiveSession,
    dir: tempfile::TempDir,
}

/// One process over the database.
pub(crate) struct Node {
    pub(crate) oidc: Oidc,
    pub(crate) signin: SignIn,
    pub(crate) watch: Arc<Watch>,
    pub(crate) db: Db,
}

impl Node {
    async fn start(db: Db, env: &Env, dir: &Path) -> Self {
        let vault = Vault::open(&db, env, SealConfig::new(dir.join("seal.key"))).await.unwrap();
        let engine = Engine::new(env.clone());
        let watch = Watch::start(db.clone(), engine.clone(), env.clone(), CancellationToken::new())
            .await
            .unwrap();
        let mut config = SignInConfig::new(ORIGIN);
        config.cost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };
        let signin =
            SignIn::new(&db, env, &vault, engine.clone(), Arc::new(Silent), config).unwrap();
        let oidc = Oidc::new(db.clone(), env.clone(), engine, vault, signin.clone(), ORIGIN);
        watch.on_change(Arc::new(signin.clone()));
        watch.on_change(Arc::new(SsoReviewer::new(oidc.clone())));
        Self { oidc, signin, watch, db }
    }

    /// Until it has seen all that was committed before.
    pub(crate) async fn catch_up(&self) {
        self.watch.catch_up().await;
    }
}

pub(crate) const ORIGIN: &str = "https://door.example";

struct NoTargets;

impl SettingsCheck for NoTargets {
    fn check(&self, _: &str, _: &serde_json::Value) -> Result<(), String> {
        Ok(())
    }
}

pub(crate) const CB: &str = "https://rp.example/cb";
pub(crate) const VERIFIER: &str = "0123456789012345678901234567890123456789abc";

pub(crate) fn pairs(list: &[(&str, &str)]) -> Params {
    Params::new(list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()).unwrap()
}

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(hash(VERIFIER))
}

pub(crate) async fn token(house: &House, params: &Params) -> Result<TokenResponse, OAuthCode> {
    house.oidc.token(params, None, &Network::default()).await.map_err(|e| e.code)
}

pub(crate) async fn active(house: &House, rp: &Rp, token: &str) -> bool {
    let answer = house.oidc.introspect(&rp.about(token), None).await.unwrap();
    if answer["active"] == Value::Bool(false) {
        assert_eq!(answer, json!({ "active": false }), "an inactive token says nothing else");
    }
    answer["active"] == Value::Bool(true)
}

impl House {
    pub(crate) async fn new(db: Db, env: TestEnv) -> Self {
        let e = env.env();
        policies::install_starter(&db).await.unwrap();
        let now = env.now();
        let (eve, pipeline) = (IdentityId::new(&e), IdentityId::new(&e));
        let staff = GroupId::new(&e);
        db.write(move |c| {
            for (id, kind, name) in [(eve, "person", "eve"), (pipeline, "workload", "pipeline")] {
                c.execute(
                    "INSERT INTO identity (id, kind, name, display_name, relation, enabled, attributes, created_at, updated_at, version)
                     VALUES ($1, $2, $3, $3, 'employee', TRUE, $4, $5, $5, 1)",
                    args![id, kind, name, Json(json!({})), now],
                )?;
            }
            c.execute("INSERT INTO team (id, name, description, created_at, version) VALUES ($1, 'staff', '', $2, 1)", args![staff, now])?;
            c.execute("INSERT INTO team_identity (team, identity) VALUES ($1, $2)", args![staff, eve])?;
            change::bump(c, "identity", eve, now)
        })
        .await
        .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let Node { oidc, signin, watch, db } = Node::start(db, &e, dir.path()).await;
        keys::ensure(&oidc.vault, KEY_PURPOSE, keys::Algorithm::Es256).await.unwrap();
        let directory = Directory::open(&db, &e, Arc::new(NoTargets)).await.unwrap();
        directory.on_leaving(Arc::new(oidc.clone()));
        directory.on_leaving(Arc::new(signin.clone()));
        let session = LiveSession {
            id: SessionId::new(&e),
            identity: eve,
            kind: SessionKind::Browser,
            proofs: vec![Proof {
                factor: "passkey".to_owned(),
                class: FactorClass::PossessionVerified,
                phishing_resistant: true,
                at: now,
            }],
            network: Network::default(),
            user_agent: String::new(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + std::time::Duration::from_secs(12 * 3600),
            device: None,
        };
        let row = session.clone();
        db.write(move |c| session::insert(c, &row, b"hash")).await.unwrap();
        Self { oidc, signin, directory, db, env, watch, eve, pipeline, session, dir }
    }

    pub(crate) async fn register(&self, name: &str, settings: Settings) -> Registered {
        let allowed = self.system(CreateApplication {});
        let new = NewApplication {
            name: doorward_core::Name::parse(name).unwrap(),
            title: name.to_owned(),
            description: String::new(),
            launch_url: None,
            settings,
        };
        self.oidc.create_application(&allowed, new).await.unwrap()
    }

    /// Another node over the same database, with a clock of this environment.
    pub(crate) async fn node(&self, config: &DbConfig, env: &TestEnv) -> Node {
        let db = Db::open(config, &env.env()).await.unwrap();
        Node::start(db, &env.env(), self.dir.path()).await
    }

    /// A client by which the pipeline signs in as itself.
    pub(crate) async fn machine(&self, name: &str) -> Rp {
        // It opens the applications that its roles name.
        let (role, who, now) = (RoleId::new(&self.env.env()), self.pipeline, self.env.now());
        let named = name.to_owned();
        let held = self.db.write(move |c| {
            c.execute("INSERT INTO role (id, name, description, created_at, version) VALUES ($1, $2, '', $3, 1)", args![role, named, now])?;
            c.execute("INSERT INTO role_holder (role, holder_kind, holder) VALUES ($1, 'identity', $2)", args![role, who])?;
            doorward_store::testing::own(c)?;
            change::bump(c, "role", role, now)
        });
        held.await.unwrap();
        let settings = Settings {
            kind: Kind::Workload,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            scopes: vec!["deploy".to_owned()],
            workload: Some(self.pipeline),
            ..web_settings()
        };
        let made = self.register(name, settings).await;
        Rp { id: made.application.id.to_string(), secret: made.client_secret.unwrap() }
    }

    pub(crate) async fn rp(&self, name: &str) -> Rp {
        let made = self.register(name, web_settings()).await;
        Rp { id: made.application.id.to_string(), secret: made.client_secret.unwrap() }
    }

    pub(crate) async fn outcome(&self, params: &Params) -> AuthorizeOutcome {
        self.oidc.authorize(params, Some(&self.session), &Network::default()).await
    }

    /// A fresh code for the client.
    pub(crate) async fn code(&self, rp: &Rp) -> String {
        self.code_at(&self.oidc, rp).await
    }

    /// The same from this node.
    pub(crate) async fn code_at(&self, oidc: &Oidc, rp: &Rp) -> String {
        let network = Network::default();
        match oidc.authorize(&rp.request(), Some(&self.session), &network).await {
            AuthorizeOutcome::Redirect(url) => {
                let pair = url.query_pairs().find(|(k, _)| k == "code");
                pair.unwrap_or_else(|| panic!("no code: {url}")).1.into_owned()
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn disable_eve(&self) {
        let (eve, now) = (self.eve, self.env.now());
        self.db
            .write(move |c| {
                c.execute("UPDATE identity SET enabled = FALSE WHERE id = $1", args![eve])?;
                change::bump(c, "identity", eve, now)?;
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }

    /// What Doorward itself may do.
    pub(crate) fn system<A: Act>(&self, act: A) -> Allowed<A> {
        let engine = &**self.watch.engine();
        core_authorize(engine, &Actor::system("test"), act, &Context::default()).unwrap()
    }

    /// Disables eve and enables her again before anybody can look.
    pub(crate) async fn disable_eve_for_a_moment(&self) {
        let allowed = self.system(DisableIdentity { identity: self.eve });
        self.directory.disable_identity(&allowed, "").await.unwrap();
        self.directory.enable_identity(&allowed).await.unwrap();
    }

    /// The logout tokens that wait for the clients: who is signed out where.
    pub(crate) async fn news(&self) -> Vec<Value> {
        let now = self.env.now();
        let rows = self.db.read(move |c| outbox::due(c, now, 1_000)).await.unwrap();
        let mut told = Vec::new();
        for row in rows.iter().filter(|r| r.channel == crate::LOGOUT) {
            assert_eq!(row.destination, "https://rp.example/backchannel");
            let text = self.oidc.logout_token(&row.body).unwrap();
            told.push(Value::Object(self.oidc.verify(TokenKind::Logout, &text).unwrap()));
        }
        told
    }

    /// Until the reviewers have told the clients of so many ends, and then no more.
    pub(crate) async fn news_of(&self, count: usize) -> Vec<Value> {
        // A beat of the watch may have begun what a tick then finds done.
        let told = async {
            while self.news().await.len() < count {
                self.watch.tick().await;
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), told).await.expect("somebody is told");
        self.watch.tick().await;
        let told = self.news().await;
        assert_eq!(told.len(), count, "{told:?}");
        told
    }

    pub(crate) fn stranger(&self) -> String {
        random(&self.env.env())
    }
}

pub(crate) fn web_settings() -> Settings {
    Settings {
        kind: Kind::Web,
        client_authentication: ClientAuthentication::ClientSecret,
        redirect_uris: vec![CB.to_owned()],
        post_logout_redirect_uris: vec!["https://rp.example/bye".to_owned()],
        backchannel_logout_uri: Some("https://rp.example/backchannel".to_owned()),
        scopes: ["openid", "profile", "groups", "offline_access"].map(str::to_owned).to_vec(),
        ask_consent: false,
        groups: Default::default(),
        roles: Default::default(),
        jwks: None,
        workload: None,
        resource_server: false,
        device_authorization: false,
    }
}

/// A client and what it knows.
pub(crate) struct Rp {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Rp {
    pub(crate) fn request(&self) -> Params {
        pairs(&[
            ("client_id", &self.id),
            ("redirect_uri", CB),
            ("response_type", "code"),
            ("scope", "openid groups offline_access"),
            ("state", "s"),
            ("nonce", "n"),
            ("code_challenge", &challenge()),
            ("code_challenge_method", "S256"),
        ])
    }

    pub(crate) fn redeem(&self, code: &str) -> Params {
        pairs(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CB),
            ("code_verifier", VERIFIER),
            ("client_id", &self.id),
            ("client_secret", &self.secret),
        ])
    }

    pub(crate) fn refresh(&self, token: &str) -> Params {
        pairs(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", &self.id),
            ("client_secret", &self.secret),
        ])
    }

    pub(crate) fn about(&self, token: &str) -> Params {
        pairs(&[("token", token), ("client_id", &self.id), ("client_secret", &self.secret)])
    }
}
