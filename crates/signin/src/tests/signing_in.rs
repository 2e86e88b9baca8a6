use std::time::Duration;

use doorward_core::{Assurance, FactorClass, Proof, Requirement};

use super::house::*;
use crate::*;

#[tokio::test]
async fn password_and_app_open_a_session_at_aal2() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let done = h.sign_in("Ada@Example.org ", &ada.seed).await;
        assert_eq!(done.session.identity, ada.id);
        assert_eq!(Assurance::of(&done.session.proofs), Assurance::Aal2);
        let found = h.signin.authenticate(done.token.expose(), None, &network()).await.unwrap();
        assert_eq!(found.unwrap().0.id, done.session.id);
        assert_eq!(h.events("session.opened").await, 2);
    })
    .await;
}

/// abuse case 12: a wrong password for the administrator, then another's right
/// one, must not sign in the administrator.
#[tokio::test]
async fn another_name_takes_every_proof_away() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let eve = h.enrolled("eve").await;
        h.next_window();
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", "eve")]).await;
        b.answer(&[("password", PASSWORD)]).await;
        assert_eq!(b.prompt.step, "totp");
        // Eve's password is proven; now she says that she is Ada.
        b.answer(&[("name", "ada"), ("code", &h.code(&eve.seed))]).await;
        assert_eq!(b.prompt.step, "password");
        assert_eq!(b.prompt.name.as_deref(), Some("ada"));
        b.answer(&[("password", "wrong wrong wrong")]).await;
        assert_eq!(b.prompt.step, "password");
        // And back: her own password must be given again.
        b.answer(&[("name", "eve"), ("password", PASSWORD)]).await;
        assert_eq!(b.prompt.step, "password");
        b.answer(&[("password", PASSWORD)]).await;
        let done = b.finish(&[("code", &h.code(&eve.seed))]).await;
        assert_eq!(done.session.identity, eve.id);
        assert_ne!(done.session.identity, ada.id);
    })
    .await;
}

/// abuse case 19: a token that was planted before is worth nothing after.
#[tokio::test]
async fn every_step_has_a_new_token_and_the_old_one_is_dead() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        h.next_window();
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", "ada")]).await;
        b.answer(&[("password", "wrong wrong wrong")]).await;
        b.answer(&[("password", PASSWORD)]).await;
        let done = b.finish(&[("code", &h.code(&ada.seed))]).await;
        let mut all = b.tokens.clone();
        all.push(done.token.expose().to_owned());
        let mut distinct = all.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len());
        for old in &b.tokens {
            let again = h.signin.answer(old, &Answer::new(), &client()).await;
            assert!(matches!(again, Err(SignInError::Over)), "{again:?}");
            assert!(h.signin.authenticate(old, None, &network()).await.unwrap().is_none());
        }
    })
    .await;
}

/// abuse case 20: an empty or malformed post never skips a step.
#[tokio::test]
async fn empty_and_foreign_answers_stay_where_they_are() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        h.next_window();
        let junk: [&[(&str, &str)]; 8] = [
            &[],
            &[("password", "")],
            &[("code", "")],
            &[("passkey", "{}")],
            &[("passkey", "not json")],
            &[("use", "recovery-by-mail")],
            &[("use", "ssh-key")],
            &[("step", "done"), ("identity", "1"), ("aal", "2")],
        ];
        let mut b = Browser::open(&h).await;
        for answer in junk {
            b.answer(answer).await;
            assert_eq!(b.prompt.step, "name", "{answer:?}");
            assert!(b.prompt.error.is_some(), "{answer:?}");
        }
        b.answer(&[("name", "ada")]).await;
        for answer in junk {
            b.answer(answer).await;
            assert_eq!(b.prompt.step, "password", "{answer:?}");
            assert!(b.prompt.error.is_some(), "{answer:?}");
        }
        b.answer(&[("password", PASSWORD)]).await;
        for answer in junk {
            b.answer(answer).await;
            assert_eq!(b.prompt.step, "totp", "{answer:?}");
            assert!(b.prompt.error.is_some(), "{answer:?}");
        }
        b.finish(&[("code", &h.code(&ada.seed))]).await;
    })
    .await;
}

/// abuse case 26: assurance comes from proofs, wherever somebody states a level.
#[tokio::test]
async fn one_factor_is_never_two() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let password = Proof {
            factor: "password".to_owned(),
            class: FactorClass::Knowledge,
            phishing_resistant: false,
            at: h.env.now(),
        };
        let twice = vec![password.clone(), password];
        assert_eq!(Assurance::of(&twice), Assurance::Aal1);
        assert!(h.signin.0.may_sign_in(ada.id, &twice, &network(), None).is_err());
        // Two possessions are no two factors either.
        let possession = |factor: &str| Proof {
            factor: factor.to_owned(),
            class: FactorClass::Possession,
            phishing_resistant: false,
            at: h.env.now(),
        };
        let two = vec![possession("totp"), possession("recovery")];
        assert!(h.signin.0.may_sign_in(ada.id, &two, &network(), None).is_err());
    })
    .await;
}

/// abuse case 33: whoever is disabled signs in nowhere, also half-way through.
#[tokio::test]
async fn disabled_person_is_refused_at_the_last_step_too() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        h.next_window();
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", "ada")]).await;
        b.answer(&[("password", PASSWORD)]).await;
        h.disable(ada.id).await;
        b.answer(&[("code", &h.code(&ada.seed))]).await;
        assert_eq!(b.prompt.step, "name");
        assert!(b.prompt.error.as_deref().unwrap().contains("cannot sign in"));
        assert_eq!(h.events("sign-in.refused").await, 1);
        h.next_window();
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", "ada")]).await;
        b.answer(&[("password", PASSWORD)]).await;
        assert_eq!(b.prompt.step, "name");
        assert_eq!(h.events("session.opened").await, 1, "the one of the enrolment");
    })
    .await;
}

#[tokio::test]
async fn recovery_code_replaces_the_app_once_and_is_told() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        assert_eq!(ada.codes.len(), 10);
        let code = ada.codes[3].to_uppercase().replace('-', " ");
        for round in 0..2 {
            let mut b = Browser::open(&h).await;
            b.answer(&[("name", "ada")]).await;
            b.answer(&[("password", PASSWORD)]).await;
            b.answer(&[("use", "recovery")]).await;
            assert_eq!(b.prompt.step, "recovery");
            if round == 0 {
                b.finish(&[("code", &code)]).await;
            } else {
                b.answer(&[("code", &code)]).await;
                assert!(b.prompt.error.is_some());
            }
        }
        assert_eq!(h.events("recovery-code.used").await, 1);
        let told = h.told.0.lock().unwrap();
        assert!(told.iter().any(|n| n.activity == "recovery-code.used" && n.identity == ada.id));
        assert!(told.iter().all(|n| !n.text.contains(&ada.codes[3])));
    })
    .await;
}

#[tokio::test]
async fn step_up_adds_a_fresh_proof_and_another_token() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let before = h.sign_in("ada", &ada.seed).await;
        h.env.advance(Duration::from_secs(600));
        let turn =
            h.signin.begin_step_up(&before.session, &Requirement::StepUp, &client(), "/x").await;
        let mut b = Browser::at(&h, turn.unwrap());
        assert_eq!(b.prompt.step, "totp");
        let done = b.finish(&[("code", &h.code(&ada.seed))]).await;
        assert_eq!((done.session.id, done.carry.as_str()), (before.session.id, "/x"));
        let age = done.session.actor(network()).proof_age(h.env.now()).unwrap();
        assert!(age < Duration::from_secs(1));
        let old = h.signin.authenticate(before.token.expose(), None, &network()).await.unwrap();
        assert!(old.is_none(), "the token before is dead");
        assert!(
            h.signin.authenticate(done.token.expose(), None, &network()).await.unwrap().is_some()
        );
    })
    .await;
}

#[tokio::test]
async fn step_up_that_must_resist_phishing_is_not_done_with_a_code() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let resist = Requirement::PhishingResistant;
        let turn = h.signin.begin_step_up(&ada.finished.session, &resist, &client(), "").await;
        assert!(matches!(turn, Err(SignInError::Needed(_))), "{turn:?}");
    })
    .await;
}

/// abuse case F4: the code that signed in cannot confirm a step-up.
#[tokio::test]
async fn code_of_the_sign_in_confirms_no_step_up() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let done = h.sign_in("ada", &ada.seed).await;
        let turn = h.signin.begin_step_up(&done.session, &Requirement::StepUp, &client(), "").await;
        let mut b = Browser::at(&h, turn.unwrap());
        b.answer(&[("code", &h.code(&ada.seed))]).await;
        assert!(b.prompt.error.is_some());
    })
    .await;
}

/// abuse case 25: names and passwords of any size cost no more than others.
#[tokio::test]
async fn huge_names_and_passwords_are_simply_wrong() {
    each_house(|h| async move {
        h.enrolled("ada").await;
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", &"a".repeat(10_000))]).await;
        assert_eq!(b.prompt.step, "password");
        b.answer(&[("password", PASSWORD)]).await;
        assert_eq!(b.prompt.step, "password");
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", "ada")]).await;
        // Nothing is cut off: what begins with the password is not the password.
        let long = format!("{PASSWORD}{}", "x".repeat(100));
        b.answer(&[("password", &long)]).await;
        assert_eq!(b.prompt.step, "password");
        b.answer(&[("password", &"x".repeat(100_000))]).await;
        assert_eq!(b.prompt.step, "password");
    })
    .await;
}

#[tokio::test]
async fn password_alone_never_enrols_a_second_factor() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let may = h.system(doorward_core::ManageAuthenticators { identity: ada.id });
        for a in h.signin.authenticators_of(&may).await.unwrap() {
            if a.factor != "password" {
                h.signin.remove_authenticator_of(&may, a.id).await.unwrap();
            }
        }
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", "ada")]).await;
        b.answer(&[("password", PASSWORD)]).await;
        assert_eq!(b.prompt.step, "name");
        assert!(b.prompt.error.as_deref().unwrap().contains("second factor"));
    })
    .await;
}

/// abuse case 20: whatever is posted at whatever stage, nothing but the right
/// answers in the right order open a session.
#[tokio::test]
async fn random_answers_never_open_a_session() {
    each_house(|h| async move {
        h.enrolled("ada").await;
        let env = h.env.env();
        let pick = |items: &[&'static str]| {
            let [byte] = env.bytes::<1>();
            items[usize::from(byte) % items.len()]
        };
        let names =
            ["name", "password", "code", "passkey", "use", "new_password", "saved", "label"];
        let values = [
            "",
            "ada",
            "eve",
            PASSWORD,
            "000000",
            "yes",
            "totp",
            "passkey",
            "password",
            "recovery",
            "ssh-key",
            "{}",
            "null",
            "[]",
            "{\"id\":\"\",\"rawId\":\"\",\"type\":\"public-key\"}",
        ];
        let mut b = Browser::open(&h).await;
        for round in 0..300 {
            let fields: Vec<(&str, &str)> =
                (0..round % 4).map(|_| (pick(&names), pick(&values))).collect();
            match b.try_answer(&fields).await {
                Ok(None) => {}
                Ok(Some(done)) => panic!("{fields:?} led to {done:?}"),
                Err(e) => panic!("{fields:?}: {e}"),
            }
            h.env.advance(Duration::from_secs(2));
            if round % 40 == 0 {
                b = Browser::open(&h).await;
            }
        }
        assert_eq!(h.events("session.opened").await, 1, "the one of the enrolment");
    })
    .await;
}
