//! What is let through beside a session, and what is not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use serde_json::json;
use support::host::{Host, free_port};
use support::{BOTH, Gatehouse, finished, output, own, text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// Answers everybody with what they said, in capitals.
async fn capitals() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut heard = Vec::new();
                socket.read_to_end(&mut heard).await.unwrap();
                socket.write_all(&heard.to_ascii_uppercase()).await.unwrap();
            });
        }
    });
    port
}

/// A connection to a port that a client opens in its own time.
async fn reached(port: u16) -> TcpStream {
    for _ in 0..1_000 {
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)).await {
            return stream;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing listens on {port}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permitted_port_is_carried_both_ways_and_noted() {
    let house = Gatehouse::start("test", json!({})).await;
    house.join("forwarders").await;
    let there = capitals().await;
    let mut ssh = house.ssh();
    ssh.args(["-W", &format!("127.0.0.1:{there}")]).arg(house.at());
    let mut child = ssh.stdin(std::process::Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"by stdio").await.unwrap();
    let out = finished(child).await;
    assert_eq!(text(&out.stdout), "BY STDIO", "{}", text(&out.stderr));

    let here = free_port();
    let mut ssh = house.ssh();
    ssh.args(["-N", "-L", &format!("127.0.0.1:{here}:127.0.0.1:{there}")]).arg(house.at());
    let mut child = ssh.spawn().unwrap();
    for round in 0..3 {
        let mut stream = reached(here).await;
        let sent = format!("round {round} ").repeat(40_000);
        let (mut read, mut write) = stream.split();
        let wrote = async {
            write.write_all(sent.as_bytes()).await.unwrap();
            write.shutdown().await.unwrap();
        };
        let mut heard = String::new();
        let (_, got) = tokio::join!(wrote, read.read_to_string(&mut heard));
        got.unwrap();
        assert!(heard == sent.to_ascii_uppercase(), "{} of {} bytes", heard.len(), sent.len());
    }
    child.kill().await.unwrap();
    house.ended(2).await;
    let coverages = house.texts("SELECT coverage FROM privileged_session").await;
    let wanted = "partial: the content of forwarded ports is not recorded";
    assert!(coverages.iter().all(|c| c == wanted), "{coverages:?}");
    let bodies =
        house.texts("SELECT outcome FROM event WHERE activity = 'session.port-forward'").await;
    assert_eq!(bodies, ["success"; 4]);
    assert!(house.played().await.contains(&format!("forward 127.0.0.1:{there}")));
}

/// abuse case F9: a port is carried as long as policy permits it, and no longer; the
/// shell beside it is another matter.
#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_closed_when_it_is_permitted_no_more() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let group = house.join("forwarders").await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = u32::from(listener.local_addr().unwrap().port());
        let client = house.alices_client().await;
        let mut shell = client.channel_open_session().await.unwrap();
        shell.exec(true, "cat").await.unwrap();
        let mut port =
            client.channel_open_direct_tcpip("127.0.0.1", there, "127.0.0.1", 1).await.unwrap();
        let (mut socket, _) = listener.accept().await.unwrap();
        port.data(&b"in"[..]).await.unwrap();
        let mut heard = [0; 2];
        socket.read_exact(&mut heard).await.unwrap();
        house.leave(group).await;
        assert!(own::heard(&mut port).await.out.is_empty());
        assert_eq!(socket.read(&mut heard).await.unwrap(), 0, "the target's side is open");
        shell.data(&b"still here"[..]).await.unwrap();
        shell.eof().await.unwrap();
        let said = own::heard(&mut shell).await;
        assert_eq!((text(&said.out).as_str(), said.status), ("still here", Some(0)));
        assert!(text(&said.err).contains("is not permitted any more"), "{said:?}");
        let refused = client.channel_open_direct_tcpip("127.0.0.1", there, "127.0.0.1", 1).await;
        assert!(refused.is_err());
    }
}

/// abuse case F9: `direct-tcpip` when not granted.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_port_is_refused_in_words() {
    let house = Gatehouse::start("test", json!({})).await;
    let here = free_port();
    let mut ssh = house.ssh();
    ssh.args(["-L", &format!("127.0.0.1:{here}:127.0.0.1:1")]).arg(house.at()).arg("cat");
    let mut child = ssh.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    house.event("session.opened").await;
    let mut stream = reached(here).await;
    let mut nothing = Vec::new();
    // The client closes what it could not forward.
    let _ = stream.read_to_end(&mut nothing).await;
    assert!(nothing.is_empty());
    house.event("session.port-forward").await;
    drop(stdin);
    let out = finished(child).await;
    let said = text(&out.stderr);
    assert!(said.contains("forwarding to 127.0.0.1:1 is not permitted by policy"), "{said}");
    assert!(said.contains("administratively prohibited"), "{said}");
    let outcomes =
        house.texts("SELECT outcome FROM event WHERE activity = 'session.port-forward'").await;
    assert_eq!(outcomes, ["failure"]);
}

/// abuse case F9: ports towards the person (`-R`) are not there, with or without
/// permission.
#[tokio::test(flavor = "multi_thread")]
async fn ports_are_not_forwarded_back() {
    let house = Gatehouse::start("test", json!({})).await;
    house.join("forwarders").await;
    let mut ssh = house.ssh();
    ssh.args(["-R", &format!("{}:127.0.0.1:1", free_port())]).arg(house.at()).arg("echo in");
    let out = output(&mut ssh).await;
    assert_eq!(text(&out.stdout), "in\n");
    let said = text(&out.stderr);
    assert!(said.contains("remote port forwarding failed"), "{said}");
}

/// abuse case F9: `streamlocal` forwarding, in both directions, and not even for
/// somebody who may forward ports.
#[tokio::test(flavor = "multi_thread")]
async fn sockets_are_not_forwarded() {
    let house = Gatehouse::start("test", json!({})).await;
    house.join("forwarders").await;
    let there = house.dir.path().join("socket");
    let listener = UnixListener::bind(&there).unwrap();
    let here = free_port();
    let mut ssh = house.ssh();
    let back = house.dir.path().join("back");
    ssh.args(["-L", &format!("127.0.0.1:{here}:{}", there.display())]);
    ssh.args(["-R", &format!("{}:{}", back.display(), there.display())]);
    let mut child =
        ssh.arg(house.at()).arg("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    let mut stream = reached(here).await;
    let mut nothing = Vec::new();
    let _ = stream.read_to_end(&mut nothing).await;
    drop(stdin);
    let out = finished(child).await;
    let said = text(&out.stderr);
    assert!(said.contains("open failed: administratively prohibited"), "{said}");
    assert!(said.contains("remote port forwarding failed"), "{said}");
    assert!(nothing.is_empty() && !back.exists());
    drop(listener);
}

/// abuse case F9: agent and X11 forwarding, asked for in earnest.
#[tokio::test(flavor = "multi_thread")]
async fn agent_and_display_are_refused_although_the_target_would_take_them() {
    let house = Gatehouse::start("test", json!({})).await;
    let folder = house.dir.path().join("willing");
    let host = Host::start(&folder, "AllowAgentForwarding yes\nX11Forwarding yes").await;
    house.retarget(json!({"port": host.port, "host_keys": [host.host_key]})).await;
    let socket = house.dir.path().join("agent");
    let mut command = tokio::process::Command::new("ssh-agent");
    command.arg("-D").arg("-a").arg(&socket).kill_on_drop(true);
    let mut agent = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    while UnixStream::connect(&socket).await.is_err() {
        assert!(agent.try_wait().unwrap().is_none(), "the agent has ended");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut ssh = tokio::process::Command::new("ssh");
    ssh.args(["-A", "-X", "-v", "-o", &format!("IdentityAgent={}", socket.display())]);
    ssh.args(house.options(&house.my_key())).args(["-p", &house.address.port().to_string()]);
    ssh.env("DISPLAY", "127.0.0.1:99");
    ssh.arg(house.at()).arg("echo agent=$SSH_AUTH_SOCK display=$DISPLAY");
    let out = output(&mut ssh).await;
    let said = text(&out.stderr);
    assert_eq!(text(&out.stdout), "agent= display=\n", "{said}");
    assert!(said.contains("Requesting authentication agent forwarding"), "{said}");
    assert!(said.contains("Requesting X11 forwarding"), "{said}");
    assert!(said.contains("X11 forwarding request failed"), "{said}");
    agent.kill().await.unwrap();
}

/// abuse case F9: environment injection; the target here would take everything.
#[tokio::test(flavor = "multi_thread")]
async fn only_variables_that_choose_a_language_reach_the_target() {
    let house = Gatehouse::start("test", json!({})).await;
    let host = Host::start(&house.dir.path().join("willing"), "AcceptEnv *").await;
    house.retarget(json!({"port": host.port, "host_keys": [host.host_key]})).await;
    let given = [
        ("LANG", "de_DE"),
        ("LC_TEST", "yes"),
        ("COLORTERM", "truecolor"),
        ("LD_PRELOAD", "/evil.so"),
        ("BASH_ENV", "/evil"),
        ("PATH", "/evil"),
        ("LC_", "x"),
        ("LC_evil", "x"),
        ("LC_LONG", &"x".repeat(5_000)),
        ("IFS", "x"),
    ];
    let mut channel = house.alices_client().await.channel_open_session().await.unwrap();
    for (name, value) in given {
        channel.set_env(true, name, value).await.unwrap();
    }
    channel.exec(true, "env").await.unwrap();
    let said = support::own::heard(&mut channel).await;
    assert_eq!((said.granted, said.refused), (4, 7), "three variables and the command");
    let env = text(&said.out);
    for good in ["LANG=de_DE\n", "LC_TEST=yes\n", "COLORTERM=truecolor\n"] {
        assert!(env.contains(good), "{good} in {env}");
    }
    for bad in ["evil", "LC_LONG", "IFS"] {
        assert!(!env.contains(bad), "{bad} in {env}");
    }
}
