//! What the portal shows to whoever is signed in, and the page that shows it.

use doorward_core::lifecycle::SessionKind;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::house::{Guest, House, each_house, page};

async fn made(house: &House, guest: &Guest, method: Method, path: &str, body: Value) {
    let answer = house.by(guest, method, path, Some(body)).await;
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.text);
}

/// Eve, an engineer, and a production host.
async fn with_a_host(house: &House) -> (Guest, Guest) {
    let ada = house.administrator().await;
    let eve = house.person("eve").await;
    let host = json!({
        "name": "web-1", "kind": "ssh", "settings": {}, "labels": { "env": "prod" },
    });
    made(house, &ada, Method::POST, "/api/v1/targets", host).await;
    let account = json!({ "name": "deploy" });
    made(house, &ada, Method::POST, "/api/v1/targets/web-1/accounts", account).await;
    made(house, &ada, Method::POST, "/api/v1/groups", json!({ "name": "engineers" })).await;
    let put = "/api/v1/groups/engineers/identities/eve";
    assert!(house.by(&ada, Method::PUT, put, None).await.status.is_success());
    (ada, house.enter(eve.id, SessionKind::Browser).await)
}

async fn items(house: &House, guest: &Guest, path: &str) -> Vec<Value> {
    let answer = house.by(guest, Method::GET, path, None).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.json()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn targets_say_how_they_are_reached() {
    each_house(|house| async move {
        let (ada, eve) = with_a_host(&house).await;
        let reach = items(&house, &eve, "/api/v1/own/targets").await;
        assert_eq!(reach.len(), 1);
        assert_eq!(reach[0]["name"], "deploy@web-1");
        assert_eq!(reach[0]["how"], "request");
        let asked: Vec<&str> = reach[0]["requirements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["kind"].as_str().unwrap())
            .collect();
        assert_eq!(asked, ["reason", "approvals", "max_duration"]);
        assert_eq!(reach[0]["break_glass"], false);
        // What nothing would open is not there.
        assert!(items(&house, &ada, "/api/v1/own/targets").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_request_waits_for_those_who_may_decide_it_and_for_nobody_else() {
    each_house(|house| async move {
        let (ada, eve) = with_a_host(&house).await;
        let abe = house.person("abe").await;
        house.role("approver", abe.id).await;
        let abe = house.enter(abe.id, SessionKind::Browser).await;
        house.role("approver", eve.id).await;
        let wish =
            json!({ "about": "deploy@web-1", "reason": "disk full", "duration_seconds": 3600 });
        made(&house, &eve, Method::POST, "/api/v1/requests", wish).await;

        let waiting = items(&house, &abe, "/api/v1/own/approvals").await;
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0]["requester_name"], "eve");
        assert_eq!(waiting[0]["last_there"], Value::Null);
        // Whom and what it is about, although an approver may read neither list.
        assert_eq!(waiting[0]["requester_relation"], "employee");
        assert_ne!(waiting[0]["requester_display_name"], "");
        assert_eq!(waiting[0]["about_labels"], json!({ "env": "prod" }));
        assert_eq!(waiting[0]["requester_groups"], json!(["engineers"]));
        // Her own request, although she is an approver; and who may only read.
        assert!(items(&house, &eve, "/api/v1/own/approvals").await.is_empty());
        assert!(items(&house, &ada, "/api/v1/own/approvals").await.is_empty());

        assert_eq!(items(&house, &eve, "/api/v1/own/requests").await.len(), 1);
        assert!(items(&house, &abe, "/api/v1/own/requests").await.is_empty());
        assert!(items(&house, &eve, "/api/v1/own/requests?state=approved").await.is_empty());

        let decide = format!("/api/v1/requests/{}/decide", waiting[0]["id"].as_str().unwrap());
        made(&house, &abe, Method::POST, &decide, json!({ "decision": "approve" })).await;
        assert!(items(&house, &abe, "/api/v1/own/approvals").await.is_empty());
        let held = items(&house, &eve, "/api/v1/own/grants").await;
        assert_eq!(held.len(), 1);
        assert_eq!(held[0]["about_name"], "deploy@web-1");
        assert!(items(&house, &ada, "/api/v1/own/grants").await.is_empty());
        assert_eq!(items(&house, &eve, "/api/v1/own/targets").await[0]["how"], "now");
        assert!(items(&house, &eve, "/api/v1/own/privileged-sessions").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn permissions_are_those_that_policy_gives() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let eve = house.person("eve").await;
        let eve = house.enter(eve.id, SessionKind::Browser).await;
        let may = house.by(&eve, Method::GET, "/api/v1/own/permissions", None).await.json();
        assert_eq!(may, json!({ "now": [], "step_up": [] }));
        let has = |may: &Value, list: &str, action: &str| {
            may[list].as_array().unwrap().iter().any(|a| a == action)
        };
        let may = house.by(&ada, Method::GET, "/api/v1/own/permissions", None).await.json();
        for action in ["identity:read", "device:read", "device:manage", "role:write"] {
            assert!(has(&may, "now", action), "{action} in {may}");
        }
        // The proof grows old: what changes who may do what asks for a fresh one.
        house.env.advance(std::time::Duration::from_secs(1_200));
        let may = house.by(&ada, Method::GET, "/api/v1/own/permissions", None).await.json();
        for action in ["identity:read", "device:read"] {
            assert!(has(&may, "now", action), "{action} in {may}");
        }
        for action in ["device:manage", "role:write"] {
            assert!(has(&may, "step_up", action), "{action} in {may}");
        }
    })
    .await;
}

/// abuse case A11: the console's page runs its own scripts, by a nonce of each answer.
#[tokio::test]
async fn the_console_answers_at_each_of_its_places_with_a_fresh_nonce() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let mut seen = Vec::new();
        for path in ["/console/", "/console/manage/people?q=%3Cscript%3E"] {
            let answer = house.send(page(&ada, path)).await;
            let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.contains("require-trusted-types-for 'script'"), "{policy}");
            let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
            assert!(!seen.contains(&nonce.to_owned()), "a nonce came twice");
            seen.push(nonce.to_owned());
            assert!(!answer.text.contains("{{") && !answer.text.contains("<script>"));
            match answer.status {
                // Built: its scripts carry the nonce, and nothing else runs.
                StatusCode::OK => assert!(answer.text.contains(nonce)),
                StatusCode::NOT_FOUND => assert!(answer.text.contains("cargo xtask console")),
                other => unreachable!("{other}"),
            }
        }
    })
    .await;
}

/// What stands in these fields, page by page.
async fn walked(house: &House, guest: &Guest, path: &str, limit: usize) -> Vec<String> {
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let mark = if path.contains('?') { '&' } else { '?' };
        let page = house.see(guest, &format!("{path}{mark}limit={limit}{next}")).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{path}: {page}");
        seen.extend(items.iter().map(|i| i["name"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next"].as_str() else { return seen };
        next = format!("&cursor={cursor}");
    }
}

#[tokio::test]
async fn what_i_reach_comes_in_pages_and_is_searched_by_the_server() {
    each_house(|house| async move {
        let (ada, eve) = with_a_host(&house).await;
        for (name, env) in [("web-2", "dev"), ("db-1", "prod"), ("off-1", "dev")] {
            let host =
                json!({ "name": name, "kind": "ssh", "settings": {}, "labels": { "env": env } });
            made(&house, &ada, Method::POST, "/api/v1/targets", host).await;
            let path = format!("/api/v1/targets/{name}/accounts");
            made(&house, &ada, Method::POST, &path, json!({ "name": "deploy" })).await;
        }
        let off = json!({ "enabled": false });
        made(&house, &ada, Method::PATCH, "/api/v1/targets/off-1", off).await;
        let all = ["deploy@db-1", "deploy@web-1", "deploy@web-2"];
        for limit in [1, 2, 3, 50] {
            assert_eq!(walked(&house, &eve, "/own/targets", limit).await, all, "{limit}");
        }
        let mut down = walked(&house, &eve, "/own/targets?sort=-name", 1).await;
        down.reverse();
        assert_eq!(down, all);
        for (query, wanted) in [
            ("q=WEB", &all[1..]),
            ("q=deploy@web-2", &all[2..]),
            ("q=ssh", &all[..]),
            ("q=nothing", &[]),
            ("how=now", &all[2..]),
            ("how=request", &all[..2]),
            ("how=request&q=db", &all[..1]),
        ] {
            let found = walked(&house, &eve, &format!("/own/targets?{query}"), 1).await;
            assert_eq!(found, wanted, "{query}");
        }
        let first = house.see(&eve, "/own/targets?limit=1").await;
        let cursor = first["next"].as_str().unwrap();
        for path in [
            format!("/api/v1/own/targets?sort=-name&cursor={cursor}"),
            format!("/api/v1/own/applications?cursor={cursor}"),
        ] {
            let answer = house.by(&eve, Method::GET, &path, None).await;
            assert_eq!(answer.json()["field"], "cursor", "{}", answer.text);
        }
    })
    .await;
}

const LEDGER: &str = r#"
forbid (principal, action == Doorward::Action::"application:open",
  resource == Doorward::Application::"ledger")
unless { context.reason && context.approvals >= 1 };
"#;

#[tokio::test]
async fn what_i_can_open_comes_in_pages_and_is_searched_by_the_server() {
    each_house(|house| async move {
        let (ada, eve) = with_a_host(&house).await;
        made(&house, &ada, Method::POST, "/api/v1/groups", json!({ "name": "staff" })).await;
        let put = "/api/v1/groups/staff/identities/eve";
        assert!(house.by(&ada, Method::PUT, put, None).await.status.is_success());
        house.done(&ada, Method::PUT, "/policies/ledger", json!({ "text": LEDGER })).await;
        for (name, title) in
            [("wiki", "Know-how"), ("rota", "Rota"), ("ledger", "Books"), ("old", "Old")]
        {
            let new = json!({ "name": name, "title": title, "description": format!("The {name}"),
                "settings": { "kind": "web", "client_authentication": "client_secret",
                    "redirect_uris": ["https://a.example.org/b"] } });
            house.done(&ada, Method::POST, "/applications", new).await;
        }
        house.done(&ada, Method::PATCH, "/applications/old", json!({ "enabled": false })).await;
        let path = "/own/applications";
        for limit in [1, 2, 50] {
            // By title.
            assert_eq!(walked(&house, &eve, path, limit).await, ["ledger", "wiki", "rota"]);
        }
        for (query, wanted) in [
            ("q=know", "wiki"),
            ("q=the+rota", "rota"),
            ("q=old", ""),
            ("how=now&sort=name", "rota wiki"),
            ("how=request", "ledger"),
        ] {
            let found = walked(&house, &eve, &format!("{path}?{query}"), 1).await;
            assert_eq!(found.join(" "), wanted, "{query}");
        }
        assert!(walked(&house, &ada, path, 50).await.is_empty(), "staff alone may open them");
    })
    .await;
}
