//! What a session looks like from both ends: statuses, signals, terminals,
//! subsystems, new keys on the way.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use russh::Sig;
use serde_json::json;
use support::own::heard;
use support::{Gatehouse, finished, output, text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test(flavor = "multi_thread")]
async fn statuses_and_deadly_signals_come_back() {
    let house = Gatehouse::start("test", json!({})).await;
    for status in [0, 1, 42, 255] {
        let mut ssh = house.ssh();
        let out = output(ssh.arg(house.at()).arg(format!("exit {status}"))).await;
        assert_eq!(out.status.code(), Some(status));
    }
    let mut ssh = house.ssh();
    let out = output(ssh.arg("-v").arg(house.at()).arg("kill -TERM $$")).await;
    assert_eq!(out.status.code(), Some(255), "as without a gateway");
    assert!(text(&out.stderr).contains("rtype exit-signal"), "{}", text(&out.stderr));
    let mut channel = house.alices_client().await.channel_open_session().await.unwrap();
    channel.exec(true, "echo before; kill -KILL $$").await.unwrap();
    let said = heard(&mut channel).await;
    assert_eq!(text(&said.out), "before\n");
    assert_eq!((said.signal.as_deref(), said.status), (Some("KILL"), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_reach_what_runs() {
    let house = Gatehouse::start("test", json!({})).await;
    let mut channel = house.alices_client().await.channel_open_session().await.unwrap();
    let command = "trap 'echo caught; exit 5' USR1; echo ready; while :; do sleep 0.05; done";
    channel.exec(true, command).await.unwrap();
    let mut out = Vec::new();
    while !text(&out).contains("ready") {
        if let russh::ChannelMsg::Data { data } = channel.wait().await.unwrap() {
            out.extend_from_slice(&data);
        }
    }
    channel.signal(Sig::USR1).await.unwrap();
    let said = heard(&mut channel).await;
    assert_eq!(text(&said.out), "caught\n", "{said:?}");
    assert_eq!(said.status, Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_size_of_the_window_reaches_the_target_and_the_recording() {
    let house = Gatehouse::start("test", json!({})).await;
    let go = house.dir.path().join("go");
    let mut ssh = house
        .client("ssh", &["-tt", "-p", &house.address.port().to_string(), "-o", "BatchMode=yes"]);
    let remote =
        "trap 'stty size; exit' WINCH; stty size; echo ready; while :; do sleep 0.05; done";
    ssh.arg(house.at()).arg(format!("'{}'", remote.replace('\'', "'\\''")));
    let line: Vec<String> =
        ssh.as_std().get_args().map(|a| a.to_string_lossy().into_owned()).collect();
    // A terminal of its own, which is made larger once the target is ready.
    let script = format!(
        "stty cols 101 rows 31; tty=$(tty); \
         (while [ ! -e {0} ]; do sleep 0.05; done; stty -F $tty cols 123 rows 45) & exec ssh {1}",
        go.display(),
        line.join(" ")
    );
    let mut in_terminal = tokio::process::Command::new("script");
    in_terminal.args(["-qfc", &script, "/dev/null"]).kill_on_drop(true);
    in_terminal.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
    let mut child = in_terminal.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let (mut shown, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let n = stdout.read(&mut buffer).await.unwrap();
        if n == 0 {
            break;
        }
        shown.push_str(&text(&buffer[..n]));
        if shown.contains("ready") && !go.exists() {
            std::fs::write(&go, "").unwrap();
        }
    }
    let before = shown.find("31 101").unwrap_or_else(|| panic!("{shown}"));
    let after = shown.find("45 123").unwrap_or_else(|| panic!("{shown}"));
    assert!(before < after, "{shown}");
    child.wait().await.unwrap();
    house.ended(1).await;
    let played = house.played().await;
    assert!(played.contains("\"width\":101,\"height\":31"), "{played}");
    assert!(played.contains("\"r\", \"123x45\""), "{played}");
}

#[tokio::test(flavor = "multi_thread")]
async fn subsystems_that_cannot_be_recorded_are_refused() {
    let house = Gatehouse::start("test", json!({})).await;
    for name in ["netconf", "SFTP", "sftp "] {
        let mut ssh = house.ssh();
        let out = output(ssh.arg("-s").arg(house.at()).arg(name)).await;
        assert!(text(&out.stderr).contains("subsystem request failed"), "{}", text(&out.stderr));
        assert_ne!(out.status.code(), Some(0));
    }
    assert!(house.texts("SELECT state FROM privileged_session").await.is_empty());
}

/// abuse case F9: rekey mid-stream with recording running.
#[tokio::test(flavor = "multi_thread")]
async fn new_keys_on_the_way_lose_no_byte_of_stream_or_recording() {
    let house = Gatehouse::start("test", json!({})).await;
    let mut ssh = house.ssh();
    ssh.args(["-vv", "-o", "RekeyLimit=1M"]);
    ssh.arg(house.at()).arg("cat").stdin(std::process::Stdio::piped());
    let mut child = ssh.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Text, so that the recording holds it as it is.
    let sent: Vec<u8> = (0..400_000_u32)
        .flat_map(|n| format!("line {n:08} of the stream\n").into_bytes())
        .collect();
    let wanted = sent.clone();
    tokio::spawn(async move {
        let _ = stdin.write_all(&sent).await;
    });
    let out = finished(child).await;
    assert_eq!(out.status.code(), Some(0));
    assert!(out.stdout == wanted, "{} of {} bytes", out.stdout.len(), wanted.len());
    let keys = text(&out.stderr).matches("SSH2_MSG_NEWKEYS received").count();
    assert!(keys >= 5, "only {keys} times new keys");
    house.ended(1).await;
    assert_eq!(house.session().await.coverage, "full");
    let mut recorded = String::new();
    for line in house.played().await.lines().skip(1) {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        if event[1] == "o" {
            recorded.push_str(event[2].as_str().unwrap());
        }
    }
    assert!(recorded.as_bytes() == wanted, "{} of {} bytes", recorded.len(), wanted.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jump_form_waits_for_an_approval() {
    let house = Gatehouse::start("asked", json!({})).await;
    let proxy = format!(
        "ssh {} -o BatchMode=yes -p {} -W %h:%p alice@127.0.0.1",
        house.options(&house.my_key()).join(" "),
        house.address.port()
    );
    let mut ssh = house.client("ssh", &["-o", &format!("ProxyCommand={proxy}")]);
    house.answering(&mut ssh, "fix the disk");
    ssh.args(["-l", &house.sshd.account, "web-1", "echo jumped"]);
    let child = ssh.spawn().unwrap();
    house.approve("go ahead").await;
    let out = finished(child).await;
    let said = text(&out.stderr);
    assert_eq!(text(&out.stdout), "jumped\n", "{said}");
    assert!(said.contains("is filed") && said.contains("bob approved: go ahead"), "{said}");
    house.ended(1).await;
    assert!(house.session().await.grant.is_some());
}
