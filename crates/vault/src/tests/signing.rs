use std::time::Duration;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use doorward_store::testing::each_database;

use super::*;
use crate::keys::{Algorithm, KeyState, When};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn each_algorithm_signs_what_its_public_half_verifies() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let algorithms: [(&str, Algorithm, &'static dyn VerificationAlgorithm); 3] = [
            ("a", Algorithm::EdDsa, &ED25519),
            ("b", Algorithm::Es256, &ECDSA_P256_SHA256_FIXED),
            ("c", Algorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256),
        ];
        for (purpose, algorithm, verify) in algorithms {
            keys::ensure(&house.vault, purpose, algorithm).await.unwrap();
            let key = keys::active(&house.again().await, purpose);
            // The handle of a vault that is gone signs no more.
            assert!(key.unwrap().sign(b"data").is_err());
            let key = keys::active(&house.vault, purpose).unwrap();
            let signature = key.sign(b"data").unwrap();
            let public = UnparsedPublicKey::new(verify, &key.public);
            assert!(public.verify(b"data", &signature).is_ok());
            assert!(public.verify(b"dato", &signature).is_err());
            let jwk = key.jwk().unwrap();
            assert_eq!(jwk["kid"], key.kid());
            assert_eq!(jwk["alg"], algorithm.name());
            if algorithm == Algorithm::Rs256 {
                // 3072 bits, in base64url.
                assert_eq!(
                    (jwk["n"].as_str().unwrap().len(), jwk["e"].as_str()),
                    (512, Some("AQAB"))
                );
            }
            assert_eq!(key.ed25519_seed().is_ok(), algorithm == Algorithm::EdDsa);
        }
    })
    .await;
}

#[tokio::test]
async fn first_key_is_made_once_by_however_many_nodes() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (a, b) = (house.again().await, house.again().await);
        let (x, y) = tokio::join!(
            keys::ensure(&a, "oidc", Algorithm::EdDsa),
            keys::ensure(&b, "oidc", Algorithm::EdDsa)
        );
        x.unwrap();
        y.unwrap();
        let (a, b) = (keys::all(&a, "oidc").unwrap(), keys::all(&b, "oidc").unwrap());
        assert_eq!((a.len(), b.len()), (1, 1));
        assert_eq!(a[0].id, b[0].id);
    })
    .await;
}

#[tokio::test]
async fn new_key_is_published_a_day_before_it_signs_and_the_old_one_a_day_after() {
    each_database(|db, env| async move {
        let house = House::new(db, env.clone()).await;
        let v = &house.vault;
        keys::ensure(v, "oidc", Algorithm::EdDsa).await.unwrap();
        let old = keys::active(v, "oidc").unwrap().id;
        let new =
            keys::rotate(v, &house.allow(ManageSeal {}), "oidc", When::Published).await.unwrap();
        let ids =
            |v: &Vault| keys::all(v, "oidc").unwrap().iter().map(|k| k.id).collect::<Vec<_>>();
        assert_eq!(keys::active(v, "oidc").unwrap().id, old);
        assert_eq!(ids(v), [old, new]);
        env.advance(DAY);
        assert_eq!(keys::active(v, "oidc").unwrap().id, new);
        let shown = keys::all(v, "oidc").unwrap();
        assert_eq!(shown[0].state(env.now(), new), KeyState::Retired);
        env.advance(DAY);
        assert_eq!(ids(v), [new]);
        // A clock set back takes nothing away.
        env.set(Timestamp::from_secs(0));
        assert!(keys::active(v, "oidc").unwrap().sign(b"x").is_ok());
    })
    .await;
}

#[tokio::test]
async fn leaked_key_is_gone_at_once_and_old_ones_are_replaced_in_time() {
    each_database(|db, env| async move {
        let house = House::new(db, env.clone()).await;
        let v = &house.vault;
        keys::ensure(v, "oidc", Algorithm::Es256).await.unwrap();
        let now = keys::rotate(v, &house.allow(ManageSeal {}), "oidc", When::Now).await.unwrap();
        assert_eq!(keys::all(v, "oidc").unwrap().len(), 1);
        assert_eq!(keys::active(v, "oidc").unwrap().id, now);
        keys::rotate_due(v, "oidc", DAY * 90).await.unwrap();
        assert_eq!(keys::all(v, "oidc").unwrap().len(), 1);
        env.advance(DAY * 89);
        for _ in 0..2 {
            keys::rotate_due(v, "oidc", DAY * 90).await.unwrap();
            assert_eq!(keys::all(v, "oidc").unwrap().len(), 2);
        }
        env.advance(DAY);
        assert_ne!(keys::active(v, "oidc").unwrap().id, now);
    })
    .await;
}

#[tokio::test]
async fn sealed_vault_signs_nothing() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        keys::ensure(&house.vault, "audit", Algorithm::EdDsa).await.unwrap();
        let key = keys::active(&house.vault, "audit").unwrap();
        house.vault.seal(&house.allow(ManageSeal {})).await.unwrap();
        assert!(matches!(key.sign(b"x"), Err(VaultError::Sealed)));
        assert!(matches!(keys::active(&house.vault, "audit"), Err(VaultError::Sealed)));
    })
    .await;
}
