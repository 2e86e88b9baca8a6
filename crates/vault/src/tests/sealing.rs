use std::os::unix::fs::PermissionsExt as _;

use doorward_store::testing::each_database;

use super::*;

fn stranger() -> Actor {
    Actor::nobody(Network::default())
}

async fn works(vault: &Vault) -> bool {
    vault.pepper("x").is_ok()
}

#[tokio::test]
async fn key_file_opens_at_start_and_no_other_one_does() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let aad = Aad::new("t", "1", "c", 0);
        let sealed = house.vault.encrypt(Purpose::Secrets, &aad, b"x").unwrap();
        let path = house.dir.path().join("seal.key");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(house.again().await.decrypt(Purpose::Secrets, &aad, &sealed).await.is_ok());
        // Without the file the house starts, sealed, and opens once it is there.
        let kept = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let lost = house.again().await;
        assert!(lost.status().await.unwrap().sealed);
        assert!(!path.exists(), "no second key is made");
        let wrong = lost.unseal(&stranger(), &text("")).await;
        assert!(matches!(wrong, Err(UnsealError::WrongKeyFile(_))));
        assert!(!lost.unseal(&stranger(), &text(&kept)).await.unwrap().sealed);
        // Another house's key file.
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::write(elsewhere.path().join("seal.key"), kept.replace("1:", "1:A")).unwrap();
        std::fs::set_permissions(
            elsewhere.path().join("seal.key"),
            std::fs::Permissions::from_mode(0o600),
        )
        .unwrap();
        assert!(Vault::open(&house.db, &house.env.env(), config(&elsewhere)).await.is_err());
    })
    .await;
}

/// abuse case A24: a key file that others may read is refused at start.
#[tokio::test]
async fn key_file_that_others_may_read_is_refused() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let path = house.dir.path().join("seal.key");
        for mode in [0o640, 0o604, 0o644, 0o660] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let refused = Vault::open(&house.db, &house.env.env(), config(&house.dir)).await;
            assert!(matches!(refused, Err(VaultError::KeyFile(_))), "{mode:o}");
        }
    })
    .await;
}

#[tokio::test]
async fn passphrase_opens_and_a_wrong_one_says_so() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let manage = house.allow(ManageSeal {});
        let short = house.vault.rekey(&manage, NewSeal::Passphrase(text("too short"))).await;
        assert!(matches!(short, Err(RekeyError::Passphrase)));
        let phrase = "correct horse battery staple";
        let done = house.vault.rekey(&manage, NewSeal::Passphrase(text(phrase))).await.unwrap();
        assert!(done.unused_key_file.is_some());
        let started = house.again().await;
        assert!(!works(&started).await);
        let wrong = started.unseal(&stranger(), &text("correct horse battery stapel")).await;
        assert!(matches!(wrong, Err(UnsealError::WrongPassphrase)));
        let long = started.unseal(&stranger(), &text(&"x".repeat(5_000))).await;
        assert!(matches!(long, Err(UnsealError::TooLong)));
        assert!(!started.unseal(&stranger(), &text(phrase)).await.unwrap().sealed);
        assert!(works(&started).await);
        // The old key file opens nothing any more, and back it goes to a new one.
        started.rekey(&manage, NewSeal::KeyFile).await.unwrap();
        assert!(works(&house.again().await).await);
        let seen = house.activities().await;
        for activity in ["vault.rekeyed", "vault.unseal-refused", "vault.unsealed"] {
            assert!(seen.iter().any(|a| a == activity), "{activity} in {seen:?}");
        }
        assert!(!house.bodies().await.contains("horse"));
    })
    .await;
}

#[tokio::test]
async fn shares_open_one_by_one_and_a_wrong_one_costs_nothing() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let manage = house.allow(ManageSeal {});
        for (threshold, shares) in [(1, 3), (4, 3), (2, 33), (0, 0)] {
            let wrong = house.vault.rekey(&manage, NewSeal::Shares { threshold, shares }).await;
            assert!(matches!(wrong, Err(RekeyError::Shares)));
        }
        let older =
            house.vault.rekey(&manage, NewSeal::Shares { threshold: 2, shares: 2 }).await.unwrap();
        let made =
            house.vault.rekey(&manage, NewSeal::Shares { threshold: 3, shares: 5 }).await.unwrap();
        assert_eq!(made.shares.len(), 5);
        let v = house.again().await;
        let give = |s: Secret<String>| {
            let v = v.clone();
            async move { v.unseal(&stranger(), &s).await }
        };
        let status = give(made.shares[4].clone()).await.unwrap();
        assert_eq!(
            (status.sealed, status.given, status.threshold, status.shares),
            (true, 1, Some(3), Some(5))
        );
        let again = give(made.shares[4].clone()).await;
        assert!(matches!(again, Err(UnsealError::GivenAlready { index: 5 })));
        let old = give(older.shares[0].clone()).await;
        assert!(matches!(old, Err(UnsealError::OtherSet { index: 1 })));
        assert!(matches!(give(text("dws1-abcd")).await, Err(UnsealError::Share(_))));
        assert_eq!(v.status().await.unwrap().given, 1, "right ones are kept");
        assert_eq!(give(made.shares[0].clone()).await.unwrap().given, 2);
        assert!(!works(&v).await);
        let status = give(made.shares[2].clone()).await.unwrap();
        assert_eq!((status.sealed, status.given), (false, 0));
        assert!(works(&v).await);
    })
    .await;
}

/// abuse case 45: only who may manage the seal resets the progress of those who
/// open it, and it is recorded.
#[tokio::test]
async fn reset_of_the_shares_needs_permission_and_is_recorded() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let manage = house.allow(ManageSeal {});
        let made =
            house.vault.rekey(&manage, NewSeal::Shares { threshold: 2, shares: 3 }).await.unwrap();
        let v = house.again().await;
        v.unseal(&stranger(), &made.shares[0]).await.unwrap();
        // There is no way to call it without an `Allowed<ManageSeal>`.
        assert_eq!(v.reset_unseal(&manage).await.unwrap().given, 0);
        assert!(house.activities().await.contains(&"vault.unseal-reset".to_owned()));
        assert!(v.unseal(&stranger(), &made.shares[1]).await.unwrap().sealed);
        assert!(!v.unseal(&stranger(), &made.shares[0]).await.unwrap().sealed);
    })
    .await;
}

#[tokio::test]
async fn forged_share_with_a_right_checksum_is_named() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let manage = house.allow(ManageSeal {});
        let made =
            house.vault.rekey(&manage, NewSeal::Shares { threshold: 2, shares: 3 }).await.unwrap();
        // The right set, the right form, another value.
        let letters = made.shares[1].expose().replace('-', "").to_uppercase();
        let mut raw = data_encoding::BASE32_NOPAD.decode(&letters.as_bytes()[4..]).unwrap();
        raw[10] ^= 1;
        let at = raw.len() - 4;
        let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &raw[..at]);
        raw[at..].copy_from_slice(&sum.as_ref()[..4]);
        let forged = format!("dws1{}", data_encoding::BASE32_NOPAD.encode(&raw));
        let v = house.again().await;
        v.unseal(&stranger(), &made.shares[0]).await.unwrap();
        let wrong = v.unseal(&stranger(), &text(&forged)).await;
        assert!(matches!(wrong, Err(UnsealError::WrongShare { index: 2 })));
        assert!(!v.unseal(&stranger(), &made.shares[1]).await.unwrap().sealed);
    })
    .await;
}

#[tokio::test]
async fn rekey_cut_short_between_file_and_database_still_opens() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let path = house.dir.path().join("seal.key");
        let old = std::fs::read(&path).unwrap();
        house.vault.rekey(&house.allow(ManageSeal {}), NewSeal::KeyFile).await.unwrap();
        let new = std::fs::read(&path).unwrap();
        assert_ne!(old, new);
        let put = |path: &std::path::Path, bytes: &[u8]| {
            std::fs::write(path, bytes).unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
        };
        // After the commit, before the rename.
        put(&path, &old);
        put(&house.dir.path().join("seal.key.next"), &new);
        assert!(works(&house.again().await).await);
        assert_eq!(std::fs::read(&path).unwrap(), new);
        // Before the commit.
        put(&house.dir.path().join("seal.key.next"), &old);
        assert!(works(&house.again().await).await);
        assert!(!house.dir.path().join("seal.key.next").exists());
    })
    .await;
}

#[tokio::test]
async fn sealed_vault_opens_nothing_until_it_is_unsealed() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let v = &house.vault;
        let aad = Aad::new("t", "1", "c", 0);
        let sealed = v.encrypt(Purpose::Secrets, &aad, b"x").unwrap();
        let status = v.seal(&house.allow(ManageSeal {})).await.unwrap();
        assert!(status.sealed);
        assert!(matches!(
            v.decrypt(Purpose::Secrets, &aad, &sealed).await,
            Err(VaultError::Sealed)
        ));
        assert!(matches!(v.encrypt(Purpose::Secrets, &aad, b"x"), Err(VaultError::Sealed)));
        assert!(matches!(v.data_key(Purpose::Recordings, &aad), Err(VaultError::Sealed)));
        let rekey = v.rekey(&house.allow(ManageSeal {}), NewSeal::KeyFile).await;
        assert!(matches!(rekey, Err(RekeyError::Vault(VaultError::Sealed))));
        v.unseal(&stranger(), &text("")).await.unwrap();
        assert!(v.decrypt(Purpose::Secrets, &aad, &sealed).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn sealing_one_node_seals_the_other() {
    let env = TestEnv::default();
    let shared = doorward_store::testing::postgres(&env.env()).await;
    let one = House::new(shared.db.clone(), env.clone()).await;
    let second = Db::open(&shared.config, &env.env()).await.unwrap();
    let other = Vault::open(&second, &env.env(), config(&one.dir)).await.unwrap();
    assert!(works(&other).await);
    one.vault.seal(&one.allow(ManageSeal {})).await.unwrap();
    let gone = async {
        while works(&other).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), gone).await.unwrap();
}

/// abuse case 50: nothing that opens the vault is in the database's files.
#[tokio::test]
async fn database_holds_no_key() {
    let env = TestEnv::default();
    let shared = doorward_store::testing::sqlite(&env.env()).await;
    let house = House::new(shared.db.clone(), env).await;
    let kept = std::fs::read_to_string(house.dir.path().join("seal.key")).unwrap();
    let body = kept.trim().split(':').next_back().unwrap().to_owned();
    use base64::Engine as _;
    let key = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&body).unwrap();
    for file in std::fs::read_dir(
        shared.config.url.trim_start_matches("sqlite:").rsplit_once('/').unwrap().0,
    )
    .unwrap()
    {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(key.len()).any(|w| w == key));
        assert!(!bytes.windows(body.len()).any(|w| w == body.as_bytes()));
    }
}
