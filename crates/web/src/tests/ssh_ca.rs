//! Accounts that open with certificates, and what their hosts must trust.

use http::{Method, StatusCode, header};
use serde_json::json;

use super::house::each_house;

#[tokio::test]
async fn hosts_fetch_the_authority_without_a_session_and_a_new_key_is_listed_beside_the_old() {
    each_house(|house| async move {
        doorward_vault::ssh_ca::ensure(&house.state.vault).await.unwrap();
        let file = house.get("/api/v1/ssh-ca.pub").await;
        assert_eq!(file.status, StatusCode::OK);
        assert!(file.header(header::CONTENT_TYPE.as_str()).starts_with("text/plain"));
        let shown = house.get("/api/v1/ssh-ca").await.json();
        assert_eq!(file.text, format!("{}\n", shown["keys"][0]["line"].as_str().unwrap()));
        assert_eq!(shown["keys"][0]["state"], "active");
        let ada = house.administrator().await;
        let body = Some(json!({}));
        let rotated = house.by(&ada, Method::POST, "/api/v1/ssh-ca/rotate", body).await;
        assert_eq!(rotated.status, StatusCode::OK, "{}", rotated.text);
        assert_eq!(rotated.json()["keys"][0]["line"], shown["keys"][0]["line"]);
        assert_eq!(rotated.json()["keys"][1]["state"], "published");
        let body = Some(json!({ "leaked": true }));
        let rotated = house.by(&ada, Method::POST, "/api/v1/ssh-ca/rotate", body).await.json();
        assert_eq!(rotated["keys"].as_array().unwrap().len(), 1);
        assert_ne!(rotated["keys"][0]["line"], shown["keys"][0]["line"]);
    })
    .await;
}

#[tokio::test]
async fn an_account_opens_with_certificates_once_it_is_told_to() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let host = json!({ "name": "web-1", "kind": "ssh", "settings": {} });
        let made = house.by(&ada, Method::POST, "/api/v1/targets", Some(host)).await;
        assert!(made.status.is_success(), "{}", made.text);
        for name in ["deploy", "spare"] {
            let path = "/api/v1/targets/web-1/accounts";
            let made = house.by(&ada, Method::POST, path, Some(json!({ "name": name }))).await;
            assert!(made.status.is_success(), "{name}: {}", made.text);
        }
        let put = async |account: &str, body| {
            let path = format!("/api/v1/targets/web-1/accounts/{account}/credential");
            house.by(&ada, Method::PUT, &path, Some(body)).await
        };
        let done = put("deploy", json!({ "kind": "certificate" })).await;
        assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text);
        let shown = house.by(&ada, Method::GET, "/api/v1/targets/web-1", None).await.json();
        assert_eq!(shown["accounts"][0]["credential"], "certificate");
        assert_eq!(shown["accounts"][0]["has_credential"], true);
        assert_eq!(shown["accounts"][1]["credential"], json!(null));
        for (account, body, field) in [
            ("deploy", json!({ "kind": "certificate", "value": "x" }), "value"),
            ("deploy", json!({ "kind": "password" }), "value"),
        ] {
            let refused = put(account, body).await;
            assert!(refused.status.is_client_error(), "{account}: {}", refused.text);
            assert_eq!(refused.json()["field"], field, "{}", refused.text);
        }
        let rotate = "/api/v1/targets/web-1/accounts/deploy/rotate";
        let refused = house.by(&ada, Method::POST, rotate, None).await;
        assert!(refused.status.is_client_error(), "{}", refused.text);
    })
    .await;
}
