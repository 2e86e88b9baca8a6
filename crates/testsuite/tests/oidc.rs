//! A certified OpenID Connect client library from npm against a whole house: the
//! code flow with every negative case (`js/oidc`).

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward::house::House;
use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::*;
use doorward_directory::{Holder, Member, NewGroup, NewPerson, NewRole, NewWorkload};
use doorward_runtime::config::{Config, DatabaseConfig, HttpConfig, SshConfig};
use doorward_runtime::tls;
use doorward_sso::{ClientAuthentication, Kind, NewApplication, Registered, Settings};
use serde_json::{Value, json};

/// Nobody listens there: browsers are sent to it, and these tests read where to.
const REDIRECT: &str = "https://rp.example/cb";
const BYE: &str = "https://rp.example/bye";

fn system<A: Act>(house: &House, act: A) -> Allowed<A> {
    authorize(&*house.state.engine, &Actor::system("test"), act, &Context::default()).unwrap()
}

fn settings(kind: Kind, client_authentication: ClientAuthentication) -> Settings {
    Settings {
        kind,
        client_authentication,
        redirect_uris: vec![REDIRECT.to_owned()],
        post_logout_redirect_uris: vec![BYE.to_owned()],
        backchannel_logout_uri: None,
        scopes: ["openid", "profile", "email", "groups", "roles", "offline_access"]
            .map(str::to_owned)
            .to_vec(),
        ask_consent: false,
        groups: Default::default(),
        roles: Default::default(),
        jwks: None,
        workload: None,
        resource_server: false,
        device_authorization: false,
    }
}

async fn register(house: &House, name: &str, settings: Settings) -> Registered {
    titled(house, name, name, settings).await
}

async fn titled(house: &House, name: &str, title: &str, settings: Settings) -> Registered {
    let new = NewApplication {
        name: Name::parse(name).unwrap(),
        title: title.to_owned(),
        description: String::new(),
        launch_url: None,
        settings,
    };
    let allowed = system(house, CreateApplication {});
    house.state.oidc.create_application(&allowed, new).await.unwrap()
}

fn told(made: &Registered) -> Value {
    json!({ "id": made.application.id, "secret": made.client_secret })
}

/// The key pair of RFC 7515 appendix A.3: public knowledge, good for a test.
fn rfc_key() -> (Value, Value) {
    let public = json!({
        "kty": "EC", "crv": "P-256", "kid": "rfc7515-a3", "alg": "ES256", "use": "sig",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let mut private = public.clone();
    private["d"] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI".into();
    private.as_object_mut().unwrap().remove("use");
    (public, private)
}

/// A browser that has just been signed in with a passkey; its cookie.
async fn browser(house: &House, who: IdentityId) -> String {
    let env = &house.state.env;
    let token = URL_SAFE_NO_PAD.encode(env.secret().expose());
    let hash = digest(&SHA256, token.as_bytes()).as_ref().to_vec();
    let now = env.now();
    let session = LiveSession {
        id: SessionId::new(env),
        identity: who,
        kind: SessionKind::Browser,
        proofs: vec![Proof {
            factor: "passkey".to_owned(),
            class: FactorClass::PossessionVerified,
            phishing_resistant: true,
            at: now,
        }],
        network: Network::default(),
        user_agent: "node".to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now + Duration::from_secs(3600),
        device: None,
    };
    let db = &house.state.db;
    db.write(move |c| doorward_store::session::insert(c, &session, &hash)).await.unwrap();
    format!("__Host-sid={token}")
}

/// Whom the tests meet, and every client that they play, as `js/oidc/house.mjs`
/// reads it.
async fn furnish(house: &House) -> Value {
    let directory = &house.state.directory;
    let new = NewPerson {
        name: "eve".to_owned(),
        display_name: Some("Eve Lindqvist".to_owned()),
        email: Some("eve@example.org".to_owned()),
        relation: None,
        starts_at: None,
        ends_at: None,
        attributes: Default::default(),
    };
    let eve = directory.create_person(&system(house, CreateIdentity {}), new).await.unwrap().id;
    let staff = NewGroup { name: "staff".to_owned(), description: String::new() };
    let staff = directory.create_group(&system(house, CreateGroup {}), staff).await.unwrap().id;
    let allowed = system(house, WriteGroup { group: staff });
    directory.add_member(&allowed, Member::Identity(eve)).await.unwrap();
    let pipeline = NewWorkload {
        name: "pipeline".to_owned(),
        display_name: None,
        owner: Entity::new("Person", eve),
        starts_at: None,
        ends_at: None,
        attributes: Default::default(),
    };
    let made = directory.create_workload(&system(house, CreateIdentity {}), pipeline).await;
    let pipeline = made.unwrap().id;
    // A workload opens the applications that its roles name.
    let role = NewRole { name: "workload".to_owned(), description: String::new() };
    let role = directory.create_role(&system(house, CreateRole {}), role).await.unwrap().id;
    let allowed = system(house, WriteRole { role });
    directory.assign_role(&allowed, Holder::Identity(pipeline), None).await.unwrap();

    let by_secret = || settings(Kind::Web, ClientAuthentication::ClientSecret);
    let native = Settings {
        redirect_uris: vec!["http://127.0.0.1/cb".to_owned()],
        ..settings(Kind::Native, ClientAuthentication::None)
    };
    let (public, private) = rfc_key();
    let by_key = Settings {
        jwks: Some(json!({ "keys": [public] })),
        ..settings(Kind::Web, ClientAuthentication::PrivateKeyJwt)
    };
    let workload = Settings {
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        scopes: vec!["deploy".to_owned()],
        workload: Some(pipeline),
        ..settings(Kind::Workload, ClientAuthentication::ClientSecret)
    };
    let tv = || Settings {
        redirect_uris: Vec::new(),
        device_authorization: true,
        ..settings(Kind::Native, ClientAuthentication::None)
    };
    let web = told(&register(house, "web", by_secret()).await);
    let other = told(&register(house, "other", by_secret()).await);
    let native = told(&register(house, "native", native).await);
    let mut key = told(&register(house, "key", by_key).await);
    key["jwk"] = private;
    let living_room = told(&titled(house, "tv", "Living room", tv()).await);
    let other_tv = told(&register(house, "other-tv", tv()).await);
    let mut workload = told(&register(house, "workload", workload).await);
    workload["subject"] = json!(pipeline);
    json!({
        "issuer": house.config().http.origin,
        "redirect_uri": REDIRECT,
        "post_logout_redirect_uri": BYE,
        "cookie": browser(house, eve).await,
        "device_cookie": browser(house, eve).await,
        "subject": eve,
        "clients": {
            "web": web, "other": other, "native": native, "key": key, "workload": workload,
            "tv": living_room, "other_tv": other_tv,
        },
    })
}

/// A whole house on this database, and the library's programs against it.
async fn drive(database: DatabaseConfig) {
    let js = Path::new(env!("CARGO_MANIFEST_DIR")).join("js");
    assert!(
        js.join("node_modules/openid-client").exists(),
        "run `npm ci` in {} (`cargo xtask test` does)",
        js.display()
    );
    let dir = tempfile::tempdir().unwrap();
    // The origin names the port, so that it must be known before.
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let config = Config {
        data_dir: dir.path().join("house"),
        http: HttpConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], free)),
            origin: format!("https://localhost:{free}"),
            ..HttpConfig::default()
        },
        ssh: SshConfig { enabled: false, ..SshConfig::default() },
        database,
        ..Config::default()
    };
    let house = House::start(config, doorward_runtime::env()).await.unwrap();
    let described = furnish(&house).await;
    let done = tokio::process::Command::new("node")
        .args(["--test", "--test-reporter=tap", "oidc/flow.test.mjs", "oidc/device.test.mjs"])
        .current_dir(&js)
        .env("DOORWARD_OIDC", described.to_string())
        .env("NODE_EXTRA_CA_CERTS", tls::ca_path(&house.config().data_dir))
        .stdin(Stdio::null())
        .output()
        .await
        .expect("Node 18.19 or newer");
    house.stop().await;
    let said = String::from_utf8_lossy(&done.stdout);
    let complained = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{complained}");
}

/// abuse case 1, 4, 5, 6, 7, 8, 10, 11, 36, A32, F2, F6: as a client library of
/// other people meets them, over TLS.
#[tokio::test(flavor = "multi_thread")]
async fn certified_client_library_gets_what_it_may_and_nothing_else() {
    drive(DatabaseConfig::default()).await;
}

/// The same on PostgreSQL.
#[tokio::test(flavor = "multi_thread")]
async fn certified_client_library_gets_the_same_on_postgresql() {
    let url = doorward_store::testing::postgres_config().await.url;
    drive(DatabaseConfig { url: Some(url), ..DatabaseConfig::default() }).await;
}
