//! A house with real rooms behind its router, and somebody who knocks.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::*;
use doorward_directory::{Directory, Holder, Identity, NewPerson, NewRole, SettingsCheck};
use doorward_gate::{Gate, GateConfig, HostKey, Protocol, Registry, ServeError, SettingsError};
use doorward_grants::Grants;
use doorward_policy::{Engine, policies};
use doorward_signin::{HashCost, SignInConfig, Silent};
use doorward_sso::Oidc;
use doorward_store::Db;
use doorward_store::cursor::Cursors;
use doorward_store::testing::{TestEnv, each_database};
use doorward_vault::{SealConfig, Vault};
use doorward_watch::Watch;
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::{AppState, Streams, Web, WebConfig};

pub const ORIGIN: &str = "https://door.example.org";

struct AnySettings;

impl SettingsCheck for AnySettings {
    fn check(&self, _: &str, _: &Value) -> Result<(), String> {
        Ok(())
    }
}

/// A protocol whose hosts all show one key.
struct OneKey;

#[async_trait]
impl Protocol for OneKey {
    fn name(&self) -> &'static str {
        "ssh"
    }
    fn settings_schema(&self) -> Value {
        serde_json::json!({ "type": "object" })
    }
    fn check_settings(&self, _: &Value) -> Result<(), SettingsError> {
        Ok(())
    }
    async fn serve(&self, _: Gate, _: CancellationToken) -> Result<(), ServeError> {
        Ok(())
    }
    async fn host_keys(&self, settings: &Value) -> Result<Vec<HostKey>, SettingsError> {
        match settings.get("host") {
            Some(host) => Ok(vec![HostKey {
                line: format!("key of {host}"),
                fingerprint: "SHA256:x".to_owned(),
            }]),
            None => {
                Err(SettingsError { field: "host".to_owned(), problem: "is missing".to_owned() })
            }
        }
    }
}

pub struct House {
    pub env: TestEnv,
    pub state: AppState,
    pub router: axum::Router,
    /// What of the API answered, and how: `GET /api/v1/groups 200`.
    pub answered: std::sync::Mutex<std::collections::BTreeSet<String>>,
    pub files: tempfile::TempDir,
}

pub async fn each_house<F, Fut>(body: F)
where
    F: Fn(House) -> Fut,
    Fut: Future<Output = ()>,
{
    each_database(|db, env| {
        let body = &body;
        async move { body(House::open(db, env).await).await }
    })
    .await;
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
    }
    pub fn location(&self) -> &str {
        self.header("location")
    }
}

/// Somebody signed in.
#[derive(Clone)]
pub struct Guest {
    pub id: IdentityId,
    pub session: SessionId,
    pub token: String,
    pub kind: SessionKind,
}

impl House {
    pub async fn open(db: Db, env: TestEnv) -> Self {
        let e = env.env();
        policies::install_starter(&db).await.unwrap();
        let engine = Engine::new(e.clone());
        let watch = Watch::start(db.clone(), engine.clone(), e.clone(), CancellationToken::new())
            .await
            .unwrap();
        let files = tempfile::tempdir().unwrap();
        let vault =
            Vault::open(&db, &e, SealConfig::new(files.path().join("root.key"))).await.unwrap();
        doorward_vault::keys::ensure(&vault, "tokens", doorward_vault::keys::Algorithm::Es256)
            .await
            .unwrap();
        let mut config = SignInConfig::new(ORIGIN);
        config.cost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };
        let signin =
            doorward_signin::SignIn::new(&db, &e, &vault, engine.clone(), Arc::new(Silent), config)
                .unwrap();
        let grants = Grants::new(&db, &e, engine.clone(), ORIGIN);
        let rooms = doorward_gate::house::House {
            db: db.clone(),
            env: e.clone(),
            signin: signin.clone(),
            grants: grants.clone(),
            vault: vault.clone(),
            decider: engine.clone(),
            sources: doorward_gate::Sources::default(),
        };
        let gate_config = GateConfig {
            node: NodeId::new(&e),
            name: "node-1".to_owned(),
            recordings: files.path().join("recordings"),
        };
        let gate = Gate::new(db.clone(), e.clone(), watch.clone(), rooms.services(), gate_config);
        watch.on_change(Arc::new(signin.clone()));
        let directory = Directory::open(&db, &e, Arc::new(AnySettings)).await.unwrap();
        let oidc =
            Oidc::new(db.clone(), e.clone(), engine.clone(), vault.clone(), signin.clone(), ORIGIN);
        directory.on_leaving(Arc::new(oidc.clone()));
        directory.on_leaving(Arc::new(signin.clone()));
        let state = AppState {
            directory,
            oidc,
            http: Arc::new(
                doorward_runtime::outbound::Client::new(&Default::default(), None).unwrap(),
            ),
            cursors: Cursors::open(&db, &e).await.unwrap(),
            config: Arc::new(WebConfig {
                origin: ORIGIN.to_owned(),
                house: "Doorward".to_owned(),
                ssh: Some(("door.example.org".to_owned(), 2222)),
                trusted_proxies: vec![doorward_runtime::config::Cidr::parse("10.0.0.0/8").unwrap()],
                version: "0.1.0",
            }),
            protocols: Registry::new().with(Arc::new(OneKey)),
            streams: Streams::new(&signin, &watch),
            db,
            env: e,
            engine,
            watch,
            signin,
            vault,
            grants,
            gate,
        };
        let router = Web::router(state.clone());
        Self { env, state, router, answered: Default::default(), files }
    }

    /// What Doorward itself may do.
    pub fn system<A: Act>(&self, act: A) -> Allowed<A> {
        authorize(&*self.state.engine, &Actor::system("test"), act, &Context::default()).unwrap()
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
        self.state.directory.create_person(&self.system(CreateIdentity {}), new).await.unwrap()
    }

    pub async fn role(&self, name: &str, of: IdentityId) {
        let d = &self.state.directory;
        let read = self.system(ReadRole {});
        let role = match d.role_by_name(&read, name).await {
            Ok(role) => role.id,
            Err(_) => {
                let new = NewRole { name: name.to_owned(), description: String::new() };
                d.create_role(&self.system(CreateRole {}), new).await.unwrap().id
            }
        };
        d.assign_role(&self.system(WriteRole { role }), Holder::Identity(of), None).await.unwrap();
    }

    /// A session with a fresh passkey.
    pub async fn enter(&self, id: IdentityId, kind: SessionKind) -> Guest {
        let e = self.env.env();
        let token = URL_SAFE_NO_PAD.encode(e.secret().expose());
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes())
            .as_ref()
            .to_vec();
        let session = LiveSession {
            id: SessionId::new(&e),
            identity: id,
            kind,
            proofs: vec![Proof {
                factor: "passkey".to_owned(),
                class: FactorClass::PossessionVerified,
                phishing_resistant: true,
                at: e.now(),
            }],
            network: Network::default(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0".to_owned(),
            created_at: e.now(),
            last_seen_at: e.now(),
            expires_at: e.now() + Duration::from_secs(12 * 3600),
            device: None,
        };
        let sid = session.id;
        self.state
            .db
            .write(move |c| doorward_store::session::insert(c, &session, &hash))
            .await
            .unwrap();
        Guest { id, session: sid, token, kind }
    }

    /// An administrator at a browser.
    pub async fn administrator(&self) -> Guest {
        let person = self.person("ada").await;
        self.role("administrator", person.id).await;
        self.enter(person.id, SessionKind::Browser).await
    }

    /// The same administrator at another browser.
    pub async fn administrator_again(&self) -> Guest {
        let found = self.state.directory.resolve_name("ada").await.unwrap();
        match found {
            Some(id) => self.enter(id, SessionKind::Browser).await,
            None => self.administrator().await,
        }
    }

    /// Whatever the API takes and answers must be what its description says.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let (parts, body) = request.into_parts();
        let asked = axum::body::to_bytes(body, 8 * 1024 * 1024).await.unwrap();
        let request = Request::from_parts(parts, Body::from(asked.clone()));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        // A stream of events has no end to wait for.
        let kind = parts.headers.get(header::CONTENT_TYPE).map(|v| v.as_bytes());
        let bytes = match kind {
            Some(b"text/event-stream") => Default::default(),
            _ => axum::body::to_bytes(body, 8 * 1024 * 1024).await.unwrap(),
        };
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        };
        if let Some(operation) = super::conform::check(&method, &path, &asked, &answer) {
            self.answered.lock().unwrap().insert(operation);
        }
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(ask(Method::GET, path, None)).await
    }

    /// As this guest, from our own pages.
    pub async fn by(
        &self,
        guest: &Guest,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        self.send(signed(ask(method, path, body), guest)).await
    }

    /// A form of our own pages, with its token.
    pub async fn form(&self, guest: &Guest, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.send(page(guest, "/you")).await;
        let token = page
            .text
            .split("name=\"_token\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields).append_pair("_token", &token);
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.finish()))
            .unwrap();
        self.send(signed(request, guest)).await
    }
}

/// A request of nobody.
pub fn ask(method: Method, path: &str, body: Option<Value>) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path);
    if body.is_some() {
        builder = builder.header(header::CONTENT_TYPE, "application/json");
    }
    builder.body(body.map_or_else(Body::empty, |b| Body::from(b.to_string()))).unwrap()
}

/// A page that a guest looks at.
pub fn page(guest: &Guest, path: &str) -> Request<Body> {
    let mut request = signed(ask(Method::GET, path, None), guest);
    request.headers_mut().insert(header::ACCEPT, "text/html".parse().unwrap());
    request
}

/// The same with this guest's cookie or bearer.
pub fn signed(mut request: Request<Body>, guest: &Guest) -> Request<Body> {
    let headers = request.headers_mut();
    match guest.kind {
        SessionKind::Browser => {
            headers.insert(header::COOKIE, format!("__Host-sid={}", guest.token).parse().unwrap());
            headers.insert(header::ORIGIN, ORIGIN.parse().unwrap());
            headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
            let token = crate::frame::guard::csrf_token(&guest.token);
            headers.insert("x-csrf-token", token.expose().parse().unwrap());
        }
        SessionKind::Cli => {
            headers
                .insert(header::AUTHORIZATION, format!("Bearer {}", guest.token).parse().unwrap());
        }
    }
    request
}
