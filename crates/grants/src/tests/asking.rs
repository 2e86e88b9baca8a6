use doorward_core::lifecycle::RequestState;
use doorward_store::testing::{each_database, postgres};

use super::*;

#[tokio::test]
async fn request_is_approved_by_somebody_else_and_opens_the_account() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        assert!(!house.may_open("web-1").await);
        let filed = house.file("web-1").await.unwrap();
        assert_eq!((filed.request.needed, filed.grant.is_none()), (1, true));
        // By name.
        assert_eq!(filed.approvers, [house.id("abe"), house.id("bob"), house.id("cyd")]);
        assert!(!house.may_open("web-1").await);
        let outcome = house.word(&filed, "abe", Decision::Approve).await.unwrap();
        let Counted::Granted(grant) = outcome else { panic!("{outcome:?}") };
        assert_eq!((grant.length(), grant.holder), (HOUR, house.id("eve")));
        let access =
            house.grants.access(&house.actor("eve"), house.account("web-1")).await.unwrap();
        let Access::Now { allowed, grant: Some(used) } = access else { panic!("{access:?}") };
        assert_eq!(used, grant);
        assert_eq!(allowed.act().account, house.account("web-1"));
        // Nobody else has it, and it opens nothing else.
        let other = house.grants.access(&house.actor("abe"), house.account("web-1")).await.unwrap();
        assert!(matches!(other, Access::Denied(_)));
        assert!(!house.may_open("top-1").await);
        let seen = house.activities().await;
        assert_eq!(
            seen.iter().filter(|a| a.starts_with("request.") || a.starts_with("grant.")).count(),
            3
        );
    })
    .await;
}

#[tokio::test]
async fn grant_does_not_spare_the_holder_a_fresh_proof() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        house.granted("web-1").await;
        let mut weak = house.actor("eve");
        weak.proofs[0].class = FactorClass::Knowledge;
        weak.proofs[0].phishing_resistant = false;
        let access = house.grants.access(&weak, house.account("web-1")).await.unwrap();
        let Access::Denied(denied) = access else { panic!("let in with a password alone") };
        assert_eq!(denied.requirements, [Requirement::StepUp], "the grant's own denial is nearest");
    })
    .await;
}

/// Where somebody asks from says nothing of where they will come from: the device is
/// looked at when they come, and the grant stands in the meantime.
#[tokio::test]
async fn a_grant_does_not_spare_the_holder_a_managed_device() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let grant = house.granted("safe-1").await;
        let access = house.grants.access(&house.actor("eve"), house.account("safe-1")).await;
        let Access::Denied(denied) = access.unwrap() else { panic!("let in from any device") };
        assert_eq!(denied.requirements, [Requirement::ManagedDevice]);
        let changed = doorward_store::change::Change {
            seq: 1,
            kind: "policy".to_owned(),
            id: "more".to_owned(),
            at: house.env.now(),
        };
        doorward_watch::Reviewer::review(&house.grants, &[changed]).await;
        let eve = house.id("eve");
        let about = house.about("safe-1");
        let live = house.grants.live_for(eve, &about).await.unwrap();
        assert_eq!(live, [grant]);
    })
    .await;
}

#[tokio::test]
async fn nobody_decides_their_own_request_and_nobody_twice() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        // abe is an engineer too, and an approver.
        let about = house.about("top-1");
        let filed =
            house.grants.file_request(&house.actor("abe"), &about, "why", None).await.unwrap();
        assert!(!filed.approvers.contains(&house.id("abe")));
        let r = &filed.request;
        let act = DecideRequest { request: r.id, requester: r.requester, about: r.about.clone() };
        assert!(house.ask("abe", act.clone()).is_err(), "policy refuses it");
        // And if a policy let it through, the lifecycle would not.
        let forged = DecideRequest { requester: house.id("bob"), ..act };
        let allowed = house.ask("abe", forged).unwrap();
        let refused = house.grants.decide(&allowed, Decision::Approve, "").await;
        assert!(matches!(refused, Err(DecideError::NotFound)));
        assert_eq!(
            house.word(&filed, "bob", Decision::Approve).await.unwrap(),
            Counted::StillPending { missing: 1 }
        );
        let again = house.word(&filed, "bob", Decision::Approve).await;
        assert!(matches!(again, Err(DecideError::Rule(_))));
        assert!(matches!(
            house.word(&filed, "cyd", Decision::Approve).await.unwrap(),
            Counted::Granted(_)
        ));
        let over = house.word(&filed, "cyd", Decision::Approve).await;
        assert!(matches!(over, Err(DecideError::Over(RequestState::Approved))));
    })
    .await;
}

#[tokio::test]
async fn one_no_ends_a_request() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let filed = house.file("top-1").await.unwrap();
        house.word(&filed, "abe", Decision::Approve).await.unwrap();
        assert_eq!(house.word(&filed, "bob", Decision::Deny).await.unwrap(), Counted::Denied);
        let late = house.word(&filed, "cyd", Decision::Approve).await;
        assert!(matches!(late, Err(DecideError::Over(RequestState::Denied))));
        assert_eq!(house.count("access_grant").await, 0);
        let shown = house.grants.progress(filed.request.id).await.unwrap();
        assert_eq!((shown.approvals.len(), shown.request.state), (2, RequestState::Denied));
    })
    .await;
}

#[tokio::test]
async fn two_who_approve_at_once_count_twice_and_make_one_grant() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        for _ in 0..5 {
            let before = house.count("access_grant").await;
            let filed = house.file("top-1").await.unwrap();
            let (a, b, c) = tokio::join!(
                house.word(&filed, "abe", Decision::Approve),
                house.word(&filed, "bob", Decision::Approve),
                house.word(&filed, "cyd", Decision::Approve),
            );
            let all = [a, b, c];
            let granted = all.iter().filter(|r| matches!(r, Ok(Counted::Granted(_)))).count();
            let pending = all
                .iter()
                .filter(|r| matches!(r, Ok(Counted::StillPending { missing: 1 })))
                .count();
            let late = all.iter().filter(|r| matches!(r, Err(DecideError::Over(_)))).count();
            assert_eq!((granted, pending, late), (1, 1, 1), "{all:?}");
            assert_eq!(house.count("access_grant").await, before + 1);
        }
        assert_eq!(house.count("approval").await, 10);
    })
    .await;
}

#[tokio::test]
async fn two_nodes_that_approve_the_same_request_make_one_grant() {
    let env = TestEnv::default();
    let shared = postgres(&env.env()).await;
    let one = House::new(shared.db.clone(), env.clone()).await;
    let second = Db::open(&shared.config, &env.env()).await.unwrap();
    let engine = Engine::new(env.env());
    engine.load(&second).await.unwrap();
    let two = Grants::new(&second, &env.env(), engine, ORIGIN);
    for _ in 0..10 {
        let filed = one.file("web-1").await.unwrap();
        let r = &filed.request;
        let act = DecideRequest { request: r.id, requester: r.requester, about: r.about.clone() };
        let bob = one.ask("bob", act).unwrap();
        let (a, b) = tokio::join!(
            one.word(&filed, "abe", Decision::Approve),
            two.decide(&bob, Decision::Approve, "")
        );
        let granted = [&a, &b].iter().filter(|r| matches!(r, Ok(Counted::Granted(_)))).count();
        assert_eq!(granted, 1, "{a:?} {b:?}");
    }
    assert_eq!((one.count("access_grant").await, one.count("approval").await), (10, 10));
}

#[tokio::test]
async fn policy_says_how_long_and_whether_a_reason_is_needed() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let eve = house.actor("eve");
        let file = |target: &str, reason: &str, duration: Option<Duration>| {
            let (grants, eve, about, reason) =
                (house.grants.clone(), eve.clone(), house.about(target), reason.to_owned());
            async move { grants.file_request(&eve, &about, &reason, duration).await }
        };
        assert!(matches!(file("web-1", " ", None).await, Err(FileError::Reason)));
        assert!(matches!(file("dev-1", "why", None).await, Err(FileError::NotNeeded)));
        assert!(matches!(file("web-1", &"x".repeat(501), None).await, Err(FileError::ReasonForm)));
        assert!(matches!(file("web-1", "\u{1b}[2J", None).await, Err(FileError::ReasonForm)));
        // The policy's four hours, of eight asked for.
        let filed = file("web-1", "why", Some(HOUR * 99)).await.unwrap();
        assert_eq!(filed.request.duration, HOUR * 4);
        // Our own eight, where the policy has no limit.
        let filed = file("top-1", "why", Some(HOUR * 99)).await.unwrap();
        assert_eq!((filed.request.duration, filed.request.needed), (HOUR * 8, 2));
        // Nobody's word is needed: a grant at once.
        let filed = file("why-1", "why", None).await.unwrap();
        assert_eq!(filed.grant.map(|g| g.length()), Some(HOUR));
        assert!(house.may_open("why-1").await);
        let zoe = house
            .grants
            .file_request(&house.actor("zoe"), &house.about("web-1"), "why", None)
            .await;
        assert!(matches!(zoe, Err(FileError::Denied(d)) if d.requirements.is_empty()));
        let system = house
            .grants
            .file_request(&Actor::system("x"), &house.about("web-1"), "why", None)
            .await;
        assert!(matches!(system, Err(FileError::Nobody)));
    })
    .await;
}

#[tokio::test]
async fn only_accounts_and_applications_by_their_canonical_ids_can_be_asked_for() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let account = house.account("web-1").to_string();
        for about in [
            Entity::new("House", "doorward"),
            Entity::new("Secret", &account),
            Entity::new("account", &account),
            Entity::new("Account", "deploy@web-1"),
            Entity::new("Account", account.to_uppercase()),
            Entity::new("Account", format!("{{{account}}}")),
        ] {
            let refused = house.grants.file_request(&house.actor("eve"), &about, "why", None).await;
            assert!(matches!(refused, Err(FileError::About)), "{about}");
        }
        let about = Entity::new("Application", house.rota);
        let filed = house.grants.file_request(&house.actor("eve"), &about, "", None).await.unwrap();
        assert!(matches!(
            house.word(&filed, "abe", Decision::Approve).await.unwrap(),
            Counted::Granted(_)
        ));
        let access =
            house.grants.access_application(&house.actor("eve"), house.rota).await.unwrap();
        assert!(matches!(access, Access::Now { grant: Some(_), .. }));
    })
    .await;
}

#[tokio::test]
async fn second_request_for_the_same_is_the_first_and_there_are_not_endless_ones() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let first = house.file("web-1").await.unwrap();
        let second = house.file("web-1").await.unwrap();
        assert_eq!(first.request.id, second.request.id);
        assert_eq!(house.count("request").await, 1);
        let (e, eve) = (house.env.env(), house.id("eve"));
        house
            .db
            .write(move |c| {
                for _ in 0..19 {
                    let pending = doorward_core::lifecycle::PendingRequest {
                        id: RequestId::new(&e),
                        requester: eve,
                        about: Entity::new("Account", AccountId::new(&e)),
                        reason: String::new(),
                        duration: HOUR,
                        needed: 1,
                        approvals: Vec::new(),
                        at: e.now(),
                        expires_at: e.now() + HOUR,
                    };
                    doorward_store::request::insert(c, &pending, RequestState::Pending)?;
                }
                Ok::<_, doorward_store::Error>(())
            })
            .await
            .unwrap();
        assert!(matches!(house.file("top-1").await, Err(FileError::TooMany)));
    })
    .await;
}

#[tokio::test]
async fn policy_that_changes_before_the_last_word_is_obeyed() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        // It wants two words now.
        let filed = house.file("web-1").await.unwrap();
        house
            .change("UPDATE policy SET text = REPLACE(text, 'context.approvals >= 1', 'context.approvals >= 2')")
            .await;
        let outcome = house.word(&filed, "abe", Decision::Approve).await.unwrap();
        assert_eq!(outcome, Counted::StillPending { missing: 1 });
        let outcome = house.word(&filed, "bob", Decision::Approve).await.unwrap();
        assert!(matches!(outcome, Counted::Granted(_)));
        // It wants none of it any more.
        let filed = house.file("top-1").await.unwrap();
        house.word(&filed, "abe", Decision::Approve).await.unwrap();
        house.change("DELETE FROM team_identity").await;
        assert_eq!(house.word(&filed, "bob", Decision::Approve).await.unwrap(), Counted::Denied);
        assert_eq!(house.count("access_grant").await, 1);
    })
    .await;
}

#[tokio::test]
async fn approver_who_lost_the_role_decides_nothing_with_an_old_permission() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let filed = house.file("web-1").await.unwrap();
        let r = &filed.request;
        let act = DecideRequest { request: r.id, requester: r.requester, about: r.about.clone() };
        let kept = house.ask("abe", act).unwrap();
        house.change("DELETE FROM role_holder").await;
        let refused = house.grants.decide(&kept, Decision::Approve, "").await;
        assert!(matches!(refused, Err(DecideError::Denied(_))));
        assert_eq!(house.count("approval").await, 0);
    })
    .await;
}

/// A word counts for as long as who gave it may give it.
#[tokio::test]
async fn words_of_those_who_may_not_decide_any_more_do_not_count() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let filed = house.file("top-1").await.unwrap();
        assert_eq!(filed.request.needed, 2);
        house.word(&filed, "abe", Decision::Approve).await.unwrap();
        let (sql, abe) = ("UPDATE identity SET enabled = $2 WHERE id = $1", house.id("abe"));
        house.db.write(move |c| c.execute(sql, args![abe, false])).await.unwrap();
        house.engine.load(&house.db).await.unwrap();
        let one = house.word(&filed, "bob", Decision::Approve).await.unwrap();
        assert_eq!(one, Counted::StillPending { missing: 1 });
        assert_eq!(house.count("access_grant").await, 0);
        let two = house.word(&filed, "cyd", Decision::Approve).await.unwrap();
        assert!(matches!(two, Counted::Granted(_)), "{two:?}");
    })
    .await;
}

#[tokio::test]
async fn withdrawn_request_is_over_and_only_its_requester_withdraws_it() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let filed = house.file("web-1").await.unwrap();
        let own = |name: &str| house.ask(name, ManageOwn { of: house.id(name) }).unwrap();
        let other = house.grants.withdraw(&own("abe"), filed.request.id).await;
        assert!(matches!(other, Err(RequestError::NotFound)));
        house.grants.withdraw(&own("eve"), filed.request.id).await.unwrap();
        let twice = house.grants.withdraw(&own("eve"), filed.request.id).await;
        assert!(matches!(twice, Err(RequestError::Over(RequestState::Withdrawn))));
        let late = house.word(&filed, "abe", Decision::Approve).await;
        assert!(matches!(late, Err(DecideError::Over(RequestState::Withdrawn))));
    })
    .await;
}

#[tokio::test]
async fn whoever_waits_learns_of_the_decision() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let filed = house.file("web-1").await.unwrap();
        let waiting = {
            let (grants, id) = (house.grants.clone(), filed.request.id);
            tokio::spawn(async move { grants.wait(id).await })
        };
        tokio::task::yield_now().await;
        house.word(&filed, "abe", Decision::Approve).await.unwrap();
        let done =
            tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap().unwrap().unwrap();
        assert_eq!(done.request.state, RequestState::Approved);
        assert!(done.grant.is_some());
        // A request that lapses while somebody waits.
        let filed = house.file("top-1").await.unwrap();
        house.env.advance(HOUR * 24);
        assert_eq!(
            house.grants.wait(filed.request.id).await.unwrap().request.state,
            RequestState::Expired
        );
    })
    .await;
}
