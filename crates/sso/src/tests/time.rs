//! A clock that is set back revives no token and lengthens none.

use std::time::Duration;

use doorward_store::testing::{each_database, postgres, sqlite};

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

impl House {
    fn set_back(&self) {
        self.env.set(self.env.wall() - HOUR);
    }
}

/// abuse case A19: what has ended stays ended, whatever the clock shows.
#[tokio::test]
async fn ended_codes_and_tokens_stay_ended_when_the_clock_is_set_back() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let late = house.code(&rp).await;
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        house.env.advance(Duration::from_secs(300));
        house.set_back();
        assert!(!active(&house, &rp, &got.access_token).await);
        assert!(token(&house, &rp.redeem(&late)).await.is_err());
        let refresh = got.refresh_token.unwrap();
        assert!(active(&house, &rp, &refresh).await, "its eight hours are not over");
        house.env.advance(8 * HOUR);
        house.set_back();
        assert!(!active(&house, &rp, &refresh).await);
        assert!(token(&house, &rp.refresh(&refresh)).await.is_err());
    })
    .await;
}

/// abuse case A19: an hour that the clock shows twice passes twice.
#[tokio::test]
async fn clock_set_back_lengthens_no_token() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let code = house.code(&rp).await;
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        house.set_back();
        house.env.advance(Duration::from_secs(60));
        assert!(token(&house, &rp.redeem(&code)).await.is_err(), "a code lives 60 s");
        house.env.advance(Duration::from_secs(239));
        assert!(active(&house, &rp, &got.access_token).await);
        house.env.advance(Duration::from_secs(1));
        assert!(!active(&house, &rp, &got.access_token).await, "an access token lives 5 min");
        // What is given out meanwhile lives as long as ever, by the clock that its
        // readers have.
        let next = token(&house, &rp.refresh(&got.refresh_token.unwrap())).await.unwrap();
        let claims = house.oidc.verify(TokenKind::Access, &next.access_token).unwrap();
        assert_eq!(claims["iat"], house.env.wall().secs());
        assert_eq!(claims["exp"], house.env.wall().secs() + 300);
        house.env.advance(Duration::from_secs(299));
        assert!(active(&house, &rp, &next.access_token).await);
        house.env.advance(Duration::from_secs(1));
        assert!(!active(&house, &rp, &next.access_token).await);
    })
    .await;
}

/// abuse case A19: a house that is started again with its clock set back knows how
/// far time had come.
#[tokio::test]
async fn restart_with_a_clock_that_was_set_back_revives_nothing() {
    for postgresql in [false, true] {
        let env = TestEnv::default();
        let kept = if postgresql { postgres(&env.env()).await } else { sqlite(&env.env()).await };
        let house = House::new(kept.db.clone(), env).await;
        let rp = house.rp("rp").await;
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        house.env.advance(Duration::from_secs(300));
        house.watch.tick().await;
        house.set_back();
        let restarted = house.env.restarted();
        let node = house.node(&kept.config, &restarted).await;
        let answer = node.oidc.introspect(&rp.about(&got.access_token), None).await.unwrap();
        assert_eq!(answer, json!({ "active": false }));
        assert_eq!(restarted.env().set_back(), Some(HOUR));
        restarted.advance(8 * HOUR);
        let refresh = rp.refresh(&got.refresh_token.unwrap());
        assert!(node.oidc.token(&refresh, None, &Network::default()).await.is_err());
    }
}
