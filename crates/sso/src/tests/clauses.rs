//! Clause by clause, what other tests do not show by the way.

use aws_lc_rs::hmac;
use doorward_formats::jws;
use doorward_store::testing::each_database;

use super::*;

fn error_of(outcome: AuthorizeOutcome) -> String {
    match outcome {
        AuthorizeOutcome::Redirect(url) => {
            let found = url.query_pairs().find(|(k, _)| k == "error").map(|(_, v)| v.into_owned());
            assert!(url.query_pairs().any(|(k, _)| k == "iss"), "RFC 9207 section 2: {url}");
            found.unwrap_or_else(|| url.to_string())
        }
        other => format!("{other:?}"),
    }
}

/// RFC 7662 section 2.1: whoever asks about a token has proven themselves.
/// RFC 7009 section 2.1: a public client may revoke its own, and only its own.
#[tokio::test]
async fn client_without_a_secret_introspects_nothing_and_revokes_its_own() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let settings = Settings {
            kind: Kind::Native,
            client_authentication: ClientAuthentication::None,
            ..web_settings()
        };
        let made = house.register("native", settings).await;
        let native = Rp { id: made.application.id.to_string(), secret: String::new() };
        let code = house.code(&native).await;
        let redeem = native.redeem(&code).with("client_secret", None);
        let got = token(&house, &redeem).await.unwrap();
        let about = native.about(&got.access_token).with("client_secret", None);
        let refused = house.oidc.introspect(&about, None).await.unwrap_err();
        assert_eq!(refused.code, OAuthCode::InvalidClient);
        let other = house.rp("other").await;
        house.oidc.revoke(&other.about(&got.access_token), None).await.unwrap();
        assert!(house.oidc.userinfo(&got.access_token).await.is_ok());
        house.oidc.revoke(&about, None).await.unwrap();
        assert!(house.oidc.userinfo(&got.access_token).await.is_err());
    })
    .await;
}

/// RFC 9700 section 2.4: no password grant; section 2.1.2: no implicit one. RFC 6749
/// section 5.2: what is not known is unsupported_grant_type.
#[tokio::test]
async fn grants_that_must_not_be_are_not() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        for grant in ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "x"] {
            let ask = rp.about("x").with("grant_type", Some(grant));
            assert_eq!(token(&house, &ask).await.unwrap_err(), OAuthCode::UnsupportedGrantType);
        }
        let none = rp.about("x");
        assert_eq!(token(&house, &none).await.unwrap_err(), OAuthCode::InvalidRequest);
    })
    .await;
}

/// OpenID Connect Core section 3.1.2.6: request objects are refused by their name.
#[tokio::test]
async fn request_objects_are_refused_by_name() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        for (name, error) in [
            ("request", "request_not_supported"),
            ("request_uri", "request_uri_not_supported"),
            ("registration", "registration_not_supported"),
        ] {
            let ask = rp.request().with(name, Some("x"));
            assert_eq!(error_of(house.outcome(&ask).await), error);
        }
        let metadata = house.oidc.metadata();
        assert_eq!(metadata["request_parameter_supported"], false);
        assert_eq!(metadata["request_uri_parameter_supported"], false);
    })
    .await;
}

/// OpenID Connect Core section 3.1.2.1: with `id_token_hint`, the answer is about
/// that person or an error.
#[tokio::test]
async fn hint_at_somebody_else_gets_no_answer_about_this_one() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        let hint = got.id_token.unwrap();
        for prompt in [None, Some("none")] {
            let ask = rp.request().with("id_token_hint", Some(&hint)).with("prompt", prompt);
            let AuthorizeOutcome::Redirect(url) = house.outcome(&ask).await else { panic!() };
            assert!(url.query_pairs().any(|(k, _)| k == "code"), "{url}");
            let mut other = house.session.clone();
            other.identity = house.pipeline;
            let outcome = house.oidc.authorize(&ask, Some(&other), &Network::default()).await;
            assert_eq!(error_of(outcome), "login_required");
        }
        for forged in ["x", got.access_token.as_str()] {
            let ask = rp.request().with("id_token_hint", Some(forged));
            assert_eq!(error_of(house.outcome(&ask).await), "invalid_request");
        }
    })
    .await;
}

/// RFC 6750 section 3.1: a token that is good and may not know who you are.
#[tokio::test]
async fn userinfo_without_openid_is_insufficient_scope() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let ask = rp.request().with("scope", Some("groups"));
        let AuthorizeOutcome::Redirect(url) = house.outcome(&ask).await else { panic!() };
        let code = url.query_pairs().find(|(k, _)| k == "code").unwrap().1.into_owned();
        let got = token(&house, &rp.redeem(&code)).await.unwrap();
        assert_eq!((got.id_token, got.refresh_token), (None, None));
        let refused = house.oidc.userinfo(&got.access_token).await.unwrap_err();
        assert_eq!((refused.code, refused.code.status()), (OAuthCode::InsufficientScope, 403));
    })
    .await;
}

/// RFC 9068 section 2: what an access token says; RFC 9700 section 2.3: for whom it
/// is; section 4.15: no client is taken for a person.
#[tokio::test]
async fn access_token_says_what_it_must() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        let parsed = jws::parse(&got.access_token).unwrap();
        assert_eq!(parsed.kind.as_deref(), Some("at+jwt"));
        for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope", "auth_time"] {
            assert!(parsed.claims.contains_key(name), "{name}");
        }
        assert_eq!(parsed.claims["aud"], ORIGIN);
        assert_eq!(parsed.claims["client_id"], rp.id.as_str());
        assert_ne!(parsed.claims["client_id"], parsed.claims["sub"]);
    })
    .await;
}

/// abuse case F6: a token that is signed with the public key as a secret; one kind
/// of token in the place of another, each way.
#[tokio::test]
async fn public_key_is_no_secret_and_no_token_is_another() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        let jwks = house.oidc.jwks().unwrap();
        let jwk = &jwks["keys"][0];
        let parsed = jws::parse(&got.access_token).unwrap();
        let claims = Value::Object(parsed.claims.clone());
        let public = jwk.to_string();
        for secret in [public.as_str(), jwk["x"].as_str().unwrap()] {
            let kid = jwk["kid"].as_str().unwrap();
            let input = jws::signing_input("HS256", kid, "at+jwt", &claims);
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            let forged = jws::compact(&input, hmac::sign(&key, input.as_bytes()).as_ref());
            assert!(house.oidc.verify(TokenKind::Access, &forged).is_none());
        }
        house.disable_eve_for_a_moment().await;
        let now = house.env.now();
        let rows = house.db.read(move |c| outbox::due(c, now, 10)).await.unwrap();
        let logout = house.oidc.logout_token(&rows[0].body).unwrap();
        let id = got.id_token.unwrap();
        let tokens = [
            (TokenKind::Access, got.access_token.as_str()),
            (TokenKind::Id, id.as_str()),
            (TokenKind::Logout, logout.as_str()),
        ];
        for (kind, _) in &tokens {
            for (other, text) in &tokens {
                let good = house.oidc.verify(*kind, text).is_some();
                assert_eq!(good, kind == other, "{other:?} as {kind:?}");
            }
        }
        assert!(house.oidc.userinfo(&logout).await.is_err());
        let hint = pairs(&[("id_token_hint", &logout)]);
        let asked = house.oidc.end_session(&hint, Some(&house.session)).await.unwrap();
        assert!(matches!(asked, crate::LogoutOutcome::Ask { .. }), "a logout token is no hint");
    })
    .await;
}

/// RP-Initiated Logout 1.0 section 2 and 3: without a hint that is ours the person is
/// asked; a client that is not the hint's, or an address that it did not register, is
/// refused. ASVS 10.6.2.
#[tokio::test]
async fn sign_out_by_a_client_is_asked_about_and_goes_nowhere_else() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (rp, other) = (house.rp("rp").await, house.rp("other").await);
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        let hint = got.id_token.unwrap();
        let end = async |list: &[(&str, &str)]| {
            house.oidc.end_session(&pairs(list), Some(&house.session)).await
        };
        let bye = ("post_logout_redirect_uri", "https://rp.example/bye");
        let out = end(&[("id_token_hint", &hint), bye, ("state", "s")]).await.unwrap();
        let crate::LogoutOutcome::SignOut { next: Some(next) } = out else { panic!("{out:?}") };
        assert_eq!(next.as_str(), "https://rp.example/bye?state=s");
        for unproven in
            [vec![("client_id", rp.id.as_str()), bye], vec![("id_token_hint", "x")], vec![]]
        {
            let out = end(&unproven).await.unwrap();
            assert!(matches!(out, crate::LogoutOutcome::Ask { .. }), "{unproven:?}: {out:?}");
        }
        for refused in [
            vec![("id_token_hint", hint.as_str()), ("client_id", other.id.as_str())],
            vec![
                ("id_token_hint", hint.as_str()),
                ("post_logout_redirect_uri", "https://rp.example/bye/"),
            ],
            vec![bye],
        ] {
            assert!(end(&refused).await.is_err(), "{refused:?}");
        }
        // Of another session: this one stays, unless the person says so.
        let mut elsewhere = house.session.clone();
        elsewhere.id = SessionId::new(&house.env.env());
        let params = pairs(&[("id_token_hint", &hint)]);
        let out = house.oidc.end_session(&params, Some(&elsewhere)).await.unwrap();
        assert!(matches!(out, crate::LogoutOutcome::Ask { .. }));
    })
    .await;
}
