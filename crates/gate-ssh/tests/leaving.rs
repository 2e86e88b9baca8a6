//! Whoever is disabled, if only for a moment, loses what is open.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use doorward_directory::Leaving as _;
use doorward_store::{args, change};
use support::{BOTH, Gatehouse, Node, Plan, held_clock, own, text};

/// What the directory does in one transaction, and takes back in the next moment.
async fn disable_for_a_moment(house: &Gatehouse, at: &Node) {
    let (gate, alice, env) = (at.gate.clone(), house.alice, house.env.clone());
    let done = at.db.write(move |c| {
        c.execute("UPDATE identity SET enabled = FALSE WHERE id = $1", args![alice])?;
        change::bump(c, "identity", alice, env.now())?;
        gate.left(c, alice, "the account was disabled")?;
        change::bump(c, change::LEFT, alice, env.now())?;
        c.execute("UPDATE identity SET enabled = TRUE WHERE id = $1", args![alice])?;
        change::bump(c, "identity", alice, env.now())
    });
    done.await.unwrap();
}

/// Until so many sessions have opened.
async fn opened(house: &Gatehouse, wanted: usize) {
    for _ in 0..1_000 {
        let events = house.events().await;
        if events.iter().filter(|e| *e == "session.opened").count() == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", house.events().await);
}

/// abuse case A8: no node ever sees the person disabled, and the shell is cut.
#[tokio::test(flavor = "multi_thread")]
async fn moment_of_being_disabled_cuts_the_shell() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let other = house.second().await;
        for (n, at) in [&house.node, &other].into_iter().enumerate() {
            let mut ssh = house.ssh();
            ssh.arg("-tt").arg(house.at()).stdin(std::process::Stdio::piped());
            let mut child = ssh.spawn().unwrap();
            let _stdin = child.stdin.take().unwrap();
            opened(&house, n + 1).await;
            disable_for_a_moment(&house, at).await;
            let cut = tokio::time::timeout(Duration::from_secs(10), child.wait_with_output()).await;
            let shown = text(&cut.expect("the shell is cut").unwrap().stdout);
            assert!(shown.contains("the account was disabled"), "{shown}");
            house.ended(n + 1).await;
        }
    }
}

/// abuse case A8: a connection that is in and has no session yet, and one that only jumps,
/// are cut too, and open nothing until they are.
#[tokio::test(flavor = "multi_thread")]
async fn moment_of_being_disabled_cuts_connections_without_a_session() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let other = house.second().await;
        for at in [&house.node, &other] {
            let waiting = house.alices_client().await;
            let outer = house.client_to("alice").await;
            let inner = own::jumped(&outer, &house.sshd.account).await.unwrap();
            disable_for_a_moment(&house, at).await;
            for client in [&waiting, &inner, &outer] {
                own::cut(client).await;
            }
        }
        let (held, outer) = (house.alices_client().await, house.client_to("alice").await);
        disable_for_a_moment(&house, &house.node).await;
        assert!(!own::runs(&held).await);
        assert!(own::jumped(&outer, &house.sshd.account).await.is_none());
        assert!(!house.events().await.iter().any(|e| e == "session.opening"));
    }
}

/// abuse case A8: whose key was removed begins nothing by it, on no connection.
#[tokio::test(flavor = "multi_thread")]
async fn key_that_was_removed_begins_nothing_on_a_connection_that_it_opened() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let (held, outer) = (house.alices_client().await, house.client_to("alice").await);
        let inner = own::jumped(&outer, &house.sshd.account).await.unwrap();
        let alice = house.alice;
        let removed = house.db.write(move |c| {
            let keys = doorward_store::authenticator::of_identity(c, alice)?;
            keys.iter().try_for_each(|key| {
                doorward_store::authenticator::delete(c, alice, key.id).map(drop)
            })
        });
        removed.await.unwrap();
        assert!(!own::runs(&held).await);
        assert!(!own::runs(&inner).await);
        assert!(own::jumped(&outer, &house.sshd.account).await.is_none());
        assert!(!house.events().await.iter().any(|e| e == "session.opening"));
    }
}

/// abuse case A8: a browser that was signed out lends its proofs to nothing new.
#[tokio::test(flavor = "multi_thread")]
async fn session_that_was_ended_begins_nothing_on_a_connection_that_it_confirmed() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let browser = house.browser().await;
        let stranger = support::key(house.dir.path(), "stranger");
        let control = house.dir.path().join("control");
        let path = format!("ControlPath={}", control.display());
        let port = house.address.port().to_string();
        let mut held = tokio::process::Command::new("ssh");
        held.args(house.options(&stranger)).args(["-p", &port, "-N", "-o", "ControlMaster=yes"]);
        held.args(["-o", &path]).arg(house.at()).kill_on_drop(true);
        held.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
        let _held = held.stderr(std::process::Stdio::null()).spawn().unwrap();
        house.confirm(&browser).await;
        while !control.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (id, now) = (browser.id, house.env.now());
        let ended =
            house.db.write(move |c| doorward_store::session::revoke(c, id, now, "signed out"));
        assert!(ended.await.unwrap());
        let mut second = house.client("ssh", &["-p", &port, "-o", "BatchMode=yes", "-o", &path]);
        let out = support::output(second.arg(house.at()).arg("echo in")).await;
        assert!(out.stdout.is_empty());
        assert!(text(&out.stderr).contains("connect again"), "{}", text(&out.stderr));
        assert!(!house.events().await.iter().any(|e| e == "session.opening"));
    }
}

/// What was proven lasts half a day; a session that runs by it ends by its own.
#[tokio::test(flavor = "multi_thread")]
async fn connection_without_a_session_ends_by_itself() {
    let clock = held_clock();
    let house = Gatehouse::with(Plan { clock: Some(clock.clone()), ..Plan::default() }).await;
    let (idle, busy) = (house.alices_client().await, house.alices_client().await);
    let mut shell = busy.channel_open_session().await.unwrap();
    shell.exec(true, "echo ready; cat").await.unwrap();
    while !matches!(shell.wait().await.unwrap(), russh::ChannelMsg::Data { .. }) {}
    clock.advance(Duration::from_secs(12 * 3600));
    house.watch.tick().await;
    own::cut(&idle).await;
    assert!(!own::runs(&busy).await, "a second channel begins");
    shell.data(&b"still here"[..]).await.unwrap();
    shell.eof().await.unwrap();
    assert_eq!(text(&own::heard(&mut shell).await.out), "still here");
}
