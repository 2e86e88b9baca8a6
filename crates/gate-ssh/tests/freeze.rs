//! A session that is held: nothing passes, nothing is lost that may not be, and
//! it can be told to go on, to end, or something to read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use doorward_core::{EndSession, FreezeSession, MessageSession};
use doorward_gate::{Gate, OrderError};
use doorward_store::privileged_session::PrivilegedSession;
use support::{BOTH, Gatehouse, Plan, finished, output, text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout};

/// A terminal on the target, and what it has shown.
struct Shell {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    shown: String,
}

impl Shell {
    async fn open(house: &Gatehouse) -> Self {
        let mut ssh = house.ssh();
        ssh.arg("-tt").arg(house.at());
        ssh.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = ssh.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        house.event("session.opened").await;
        Self { child, stdin, stdout, shown: String::new() }
    }

    async fn types(&mut self, keys: &str) {
        self.stdin.write_all(keys.as_bytes()).await.unwrap();
    }

    /// Reads until it shows this.
    async fn shows(&mut self, words: &str) {
        let mut buffer = [0; 4096];
        while !self.shown.contains(words) {
            let read = tokio::time::timeout(Duration::from_secs(20), self.stdout.read(&mut buffer));
            let n = read.await.unwrap_or_else(|_| panic!("no {words:?} in {:?}", self.shown));
            match n.unwrap() {
                0 => panic!("it ended without {words:?}: {:?}", self.shown),
                n => self.shown.push_str(&text(&buffer[..n])),
            }
        }
    }
}

fn freezing(s: &PrivilegedSession) -> FreezeSession {
    FreezeSession { session: s.id, owner: s.identity, account: s.account }
}

fn telling(s: &PrivilegedSession) -> MessageSession {
    MessageSession { session: s.id, owner: s.identity, account: s.account }
}

async fn freeze(house: &Gatehouse, gate: &Gate, why: &str) -> Result<(), OrderError> {
    let s = house.session().await;
    gate.freeze(&house.allow(house.bob, freezing(&s)), why).await
}

async fn thaw(house: &Gatehouse, gate: &Gate) -> Result<(), OrderError> {
    let s = house.session().await;
    gate.thaw(&house.allow(house.bob, freezing(&s))).await
}

async fn tell(house: &Gatehouse, gate: &Gate, words: &str) -> Result<(), OrderError> {
    let s = house.session().await;
    gate.message(&house.allow(house.bob, telling(&s)), words).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_terminal_lets_nothing_pass_and_goes_on() {
    for database in BOTH {
        let plan = Plan { label: "test", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let mut shell = Shell::open(&house).await;
        let (go, gone) = (house.dir.path().join("go"), house.dir.path().join("gone"));
        let waiting = format!(
            "(while ! [ -e {go} ]; do sleep 0.05; done; echo released-$((40+2)); touch {gone}) & \
             echo ready-$((40+1))\r",
            go = go.display(),
            gone = gone.display()
        );
        // The target's account writes there.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(house.dir.path(), open).unwrap();
        shell.types(&waiting).await;
        shell.shows("ready-41").await;

        freeze(&house, &house.gate, "what is this?").await.unwrap();
        shell.shows("bob froze this session: what is this?").await;
        let frozen = house.session().await.frozen.expect("its row says so");
        assert_eq!((frozen.by, &*frozen.reason), (house.bob, "what is this?"));
        shell.types("echo typed-$((40+3))\r").await;
        shell.shows("not sent; this session is frozen").await;
        // The target speaks now, and is not heard; the house is.
        std::fs::write(&go, "").unwrap();
        while !gone.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tell(&house, &house.gate, "who are you?").await.unwrap();
        shell.shows("message from bob: who are you?").await;
        assert!(!shell.shown.contains("released-42"), "{}", shell.shown);

        thaw(&house, &house.gate).await.unwrap();
        shell.shows("bob thawed this session").await;
        shell.shows("released-42").await;
        assert!(house.session().await.frozen.is_none());
        shell.types("echo after-$((40+4))\r").await;
        shell.shows("after-44").await;
        assert!(!shell.shown.contains("typed-43"), "what was typed blindly runs: {}", shell.shown);

        // What is frozen can be ended.
        freeze(&house, &house.gate, "enough").await.unwrap();
        shell.shows("bob froze this session: enough").await;
        let s = house.session().await;
        let end = EndSession { session: s.id, owner: s.identity, account: s.account };
        assert!(house.gate.terminate(&house.allow(house.bob, end), "go home").await.unwrap());
        shell.shows("an administrator revoked it: go home").await;
        assert_eq!(finished(shell.child).await.status.code(), Some(255));
        house.ended(1).await;
        let played = house.played().await;
        for remark in [
            "\"Doorward: frozen by bob: what is this?\"",
            "\"Doorward: message from bob: who are you?\"",
            "\"Doorward: thawed by bob\"",
            "\"Doorward: frozen by bob: enough\"",
        ] {
            assert!(played.contains(remark), "no {remark} in {played}");
        }
        let events = house.events().await;
        for activity in ["session.frozen", "session.message", "session.thawed"] {
            assert!(events.iter().any(|e| e == activity), "no {activity} in {events:?}");
        }
        assert!(house.session().await.frozen.is_none(), "what is over is not frozen");
    }
}

/// What somebody runs is no remark of the house, whatever it is called.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_type_a_remark_of_the_house() {
    let house = Gatehouse::start("test", serde_json::json!({})).await;
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("Doorward: thawed by ada")).await;
    assert_eq!(out.status.code(), Some(127), "{}", text(&out.stderr));
    house.ended(1).await;
    let played = house.played().await;
    assert!(played.contains("\"$ Doorward: thawed by ada\""), "{played}");
    assert!(!played.contains("\"Doorward: thawed by ada"), "{played}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_pipe_loses_nothing() {
    let house = Gatehouse::start("test", serde_json::json!({})).await;
    let mut ssh = house.ssh();
    ssh.arg(house.at()).arg("cat").stdin(std::process::Stdio::piped());
    ssh.stdout(std::process::Stdio::piped());
    let mut child = ssh.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdin.write_all(b"first ").await.unwrap();
    let mut first = [0; 6];
    stdout.read_exact(&mut first).await.unwrap();
    freeze(&house, &house.gate, "wait").await.unwrap();
    stdin.write_all(b"second").await.unwrap();
    drop(stdin);
    thaw(&house, &house.gate).await.unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "second");
    let out = finished(child).await;
    assert_eq!(out.status.code(), Some(0));
    let said = text(&out.stderr);
    assert!(said.contains("bob froze this session: wait"), "{said}");
}

/// The end of what somebody sends sets off nothing while the session is frozen, and a
/// window has the size that it was given last.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_input_and_a_new_size_wait_for_the_thaw() {
    let house = Gatehouse::start("test", serde_json::json!({})).await;
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(house.dir.path(), open).unwrap();
    let thawed = house.dir.path().join("thawed");
    let when =
        format!("[ -e {} ] && echo after the thaw || echo while it was frozen", thawed.display());
    let client = house.alices_client().await;
    let mut pipe = client.channel_open_session().await.unwrap();
    pipe.exec(true, format!("echo ready; cat >/dev/null; {when}")).await.unwrap();
    shown(&mut pipe, "ready").await;
    let mut terminal = client.channel_open_session().await.unwrap();
    terminal.request_pty(false, "xterm", 80, 24, 0, 0, &[]).await.unwrap();
    let size =
        format!("trap '{when}; stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done");
    terminal.exec(true, format!("exec bash -c {}", quoted(&size))).await.unwrap();
    shown(&mut terminal, "ready").await;

    freeze(&house, &house.gate, "wait").await.unwrap();
    pipe.eof().await.unwrap();
    for size in [100, 120] {
        terminal.window_change(size, 40, 0, 0).await.unwrap();
    }
    tell(&house, &house.gate, "still there?").await.unwrap();
    shown(&mut pipe, "still there?").await;
    shown(&mut terminal, "still there?").await;
    std::fs::write(&thawed, "").unwrap();
    thaw(&house, &house.gate).await.unwrap();
    shown(&mut pipe, "after the thaw").await;
    let size = shown(&mut terminal, "40 120").await;
    assert!(size.contains("after the thaw") && !size.contains("40 100"), "{size}");
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Everything until these words.
async fn shown(channel: &mut russh::Channel<russh::client::Msg>, words: &str) -> String {
    let mut all = String::new();
    while !all.contains(words) {
        match channel.wait().await {
            Some(
                russh::ChannelMsg::Data { data } | russh::ChannelMsg::ExtendedData { data, .. },
            ) => all.push_str(&text(&data)),
            Some(_) => {}
            None => panic!("no {words:?} in {all:?}"),
        }
    }
    all
}

/// A target that goes on talking is made to wait, and then heard in full.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_target_says_meanwhile_is_held_and_comes_whole() {
    const SAID: usize = 40_000_000;
    let house = Gatehouse::start("test", serde_json::json!({})).await;
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(house.dir.path(), open).unwrap();
    let (go, begun) = (house.dir.path().join("go"), house.dir.path().join("begun"));
    let command = format!(
        "echo ready; while ! [ -e {go} ]; do sleep 0.05; done; head -c 8600000 /dev/zero; touch {begun}; \
         head -c {rest} /dev/zero",
        go = go.display(),
        begun = begun.display(),
        rest = SAID - 8_600_000
    );
    let mut ssh = house.ssh();
    ssh.arg(house.at()).arg(command).stdin(std::process::Stdio::null());
    ssh.stdout(std::process::Stdio::piped());
    let mut child = ssh.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut ready = [0; 6];
    stdout.read_exact(&mut ready).await.unwrap();
    freeze(&house, &house.gate, "wait").await.unwrap();
    std::fs::write(&go, "").unwrap();
    while !begun.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    thaw(&house, &house.gate).await.unwrap();
    let mut heard = Vec::new();
    stdout.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard.len(), SAID);
    assert_eq!(finished(child).await.status.code(), Some(0));
}

/// A second channel of a frozen session is no way around it.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_channel_of_a_frozen_session_waits() {
    let house = Gatehouse::start("test", serde_json::json!({})).await;
    let control = house.dir.path().join("control");
    let path = format!("ControlPath={}", control.display());
    let mut ssh = house.ssh();
    ssh.args(["-tt", "-o", "ControlMaster=yes", "-o", &path]).arg(house.at());
    ssh.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut master = ssh.spawn().unwrap();
    let _stdin = master.stdin.take().unwrap();
    house.event("session.opened").await;
    while !control.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    freeze(&house, &house.gate, "wait").await.unwrap();
    let mark = house.dir.path().join("ran");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(house.dir.path(), open).unwrap();
    let mut second = house.ssh();
    second.args(["-o", &path]).arg(house.at()).arg(format!("touch {}; echo ran", mark.display()));
    second.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut second = second.spawn().unwrap();
    let mut stderr = second.stderr.take().unwrap();
    let mut said = String::new();
    let mut buffer = [0; 1024];
    while !said.contains("bob froze this session: wait") {
        let n = stderr.read(&mut buffer).await.unwrap();
        assert!(n > 0, "{said}");
        said.push_str(&text(&buffer[..n]));
    }
    assert!(!mark.exists(), "it ran on the target");
    thaw(&house, &house.gate).await.unwrap();
    assert_eq!(text(&finished(second).await.stdout), "ran\n");
    assert!(mark.exists());
    master.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_followed_says_why() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let shell = Shell::open(&house).await;
        let gate = &house.gate;
        assert!(matches!(thaw(&house, gate).await, Err(OrderError::NotFrozen)));
        for words in ["", "   ", "two\nlines", "\u{1b}[2Jgone", "\u{202e}turned", &"x".repeat(501)]
        {
            let refused = tell(&house, gate, words).await;
            assert!(matches!(refused, Err(OrderError::Text(_))), "{words:?} was said");
            let refused = freeze(&house, gate, words).await;
            assert!(matches!(refused, Err(OrderError::Text(_))), "{words:?} is a reason");
        }
        freeze(&house, gate, "first").await.unwrap();
        match freeze(&house, gate, "second").await {
            Err(OrderError::Frozen(by)) => assert_eq!(by, "bob"),
            other => panic!("{other:?}"),
        }
        assert_eq!(house.session().await.frozen.unwrap().reason, "first");
        drop(shell.stdin);
        let mut child = shell.child;
        child.kill().await.unwrap();
        house.ended(1).await;
        assert!(matches!(freeze(&house, gate, "late").await, Err(OrderError::Over)));
        assert!(matches!(thaw(&house, gate).await, Err(OrderError::Over)));
        assert!(matches!(tell(&house, gate, "late").await, Err(OrderError::Over)));
        let told = house.texts("SELECT activity FROM event WHERE activity = 'session.message'");
        assert!(told.await.is_empty(), "what was refused is no event");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_node_freezes_tells_and_thaws() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let other = house.second().await;
        let mut shell = Shell::open(&house).await;
        freeze(&house, &other.gate, "from afar").await.unwrap();
        shell.shows("bob froze this session: from afar").await;
        shell.types("echo typed-$((40+3))\r").await;
        shell.shows("not sent; this session is frozen").await;
        tell(&house, &other.gate, "hello").await.unwrap();
        shell.shows("message from bob: hello").await;
        thaw(&house, &other.gate).await.unwrap();
        shell.shows("bob thawed this session").await;
        shell.types("echo after-$((40+4)); exit\r").await;
        shell.shows("after-44").await;
        assert!(!shell.shown.contains("typed-43"));
        finished(shell.child).await;
    }
}
