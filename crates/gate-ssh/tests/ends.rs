//! How a session ends with its grant, by a clock that the test holds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use doorward_core::{Class, ManageOwn, RevokeGrant};
use doorward_gate::{Entry, OpenError, Wire};
use doorward_store::testing::TestEnv;
use support::{BOTH, Gatehouse, Plan, held_clock, text};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;

const MINUTE: Duration = Duration::from_secs(60);

/// A house in which Alice is in, by a grant, with this command.
async fn inside(plan: Plan, more: &[&str], command: &str) -> (Gatehouse, Child, TestEnv) {
    let clock = held_clock();
    let plan = Plan { label: "asked", clock: Some(clock.clone()), ..plan };
    let house = Gatehouse::with(plan).await;
    let mut ssh = house.client("ssh", &["-p", &house.address.port().to_string()]);
    house.answering(&mut ssh, "fix the disk");
    let child = ssh.args(more).arg(house.at()).arg(command).spawn().unwrap();
    house.approve("yes").await;
    running(&house, 1).await;
    (house, child, clock)
}

/// Waits until so many commands run: then there are channels on which something can
/// be said.
async fn running(house: &Gatehouse, wanted: usize) {
    for _ in 0..1_000 {
        if house.events().await.iter().filter(|a| *a == "session.command").count() >= wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no {wanted} commands: {:?}", house.events().await);
}

/// Reads until these words are there.
async fn until(stream: &mut (impl AsyncRead + Unpin), shown: &mut String, words: &str) {
    let mut buffer = [0; 4096];
    while !shown.contains(words) {
        let n = stream.read(&mut buffer).await.unwrap();
        assert!(n > 0, "no {words:?} in {shown}");
        shown.push_str(&text(&buffer[..n]));
    }
}

/// Moves the clock to this long before the grant's end, and has it looked at.
async fn before_the_end(house: &Gatehouse, clock: &TestEnv, left: Duration) {
    let grants = house.texts("SELECT CAST(ends_at AS TEXT) FROM access_grant").await;
    let ends_at = doorward_core::Timestamp::from_micros(grants[0].parse().unwrap());
    clock.set(ends_at - left);
    house.watch.tick().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_warned_before_their_grant_ends_and_told_when_it_has() {
    for database in BOTH {
        let plan = Plan { database, ..Plan::default() };
        let (house, mut child, clock) = inside(plan, &["-tt"], "cat").await;
        let (mut screen, mut shown) = (child.stdout.take().unwrap(), String::new());
        before_the_end(&house, &clock, 6 * MINUTE).await;
        before_the_end(&house, &clock, 5 * MINUTE).await;
        until(&mut screen, &mut shown, "your access ends in 5 minutes.").await;
        before_the_end(&house, &clock, 2 * MINUTE).await;
        before_the_end(&house, &clock, MINUTE).await;
        until(&mut screen, &mut shown, "your access ends in 1 minute.").await;
        assert_eq!(shown.matches("your access ends").count(), 2, "{shown}");
        before_the_end(&house, &clock, Duration::ZERO).await;
        until(&mut screen, &mut shown, "Doorward ended this session: its time is over.").await;
        assert_eq!(child.wait().await.unwrap().code(), Some(255));
        house.ended(1).await;
        let end = house.session().await.end_cause.unwrap();
        assert_eq!(end, doorward_core::lifecycle::EndCause::Expired);
    }
}

/// One switch: revoked by somebody else, on whichever node, or given back.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_the_grant_that_it_stands_on() {
    for database in BOTH {
        for way in ["revoked", "revoked on the other node", "given back"] {
            let plan = Plan { database, ..Plan::default() };
            let (house, child, _) = inside(plan, &["-tt"], "cat").await;
            let other = house.second().await;
            let grant = house.grants.live_grants(None, None, 10).await.unwrap().remove(0).grant;
            let revoke =
                RevokeGrant { grant: grant.id, holder: grant.holder, about: grant.about.clone() };
            let revoke = house.allow(house.bob, revoke);
            match way {
                "revoked" => house.grants.revoke(&revoke, "wrong host").await.unwrap(),
                "given back" => {
                    let own = house.allow(house.alice, ManageOwn { of: house.alice });
                    house.grants.return_grant(&own, grant.id).await.unwrap();
                }
                _ => other.grants.revoke(&revoke, "wrong host").await.unwrap(),
            }
            let out = child.wait_with_output().await.unwrap();
            assert_eq!(out.status.code(), Some(255), "{way}");
            let shown = text(&out.stdout);
            let why = if way == "given back" { "returned" } else { "wrong host" };
            assert!(
                shown.contains("Doorward ended this session") && shown.contains(why),
                "{shown}"
            );
            house.ended(1).await;
        }
    }
}

/// The grant ends between the decision and the session.
#[tokio::test(flavor = "multi_thread")]
async fn no_session_begins_on_a_grant_that_has_ended() {
    for database in BOTH {
        let plan = Plan { database, ..Plan::default() };
        let (house, _child, _) = inside(plan, &["-tt"], "cat").await;
        let login = doorward_gate::Login::parse(&house.login()).unwrap();
        let destination = house.gate.resolve(&login, "ssh").await.unwrap();
        let actor = house.allow(house.alice, ManageOwn { of: house.alice }).actor().clone();
        let Entry::Now { allowed, grant } = house.gate.ask(&actor, &destination).await.unwrap()
        else {
            panic!("she has a grant");
        };
        let own = house.allow(house.alice, ManageOwn { of: house.alice });
        house.grants.return_grant(&own, grant.unwrap().id).await.unwrap();
        let wire = Wire { name: "ssh", class: Class::SshActivity };
        let opened = house.gate.open(*allowed, grant, &destination, wire).await;
        assert!(matches!(opened, Err(OpenError::Over(_))));
        assert_eq!(house.texts("SELECT state FROM privileged_session").await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_warnings_and_the_end_are_said_beside_the_data() {
    let (house, mut child, clock) = inside(Plan::default(), &[], "echo data; sleep 600").await;
    let (mut data, mut heard) = (child.stdout.take().unwrap(), String::new());
    until(&mut data, &mut heard, "data\n").await;
    let (mut beside, mut said) = (child.stderr.take().unwrap(), String::new());
    // A clock that jumps over one warning says the one that is true.
    before_the_end(&house, &clock, MINUTE / 2).await;
    until(&mut beside, &mut said, "your access ends in 1 minute.").await;
    assert!(!said.contains("5 minutes"), "{said}");
    before_the_end(&house, &clock, Duration::ZERO).await;
    until(&mut beside, &mut said, "its time is over.").await;
    data.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "data\n");
    assert_eq!(child.wait().await.unwrap().code(), Some(255));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_begins_shortly_before_the_end_is_not_told_what_is_long_true() {
    let (house, mut first, clock) = inside(Plan::default(), &["-tt"], "cat").await;
    before_the_end(&house, &clock, 3 * MINUTE).await;
    let mut second = house.ssh();
    let mut second = second.arg("-tt").arg(house.at()).arg("cat").spawn().unwrap();
    running(&house, 2).await;
    before_the_end(&house, &clock, 2 * MINUTE).await;
    before_the_end(&house, &clock, MINUTE).await;
    let (mut screen, mut shown) = (second.stdout.take().unwrap(), String::new());
    until(&mut screen, &mut shown, "ends in 1 minute.").await;
    assert_eq!(shown.matches("your access ends").count(), 1, "{shown}");
    let (mut screen, mut shown) = (first.stdout.take().unwrap(), String::new());
    until(&mut screen, &mut shown, "ends in 1 minute.").await;
    assert_eq!(shown.matches("your access ends in 3 minutes.").count(), 1, "{shown}");
    before_the_end(&house, &clock, Duration::ZERO).await;
    first.wait().await.unwrap();
    second.wait().await.unwrap();
    house.ended(2).await;
}
