//! What somebody signs in with, and what it proves.

use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::{
    Act, Actor, Allowed, Context, Denied, DeviceId, IdentityId, ManageDevice, Network, PolicyId,
    ReadStatus, Requirement, authorize,
};
use doorward_store::policy::{self as policy_rows, Policy};
use doorward_store::{change, device as rows};

use super::house::*;
use crate::*;

/// Signs in whole, with a browser that has these keys.
async fn sign_in(h: &House, name: &str, seed: &[u8], keys: Option<&str>) -> Finished {
    let mut b = with(h, keys).await;
    b.answer(&[("name", name)]).await;
    b.answer(&[("password", PASSWORD)]).await;
    b.finish(&[("code", &h.code(seed))]).await
}

async fn with(h: &House, keys: Option<&str>) -> Browser {
    h.next_window();
    let client = Client { device: keys.map(str::to_owned), ..client() };
    let turn = h.signin.begin(&client, "").await.unwrap();
    Browser { client, ..Browser::at(h, turn) }
}

fn keys(finished: &Finished) -> &str {
    finished.device.as_ref().expect("keys to keep").expose()
}

impl House {
    async fn manage(&self, owner: IdentityId, device: DeviceId, managed: Managed) {
        let may = self.system(ManageDevice { device, owner });
        self.signin.manage_device(&may, managed, None).await.unwrap();
    }

    fn ask<A: Act>(&self, session: &LiveSession, act: A) -> Result<Allowed<A>, Denied> {
        let actor: Actor = session.actor(network());
        authorize(&*self.engine, &actor, act, &Context::default())
    }

    async fn policy(&self, name: &str, text: &str) {
        let now = self.env.now();
        let policy = Policy {
            id: PolicyId::new(&self.env.env()),
            name: doorward_core::Name::parse(name).unwrap(),
            description: String::new(),
            text: text.to_owned(),
            enabled: true,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let written = self.db.write(move |c| {
            policy_rows::insert(c, &policy)?;
            change::bump(c, "policy", "added", now)
        });
        written.await.unwrap();
    }

    /// The session as a request with these keys has it.
    async fn seen(&self, finished: &Finished, keys: Option<&str>) -> LiveSession {
        let found = self.signin.authenticate(finished.token.expose(), keys, &network()).await;
        found.unwrap().expect("a live session").0
    }

    async fn own_devices(&self, session: &LiveSession) -> Vec<Device> {
        let e = self.env.env();
        let cursors = doorward_store::cursor::Cursors::open(&self.db, &e).await.unwrap();
        let page = doorward_store::order::Wanted::first(doorward_store::order::Order::down(
            DeviceSort::LastSeenAt,
        ));
        self.signin.own_devices(&self.own(session), &cursors, &page).await.unwrap().items
    }
}

#[tokio::test]
async fn a_browser_is_known_again_by_its_key() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let first = &ada.finished;
        let again = sign_in(&h, "ada", &ada.seed, Some(keys(first))).await;
        assert_eq!(keys(&again), keys(first), "it keeps its key");
        assert_eq!(again.session.device, first.session.device);
        let other = sign_in(&h, "ada", &ada.seed, None).await;
        assert_ne!(other.session.device, first.session.device);
        let mine = h.own_devices(&first.session).await;
        let order: Vec<_> = mine.iter().map(|d| Some(d.id)).collect();
        assert_eq!(order, [other.session.device, again.session.device], "the last used first");
        assert!(mine.iter().all(|d| !d.managed && d.identity == ada.id));
        assert_eq!(h.events("device.registered").await, 2);
        let kept = h.db.read(|c| {
            c.value::<Vec<u8>>("SELECT token_hash FROM device LIMIT 1", doorward_store::args![])
        });
        let kept = kept.await.unwrap().unwrap();
        assert_ne!(kept, keys(first).as_bytes(), "a hash, not the key");
        assert_eq!(kept.len(), 32);
    })
    .await;
}

/// abuse case A30: a session that is carried to another machine is not on its device
/// there, whoever has its bearer value.
#[tokio::test]
async fn a_session_is_on_its_device_only_where_the_key_is_shown() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let here = ada.finished.session.device;
        assert!(here.is_some());
        assert_eq!(h.seen(&ada.finished, Some(keys(&ada.finished))).await.device, here);
        let elsewhere = sign_in(&h, "ada", &ada.seed, None).await;
        for shown in [None, Some(""), Some("short"), Some("a.b.c"), Some(keys(&elsewhere))] {
            assert_eq!(h.seen(&ada.finished, shown).await.device, None, "{shown:?}");
        }
        // A key whose bits are others is nobody's.
        let mut guessed = keys(&ada.finished).to_owned().into_bytes();
        guessed[0] = if guessed[0] == b'A' { b'B' } else { b'A' };
        let guessed = String::from_utf8(guessed).unwrap();
        assert_eq!(h.seen(&ada.finished, Some(&guessed)).await.device, None);
    })
    .await;
}

/// A key that nobody was given is not adopted: whoever planted it has it too.
#[tokio::test]
async fn a_planted_key_is_replaced() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for text in [planted.to_owned(), String::new(), "short".to_owned(), "x.".repeat(10_000)] {
            let made = sign_in(&h, "ada", &ada.seed, Some(&text)).await;
            assert_eq!(keys(&made).len(), 43, "one key, a fresh one");
            assert_ne!(keys(&made), text);
        }
        // Nor one that somebody else was given: hers is another, and his stays his.
        let eve = h.enrolled("eve").await;
        let both = sign_in(&h, "ada", &ada.seed, Some(keys(&eve.finished))).await;
        let (hers, his) = keys(&both).split_once('.').expect("two keys");
        assert_eq!(his, keys(&eve.finished));
        assert_ne!(hers, his);
        assert_ne!(both.session.device, eve.finished.session.device);
        assert_eq!(h.seen(&both, Some(his)).await.device, None, "his key is not hers");
        // They share the browser from now on, each with a device of their own.
        let shared = sign_in(&h, "eve", &eve.seed, Some(keys(&both))).await;
        assert_eq!(shared.session.device, eve.finished.session.device);
        assert_eq!(keys(&shared), format!("{his}.{hers}"));
        assert_eq!(h.seen(&both, Some(keys(&shared))).await.device, both.session.device);
    })
    .await;
}

const MANAGED: &str = r#"permit (principal, action == Doorward::Action::"status:read", resource)
  when { context.managed_device };"#;

/// A denial says that a managed device would help; an administrator's word makes it
/// one, for its owner alone; taking it back takes effect at once.
#[tokio::test]
async fn a_managed_device_is_an_administrators_word_about_one_device_of_one_person() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let eve = h.enrolled("eve").await;
        h.policy("managed", MANAGED).await;
        let session = &ada.finished.session;
        let device = session.device.unwrap();
        let denied = h.ask(session, ReadStatus {}).unwrap_err();
        assert_eq!(denied.requirements, [Requirement::ManagedDevice]);
        h.manage(ada.id, device, Managed::Yes).await;
        assert!(h.ask(session, ReadStatus {}).is_ok());
        let other = sign_in(&h, "ada", &ada.seed, None).await;
        assert!(h.ask(&other.session, ReadStatus {}).is_err(), "another browser of hers");
        let borrowed = LiveSession { device: Some(device), ..eve.finished.session.clone() };
        assert!(h.ask(&borrowed, ReadStatus {}).is_err(), "her device in somebody else's hands");
        let may = h.system(ManageDevice { device, owner: eve.id });
        let foreign = h.signin.manage_device(&may, Managed::Yes, None).await;
        assert!(matches!(foreign, Err(SignInError::NotFound(_))), "{foreign:?}");
        let may = h.system(ManageDevice { device, owner: ada.id });
        let stale = h.signin.manage_device(&may, Managed::No, Some(1)).await;
        assert!(matches!(stale, Err(SignInError::Conflict)), "{stale:?}");
        h.manage(ada.id, device, Managed::No).await;
        assert!(h.ask(session, ReadStatus {}).is_err());
        h.manage(ada.id, device, Managed::Yes).await;
        h.disable(ada.id).await;
        assert!(h.ask(session, ReadStatus {}).is_err(), "its owner is disabled");
        assert_eq!(h.events("device.managed").await, 2);
        assert_eq!(h.events("device.unmanaged").await, 1);
    })
    .await;
}

/// A device that is forgotten ends what is signed in with it, and nothing else.
#[tokio::test]
async fn a_forgotten_device_takes_its_sessions_with_it() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let eve = h.enrolled("eve").await;
        h.policy("managed", MANAGED).await;
        let lost = &ada.finished;
        let device = lost.session.device.unwrap();
        h.manage(ada.id, device, Managed::Yes).await;
        let here = sign_in(&h, "ada", &ada.seed, None).await;
        let foreign = h.signin.forget_own_device(&h.own(&eve.finished.session), device).await;
        assert!(matches!(foreign, Err(SignInError::NotFound(_))), "{foreign:?}");
        h.signin.forget_own_device(&h.own(&here.session), device).await.unwrap();
        let bearer = lost.token.expose();
        let gone = h.signin.authenticate(bearer, Some(keys(lost)), &network()).await.unwrap();
        assert!(gone.is_none(), "the lost browser is signed out");
        assert!(h.ask(&lost.session, ReadStatus {}).is_err(), "and not managed");
        h.seen(&here, None).await;
        h.seen(&eve.finished, None).await;
        let again = h.signin.forget_own_device(&h.own(&here.session), device).await;
        assert!(matches!(again, Err(SignInError::NotFound(_))));
        // Its key is worth nothing any more: the browser is a new one.
        let back = sign_in(&h, "ada", &ada.seed, Some(keys(lost))).await;
        assert_ne!(keys(&back), keys(lost));
        assert_ne!(back.session.device, Some(device));
        assert_eq!(h.events("device.forgotten").await, 1);
    })
    .await;
}

/// Where signing in itself needs a managed device, the browser that has its key gets in
/// and no other; and whoever takes the mark away ends the session.
#[tokio::test]
async fn signing_in_may_need_a_managed_device() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let device = ada.finished.session.device.unwrap();
        h.manage(ada.id, device, Managed::Yes).await;
        h.policy(
            "sign-in-managed",
            r#"forbid (principal, action == Doorward::Action::"sign-in", resource)
               unless { context.managed_device };"#,
        )
        .await;
        let inside = sign_in(&h, "ada", &ada.seed, Some(keys(&ada.finished))).await;
        h.seen(&inside, Some(keys(&inside))).await;
        let carried = h.signin.authenticate(inside.token.expose(), None, &network()).await.unwrap();
        assert!(carried.is_none(), "the bearer value alone");
        let mut b = with(&h, None).await;
        b.answer(&[("name", "ada")]).await;
        b.answer(&[("password", PASSWORD)]).await;
        b.answer(&[("code", &h.code(&ada.seed))]).await;
        assert_eq!(b.prompt.step, "name", "not let in: {:?}", b.prompt);
        h.manage(ada.id, device, Managed::No).await;
        h.until_revoked(inside.session.id).await;
    })
    .await;
}

/// A command line is a device of its own, known again at its next sign-in; a browser's
/// key is none of a command line's.
#[tokio::test]
async fn a_command_line_is_a_device() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let login = async |keys: Option<&str>| {
            let details =
                Details { client: "doorward on laptop-7".to_owned(), ..Details::default() };
            let started = h.signin.start_confirmation(ConfirmationPurpose::Device, details, None);
            let started = started.await.unwrap();
            h.signin.confirm(&ada.finished.session, started.id, &network()).await.unwrap();
            let client =
                Client { kind: SessionKind::Cli, device: keys.map(str::to_owned), ..client() };
            match h.signin.poll_confirmation(started.token.expose(), &client).await.unwrap() {
                Polled::Confirmed(yes) => yes.session.expect("a session"),
                other => panic!("confirmed, not {other:?}"),
            }
        };
        let first = login(None).await;
        let again = login(Some(first.device.expose())).await;
        assert_eq!(again.session.device, first.session.device);
        assert_eq!(again.device.expose(), first.device.expose());
        let borrowed = login(Some(keys(&ada.finished))).await;
        assert_ne!(borrowed.session.device, ada.finished.session.device);
        let mine = h.own_devices(&ada.finished.session).await;
        let cli = mine.iter().find(|d| Some(d.id) == first.session.device).unwrap();
        assert_eq!((cli.kind, cli.label.as_str()), (SessionKind::Cli, "doorward on laptop-7"));
    })
    .await;
}

/// What waits elsewhere counts as on the device that it was confirmed on only from the
/// same address: a stranger's connection stays a stranger's.
#[tokio::test]
async fn a_confirmation_lends_the_device_only_at_the_same_address() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let device = ada.finished.session.device;
        let far = Network { address: Some("198.51.100.9".parse().unwrap()) };
        for (ssh, browser, on_device, lent) in [
            (network(), network(), true, true),
            (far.clone(), network(), true, false),
            (Network::default(), network(), true, false),
            (Network::default(), Network::default(), true, false),
            (network(), network(), false, false),
        ] {
            let details = Details { address: ssh.address, ..Details::default() };
            let started = h.signin.start_confirmation(ConfirmationPurpose::Ssh, details, None);
            let started = started.await.unwrap();
            let shown = on_device.then(|| keys(&ada.finished));
            let by = h.seen(&ada.finished, shown).await;
            h.signin.confirm(&by, started.id, &browser).await.unwrap();
            let said = h.signin.wait_confirmation(started.token.expose(), &client()).await.unwrap();
            let Polled::Confirmed(yes) = said else { panic!("confirmed, not {said:?}") };
            assert_eq!(yes.device, device.filter(|_| lent), "{ssh:?} {browser:?} {on_device}");
        }
    })
    .await;
}

/// Devices that nobody vouches for and nobody uses do not pile up.
#[tokio::test]
async fn unused_devices_are_forgotten_and_managed_ones_are_not() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let kept = ada.finished.session.device.unwrap();
        let other = sign_in(&h, "ada", &ada.seed, None).await.session.device.unwrap();
        h.manage(ada.id, kept, Managed::Yes).await;
        let later = h.env.now() + std::time::Duration::from_secs(1);
        h.db.write(move |c| rows::sweep(c, later)).await.unwrap();
        let found = h.db.read(move |c| {
            Ok::<_, doorward_store::Error>((rows::find(c, kept)?, rows::find(c, other)?))
        });
        let (kept, other) = found.await.unwrap();
        assert!(kept.is_some() && other.is_none());
    })
    .await;
}
