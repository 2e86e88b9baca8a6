//! Whatever ends a family of tokens, its application hears of it, once.

use std::time::Duration;

use doorward_core::{ManageOwn, WriteApplication};
use doorward_store::testing::each_database;

use super::*;

impl House {
    async fn tokens(&self, rp: &Rp) -> TokenResponse {
        token(self, &rp.redeem(&self.code(rp).await)).await.unwrap()
    }

    /// One logout token, for this client, this person and this session (OpenID
    /// Connect Back-Channel Logout 1.0 section 2.4).
    async fn one_logout(&self, rp: &Rp) {
        let told = self.news_of(1).await.remove(0);
        assert_eq!(told["aud"], rp.id.as_str());
        assert_eq!(told["sub"], self.eve.to_string().as_str());
        assert_eq!(told["sid"], self.session.id.to_string().as_str());
        assert_eq!(told["iss"], ORIGIN);
        let events = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
        assert_eq!(told["events"], events);
        assert!(told.get("nonce").is_none(), "ASVS 10.5.5: a logout token is no ID token");
        let life = told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap();
        assert!((1..=120).contains(&life));
    }

    fn own(&self) -> Allowed<ManageOwn> {
        let engine = &**self.watch.engine();
        let actor = self.session.actor(Network::default());
        core_authorize(engine, &actor, ManageOwn { of: self.eve }, &Context::default()).unwrap()
    }
}

#[tokio::test]
async fn replayed_code_tells_the_application() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let code = house.code(&rp).await;
        let got = token(&house, &rp.redeem(&code)).await.unwrap();
        assert_eq!(house.news().await, [] as [Value; 0]);
        for _ in 0..3 {
            assert!(token(&house, &rp.redeem(&code)).await.is_err());
        }
        assert!(!active(&house, &rp, &got.access_token).await);
        house.one_logout(&rp).await;
    })
    .await;
}

#[tokio::test]
async fn replayed_refresh_token_tells_the_application() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let old = house.tokens(&rp).await.refresh_token.unwrap();
        token(&house, &rp.refresh(&old)).await.unwrap();
        for _ in 0..3 {
            assert!(token(&house, &rp.refresh(&old)).await.is_err());
        }
        house.one_logout(&rp).await;
    })
    .await;
}

#[tokio::test]
async fn stolen_code_and_refresh_token_tell_their_owner_and_not_the_thief() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (rp, thief) = (house.rp("rp").await, house.rp("thief").await);
        let code = house.code(&rp).await;
        assert!(token(&house, &thief.redeem(&code)).await.is_err());
        house.one_logout(&rp).await;
    })
    .await;
}

#[tokio::test]
async fn revoked_refresh_token_tells_the_application_and_an_access_token_does_not() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let got = house.tokens(&rp).await;
        house.oidc.revoke(&rp.about(&got.access_token), None).await.unwrap();
        house.news_of(0).await;
        for _ in 0..2 {
            let refresh = got.refresh_token.as_deref().unwrap();
            house.oidc.revoke(&rp.about(refresh), None).await.unwrap();
        }
        house.one_logout(&rp).await;
    })
    .await;
}

#[tokio::test]
async fn signing_out_tells_each_application_once_however_often_it_was_opened() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (rp, other) = (house.rp("rp").await, house.rp("other").await);
        for _ in 0..3 {
            house.tokens(&rp).await;
        }
        house.code(&other).await;
        house.signin.revoke_session(&house.own(), house.session.id).await.unwrap();
        let told = house.news_of(2).await;
        let mut clients: Vec<&str> = told.iter().filter_map(|t| t["aud"].as_str()).collect();
        let mut expected = [rp.id.as_str(), other.id.as_str()];
        clients.sort_unstable();
        expected.sort_unstable();
        assert_eq!(clients, expected);
    })
    .await;
}

/// The end of a session by time is an end too.
#[tokio::test]
async fn session_that_is_over_tells_the_application() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        house.tokens(&rp).await;
        house.env.advance(Duration::from_secs(12 * 3600 - 1));
        house.watch.tick().await;
        house.news_of(0).await;
        house.env.advance(Duration::from_secs(1));
        house.one_logout(&rp).await;
    })
    .await;
}

/// A node that dies after a session ended and before its families were ended
/// leaves that to whoever ticks next.
#[tokio::test]
async fn end_of_a_session_that_nobody_reviewed_is_made_up_for() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        house.tokens(&rp).await;
        let (id, now) = (house.session.id, house.env.now());
        // Without a change in the feed: nobody is told.
        house.db.write(move |c| session::revoke(c, id, now, "test")).await.unwrap();
        house.news_of(0).await;
        house.env.advance(Duration::from_secs(1));
        house.one_logout(&rp).await;
    })
    .await;
}

#[tokio::test]
async fn disabling_tells_the_application_once() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        house.tokens(&rp).await;
        house.tokens(&rp).await;
        let allowed = house.system(DisableIdentity { identity: house.eve });
        house.directory.disable_identity(&allowed, "").await.unwrap();
        // In the transaction that disables, not in a review after it.
        assert_eq!(house.news().await.len(), 1);
        house.one_logout(&rp).await;
    })
    .await;
}

#[tokio::test]
async fn application_that_is_switched_off_or_taken_away_is_told() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (off, gone) = (house.rp("off").await, house.rp("gone").await);
        house.tokens(&off).await;
        house.tokens(&gone).await;
        let write =
            |rp: &Rp| house.system(WriteApplication { application: rp.id.parse().unwrap() });
        let change = crate::ChangedApplication { enabled: Some(false), ..Default::default() };
        house.oidc.change_application(&write(&off), change).await.unwrap();
        assert_eq!(house.news_of(1).await[0]["aud"], off.id.as_str());
        house.oidc.delete_application(&write(&gone)).await.unwrap();
        assert!(house.news_of(2).await.iter().any(|t| t["aud"] == gone.id.as_str()));
    })
    .await;
}

/// abuse case 33, 34, A8: whoever was disabled, if only for a moment, has nothing
/// left of what they held: no session, no refresh token, no access token, no code.
#[tokio::test]
async fn moment_of_being_disabled_ends_everything() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let pending = house.code(&rp).await;
        let got = house.tokens(&rp).await;
        house.disable_eve_for_a_moment().await;
        assert!(!active(&house, &rp, &got.access_token).await);
        assert!(!active(&house, &rp, got.refresh_token.as_deref().unwrap()).await);
        assert!(token(&house, &rp.refresh(&got.refresh_token.unwrap())).await.is_err());
        assert!(token(&house, &rp.redeem(&pending)).await.is_err());
        assert!(house.signin.live_session(house.session.id).await.unwrap().is_none());
        house.one_logout(&rp).await;
    })
    .await;
}

/// abuse case A8: the same on every node, although the other node never sees the
/// person disabled.
#[tokio::test]
async fn moment_of_being_disabled_counts_on_the_other_node() {
    let env = TestEnv::default();
    let first = doorward_store::testing::postgres(&env.env()).await;
    let house = House::new(first.db.clone(), env.clone()).await;
    let other = house.node(&first.config, &env).await.oidc;
    let rp = house.rp("rp").await;
    let got = house.tokens(&rp).await;
    house.disable_eve_for_a_moment().await;
    let answer = other.introspect(&rp.about(&got.access_token), None).await.unwrap();
    assert_eq!(answer, json!({ "active": false }));
    let refresh = rp.refresh(&got.refresh_token.unwrap());
    assert!(other.token(&refresh, None, &Network::default()).await.is_err());
}

/// abuse case 34: a client-credentials token of a workload that was disabled for a
/// moment is dead too; nobody is told, since nobody was signed in.
#[tokio::test]
async fn workload_that_was_disabled_for_a_moment_has_no_token() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.machine("ci").await;
        let ask = pairs(&[
            ("grant_type", "client_credentials"),
            ("client_id", &rp.id),
            ("client_secret", &rp.secret),
        ]);
        let got = token(&house, &ask).await.unwrap();
        assert!(active(&house, &rp, &got.access_token).await);
        let allowed = house.system(DisableIdentity { identity: house.pipeline });
        house.directory.disable_identity(&allowed, "").await.unwrap();
        house.directory.enable_identity(&allowed).await.unwrap();
        assert!(!active(&house, &rp, &got.access_token).await);
        house.news_of(0).await;
        assert!(token(&house, &ask).await.is_ok(), "enabled again");
    })
    .await;
}
