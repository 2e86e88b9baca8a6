//! Credentials rotated on a real sshd.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use doorward_core::RotateCredential;
use doorward_gate_ssh::SshRotator;
use serde_json::json;
use support::{Gatehouse, output, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_credential_opens_the_next_session() {
    let house = Gatehouse::start("test", json!({})).await;
    house.vault.register("ssh", Arc::new(SshRotator::new(house.env.clone())));
    for _ in 0..2 {
        let allowed = house.allow(house.bob, RotateCredential { account: house.account });
        house.vault.rotate_credential(&allowed).await.unwrap();
        let mut ssh = house.ssh();
        let out = output(ssh.arg(house.at()).arg("echo in")).await;
        assert_eq!(text(&out.stdout), "in\n", "{}", text(&out.stderr));
    }
}
