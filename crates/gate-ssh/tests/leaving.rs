//! Whoever is disabled, if only for a moment, loses what is open.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use doorward_directory::Leaving as _;
use doorward_store::{args, change};
use support::{BOTH, Gatehouse, Node, text};

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
