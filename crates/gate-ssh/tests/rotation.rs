//! Credentials rotated on a real sshd.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stderr, reason = "says why a test did nothing")]

mod support;

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::sync::Arc;

use doorward_core::{RotateCredential, Secret, WriteTarget};
use doorward_gate_ssh::SshRotator;
use doorward_vault::{Credential, RotateError, generate_ed25519, public_line};
use serde_json::json;
use support::host::{Host, root};
use support::{Gatehouse, output, text};

/// Lets the house rotate credentials.
fn rotating(house: &Gatehouse) {
    house.vault.register("ssh", Arc::new(SshRotator::new(house.env.clone())));
}

async fn rotate(house: &Gatehouse) -> Result<(), RotateError> {
    let allowed = house.allow(house.bob, RotateCredential { account: house.account });
    house.vault.rotate_credential(&allowed).await.map(drop)
}

async fn opens(house: &Gatehouse) {
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("echo in")).await;
    assert_eq!(text(&out.stdout), "in\n", "{}", text(&out.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_credential_opens_the_next_session() {
    let house = Gatehouse::start("test", json!({})).await;
    rotating(&house);
    for _ in 0..2 {
        rotate(&house).await.unwrap();
        opens(&house).await;
    }
}

/// The account's own `authorized_keys`, below its home.
fn lines(home: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(home.join(".ssh/authorized_keys")).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_takes_the_old_ones_place_and_leaves_the_others() {
    if !root() {
        eprintln!("needs root: an account whose home may be changed");
        return;
    }
    let house = Gatehouse::start("test", json!({})).await;
    rotating(&house);
    let first = generate_ed25519(&house.env, "first").unwrap();
    let old = public_line(first.expose(), "first").unwrap();
    let folder = house.sshd.home.join(".ssh");
    std::fs::create_dir_all(&folder).unwrap();
    let others = "# a remark\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ other";
    std::fs::write(folder.join("authorized_keys"), format!("{others}\n{old}\n")).unwrap();
    let owner = std::fs::metadata(&house.sshd.home).unwrap();
    use std::os::unix::fs::MetadataExt as _;
    for path in [folder.clone(), folder.join("authorized_keys")] {
        chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    let host = Host::start(&house.dir.path().join("keys"), "PasswordAuthentication no").await;
    house.retarget(json!({"port": host.port, "host_keys": [host.host_key]})).await;
    let write = house.allow(house.bob, WriteTarget { target: house.target });
    let key = Credential::PrivateKey(first);
    house.vault.set_credential(&write, house.account, &key).await.unwrap();
    opens(&house).await;
    rotate(&house).await.unwrap();
    opens(&house).await;
    let now = lines(&house.sshd.home);
    assert_eq!(now[..2], others.lines().collect::<Vec<_>>());
    assert_eq!(now.len(), 3, "{now:?}");
    assert!(now[2].starts_with("ssh-ed25519 ") && now[2] != old, "{now:?}");
    let mode = std::fs::metadata(folder.join("authorized_keys")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // The old one opens nothing any more.
    house.vault.set_credential(&write, house.account, &key).await.unwrap();
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("echo in")).await;
    assert!(out.stdout.is_empty());
    assert!(text(&out.stderr).contains("did not accept the credential"), "{}", text(&out.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_cannot_be_replaced_stays_the_one_that_works() {
    if !root() {
        eprintln!("needs root: an account whose home may be changed");
        return;
    }
    let house = Gatehouse::start("test", json!({})).await;
    rotating(&house);
    let first = generate_ed25519(&house.env, "first").unwrap();
    // The keys lie where the account cannot write.
    let folder = house.dir.path().join("keys");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(house.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(folder.join("keys"), public_line(first.expose(), "").unwrap()).unwrap();
    let more = "PasswordAuthentication no\nAuthorizedKeysFile {folder}/keys";
    let host = Host::start(&folder, more).await;
    house.retarget(json!({"port": host.port, "host_keys": [host.host_key]})).await;
    let write = house.allow(house.bob, WriteTarget { target: house.target });
    let key = Credential::PrivateKey(first);
    house.vault.set_credential(&write, house.account, &key).await.unwrap();
    let why = rotate(&house).await.unwrap_err();
    assert!(matches!(why, RotateError::Kept(_)), "{why}");
    opens(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_of_root_is_changed_by_chpasswd() {
    if !root() {
        eprintln!("needs root: a host whose /etc is a copy");
        return;
    }
    let house = Gatehouse::start("test", json!({})).await;
    rotating(&house);
    let folder = house.dir.path().join("apart");
    let first = "echo root:first-password-of-root | chpasswd";
    let host = Host::apart(&folder, "PermitRootLogin yes", first).await;
    house.retarget(json!({"port": host.port, "host_keys": [host.host_key]})).await;
    let sql = "UPDATE account SET name = 'root'";
    house.db.write(move |c| c.execute(sql, &[])).await.unwrap();
    let write = house.allow(house.bob, WriteTarget { target: house.target });
    let password = Credential::Password(Secret::new("first-password-of-root".to_owned()));
    house.vault.set_credential(&write, house.account, &password).await.unwrap();
    let as_root = async || {
        let mut ssh = house.ssh();
        let out = output(ssh.arg("root@web-1@127.0.0.1").arg("id -u; cat /etc/shadow")).await;
        let said = text(&out.stdout);
        assert!(said.starts_with("0\n"), "{}", text(&out.stderr));
        said.lines().find(|l| l.starts_with("root:")).unwrap().to_owned()
    };
    let before = as_root().await;
    rotate(&house).await.unwrap();
    assert_ne!(as_root().await, before);
    // The machine's own is as it was: the host has an /etc of its own.
    let own = std::fs::read_to_string("/etc/shadow").unwrap();
    assert!(!own.contains(&before));
}
