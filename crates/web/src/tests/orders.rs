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
        let target = json!({ "name": "web-1", "kind": "ssh", "settings": {} });
        house.done(&ada, Method::POST, "/targets", target).await;
        let new = json!({ "name": "deploy" });
        let account = house.done(&ada, Method::POST, "/targets/web-1/accounts", new).await;
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
        // The person in it, and whoever may see what happens in it, may read it.
        for who in [&eve, &audrey, &ada] {
            let found = house.see(who, &format!("/privileged-sessions/{id}/messages")).await;
            assert_eq!(found["items"], json!([said.json()]));
        }
        let hidden = house.by(&fay, Method::GET, &format!("{path}/messages"), None).await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);

        let thawed = post(&ada, "thaw", json!({})).await;
        assert_eq!((thawed.status, &thawed.json()["frozen"]), (StatusCode::OK, &Value::Null));
        assert_eq!(post(&ada, "thaw", json!({})).await.status, StatusCode::CONFLICT);
        post(&ada, "end", json!({ "reason": "over" })).await;
        assert_eq!(post(&ada, "freeze", why()).await.status, StatusCode::GONE);
    })
    .await;
}
