use std::sync::Mutex;

use async_trait::async_trait;
use doorward_store::testing::each_database;

use super::*;
use crate::ssh_ca::Terms;

/// What goes wrong on the fake host, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Refuses and keeps the old one.
    Refuses,
    /// Changes, but the answer is lost.
    AnswerLost,
    /// Says yes and changes nothing.
    Lies,
    /// Our process ends before it is told.
    CrashBefore,
    /// Our process ends after it has changed.
    CrashAfter,
    /// Our process ends while it proves.
    CrashInProof,
    /// Nobody answers any more once it has changed.
    GoesAway,
}

struct Host {
    takes: Mutex<String>,
    fault: Mutex<Fault>,
    asked: Mutex<Vec<HostAccount>>,
}

fn word(c: &Credential) -> String {
    match c {
        Credential::Password(text) | Credential::PrivateKey(text) => text.expose().clone(),
    }
}

#[async_trait]
impl Rotator for Host {
    async fn change(
        &self,
        host: &HostAccount,
        current: &Credential,
        new: &Credential,
    ) -> Result<(), RotatorError> {
        self.asked.lock().unwrap().push(host.clone());
        let fault = *self.fault.lock().unwrap();
        assert_eq!(*self.takes.lock().unwrap(), word(current));
        let change = || *self.takes.lock().unwrap() = word(new);
        match fault {
            Fault::Refuses => return Err(RotatorError("no".to_owned())),
            Fault::Lies => {}
            Fault::CrashBefore => panic!("crash"),
            Fault::CrashAfter => {
                change();
                panic!("crash")
            }
            Fault::AnswerLost => {
                change();
                return Err(RotatorError("connection reset".to_owned()));
            }
            Fault::None | Fault::CrashInProof | Fault::GoesAway => change(),
        }
        Ok(())
    }

    async fn prove(&self, _: &HostAccount, credential: &Credential) -> Result<bool, RotatorError> {
        let fault = *self.fault.lock().unwrap();
        match fault {
            Fault::CrashInProof => panic!("crash"),
            Fault::GoesAway => Err(RotatorError("no route".to_owned())),
            _ => Ok(*self.takes.lock().unwrap() == word(credential)),
        }
    }
}

async fn with_host(house: &House, vault: &Vault, name: &str) -> (AccountId, Arc<Host>) {
    let (target, account) = house.account(name).await;
    let first = Credential::Password(text("first"));
    vault.set_credential(&house.allow(WriteTarget { target }), account, &first).await.unwrap();
    let host = Arc::new(Host {
        takes: Mutex::new("first".to_owned()),
        fault: Mutex::new(Fault::None),
        asked: Mutex::default(),
    });
    vault.register("test", host.clone());
    (account, host)
}

async fn used(house: &House, vault: &Vault, account: AccountId) -> Result<String, CredentialError> {
    let session = PrivilegedSessionId::new(&house.env.env());
    let allowed = house.allow(OpenSession { account });
    match vault.credential_for(&allowed, session, &Terms::default()).await? {
        Injection::Stored(credential) => Ok(word(&credential)),
        Injection::Certificate(_) => panic!("nothing is kept"),
    }
}

/// abuse case A35: the next connection uses the new credential, without a restart.
#[tokio::test]
async fn rotation_changes_the_host_and_the_next_session_uses_the_new_one() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let v = &house.vault;
        let (account, host) = with_host(&house, v, "deploy").await;
        assert_eq!(used(&house, v, account).await.unwrap(), "first");
        let allowed = house.allow(RotateCredential { account });
        assert_eq!(v.rotate_credential(&allowed).await.unwrap(), Settled::New(2));
        let now = used(&house, v, account).await.unwrap();
        assert_ne!(now, "first");
        assert_eq!(now, *host.takes.lock().unwrap());
        assert_eq!(v.rotate_credential(&allowed).await.unwrap(), Settled::New(3));
        assert_eq!(used(&house, v, account).await.unwrap(), *host.takes.lock().unwrap());
        let seen = house.activities().await;
        for activity in [
            "credential.set",
            "credential.used",
            "credential.rotation-started",
            "credential.rotated",
        ] {
            assert!(seen.iter().any(|a| a == activity), "{activity} in {seen:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn rotation_that_fails_at_any_step_leaves_a_credential_that_works() {
    for fault in [
        Fault::Refuses,
        Fault::AnswerLost,
        Fault::Lies,
        Fault::CrashBefore,
        Fault::CrashAfter,
        Fault::CrashInProof,
        Fault::GoesAway,
    ] {
        each_database(|db, env| async move {
            let house = House::new(db, env.clone()).await;
            let (account, host) = with_host(&house, &house.vault, "deploy").await;
            *host.fault.lock().unwrap() = fault;
            let allowed = house.allow(RotateCredential { account });
            let done = house.vault.rotate_credential(&allowed).await;
            match fault {
                Fault::AnswerLost => assert_eq!(done.unwrap(), Settled::New(2)),
                Fault::Refuses | Fault::Lies => assert!(matches!(done, Err(RotateError::Kept(_)))),
                Fault::GoesAway => assert!(matches!(done, Err(RotateError::Undecided(_)))),
                _ => assert!(done.is_err()),
            }
            *host.fault.lock().unwrap() = Fault::None;
            // The process is gone; its hold on the account ends by itself.
            let restarted = house.again().await;
            restarted.register("test", host.clone());
            env.advance(std::time::Duration::from_secs(600));
            restarted.resume_rotations().await.unwrap();
            let works = host.takes.lock().unwrap().clone();
            assert_eq!(used(&house, &restarted, account).await.unwrap(), works, "{fault:?}");
            assert_eq!(restarted.resume_rotations().await.unwrap(), 0);
            // And it can be rotated again.
            restarted.rotate_credential(&allowed).await.unwrap();
            let works = host.takes.lock().unwrap().clone();
            assert_eq!(used(&house, &restarted, account).await.unwrap(), works, "{fault:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn session_settles_what_a_rotation_left_before_it_takes_the_credential() {
    each_database(|db, env| async move {
        let house = House::new(db, env.clone()).await;
        let (account, host) = with_host(&house, &house.vault, "deploy").await;
        *host.fault.lock().unwrap() = Fault::GoesAway;
        assert!(
            house
                .vault
                .rotate_credential(&house.allow(RotateCredential { account }))
                .await
                .is_err()
        );
        assert!(matches!(
            used(&house, &house.vault, account).await,
            Err(CredentialError::Rotating)
        ));
        *host.fault.lock().unwrap() = Fault::None;
        let works = host.takes.lock().unwrap().clone();
        assert_eq!(used(&house, &house.vault, account).await.unwrap(), works);
    })
    .await;
}

#[tokio::test]
async fn key_is_rotated_to_a_new_key() {
    each_database(|db, env| async move {
        let house = House::new(db, env.clone()).await;
        let (target, account) = house.account("deploy").await;
        let key = generate_ed25519(&env.env(), "old").unwrap();
        let credential = Credential::PrivateKey(key.clone());
        house
            .vault
            .set_credential(&house.allow(WriteTarget { target }), account, &credential)
            .await
            .unwrap();
        let host = Arc::new(Host {
            takes: Mutex::new(key.expose().clone()),
            fault: Mutex::new(Fault::None),
            asked: Mutex::default(),
        });
        house.vault.register("test", host);
        house.vault.rotate_credential(&house.allow(RotateCredential { account })).await.unwrap();
        let now = used(&house, &house.vault, account).await.unwrap();
        assert!(public_line(&now, "").is_ok() && now != *key.expose());
        // Another kind takes its place whole.
        let password = Credential::Password(text("a password"));
        house
            .vault
            .set_credential(&house.allow(WriteTarget { target }), account, &password)
            .await
            .unwrap();
        assert_eq!(used(&house, &house.vault, account).await.unwrap(), "a password");
        let other = TargetId::new(&env.env());
        let wrong = house
            .vault
            .set_credential(&house.allow(WriteTarget { target: other }), account, &password)
            .await;
        assert!(matches!(wrong, Err(CredentialError::NoAccount)), "permission on another target");
    })
    .await;
}

/// abuse case 47: no rotator ever sees a name that it could take for a command.
#[tokio::test]
async fn hostile_account_names_never_reach_a_rotator() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let hostile = [
            "root; rm -rf /",
            "root\nroot:x",
            "$(id)",
            "`id`",
            "-oProxyCommand=id",
            "a'b",
            "a\"b",
            "a b",
            "root'; DROP TABLE account;--",
            "../etc/passwd",
            "a:b",
            "a|b",
            "a&b",
            "a>b",
            "a\0b",
            "ro\u{43e}t",
            "$HOME",
            "a$b",
            "a\\b\\c",
            "\\root",
            "a*",
            "",
            &"a".repeat(65),
        ];
        for name in hostile {
            // PostgreSQL itself refuses a NUL.
            if name.contains('\0') && house.db.backend() == doorward_store::Backend::Postgres {
                continue;
            }
            let (account, host) = with_host(&house, &house.vault, name).await;
            let refused =
                house.vault.rotate_credential(&house.allow(RotateCredential { account })).await;
            assert!(matches!(refused, Err(RotateError::Name(_))), "{name:?}");
            assert!(host.asked.lock().unwrap().is_empty());
        }
        for name in ["root", "deploy-1", "_apt", "svc.backup", "WEB1$", "CORP\\svc", "me@corp"] {
            let (account, host) = with_host(&house, &house.vault, name).await;
            house
                .vault
                .rotate_credential(&house.allow(RotateCredential { account }))
                .await
                .unwrap();
            assert_eq!(host.asked.lock().unwrap()[0].name, name);
        }
    })
    .await;
}

#[tokio::test]
async fn account_without_credential_or_rotator_says_so() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (target, account) = house.account("root").await;
        assert!(matches!(used(&house, &house.vault, account).await, Err(CredentialError::NotSet)));
        let first = Credential::Password(text("first"));
        house
            .vault
            .set_credential(&house.allow(WriteTarget { target }), account, &first)
            .await
            .unwrap();
        let none = house.vault.rotate_credential(&house.allow(RotateCredential { account })).await;
        assert!(matches!(none, Err(RotateError::NoRotator(kind)) if kind == "test"));
        house.vault.seal(&house.allow(ManageSeal {})).await.unwrap();
        let sealed = used(&house, &house.vault, account).await;
        assert!(matches!(sealed, Err(CredentialError::Vault(VaultError::Sealed))));
    })
    .await;
}

#[tokio::test]
async fn tending_settles_rotations_and_deletes_what_belongs_to_nobody() {
    each_database(|db, env| async move {
        let house = House::new(db, env.clone()).await;
        let v = &house.vault;
        keys::ensure(v, "oidc", keys::Algorithm::EdDsa).await.unwrap();
        let (account, host) = with_host(&house, v, "deploy").await;
        let (gone, _) = with_host(&house, v, "gone").await;
        v.register("test", host.clone());
        *host.fault.lock().unwrap() = Fault::GoesAway;
        assert!(v.rotate_credential(&house.allow(RotateCredential { account })).await.is_err());
        *host.fault.lock().unwrap() = Fault::None;
        let delete =
            move |c: &doorward_store::Conn<'_>| doorward_store::account::delete(c, gone, 2);
        assert!(house.db.write(delete).await.unwrap());
        env.advance(std::time::Duration::from_secs(90 * 24 * 3600));
        v.tend(&["oidc"]).await.unwrap();
        let left: Option<i64> =
            house.db.read(|c| c.value("SELECT COUNT(*) AS n FROM secret", &[])).await.unwrap();
        assert_eq!(left, Some(1));
        assert_eq!(keys::all(v, "oidc").unwrap().len(), 2);
        let works = host.takes.lock().unwrap().clone();
        assert_eq!(used(&house, v, account).await.unwrap(), works);
        v.seal(&house.allow(ManageSeal {})).await.unwrap();
        v.tend(&["oidc"]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_test_says_whether_the_host_takes_the_credential_and_changes_nothing() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let v = &house.vault;
        let (account, host) = with_host(&house, v, "deploy").await;
        let allowed = house.allow(RotateCredential { account });
        assert_eq!(v.test_credential(&allowed).await.unwrap(), Tried::Works);
        *host.takes.lock().unwrap() = "changed by hand".to_owned();
        assert_eq!(v.test_credential(&allowed).await.unwrap(), Tried::Refused);
        *host.fault.lock().unwrap() = Fault::GoesAway;
        let tried = v.test_credential(&allowed).await.unwrap();
        assert_eq!(tried, Tried::Unreachable(RotatorError("no route".to_owned())));
        assert!(host.asked.lock().unwrap().is_empty(), "nothing was changed there");
        let seen = house.activities().await;
        assert_eq!(seen.iter().filter(|a| *a == "credential.tested").count(), 3);
        let held = v.turn(account).await.unwrap().unwrap();
        assert!(matches!(v.test_credential(&allowed).await, Err(RotateError::Busy)));
        held.end().await;
    })
    .await;
}
