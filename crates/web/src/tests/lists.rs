//! Lists: searched, filtered, sorted, in pages, as CSV.

use std::collections::BTreeSet;

use doorward_core::IdentityId;
use doorward_store::request;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::effective::crowd;
use super::house::{Answer, Guest, House, ask, each_house, signed};
use crate::Web;

/// How many are in the long list. `doorward-bench` walks one of 100,000.
const CROWD: usize = 20_000;

/// The names of all pages, of two items each.
async fn names(house: &House, guest: &Guest, path: &str, field: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let mark = if path.contains('?') { '&' } else { '?' };
        let page = house.see(guest, &format!("{path}{mark}limit=2{next}")).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2, "{path}: {page}");
        seen.extend(items.iter().map(|i| i[field].as_str().unwrap_or_default().to_owned()));
        let Some(cursor) = page["next"].as_str() else { return seen };
        next = format!("&cursor={cursor}");
    }
}

async fn furnish(house: &House, ada: &Guest) {
    let post = Method::POST;
    for (name, relation) in [("ben", "vendor"), ("cy", "employee"), ("dan", "vendor")] {
        let new = json!({ "kind": "person", "name": name, "relation": relation });
        house.done(ada, post.clone(), "/identities", new).await;
    }
    let new = json!({ "kind": "workload", "name": "robot", "owner": "ben" });
    house.done(ada, post.clone(), "/identities", new).await;
    house.done(ada, post.clone(), "/identities/dan/disable", json!({ "reason": "x" })).await;
    for name in ["engineers", "staff", "vendors"] {
        let new = json!({ "name": name, "description": format!("The {name}") });
        house.done(ada, post.clone(), "/groups", new.clone()).await;
        house.done(ada, post.clone(), "/roles", new).await;
    }
    house.done(ada, Method::PUT, "/groups/staff/identities/ben", Value::Null).await;
    house.done(ada, Method::PUT, "/roles/staff/identities/cy", Value::Null).await;
    for (name, kind) in [("web-1", "ssh"), ("db-1", "postgres"), ("web-2", "ssh")] {
        let new = json!({ "name": name, "kind": kind, "settings": {} });
        house.done(ada, post.clone(), "/targets", new).await;
    }
    house.done(ada, post.clone(), "/targets/web-1/accounts", json!({ "name": "deploy" })).await;
    house.done(ada, Method::PATCH, "/targets/web-2", json!({ "enabled": false })).await;
    for (name, kind) in [("mail", "password"), ("token", "opaque"), ("api", "opaque")] {
        let new = json!({ "kind": kind, "value": "x", "description": "d" });
        house.done(ada, Method::PUT, &format!("/secrets/{name}"), new).await;
    }
    for name in ["wiki", "rota"] {
        let new = json!({ "name": name, "title": name.to_uppercase(), "settings": {
            "kind": "web", "client_authentication": "client_secret",
            "redirect_uris": ["https://a.example.org/b"] } });
        house.done(ada, post.clone(), "/applications", new).await;
    }
}

#[tokio::test]
async fn lists_are_searched_filtered_and_sorted() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        furnish(&house, &ada).await;
        for (path, wanted) in [
            ("/identities", "ada ben cy dan robot"),
            ("/identities?sort=-name", "robot dan cy ben ada"),
            ("/identities?relation=vendor", "ben dan"),
            ("/identities?relation=vendor&enabled=true", "ben"),
            ("/identities?kind=workload", "robot"),
            ("/identities?group=staff", "ben"),
            ("/identities?role=staff", "cy"),
            ("/identities?q=B", "ben robot"),
            ("/groups?sort=-name", "vendors staff engineers"),
            ("/groups?q=the+staff", "staff"),
            ("/groups?member=ben", "staff"),
            ("/roles?holder=cy", "staff"),
            ("/targets?kind=ssh", "web-1 web-2"),
            ("/targets?kind=ssh&enabled=true", "web-1"),
            ("/targets?sort=-kind&q=-1", "web-1 db-1"),
            ("/secrets?kind=opaque", "api token"),
            ("/secrets?sort=-name", "token mail api"),
            ("/applications?sort=-title", "wiki rota"),
            ("/applications?q=WIK", "wiki"),
            ("/policies?q=break_glass", "hosts"),
            ("/policies?enabled=false", ""),
        ] {
            let found = names(&house, &ada, path, "name").await;
            assert_eq!(found.join(" "), wanted, "{path}");
        }
        for path in ["/identities", "/groups", "/roles", "/targets", "/secrets", "/policies"] {
            let created = names(&house, &ada, &format!("{path}?sort=created_at"), "name").await;
            let mut down = names(&house, &ada, &format!("{path}?sort=-created_at"), "name").await;
            down.reverse();
            assert_eq!(created, down, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn events_are_found_by_what_people_call_things() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        furnish(&house, &ada).await;
        let all = |path: &'static str| names(&house, &ada, path, "activity");
        let made = all("/audit/events?q=target.created").await;
        assert_eq!(made, ["target.created"; 3]);
        let of_dan: BTreeSet<_> = all("/audit/events?q=dan").await.into_iter().collect();
        assert_eq!(of_dan.into_iter().collect::<Vec<_>>(), ["person.created", "person.disabled"]);
        let of_web = all("/audit/events?target=web-1&sort=at").await;
        assert!(of_web.contains(&"target.created".to_owned()), "{of_web:?}");
        let mut up = all("/audit/events?sort=at").await;
        up.reverse();
        assert_eq!(up, all("/audit/events").await);
        assert_eq!(all("/own/activity?activity=secret").await.len(), 3);
        let nouns = all("/audit/events?changes=access").await.into_iter();
        let nouns: BTreeSet<_> = nouns.map(|a| a.split('.').next().unwrap().to_owned()).collect();
        for noun in ["person", "workload", "group", "role", "target", "account"] {
            assert!(nouns.contains(noun), "{noun}: {nouns:?}");
        }
        for noun in ["secret", "application", "session"] {
            assert!(!nouns.contains(noun), "{noun}: {nouns:?}");
        }
    })
    .await;
}

/// It is as long as what fits, however many pages that is, and cannot be cut.
#[tokio::test]
async fn an_export_is_whole() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        for n in 0..230 {
            house.env.advance(std::time::Duration::from_secs(1));
            house.done(&ada, Method::POST, "/groups", json!({ "name": format!("g-{n}") })).await;
        }
        let export = |query: &str| {
            let path = format!("/api/v1/audit/export?activity=group.created{query}");
            let (house, ada) = (&house, &ada);
            async move { house.by(ada, Method::GET, &path, None).await }
        };
        let time =
            |line: &str| serde_json::from_str::<Value>(line).unwrap()["time"].as_i64().unwrap();
        for query in ["", "&sort=at"] {
            let mut times: Vec<_> = export(query).await.text.lines().map(time).collect();
            if query.is_empty() {
                times.reverse();
            }
            assert_eq!(times.len(), 230, "{query}");
            assert!(times.is_sorted(), "{query}: {times:?}");
        }
        for query in ["&limit=1", "&cursor=x"] {
            let refused = export(query).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
            assert!(refused.json()["detail"].as_str().unwrap().contains("unknown field"));
        }
    })
    .await;
}

/// A list of the description, and its orders.
fn sorted_lists() -> Vec<(String, Vec<String>)> {
    let document = Web::openapi();
    let paths = document["paths"].as_object().unwrap();
    let orders = |operation: &Value| {
        operation["responses"]["200"]["content"].get("text/csv")?;
        let all = operation["parameters"].as_array()?;
        let sort = all.iter().find(|p| p["name"] == "sort")?;
        let names = sort["schema"]["enum"].as_array().unwrap();
        Some(names.iter().map(|n| n.as_str().unwrap().to_owned()).collect())
    };
    paths.iter().filter_map(|(path, of)| Some((path.clone(), orders(&of["get"])?))).collect()
}

/// abuse case A34: a cursor that nobody gave, or that was given for another list
/// or another order.
#[tokio::test]
async fn a_cursor_is_good_for_its_list_and_order_alone() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        furnish(&house, &ada).await;
        let page = house.see(&ada, "/identities?limit=1&sort=name").await;
        let cursor = page["next"].as_str().unwrap();
        let lists = sorted_lists();
        assert!(lists.len() >= 14, "{lists:?}");
        for (path, orders) in &lists {
            for order in orders {
                let known = path == "/api/v1/identities" && order == "name";
                for cursor in [cursor, "forged", ""] {
                    let at = format!("{path}?sort={order}&cursor={cursor}");
                    let answer = house.by(&ada, Method::GET, &at, None).await;
                    if known && cursor.len() > 10 {
                        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
                        continue;
                    }
                    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{at}");
                    assert_eq!(answer.json()["field"], "cursor", "{at}");
                }
            }
            let answer = house.by(&ada, Method::GET, &format!("{path}?sort=1;--"), None).await;
            assert_eq!(answer.json()["field"], "sort", "{path}: {}", answer.text);
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(orders.iter().all(|o| detail.contains(o.as_str())), "{path}: {detail}");
        }
    })
    .await;
}

const REACH: &str = r#"
permit (principal, action == Doorward::Action::"session:open", resource)
when { context.reason && context.approvals >= 2 };
"#;

async fn file(house: &House, guest: &Guest, account: &str, reason: &str) -> String {
    let wish = json!({ "about": format!("{account}@web-1"), "reason": reason });
    let filed = house.done(guest, Method::POST, "/requests", wish).await;
    filed["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_sees_their_own_of_many_requests_in_full_pages() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        furnish(&house, &ada).await;
        house.done(&ada, Method::PUT, "/policies/reach", json!({ "text": REACH })).await;
        let (eve, fay) = (house.guest("eve", &[]).await, house.guest("fay", &[]).await);
        let abe = house.guest("abe", &["approver"]).await;
        for n in 0..5 {
            let account = format!("a{n}");
            let new = json!({ "name": account });
            house.done(&ada, Method::POST, "/targets/web-1/accounts", new).await;
            file(&house, &eve, &account, &format!("eve {n}")).await;
            file(&house, &fay, &account, &format!("fay {n}")).await;
            house.env.advance(std::time::Duration::from_secs(1));
        }
        let mine = names(&house, &eve, "/requests", "reason").await;
        assert_eq!(mine, ["eve 4", "eve 3", "eve 2", "eve 1", "eve 0"]);
        let page = house.see(&eve, "/requests?limit=5").await;
        assert_eq!(page["next"], Value::Null, "nothing of eve's comes after these");
        let all = names(&house, &ada, "/requests?sort=created_at", "reason").await;
        assert_eq!(all.len(), 10);
        assert_eq!(names(&house, &ada, "/requests?requester=fay", "reason").await.len(), 5);
        assert_eq!(names(&house, &ada, "/requests?about=a1@web-1", "reason").await.len(), 2);
        assert_eq!(names(&house, &ada, "/requests?about=web-1&q=FAY", "reason").await.len(), 5);
        assert_eq!(names(&house, &ada, "/requests?state=denied", "reason").await.len(), 0);
        assert_eq!(names(&house, &eve, "/requests?requester=fay", "reason").await.len(), 0);
        let since = house.env.env().now() - std::time::Duration::from_secs(2);
        let late = names(&house, &ada, &format!("/requests?since={since}"), "reason").await;
        assert_eq!(late.len(), 4);
        // How many people said yes stands in the list, and those who did are done with it.
        let waiting = house.see(&abe, "/own/approvals").await["items"].as_array().unwrap().len();
        assert_eq!(waiting, 10);
        let id = house.see(&ada, "/requests?limit=1").await["items"][0]["id"].clone();
        let path = format!("/requests/{}/decide", id.as_str().unwrap());
        house.done(&abe, Method::POST, &path, json!({ "decision": "approve" })).await;
        let counts = house.see(&ada, "/requests?limit=2").await;
        assert_eq!(counts["items"][0]["approval_count"], 1);
        assert_eq!(counts["items"][1]["approval_count"], 0);
        let waiting = house.see(&abe, "/own/approvals").await["items"].as_array().unwrap().len();
        assert_eq!(waiting, 9);
    })
    .await;
}

/// What one call looks at is bounded, and nothing is lost by it.
#[tokio::test]
async fn a_page_of_little_that_one_may_see_goes_on() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let eve = house.guest("eve", &[]).await;
        let e = house.env.env();
        let row = |requester: IdentityId, age| doorward_core::lifecycle::PendingRequest {
            id: doorward_core::RequestId::new(&e),
            requester,
            about: doorward_core::Entity::new("Account", "01890a5d-ac96-774b-bcce-b302099a8057"),
            reason: "x".to_owned(),
            duration: std::time::Duration::from_secs(60),
            needed: 1,
            approvals: Vec::new(),
            at: e.now() - std::time::Duration::from_secs(age),
            expires_at: e.now() + std::time::Duration::from_secs(60),
        };
        let mut rows = vec![row(eve.id, 1)];
        rows.extend((0..2_100).map(|_| row(ada.id, 0)));
        let state = doorward_core::lifecycle::RequestState::Expired;
        house
            .state
            .db
            .write(move |c| rows.iter().try_for_each(|r| request::insert(c, r, state)))
            .await
            .unwrap();
        let first = house.see(&eve, "/requests").await;
        assert_eq!(first["items"], json!([]));
        let cursor = first["next"].as_str().expect("there is more to look at");
        let second = house.see(&eve, &format!("/requests?cursor={cursor}")).await;
        assert_eq!(second["items"].as_array().unwrap().len(), 1);
        assert_eq!(second["next"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn privileged_sessions_are_filtered_by_whom_where_and_when() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        furnish(&house, &ada).await;
        let (eve, fay) = (house.guest("eve", &[]).await, house.guest("fay", &[]).await);
        let account = house.see(&ada, "/targets/web-1").await["accounts"][0].clone();
        house.connected(&eve, &account).await;
        house.env.advance(std::time::Duration::from_secs(60));
        house.connected(&fay, &account).await;
        let seen = |path: String| {
            let (house, ada) = (&house, &ada);
            async move { names(house, ada, &path, "identity_name").await.join(" ") }
        };
        let now = house.env.env().now();
        for (query, wanted) in [
            ("", "fay eve"),
            ("?sort=started_at", "eve fay"),
            ("?sort=account_name&identity=eve", "eve"),
            ("?target=web-1&state=live", "fay eve"),
            ("?account=deploy@web-1&protocol=ssh", "fay eve"),
            ("?state=ended", ""),
            ("?protocol=postgres", ""),
            ("?q=DEPLOY", "fay eve"),
            ("?q=203.0.113", "fay eve"),
        ] {
            assert_eq!(seen(format!("/privileged-sessions{query}")).await, wanted, "{query}");
        }
        assert_eq!(seen(format!("/privileged-sessions?since={now}")).await, "fay");
        assert_eq!(seen(format!("/privileged-sessions?until={now}")).await, "eve");
        assert_eq!(names(&house, &eve, "/privileged-sessions", "id").await.len(), 1);
        let nobody =
            house.by(&ada, Method::GET, "/api/v1/privileged-sessions?target=x", None).await;
        assert_eq!(nobody.json()["field"], "target");
    })
    .await;
}

async fn csv(house: &House, guest: &Guest, path: &str) -> Answer {
    let mut request = signed(ask(Method::GET, path, None), guest);
    request.headers_mut().insert(header::ACCEPT, "text/csv".parse().unwrap());
    house.send(request).await
}

/// Somebody's display name is a formula, and an administrator opens
/// the list in a spreadsheet.
#[tokio::test]
async fn lists_are_csv_for_those_who_ask_and_never_formulas() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        furnish(&house, &ada).await;
        let evil = json!({ "display_name": "=HYPERLINK(\"https://evil.example\",\"x\")" });
        house.done(&ada, Method::PATCH, "/identities/ben", evil).await;
        let first = csv(&house, &ada, "/api/v1/identities?limit=2&sort=name").await;
        assert_eq!(first.status, StatusCode::OK);
        assert!(first.header("content-type").starts_with("text/csv"));
        assert_eq!(first.header("vary"), "accept");
        let mut lines = first.text.split("\r\n");
        let heading = lines.next().unwrap();
        assert!(heading.starts_with("id,name,attributes,created_at,display_name,"), "{heading}");
        assert!(first.text.contains(",\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"x\"\")\","));
        let next = first.header("link");
        let next = next.strip_prefix('<').and_then(|l| l.strip_suffix(">; rel=\"next\"")).unwrap();
        assert!(next.contains("sort=name") && next.contains("limit=2"), "{next}");
        let second = csv(&house, &ada, next).await;
        assert!(second.text.starts_with(heading), "{}", second.text);
        assert!(second.text.contains(",cy,") && !second.text.contains(",ben,"));
        let empty = csv(&house, &ada, "/api/v1/identities?q=nobody-at-all").await;
        assert_eq!(empty.text, format!("{heading}\r\n"));
        assert_eq!(empty.header("link"), "");
        // Every list, and nothing but lists.
        let mut told = BTreeSet::new();
        for (path, _) in sorted_lists() {
            let answer = csv(&house, &ada, &path).await;
            assert!(answer.header("content-type").starts_with("text/csv"), "{path}");
            let heading: BTreeSet<_> = answer.text.lines().next().unwrap().split(',').collect();
            let page = house.by(&ada, Method::GET, &path, None).await.json();
            for item in page["items"].as_array().unwrap() {
                let mut fields = item.as_object().unwrap().keys().map(String::as_str);
                assert!(fields.all(|f| heading.contains(f)), "{path}: {heading:?} {item}");
            }
            assert!(heading.len() > 2, "{path}: {heading:?}");
            told.insert(path);
        }
        assert!(told.contains("/api/v1/audit/events"));
        let one = csv(&house, &ada, "/api/v1/identities/ben").await;
        assert_eq!(one.header("content-type"), "application/json");
        let refused = csv(&house, &ada, "/api/v1/identities?sort=x").await;
        assert_eq!(refused.header("content-type"), "application/problem+json");
    })
    .await;
}

/// A long list is walked whole: nobody twice, nobody left out, in order, whoever
/// shares a key with others.
#[tokio::test]
async fn a_long_list_is_walked_by_pages_without_a_gap() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        crowd(&house, CROWD).await;
        let (mut seen, mut last, mut next) = (BTreeSet::new(), String::new(), String::new());
        loop {
            let path = format!("/identities?relation=vendor&sort=-display_name&limit=200{next}");
            let page = house.see(&ada, &path).await;
            for item in page["items"].as_array().unwrap() {
                let name = item["display_name"].as_str().unwrap();
                assert!(last.is_empty() || name <= last.as_str(), "{name} after {last}");
                last = name.to_owned();
                assert!(seen.insert(item["name"].as_str().unwrap().to_owned()), "twice: {item}");
            }
            let Some(cursor) = page["next"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        assert_eq!(seen.len(), CROWD / 2);
    })
    .await;
}
