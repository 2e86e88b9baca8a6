//! Idempotency keys and versions.

use doorward_core::lifecycle::SessionKind;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::house::{Guest, House, ask, each_house, signed};

async fn keyed(house: &House, guest: &Guest, key: &str, body: Value) -> super::house::Answer {
    let mut request = signed(ask(Method::POST, "/api/v1/groups", Some(body)), guest);
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    house.send(request).await
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_does_it_once() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let first = keyed(&house, &ada, "k1", json!({ "name": "core" })).await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
        let second = keyed(&house, &ada, "k1", json!({ "name": "core" })).await;
        assert_eq!((second.status, second.text), (first.status, first.text));
        assert_eq!(second.headers.get("idempotency-replayed").unwrap(), "true");
        let other = keyed(&house, &ada, "k1", json!({ "name": "edge" })).await;
        assert_eq!(other.json()["code"], "key_reused");
        let without = keyed(&house, &ada, "k2", json!({ "name": "core" })).await;
        assert_eq!(without.json()["code"], "taken");
        // What was refused may be tried again under the same key.
        let again = keyed(&house, &ada, "k2", json!({ "name": "edge" })).await;
        assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
    })
    .await;
}

/// What is only read is decided and recorded each time, and only for those who ask.
#[tokio::test]
async fn a_key_opens_no_secret_again() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let may = r#"permit (principal, action == Doorward::Action::"secret:read", resource);"#;
        house.done(&ada, Method::PUT, "/policies/readers", json!({ "text": may })).await;
        let value = json!({ "value": "correct horse" });
        house.done(&ada, Method::PUT, "/secrets/mail", value).await;
        let read = || async {
            let mut request = signed(ask(Method::POST, "/api/v1/secrets/mail/read", None), &ada);
            request.headers_mut().insert("idempotency-key", "k".parse().unwrap());
            house.send(request).await
        };
        for _ in 0..2 {
            assert_eq!(read().await.json()["value"], "correct horse");
        }
        let events = "/audit/events?activity=secret.read";
        let seen = house.see(&ada, events).await["items"].as_array().unwrap().len();
        assert_eq!(seen, 2, "each time it is recorded");
        house.done(&ada, Method::DELETE, "/secrets/mail", Value::Null).await;
        assert_eq!(read().await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_good_in_its_session_alone() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let first = keyed(&house, &ada, "k", json!({ "name": "core" })).await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
        let other = house.enter(ada.id, SessionKind::Cli).await;
        let again = keyed(&house, &other, "k", json!({ "name": "core" })).await;
        assert_eq!(again.json()["code"], "taken", "{}", again.text);
    })
    .await;
}

#[tokio::test]
async fn two_copies_at_once_make_one_thing() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let both = futures::future::join_all(
            (0..8).map(|_| keyed(&house, &ada, "k", json!({ "name": "core" }))),
        )
        .await;
        for answer in &both {
            let ok = answer.status == StatusCode::CREATED || answer.json()["code"] == "in_progress";
            assert!(ok, "{} {}", answer.status, answer.text);
        }
        assert!(both.iter().any(|a| a.status == StatusCode::CREATED));
        let all = house.by(&ada, Method::GET, "/api/v1/groups", None).await.json();
        assert_eq!(
            all["items"].as_array().unwrap().iter().filter(|g| g["name"] == "core").count(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn an_update_of_an_older_version_is_refused() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let made =
            house.by(&ada, Method::POST, "/api/v1/groups", Some(json!({ "name": "core" }))).await;
        let tag = made.headers.get("etag").unwrap().clone();
        let change = |text: &str| {
            let mut r = signed(
                ask(Method::PATCH, "/api/v1/groups/core", Some(json!({ "description": text }))),
                &ada,
            );
            r.headers_mut().insert("if-match", tag.clone());
            r
        };
        assert_eq!(house.send(change("one")).await.status, StatusCode::OK);
        let late = house.send(change("two")).await;
        assert_eq!(
            (late.status, late.json()["code"].clone()),
            (StatusCode::PRECONDITION_FAILED, json!("version_mismatch"))
        );
    })
    .await;
}
