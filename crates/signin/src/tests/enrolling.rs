use std::time::Duration;

use doorward_core::{Assurance, Context, ManageAuthenticators, ManageOwn, authorize};

use super::house::*;
use crate::*;

#[tokio::test]
async fn link_leads_through_password_app_and_codes_to_the_first_session() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        assert_eq!(Assurance::of(&ada.finished.session.proofs), Assurance::Aal2);
        let found = h.signin.authenticators(&h.own(&ada.finished.session)).await.unwrap();
        let count = |f: &str| found.iter().filter(|a| a.factor == f).count();
        assert_eq!((count("password"), count("totp"), count("recovery")), (1, 1, 10));
        assert_eq!(h.events("authenticator.enrolled").await, 3);
        assert_eq!(h.events("link.used").await, 1);
        assert_eq!(h.told.0.lock().unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn link_works_once_and_looking_at_it_uses_nothing_up() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let link = h.link(ada.id).await;
        let token = link.token().expose().to_owned();
        for _ in 0..3 {
            h.signin.begin_link(&token, &client()).await.unwrap();
        }
        // Two browsers go the whole way; the second to finish gets nothing.
        let mut both = Vec::new();
        for _ in 0..2 {
            let turn = h.signin.begin_link(&token, &client()).await.unwrap();
            let mut b = Browser::at(&h, turn);
            b.answer(&[("new_password", PASSWORD)]).await;
            b.answer(&[("use", "totp")]).await;
            let seed = b.seed();
            b.answer(&[("code", &h.code(&seed))]).await;
            both.push(b);
        }
        both[0].finish(&[("saved", "yes")]).await;
        let late = both[1].try_answer(&[("saved", "yes")]).await;
        assert!(matches!(late, Err(SignInError::Link)), "{late:?}");
        let again = h.signin.begin_link(&token, &client()).await;
        assert!(matches!(again, Err(SignInError::Link)), "{again:?}");
        assert_eq!(h.events("session.opened").await, 1);
    })
    .await;
}

/// abuse case 21: a reset cannot be guessed: 256 random bits, a day, one use; and
/// abuse case 36: no prefix or altered form of a value is the value.
#[tokio::test]
async fn altered_truncated_and_late_links_are_refused() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let link = h.link(ada.id).await;
        let token = link.token().expose().to_owned();
        assert_eq!(token.len(), 43);
        for n in 0..token.len() {
            assert!(h.signin.begin_link(&token[..n], &client()).await.is_err());
            let mut altered = token.clone().into_bytes();
            altered[n] = if altered[n] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(h.signin.begin_link(&altered, &client()).await.is_err(), "{n}");
        }
        assert!(h.signin.begin_link(&format!("{token}="), &client()).await.is_err());
        h.env.advance(Duration::from_secs(24 * 3600));
        assert!(h.signin.begin_link(&token, &client()).await.is_err());
    })
    .await;
}

/// abuse case 22: links are built from the configured origin and nothing else.
#[tokio::test]
async fn links_are_built_from_the_configured_origin() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let link = h.link(ada.id).await;
        assert_eq!(link.url(), format!("{ORIGIN}/enrol/{}", link.token().expose()));
        for origin in ["https://door.example.org/", "door.example.org", "https://a@b.org", ""] {
            let config = SignInConfig::new(origin);
            let made = SignIn::new(
                &h.db,
                &h.env.env(),
                &h.signin.0.vault,
                h.engine.clone(),
                h.told.clone(),
                config,
            );
            assert!(made.is_err(), "{origin:?}");
        }
    })
    .await;
}

/// abuse case 23: what a link or a seed is worth is in no record.
#[tokio::test]
async fn no_bearer_value_reaches_the_record() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let link = h.link(ada.id).await;
        let done = h.sign_in("ada", &ada.seed).await;
        let seed = data_encoding::BASE32_NOPAD.encode(&ada.seed);
        let mut canaries = vec![
            PASSWORD.to_owned(),
            seed,
            link.token().expose().to_owned(),
            done.token.expose().to_owned(),
        ];
        canaries.extend(ada.codes.clone());
        let bodies: Vec<String> =
            h.db.read(|c| {
                c.all_with("SELECT body FROM event", doorward_store::args![], |r| r.get("body"))
            })
            .await
            .unwrap();
        assert!(bodies.len() > 5);
        for canary in canaries {
            assert!(bodies.iter().all(|b| !b.contains(&canary)), "{canary}");
        }
    })
    .await;
}

#[tokio::test]
async fn reset_takes_everything_old_away() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let allowed = h.system(ManageAuthenticators { identity: ada.id });
        let link = h.signin.create_link(&allowed, LinkPurpose::Reset).await.unwrap();
        let heard = h.told.0.lock().unwrap().iter().any(|n| n.activity == "link.created");
        assert!(heard, "its owner hears of it at once");
        // Until it is used, everything is as it was.
        assert!(
            h.signin
                .authenticate(ada.finished.token.expose(), None, &network())
                .await
                .unwrap()
                .is_some()
        );
        let turn = h.signin.begin_link(link.token().expose(), &client()).await.unwrap();
        let mut b = Browser::at(&h, turn);
        b.answer(&[("new_password", "another badger teapot")]).await;
        b.answer(&[("use", "totp")]).await;
        let seed = b.seed();
        b.answer(&[("code", &h.code(&seed))]).await;
        b.finish(&[("saved", "yes")]).await;
        let old =
            h.signin.authenticate(ada.finished.token.expose(), None, &network()).await.unwrap();
        assert!(old.is_none(), "sessions opened by the old ones are over");
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", "ada")]).await;
        b.answer(&[("password", PASSWORD)]).await;
        assert!(b.prompt.error.is_some(), "the old password");
        // The seed was set anew, so the counter begins anew (abuse case F4).
        h.next_window();
        b.answer(&[("password", "another badger teapot")]).await;
        b.finish(&[("code", &h.code(&seed))]).await;
    })
    .await;
}

#[tokio::test]
async fn a_newer_link_kills_the_older_and_workloads_get_none() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let one = h.link(ada.id).await;
        let two = h.link(ada.id).await;
        assert!(h.signin.begin_link(one.token().expose(), &client()).await.is_err());
        assert!(h.signin.begin_link(two.token().expose(), &client()).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn mistyped_code_keeps_the_seed_and_the_box_must_be_ticked() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let link = h.link(ada.id).await;
        let turn = h.signin.begin_link(link.token().expose(), &client()).await.unwrap();
        let mut b = Browser::at(&h, turn);
        b.answer(&[("new_password", PASSWORD)]).await;
        b.answer(&[("use", "totp")]).await;
        let seed = b.seed();
        b.answer(&[("code", "000000")]).await;
        assert_eq!(b.seed(), seed);
        b.answer(&[("code", &h.code(&seed))]).await;
        let codes = b.codes();
        b.answer(&[]).await;
        assert_eq!(b.codes(), codes);
        b.finish(&[("saved", "yes")]).await;
    })
    .await;
}

#[tokio::test]
async fn changing_ones_own_authenticators_demands_a_fresh_second_factor() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let done = h.sign_in("ada", &ada.seed).await;
        h.env.advance(Duration::from_secs(16 * 60));
        let stale = h.own(&done.session);
        let add = h.signin.begin_add(&stale, &done.session, "recovery", &client(), "").await;
        assert!(matches!(add, Err(SignInError::Denied(_))), "{add:?}");
        let key = h.signin.add_ssh_key(&stale, "", KEY).await;
        assert!(matches!(key, Err(SignInError::Denied(_))), "{key:?}");
        let done = h.sign_in("ada", &ada.seed).await;
        let own = h.own(&done.session);
        let add = h.signin.begin_add(&own, &done.session, "recovery", &client(), "/own").await;
        let mut b = Browser::at(&h, add.unwrap());
        let codes = b.codes();
        assert_ne!(codes, ada.codes);
        let changed = b.try_answer(&[("saved", "yes")]).await.unwrap();
        assert!(matches!(changed, Some(Turn::Changed { carry, .. }) if carry == "/own"));
        // Ten new ones; the old are gone.
        let found = h.signin.authenticators(&own).await.unwrap();
        assert_eq!(found.iter().filter(|a| a.factor == "recovery").count(), 10);
    })
    .await;
}

#[tokio::test]
async fn the_last_way_in_cannot_be_removed_by_oneself() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let own = h.own(&ada.finished.session);
        let found = h.signin.authenticators(&own).await.unwrap();
        for factor in ["totp", "password"] {
            let id = found.iter().find(|a| a.factor == factor).unwrap().id;
            let e = h.signin.remove_authenticator(&own, id).await;
            assert!(matches!(e, Err(SignInError::Needed(_))), "{factor}: {e:?}");
        }
        let code = found.iter().find(|a| a.factor == "recovery").unwrap().id;
        h.signin.remove_authenticator(&own, code).await.unwrap();
    })
    .await;
}

pub const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHU5dIvR9RJKvsjJ9bQvBkkXJ3wYqXoNjJ6oHkLcTLcJ ada@laptop";

#[tokio::test]
async fn ssh_keys_are_read_strictly_and_belong_to_one_person() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let eve = h.enrolled("eve").await;
        let own = h.own(&ada.finished.session);
        let key = h.signin.add_ssh_key(&own, "", KEY).await.unwrap();
        assert_eq!(key.label, "ada@laptop");
        let print = key.fingerprint.unwrap();
        assert!(print.starts_with("SHA256:"));
        let found = h.signin.identity_by_ssh_key(&print).await.unwrap().unwrap();
        assert_eq!(found, (ada.id, key.id));
        let actor = h.signin.ssh_key_proven(key.id, ada.id, &network()).await.unwrap();
        assert_eq!(actor.assurance(), Assurance::Aal1);
        let other = h.signin.ssh_key_proven(key.id, eve.id, &network()).await;
        assert!(other.is_err(), "another's key proves nobody else");
        let twice = h.signin.add_ssh_key(&h.own(&eve.finished.session), "", KEY).await;
        assert!(matches!(twice, Err(SignInError::Field { field: "key", .. })), "{twice:?}");
        let two_lines = format!("{KEY}\n{KEY}");
        let options = format!("command=\"id\" {KEY}");
        for bad in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            "ssh-dss AAAAB3NzaC1kc3MAAACBAP1",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            &two_lines,
            &options,
            &KEY[..60],
        ] {
            assert!(h.signin.add_ssh_key(&own, "", bad).await.is_err(), "{bad:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_manages_what_is_anothers() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let eve = h.enrolled("eve").await;
        let actor = eve.finished.session.actor(network());
        let of = ada.id;
        assert!(authorize(&*h.engine, &actor, ManageOwn { of }, &Context::default()).is_err());
        let hers = h.signin.authenticators(&h.own(&ada.finished.session)).await.unwrap();
        let e = h.signin.remove_authenticator(&h.own(&eve.finished.session), hers[11].id).await;
        assert!(matches!(e, Err(SignInError::NotFound(_))), "{e:?}");
    })
    .await;
}
