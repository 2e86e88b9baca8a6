//! Accounts that open with certificates, on a real sshd that trusts the house's
//! authority and knows no other way in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorward_core::{RotateCredential, WriteTarget};
use doorward_gate::Sources;
use doorward_gate_ssh::SshRotator;
use doorward_vault::{Tried, keys, ssh_ca};
use russh::keys::ssh_key::certificate::Builder;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{PrivateKey, PublicKey};
use serde_json::json;
use support::host::Host;
use support::{BOTH, Gatehouse, Plan, output, text};
use tokio::process::Command;

const TRUSTING: &str = "PasswordAuthentication no\nAuthorizedKeysFile none\n\
                        TrustedUserCAKeys {folder}/authority\nAllowTcpForwarding yes";

/// A house whose one account opens with certificates, and its host.
async fn certified(plan: Plan) -> (Gatehouse, Host) {
    let house = Gatehouse::with(plan).await;
    ssh_ca::ensure(&house.vault).await.unwrap();
    let folder = house.dir.path().join("trusting");
    std::fs::create_dir_all(&folder).unwrap();
    let keys = ssh_ca::authority(&house.vault).unwrap();
    let lines: Vec<String> = keys.into_iter().map(|k| k.line).collect();
    std::fs::write(folder.join("authority"), lines.join("\n") + "\n").unwrap();
    let host = Host::start(&folder, TRUSTING).await;
    house.retarget(json!({"port": host.port, "host_keys": [host.host_key]})).await;
    let write = house.allow(house.bob, WriteTarget { target: house.target });
    house.vault.set_certificate(&write, house.account).await.unwrap();
    (house, host)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_opens_with_a_certificate_of_its_own() {
    for database in BOTH {
        let (house, host) = certified(Plan { database, ..Plan::default() }).await;
        for word in ["one", "two"] {
            let mut ssh = house.ssh();
            let out = output(ssh.arg(house.at()).arg(format!("echo {word}"))).await;
            assert_eq!(text(&out.stdout), format!("{word}\n"), "{}", text(&out.stderr));
        }
        // A terminal is permitted, an agent is not even asked for.
        let mut ssh = house.ssh();
        let out =
            output(ssh.arg("-tt").arg(house.at()).arg("tty; echo agent=$SSH_AUTH_SOCK")).await;
        assert!(text(&out.stdout).contains("/dev/pts/"), "{}", text(&out.stdout));
        assert!(text(&out.stdout).contains("agent=\r\n"), "{}", text(&out.stdout));
        let said = host.log();
        let sessions =
            house.texts("SELECT body FROM event WHERE activity = 'credential.used'").await;
        assert_eq!(sessions.len(), 3);
        let mut serials = Vec::new();
        for body in &sessions {
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            let serial = find(&body, "serial");
            assert!(said.contains(&format!("(serial {serial})")), "{serial} in {said}");
            assert!(said.contains(&find(&body, "key_id")), "{said}");
            serials.push(serial);
        }
        serials.sort();
        serials.dedup();
        assert_eq!(serials.len(), 3);
    }
}

/// The value of a field, wherever the event keeps it.
fn find(body: &serde_json::Value, name: &str) -> String {
    match body {
        serde_json::Value::Object(map) => match map.get(name).and_then(|v| v.as_str()) {
            Some(found) => found.to_owned(),
            None => map.values().map(|v| find(v, name)).find(|s| !s.is_empty()).unwrap_or_default(),
        },
        _ => String::new(),
    }
}

/// What the target enforces itself: a certificate that has run out, one for
/// another account and one of another authority are refused by sshd.
#[tokio::test(flavor = "multi_thread")]
async fn sshd_refuses_certificates_that_say_something_else() {
    let (house, host) = certified(Plan::default()).await;
    let authority = keys::active(&house.vault, ssh_ca::PURPOSE).unwrap().ed25519_seed().unwrap();
    let pair = Ed25519Keypair::from_seed(authority.expose());
    let authority = PrivateKey::new(KeypairData::Ed25519(pair), "").unwrap();
    let stranger = PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&[7; 32])), "");
    let now = u64::try_from(house.env.now().secs()).unwrap();
    let me = house.sshd.account.clone();
    let tried = async |name: &str, ca: &PrivateKey, principal: &str, after: u64, before: u64| {
        let key = support::key(house.dir.path(), name);
        certify(&key, ca, principal, after, before);
        let mut ssh = Command::new("ssh");
        ssh.args(house.options(&key)).args(["-o", "BatchMode=yes", "-p", &host.port.to_string()]);
        let out = output(ssh.arg(format!("{me}@127.0.0.1")).arg("echo in")).await;
        text(&out.stdout) == "in\n"
    };
    assert!(tried("good", &authority, &me, now - 30, now + 270).await, "{}", host.log());
    assert!(!tried("expired", &authority, &me, now - 300, now - 1).await);
    assert!(!tried("early", &authority, &me, now + 200, now + 300).await);
    assert!(!tried("other", &authority, "somebody", now - 30, now + 270).await);
    assert!(!tried("comma", &authority, &format!("x,{me}"), now - 30, now + 270).await);
    assert!(!tried("stranger", &stranger.unwrap(), &me, now - 30, now + 270).await);
}

fn certify(key: &Path, ca: &PrivateKey, principal: &str, after: u64, before: u64) -> PathBuf {
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    let public = PublicKey::from_openssh(&public).unwrap();
    let mut builder = Builder::new(vec![7; 16], public.key_data().clone(), after, before).unwrap();
    builder.valid_principal(principal).unwrap();
    builder.extension("permit-pty", "").unwrap();
    let path = PathBuf::from(format!("{}-cert.pub", key.display()));
    std::fs::write(&path, builder.sign(ca).unwrap().to_openssh().unwrap()).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_hold_only_from_the_gateways_own_addresses() {
    for (source, good) in [("127.0.0.0/8", true), ("192.0.2.0/24", false)] {
        let plan = Plan { sources: vec![source.to_owned()], ..Plan::default() };
        let (house, host) = certified(plan).await;
        let mut ssh = house.ssh();
        let out = output(ssh.arg(house.at()).arg("echo in")).await;
        assert_eq!(text(&out.stdout) == "in\n", good, "{source}: {}", host.log());
        if !good {
            let said = text(&out.stderr);
            assert!(said.contains("did not accept the certificate of this session"), "{said}");
        }
    }
}

/// abuse case 52: an account whose name means several in a certificate gets
/// none, and its session does not begin.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_a_comma_in_its_name_opens_nothing() {
    let (house, host) = certified(Plan::default()).await;
    let sql = "UPDATE account SET name = 'deploy,' || name";
    house.db.write(move |c| c.execute(sql, &[])).await.unwrap();
    // No login with a comma is taken, so the kernel is asked directly.
    let session = doorward_core::PrivilegedSessionId::new(&house.env);
    let open = house.allow(house.alice, doorward_core::OpenSession { account: house.account });
    let got = house.vault.credential_for(&open, session, &ssh_ca::Terms::default()).await;
    let why = got.err().unwrap().to_string();
    assert!(why.contains("cannot stand in a certificate"), "{why}");
    assert!(!host.log().contains("Accepted publickey"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_lets_ports_through_only_where_policy_permits_it() {
    let (house, _host) = certified(Plan::default()).await;
    let here = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = here.local_addr().unwrap().port();
    let mut ssh = house.ssh();
    ssh.args(["-W", &format!("127.0.0.1:{port}")]).arg(house.at());
    let out = output(&mut ssh).await;
    assert!(text(&out.stderr).contains("stdio forwarding failed"), "{}", text(&out.stderr));
    house.join("forwarders").await;
    let mut ssh = house.ssh();
    ssh.args(["-W", &format!("127.0.0.1:{port}")]).arg(house.at());
    let child = ssh.spawn().unwrap();
    let (mut socket, _) = here.accept().await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut socket, b"through\n").await.unwrap();
    drop(socket);
    let out = support::finished(child).await;
    assert_eq!(text(&out.stdout), "through\n", "{}", text(&out.stderr));
}

/// Asked before a night's call: does the host take what a session would come with?
#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_whether_the_host_trusts_the_authority() {
    for database in BOTH {
        let (house, host) = certified(Plan { database, ..Plan::default() }).await;
        house.vault.register("ssh", Arc::new(SshRotator::new(house.env.clone())));
        let allowed = house.allow(house.bob, RotateCredential { account: house.account });
        assert_eq!(house.vault.test_credential(&allowed).await.unwrap(), Tried::Works);
        let told = house.texts("SELECT body FROM event WHERE activity = 'credential.tested'").await;
        let body: serde_json::Value = serde_json::from_str(&told[0]).unwrap();
        let said = host.log();
        assert!(said.contains(&format!("(serial {})", find(&body, "serial"))), "{said}");
        assert!(said.contains(&find(&body, "key_id")), "{said}");

        // From elsewhere it would not hold: it is bound as a session's is.
        let elsewhere = Sources::parse(&["192.0.2.1".to_owned()]).unwrap();
        let bound = SshRotator::new(house.env.clone()).from(elsewhere);
        house.vault.register("ssh", Arc::new(bound));
        assert_eq!(house.vault.test_credential(&allowed).await.unwrap(), Tried::Refused);

        // A host that trusts another authority, and one that is not there.
        house.vault.register("ssh", Arc::new(SshRotator::new(house.env.clone())));
        let folder = house.dir.path().join("strange");
        std::fs::create_dir_all(&folder).unwrap();
        let other = support::key(&folder, "other").with_extension("pub");
        std::fs::copy(other, folder.join("authority")).unwrap();
        let strange = Host::start(&folder, TRUSTING).await;
        house.retarget(json!({"port": strange.port, "host_keys": [strange.host_key]})).await;
        assert_eq!(house.vault.test_credential(&allowed).await.unwrap(), Tried::Refused);
        house.retarget(json!({"port": 1, "host_keys": [strange.host_key]})).await;
        let tried = house.vault.test_credential(&allowed).await.unwrap();
        assert!(matches!(tried, Tried::Unreachable(_)), "{tried:?}");
    }
}
