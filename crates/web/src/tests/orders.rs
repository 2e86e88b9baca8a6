//! Freezing, thawing and messages, over HTTP.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::house::each_house;

#[tokio::test]
async fn a_session_is_frozen_told_and_thawed_by_whom_policy_lets() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let eve = house.guest("eve", &[]).await;
        let audrey = house.guest("audrey", &["auditor"]).await;
        let fay = house.guest("fay", &[]).await;
        let account = house.account(&ada, "web-1").await;
        let id = house.connected(&eve, &account).await;
        let path = format!("/api/v1/privileged-sessions/{id}");
        let post = |who, what: &str, body: Value| {
            let (house, path) = (&house, format!("{path}/{what}"));
            async move { house.by(who, Method::POST, &path, Some(body)).await }
        };
        let why = || json!({ "reason": "what is this?" });

        // Looking on is not enough, and neither is owning it.
        for who in [&eve, &audrey] {
            for (what, body) in
                [("freeze", why()), ("thaw", json!({})), ("messages", json!({ "text": "hi" }))]
            {
                let refused = post(who, what, body).await;
                assert_eq!(refused.status, StatusCode::FORBIDDEN, "{what}: {}", refused.text);
            }
        }
        assert_eq!(post(&fay, "freeze", why()).await.status, StatusCode::NOT_FOUND);

        let refused = post(&ada, "freeze", json!({ "reason": " " })).await;
        assert_eq!(
            (refused.status, &refused.json()["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("reason"))
        );
        let frozen = post(&ada, "freeze", why()).await;
        assert_eq!(frozen.status, StatusCode::OK, "{}", frozen.text);
        assert_eq!(frozen.json()["frozen"]["reason"], "what is this?");
        assert_eq!(frozen.json()["frozen"]["by_name"], "ada");
        assert_eq!(frozen.json()["frozen"]["by"], json!(ada.id));
        let again = post(&ada, "freeze", why()).await;
        assert_eq!(
            (again.status, &again.json()["code"]),
            (StatusCode::CONFLICT, &json!("conflict"))
        );
        for (query, wanted) in [("true", 1), ("false", 0)] {
            let found = house.see(&ada, &format!("/privileged-sessions?frozen={query}")).await;
            assert_eq!(found["items"].as_array().unwrap().len(), wanted, "{query}");
        }

        let refused = post(&ada, "messages", json!({ "text": "two\nlines" })).await;
        assert_eq!(refused.json()["field"], "text");
        let said = post(&ada, "messages", json!({ "text": "who are you?" })).await;
        assert_eq!(said.status, StatusCode::CREATED, "{}", said.text);

        let thawed = post(&ada, "thaw", json!({})).await;
        assert_eq!((thawed.status, &thawed.json()["frozen"]), (StatusCode::OK, &Value::Null));
        assert_eq!(post(&ada, "thaw", json!({})).await.status, StatusCode::CONFLICT);

        // The person in it, who was told, and whoever may see what happens in it.
        for who in [&eve, &audrey, &ada] {
            let found = house.see(who, &format!("/privileged-sessions/{id}/orders?limit=2")).await;
            let rest = found["next"].as_str().unwrap();
            let rest = format!("/privileged-sessions/{id}/orders?limit=2&cursor={rest}");
            let rest = house.see(who, &rest).await;
            let items = [&found, &rest].map(|page| page["items"].as_array().unwrap().clone());
            let told = items.concat();
            let of = |field: &str| told.iter().map(|o| o[field].clone()).collect::<Vec<_>>();
            assert_eq!(of("kind"), ["freeze", "message", "thaw"]);
            assert_eq!(of("text"), ["what is this?", "who are you?", ""]);
            assert_eq!(of("by_name"), ["ada", "ada", "ada"]);
            assert_eq!(told[1], said.json());
            assert!(told[0]["number"].as_i64() < told[2]["number"].as_i64());
        }
        let hidden = house.by(&fay, Method::GET, &format!("{path}/orders"), None).await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);
        post(&ada, "end", json!({ "reason": "over" })).await;
        assert_eq!(post(&ada, "freeze", why()).await.status, StatusCode::GONE);
    })
    .await;
}

/// Those who may see a session, but not into it, do not learn what was said in it.
#[tokio::test]
async fn orders_are_for_those_who_may_see_into_the_session() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let (eve, fay) = (house.guest("eve", &[]).await, house.guest("fay", &[]).await);
        let account = house.account(&ada, "web-1").await;
        let id = house.connected(&eve, &account).await;
        let text = format!(
            r#"permit (principal == Doorward::Person::"{}",
                       action == Doorward::Action::"session:read", resource);"#,
            fay.id
        );
        house.done(&ada, Method::PUT, "/policies/lookers", json!({ "text": text })).await;
        let path = format!("/api/v1/privileged-sessions/{id}");
        let seen = house.by(&fay, Method::GET, &path, None).await;
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
        let refused = house.by(&fay, Method::GET, &format!("{path}/orders"), None).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    })
    .await;
}

/// A session says what the one who asks may do with it, as the decider answers for
/// this one; what it leaves out is refused.
#[tokio::test]
async fn a_session_tells_what_may_be_done_with_it() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let (eve, audrey) =
            (house.guest("eve", &[]).await, house.guest("audrey", &["auditor"]).await);
        let mut paths = Vec::new();
        for target in ["web-1", "db-1"] {
            let account = house.account(&ada, target).await;
            let id = house.connected(&eve, &account).await;
            paths.push(format!("/privileged-sessions/{id}"));
        }
        let [web, db] = [&paths[0], &paths[1]];
        let text = r#"
            forbid (principal, action == Doorward::Action::"session:freeze",
                    resource in Doorward::Target::"web-1");
            forbid (principal, action == Doorward::Action::"session:end", resource)
            unless { context has proof_age && context.proof_age <= 60 };"#;
        house.done(&ada, Method::PUT, "/policies/careful", json!({ "text": text })).await;

        let of = |who, path: &String| {
            let (house, path) = (&house, path.clone());
            async move { house.see(who, &path).await["permissions"].clone() }
        };
        let all = ["session:watch", "session:freeze", "session:message", "session:end"];
        assert_eq!(of(&ada, db).await, json!({ "now": all, "step_up": [] }));
        let without = ["session:watch", "session:message", "session:end"];
        assert_eq!(of(&ada, web).await, json!({ "now": without, "step_up": [] }));
        let looks = json!({ "now": ["session:watch", "recording:play"], "step_up": [] });
        assert_eq!(of(&audrey, web).await, looks);
        assert_eq!(of(&eve, web).await, json!({ "now": [], "step_up": [] }));

        let why = json!({ "reason": "odd" });
        let freeze = |path: &String| (format!("/api/v1{path}/freeze"), Some(why.clone()));
        let (path, body) = freeze(web);
        let refused = house.by(&ada, Method::POST, &path, body).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
        let (path, body) = freeze(db);
        let done = house.by(&ada, Method::POST, &path, body).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);

        // What only a fresh proof stands before is told as such.
        house.env.advance(std::time::Duration::from_secs(120));
        let later =
            json!({ "now": ["session:watch", "session:message"], "step_up": ["session:end"] });
        assert_eq!(of(&ada, web).await, later);
    })
    .await;
}
