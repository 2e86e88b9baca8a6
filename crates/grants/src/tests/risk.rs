//! The risk of a request: each reason there, and not there.

use std::net::IpAddr;

use doorward_core::lifecycle::LiveGrant;
use doorward_store::testing::each_database;
use doorward_store::{event, grant as grant_rows};

use super::*;

const DAY: Duration = Duration::from_secs(86_400);

/// How eve asks.
fn asking(house: &House, from: &str) -> Actor {
    let network = Network { address: Some(from.parse::<IpAddr>().unwrap()) };
    Actor { network, ..house.actor("eve") }
}

/// The codes of the reasons, and the level.
async fn risk(house: &House, actor: &Actor, target: &str, hours: u32) -> (Vec<String>, RiskLevel) {
    let about = house.about(target);
    let filed = house.grants.file_request(actor, &about, "down", Some(HOUR * hours)).await.unwrap();
    told(house, filed.request.id).await
}

async fn told(house: &House, id: RequestId) -> (Vec<String>, RiskLevel) {
    let risk = house.grants.risk(id).await.unwrap();
    let code = |r: &RiskReason| {
        serde_json::to_value(r).unwrap()["fact"]["code"].as_str().unwrap().to_owned()
    };
    (risk.reasons.iter().map(code).collect(), risk.level)
}

/// Something that eve did, or that was done to her, at this moment.
async fn happened(house: &House, activity: &str, by: Option<&str>) {
    let eve = house.id("eve");
    let actor = match by {
        Some(address) => asking(house, address),
        None => Actor::nobody(Network::default()),
    };
    let event = Event::new(&house.env.env(), Class::Authentication, activity, &actor)
        .on(Entity::new("Identity", eve));
    house.db.write(move |c| event::append(c, &event)).await.unwrap();
}

/// She signed in from the office every day at this hour (of the house's clock), and was
/// on both accounts: nothing is left that is new.
async fn habits(house: &House) {
    for _ in 0..12 {
        happened(house, "session.opened", Some("203.0.113.9")).await;
        house.env.advance(DAY);
    }
    been_on(house, "web-1").await;
    house.env.advance(DAY);
}

async fn been_on(house: &House, target: &str) {
    let (e, eve, account) = (house.env.env(), house.id("eve"), house.account(target));
    house
        .db
        .write(move |c| {
            c.execute(
                "INSERT INTO privileged_session (id, identity, account, target, login, protocol, node, question, state, coverage, started_at, bytes_in, bytes_out, version)
                 SELECT $1, $2, id, target, 'x', 'ssh', $1, $3, 'ended', 'full', $4, 0, 0, 1 FROM account WHERE id = $5",
                args![PrivilegedSessionId::new(&e), eve, Json(json!({})), e.now(), account],
            )
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn nothing_speaks_against_what_somebody_does_every_day() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        habits(&house).await;
        let (reasons, level) = risk(&house, &asking(&house, "203.0.113.77"), "web-1", 1).await;
        assert_eq!((reasons, level), (vec![], RiskLevel::Low), "the same /24 is the same network");
    })
    .await;
}

#[tokio::test]
async fn a_first_time_from_a_new_network_at_a_strange_hour_is_told_by_each_of_these() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        habits(&house).await;
        house.env.advance(HOUR * 9);
        let (reasons, level) = risk(&house, &asking(&house, "198.51.100.1"), "top-1", 1).await;
        assert_eq!(reasons, ["new_network", "first_time", "unusual_hour"]);
        assert_eq!(level, RiskLevel::High);
        // The sign-in that she asks from makes neither the hour nor the network usual.
        happened(&house, "session.opened", Some("198.51.100.1")).await;
        let (again, _) = risk(&house, &asking(&house, "198.51.100.1"), "top-1", 1).await;
        assert_eq!(again, reasons);
    })
    .await;
}

#[tokio::test]
async fn an_hour_near_a_usual_one_is_usual_and_a_few_sign_ins_are_no_habit() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        habits(&house).await;
        house.env.advance(Duration::from_secs(90 * 60));
        let (reasons, _) = risk(&house, &asking(&house, "203.0.113.9"), "web-1", 1).await;
        assert_eq!(reasons, Vec::<String>::new());
    })
    .await;
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        been_on(&house, "web-1").await;
        happened(&house, "session.opened", Some("203.0.113.9")).await;
        house.env.advance(DAY * 2 + HOUR * 9);
        let (reasons, _) = risk(&house, &asking(&house, "203.0.113.9"), "web-1", 1).await;
        assert_eq!(reasons, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_network_is_forgotten_after_ninety_days() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        habits(&house).await;
        house.env.advance(DAY * 90);
        let (reasons, level) = risk(&house, &asking(&house, "203.0.113.9"), "web-1", 1).await;
        assert_eq!((reasons, level), (vec!["new_network".to_owned()], RiskLevel::Medium));
    })
    .await;
}

#[tokio::test]
async fn trouble_with_signing_in_counts_for_a_week_and_while_a_request_waits() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        habits(&house).await;
        happened(&house, "sign-in.failed", None).await;
        happened(&house, "sign-in.failed", None).await;
        let actor = asking(&house, "203.0.113.9");
        let about = house.about("web-1");
        let filed = house.grants.file_request(&actor, &about, "down", None).await.unwrap();
        assert_eq!(told(&house, filed.request.id).await.0, Vec::<String>::new());
        happened(&house, "sign-in.failed", None).await;
        assert_eq!(told(&house, filed.request.id).await.0, ["failed_sign_ins"]);
        happened(&house, "authenticator.enrolled", Some("203.0.113.9")).await;
        let (reasons, level) = told(&house, filed.request.id).await;
        assert_eq!(reasons, ["failed_sign_ins", "changed_authenticators"]);
        assert_eq!(level, RiskLevel::High);
        // What comes after the decision is not what was decided on.
        house.word(&filed, "abe", Decision::Deny).await.unwrap();
        house.env.advance(HOUR);
        happened(&house, "authenticator.removed", Some("203.0.113.9")).await;
        let risk = house.grants.risk(filed.request.id).await.unwrap();
        let RiskFact::ChangedAuthenticators { at } = risk.reasons[1].fact else { panic!() };
        assert!(at < house.env.now());
        house.env.advance(DAY * 8);
        let fresh = house.grants.file_request(&actor, &about, "down", None).await.unwrap();
        assert_eq!(told(&house, fresh.request.id).await.0, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn an_account_is_critical_by_its_name_or_by_a_label_of_it_or_of_its_target() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        habits(&house).await;
        let actor = asking(&house, "203.0.113.9");
        house.change("UPDATE account SET labels = '{\"tier\": \"1\"}'").await;
        assert_eq!(risk(&house, &actor, "web-1", 1).await.0, Vec::<String>::new());
        for (sql, by) in [
            ("UPDATE account SET labels = '{\"tier\": \"0\"}'", "tier=0"),
            ("UPDATE account SET labels = '{\"critical\": \"yes\"}'", "critical=yes"),
            ("UPDATE account SET name = 'Root', labels = '{}'", "Root"),
            (
                "UPDATE account SET name = 'deploy', labels = '{}'",
                "",
            ),
            (
                "UPDATE target SET labels = '{\"env\": \"prod\", \"critical\": \"true\"}' WHERE name = 'web-1'",
                "critical=true",
            ),
        ] {
            house.change(sql).await;
            let about = house.about("web-1");
            let filed = house.grants.file_request(&actor, &about, "down", None).await.unwrap();
            let found = house.grants.risk(filed.request.id).await.unwrap().reasons;
            let wanted = RiskFact::CriticalAccount { by: by.to_owned() };
            assert_eq!(found.iter().any(|r| r.fact == wanted), !by.is_empty(), "{sql}: {found:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_device_says_something_only_where_devices_are_managed() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        habits(&house).await;
        let (e, eve, abe) = (house.env.env(), house.id("eve"), house.id("abe"));
        let [mine, other] = [DeviceId::new(&e), DeviceId::new(&e)];
        let with = |device: DeviceId| Actor {
            device: Some(device.to_string()),
            ..asking(&house, "203.0.113.9")
        };
        let none = asking(&house, "203.0.113.9");
        assert_eq!(risk(&house, &none, "web-1", 1).await.0, Vec::<String>::new());
        house.change("DELETE FROM request").await;
        house
            .db
            .write(move |c| {
                for (id, whose, managed) in [(mine, eve, false), (other, abe, true)] {
                    c.execute(
                        "INSERT INTO device (id, identity, token_hash, kind, label, managed, created_at, last_seen_at, version)
                         VALUES ($1, $2, $3, 'browser', '', $4, $5, $5, 1)",
                        args![id, whose, id.to_string().into_bytes(), managed, e.now()],
                    )?;
                }
                Ok::<_, doorward_store::Error>(())
            })
            .await
            .unwrap();
        let fact = |known| RiskFact::UnmanagedDevice { known };
        for (actor, wanted) in [
            (with(mine), Some(fact(true))),
            // Somebody else's managed device does not count as theirs.
            (with(other), Some(fact(true))),
            (none, Some(fact(false))),
        ] {
            let filed = house.grants.file_request(&actor, &house.about("web-1"), "x", None).await;
            let id = filed.unwrap().request.id;
            let found = house.grants.risk(id).await.unwrap().reasons;
            assert_eq!(found.first().map(|r| r.fact.clone()), wanted);
            house.grants.withdraw(&house.ask("eve", ManageOwn { of: eve }).unwrap(), id).await.unwrap();
        }
        house.change("UPDATE device SET managed = TRUE").await;
        assert_eq!(risk(&house, &with(mine), "web-1", 1).await.0, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_weak_proof_is_told_with_what_was_proven() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        habits(&house).await;
        let proof = |factor: &str, class| Proof {
            factor: factor.to_owned(),
            class,
            phishing_resistant: false,
            at: house.env.now(),
        };
        let mut actor = asking(&house, "203.0.113.9");
        actor.proofs =
            vec![proof("password", FactorClass::Knowledge), proof("totp", FactorClass::Possession)];
        let about = house.about("web-1");
        let filed = house.grants.file_request(&actor, &about, "down", None).await.unwrap();
        let found = house.grants.risk(filed.request.id).await.unwrap();
        let factors = vec!["password".to_owned(), "totp".to_owned()];
        assert_eq!(found.reasons[0].fact, RiskFact::WeakProof { factors });
        assert_eq!((found.reasons.len(), found.level), (1, RiskLevel::Low));
    })
    .await;
}

#[tokio::test]
async fn longer_than_before_and_broken_glass_are_told() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        habits(&house).await;
        let earlier = |glass: bool, length: Duration| LiveGrant {
            id: GrantId::new(&house.env.env()),
            request: None,
            holder: house.id("eve"),
            about: house.about("web-1"),
            reason: "x".to_owned(),
            approvals: 1,
            starts_at: house.env.now(),
            ends_at: house.env.now() + length,
            break_glass: glass,
        };
        let grant = earlier(false, HOUR * 2);
        house.db.write(move |c| grant_rows::insert(c, &grant)).await.unwrap();
        house.env.advance(DAY);
        let actor = asking(&house, "203.0.113.9");
        let eve = house.id("eve");
        for (hours, wanted) in [(2, vec![]), (3, vec!["longer_than_before".to_owned()])] {
            let about = house.about("web-1");
            let asked = house.grants.file_request(&actor, &about, "x", Some(HOUR * hours)).await;
            let id = asked.unwrap().request.id;
            assert_eq!(told(&house, id).await.0, wanted);
            house
                .grants
                .withdraw(&house.ask("eve", ManageOwn { of: eve }).unwrap(), id)
                .await
                .unwrap();
        }
        let grant = earlier(true, HOUR);
        house.db.write(move |c| grant_rows::insert(c, &grant)).await.unwrap();
        house.env.advance(DAY);
        assert_eq!(risk(&house, &actor, "web-1", 1).await.0, ["broke_glass"]);
        // Thirty days after, nobody speaks of it.
        house.env.advance(DAY * 30);
        house.grants.expire().await.unwrap();
        let (reasons, _) = risk(&house, &asking(&house, "203.0.113.9"), "web-1", 1).await;
        assert!(!reasons.contains(&"broke_glass".to_owned()), "{reasons:?}");
    })
    .await;
}

#[tokio::test]
async fn the_mail_to_approvers_says_how_much_speaks_against_it() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        habits(&house).await;
        risk(&house, &asking(&house, "198.51.100.1"), "web-1", 1).await;
        let text: String = house
            .db
            .read(|c| c.value("SELECT body FROM outbox WHERE channel = 'mail' LIMIT 1", &[]))
            .await
            .unwrap()
            .map(|j: Json<serde_json::Value>| j.0["text"].as_str().unwrap().to_owned())
            .unwrap();
        assert!(text.contains("Risk: medium\n- asked from 198.51.100.1, a network"), "{text}");
    })
    .await;
}
