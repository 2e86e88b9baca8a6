//! The risk of a request, to those who decide it.

use http::Method;
use serde_json::{Value, json};

use super::effective::furnish;
use super::house::{each_house, page};

#[tokio::test]
async fn those_who_decide_read_the_risk_and_those_who_ask_do_not() {
    each_house(|house| async move {
        let (_, eve) = furnish(&house).await;
        let abe = house.guest("abe", &["approver"]).await;
        let wish = json!({ "about": "deploy@web-1", "reason": "ticket" });
        let filed = house.done(&eve, Method::POST, "/requests", wish).await;
        let path = format!("/requests/{}", filed["id"].as_str().unwrap());
        let read = house.see(&abe, &path).await;
        assert_eq!(read["risk"]["level"], "low", "{read}");
        assert_eq!(read["risk"]["reasons"][0]["fact"]["code"], "first_time", "{read}");
        assert_eq!(read["risk"]["reasons"][0]["weight"], "minor", "{read}");
        let waiting = house.see(&abe, "/own/approvals").await;
        assert_eq!(waiting["items"][0]["risk"], read["risk"]);
        assert_eq!(house.see(&eve, &path).await["risk"], Value::Null);
        let drawn = house.send(page(&abe, &path)).await.text;
        assert!(drawn.contains("They were not there before."), "{drawn}");
        let own = house.send(page(&eve, &path)).await.text;
        assert!(!own.contains("They were not there before."), "{own}");
    })
    .await;
}
