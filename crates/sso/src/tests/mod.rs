//! The provider as a client, and as an attacker, meets it.

mod assertions;
mod flow;
mod machine;
mod redirects;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::{
    Actor, Context, CreateApplication, FactorClass, GroupId, IdentityId, Network, Proof, SessionId,
    authorize as core_authorize,
};
use doorward_policy::{Engine, policies};
use doorward_store::testing::TestEnv;
use doorward_store::{Db, Error as StoreError, Json, args, change, session};
use doorward_vault::{SealConfig, Vault, keys};
use doorward_watch::Watch;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::applications::{ClientAuthentication, Kind, NewApplication, Registered, Settings};
use crate::tokens::{hash, random};
use crate::{AuthorizeOutcome, KEY_PURPOSE, Oidc, Params, SsoReviewer};

/// A provider with one person, signed in.
pub(crate) struct House {
    pub(crate) oidc: Oidc,
    pub(crate) db: Db,
    pub(crate) env: TestEnv,
    pub(crate) watch: Arc<Watch>,
    pub(crate) eve: IdentityId,
    pub(crate) pipeline: IdentityId,
    pub(crate) session: LiveSession,
    _dir: tempfile::TempDir,
}

pub(crate) const CB: &str = "https://rp.example/cb";
pub(crate) const VERIFIER: &str = "0123456789012345678901234567890123456789abc";

pub(crate) fn pairs(list: &[(&str, &str)]) -> Params {
    Params::new(list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()).unwrap()
}

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(hash(VERIFIER))
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
        let vault =
            Vault::open(&db, &e, SealConfig::new(dir.path().join("seal.key"))).await.unwrap();
        keys::ensure(&vault, KEY_PURPOSE, keys::Algorithm::Es256).await.unwrap();
        let engine = Engine::new(e.clone());
        let watch = Watch::start(db.clone(), engine.clone(), e.clone(), CancellationToken::new())
            .await
            .unwrap();
        let oidc = Oidc::new(db.clone(), e.clone(), engine, vault, "https://door.example");
        watch.on_change(Arc::new(SsoReviewer::new(oidc.clone())));
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
        };
        let row = session.clone();
        db.write(move |c| session::insert(c, &row, b"hash")).await.unwrap();
        Self { oidc, db, env, watch, eve, pipeline, session, _dir: dir }
    }

    pub(crate) async fn register(&self, name: &str, settings: Settings) -> Registered {
        let actor = Actor::system("test");
        let allowed = core_authorize(
            &**self.watch.engine(),
            &actor,
            CreateApplication {},
            &Context::default(),
        )
        .unwrap();
        let new = NewApplication {
            name: doorward_core::Name::parse(name).unwrap(),
            title: name.to_owned(),
            description: String::new(),
            launch_url: None,
            settings,
        };
        self.oidc.create_application(&allowed, new).await.unwrap()
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
        match self.outcome(&rp.request()).await {
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
