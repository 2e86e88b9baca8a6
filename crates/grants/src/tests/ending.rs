use doorward_core::lifecycle::{EndCause, RequestState};
use doorward_store::change::Change;
use doorward_store::testing::each_database;
use doorward_watch::Reviewer;

use super::*;

#[tokio::test]
async fn grant_ends_with_its_time_and_a_clock_set_back_does_not_revive_it() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let start = house.env.now();
        let grant = house.granted("web-1").await;
        house.env.advance(HOUR);
        // Before anybody has looked, too.
        assert!(!house.may_open("web-1").await);
        house.grants.tick(house.env.now()).await;
        let row = house.grants.grant(grant.id).await.unwrap();
        assert_eq!(row.end_cause, Some(EndCause::Expired));
        house.env.set(start);
        assert!(!house.may_open("web-1").await);
        house.grants.expire().await.unwrap();
        let expired = house.activities().await.iter().filter(|a| *a == "grant.expired").count();
        assert_eq!(expired, 1);
    })
    .await;
}

#[tokio::test]
async fn request_that_nobody_decides_lapses() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let filed = house.file("web-1").await.unwrap();
        house.env.advance(HOUR * 24);
        let late = house.word(&filed, "abe", Decision::Approve).await;
        assert!(matches!(late, Err(DecideError::Rule(_))));
        house.grants.expire().await.unwrap();
        let row = house.grants.progress(filed.request.id).await.unwrap().request;
        assert_eq!(row.state, RequestState::Expired);
        assert!(house.activities().await.contains(&"request.expired".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn holder_returns_their_own_and_nobody_elses() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let grant = house.granted("web-1").await;
        let own = |name: &str| house.ask(name, ManageOwn { of: house.id(name) }).unwrap();
        let other = house.grants.return_grant(&own("abe"), grant.id).await;
        assert!(matches!(other, Err(GrantError::NotFound)));
        house.grants.return_grant(&own("eve"), grant.id).await.unwrap();
        assert!(!house.may_open("web-1").await);
        let twice = house.grants.return_grant(&own("eve"), grant.id).await;
        assert!(matches!(twice, Err(GrantError::Over)));
    })
    .await;
}

#[tokio::test]
async fn administrator_revokes_with_a_reason_that_the_holder_reads() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let grant = house.granted("web-1").await;
        let act = RevokeGrant { grant: grant.id, holder: grant.holder, about: grant.about.clone() };
        assert!(house.ask("abe", act.clone()).is_err());
        let allowed = house.ask("ada", act.clone()).unwrap();
        let long = house.grants.revoke(&allowed, &"x".repeat(501)).await;
        assert!(matches!(long, Err(GrantError::Reason)));
        // A permission on one grant is none on another, whatever its number.
        let other = RevokeGrant { holder: house.id("abe"), ..act };
        let other = house.grants.revoke(&house.ask("ada", other).unwrap(), "").await;
        assert!(matches!(other, Err(GrantError::NotFound)));
        house.grants.revoke(&allowed, "not tonight").await.unwrap();
        assert!(!house.may_open("web-1").await);
        let row = house.grants.grant(grant.id).await.unwrap();
        assert!(row.end_cause.unwrap().sentence().contains("not tonight"));
        assert!(matches!(house.grants.revoke(&allowed, "").await, Err(GrantError::Over)));
    })
    .await;
}

fn changed(house: &House, kind: &str, id: impl std::fmt::Display) -> Vec<Change> {
    vec![Change { seq: 1, kind: kind.to_owned(), id: id.to_string(), at: house.env.now() }]
}

#[tokio::test]
async fn grant_that_policy_no_longer_wants_is_ended() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let grant = house.granted("web-1").await;
        // A change of somebody else touches nothing.
        Reviewer::review(&house.grants, &changed(&house, "identity", house.id("abe"))).await;
        Reviewer::review(&house.grants, &changed(&house, "session", "x")).await;
        Reviewer::review(&house.grants, &changed(&house, "policy", "x")).await;
        assert!(house.may_open("web-1").await);
        house.change("UPDATE identity SET enabled = FALSE WHERE name = 'eve'").await;
        Reviewer::review(&house.grants, &changed(&house, "identity", house.id("eve"))).await;
        let row = house.grants.grant(grant.id).await.unwrap();
        assert!(matches!(row.end_cause, Some(EndCause::NoLongerPermitted { .. })));
        // Enabled again: the grant is over all the same.
        house.change("UPDATE identity SET enabled = TRUE").await;
        assert!(!house.may_open("web-1").await);
    })
    .await;
}
