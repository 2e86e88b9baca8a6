//! Devices without a browser, by RFC 8628.

use std::time::Duration;

use doorward_core::ConfirmationId;
use doorward_signin::SignInError;
use doorward_store::testing::each_database;

use super::*;
use crate::applications::ApplicationError;
use crate::device::GRANT_TYPE;
use crate::{DeviceAuthorization, DeviceOutcome};

fn settings() -> Settings {
    Settings {
        kind: Kind::Native,
        client_authentication: ClientAuthentication::None,
        redirect_uris: Vec::new(),
        device_authorization: true,
        ..web_settings()
    }
}

/// An application on a television, say, and a service that it talks to.
struct Tv(String, Rp);

impl Tv {
    async fn new(house: &House, name: &str) -> Self {
        let guard = Settings { resource_server: true, ..web_settings() };
        let guard = house.register(&format!("{name}-service"), guard).await;
        let guard =
            Rp { id: guard.application.id.to_string(), secret: guard.client_secret.unwrap() };
        Self(house.register(name, settings()).await.application.id.to_string(), guard)
    }

    async fn begin(&self, house: &House) -> DeviceAuthorization {
        let params = pairs(&[("client_id", &self.0), ("scope", "openid offline_access admin")]);
        house.oidc.device_authorization(&params, None, &Network::default()).await.unwrap()
    }

    fn poll(&self, begun: &DeviceAuthorization) -> Params {
        pairs(&[
            ("grant_type", GRANT_TYPE),
            ("device_code", &begun.device_code),
            ("client_id", &self.0),
        ])
    }
}

impl House {
    async fn found(&self, begun: &DeviceAuthorization) -> ConfirmationId {
        let network = Network::default();
        let found = self.signin.find_confirmation(&self.session, &begun.user_code, &network).await;
        found.unwrap().id
    }

    async fn yes(&self, begun: &DeviceAuthorization) -> DeviceOutcome {
        let id = self.found(begun).await;
        self.oidc.confirm_device(&self.session, id, &Network::default()).await.unwrap()
    }

    fn pause(&self) {
        self.env.advance(Duration::from_secs(5));
    }

    async fn alive(&self, tv: &Tv, token: &str) -> bool {
        active(self, &tv.1, token).await
    }
}

/// abuse case A32: whoever only opens the link, or sees the code, gives nothing;
/// tokens come from an explicit yes (RFC 8628 section 3.3, 3.4, 3.5).
#[tokio::test]
async fn device_gets_tokens_when_its_person_says_yes_and_not_before() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let tv = Tv::new(&house, "tv").await;
        let begun = tv.begin(&house).await;
        assert_eq!(begun.verification_uri, "https://door.example/device");
        assert!(begun.verification_uri_complete.ends_with(&begun.user_code));
        let poll = tv.poll(&begun);
        assert_eq!(token(&house, &poll).await.unwrap_err(), OAuthCode::AuthorizationPending);
        house.pause();
        let id = house.found(&begun).await;
        assert_eq!(token(&house, &poll).await.unwrap_err(), OAuthCode::AuthorizationPending);
        // What the person is shown (section 5.4).
        let shown = house.signin.confirmation(&house.session, id).await.unwrap();
        assert_eq!(shown.details.client, "tv");
        assert_eq!(shown.details.scopes, ["offline_access", "openid"]);
        assert!(matches!(house.yes(&begun).await, DeviceOutcome::Confirmed));
        house.pause();
        let got = token(&house, &poll).await.unwrap();
        assert_eq!(got.scope, "offline_access openid");
        let claims = house.oidc.verify(TokenKind::Id, got.id_token.as_deref().unwrap()).unwrap();
        assert_eq!(claims["sub"], house.eve.to_string().as_str());
        assert_eq!(claims["aud"], tv.0.as_str());
        assert_eq!(claims["sid"], house.session.id.to_string().as_str());
        assert!(house.alive(&tv, &got.access_token).await);
        let refresh = pairs(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", got.refresh_token.as_deref().unwrap()),
            ("client_id", &tv.0),
        ]);
        assert!(token(&house, &refresh).await.is_ok());
    })
    .await;
}

/// abuse case F2: a device code that is shown a second time ends all that came of it.
#[tokio::test]
async fn device_code_works_once() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let tv = Tv::new(&house, "tv").await;
        let begun = tv.begin(&house).await;
        house.yes(&begun).await;
        let got = token(&house, &tv.poll(&begun)).await.unwrap();
        assert!(house.alive(&tv, &got.access_token).await);
        house.pause();
        let again = token(&house, &tv.poll(&begun)).await.unwrap_err();
        assert_eq!(again, OAuthCode::InvalidGrant);
        assert!(!house.alive(&tv, &got.access_token).await);
        let told = house.news_of(1).await;
        assert_eq!(told[0]["sid"], house.session.id.to_string().as_str());
    })
    .await;
}

#[tokio::test]
async fn parallel_polls_give_tokens_to_at_most_one() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let tv = Tv::new(&house, "tv").await;
        let begun = tv.begin(&house).await;
        house.yes(&begun).await;
        let tries = (0..12).map(|_| {
            let (oidc, params) = (house.oidc.clone(), tv.poll(&begun));
            tokio::spawn(async move { oidc.token(&params, None, &Network::default()).await.ok() })
        });
        let mut won = Vec::new();
        for one in tries.collect::<Vec<_>>() {
            won.extend(one.await.unwrap());
        }
        assert!(won.len() <= 1, "{} got tokens", won.len());
        for one in won {
            assert!(!house.alive(&tv, &one.access_token).await);
        }
    })
    .await;
}

/// abuse case 6: a device code belongs to its client (RFC 8628 section 3.4).
#[tokio::test]
async fn device_code_of_another_client_is_worth_nothing_to_anybody() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (tv, other) = (Tv::new(&house, "tv").await, Tv::new(&house, "other").await);
        let begun = tv.begin(&house).await;
        house.yes(&begun).await;
        let stolen = token(&house, &other.poll(&begun)).await.unwrap_err();
        assert_eq!(stolen, OAuthCode::InvalidGrant);
        house.pause();
        assert_eq!(token(&house, &tv.poll(&begun)).await.unwrap_err(), OAuthCode::AccessDenied);
    })
    .await;
}

/// RFC 8628 section 3.5: too quick is told to slow down, five seconds more each time.
#[tokio::test]
async fn hasty_device_is_slowed_down_more_each_time() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let tv = Tv::new(&house, "tv").await;
        let begun = tv.begin(&house).await;
        assert_eq!(begun.interval, 5);
        let poll = tv.poll(&begun);
        let mut said = Vec::new();
        for pause in [0, 0, 9, 14, 15, 15] {
            house.env.advance(Duration::from_secs(pause));
            said.push(token(&house, &poll).await.unwrap_err().name());
        }
        let expected = [
            "authorization_pending",
            "slow_down",
            "slow_down",
            "slow_down",
            "slow_down",
            "slow_down",
        ];
        assert_eq!(said, expected);
        house.env.advance(Duration::from_secs(30));
        assert_eq!(token(&house, &poll).await.unwrap_err(), OAuthCode::AuthorizationPending);
    })
    .await;
}

/// RFC 8628 section 3.5: access_denied and expired_token.
#[tokio::test]
async fn no_is_access_denied_and_late_is_expired() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let tv = Tv::new(&house, "tv").await;
        let begun = tv.begin(&house).await;
        let id = house.found(&begun).await;
        house.signin.refuse(&house.session, id, &Network::default()).await.unwrap();
        assert_eq!(token(&house, &tv.poll(&begun)).await.unwrap_err(), OAuthCode::AccessDenied);
        let late = tv.begin(&house).await;
        house.env.advance(Duration::from_secs(late.expires_in));
        assert_eq!(token(&house, &tv.poll(&late)).await.unwrap_err(), OAuthCode::ExpiredToken);
        let unknown = tv.poll(&begun).with("device_code", Some(&house.stranger()));
        assert_eq!(token(&house, &unknown).await.unwrap_err(), OAuthCode::InvalidGrant);
    })
    .await;
}

/// RFC 8628 section 3.1: only a client that registered for it may begin.
#[tokio::test]
async fn only_an_application_that_is_registered_for_it_begins() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let native =
            Settings { redirect_uris: vec!["http://127.0.0.1/cb".to_owned()], ..settings() };
        let plain = Settings { device_authorization: false, ..native };
        let id = house.register("plain", plain).await.application.id.to_string();
        for (id, code) in [
            (id.as_str(), OAuthCode::UnauthorizedClient),
            ("00000000-0000-7000-8000-000000000000", OAuthCode::InvalidClient),
        ] {
            let (params, network) = (pairs(&[("client_id", id)]), Network::default());
            let begun = house.oidc.device_authorization(&params, None, &network).await;
            assert_eq!(begun.unwrap_err().code, code);
        }
        let web = Settings { device_authorization: true, ..web_settings() };
        let new = crate::NewApplication {
            name: doorward_core::Name::parse("web").unwrap(),
            title: "web".to_owned(),
            description: String::new(),
            launch_url: None,
            settings: web,
        };
        let allowed = house.system(CreateApplication {});
        let refused = house.oidc.create_application(&allowed, new).await.unwrap_err();
        assert!(matches!(
            refused,
            ApplicationError::Field { field: "settings.device_authorization", .. }
        ));
    })
    .await;
}

/// abuse case A31: every way to a token asks the same policy, when the person says
/// yes and when the device comes for it.
#[tokio::test]
async fn policy_is_asked_at_the_yes_and_at_the_token() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let tv = Tv::new(&house, "tv").await;
        let (first, second) = (tv.begin(&house).await, tv.begin(&house).await);
        house.yes(&first).await;
        let (eve, now) = (house.eve, house.env.now());
        let left = house.db.write(move |c| {
            c.execute("DELETE FROM team_identity WHERE identity = $1", args![eve])?;
            change::bump(c, "team", "staff", now)
        });
        left.await.unwrap();
        assert_eq!(token(&house, &tv.poll(&first)).await.unwrap_err(), OAuthCode::AccessDenied);
        assert!(matches!(house.yes(&second).await, DeviceOutcome::NotPermitted { .. }));
        assert_eq!(
            token(&house, &tv.poll(&second)).await.unwrap_err(),
            OAuthCode::AuthorizationPending
        );
    })
    .await;
}

/// A yes to an application is not said past the policy: the general yes is refused.
#[tokio::test]
async fn an_application_is_not_confirmed_like_a_command_line() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let tv = Tv::new(&house, "tv").await;
        let begun = tv.begin(&house).await;
        let id = house.found(&begun).await;
        let plain = house.signin.confirm(&house.session, id, &Network::default()).await;
        assert!(matches!(plain, Err(SignInError::NotFound(_))), "{plain:?}");
        let client = doorward_signin::Client::browser(Network::default(), "x");
        let polled = house.signin.poll_confirmation(&begun.device_code, &client).await.unwrap();
        assert!(matches!(polled, doorward_signin::Polled::Expired), "no session for a device code");
    })
    .await;
}

#[tokio::test]
async fn signing_out_where_it_was_confirmed_ends_the_device() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let tv = Tv::new(&house, "tv").await;
        let (begun, waiting) = (tv.begin(&house).await, tv.begin(&house).await);
        house.yes(&begun).await;
        house.yes(&waiting).await;
        let got = token(&house, &tv.poll(&begun)).await.unwrap();
        let allowed = core_authorize(
            &**house.watch.engine(),
            &house.session.actor(Network::default()),
            doorward_core::ManageOwn { of: house.eve },
            &Context::default(),
        )
        .unwrap();
        house.signin.revoke_session(&allowed, house.session.id).await.unwrap();
        assert!(!house.alive(&tv, &got.access_token).await);
        assert_eq!(token(&house, &tv.poll(&waiting)).await.unwrap_err(), OAuthCode::AccessDenied);
        assert_eq!(house.news_of(1).await[0]["aud"], tv.0.as_str());
    })
    .await;
}

/// RFC 8628 section 4.
#[tokio::test]
async fn discovery_names_the_device_authorization_endpoint() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let metadata = house.oidc.metadata();
        assert_eq!(
            metadata["device_authorization_endpoint"],
            "https://door.example/oauth2/device_authorization"
        );
        let grants = metadata["grant_types_supported"].as_array().unwrap();
        assert!(grants.iter().any(|g| g == GRANT_TYPE));
    })
    .await;
}
