use doorward_store::testing::each_database;

use super::*;

#[tokio::test]
async fn value_opens_only_in_its_own_place() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let v = &house.vault;
        let here = Aad::new("factor", "id-1", "seed", 3);
        let sealed = v.encrypt(Purpose::Factors, &here, b"value").unwrap();
        let open = |p, aad, s: Vec<u8>| async move { v.decrypt(p, &aad, &s).await };
        let value = open(Purpose::Factors, here.clone(), sealed.clone()).await.unwrap();
        assert_eq!(value.expose(), b"value");
        for elsewhere in [
            Aad::new("secret", "id-1", "seed", 3),
            Aad::new("factor", "id-2", "seed", 3),
            Aad::new("factor", "id-1", "other", 3),
            Aad::new("factor", "id-1", "seed", 4),
            // The same bytes, cut at another place.
            Aad::new("factori", "d-1", "seed", 3),
            Aad::new("factor", "id-1s", "eed", 3),
        ] {
            let moved = open(Purpose::Factors, elsewhere, sealed.clone()).await;
            assert!(matches!(moved, Err(VaultError::Tampered(_))));
        }
        // Another purpose has other keys.
        assert!(open(Purpose::Sessions, here.clone(), sealed.clone()).await.is_err());
        for i in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[i] ^= 1;
            assert!(open(Purpose::Factors, here.clone(), flipped).await.is_err(), "byte {i}");
            assert!(open(Purpose::Factors, here.clone(), sealed[..i].to_vec()).await.is_err());
        }
    })
    .await;
}

#[tokio::test]
async fn equal_values_look_different_and_old_ones_open_after_the_ring_is_rotated() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let v = &house.vault;
        let aad = Aad::new("t", "1", "c", 0);
        let first = v.encrypt(Purpose::Secrets, &aad, b"x").unwrap();
        assert_ne!(first, v.encrypt(Purpose::Secrets, &aad, b"x").unwrap());
        keys::rotate_ring(v, &house.allow(ManageSeal {}), Purpose::Secrets).await.unwrap();
        let second = v.encrypt(Purpose::Secrets, &aad, b"x").unwrap();
        assert_ne!(first[1..17], second[1..17], "the new one is under the new key");
        for sealed in [first, second] {
            assert_eq!(v.decrypt(Purpose::Secrets, &aad, &sealed).await.unwrap().expose(), b"x");
            let restarted = house.again().await;
            let value = restarted.decrypt(Purpose::Secrets, &aad, &sealed).await.unwrap();
            assert_eq!(value.expose(), b"x");
        }
        assert!(house.activities().await.contains(&"key-ring.rotated".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn another_node_reads_what_was_sealed_under_a_key_it_has_not_seen() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let other = house.again().await;
        keys::rotate_ring(&house.vault, &house.allow(ManageSeal {}), Purpose::Factors)
            .await
            .unwrap();
        let aad = Aad::new("t", "1", "c", 0);
        let sealed = house.vault.encrypt(Purpose::Factors, &aad, b"x").unwrap();
        assert_eq!(other.decrypt(Purpose::Factors, &aad, &sealed).await.unwrap().expose(), b"x");
        let made = house.vault.data_key(Purpose::Factors, &aad).unwrap();
        let key = other.open_data_key(Purpose::Factors, &aad, made.ring_key, &made.wrapped).await;
        assert_eq!(key.unwrap().expose(), made.key.expose());
    })
    .await;
}

#[tokio::test]
async fn derived_keys_are_stable_and_their_own() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let v = &house.vault;
        let pepper = v.pepper("passwords").unwrap();
        assert_eq!(pepper.expose(), house.again().await.pepper("passwords").unwrap().expose());
        assert_ne!(pepper.expose(), v.pepper("others").unwrap().expose());
        let mac = v.mac(Purpose::Sessions, b"data").unwrap();
        assert!(v.verify_mac(Purpose::Sessions, b"data", &mac).unwrap());
        assert!(!v.verify_mac(Purpose::Sessions, b"dato", &mac).unwrap());
        assert!(!v.verify_mac(Purpose::Factors, b"data", &mac).unwrap());
        v.seal(&house.allow(ManageSeal {})).await.unwrap();
        assert!(matches!(v.pepper("passwords"), Err(VaultError::Sealed)));
    })
    .await;
}
