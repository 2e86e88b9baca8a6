//! Whoever can write the database, and has none of the house's keys, is granted
//! nothing by it.

use doorward_store::testing::{each_database, sign_rows};
use doorward_store::{Value, args};

use super::*;

async fn forged(house: &House) -> usize {
    house.db.tell_forged().await.unwrap();
    house.activities().await.iter().filter(|a| *a == "row.forged").count()
}

async fn sql(house: &House, sql: &'static str, values: &[Value]) {
    let values = values.to_vec();
    assert!(house.db.write(move |c| c.execute(sql, &values)).await.unwrap() > 0, "{sql}");
}

#[tokio::test]
async fn end_of_a_grant_cannot_be_moved() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        sign_rows(&house.db).await;
        let grant = house.granted("web-1").await;
        assert!(house.may_open("web-1").await);
        let later = house.env.now() + HOUR * 24 * 365;
        sql(&house, "UPDATE access_grant SET ends_at = $2 WHERE id = $1", args![grant.id, later])
            .await;
        assert!(!house.may_open("web-1").await, "not even for the hour that was granted");
        house.env.advance(HOUR);
        assert!(!house.may_open("web-1").await);
        assert_eq!(forged(&house).await, 1);
        assert_eq!(forged(&house).await, 1, "once, not for each request");
    })
    .await;
}

#[tokio::test]
async fn revoked_grant_cannot_be_revived() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        sign_rows(&house.db).await;
        let grant = house.granted("web-1").await;
        let macs = "SELECT mac FROM access_grant";
        let mac: Option<Vec<u8>> = house.db.read(move |c| c.value(macs, &[])).await.unwrap();
        let act = RevokeGrant { grant: grant.id, holder: grant.holder, about: grant.about.clone() };
        house.grants.revoke(&house.ask("ada", act).unwrap(), "enough").await.unwrap();
        assert!(!house.may_open("web-1").await);
        let revive = "UPDATE access_grant SET ended_at = NULL, end_cause = NULL WHERE id = $1";
        sql(&house, revive, args![grant.id]).await;
        assert!(!house.may_open("web-1").await);
        // The whole row as it was before, with the MAC that it had.
        let before = "UPDATE access_grant SET version = 1, mac = $2 WHERE id = $1";
        sql(&house, before, args![grant.id, mac]).await;
        assert!(!house.may_open("web-1").await);
        assert_eq!(forged(&house).await, 1);
    })
    .await;
}

#[tokio::test]
async fn grant_cannot_be_made_or_moved_to_another_thing_or_holder() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        sign_rows(&house.db).await;
        let grant = house.granted("web-1").await;
        let top = house.account("top-1").to_string();
        sql(&house, "UPDATE access_grant SET about_id = $2, approvals = 9 WHERE id = $1", args![grant.id, top]).await;
        assert!(!house.may_open("top-1").await);
        let web = house.account("web-1").to_string();
        sql(&house, "UPDATE access_grant SET about_id = $2, approvals = 1 WHERE id = $1", args![grant.id, web]).await;
        assert!(house.may_open("web-1").await, "as it was, it counts");
        sql(&house, "UPDATE access_grant SET holder = $2 WHERE id = $1", args![grant.id, house.id("zoe")]).await;
        let held = house.grants.live_for(house.id("zoe"), &house.about("web-1")).await.unwrap();
        assert_eq!(held, []);
        sql(
            &house,
            "INSERT INTO access_grant (id, holder, about_kind, about_id, reason, approvals, break_glass, starts_at, ends_at, version)
             VALUES ($1, $2, 'Account', $3, 'mine', 9, FALSE, 0, $4, 1)",
            args![GrantId::new(&house.env.env()), house.id("eve"), house.account("top-1").to_string(), i64::MAX],
        )
        .await;
        assert!(!house.may_open("top-1").await);
        // Moved twice, with its mending in between, and one that was made up.
        assert_eq!(forged(&house).await, 3);
    })
    .await;
}

/// A yes that nobody said.
#[tokio::test]
async fn approval_that_was_written_into_the_database_is_nobodys_word() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        sign_rows(&house.db).await;
        let filed = house.file("top-1").await.unwrap();
        sql(
            &house,
            "INSERT INTO approval (id, request, decided_by, decision, comment, at) VALUES ($1, $2, $3, 'approve', '', 0)",
            args![ApprovalId::new(&house.env.env()), filed.request.id, house.id("bob")],
        )
        .await;
        let counted = house.word(&filed, "abe", Decision::Approve).await.unwrap();
        assert!(!matches!(counted, Counted::Granted(_)), "one of two: {counted:?}");
        // And one that needs no more than what was said.
        sql(&house, "UPDATE request SET needed = 1 WHERE id = $1", args![filed.request.id]).await;
        assert!(house.word(&filed, "cyd", Decision::Approve).await.is_err());
        assert!(!house.may_open("top-1").await);
        assert_eq!(forged(&house).await, 2);
    })
    .await;
}
