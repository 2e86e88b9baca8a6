//! Files moved through the gateway, with the stock clients.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use doorward_store::{args, change};
use serde_json::json;
use support::{BOTH, Gatehouse, finished, output, own, text};
use tokio::io::AsyncWriteExt as _;

const FILES: &str = "SELECT operation || ' ' || path || ' ' || bytes || ' ' || outcome FROM session_file ORDER BY privileged_session, number";

async fn moved(program: &str, options: &[&str]) -> (Gatehouse, Vec<String>, String) {
    let house = Gatehouse::start("test", json!({})).await;
    let here = house.dir.path().join("up.bin");
    let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(&here, &content).unwrap();
    let port = house.address.port().to_string();
    let back = house.dir.path().join("back.bin");
    let there = format!("{}@127.0.0.1:up.bin", house.login());
    for (from, to) in
        [(here.display().to_string(), there.clone()), (there, back.display().to_string())]
    {
        let mut copy = if program == "rsync" {
            let mut copy = tokio::process::Command::new("rsync");
            let shell = format!(
                "ssh {} -p {port} -o BatchMode=yes",
                house.options(&house.my_key()).join(" ")
            );
            copy.args(["-e", &shell]).kill_on_drop(true);
            copy.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            copy
        } else {
            house.client(program, &["-P", &port, "-o", "BatchMode=yes"])
        };
        let out = output(copy.args(options).args([from, to])).await;
        assert!(out.status.success(), "{}", text(&out.stderr));
    }
    assert!(std::fs::read(&back).unwrap() == content);
    house.event("session.ended").await;
    for _ in 0..500 {
        let left = house.texts("SELECT state FROM privileged_session WHERE state <> 'ended'").await;
        if left.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let files = house.texts(FILES).await;
    let coverage = house.session().await.coverage;
    (house, files, coverage)
}

#[tokio::test(flavor = "multi_thread")]
async fn scp_over_sftp_is_carried_and_recorded() {
    let (_house, files, coverage) = moved("scp", &[]).await;
    let all = files.join("\n");
    assert!(all.contains("write ") && all.contains("up.bin 1200000 ok"), "{all}");
    assert!(all.contains("read "), "{all}");
    assert_eq!(coverage, "partial: the content of files is not recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn old_scp_is_carried_and_recorded() {
    let (house, files, _) = moved("scp", &["-O"]).await;
    let all = files.join("\n");
    assert!(
        all.contains("write up.bin/up.bin 1200000 ok") || all.contains("write up.bin 1200000 ok"),
        "{all}"
    );
    assert!(all.contains("read up.bin 1200000 ok"), "{all}");
    let played = house.played().await;
    assert!(played.contains("C0644 1200000 up.bin"), "{played}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rsync_is_carried_and_what_is_not_seen_is_said() {
    let (house, files, coverage) = moved("rsync", &[]).await;
    assert!(files.is_empty());
    assert!(coverage.starts_with("partial: which files rsync moved"), "{coverage}");
    let commands = house.texts("SELECT text FROM session_command").await;
    assert!(commands.iter().all(|c| c.starts_with("rsync --server")), "{commands:?}");
}

async fn sftp(house: &Gatehouse, batch: &str) -> (bool, String) {
    let script = house.dir.path().join("batch");
    std::fs::write(&script, batch).unwrap();
    let port = house.address.port().to_string();
    let script = script.display().to_string();
    let mut sftp = house.client("sftp", &["-P", &port, "-b", &script]);
    let out = output(sftp.arg(house.at())).await;
    (out.status.success(), text(&out.stdout) + &text(&out.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn sftp_operations_are_recorded() {
    let house = Gatehouse::start("test", json!({})).await;
    let file = house.dir.path().join("f");
    std::fs::write(&file, "hello").unwrap();
    let batch = format!(
        "mkdir d\nput {} d/f\nrename d/f d/g\nln -s g d/l\nget d/g {}\nrm d/l\nrm d/g\nrmdir d\n",
        file.display(),
        house.dir.path().join("out").display()
    );
    let (good, said) = sftp(&house, &batch).await;
    assert!(good, "{said}");
    house.event("session.ended").await;
    let all =
        house.texts("SELECT operation || ' ' || outcome FROM session_file ORDER BY number").await;
    assert_eq!(
        all,
        [
            "mkdir ok",
            "write ok",
            "rename ok",
            "symlink ok",
            "read ok",
            "remove ok",
            "remove ok",
            "rmdir ok"
        ]
    );
}

/// abuse case F9: SFTP `..`, symlink, hard link, rename out of root.
/// abuse case 60: a root escape fails, by `..`, by absolute paths and by links.
#[tokio::test(flavor = "multi_thread")]
async fn confined_sftp_does_not_leave_its_folder() {
    let root = tempfile::tempdir().unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    std::fs::write(root.path().join("inside"), "in").unwrap();
    std::os::unix::fs::symlink("/etc", root.path().join("out")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", root.path().join("host")).unwrap();
    let house =
        Gatehouse::start("test", json!({"sftp_root": root.path().display().to_string()})).await;
    let here = house.dir.path().join("got");
    let (good, said) = sftp(&house, &format!("pwd\nls\nget inside {}\n", here.display())).await;
    assert!(good, "{said}");
    assert_eq!(std::fs::read_to_string(&here).unwrap(), "in");
    std::fs::remove_file(&here).unwrap();
    let here = here.display();
    for escape in [
        format!("get /etc/hostname {here}"),
        format!("get ../../etc/hostname {here}"),
        format!("get out/hostname {here}"),
        format!("get host {here}"),
        "ls out/ssh".to_owned(),
        "ls /etc".to_owned(),
        "put /etc/hostname out/evil".to_owned(),
        "put /etc/hostname ../evil".to_owned(),
        "rename inside /tmp/evil-doorward".to_owned(),
        "ln -s /etc evil".to_owned(),
        "ln inside hard".to_owned(),
        "mkdir /tmp/evil-doorward".to_owned(),
    ] {
        let (good, said) = sftp(&house, &format!("{escape}\n")).await;
        assert!(!good, "{escape}: {said}");
        assert!(!house.dir.path().join("got").exists(), "{escape}");
    }
    let refused = house.texts("SELECT path FROM session_file WHERE outcome = 'refused'").await;
    assert!(!refused.is_empty());
    // No shell, no command, no old scp either.
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("id")).await;
    assert!(text(&out.stderr).contains("file transfer (SFTP) only"), "{}", text(&out.stderr));
    assert!(out.stdout.is_empty());
}

/// abuse case 60: what a target is confined to when the session begins counts, not what
/// it was when somebody came.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_before_the_session_begins_counts_for_it() {
    for database in BOTH {
        let house = Gatehouse::on(database).await;
        let client = house.alices_client().await;
        house.retarget(json!({"sftp_root": "/srv"})).await;
        let mut channel = client.channel_open_session().await.unwrap();
        channel.exec(true, "id").await.unwrap();
        let said = own::heard(&mut channel).await;
        assert!(said.out.is_empty(), "{said:?}");
        assert!(text(&said.err).contains("file transfer (SFTP) only"), "{said:?}");

        let client = house.alices_client().await;
        let (target, now) = (house.target, house.env.now());
        let disabled = house.db.write(move |c| {
            c.execute("UPDATE target SET enabled = FALSE WHERE id = $1", args![target])?;
            change::bump(c, "target", target, now)
        });
        disabled.await.unwrap();
        let mut channel = client.channel_open_session().await.unwrap();
        channel.request_subsystem(true, "sftp").await.unwrap();
        let said = own::heard(&mut channel).await;
        assert!(said.out.is_empty() && text(&said.err).contains("access to"), "{said:?}");
    }
}

/// An SFTP packet of this kind.
fn packet(kind: u8, fields: &[u8]) -> Vec<u8> {
    let length = u32::try_from(fields.len() + 1).unwrap();
    [&length.to_be_bytes(), &[kind][..], fields].concat()
}

/// abuse case 60: an answer that the person sends carries no request past the folder,
/// behind the part of it that is looked at.
#[tokio::test(flavor = "multi_thread")]
async fn confined_sftp_takes_no_answers_from_the_person() {
    let root = tempfile::tempdir().unwrap();
    let house =
        Gatehouse::start("test", json!({"sftp_root": root.path().display().to_string()})).await;
    let path = b"/etc/hostname";
    let length = u32::try_from(path.len()).unwrap();
    let fields =
        [&[0, 0, 0, 2][..], &length.to_be_bytes(), path, &[0, 0, 0, 1, 0, 0, 0, 0]].concat();
    let open = packet(3, &fields);
    let data = packet(103, &[&[0, 0, 0, 1][..], &[0; 311], &open].concat());
    let mut channel = house.alices_client().await.channel_open_session().await.unwrap();
    channel.request_subsystem(true, "sftp").await.unwrap();
    channel.data(&packet(1, &[0, 0, 0, 3])[..]).await.unwrap();
    channel.data(&data[..]).await.unwrap();
    channel.eof().await.unwrap();
    let said = own::heard(&mut channel).await;
    let mut rest = &said.out[..];
    while let Some((head, behind)) = rest.split_first_chunk::<4>() {
        assert_ne!(behind[0], 102, "a handle: {:?}", said.out);
        rest = &behind[u32::from_be_bytes(*head) as usize..];
    }
    assert!(text(&said.err).contains("not the SFTP that OpenSSH speaks"), "{said:?}");
}

/// abuse case F9: a shell that is called like a program that moves files, or runs
/// behind one, is recorded like any other.
#[tokio::test(flavor = "multi_thread")]
async fn shell_behind_the_name_of_a_copying_program_is_recorded() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["scp", "sftp-server"] {
        let script = folder.path().join(name);
        std::fs::write(&script, "#!/bin/sh\nexec sh\n").unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let folder = folder.path().display();
    for command in [
        "scp -t x; exec sh".to_owned(),
        "scp -f /nowhere; exec sh".to_owned(),
        "rsync --server --version; exec sh".to_owned(),
        format!("{folder}/scp -t x"),
        format!("PATH={folder}:$PATH; scp -t x"),
        format!("{folder}/sftp-server"),
    ] {
        let house = Gatehouse::start("test", json!({})).await;
        let mut ssh = house.ssh();
        ssh.arg(house.at()).arg(&command).stdin(std::process::Stdio::piped());
        let mut child = ssh.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"x\necho CANARY-$((6*7))\n").await.unwrap();
        drop(stdin);
        let out = finished(child).await;
        assert!(text(&out.stdout).contains("CANARY-42"), "{command}: {out:?}");
        house.ended(1).await;
        let played = house.played().await;
        assert!(played.contains("CANARY-$((6*7))"), "{command}: typed, in {played}");
        assert!(played.contains("CANARY-42"), "{command}: shown, in {played}");
    }
}
