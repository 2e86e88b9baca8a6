//! Who reaches what, and by which path.

use std::time::Duration;

use doorward_core::{IdentityId, RoleId, WriteRole};
use doorward_directory::Holder;
use doorward_store::identity::{self, IdentityKind, Relation};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::house::{Answer, Guest, House, ask, each_house, signed};

/// A production and a development host, groups in each other, and those who use them.
pub async fn furnish(house: &House) -> (Guest, Guest) {
    let ada = house.administrator().await;
    let post = Method::POST;
    for (name, env) in [("dev-1", "dev"), ("web-1", "prod")] {
        let new = json!({ "name": name, "kind": "ssh", "settings": {}, "labels": { "env": env } });
        house.done(&ada, post.clone(), "/targets", new).await;
        let path = format!("/targets/{name}/accounts");
        house.done(&ada, post.clone(), &path, json!({ "name": "deploy" })).await;
    }
    for name in ["engineers", "dba", "cleared", "on-call"] {
        house.done(&ada, post.clone(), "/groups", json!({ "name": name })).await;
    }
    house.done(&ada, Method::PUT, "/groups/engineers/groups/dba", Value::Null).await;
    let eve = house.guest("eve", &[]).await;
    house.done(&ada, Method::PUT, "/groups/dba/identities/eve", Value::Null).await;
    (ada, eve)
}

async fn rows(house: &House, guest: &Guest, query: &str) -> Vec<Value> {
    let page = house.see(guest, &format!("/access?limit=200&{query}")).await;
    assert_eq!(page["next"], Value::Null, "{page}");
    page["items"].as_array().unwrap().clone()
}

/// `eve deploy@web-1 request dba>engineers`, one for each row.
async fn told(house: &House, guest: &Guest, query: &str) -> Vec<String> {
    let chain = |c: &Value| {
        let names = c.as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap());
        names.collect::<Vec<_>>().join(">")
    };
    let path = |p: &Value| {
        let chains: Vec<String> = p["chains"].as_array().unwrap().iter().map(chain).collect();
        if chains.is_empty() { p["via"].as_str().unwrap().to_owned() } else { chains.join("&") }
    };
    let line = |row: &Value| {
        let paths: Vec<String> = row["paths"].as_array().unwrap().iter().map(path).collect();
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        format!("{} {} {} {}", text("who"), text("what"), text("how"), paths.join("|"))
    };
    rows(house, guest, query).await.iter().map(line).collect()
}

#[tokio::test]
async fn paths_lead_through_nested_groups_and_say_what_is_on_request() {
    each_house(|house| async move {
        let (ada, eve) = furnish(&house).await;
        let wanted =
            ["eve deploy@dev-1 now dba>engineers", "eve deploy@web-1 request dba>engineers"];
        assert_eq!(told(&house, &ada, "who=eve").await, wanted);
        assert_eq!(told(&house, &ada, "what=web-1").await, wanted[1..]);
        assert_eq!(told(&house, &ada, "what=deploy@dev-1").await, wanted[..1]);
        assert_eq!(told(&house, &ada, "who=eve&how=request").await, wanted[1..]);
        assert_eq!(told(&house, &ada, "who=eve&what=dev-1").await, wanted[..1]);
        // What a group gives does not depend on who is in it.
        let of_group = ["dba deploy@dev-1 now dba>engineers"];
        assert_eq!(told(&house, &ada, "group=dba&what=dev-1").await, of_group);
        assert_eq!(told(&house, &ada, "group=engineers").await.len(), 2);
        assert!(told(&house, &ada, "group=cleared").await.is_empty());
        // The portal says the same to eve.
        let own = house.see(&eve, "/own/targets").await;
        let row = &rows(&house, &ada, "who=eve&what=web-1").await[0];
        assert_eq!(own["items"][1]["name"], "deploy@web-1");
        assert_eq!(own["items"][1]["requirements"], row["requirements"]);
        assert_eq!((&row["standing"], &row["policies"]), (&json!(false), &json!(["hosts#2"])));
        assert_eq!((&row["last_used"], &row["grant"]), (&Value::Null, &Value::Null));
        let account = house.see(&ada, "/targets/web-1").await["accounts"][0].clone();
        house.connected(&eve, &account).await;
        let row = &rows(&house, &ada, "who=eve&what=web-1").await[0];
        assert_eq!(row["last_used"], "2026-01-01T00:00:00Z");
    })
    .await;
}

const BY_ROLE: &str = r#"
permit (principal in Doorward::Role::"night", action == Doorward::Action::"session:open", resource)
when { resource.labels.contains("env=prod") };
"#;

#[tokio::test]
async fn a_role_with_an_end_says_until_when_and_then_gives_nothing() {
    each_house(|house| async move {
        let (ada, _) = furnish(&house).await;
        house.done(&ada, Method::PUT, "/policies/night", json!({ "text": BY_ROLE })).await;
        let fay = house.guest("fay", &[]).await;
        let new = json!({ "name": "night" });
        let role = house.done(&ada, Method::POST, "/roles", new).await;
        let role: RoleId = role["id"].as_str().unwrap().parse().unwrap();
        let end = house.env.now() + Duration::from_secs(60);
        let allowed = house.system(WriteRole { role });
        let directory = &house.state.directory;
        directory.assign_role(&allowed, Holder::Identity(fay.id), Some(end)).await.unwrap();
        let row = &rows(&house, &ada, "who=fay").await[0];
        let steps = json!([[{ "kind": "role", "name": "night", "until": "2026-01-01T00:01:00Z" }]]);
        assert_eq!(row["paths"], json!([{ "via": "role", "chains": steps }]));
        assert_eq!((&row["how"], &row["standing"]), (&json!("now"), &json!(true)));
        house.env.advance(Duration::from_secs(61));
        assert!(rows(&house, &ada, "who=fay").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn whoever_is_disabled_reaches_nothing() {
    each_house(|house| async move {
        let (ada, _) = furnish(&house).await;
        let why = json!({ "reason": "left" });
        house.done(&ada, Method::POST, "/identities/eve/disable", why).await;
        assert!(rows(&house, &ada, "who=eve").await.is_empty());
        assert!(rows(&house, &ada, "what=web-1").await.is_empty());
    })
    .await;
}

const FREE: &str = r#"
permit (principal == Doorward::Person::"EVE", action == Doorward::Action::"session:open", resource);
"#;
const TWO: &str = r#"
permit (principal in Doorward::Group::"dba", action == Doorward::Action::"session:open", resource)
when { principal in Doorward::Group::"cleared" };
"#;

#[tokio::test]
async fn an_edit_of_a_policy_changes_the_answer_at_once() {
    each_house(|house| async move {
        let (ada, eve) = furnish(&house).await;
        let put = |text: String| {
            house.done(&ada, Method::PUT, "/policies/hosts", json!({ "text": text }))
        };
        put(FREE.replace("EVE", &eve.id.to_string())).await;
        let direct = ["eve deploy@web-1 now direct"];
        assert_eq!(told(&house, &ada, "what=web-1").await, direct);
        put(TWO.to_owned()).await;
        assert!(told(&house, &ada, "what=web-1").await.is_empty());
        house.done(&ada, Method::PUT, "/groups/cleared/identities/eve", Value::Null).await;
        // Neither is enough alone.
        assert_eq!(told(&house, &ada, "what=web-1").await, ["eve deploy@web-1 now dba&cleared"]);
        house.done(&ada, Method::POST, "/policies/hosts/disable", Value::Null).await;
        assert!(told(&house, &ada, "who=eve").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_grant_opens_until_it_ends_and_does_not_stand() {
    each_house(|house| async move {
        let (ada, eve) = furnish(&house).await;
        let abe = house.guest("abe", &["approver"]).await;
        let wish = json!({ "about": "deploy@web-1", "reason": "ticket", "duration_seconds": 600 });
        let filed = house.done(&eve, Method::POST, "/requests", wish).await;
        let path = format!("/requests/{}/decide", filed["id"].as_str().unwrap());
        house.done(&abe, Method::POST, &path, json!({ "decision": "approve" })).await;
        let row = &rows(&house, &ada, "what=web-1").await[0];
        assert_eq!((&row["how"], &row["standing"]), (&json!("now"), &json!(false)), "{row}");
        assert_eq!(row["until"], "2026-01-01T00:10:00Z");
        assert_eq!(row["paths"][0]["chains"][0][1]["name"], "engineers");
        let path = format!("/grants/{}/revoke", row["grant"].as_str().unwrap());
        house.done(&ada, Method::POST, &path, json!({ "reason": "x" })).await;
        let row = &rows(&house, &ada, "who=eve&what=web-1").await[0];
        assert_eq!((&row["how"], &row["grant"]), (&json!("request"), &Value::Null));
        // Those on call need nobody's yes.
        house.guest("fay", &[]).await;
        house.done(&ada, Method::PUT, "/groups/on-call/identities/fay", Value::Null).await;
        let of_fay = told(&house, &ada, "who=fay&what=web-1").await;
        assert_eq!(of_fay, ["fay deploy@web-1 break_glass on-call"]);
    })
    .await;
}

async fn asked(house: &House, guest: &Guest, query: &str) -> Answer {
    house.by(guest, Method::GET, &format!("/api/v1/access{query}"), None).await
}

#[tokio::test]
async fn only_those_whom_policy_permits_ask_and_only_what_makes_sense() {
    each_house(|house| async move {
        let (ada, eve) = furnish(&house).await;
        let audrey = house.guest("audrey", &["auditor"]).await;
        assert_eq!(asked(&house, &audrey, "?who=eve").await.status, StatusCode::OK);
        assert_eq!(asked(&house, &eve, "?who=eve").await.status, StatusCode::FORBIDDEN);
        for (query, field) in [
            ("", "who"),
            ("?who=nobody", "who"),
            ("?group=nothing", "group"),
            ("?what=nothing", "what"),
            ("?who=eve&group=dba", "group"),
            ("?who=eve&how=never", "how"),
            ("?who=eve&cursor=forged", "cursor"),
        ] {
            let answer = asked(&house, &ada, query).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            assert_eq!(answer.json()["field"], field, "{query}: {}", answer.text);
        }
        let mut request = signed(ask(Method::GET, "/api/v1/access?who=eve", None), &ada);
        request.headers_mut().insert(header::ACCEPT, "text/csv".parse().unwrap());
        let csv = house.send(request).await.text;
        assert!(csv.lines().nth(1).unwrap().contains(",deploy@dev-1,"), "{csv}");
    })
    .await;
}

/// This many people, by the store alone.
pub async fn crowd(house: &House, many: usize) {
    let e = house.env.env();
    let now = e.now();
    let rows: Vec<identity::Identity> = (0..many)
        .map(|n| identity::Identity {
            id: IdentityId::new(&e),
            kind: IdentityKind::Person,
            name: doorward_core::Name::parse(&format!("p{n:06}")).unwrap(),
            // Many share one, so that ties are walked through.
            display_name: format!("Person {:03}", n * 7_919 % 311),
            email: None,
            relation: Some(if n % 2 == 0 { Relation::Vendor } else { Relation::Employee }),
            owner: None,
            enabled: true,
            starts_at: None,
            ends_at: None,
            attributes: Default::default(),
            created_at: now,
            updated_at: now,
            version: 1,
        })
        .collect();
    for part in rows.chunks(5_000) {
        let part = part.to_vec();
        let db = &house.state.db;
        db.write(move |c| part.iter().try_for_each(|row| identity::insert(c, row))).await.unwrap();
    }
    house.state.engine.load(&house.state.db).await.unwrap();
}

/// What one call asks is bounded, and the pages together leave nobody out.
#[tokio::test]
async fn many_people_come_in_pages_of_bounded_work() {
    each_house(|house| async move {
        let (ada, _) = furnish(&house).await;
        house.guest("zoe", &[]).await;
        house.done(&ada, Method::PUT, "/groups/engineers/identities/zoe", Value::Null).await;
        crowd(&house, 4_200).await;
        let first = house.see(&ada, "/access?what=deploy@web-1").await;
        assert_eq!(first["items"].as_array().unwrap().len(), 1, "eve comes before the crowd");
        let cursor = first["next"].as_str().expect("there are more to ask about");
        let path = format!("/access?what=deploy@web-1&cursor={cursor}");
        let second = house.see(&ada, &path).await;
        assert_eq!(second["items"][0]["who"], "zoe");
        assert_eq!(second["next"], Value::Null);
        let other = asked(&house, &ada, &format!("?what=deploy@dev-1&cursor={cursor}")).await;
        assert_eq!(other.json()["field"], "cursor");
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let page = house.see(&ada, &format!("/access?group=dba&limit=1{next}")).await;
            let items = page["items"].as_array().unwrap();
            seen.extend(items.iter().map(|i| i["what"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["next"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        assert_eq!(seen, ["deploy@dev-1", "deploy@web-1"]);
    })
    .await;
}
