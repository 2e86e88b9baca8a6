use doorward_core::lifecycle;
use doorward_directory::Leaving as _;
use doorward_store::testing::each_database;

use super::*;

impl House {
    /// `one` names `other` as a further identity of the same person.
    async fn link(&self, one: &str, other: &str) {
        let (id, linked) = (self.id(one), json!({ "linked_to": self.id(other).to_string() }));
        let sql = "UPDATE identity SET attributes = $2 WHERE id = $1";
        self.db.write(move |c| c.execute(sql, args![id, Json(&linked)])).await.unwrap();
        self.engine.load(&self.db).await.unwrap();
    }

    fn deciding(&self, filed: &Filed) -> DecideRequest {
        let r = &filed.request;
        DecideRequest { request: r.id, requester: r.requester, about: r.about.clone() }
    }
}

/// No self-approval across linked identities, in either direction and over several.
#[tokio::test]
async fn nobody_approves_what_their_other_identity_asked_for() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let before = house.file("web-1").await.unwrap();
        let may = house.ask("bob", house.deciding(&before)).unwrap();
        house.link("eve", "bob").await;
        house.link("cyd", "bob").await;
        for name in ["bob", "cyd"] {
            let denied = house.ask(name, house.deciding(&before)).unwrap_err();
            assert_eq!(denied, Denied::flat(), "{name}");
        }
        // A permission from before the link is asked again where it counts.
        let late = house.grants.decide(&may, Decision::Approve, "fine").await;
        assert!(matches!(late, Err(DecideError::Denied(_))), "{late:?}");
        // They are not even told.
        let filed = house.file("top-1").await.unwrap();
        assert_eq!(filed.approvers, [house.id("abe")]);
        assert!(house.word(&before, "abe", Decision::Approve).await.is_ok());
    })
    .await;
}

/// Two identities of one person are one approval.
#[tokio::test]
async fn linked_approvers_count_once() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let filed = house.file("top-1").await.unwrap();
        assert_eq!(filed.request.needed, 2);
        house.link("bob", "cyd").await;
        house.word(&filed, "bob", Decision::Approve).await.unwrap();
        let twice = house.word(&filed, "cyd", Decision::Approve).await;
        assert!(
            matches!(twice, Err(DecideError::Rule(lifecycle::DecideError::AlreadyDecided))),
            "{twice:?}"
        );
        let done = house.word(&filed, "abe", Decision::Approve).await;
        assert!(matches!(done, Ok(Counted::Granted(_))), "{done:?}");
    })
    .await;
}

/// Nor when it becomes known only after both have spoken.
#[tokio::test]
async fn approvers_who_are_found_to_be_one_person_count_once() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let filed = house.file("top-1").await.unwrap();
        house.word(&filed, "bob", Decision::Approve).await.unwrap();
        let sql = "UPDATE request SET needed = 3";
        house.db.write(move |c| c.execute(sql, &[])).await.unwrap();
        house.db.write(doorward_store::testing::own).await.unwrap();
        house.word(&filed, "cyd", Decision::Approve).await.unwrap();
        house.link("bob", "cyd").await;
        let third = house.word(&filed, "abe", Decision::Approve).await.unwrap();
        assert_eq!(third, Counted::StillPending { missing: 1 });
    })
    .await;
}

/// Whoever was disabled comes back to no request that somebody may still approve.
#[tokio::test]
async fn requests_are_withdrawn_with_their_requester() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let filed = house.file("web-1").await.unwrap();
        let (grants, eve) = (house.grants.clone(), house.id("eve"));
        let left = house.db.write(move |c| grants.left(c, eve, "the account was disabled"));
        left.await.unwrap();
        let late = house.word(&filed, "abe", Decision::Approve).await;
        assert!(
            matches!(late, Err(DecideError::Over(lifecycle::RequestState::Withdrawn))),
            "{late:?}"
        );
    })
    .await;
}

/// abuse case A8: whoever is disabled keeps no grant, although nobody has decided
/// it again when they are enabled.
#[tokio::test]
async fn grants_end_with_their_holder_in_one_transaction() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let grant = house.granted("web-1").await;
        let (grants, eve) = (house.grants.clone(), house.id("eve"));
        let left = house.db.write(move |c| grants.left(c, eve, "the account was disabled"));
        left.await.unwrap();
        assert!(!house.may_open("web-1").await);
        let row = house.grants.grant(grant.id).await.unwrap();
        assert_eq!(row.end_cause.unwrap().sentence(), "the account was disabled");
        assert!(house.activities().await.contains(&"grant.ended".to_owned()));
    })
    .await;
}
