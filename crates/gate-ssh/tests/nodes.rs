//! Two nodes on one database: what one has, the other can show and end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use doorward_core::{PlayRecording, Timestamp, WatchSession};
use doorward_gate::{SeeError, Watching};
use doorward_store::{args, change, session_watcher};
use support::{BOTH, Gatehouse, Node, finished, output, text};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin};

/// A shell on the first node.
async fn shell(house: &Gatehouse) -> (Child, ChildStdin) {
    let mut ssh = house.ssh();
    ssh.arg("-tt").arg(house.at()).stdin(std::process::Stdio::piped());
    let mut child = ssh.spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    house.event("session.opened").await;
    (child, stdin)
}

async fn watch(house: &Gatehouse, node: &Node) -> Result<Watching, SeeError> {
    let s = house.session().await;
    let act = WatchSession { session: s.id, owner: s.identity, account: s.account };
    node.gate.watch_session(&house.decided(house.bob, act)).await
}

async fn until(lines: &mut Watching, words: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(words) {
        seen.push_str(&lines.recv().await.unwrap_or_else(|| panic!("no {words:?} in {seen}")));
    }
    seen
}

/// Waits until no look is left in the database.
async fn forgotten(house: &Gatehouse) {
    for _ in 0..1_000 {
        if house.texts("SELECT kind FROM relay").await.is_empty() {
            let frames = house.texts("SELECT CAST(number AS TEXT) FROM relay_frame").await;
            assert!(frames.is_empty(), "frames go with their look");
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a look stays in the database");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_watched_from_the_other_node() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let other = house.second().await;
        let (child, mut stdin) = shell(&house).await;
        stdin.write_all(b"echo before-$((40+2))\r").await.unwrap();
        house.event("session.command").await;
        assert!(house.texts("SELECT kind FROM relay").await.is_empty(), "nobody looks");
        let mut lines = watch(&house, &other).await.unwrap();
        let first = until(&mut lines, "before-42").await;
        assert!(first.starts_with("{\"version\":2"), "{first}");
        stdin.write_all(b"echo seen-$((40+3))\r").await.unwrap();
        until(&mut lines, "seen-43").await;
        // Two may look at once, one of them from the session's own node.
        let mut second = watch(&house, &other).await.unwrap();
        let mut own = watch(&house, &house.node).await.unwrap();
        stdin.write_all(b"echo all-$((40+4))\r").await.unwrap();
        until(&mut lines, "all-44").await;
        until(&mut second, "all-44").await;
        until(&mut own, "all-44").await;
        let session = house.session().await.id;
        let looking =
            || house.db.read(move |c| session_watcher::of(c, session, Timestamp::from_secs(0)));
        let found = looking().await.unwrap();
        assert_eq!(found.iter().map(|w| w.identity).collect::<Vec<_>>(), [house.bob; 3]);
        // Who leaves is forgotten; who stays sees the end.
        drop(second);
        stdin.write_all(b"exit\r").await.unwrap();
        finished(child).await;
        while lines.recv().await.is_some() {}
        forgotten(&house).await;
        drop((lines, own));
        house.event("session.watch-ended").await;
        while !looking().await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let ended = "SELECT activity FROM event WHERE activity = 'session.watch-ended'";
        assert_eq!(house.texts(ended).await.len(), 3, "each look ends once");
        let watched = house.texts("SELECT activity FROM event WHERE activity = 'session.watched'");
        assert_eq!(watched.await.len(), 3, "each look once");
        house.ended(1).await;
        assert!(matches!(watch(&house, &other).await, Err(SeeError::Over)));
    }
}

/// What the database holds meanwhile is sealed.
#[tokio::test(flavor = "multi_thread")]
async fn frames_can_be_read_by_nobody_who_has_only_the_database() {
    let house = Gatehouse::on(doorward_store::Backend::Postgres).await;
    let other = house.second().await;
    let (mut child, mut stdin) = shell(&house).await;
    let lines = watch(&house, &other).await.unwrap();
    stdin.write_all(b"for i in $(seq 300); do echo canary-$((40+2)); done\r").await.unwrap();
    // Nobody takes them: they pile up, as far as they may.
    let mut frames = Vec::new();
    while frames.is_empty() {
        frames = house
            .db
            .read(|c| {
                let sql = "SELECT sealed FROM relay_frame";
                c.all_with(sql, &[], |r| r.first::<Vec<u8>>())
            })
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(frames.iter().all(|f| !f.windows(6).any(|w| w == b"canary")));
    drop(lines);
    child.kill().await.unwrap();
    forgotten(&house).await;
}

/// abuse case 55: the other node is no way around the decision: the node that has
/// the session asks policy itself, for the same viewer.
#[tokio::test(flavor = "multi_thread")]
async fn the_node_that_has_it_decides_again() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let other = house.second().await;
        let (mut child, _stdin) = shell(&house).await;
        let s = house.session().await;
        // A permission that only the asking node believes in: Alice is no auditor.
        let act = WatchSession { session: s.id, owner: s.identity, account: s.account };
        let forged = house.allow(house.alice, act);
        let got = other.gate.watch_session(&forged).await;
        let why = got.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(why.contains("the node that has it says"), "{why}");
        // One for another session's facts.
        let act = WatchSession { session: s.id, owner: house.bob, account: s.account };
        let forged = house.allow(house.bob, act);
        assert!(other.gate.watch_session(&forged).await.is_err());
        forgotten(&house).await;
        let watched = house.texts("SELECT activity FROM event WHERE activity = 'session.watched'");
        assert!(watched.await.is_empty(), "nothing was shown");
        child.kill().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_ends_when_the_viewer_may_not_any_more() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let other = house.second().await;
        let (mut child, _stdin) = shell(&house).await;
        let mut lines = watch(&house, &other).await.unwrap();
        assert!(lines.recv().await.is_some());
        let (bob, env) = (house.bob, house.env.clone());
        other
            .db
            .write(move |c| {
                c.execute("UPDATE identity SET enabled = FALSE WHERE id = $1", args![bob])?;
                change::bump(c, "identity", bob, env.now())
            })
            .await
            .unwrap();
        while lines.recv().await.is_some() {}
        forgotten(&house).await;
        assert_eq!(house.session().await.state, "live", "the session goes on");
        child.kill().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_played_from_the_other_node() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let other = house.second().await;
        let mut ssh = house.ssh();
        // Several chunks, so that one waits for the other.
        let out = output(ssh.arg(house.at()).arg("seq 100000; sleep 1.2; echo the end")).await;
        assert!(text(&out.stdout).ends_with("the end\n"));
        house.ended(1).await;
        let s = house.session().await;
        let act = PlayRecording { session: s.id, owner: s.identity, account: s.account };
        let play = house.decided(house.bob, act);
        let here = house.gate.play(&play).await.unwrap().all().await.unwrap();
        let there = other.gate.play(&play).await.unwrap().all().await.unwrap();
        assert!(here == there && here.contains("the end"), "{} and {}", here.len(), there.len());
        forgotten(&house).await;
        let played = house.texts("SELECT activity FROM event WHERE activity = 'recording.played'");
        assert_eq!(played.await.len(), 2);
        // Cut off there, it says so here.
        let path = std::fs::read_dir(&house.recordings).unwrap().next().unwrap().unwrap().path();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let mut playback = other.gate.play(&play).await.unwrap();
        let (mut shown, mut error) = (String::new(), None);
        loop {
            match playback.next().await {
                Ok(Some(lines)) => shown.push_str(&text(&lines)),
                Ok(None) => break,
                Err(e) => {
                    error = Some(e.to_string());
                    break;
                }
            }
        }
        assert!(shown.contains("Doorward: the recording is cut off after chunk"), "{error:?}");
        assert!(error.unwrap().contains("cut off"));
        // Gone there: said in words, and nothing is recorded as played.
        std::fs::remove_file(&path).unwrap();
        let why = other.gate.play(&play).await.err().unwrap().to_string();
        assert!(why.contains("its file is missing"), "{why}");
        forgotten(&house).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_answer_is_named() {
    let house = Gatehouse::on(doorward_store::Backend::Postgres).await;
    let other = house.second().await;
    house.gate.recover().await.unwrap();
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("echo in")).await;
    assert_eq!(text(&out.stdout), "in\n");
    house.ended(1).await;
    // As if its node had been taken away: another id has it now.
    let gone = doorward_core::NodeId::new(&house.env);
    let s = house.session().await;
    let session = s.id;
    house
        .db
        .write(move |c| {
            let sql = "UPDATE privileged_session SET node = $1 WHERE id = $2";
            c.execute(sql, args![gone, session])?;
            let sql = "UPDATE node SET id = $1";
            c.execute(sql, args![gone]).map(drop)
        })
        .await
        .unwrap();
    let act = PlayRecording { session: s.id, owner: s.identity, account: s.account };
    let play = house.decided(house.bob, act);
    let why = other.gate.play(&play).await.err().unwrap().to_string();
    assert!(why.contains("it is on the node door-recordings, which does not answer"), "{why}");
    forgotten(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_on_one_node_cuts_the_shell_on_the_other() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let other = house.second().await;
        let (child, _stdin) = shell(&house).await;
        let (alice, env) = (house.alice, house.env.clone());
        other
            .db
            .write(move |c| {
                c.execute("UPDATE identity SET enabled = FALSE WHERE id = $1", args![alice])?;
                change::bump(c, "identity", alice, env.now())
            })
            .await
            .unwrap();
        let out = finished(child).await;
        assert!(text(&out.stdout).contains("Doorward ended this session"));
        house.ended(1).await;
    }
}
