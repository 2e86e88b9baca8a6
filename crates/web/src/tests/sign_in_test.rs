//! A test of an application's sign-in, over the API.

use http::{Method, StatusCode};
use serde_json::json;

use super::house::each_house;

#[tokio::test]
async fn those_who_may_change_an_application_see_what_it_would_get_of_them() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let new = json!({ "name": "wiki", "title": "Wiki", "settings": {
            "kind": "web", "client_authentication": "client_secret",
            "redirect_uris": ["https://wiki.example.org/back"],
            "scopes": ["openid", "profile", "email", "roles"] } });
        house.done(&ada, Method::POST, "/applications", new).await;
        house.done(&ada, Method::POST, "/groups", json!({ "name": "staff" })).await;
        let test = || house.done(&ada, Method::POST, "/applications/wiki/test", json!({}));
        // Writing it is not yet being let in.
        let denied = test().await;
        assert_eq!((&denied["outcome"], &denied["id_token"]), (&json!("denied"), &json!(null)));
        let nothing = json!(null);
        house.done(&ada, Method::PUT, "/groups/staff/identities/ada", nothing).await;
        let shown = test().await;
        assert_eq!(shown["outcome"], "works", "{shown}");
        assert_eq!(shown["id_token"]["sub"], ada.id.to_string());
        assert_eq!(shown["id_token"]["roles"], json!(["administrator"]));
        assert_eq!(shown["userinfo"]["email"], "ada@example.org");
        assert_eq!(shown["acr"], "phr");
        let eve = house.guest("eve", &[]).await;
        let path = "/api/v1/applications/wiki/test";
        let refused = house.by(&eve, Method::POST, path, Some(json!({}))).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let audrey = house.guest("audrey", &["auditor"]).await;
        let refused = house.by(&audrey, Method::POST, path, Some(json!({}))).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    })
    .await;
}
