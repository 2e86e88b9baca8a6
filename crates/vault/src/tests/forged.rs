//! The keys by which the house knows its own rows.

use doorward_store::testing::{each_database, postgres};
use doorward_store::{DbConfig, args, facts, role, seal as seal_rows};

use super::*;
use crate::seal::{Params, open_root, seal_root_alone};

fn stranger() -> Actor {
    Actor::nobody(Network::default())
}

/// A role in somebody's hand, as the house gives it.
async fn give(db: &Db, env: &TestEnv, name: &'static str) -> RoleId {
    let (id, who, now) = (RoleId::new(&env.env()), IdentityId::new(&env.env()), env.now());
    db.write(move |c| {
        let name = Name::parse(name).unwrap();
        let role = role::Role { id, name, description: String::new(), created_at: now, version: 1 };
        role::insert(c, &role)?;
        role::assign(c, id, role::Holder::Identity(who), None)
    })
    .await
    .unwrap();
    id
}

/// The same by somebody who has nothing but the database.
async fn take(db: &Db, env: &TestEnv, role: RoleId) {
    let who = IdentityId::new(&env.env());
    let sql = "INSERT INTO role_holder (role, holder_kind, holder, version) VALUES ($1, 'identity', $2, 1)";
    db.write(move |c| c.execute(sql, args![role, who])).await.unwrap();
}

async fn holders(db: &Db) -> usize {
    db.read(facts::holders).await.unwrap().len()
}

async fn run(db: &Db, sql: &'static str) {
    db.write(move |c| c.execute(sql, args![])).await.unwrap();
}

/// The house as it was before rows were signed.
async fn make_old(house: &House) {
    let path = house.dir.path().join("seal.key");
    let kept = std::fs::read_to_string(path).unwrap();
    let row = house.db.read(seal_rows::find).await.unwrap().unwrap();
    let kek = crate::seal::parse_key(&kept).unwrap();
    let root = open_root(&Params::KeyFile, &kek, &row.wrapped).unwrap().root;
    let alone = seal_root_alone(&house.env.env(), &Params::KeyFile, &kek, &root).unwrap();
    house.db.write(move |c| seal_rows::rewrap(c, row.version, &alone)).await.unwrap();
    run(&house.db, "DELETE FROM ring_key WHERE purpose = 'rows'").await;
    run(&house.db, "DELETE FROM row_set").await;
    for table in ["role", "role_holder"] {
        let sql = format!("UPDATE {table} SET mac = NULL");
        house.db.write(move |c| c.execute(&sql, args![])).await.unwrap();
    }
}

/// A house from before signs its rows when it gets its first row key, and never again,
/// whatever is taken out of the database.
#[tokio::test]
async fn rows_from_before_are_signed_once_and_nobody_can_ask_for_it_again() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let role = give(&house.db, &house.env, "administrator").await;
        make_old(&house).await;
        assert_eq!(holders(&house.db).await, 0);
        house.again().await;
        assert_eq!(holders(&house.db).await, 1);
        let bodies = house.bodies().await;
        assert!(
            bodies.contains("rows.adopted") && bodies.contains(r#""role_holder":1"#),
            "{bodies}"
        );

        take(&house.db, &house.env, role).await;
        house.again().await;
        assert_eq!(holders(&house.db).await, 1);
        // The row keys are gone: that is no new beginning.
        run(&house.db, "DELETE FROM ring_key WHERE purpose = 'rows'").await;
        let opened = Vault::open(&house.db, &house.env.env(), config(&house.dir)).await;
        assert!(matches!(opened, Err(VaultError::RowKeysGone)), "{opened:?}");
        // Nor is it one without any key, or without a seal.
        run(&house.db, "DELETE FROM ring_key").await;
        run(&house.db, "DELETE FROM signing_key").await;
        let opened = Vault::open(&house.db, &house.env.env(), config(&house.dir)).await;
        assert!(matches!(opened, Err(VaultError::RowKeysGone)), "{opened:?}");
        run(&house.db, "DELETE FROM seal").await;
        let opened = Vault::open(&house.db, &house.env.env(), config(&house.dir)).await;
        assert!(matches!(opened, Err(VaultError::SealGone)), "{opened:?}");
        let adopted = house.activities().await.iter().filter(|a| *a == "rows.adopted").count();
        assert_eq!(adopted, 1);
    })
    .await;
}

#[tokio::test]
async fn rows_stay_known_when_the_ring_or_the_seal_gets_another_key() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        give(&house.db, &house.env, "before").await;
        keys::rotate_ring(&house.vault, &house.allow(ManageSeal {}), Purpose::Rows).await.unwrap();
        let role = give(&house.db, &house.env, "after").await;
        assert_eq!(holders(&house.db).await, 2);
        let passphrase = NewSeal::Passphrase(text("a passphrase that is long"));
        house.vault.rekey(&house.allow(ManageSeal {}), passphrase).await.unwrap();
        assert_eq!(holders(&house.db).await, 2);
        take(&house.db, &house.env, role).await;
        // What opens something is gone; what tells the house's own rows is not.
        house.vault.seal(&house.allow(ManageSeal {})).await.unwrap();
        assert!(house.vault.is_sealed());
        assert_eq!(holders(&house.db).await, 2);
        give(&house.db, &house.env, "sealed").await;
        house.vault.unseal(&stranger(), &text("a passphrase that is long")).await.unwrap();
        assert_eq!(holders(&house.db).await, 3);
    })
    .await;
}

/// A node that starts sealed knows nobody, until it is opened.
#[tokio::test]
async fn node_that_starts_sealed_accepts_rows_once_it_is_unsealed() {
    let env = TestEnv::default();
    let first = postgres(&env.env()).await;
    let house = House::new(first.db.clone(), env.clone()).await;
    give(&house.db, &env, "r").await;
    let passphrase = NewSeal::Passphrase(text("a passphrase that is long"));
    house.vault.rekey(&house.allow(ManageSeal {}), passphrase).await.unwrap();
    let config_again = DbConfig { vaultless: false, ..first.config.clone() };
    let second = Db::open(&config_again, &env.env()).await.unwrap();
    let vault = Vault::open(&second, &env.env(), config(&house.dir)).await.unwrap();
    assert!(vault.is_sealed());
    assert_eq!(holders(&second).await, 0);
    assert_eq!(second.forged(), [], "it cannot tell, and calls nobody a forger");
    vault.unseal(&stranger(), &text("a passphrase that is long")).await.unwrap();
    assert_eq!(holders(&second).await, 1);
}

/// A row that another node signed by a key of a moment ago is known at once.
#[tokio::test]
async fn key_that_another_node_made_just_now_is_looked_for() {
    let env = TestEnv::default();
    let first = postgres(&env.env()).await;
    let house = House::new(first.db.clone(), env.clone()).await;
    let second = Db::open(&first.config, &env.env()).await.unwrap();
    let vault = Vault::open(&second, &env.env(), config(&house.dir)).await.unwrap();
    for round in ["one", "two", "three"] {
        keys::rotate_ring(&house.vault, &house.allow(ManageSeal {}), Purpose::Rows).await.unwrap();
        give(&house.db, &env, round).await;
        let known = second.read(facts::holders).await.unwrap().len();
        let wanted = house.db.read(facts::holders).await.unwrap().len();
        assert_eq!(known, wanted, "{round}");
    }
    assert!(!vault.is_sealed());
}
