//! abuse case A19: a clock that is set back revives nothing and lengthens nothing.

use std::time::Duration;

use super::house::*;
use crate::*;

const HOUR: Duration = Duration::from_secs(3600);

fn set_back(h: &House) {
    h.env.set(h.env.wall() - HOUR);
}

#[tokio::test]
async fn ended_sessions_stay_ended_when_the_clock_is_set_back() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let token = ada.finished.token.expose();
        h.env.advance(Duration::from_secs(31 * 60));
        set_back(&h);
        assert!(h.signin.authenticate(token, None, &network()).await.unwrap().is_none(), "idle");
        h.env.advance(HOUR);
        let second = h.sign_in("ada", &ada.seed).await;
        for _ in 0..36 {
            h.env.advance(Duration::from_secs(20 * 60));
            let _ = h.signin.authenticate(second.token.expose(), None, &network()).await.unwrap();
        }
        set_back(&h);
        let found = h.signin.authenticate(second.token.expose(), None, &network()).await.unwrap();
        assert!(found.is_none(), "twelve hours");
    })
    .await;
}

#[tokio::test]
async fn clock_set_back_gives_a_session_no_second_hour() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let token = ada.finished.token.expose();
        set_back(&h);
        h.env.advance(Duration::from_secs(30 * 60));
        assert!(h.signin.authenticate(token, None, &network()).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn ended_links_and_confirmations_stay_ended() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let link = h.link(ada.id).await;
        let details = Details::default();
        let asked = h.signin.start_confirmation(ConfirmationPurpose::Device, details, None);
        let asked = asked.await.unwrap();
        h.env.advance(24 * HOUR);
        set_back(&h);
        let begun = h.signin.begin_link(link.token().expose(), &client()).await;
        assert!(matches!(begun, Err(SignInError::Link)), "{begun:?}");
        let fresh = h.sign_in("ada", &ada.seed).await;
        let found = h.signin.find_confirmation(&fresh.session, &asked.user_code, &network()).await;
        assert!(found.is_err());
    })
    .await;
}

/// People whose phones are right sign in while the server's clock is wrong, and with
/// each code once.
#[tokio::test]
async fn codes_follow_the_clock_and_work_once() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        h.env.advance(HOUR);
        h.sign_in("ada", &ada.seed).await;
        let used = h.code(&ada.seed);
        set_back(&h);
        for _ in 0..2 {
            let mut b = Browser::open(&h).await;
            b.answer(&[("name", "ada")]).await;
            b.answer(&[("password", PASSWORD)]).await;
            // The step that the clock shows now was passed an hour ago.
            b.answer(&[("code", &h.code(&ada.seed))]).await;
            assert_eq!(b.prompt.step, "totp");
            b.answer(&[("code", &used)]).await;
            assert_eq!(b.prompt.step, "totp");
        }
        h.env.advance(HOUR);
        h.sign_in("ada", &ada.seed).await;
    })
    .await;
}
