use doorward_store::cursor::Cursors;
use doorward_store::order::{Order, Wanted};
use doorward_store::secret::SecretSort;
use doorward_store::testing::each_database;

use super::*;
use crate::secrets::{Kind, NewSecret, PasswordRule, SecretError, ValueError};

fn new(name: &str, kind: Kind, value: &str) -> NewSecret {
    NewSecret {
        name: Name::parse(name).unwrap(),
        kind,
        description: "d".to_owned(),
        value: bytes(value),
    }
}

async fn made(house: &House, name: &str, value: &str) -> SecretId {
    let new = new(name, Kind::Opaque, value);
    secrets::create(&house.vault, &house.allow(CreateSecret {}), new).await.unwrap().id
}

#[tokio::test]
async fn versions_come_and_go_and_each_step_is_recorded() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let v = &house.vault;
        let id = made(&house, "db-url", "one").await;
        let twice =
            secrets::create(v, &house.allow(CreateSecret {}), new("db-url", Kind::Opaque, "x"))
                .await;
        assert!(matches!(twice, Err(SecretError::Exists)));
        let (read, write) =
            (house.allow(ReadSecret { secret: id }), house.allow(WriteSecret { secret: id }));
        let value = |n: Option<i64>| {
            let read = read.clone();
            async move { secrets::read(v, &read, n).await.map(|(_, v)| v.expose().clone()) }
        };
        assert_eq!(value(None).await.unwrap(), b"one");
        secrets::put_version(v, &write, &bytes("two")).await.unwrap();
        assert_eq!(value(None).await.unwrap(), b"two");
        assert_eq!(value(Some(1)).await.unwrap(), b"one");
        secrets::destroy(v, &write, 1).await.unwrap();
        assert!(matches!(value(Some(1)).await, Err(SecretError::NoVersion(1))));
        assert!(matches!(secrets::destroy(v, &write, 1).await, Err(SecretError::NoVersion(1))));
        let list = house.allow(ListSecret {});
        let history = secrets::history(v, &list, id).await.unwrap();
        let states: Vec<_> = history.iter().map(|h| (h.number, h.state.as_str())).collect();
        assert_eq!(states, [(2, "live"), (1, "destroyed")]);
        made(&house, "another", "x").await;
        let cursors = Cursors::open(&house.db, &house.env.env()).await.unwrap();
        let page = Wanted::first(Order::up(SecretSort::Name));
        let all = secrets::list(v, &list, &cursors, Default::default(), &page).await.unwrap();
        let names: Vec<_> = all.items.into_iter().map(|s| s.name).collect();
        assert_eq!(names, ["another", "db-url"]);
        assert_eq!(secrets::resolve(v, &Name::parse("db-url").unwrap()).await.unwrap(), id);
        secrets::delete(v, &write).await.unwrap();
        assert!(matches!(value(None).await, Err(SecretError::NotFound)));
        let seen = house.activities().await;
        for activity in [
            "secret.created",
            "secret.read",
            "secret.changed",
            "secret.version-destroyed",
            "secret.deleted",
        ] {
            assert!(seen.iter().any(|a| a == activity), "{activity} in {seen:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn value_that_cannot_be_recorded_is_not_handed_out() {
    let env = TestEnv::default();
    let shared = doorward_store::testing::sqlite(&env.env()).await;
    let house = House::new(shared.db.clone(), env).await;
    let id = made(&house, "s", "value").await;
    house.db.write(|c| c.execute("DROP TABLE event", &[]).map(drop)).await.unwrap();
    let read = secrets::read(&house.vault, &house.allow(ReadSecret { secret: id }), None).await;
    assert!(matches!(read, Err(SecretError::Vault(VaultError::Store(_)))));
}

/// abuse case 46: values are capped, and refused before anything is computed.
#[tokio::test]
async fn values_are_of_their_kind_and_not_too_long() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let create = house.allow(CreateSecret {});
        let key = generate_ed25519(&house.env.env(), "me@here").unwrap();
        let long = "x".repeat(64 * 1024);
        let good = [
            (Kind::Opaque, long.as_str()),
            (Kind::Password, "Ünïcödé is fine"),
            (Kind::SshKey, key.expose().as_str()),
        ];
        for (i, (kind, value)) in good.into_iter().enumerate() {
            secrets::create(&house.vault, &create, new(&format!("g{i}"), kind, value))
                .await
                .unwrap();
        }
        let longer = format!("{long}x");
        let bad = [
            (Kind::Opaque, "", ValueError::Empty),
            (Kind::Opaque, longer.as_str(), ValueError::TooLong),
            (Kind::Password, "two\nlines", ValueError::Password),
            (Kind::Password, "nul\0", ValueError::Password),
            (Kind::SshKey, "ssh-ed25519 AAAA", ValueError::Key(OpenSshError::Form)),
        ];
        for (kind, value, why) in bad {
            let refused = secrets::create(&house.vault, &create, new("bad", kind, value)).await;
            assert!(matches!(refused, Err(SecretError::Value(e)) if e == why), "{value:.20}");
        }
        let mut described = new("described", Kind::Opaque, "x");
        described.description = "d".repeat(501);
        let refused = secrets::create(&house.vault, &create, described).await;
        assert!(matches!(refused, Err(SecretError::Description)));
    })
    .await;
}

/// abuse case 41: no spelling of a name, however it folds, is another name; names
/// of the house cannot be taken.
#[tokio::test]
async fn thousand_spellings_of_a_name_are_refused_and_reserved_names_too() {
    let mut tried = 0;
    let base = "account.root";
    for (i, letter) in base.char_indices() {
        let lookalikes = (0x80..0x3000_u32)
            .filter_map(char::from_u32)
            .filter(|c| c.is_alphanumeric() || c.is_whitespace())
            .step_by(97)
            .chain(letter.to_uppercase().filter(|c| *c != letter))
            .chain([' ', '\t', '\0', '/', '%', '\u{200d}', '\u{ff41}', '\u{0430}', '\u{0131}']);
        for other in lookalikes {
            let mut spelled = base.to_owned();
            spelled.replace_range(i..=i, &other.to_string());
            assert!(Name::parse(&spelled).is_err(), "{spelled:?}");
            assert!(Name::parse(&format!("{base}{other}")).is_err());
            tried += 2;
        }
    }
    assert!(tried >= 1_000, "{tried}");
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        for name in ["account.x", "webhook.x", "account."] {
            let taken = secrets::create(
                &house.vault,
                &house.allow(CreateSecret {}),
                new(name, Kind::Opaque, "x"),
            )
            .await;
            assert!(matches!(taken, Err(SecretError::Reserved)), "{name}");
            let found = secrets::resolve(&house.vault, &Name::parse(name).unwrap()).await;
            assert!(matches!(found, Err(SecretError::NotFound)));
        }
    })
    .await;
}

/// abuse case 44: values are in no event, no error, no debug text and no page of
/// the database.
#[tokio::test]
async fn canaries_are_nowhere_to_be_read() {
    let env = TestEnv::default();
    let shared = doorward_store::testing::sqlite(&env.env()).await;
    let house = House::new(shared.db.clone(), env).await;
    let canary = "canary-7f3a91c2-do-not-leak";
    let id = made(&house, "canary", canary).await;
    let (target, account) = house.account("root").await;
    let credential = Credential::Password(text(canary));
    house
        .vault
        .set_credential(&house.allow(WriteTarget { target }), account, &credential)
        .await
        .unwrap();
    let session = PrivilegedSessionId::new(&house.env.env());
    let used = house
        .vault
        .credential_for(
            &house.allow(OpenSession { account }),
            session,
            &crate::ssh_ca::Terms::default(),
        )
        .await
        .unwrap();
    let (_, value) =
        secrets::read(&house.vault, &house.allow(ReadSecret { secret: id }), None).await.unwrap();
    let wrong = secrets::put_version(
        &house.vault,
        &house.allow(WriteSecret { secret: id }),
        &bytes(&canary.repeat(9_999)),
    )
    .await;
    let said = format!("{used:?} {value:?} {credential:?} {wrong:?} {:?}", house.vault);
    assert!(!said.contains("canary-7f3a"), "{said}");
    assert!(!house.bodies().await.contains("canary-7f3a"));
    let folder = shared.config.url.trim_start_matches("sqlite:").rsplit_once('/').unwrap().0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(12).any(|w| w == b"canary-7f3a9"), "{}", path.display());
    }
}

#[test]
fn generated_passwords_are_long_even_and_safe_to_pass_on() {
    let env = TestEnv::default().env();
    let rule = PasswordRule::default();
    let mut counts = std::collections::HashMap::new();
    for _ in 0..500 {
        let password = secrets::generate_password(&env, &rule).unwrap();
        assert_eq!(password.expose().len(), 32);
        for c in password.expose().chars() {
            assert!(c.is_ascii_alphanumeric());
            *counts.entry(c).or_insert(0) += 1;
        }
    }
    // 16,000 draws over 57 letters: 280 each, never off by half.
    assert_eq!(counts.len(), rule.alphabet.len());
    assert!(counts.values().all(|n| (140..420).contains(n)), "{counts:?}");
    for (length, alphabet) in [
        (15, "0123456789"),
        (257, "0123456789"),
        (20, "012345678"),
        (20, "01234567899"),
        (20, "0123456789\n"),
    ] {
        let rule = PasswordRule { length, alphabet: alphabet.to_owned() };
        assert!(secrets::generate_password(&env, &rule).is_err(), "{rule:?}");
    }
}

#[test]
fn generated_key_is_one_that_openssh_reads() {
    let env = TestEnv::default().env();
    let key = generate_ed25519(&env, "doorward deploy").unwrap();
    let line = public_line(key.expose(), "c").unwrap();
    assert!(line.starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5") && line.ends_with(" c"));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    doorward_runtime::files::write_private(&path, key.expose().as_bytes()).unwrap();
    let shown = std::process::Command::new("ssh-keygen").arg("-y").arg("-f").arg(&path).output();
    // Debian's OpenSSH client is there wherever the whole suite runs.
    let shown = shown.expect("ssh-keygen is missing; install it: apt-get install openssh-client");
    assert_eq!(
        String::from_utf8_lossy(&shown.stdout).trim(),
        public_line(key.expose(), "doorward deploy").unwrap()
    );
    let locked = std::process::Command::new("ssh-keygen")
        .args(["-q", "-p", "-N", "secret", "-f"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(locked.status.success());
    let encrypted = std::fs::read_to_string(&path).unwrap();
    assert_eq!(public_line(&encrypted, ""), Err(OpenSshError::Encrypted));
}
