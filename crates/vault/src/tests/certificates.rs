use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use doorward_core::lifecycle::LiveGrant;
use doorward_store::testing::each_database;
use doorward_store::{
    args, grant, identity, privileged_session as sessions, ssh_certificate as issued,
};

use super::*;
use crate::keys::{KeyState, When};
use crate::ssh_ca::{self, Ports, SessionCertificate, Sources, Terms};

const HOUR: Duration = Duration::from_secs(3600);

/// An account that opens with certificates, and somebody who may.
struct Certified {
    house: House,
    account: AccountId,
    allowed: Allowed<OpenSession>,
}

impl Certified {
    async fn new(db: Db, env: TestEnv) -> Self {
        let house = House::new(db, env).await;
        let (target, account) = house.account("deploy").await;
        kind(&house, "ssh").await;
        ssh_ca::ensure(&house.vault).await.unwrap();
        house.vault.set_certificate(&house.allow(WriteTarget { target }), account).await.unwrap();
        let allowed = house.allow(OpenSession { account });
        let (id, now) = (allowed.actor().id().unwrap(), house.env.now());
        house
            .db
            .write(move |c| {
                identity::insert(
                    c,
                    &identity::Identity {
                        id,
                        kind: identity::IdentityKind::Person,
                        name: Name::parse("alice").unwrap(),
                        display_name: "Alice".to_owned(),
                        email: None,
                        relation: Some(identity::Relation::Employee),
                        owner: None,
                        enabled: true,
                        starts_at: None,
                        ends_at: None,
                        attributes: Default::default(),
                        created_at: now,
                        updated_at: now,
                        version: 1,
                    },
                )
            })
            .await
            .unwrap();
        Self { house, account, allowed }
    }

    /// A session of this state, perhaps by a grant.
    async fn session(&self, state: &'static str, grant: Option<GrantId>) -> PrivilegedSessionId {
        let env = self.house.env.env();
        let row = sessions::PrivilegedSession {
            id: PrivilegedSessionId::new(&env),
            identity: self.allowed.actor().id().unwrap(),
            account: self.account,
            target: TargetId::new(&env),
            login: "deploy@web-1".to_owned(),
            protocol: "ssh".to_owned(),
            grant,
            node: NodeId::new(&env),
            address: None,
            question: self.allowed.question(),
            state: state.to_owned(),
            started_at: env.now(),
            ended_at: None,
            end_cause: None,
            end_requested: None,
            frozen: None,
            coverage: "full".to_owned(),
            bytes_in: 0,
            bytes_out: 0,
            version: 1,
        };
        let id = row.id;
        self.house.db.write(move |c| sessions::insert(c, &row)).await.unwrap();
        id
    }

    async fn grant(&self, left: Duration) -> GrantId {
        let env = self.house.env.env();
        let grant = LiveGrant {
            id: GrantId::new(&env),
            request: None,
            holder: self.allowed.actor().id().unwrap(),
            about: Entity::new("Account", self.account),
            reason: "test".to_owned(),
            approvals: 1,
            starts_at: env.now() - HOUR,
            ends_at: env.now() + left,
            break_glass: false,
        };
        let id = grant.id;
        self.house.db.write(move |c| grant::insert(c, &grant)).await.unwrap();
        id
    }

    async fn issue(
        &self,
        session: PrivilegedSessionId,
        terms: &Terms,
    ) -> Result<SessionCertificate, CredentialError> {
        match self.house.vault.credential_for(&self.allowed, session, terms).await? {
            Injection::Certificate(certificate) => Ok(certificate),
            Injection::Stored(_) => panic!("something was kept"),
        }
    }

    async fn refused(&self, session: PrivilegedSessionId) {
        let got = self.issue(session, &Terms::default()).await.err();
        assert!(matches!(got, Some(CredentialError::NotOpening)), "{got:?}");
    }
}

async fn kind(house: &House, kind: &'static str) {
    let sql = "UPDATE target SET kind = $1";
    house.db.write(move |c| c.execute(sql, args![kind])).await.unwrap();
}

async fn rename(house: &House, name: &str) {
    let (sql, name) = ("UPDATE account SET name = $1", name.to_owned());
    house.db.write(move |c| c.execute(sql, args![&name])).await.unwrap();
}

/// What OpenSSH reads in it.
fn read(certificate: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("c-cert.pub");
    std::fs::write(&path, certificate).unwrap();
    let out = Command::new("ssh-keygen").arg("-L").arg("-f").arg(&path).env("TZ", "UTC").output();
    let out = out.unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[tokio::test]
async fn certificate_names_one_account_one_session_and_five_minutes() {
    each_database(|db, env| async move {
        let it = Certified::new(db, env).await;
        let session = it.session("opening", None).await;
        let sources = Sources::parse(&["10.0.0.0/24".to_owned(), "2001:db8::1".to_owned()]);
        let terms = Terms { sources: sources.unwrap(), ports: Ports::Closed };
        let made = it.issue(session, &terms).await.unwrap();
        let said = read(&made.line);
        let ca = ssh_ca::authority(&it.house.vault).unwrap();
        let row = it.house.db.read(move |c| issued::of_session(c, session)).await.unwrap();
        let row = row.unwrap();
        for part in [
            "ssh-ed25519-cert-v01@openssh.com user certificate",
            &format!("Signing CA: ED25519 {} (using ssh-ed25519)", ca[0].fingerprint),
            &format!("Key ID: \"identity=alice session={session} grant=none\""),
            &format!("Serial: {}", row.serial),
            "Valid: from 2025-12-31T23:59:30 to 2026-01-01T00:04:30",
            "Principals: \n                deploy\n        Critical Options: \n",
            "source-address 10.0.0.0/24,2001:db8::1\n        Extensions: \n                permit-pty\n",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(said.ends_with("permit-pty\n"), "{said}");
        // The key is the one that the certificate is about, and nobody else's.
        let public = public_line(made.key.expose(), "").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k.pub");
        std::fs::write(&path, public).unwrap();
        let out = Command::new("ssh-keygen").arg("-lf").arg(&path).output().unwrap();
        let print = String::from_utf8(out.stdout).unwrap();
        let print = print.split_whitespace().nth(1).unwrap();
        assert!(said.contains(&format!("Public key: ED25519-CERT {print}")), "{said}");
        let events = it.house.bodies().await;
        assert!(events.contains("credential.used") && events.contains(&row.serial.to_string()));
        assert!(!events.contains("BEGIN OPENSSH"), "{events}");
    })
    .await;
}

#[tokio::test]
async fn ports_are_forwarded_only_where_policy_permits_it() {
    each_database(|db, env| async move {
        let it = Certified::new(db, env).await;
        let terms = Terms { ports: Ports::Forwarded, ..Terms::default() };
        let made = it.issue(it.session("opening", None).await, &terms).await.unwrap();
        let said = read(&made.line);
        let end = "Critical Options: (none)\n        Extensions: \n                permit-port-forwarding\n                permit-pty\n";
        assert!(said.ends_with(end), "{said}");
    })
    .await;
}

#[tokio::test]
async fn certificate_is_issued_once_and_only_for_a_session_that_opens_now() {
    each_database(|db, env| async move {
        let it = Certified::new(db, env).await;
        let session = it.session("opening", None).await;
        let first = it.issue(session, &Terms::default()).await.unwrap();
        it.refused(session).await;
        for state in ["live", "ended"] {
            it.refused(it.session(state, None).await).await;
        }
        it.refused(PrivilegedSessionId::new(&it.house.env.env())).await;
        // Somebody else's permission, or one for another account, is no use.
        let session = it.session("opening", None).await;
        let other = it.house.allow(OpenSession { account: it.account });
        let got = it.house.vault.credential_for(&other, session, &Terms::default()).await;
        assert!(matches!(got.err(), Some(CredentialError::NotOpening)));
        let second = it.issue(session, &Terms::default()).await.unwrap();
        assert_ne!(first.key.expose(), second.key.expose());
        let serials = "SELECT serial FROM ssh_certificate";
        let serials: Vec<i64> =
            it.house.db.read(move |c| c.all_with(serials, &[], |r| r.first())).await.unwrap();
        assert!(serials.len() == 2 && serials[0] != serials[1] && serials.iter().all(|s| *s > 0));
        it.house.vault.seal(&it.house.allow(ManageSeal {})).await.unwrap();
        let sealed = it.issue(it.session("opening", None).await, &Terms::default()).await;
        assert!(matches!(sealed.err(), Some(CredentialError::Vault(VaultError::Sealed))));
    })
    .await;
}

/// abuse case A19: what is issued does not outlive what it stands on.
#[tokio::test]
async fn certificate_does_not_outlive_its_grant() {
    each_database(|db, env| async move {
        let it = Certified::new(db, env.clone()).await;
        let grant = it.grant(Duration::from_secs(90)).await;
        let made = it.issue(it.session("opening", Some(grant)).await, &Terms::default()).await;
        let said = read(&made.unwrap().line);
        assert!(said.contains("to 2026-01-01T00:01:30"), "{said}");
        assert!(said.contains(&format!("grant={grant}")), "{said}");
        env.advance(Duration::from_secs(91));
        it.refused(it.session("opening", Some(grant)).await).await;
        it.refused(it.session("opening", Some(GrantId::new(&env.env()))).await).await;
    })
    .await;
}

/// abuse case 52: a comma principal is refused at issue, as is every name that
/// somewhere means several, and (abuse case 48) none at all.
#[tokio::test]
async fn names_that_could_be_read_as_others_get_no_certificate() {
    each_database(|db, env| async move {
        let it = Certified::new(db, env).await;
        let target = it.house.account("other").await.0;
        let long = "a".repeat(256);
        for name in [
            "",
            "deploy,root",
            "a b",
            "a\tb",
            "a\nb",
            "*",
            "ro?t",
            "!root",
            "r\u{f6}ot",
            "\u{7f}",
            &long,
        ] {
            rename(&it.house, name).await;
            let session = it.session("opening", None).await;
            let got = it.issue(session, &Terms::default()).await.err();
            assert!(matches!(got, Some(CredentialError::Principal(_))), "{name:?}: {got:?}");
            assert!(!format!("{got:?}").contains('\n'));
        }
        assert!(ssh_ca::principal("a\0b").is_err(), "PostgreSQL has no such text");
        assert!(ssh_ca::principal("DOM\\admin@corp$").is_ok());
        rename(&it.house, "a,b").await;
        // Not even an account of that target.
        let write = it.house.allow(WriteTarget { target });
        let got = it.house.vault.set_certificate(&write, it.account).await.err();
        assert!(matches!(got, Some(CredentialError::NoAccount)), "{got:?}");
    })
    .await;
}

#[tokio::test]
async fn certificate_takes_the_place_of_what_was_kept_and_the_other_way_round() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (target, account) = house.account("deploy").await;
        let (v, write) = (&house.vault, house.allow(WriteTarget { target }));
        let got = v.set_certificate(&write, account).await.err();
        assert!(matches!(got, Some(CredentialError::NotSsh(_))), "{got:?}");
        kind(&house, "ssh").await;
        v.set_credential(&write, account, &Credential::Password(text("secret"))).await.unwrap();
        assert_eq!(v.credential_kind(account).await.unwrap().as_deref(), Some("password"));
        for _ in 0..2 {
            v.set_certificate(&write, account).await.unwrap();
        }
        assert_eq!(v.credential_kind(account).await.unwrap().as_deref(), Some("certificate"));
        assert!(v.has_credential(account).await.unwrap());
        let kept = "SELECT number FROM secret_version";
        let kept: Vec<i64> =
            house.db.read(move |c| c.all_with(kept, &[], |r| r.first())).await.unwrap();
        assert!(kept.is_empty(), "a certificate keeps nothing");
        let rotate = v.rotate_credential(&house.allow(RotateCredential { account })).await;
        assert!(rotate.unwrap_err().to_string().contains("cannot be rotated"));
        assert_eq!(v.resume_rotations().await.unwrap(), 0);
        v.set_credential(&write, account, &Credential::Password(text("again"))).await.unwrap();
        assert_eq!(v.credential_kind(account).await.unwrap().as_deref(), Some("password"));
        house.account("spare").await;
        assert_eq!(v.sweep_credentials().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn old_authority_is_listed_until_it_is_retired() {
    each_database(|db, env| async move {
        let house = House::new(db, env.clone()).await;
        assert_eq!(ssh_ca::authority(&house.vault).unwrap(), []);
        ssh_ca::ensure(&house.vault).await.unwrap();
        let states = || -> Vec<KeyState> {
            ssh_ca::authority(&house.vault).unwrap().iter().map(|k| k.state).collect()
        };
        assert_eq!(states(), [KeyState::Active]);
        let first = ssh_ca::authority(&house.vault).unwrap().remove(0);
        assert!(
            first.line.starts_with("ssh-ed25519 AAAAC3")
                && first.line.ends_with(" doorward-ssh-ca")
        );
        keys::rotate(&house.vault, &house.allow(ManageSeal {}), ssh_ca::PURPOSE, When::Published)
            .await
            .unwrap();
        assert_eq!(states(), [KeyState::Active, KeyState::Published]);
        env.advance(HOUR * 24);
        assert_eq!(states(), [KeyState::Retired, KeyState::Active]);
        env.advance(HOUR * 24);
        assert_eq!(states(), [KeyState::Active]);
        assert_ne!(ssh_ca::authority(&house.vault).unwrap()[0].line, first.line);
    })
    .await;
}

#[tokio::test]
async fn targets_are_not_told_to_trust_a_key_that_was_written_into_the_database() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        ssh_ca::ensure(&house.vault).await.unwrap();
        let before = ssh_ca::authority(&house.vault).unwrap();
        let forged = vec![7_u8; 32];
        let sql = "UPDATE signing_key SET public = $1";
        house.db.write(move |c| c.execute(sql, args![&forged])).await.unwrap();
        let restarted = house.again().await;
        assert_eq!(ssh_ca::authority(&restarted).unwrap()[0].line, before[0].line);
    })
    .await;
}

#[test]
fn sources_are_addresses_and_blocks_as_sshd_takes_them() {
    let one = |block: &str| Sources::parse(&[block.to_owned()]).is_ok();
    for good in
        ["10.0.0.0/24", "10.1.2.3", "10.1.2.3/32", "0.0.0.0/0", "2001:db8::/32", "::1", "::/0"]
    {
        assert!(one(good), "{good}");
    }
    for bad in [
        "",
        "10.0.0.1/24",
        "10.0.0.0/33",
        "10.0.0.0/+8",
        "10.0.0.0/08",
        "10.0.0.0/",
        "2001:db8::1/32",
        "::/129",
        "host",
        "10.0.0.0/8,::/0",
        "!10.0.0.1",
    ] {
        assert!(!one(bad), "{bad}");
    }
    assert_eq!(Sources::parse(&[]).unwrap(), Sources::default());
}

/// Remembers the certificate that it was shown.
#[derive(Default)]
struct Shown {
    line: std::sync::Mutex<Option<String>>,
    takes: std::sync::atomic::AtomicBool,
}

#[async_trait::async_trait]
impl Rotator for Shown {
    async fn change(
        &self,
        _: &HostAccount,
        _: &Credential,
        _: &Credential,
    ) -> Result<(), RotatorError> {
        Err(RotatorError("nothing is changed here".to_owned()))
    }
    async fn prove(&self, _: &HostAccount, _: &Credential) -> Result<bool, RotatorError> {
        Err(RotatorError("nothing is stored here".to_owned()))
    }
    fn sources(&self) -> Sources {
        Sources::parse(&["10.0.0.0/24".to_owned()]).unwrap()
    }
    async fn prove_certificate(
        &self,
        _: &HostAccount,
        made: ssh_ca::SessionCertificate,
    ) -> Result<bool, RotatorError> {
        *self.line.lock().unwrap() = Some(made.line);
        Ok(self.takes.load(std::sync::atomic::Ordering::Relaxed))
    }
}

#[tokio::test]
async fn a_test_shows_a_certificate_that_holds_a_minute_and_belongs_to_no_session() {
    each_database(|db, env| async move {
        let it = Certified::new(db, env).await;
        let v = &it.house.vault;
        let host = Arc::new(Shown::default());
        v.register("ssh", host.clone());
        let alice = it.allowed.actor();
        let act = RotateCredential { account: it.account };
        let allowed = authorize(&Yes(it.house.env.env()), alice, act, &Context::default()).unwrap();
        assert_eq!(v.test_credential(&allowed).await.unwrap(), Tried::Refused);
        host.takes.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(v.test_credential(&allowed).await.unwrap(), Tried::Works);
        let said = read(&host.line.lock().unwrap().take().unwrap());
        for part in [
            "Key ID: \"identity=alice test\"",
            "Valid: from 2025-12-31T23:59:30 to 2026-01-01T00:01:00",
            "Principals: \n                deploy\n        Critical Options: \n",
            "source-address 10.0.0.0/24\n        Extensions: \n                permit-pty\n",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        let seen = it.house.activities().await;
        assert_eq!(seen.iter().filter(|a| *a == "credential.tested").count(), 2);
        let events = it.house.bodies().await;
        let serial = said.split("Serial: ").nth(1).unwrap().split_whitespace().next().unwrap();
        assert!(events.contains(serial) && !events.contains("BEGIN OPENSSH"), "{events}");
        let kept: Option<i64> = it
            .house
            .db
            .read(|c| c.value("SELECT COUNT(*) AS n FROM ssh_certificate", args![]))
            .await
            .unwrap();
        assert_eq!(kept, Some(0), "no session has it");
    })
    .await;
}

/// Houses from before could give an account a secret of somebody's.
#[tokio::test]
async fn a_secret_of_somebodys_is_left_when_its_account_gets_a_credential() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let v = &house.vault;
        for (name, certificate) in [("mail", false), ("ftp", true)] {
            let (target, account) = house.account(name).await;
            let new = secrets::NewSecret {
                name: name.parse().unwrap(),
                kind: crate::secrets::Kind::Password,
                description: String::new(),
                value: bytes("theirs"),
            };
            let theirs = secrets::create(v, &house.allow(CreateSecret {}), new).await.unwrap().id;
            let attach = move |c: &doorward_store::Conn<'_>| {
                doorward_store::secret::attach(c, account, theirs)
            };
            assert!(house.db.write(attach).await.unwrap());
            let write = house.allow(WriteTarget { target });
            if certificate {
                kind(&house, "ssh").await;
                v.set_certificate(&write, account).await.unwrap();
            } else {
                let own = Credential::Password(text("its own"));
                v.set_credential(&write, account, &own).await.unwrap();
            }
            let read = house.allow(ReadSecret { secret: theirs });
            let (_, value) = secrets::read(v, &read, None).await.unwrap();
            assert_eq!(value.expose(), b"theirs");
        }
    })
    .await;
}
