//! The whole API once, with something in the house.

use doorward_core::lifecycle::SessionKind;
use doorward_core::{AccountId, AuthenticatorId, NodeId, PrivilegedSessionId, TargetId};
use doorward_store::authenticator::{self, Authenticator};
use doorward_store::privileged_session::{self, Command, FileOperation, PrivilegedSession};
use http::Method;
use serde_json::{Value, json};

use super::house::{Guest, House, each_house};
use crate::Web;

const REACH: &str = r#"
permit (principal in Doorward::Group::"engineers",
  action in [Doorward::Action::"session:open", Doorward::Action::"session:break-glass"], resource)
when { context.reason && (context.approvals >= 1 || context.break_glass) };
permit (principal in Doorward::Role::"administrator",
  action in [Doorward::Action::"secret:read"], resource);
"#;

impl House {
    /// Does it, and fails unless it was done.
    pub async fn done(&self, guest: &Guest, method: Method, path: &str, body: Value) -> Value {
        let body = (!body.is_null()).then_some(body);
        let path = format!("/api/v1{path}");
        let answer = self.by(guest, method.clone(), &path, body).await;
        assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text);
        if answer.text.is_empty() { Value::Null } else { answer.json() }
    }

    pub async fn see(&self, guest: &Guest, path: &str) -> Value {
        self.done(guest, Method::GET, path, Value::Null).await
    }

    /// Somebody with a browser, in these groups and roles.
    pub async fn guest(&self, name: &str, roles: &[&str]) -> Guest {
        let person = self.person(name).await;
        for role in roles {
            self.role(role, person.id).await;
        }
        self.enter(person.id, SessionKind::Browser).await
    }

    /// An account `deploy` on a new target.
    pub async fn account(&self, guest: &Guest, target: &str) -> Value {
        let new = json!({ "name": target, "kind": "ssh", "settings": {} });
        self.done(guest, Method::POST, "/targets", new).await;
        let path = format!("/targets/{target}/accounts");
        self.done(guest, Method::POST, &path, json!({ "name": "deploy" })).await
    }

    /// A live privileged session, as a gateway would have left it in the database.
    pub async fn connected(&self, guest: &Guest, account: &Value) -> PrivilegedSessionId {
        let e = self.env.env();
        let id = PrivilegedSessionId::new(&e);
        let about: AccountId = account["id"].as_str().unwrap().parse().unwrap();
        let target: TargetId = account["target"].as_str().unwrap().parse().unwrap();
        let row = PrivilegedSession {
            id,
            identity: guest.id,
            account: about,
            target,
            login: "deploy@web-1".to_owned(),
            protocol: "ssh".to_owned(),
            grant: None,
            node: NodeId::new(&e),
            address: Some("203.0.113.9".to_owned()),
            question: doorward_core::Question {
                actor: doorward_core::Actor::identity(guest.id, Vec::new()),
                action: doorward_core::Action::OpenSession,
                resource: doorward_core::Resource::account(about),
                context: Default::default(),
            },
            state: "opening".to_owned(),
            started_at: e.now(),
            ended_at: None,
            end_cause: None,
            end_requested: None,
            frozen: None,
            coverage: "full".to_owned(),
            bytes_in: 0,
            bytes_out: 0,
            version: 1,
        };
        let at = e.now();
        self.state
            .db
            .write(move |c| {
                privileged_session::insert(c, &row)?;
                privileged_session::connected(c, id, at)?;
                let command = Command { number: 1, at, text: "uptime".to_owned(), certain: true };
                privileged_session::add_command(c, id, &command)?;
                let file = FileOperation {
                    number: 1,
                    at,
                    operation: "read".to_owned(),
                    path: "/etc/motd".to_owned(),
                    other_path: None,
                    bytes: 12,
                    outcome: "ok".to_owned(),
                };
                privileged_session::add_file(c, id, &file)
            })
            .await
            .unwrap();
        id
    }
}

struct LogKey(aws_lc_rs::signature::Ed25519KeyPair);

impl LogKey {
    fn new() -> Self {
        Self(aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap())
    }
}

impl doorward_audit::CheckpointSigner for LogKey {
    fn public(&self) -> Option<[u8; 32]> {
        use aws_lc_rs::signature::KeyPair as _;
        self.0.public_key().as_ref().try_into().ok()
    }
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        Some(self.0.sign(message).as_ref().to_vec())
    }
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

async fn people(house: &House, ada: &Guest) {
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let (patch, delete) = (Method::PATCH, Method::DELETE);
    house.done(ada, post.clone(), "/identities", json!({ "kind": "person", "name": "ben", "relation": "vendor", "ends_at": "2100-01-01T00:00:00Z", "attributes": { "desk": 7 } })).await;
    house
        .done(
            ada,
            post.clone(),
            "/identities",
            json!({ "kind": "workload", "name": "ci", "owner": "ben" }),
        )
        .await;
    house
        .done(
            ada,
            patch.clone(),
            "/identities/ben",
            json!({ "email": "ben@example.org", "ends_at": null }),
        )
        .await;
    house.done(ada, post.clone(), "/identities/ben/invite", json!({ "reset": true })).await;
    house.done(ada, post.clone(), "/identities/ben/disable", json!({ "reason": "left" })).await;
    house.done(ada, post.clone(), "/identities/ben/enable", Value::Null).await;
    for group in ["engineers", "inner"] {
        house.done(ada, post.clone(), "/groups", json!({ "name": group })).await;
        house
            .done(ada, patch.clone(), &format!("/groups/{group}"), json!({ "description": "x" }))
            .await;
    }
    for role in ["approver", "spare"] {
        house.done(ada, post.clone(), "/roles", json!({ "name": role })).await;
        house
            .done(ada, patch.clone(), &format!("/roles/{role}"), json!({ "description": "x" }))
            .await;
    }
    let until = json!({ "ends_at": "2100-01-01T00:00:00Z" });
    for member in ["identities/ben", "groups/inner"] {
        house.done(ada, put.clone(), &format!("/groups/engineers/{member}"), Value::Null).await;
        house.done(ada, put.clone(), &format!("/roles/spare/{member}"), until.clone()).await;
    }
    for path in [
        "/identities",
        "/identities/ben",
        "/identities/ci",
        "/identities/ada/sessions",
        "/groups",
        "/groups/engineers",
        "/roles",
        "/roles/spare",
    ] {
        house.done(ada, get.clone(), path, Value::Null).await;
    }
    house.done(ada, delete.clone(), "/identities/ben/sessions", Value::Null).await;
    house.done(ada, delete.clone(), "/groups/engineers/groups/inner", Value::Null).await;
    house.done(ada, delete.clone(), "/roles/spare/groups/inner", Value::Null).await;
    house.done(ada, delete.clone(), "/groups/inner", Value::Null).await;
    house.done(ada, delete.clone(), "/roles/spare", Value::Null).await;
    house.done(ada, delete, "/identities/ci", Value::Null).await;
}

async fn reach(house: &House, ada: &Guest) {
    let (post, put) = (Method::POST, Method::PUT);
    let (patch, delete) = (Method::PATCH, Method::DELETE);
    let settings = json!({ "host": "10.0.0.1", "port": 22, "host_keys": [] });
    for target in ["web-1", "old-1"] {
        house
            .done(
                ada,
                post.clone(),
                "/targets",
                json!({ "name": target, "kind": "ssh", "settings": settings }),
            )
            .await;
    }
    house.done(ada, patch.clone(), "/targets/web-1", json!({ "labels": { "env": "prod" } })).await;
    for account in ["deploy", "admin"] {
        house.done(ada, post.clone(), "/targets/web-1/accounts", json!({ "name": account })).await;
    }
    let root = json!({ "name": "root", "labels": { "power": "all" } });
    let changed = house.done(ada, patch.clone(), "/targets/web-1/accounts/admin", root).await;
    assert_eq!(changed["labels"]["power"], "all");
    house
        .done(
            ada,
            put.clone(),
            "/targets/web-1/accounts/deploy/credential",
            json!({ "kind": "password", "value": "correct horse" }),
        )
        .await;
    let kinds = house.see(ada, "/protocols").await;
    assert_eq!(kinds["items"][0]["name"], "ssh");
    assert_eq!(kinds["items"][0]["settings_schema"]["type"], "object");
    let place = json!({ "settings": { "host": "web-1" } });
    let keys = house.done(ada, post.clone(), "/protocols/ssh/host-keys", place).await;
    assert_eq!(keys["keys"][0]["line"], "key of \"web-1\"");
    house.see(ada, "/targets").await;
    for (q, found) in
        [("10.0.0.1", 2), ("env=pro", 1), ("prod", 1), ("tier=prod", 0), ("env=test", 0)]
    {
        let shown = house.see(ada, &format!("/targets?q={}", q.replace('=', "%3D"))).await;
        assert_eq!(shown["items"].as_array().unwrap().len(), found, "{q}");
    }
    let shown = house.see(ada, "/targets/web-1").await;
    assert_eq!(shown["accounts"].as_array().unwrap().len(), 2);
    house.done(ada, delete.clone(), "/targets/web-1/accounts/root", Value::Null).await;
    house.done(ada, delete.clone(), "/targets/old-1", Value::Null).await;
    let application = json!({
        "name": "wiki", "title": "Wiki", "launch_url": "https://wiki.example.org",
        "settings": {
            "kind": "web", "client_authentication": "client_secret",
            "redirect_uris": ["https://wiki.example.org/back"],
        },
    });
    house.done(ada, post.clone(), "/applications", application).await;
    house.done(ada, patch, "/applications/wiki", json!({ "title": "The wiki" })).await;
    house.done(ada, post.clone(), "/applications/wiki/test", json!({})).await;
    house.done(ada, post, "/applications/wiki/secret", Value::Null).await;
    house.see(ada, "/applications").await;
    house.see(ada, "/applications/wiki").await;
    house.done(ada, delete, "/applications/wiki", Value::Null).await;
}

async fn rules(house: &House, ada: &Guest) {
    let (post, put, delete) = (Method::POST, Method::PUT, Method::DELETE);
    house.done(ada, put.clone(), "/policies/reach", json!({ "text": REACH })).await;
    house.done(ada, put, "/policies/reach", json!({ "text": REACH, "description": "x" })).await;
    house.see(ada, "/policies").await;
    house.see(ada, "/policies/reach").await;
    house.done(ada, post.clone(), "/policies/reach/disable", Value::Null).await;
    house.done(ada, post.clone(), "/policies/reach/enable", Value::Null).await;
    house.done(ada, post.clone(), "/policies/check", json!({ "text": REACH })).await;
    let wrong = house.done(ada, post.clone(), "/policies/check", json!({ "text": "permit" })).await;
    assert_eq!(wrong["valid"], false);
    let table = "[[expect]]\nprincipal = \"ada\"\naction = \"role:read\"\nexpect = \"step-up\"\n";
    house.done(ada, post.clone(), "/policies/test", json!({ "table": table })).await;
    let why = json!({ "principal": "ben", "action": "session:open", "resource": "deploy@web-1" });
    house.done(ada, post, "/policies/explain", why).await;
    house.done(ada, delete, "/policies/auditors", Value::Null).await;
}

async fn privileged(house: &House, ada: &Guest, ben: &Guest, abe: &Guest) {
    let post = Method::POST;
    let wish = json!({ "about": "deploy@web-1", "reason": "disk full", "duration_seconds": 1800 });
    let decide = |word: &str| json!({ "decision": word, "comment": "fine" });
    let filed = house.done(ben, post.clone(), "/requests", wish.clone()).await;
    let path = format!("/requests/{}", id(&filed));
    house.see(ben, "/requests?state=pending").await;
    house.done(ben, post.clone(), &format!("{path}/withdraw"), Value::Null).await;
    let filed = house.done(ben, post.clone(), "/requests", wish.clone()).await;
    let path = format!("/requests/{}", id(&filed));
    house.done(abe, post.clone(), &format!("{path}/decide"), decide("deny")).await;
    let filed = house.done(ben, post.clone(), "/requests", wish.clone()).await;
    let path = format!("/requests/{}", id(&filed));
    let decided = house.done(abe, post.clone(), &format!("{path}/decide"), decide("approve")).await;
    let shown = house.see(ben, &path).await;
    assert_eq!(shown["approvals"][0]["by_name"], "abe");
    let grant = format!("/grants/{}", id(&decided["grant"]));
    house.see(ben, "/grants?state=live").await;
    house.see(ben, &grant).await;
    house.done(ben, post.clone(), &format!("{grant}/return"), Value::Null).await;
    let glass = house.done(ben, post.clone(), "/grants/break-glass", wish).await;
    let glass = format!("/grants/{}", id(&glass));
    house.done(ada, post.clone(), &format!("{glass}/revoke"), json!({ "reason": "enough" })).await;
    house.done(ada, post.clone(), &format!("{glass}/review"), json!({ "comment": "seen" })).await;
    house.see(ada, "/grants").await;
    let account = house.see(ada, "/targets/web-1").await["accounts"][0].clone();
    let session = house.connected(ben, &account).await;
    house.see(ada, "/privileged-sessions").await;
    // By what people think of: who, on what, why.
    for (list, words) in [
        ("/requests", ["deploy@web", "BEN", "disk f"]),
        ("/grants", ["deploy@web", "BEN", "disk f"]),
        ("/privileged-sessions", ["deploy@web", "BEN", "203.0.113"]),
        ("/audit/events", ["deploy@web", "BEN", "disk f"]),
    ] {
        for q in words {
            let q = q.replace(' ', "%20");
            let found = house.see(ada, &format!("{list}?q={q}")).await;
            assert_ne!(found["items"], json!([]), "{list}?q={q}");
        }
        let none = house.see(ada, &format!("{list}?q=nothing-like-it")).await;
        assert_eq!(none["items"], json!([]), "{list}");
    }
    let session = format!("/privileged-sessions/{session}");
    for tail in ["", "/commands", "/files"] {
        house.see(ada, &format!("{session}{tail}")).await;
    }
    let why = || json!({ "reason": "what is this?" });
    house.done(ada, post.clone(), &format!("{session}/freeze"), why()).await;
    house.done(ada, post.clone(), &format!("{session}/messages"), json!({ "text": "hello" })).await;
    house.done(ada, post.clone(), &format!("{session}/thaw"), Value::Null).await;
    for tail in ["orders", "watchers"] {
        house.see(ada, &format!("{session}/{tail}")).await;
    }
    house.done(ada, post, &format!("{session}/end"), why()).await;
}

async fn keys(house: &House, ada: &Guest) {
    let (post, put, delete) = (Method::POST, Method::PUT, Method::DELETE);
    let value = json!({ "kind": "password", "description": "x", "value": "hunter2" });
    house.done(ada, put.clone(), "/secrets/mail", value.clone()).await;
    house.done(ada, put, "/secrets/mail", value).await;
    house.see(ada, "/secrets").await;
    let shown = house.see(ada, "/secrets/mail").await;
    assert_eq!((&shown["current"], shown.get("value")), (&json!(2), None));
    house.see(ada, "/secrets/mail/versions").await;
    let read = house.done(ada, post.clone(), "/secrets/mail/read", Value::Null).await;
    assert_eq!(read["value"], "hunter2");
    house.done(ada, delete, "/secrets/mail", Value::Null).await;
    house.see(ada, "/seal").await;
    let new = json!({ "method": "shamir", "shares": 3, "threshold": 2 });
    let done = house.done(ada, post.clone(), "/seal/rekey", new).await;
    let shares = done["shares"].as_array().unwrap();
    house.done(ada, post.clone(), "/seal", Value::Null).await;
    house.done(ada, post.clone(), "/seal/unseal", json!({ "input": shares[0] })).await;
    house.done(ada, post.clone(), "/seal/reset", Value::Null).await;
    for share in shares.iter().take(2) {
        house.done(ada, post.clone(), "/seal/unseal", json!({ "input": share })).await;
    }
}

async fn own(house: &House, ada: &Guest) {
    let (post, delete) = (Method::POST, Method::DELETE);
    let e = house.env.env();
    let passkey = Authenticator {
        id: AuthenticatorId::new(&e),
        identity: ada.id,
        factor: "passkey".to_owned(),
        label: "laptop".to_owned(),
        lookup: None,
        data: Vec::new(),
        counter: 0,
        created_at: e.now(),
        used_at: None,
        version: 1,
    };
    house.state.db.write(move |c| authenticator::insert(c, &passkey)).await.unwrap();
    let key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl a@b";
    let added = house.done(ada, post.clone(), "/own/ssh-keys", json!({ "public_key": key })).await;
    house.see(ada, "/own/authenticators").await;
    house.see(ada, "/own/activity").await;
    for what in [
        "applications",
        "targets",
        "approvals",
        "requests",
        "grants",
        "privileged-sessions",
        "permissions",
    ] {
        house.see(ada, &format!("/own/{what}")).await;
    }
    let other = house.enter(ada.id, SessionKind::Cli).await;
    house.see(ada, "/own/sessions").await;
    house.done(ada, delete.clone(), &format!("/own/sessions/{}", other.session), Value::Null).await;
    house.see(ada, "/session").await;
    let started = house.done(ada, post.clone(), "/device/start", json!({})).await;
    let poll = json!({ "device_token": started["device_token"] });
    house.done(ada, post, "/device/poll", poll).await;
    let spare = house.enter(ada.id, SessionKind::Browser).await;
    house.done(&spare, delete.clone(), "/session", Value::Null).await;
    house
        .done(ada, delete.clone(), &format!("/own/authenticators/{}", id(&added)), Value::Null)
        .await;
    let [first, second] = [house.device(ada).await, house.device(ada).await];
    house.see(ada, "/own/devices").await;
    house.see(ada, "/devices?managed=false&q=firefox").await;
    let at = format!("/devices/{first}");
    house.done(ada, Method::PATCH, &at, json!({ "managed": true })).await;
    house.done(ada, delete.clone(), &at, Value::Null).await;
    house.done(ada, delete, &format!("/own/devices/{second}"), Value::Null).await;
}

async fn rest(house: &House, ada: &Guest) {
    let (post, patch, delete) = (Method::POST, Method::PATCH, Method::DELETE);
    let hook = json!({ "name": "pager", "url": "https://pager.example.org/in", "events": ["*"] });
    let hook = house.done(ada, post, "/webhooks", hook).await;
    let at = format!("/webhooks/{}", id(&hook));
    house.done(ada, patch, &at, json!({ "enabled": false })).await;
    house.see(ada, "/webhooks").await;
    house.done(ada, delete, &at, Value::Null).await;
    house.done(ada, Method::POST, "/ssh-ca/rotate", json!({})).await;
    house.see(ada, "/ssh-ca").await;
    house.by(ada, Method::GET, "/api/v1/ssh-ca.pub", None).await;
    house.see(ada, "/audit/events?outcome=success").await;
    house.see(ada, "/access?who=ada").await;
    house.see(ada, "/access/history").await;
    house.by(ada, Method::GET, "/api/v1/audit/export", None).await;
    let newest = house.see(ada, "/audit/events?limit=1").await;
    let head = doorward_audit::Sequencer::new(
        house.state.db.clone(),
        house.env.env(),
        NodeId::new(&house.env.env()),
        doorward_audit::ORIGIN,
        doorward_audit::tiles::Tiles::new(house.files.path().join("tiles")),
        std::sync::Arc::new(LogKey::new()),
    );
    assert!(head.flush().await.unwrap());
    house.see(ada, "/audit/checkpoint").await;
    house.see(ada, "/audit/consistency?from=1").await;
    house.see(ada, &format!("/audit/events/{}/proof", id(&newest["items"][0]))).await;
    for path in ["/status", "/nodes", "/health", "/openapi.json"] {
        house.see(ada, path).await;
    }
}

/// Operations whose answers have no schema, or that need a host to answer.
const ELSEWHERE: &[&str] = &[
    "GET /api/v1/live",
    "GET /api/v1/privileged-sessions/{id}/recording",
    "GET /api/v1/privileged-sessions/{id}/watch",
    "POST /api/v1/targets/{name}/accounts/{account}/rotate",
    "POST /api/v1/targets/{name}/accounts/{account}/test",
];

/// Every operation answers as it is described; [`House::send`] holds each answer
/// against the description.
#[tokio::test]
async fn every_operation_answers_as_described() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        people(&house, &ada).await;
        reach(&house, &ada).await;
        rules(&house, &ada).await;
        let ben = house.state.directory.resolve_name("ben").await.unwrap().unwrap();
        let ben = house.enter(ben, SessionKind::Browser).await;
        let abe = house.guest("abe", &["approver"]).await;
        privileged(&house, &ada, &ben, &abe).await;
        own(&house, &ada).await;
        rest(&house, &ada).await;
        keys(&house, &ada).await;
        let answered = house.answered.lock().unwrap().clone();
        let missing: Vec<String> = Web::operations()
            .iter()
            .filter(|o| o.path.starts_with("/api/"))
            .map(|o| format!("{} {}", o.method, o.path))
            .filter(|name| !answered.iter().any(|a| a.starts_with(&format!("{name} 2"))))
            .filter(|name| !ELSEWHERE.contains(&name.as_str()))
            .collect();
        assert_eq!(missing, Vec::<String>::new());
    })
    .await;
}
