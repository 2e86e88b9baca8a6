//! How much privilege stands, day by day.

use std::time::Duration;

use doorward_core::NodeId;
use doorward_store::lease;
use doorward_watch::Standing;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::effective::furnish;
use super::house::{Guest, House, each_house};

const HOUR: Duration = Duration::from_secs(3_600);

fn measure(house: &House) -> Standing {
    Standing::new(&house.state.db, house.state.engine.clone(), &house.env.env())
}

/// `day people workloads accounts pairs | granted broken`, one for each day.
async fn told(house: &House, guest: &Guest, query: &str) -> Vec<String> {
    let page = house.see(guest, &format!("/access/history{query}")).await;
    let line = |d: &Value| {
        assert_eq!(d["complete"], true, "{d}");
        let day = d["day"].as_str().unwrap().split('T').next().unwrap().to_owned();
        format!(
            "{day} {} {} {} {} | {} {}",
            d["people"],
            d["workloads"],
            d["accounts"],
            d["pairs"],
            d["granted_pairs"],
            d["broken_glass_pairs"]
        )
    };
    page["items"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn what_stands_is_measured_by_the_engines_answers_and_kept_by_day() {
    each_house(|house| async move {
        let (ada, eve) = furnish(&house).await;
        let abe = house.guest("abe", &["approver"]).await;
        let job = measure(&house);
        assert!(job.round().await.unwrap().is_some());
        // On deploy@dev-1 eve stands; deploy@web-1 she may ask for.
        assert_eq!(told(&house, &ada, "").await, ["2026-01-01 1 0 1 1 | 0 0"]);
        let standing = house.see(&ada, "/access?standing=true&what_kind=Account").await;
        assert_eq!(standing["items"].as_array().unwrap().len(), 1, "{standing}");
        assert_eq!(standing["items"][0]["what"], "deploy@dev-1");

        let wish = json!({ "about": "deploy@web-1", "reason": "t", "duration_seconds": 14_400 });
        let filed = house.done(&eve, Method::POST, "/requests", wish).await;
        let path = format!("/requests/{}/decide", filed["id"].as_str().unwrap());
        house.done(&abe, Method::POST, &path, json!({ "decision": "approve" })).await;
        house.guest("fay", &[]).await;
        for group in ["on-call", "engineers"] {
            let path = format!("/groups/{group}/identities/fay");
            house.done(&ada, Method::PUT, &path, Value::Null).await;
        }
        // Not before an hour has passed, and then it is the day's one row.
        assert!(job.round().await.unwrap().is_none());
        house.env.advance(HOUR);
        let ada = house.administrator_again().await;
        assert!(job.round().await.unwrap().is_some());
        assert_eq!(told(&house, &ada, "").await, ["2026-01-01 2 0 1 2 | 1 0"]);

        // The next day has a row of its own: the grant is over, eve was disabled.
        let why = json!({ "reason": "left" });
        house.done(&ada, Method::POST, "/identities/eve/disable", why).await;
        house.env.advance(HOUR * 24);
        let again = house.administrator_again().await;
        assert!(job.round().await.unwrap().is_some());
        let both = ["2026-01-02 1 0 1 1 | 0 0", "2026-01-01 2 0 1 2 | 1 0"];
        assert_eq!(told(&house, &again, "").await, both);
        assert_eq!(told(&house, &again, "?sort=day&limit=1").await, both[1..]);
        assert_eq!(told(&house, &again, "?since=2026-01-02T00:00:00Z").await, both[..1]);
        assert_eq!(told(&house, &again, "?until=2026-01-02T00:00:00Z").await, both[1..]);
    })
    .await;
}

#[tokio::test]
async fn broken_glass_is_counted_among_what_grants_give() {
    each_house(|house| async move {
        let (ada, _) = furnish(&house).await;
        let fay = house.guest("fay", &[]).await;
        house.done(&ada, Method::PUT, "/groups/on-call/identities/fay", Value::Null).await;
        let wish = json!({ "about": "deploy@web-1", "reason": "down", "duration_seconds": 3_600 });
        house.done(&fay, Method::POST, "/grants/break-glass", wish).await;
        measure(&house).round().await.unwrap().unwrap();
        assert_eq!(told(&house, &ada, "").await, ["2026-01-01 1 0 1 1 | 1 1"]);
    })
    .await;
}

/// Who reached what on a day of the past is not kept; what changed it is, and who had a
/// grant at that moment.
#[tokio::test]
async fn a_day_of_the_past_is_explained_by_what_changed_and_by_its_grants() {
    each_house(|house| async move {
        let (ada, _) = furnish(&house).await;
        let fay = house.guest("fay", &[]).await;
        house.done(&ada, Method::PUT, "/groups/on-call/identities/fay", Value::Null).await;
        let minutes = |n: u64| Duration::from_secs(60 * n);
        let begun = house.env.now();
        let wish = json!({ "about": "deploy@web-1", "reason": "down", "duration_seconds": 3_600 });
        let grant = house.done(&fay, Method::POST, "/grants/break-glass", wish).await;
        house.env.advance(minutes(10));
        let revoke = format!("/grants/{}/revoke", grant["id"].as_str().unwrap());
        house.done(&ada, Method::POST, &revoke, json!({ "reason": "enough" })).await;
        house.env.advance(minutes(90));
        let ada = house.administrator_again().await;

        let times = [
            (begun - minutes(1), 0),
            (begun, 1),
            (begun + minutes(9), 1),
            // It was ended before its time.
            (begun + minutes(20), 0),
            (begun + minutes(80), 0),
        ];
        for (at, wanted) in times {
            for more in ["", "&break_glass=true"] {
                let found = house.see(&ada, &format!("/grants?in_force_at={at}{more}")).await;
                assert_eq!(found["items"].as_array().unwrap().len(), wanted, "{at}: {found}");
            }
        }
        let window = format!("since={begun}&until={}", begun + minutes(60));
        let changes = format!("/audit/events?changes=access&sort=at&{window}");
        let found = house.see(&ada, &changes).await;
        let of = |e: &Value| e["activity"].as_str().unwrap().to_owned();
        let found: Vec<_> = found["items"].as_array().unwrap().iter().map(of).collect();
        assert!(found.iter().any(|a| a == "group.member-added"), "{found:?}");
        assert!(found.iter().any(|a| a == "grant.revoked"), "{found:?}");
        assert!(!found.iter().any(|a| a.starts_with("session.")), "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn one_node_measures_and_another_takes_over_when_it_is_gone() {
    each_house(|house| async move {
        let (ada, _) = furnish(&house).await;
        let (gone, now) = (NodeId::new(&house.env.env()), house.env.now());
        let hold = Duration::from_secs(600);
        let db = &house.state.db;
        assert!(db.write(move |c| lease::acquire(c, "standing", gone, now, hold)).await.unwrap());
        assert!(measure(&house).round().await.unwrap().is_none());
        assert!(told(&house, &ada, "").await.is_empty());
        house.env.advance(hold);
        assert!(measure(&house).round().await.unwrap().is_some());
        // What one node has measured no other measures again.
        assert!(measure(&house).round().await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_measurement_is_bounded_and_says_that_it_was_cut_short() {
    each_house(|house| async move {
        let (ada, _) = furnish(&house).await;
        let day = measure(&house).at_most(1).round().await.unwrap().unwrap();
        assert!(!day.complete);
        let page = house.see(&ada, "/access/history").await;
        assert_eq!(page["items"][0]["complete"], false, "{page}");
    })
    .await;
}

#[tokio::test]
async fn only_those_whom_policy_permits_see_how_much_stands() {
    each_house(|house| async move {
        let (_, eve) = furnish(&house).await;
        let audrey = house.guest("audrey", &["auditor"]).await;
        for (who, status) in [(&audrey, StatusCode::OK), (&eve, StatusCode::FORBIDDEN)] {
            for path in ["/api/v1/access/history", "/api/v1/access?standing=true"] {
                assert_eq!(house.by(who, Method::GET, path, None).await.status, status, "{path}");
            }
        }
    })
    .await;
}
