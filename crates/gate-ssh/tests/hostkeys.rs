//! Whom a target is taken for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::path::Path;
use std::process::Command;

use doorward_gate::Protocol as _;
use doorward_gate_ssh::{Ssh, SshSettings};
use serde_json::json;
use support::host::Host;
use support::{Gatehouse, output, text};

/// Signs the host key below `folder` for this name, and has it valid as long as
/// `validity` says.
fn certify(folder: &Path, authority: &Path, name: &str, validity: &str) {
    let done = Command::new("ssh-keygen")
        .args(["-q", "-s"])
        .arg(authority)
        .args(["-I", "host", "-h", "-n", name, "-V", validity])
        .arg(folder.join("host_key.pub"))
        .status()
        .unwrap();
    assert!(done.success());
}

/// What ssh says when the host shows a certificate like this.
async fn tried(name: &str, validity: &str, trusted: bool) -> (String, String, Vec<String>) {
    let house = Gatehouse::start("test", json!({})).await;
    let authority = support::key(house.dir.path(), "authority");
    let other = support::key(house.dir.path(), "other");
    let folder = house.dir.path().join("host");
    std::fs::create_dir_all(&folder).unwrap();
    support::key(&folder, "host_key");
    certify(&folder, &authority, name, validity);
    let host = Host::start(&folder, "HostCertificate {folder}/host_key-cert.pub").await;
    let trusted = if trusted { &authority } else { &other };
    let line = std::fs::read_to_string(trusted.with_extension("pub")).unwrap();
    house.retarget(json!({"port": host.port, "host_keys": [], "host_ca": line.trim()})).await;
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("echo in")).await;
    (text(&out.stdout), text(&out.stderr), house.events().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_known_by_the_certificate_of_its_authority() {
    let (out, err, _) = tried("127.0.0.1", "always:forever", true).await;
    assert_eq!(out, "in\n", "{err}");
}

/// abuse case F9: a target that shows a certificate for another name, one of
/// another authority, or one that has run out is refused, and an event says so.
#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_do_not_speak_for_the_host_are_refused() {
    for (name, validity, trusted) in [
        ("web-2", "always:forever", true),
        ("127.0.0.1", "always:forever", false),
        ("127.0.0.1", "20200101:20200102", true),
        ("127.0.0.1", "20990101:20990102", true),
    ] {
        let (out, err, events) = tried(name, validity, trusted).await;
        assert!(out.is_empty(), "{name} {validity} {trusted}");
        assert!(err.contains("another host key"), "{name} {validity} {trusted}: {err}");
        assert!(events.contains(&"target.host-key-changed".to_owned()), "{events:?}");
        assert!(!events.contains(&"session.opened".to_owned()), "{events:?}");
    }
}

/// The authority's own key is no host key, and a pinned host key is no authority.
#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_key_is_not_an_authority() {
    let house = Gatehouse::start("test", json!({})).await;
    let authority = support::key(house.dir.path(), "authority");
    let folder = house.dir.path().join("host");
    std::fs::create_dir_all(&folder).unwrap();
    support::key(&folder, "host_key");
    certify(&folder, &authority, "127.0.0.1", "always:forever");
    let host = Host::start(&folder, "HostCertificate {folder}/host_key-cert.pub").await;
    let line = std::fs::read_to_string(authority.with_extension("pub")).unwrap();
    house.retarget(json!({"port": host.port, "host_keys": [line.trim()]})).await;
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("echo in")).await;
    assert!(out.stdout.is_empty());
    assert!(text(&out.stderr).contains("another host key"), "{}", text(&out.stderr));
}

/// A host shows its keys to whoever asks; that pins none of them.
#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_a_host_can_be_looked_at_before_one_is_trusted() {
    let dir = tempfile::tempdir().unwrap();
    support::key(dir.path(), "host_key");
    let host = Host::start(dir.path(), "").await;
    let ssh = Ssh::new(SshSettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        user_cas: Vec::new(),
        origin: "https://door.example.org".to_owned(),
    });
    let keys = ssh.host_keys(&json!({"host": "127.0.0.1", "port": host.port})).await.unwrap();
    let own = std::fs::read_to_string(dir.path().join("host_key.pub")).unwrap();
    let body = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    assert_eq!(keys.iter().map(|k| body(&k.line)).collect::<Vec<_>>(), [body(own.trim())]);
    assert!(keys[0].fingerprint.starts_with("SHA256:"));
    let asked = &ssh;
    let wrong = |value| async move { asked.host_keys(&value).await.unwrap_err().field };
    assert_eq!(wrong(json!({"host": "not a host"})).await, "host");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(wrong(json!({"host": "127.0.0.1", "port": closed})).await, "host");
}
