use std::time::Duration;

use doorward_core::ManageAuthenticators;

use super::house::*;

#[tokio::test]
async fn session_ends_when_idle_and_in_any_case() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let alive = async |token: &str| {
            h.signin.authenticate(token, None, &network()).await.unwrap().is_some()
        };
        let idle = h.sign_in("ada", &ada.seed).await;
        h.env.advance(Duration::from_secs(29 * 60));
        assert!(alive(idle.token.expose()).await);
        h.env.advance(Duration::from_secs(29 * 60));
        assert!(alive(idle.token.expose()).await, "use keeps it");
        h.env.advance(Duration::from_secs(30 * 60));
        assert!(!alive(idle.token.expose()).await, "idle");
        let long = h.sign_in("ada", &ada.seed).await;
        for _ in 0..35 {
            h.env.advance(Duration::from_secs(20 * 60));
            assert!(alive(long.token.expose()).await);
        }
        h.env.advance(Duration::from_secs(20 * 60));
        assert!(!alive(long.token.expose()).await, "twelve hours");
    })
    .await;
}

/// abuse case 36: every prefix and every flipped bit of a token is no token.
#[tokio::test]
async fn truncated_and_altered_tokens_open_nothing() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let token = ada.finished.token.expose().to_owned();
        for n in 0..token.len() {
            assert!(h.signin.authenticate(&token[..n], None, &network()).await.unwrap().is_none());
            for bit in 0..8 {
                let mut bytes = token.clone().into_bytes();
                bytes[n] ^= 1 << bit;
                let altered = String::from_utf8_lossy(&bytes).into_owned();
                let found = h.signin.authenticate(&altered, None, &network()).await.unwrap();
                assert!(found.is_none(), "{n} {bit}");
            }
        }
    })
    .await;
}

/// abuse case 33: whoever is disabled has no session when the call returns, and
/// the row is revoked with a record.
#[tokio::test]
async fn disabling_ends_sessions_at_once_and_enabling_revives_none() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let token = ada.finished.token.expose();
        h.disable(ada.id).await;
        assert!(h.signin.authenticate(token, None, &network()).await.unwrap().is_none());
        h.until_revoked(ada.finished.session.id).await;
        assert_eq!(h.events("session.ended").await, 1);
        let may = h.system(doorward_core::DisableIdentity { identity: ada.id });
        h.directory.enable_identity(&may).await.unwrap();
        assert!(h.signin.authenticate(token, None, &network()).await.unwrap().is_none());
    })
    .await;
}

/// abuse case 35: a policy that changes is obeyed by the next request of a
/// session that began before.
#[tokio::test]
async fn policy_that_forbids_ends_sessions_that_began_before_it() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let eve = h.enrolled("eve").await;
        let alive = async |token: &str| {
            h.signin.authenticate(token, None, &network()).await.unwrap().is_some()
        };
        let text = "forbid (principal, action == Doorward::Action::\"sign-in\", resource)
             when { principal.name == \"ada\" };";
        let now = h.env.now();
        let policy = doorward_store::policy::Policy {
            id: doorward_core::PolicyId::new(&h.env.env()),
            name: "not-ada".parse().unwrap(),
            description: "Ada stays out".to_owned(),
            text: text.to_owned(),
            enabled: true,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        h.db.write(move |c| {
            doorward_store::policy::insert(c, &policy)?;
            doorward_store::change::bump(c, "policy", policy.id, now)
        })
        .await
        .unwrap();
        assert!(!alive(ada.finished.token.expose()).await);
        assert!(alive(eve.finished.token.expose()).await);
        h.until_revoked(ada.finished.session.id).await;
    })
    .await;
}

#[tokio::test]
async fn end_date_ends_sessions_by_itself() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let change = doorward_directory::IdentityChange {
            ends_at: Some(Some(h.env.now() + Duration::from_secs(60))),
            ..Default::default()
        };
        let may = h.system(doorward_core::WriteIdentity { identity: ada.id });
        h.directory.update_identity(&may, None, change).await.unwrap();
        let token = ada.finished.token.expose();
        assert!(h.signin.authenticate(token, None, &network()).await.unwrap().is_some());
        h.env.advance(Duration::from_secs(61));
        assert!(h.signin.authenticate(token, None, &network()).await.unwrap().is_none());
        h.watch.tick().await;
        h.until_revoked(ada.finished.session.id).await;
    })
    .await;
}

/// abuse case 34: a session that was ended is over on every database, for the
/// next request.
#[tokio::test]
async fn owner_ends_one_or_all_others() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let eve = h.enrolled("eve").await;
        let two = h.sign_in("ada", &ada.seed).await;
        let three = h.sign_in("ada", &ada.seed).await;
        let own = h.own(&three.session);
        assert_eq!(h.signin.sessions(&own).await.unwrap().len(), 3);
        h.signin.revoke_session(&own, two.session.id).await.unwrap();
        assert!(
            h.signin.authenticate(two.token.expose(), None, &network()).await.unwrap().is_none()
        );
        let others = h.signin.revoke_session(&own, eve.finished.session.id).await;
        assert!(others.is_err(), "another's session is as good as none");
        assert_eq!(h.signin.revoke_other_sessions(&own).await.unwrap(), 1);
        assert_eq!(h.signin.sessions(&own).await.unwrap().len(), 1);
        let found = h.signin.authenticate(three.token.expose(), None, &network()).await.unwrap();
        assert!(found.is_some());
        h.signin.revoke_session(&own, three.session.id).await.unwrap();
        let found = h.signin.authenticate(three.token.expose(), None, &network()).await.unwrap();
        assert!(found.is_none());
        let eves = h.signin.authenticate(eve.finished.token.expose(), None, &network()).await;
        assert!(eves.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn administrator_ends_all_sessions_of_somebody() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        h.sign_in("ada", &ada.seed).await;
        let may = h.system(ManageAuthenticators { identity: ada.id });
        assert_eq!(h.signin.revoke_sessions_of(&may).await.unwrap(), 2);
        assert_eq!(h.events("session.ended").await, 2);
    })
    .await;
}

#[tokio::test]
async fn use_is_written_down_once_a_minute_at_most() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let token = ada.finished.token.expose();
        let seen = async || {
            h.signin.authenticate(token, None, &network()).await.unwrap().unwrap().0.last_seen_at
        };
        let at = seen().await;
        h.env.advance(Duration::from_secs(59));
        assert_eq!(seen().await, at);
        h.env.advance(Duration::from_secs(1));
        assert_eq!(seen().await, h.env.now());
    })
    .await;
}
