//! Sessions with the stock OpenSSH clients against a real sshd.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use doorward_core::{EndSession, Name};
use doorward_store::{args, change};
use serde_json::json;
use support::{BOTH, Gatehouse, Plan, finished, output, own, text};
use tokio::io::AsyncWriteExt as _;

#[tokio::test(flavor = "multi_thread")]
async fn a_command_runs_with_the_vaults_credential_and_is_recorded() {
    for database in BOTH {
        let plan = Plan { label: "test", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let mut ssh = house.ssh();
        let out = output(ssh.arg(house.at()).arg("echo out; echo err >&2; id -un; exit 7")).await;
        assert_eq!(out.status.code(), Some(7), "{}", text(&out.stderr));
        assert_eq!(text(&out.stdout), format!("out\n{}\n", house.sshd.account));
        assert!(text(&out.stderr).ends_with("err\n"), "{}", text(&out.stderr));
        house.event("recording.closed").await;
        house.event("session.ended").await;
        let played = house.played().await;
        assert!(played.contains("out\\n") && played.contains("err\\n"), "{played}");
        let commands = house.texts("SELECT text FROM session_command WHERE certain").await;
        assert_eq!(commands, ["echo out; echo err >&2; id -un; exit 7"]);
        let events = house.events().await;
        let at = |name: &str| events.iter().position(|e| e == name).unwrap_or(usize::MAX);
        assert!(at("session.opening") < at("credential.used"));
        assert!(at("credential.used") < at("session.opened"));
        assert_eq!(house.session().await.state, "ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jump_form_is_decided_injected_and_recorded_too() {
    for database in BOTH {
        let plan = Plan { label: "test", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let proxy = format!(
            "ssh {} -o BatchMode=yes -p {} -W %h:%p alice@127.0.0.1",
            house.options(&house.my_key()).join(" "),
            house.address.port()
        );
        let mut ssh = house.client("ssh", &["-o", &format!("ProxyCommand={proxy}")]);
        ssh.args([
            "-o",
            "BatchMode=yes",
            "-l",
            &house.sshd.account,
            "web-1",
            "echo jumped; exit 3",
        ]);
        let out = output(&mut ssh).await;
        assert_eq!(text(&out.stdout), "jumped\n", "{}", text(&out.stderr));
        assert_eq!(out.status.code(), Some(3));
        house.event("session.ended").await;
        assert!(house.played().await.contains("jumped"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn input_and_output_of_a_pipe_are_carried_whole() {
    let house = Gatehouse::start("test", json!({})).await;
    let mut ssh = house.ssh();
    ssh.arg(house.at()).arg("cat").stdin(std::process::Stdio::piped());
    let mut child = ssh.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let sent: Vec<u8> = (0..6_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let wanted = sent.clone();
    tokio::spawn(async move {
        let _ = stdin.write_all(&sent).await;
    });
    let out = finished(child).await;
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert!(out.stdout == wanted, "{} of {} bytes", out.stdout.len(), wanted.len());
    house.event("session.ended").await;
    let coverage = house.session().await.coverage;
    assert!(coverage.starts_with("partial: only the first 16 MiB"), "{coverage}");
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_the_person_cuts_the_shell_with_a_sentence() {
    for database in BOTH {
        let plan = Plan { label: "test", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let mut ssh = house.ssh();
        ssh.arg("-tt").arg(house.at()).stdin(std::process::Stdio::piped());
        let mut child = ssh.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        house.event("session.opened").await;
        stdin.write_all(b"echo one-$((1+1))\r").await.unwrap();
        house.event("session.command").await;
        house.disable_alice().await;
        let cut = tokio::time::timeout(Duration::from_secs(5), child.wait_with_output()).await;
        let out = cut.expect("the shell is cut").unwrap();
        let shown = text(&out.stdout);
        assert!(shown.contains("one-2"), "{shown}");
        assert!(shown.contains("Doorward ended this session"), "{shown}");
        assert_eq!(out.status.code(), Some(255));
        house.event("session.ended").await;
        let commands = house.texts("SELECT text FROM session_command WHERE NOT certain").await;
        assert_eq!(commands, ["echo one-$((1+1))"]);
        assert!(house.session().await.end_cause.is_some());
        // And nobody of that name comes in again.
        let mut again = house.ssh();
        let out = output(again.arg(house.at()).arg("true")).await;
        assert_eq!(out.status.code(), Some(255));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_watches_and_ends_a_session() {
    for database in BOTH {
        let plan = Plan { label: "test", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let mut ssh = house.ssh();
        ssh.arg("-tt").arg(house.at()).stdin(std::process::Stdio::piped());
        let mut child = ssh.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        house.event("session.opened").await;
        let s = house.session().await;
        let watch =
            doorward_core::WatchSession { session: s.id, owner: s.identity, account: s.account };
        let mut lines = house.gate.watch_session(&house.allow(house.bob, watch)).await.unwrap();
        assert!(lines.recv().await.unwrap().contains("\"version\":2"));
        stdin.write_all(b"echo seen-$((40+2))\r").await.unwrap();
        let mut seen = String::new();
        while !seen.contains("seen-42") {
            seen.push_str(&lines.recv().await.expect("live output"));
        }
        let end = EndSession { session: s.id, owner: s.identity, account: s.account };
        assert!(house.gate.terminate(&house.allow(house.bob, end), "lunch").await.unwrap());
        let out = finished(child).await;
        assert!(text(&out.stdout).contains("an administrator revoked it: lunch"));
        house.event("session.ended").await;
        let events = house.events().await;
        assert!(events.contains(&"session.watched".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_gets_a_code_and_a_link() {
    let house = Gatehouse::start("test", json!({})).await;
    let stranger = support::key(house.dir.path(), "stranger");
    let mut ssh = tokio::process::Command::new("ssh");
    ssh.args(house.options(&stranger)).args(["-p", &house.address.port().to_string()]);
    ssh.arg(house.at()).arg("true").kill_on_drop(true);
    ssh.stdin(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
    let mut child = ssh.spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut said = String::new();
    let mut buffer = [0; 1024];
    while !said.contains("Waiting") {
        use tokio::io::AsyncReadExt as _;
        let n = stderr.read(&mut buffer).await.unwrap();
        assert!(n > 0, "{said}");
        said.push_str(&text(&buffer[..n]));
    }
    assert!(said.contains("Doorward does not know this SSH key"), "{said}");
    assert!(said.contains("Code:") && said.contains("https://door.example/device?code="), "{said}");
    child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_asked_in_place_and_an_approval_is_waited_for() {
    for database in BOTH {
        let plan = Plan { label: "asked", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let mut ssh = house.client("ssh", &["-p", &house.address.port().to_string()]);
        house.answering(&mut ssh, "fix the disk");
        let child = ssh.arg(house.at()).arg("echo in").spawn().unwrap();
        house.event("request.filed").await;
        let pending = house.grants.requests(None, None, None, 10).await.unwrap();
        assert_eq!(pending[0].reason, "fix the disk");
        let act = doorward_core::DecideRequest {
            request: pending[0].id,
            requester: house.alice,
            about: pending[0].about.clone(),
        };
        let yes = doorward_core::lifecycle::Decision::Approve;
        house.grants.decide(&house.allow(house.bob, act), yes, "go ahead").await.unwrap();
        let out = finished(child).await;
        let said = text(&out.stderr);
        assert_eq!(text(&out.stdout), "in\n", "{said}");
        assert!(said.contains("needs you to give a reason and have it approved"), "{said}");
        assert!(said.contains("is filed") && said.contains("bob approved: go ahead"), "{said}");
        // With the grant, a client that cannot talk gets in as well.
        let mut batch = house.ssh();
        let out = output(batch.arg(house.at()).arg("echo again")).await;
        assert_eq!(text(&out.stdout), "again\n", "{}", text(&out.stderr));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_is_told_with_its_comment() {
    let house = Gatehouse::start("asked", json!({})).await;
    let mut ssh = house.client("ssh", &["-p", &house.address.port().to_string()]);
    house.answering(&mut ssh, "just looking");
    let child = ssh.arg(house.at()).arg("echo in").spawn().unwrap();
    house.event("request.filed").await;
    let pending = house.grants.requests(None, None, None, 10).await.unwrap();
    let act = doorward_core::DecideRequest {
        request: pending[0].id,
        requester: house.alice,
        about: pending[0].about.clone(),
    };
    let no = doorward_core::lifecycle::Decision::Deny;
    house.grants.decide(&house.allow(house.bob, act), no, "not today").await.unwrap();
    let out = finished(child).await;
    assert!(text(&out.stderr).contains("bob said no: not today"), "{}", text(&out.stderr));
    assert!(!out.status.success() && out.stdout.is_empty());
}

/// abuse case F9: target host key changed → refused, event raised.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_host_key_is_refused_and_recorded() {
    let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    let house = Gatehouse::start("test", json!({"host_keys": [other]})).await;
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("echo in")).await;
    assert_eq!(out.status.code(), Some(255));
    assert!(text(&out.stderr).contains("another host key"), "{}", text(&out.stderr));
    assert!(out.stdout.is_empty());
    house.event("target.host-key-changed").await;
    house.event("session.failed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_down_is_named() {
    let house = Gatehouse::start("test", json!({"port": 1})).await;
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("true")).await;
    assert!(text(&out.stderr).contains("port 1 cannot be reached"), "{}", text(&out.stderr));
    assert_eq!(out.status.code(), Some(255));
}

/// abuse case 12: what was proven under one login counts for no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_names_somebody_else_is_refused() {
    let house = Gatehouse::start("test", json!({})).await;
    let mut ssh = house.ssh();
    let out = output(ssh.arg(format!("bob/{}", house.at())).arg("echo in")).await;
    assert!(!out.status.success() && out.stdout.is_empty());
    let mut ssh = house.ssh();
    let out = output(ssh.arg(format!("alice/{}", house.at())).arg("echo in")).await;
    assert_eq!(text(&out.stdout), "in\n", "{}", text(&out.stderr));
    assert!(Name::parse("alice").is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_itself_is_no_target() {
    let house = Gatehouse::start("test", json!({})).await;
    let mut ssh = house.ssh();
    let out = output(ssh.arg("alice@127.0.0.1").arg("id")).await;
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("Say where you want to go"), "{}", text(&out.stderr));
}

/// Where it is secret that a target is there, a jump keeps it: what is unknown, switched
/// off or somebody else's is answered alike.
#[tokio::test(flavor = "multi_thread")]
async fn a_jump_tells_no_targets_apart() {
    for database in BOTH {
        let plan = Plan { label: "others", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let outer = house.client_to("alice").await;
        let mut answers = Vec::new();
        for (name, enabled) in [("web-1", true), ("web-1", false), ("web-9", true)] {
            let (target, now) = (house.target, house.env.now());
            let switched = house.db.write(move |c| {
                let sql = "UPDATE target SET enabled = $2 WHERE id = $1";
                c.execute(sql, args![target, enabled])?;
                change::bump(c, "target", target, now)
            });
            switched.await.unwrap();
            let channel = outer.channel_open_direct_tcpip(name, 22, "127.0.0.1", 1).await.unwrap();
            answers.push(own::told(channel, &house.sshd.account).await.replace(name, "TARGET"));
        }
        assert!(answers[0].contains("there is no such account for you"), "{answers:?}");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
}

/// Whoever is disabled is nobody, whether they go to a target or only through.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_disabled_is_not_let_in_by_their_key() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        house.disable_alice().await;
        for login in ["alice".to_owned(), house.login()] {
            let key = russh::keys::PrivateKeyWithHashAlg::new(house.my_private_key(), None);
            let mut client = house.stranger().await;
            let result = client.authenticate_publickey(&login, key).await;
            assert!(!matches!(result, Ok(russh::client::AuthResult::Success)), "{login}");
        }
    }
}

/// abuse case 53: an offered key without a signature by it proves nothing.
/// abuse case F9: key offer without signature.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_offered_and_not_signed_with_proves_nothing() {
    let house = Gatehouse::start("test", json!({})).await;
    let public = house.dir.path().join("stolen");
    std::fs::copy(house.my_key().with_extension("pub"), public.with_extension("pub")).unwrap();
    let mut ssh = tokio::process::Command::new("ssh");
    ssh.args(house.options(&public.with_extension("pub"))).args(["-v", "-o", "BatchMode=yes"]);
    ssh.args(["-p", &house.address.port().to_string(), &house.at(), "echo in"]);
    let out = output(ssh.stdin(std::process::Stdio::null())).await;
    let said = text(&out.stderr);
    assert!(said.contains("Offering public key"), "{said}");
    assert_eq!(out.status.code(), Some(255));
    assert!(out.stdout.is_empty());
    assert!(!house.events().await.contains(&"session.opening".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_cannot_be_recorded_does_not_begin() {
    let house = Gatehouse::start("test", json!({})).await;
    std::fs::write(house.dir.path().join("recordings"), "a file").unwrap();
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("echo in")).await;
    assert_eq!(out.status.code(), Some(255));
    assert!(out.stdout.is_empty());
    house.event("session.failed").await;
    assert!(!house.events().await.contains(&"credential.used".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_breaks_off_ends_its_session() {
    for database in BOTH {
        let plan = Plan { label: "test", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let mut ssh = house.ssh();
        ssh.arg("-tt").arg(house.at()).stdin(std::process::Stdio::piped());
        let mut child = ssh.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        house.event("session.opened").await;
        house.db.write(|c| c.execute("UPDATE recording SET state = 'closed'", &[])).await.unwrap();
        stdin.write_all(b"echo one\r").await.unwrap();
        let out = finished(child).await;
        assert_eq!(out.status.code(), Some(255));
        assert!(
            text(&out.stdout).contains("the recording cannot be written"),
            "{}",
            text(&out.stdout)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_ends_a_session_through_the_change_feed() {
    for database in BOTH {
        let plan = Plan { label: "test", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let mut ssh = house.ssh();
        let child = ssh.arg(house.at()).arg("sleep 600").spawn().unwrap();
        house.event("session.opened").await;
        let other = house.second().await;
        let s = house.session().await;
        let end = EndSession { session: s.id, owner: s.identity, account: s.account };
        assert!(other.gate.terminate(&house.allow(house.bob, end), "from afar").await.unwrap());
        let out = finished(child).await;
        assert!(text(&out.stderr).contains("from afar"), "{}", text(&out.stderr));
        house.event("session.ended").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_interrupted_and_still_played() {
    for database in BOTH {
        let plan = Plan { label: "test", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let mut ssh = house.ssh();
        let mut child = ssh.arg(house.at()).arg("echo before; sleep 600").spawn().unwrap();
        house.event("recording.chunk").await;
        assert_eq!(house.gate.recover().await.unwrap(), 1);
        house.event("session.interrupted").await;
        assert_eq!(house.session().await.state, "ended");
        assert!(house.played().await.contains("echo before"));
        child.kill().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_confirmed_in_the_browser_lets_ssh_go_on() {
    for database in BOTH {
        let plan = Plan { label: "test", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let browser = house.browser().await;
        let stranger = support::key(house.dir.path(), "stranger");
        let mut ssh = tokio::process::Command::new("ssh");
        ssh.args(house.options(&stranger)).args(["-p", &house.address.port().to_string()]);
        ssh.arg(house.at()).arg("echo in").kill_on_drop(true);
        ssh.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
        let child = ssh.stderr(std::process::Stdio::piped()).spawn().unwrap();
        house.confirm(&browser).await;
        let out = finished(child).await;
        assert_eq!(text(&out.stdout), "in\n", "{}", text(&out.stderr));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_starter_policy_asks_for_the_browser_a_reason_and_an_approval() {
    for database in BOTH {
        let plan = Plan { label: "prod", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let browser = house.browser().await;
        let mut ssh = house.client("ssh", &["-p", &house.address.port().to_string()]);
        house.answering(&mut ssh, "fix the disk");
        let child = ssh.arg(house.at()).arg("echo in").spawn().unwrap();
        house.confirm(&browser).await;
        house.event("request.filed").await;
        let pending = house.grants.requests(None, None, None, 10).await.unwrap();
        let act = doorward_core::DecideRequest {
            request: pending[0].id,
            requester: house.alice,
            about: pending[0].about.clone(),
        };
        let yes = doorward_core::lifecycle::Decision::Approve;
        house.grants.decide(&house.allow(house.bob, act), yes, "go ahead").await.unwrap();
        let out = finished(child).await;
        let said = text(&out.stderr);
        assert_eq!(text(&out.stdout), "in\n", "{said}");
        assert!(said.contains("fresh proof") && said.contains("bob approved"), "{said}");
        assert!(house.session().await.grant.is_some());
    }
}

/// The device of a browser counts for a connection from the same address alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_managed_device_is_shown_by_confirming_in_its_browser() {
    for database in BOTH {
        let plan = Plan { label: "managed", database, ..Plan::default() };
        let house = Gatehouse::with(plan).await;
        let here = doorward_core::Network { address: Some("127.0.0.1".parse().unwrap()) };
        let far = doorward_core::Network { address: Some("198.51.100.9".parse().unwrap()) };
        let plain = house.browser().await;
        let device = house.managed_device().await;
        let managed =
            doorward_core::lifecycle::LiveSession { device: Some(device), ..house.browser().await };
        for (browser, from, good) in
            [(&plain, &here, false), (&managed, &far, false), (&managed, &here, true)]
        {
            let mut ssh = house.client("ssh", &["-p", &house.address.port().to_string()]);
            house.answering(&mut ssh, "");
            let child = ssh.arg(house.at()).arg("echo in").spawn().unwrap();
            house.confirm_from(browser, from).await;
            let out = finished(child).await;
            let said = text(&out.stderr);
            assert!(said.contains("needs a managed device"), "{said}");
            assert_eq!(text(&out.stdout) == "in\n", good, "{from:?}: {said}");
            if !good {
                assert!(said.contains("use a managed device"), "{said}");
            }
        }
    }
}
