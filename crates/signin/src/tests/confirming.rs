use std::time::Duration;

use doorward_core::IdentityId;

use super::house::*;
use crate::*;

fn cli() -> Client {
    Client { kind: doorward_core::lifecycle::SessionKind::Cli, ..client() }
}

fn details() -> Details {
    Details {
        client: "doorward on laptop-7\u{1b}[2J".to_owned(),
        address: network().address,
        ..Details::default()
    }
}

async fn start(h: &House, purpose: ConfirmationPurpose, expected: Option<IdentityId>) -> Started {
    h.signin.start_confirmation(purpose, details(), expected).await.unwrap()
}

#[tokio::test]
async fn command_line_gets_a_session_of_its_own_after_a_yes() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let s = start(&h, ConfirmationPurpose::Device, None).await;
        let token = s.token.expose();
        assert!(matches!(h.signin.poll_confirmation(token, &cli()).await, Ok(Polled::Waiting)));
        assert!(matches!(h.signin.poll_confirmation(token, &cli()).await, Ok(Polled::SlowDown)));
        let by = &ada.finished.session;
        let typed = s.user_code.to_lowercase().replace('-', " ");
        let found = h.signin.find_confirmation(by, &typed, &network()).await.unwrap();
        assert_eq!(found.details.client, "doorward on laptop-7[2J");
        h.signin.confirm(by, found.id, &network()).await.unwrap();
        h.env.advance(Duration::from_secs(5));
        let Ok(Polled::Confirmed(yes)) = h.signin.poll_confirmation(token, &cli()).await else {
            panic!("confirmed");
        };
        assert_eq!(yes.identity, ada.id);
        let SignedIn { session, token: bearer, .. } = yes.session.unwrap();
        assert_eq!(session.kind, doorward_core::lifecycle::SessionKind::Cli);
        let found = h.signin.authenticate(bearer.expose(), None, &network()).await.unwrap();
        assert_eq!(found.unwrap().0.id, session.id);
        // abuse case 27: an answer is told once.
        h.env.advance(Duration::from_secs(5));
        assert!(matches!(h.signin.poll_confirmation(token, &cli()).await, Ok(Polled::Expired)));
    })
    .await;
}

#[tokio::test]
async fn waiting_connection_goes_on_as_soon_as_it_is_confirmed() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let s = start(&h, ConfirmationPurpose::Ssh, Some(ada.id)).await;
        let waiting = {
            let (signin, token) = (h.signin.clone(), s.token.expose().to_owned());
            tokio::spawn(async move { signin.wait_confirmation(&token, &client()).await })
        };
        let by = &ada.finished.session;
        h.signin.confirm(by, s.id, &network()).await.unwrap();
        let Polled::Confirmed(yes) = waiting.await.unwrap().unwrap() else { panic!("confirmed") };
        assert_eq!((yes.identity, yes.by), (ada.id, by.id));
        assert!(yes.session.is_none());
        assert_eq!(h.events("confirmation.confirmed").await, 1);
    })
    .await;
}

/// abuse case A32: nothing is confirmed that its own person did not confirm.
#[tokio::test]
async fn another_person_can_neither_see_nor_confirm_nor_refuse() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let eve = h.enrolled("eve").await;
        let s = start(&h, ConfirmationPurpose::Device, Some(ada.id)).await;
        let by = &eve.finished.session;
        assert!(h.signin.find_confirmation(by, &s.user_code, &network()).await.is_err());
        assert!(h.signin.confirm(by, s.id, &network()).await.is_err());
        assert!(h.signin.refuse(by, s.id, &network()).await.is_err());
        let stands = h.signin.poll_confirmation(s.token.expose(), &cli()).await;
        assert!(matches!(stands, Ok(Polled::Waiting)), "{stands:?}");
    })
    .await;
}

#[tokio::test]
async fn no_is_no_and_late_is_late() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let by = &ada.finished.session;
        let s = start(&h, ConfirmationPurpose::Ssh, Some(ada.id)).await;
        h.signin.refuse(by, s.id, &network()).await.unwrap();
        assert!(h.signin.confirm(by, s.id, &network()).await.is_err());
        let stands = h.signin.wait_confirmation(s.token.expose(), &client()).await;
        assert!(matches!(stands, Ok(Polled::Refused)));
        let s = start(&h, ConfirmationPurpose::Ssh, Some(ada.id)).await;
        h.env.advance(Duration::from_secs(600));
        assert!(h.signin.confirm(by, s.id, &network()).await.is_err());
        let stands = h.signin.wait_confirmation(s.token.expose(), &client()).await;
        assert!(matches!(stands, Ok(Polled::Expired)));
    })
    .await;
}

#[tokio::test]
async fn whoever_is_disabled_after_their_yes_confirms_nothing() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let s = start(&h, ConfirmationPurpose::Device, None).await;
        h.signin.confirm(&ada.finished.session, s.id, &network()).await.unwrap();
        h.disable(ada.id).await;
        let stands = h.signin.poll_confirmation(s.token.expose(), &cli()).await;
        assert!(matches!(stands, Ok(Polled::Refused)), "{stands:?}");
    })
    .await;
}

#[tokio::test]
async fn step_up_demands_a_proof_of_these_minutes() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        h.env.advance(Duration::from_secs(6 * 60));
        let s = start(&h, ConfirmationPurpose::StepUp, Some(ada.id)).await;
        let stale = h.signin.confirm(&ada.finished.session, s.id, &network()).await;
        assert!(matches!(stale, Err(SignInError::Denied(_))), "{stale:?}");
        let fresh = h.sign_in("ada", &ada.seed).await;
        h.signin.confirm(&fresh.session, s.id, &network()).await.unwrap();
        let resist = Details { phishing_resistant: true, ..details() };
        let s = h
            .signin
            .start_confirmation(ConfirmationPurpose::StepUp, resist, Some(ada.id))
            .await
            .unwrap();
        let code = h.signin.confirm(&fresh.session, s.id, &network()).await;
        assert!(matches!(code, Err(SignInError::Denied(_))), "{code:?}");
    })
    .await;
}

/// abuse case 21: codes that people type cannot be found by trying.
#[tokio::test]
async fn guessed_codes_are_counted_without_locking_the_sign_in() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let by = &ada.finished.session;
        let mut last = None;
        for _ in 0..8 {
            last = h.signin.find_confirmation(by, "BBBB-BBBB", &network()).await.err();
        }
        assert!(matches!(last, Some(SignInError::TooMany(_))), "{last:?}");
        for bad in ["", "AEIO-UAEI", "BCDF", "BCDF-GHJK-L", &"B".repeat(1_000)] {
            assert!(h.signin.find_confirmation(by, bad, &network()).await.is_err());
        }
        h.sign_in("ada", &ada.seed).await;
    })
    .await;
}

/// RFC 8628 section 5.1: how many codes wait at once is bounded, for each address.
#[tokio::test]
async fn one_address_begins_only_so_many_in_a_minute() {
    each_house(|h| async move {
        let mut begun = 0;
        // More than all may begin together: who is refused uses up nothing.
        for _ in 0..700 {
            let one = h.signin.start_confirmation(ConfirmationPurpose::Device, details(), None);
            begun += usize::from(one.await.is_ok());
        }
        assert_eq!(begun, 60);
        let other = Details { address: Some("198.51.100.9".parse().unwrap()), ..details() };
        h.signin.start_confirmation(ConfirmationPurpose::Device, other, None).await.unwrap();
        h.env.advance(Duration::from_secs(60));
        start(&h, ConfirmationPurpose::Device, None).await;
    })
    .await;
}

#[tokio::test]
async fn codes_are_of_the_alphabet_and_differ() {
    each_house(|h| async move {
        let mut codes = std::collections::HashSet::new();
        for _ in 0..50 {
            let s = start(&h, ConfirmationPurpose::Device, None).await;
            assert_eq!(s.user_code.len(), 9);
            let ok = |b: u8| b"BCDFGHJKLMNPQRSTVWXZ-".contains(&b);
            assert!(s.user_code.bytes().all(ok), "{}", s.user_code);
            assert!(codes.insert(s.user_code));
        }
    })
    .await;
}
