use std::time::Duration;

use doorward_store::testing::each_database;

use super::*;
use crate::error::OAuthCode;
use crate::jwt::TokenKind;

#[tokio::test]
async fn code_becomes_tokens_that_say_who_and_how() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        let id = house.oidc.verify(TokenKind::Id, got.id_token.as_deref().unwrap()).unwrap();
        assert_eq!(id["sub"], house.eve.to_string().as_str());
        assert_eq!(id["aud"], rp.id.as_str());
        assert_eq!((&id["nonce"], &id["acr"]), (&json!("n"), &json!("phr")));
        assert_eq!(id["groups"], json!(["staff"]));
        assert!(active(&house, &rp, &got.access_token).await);
        let info = house.oidc.userinfo(&got.access_token).await.unwrap();
        assert_eq!(info["sub"], house.eve.to_string().as_str());
    })
    .await;
}

/// abuse case 6: a code or refresh token of one client, presented by another,
/// is refused and everything that came of it is revoked.
#[tokio::test]
async fn code_and_refresh_token_belong_to_their_client() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (a, b) = (house.rp("a").await, house.rp("b").await);
        let code = house.code(&a).await;
        assert_eq!(token(&house, &b.redeem(&code)).await.unwrap_err(), OAuthCode::InvalidGrant);
        assert_eq!(token(&house, &a.redeem(&code)).await.unwrap_err(), OAuthCode::InvalidGrant);

        let got = token(&house, &a.redeem(&house.code(&a).await)).await.unwrap();
        let refresh = got.refresh_token.unwrap();
        assert_eq!(token(&house, &b.refresh(&refresh)).await.unwrap_err(), OAuthCode::InvalidGrant);
        assert!(!active(&house, &a, &got.access_token).await);
        assert!(token(&house, &a.refresh(&refresh)).await.is_err());
    })
    .await;
}

/// abuse case F2: one successful redeem per code; a second one revokes all that
/// came of the first; each refresh token has one successor.
#[tokio::test]
async fn replay_of_a_code_or_refresh_token_kills_the_family() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let code = house.code(&rp).await;
        let got = token(&house, &rp.redeem(&code)).await.unwrap();
        assert!(token(&house, &rp.redeem(&code)).await.is_err());
        assert!(!active(&house, &rp, &got.access_token).await);

        let first = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        let old = first.refresh_token.unwrap();
        let second = token(&house, &rp.refresh(&old)).await.unwrap();
        assert!(active(&house, &rp, &second.access_token).await);
        assert!(token(&house, &rp.refresh(&old)).await.is_err());
        assert!(!active(&house, &rp, &second.access_token).await);
        assert!(token(&house, &rp.refresh(&second.refresh_token.unwrap())).await.is_err());
    })
    .await;
}

/// abuse case F2: of many that redeem one code at once, at most one wins, and
/// then nothing of it is left.
#[tokio::test]
async fn parallel_redeems_leave_at_most_one_winner() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let code = house.code(&rp).await;
        let tries = (0..20).map(|_| {
            let (oidc, params) = (house.oidc.clone(), rp.redeem(&code));
            tokio::spawn(async move { oidc.token(&params, None, &Network::default()).await.ok() })
        });
        let mut won = Vec::new();
        for one in tries.collect::<Vec<_>>() {
            won.extend(one.await.unwrap());
        }
        assert!(won.len() <= 1, "{} redeemed one code", won.len());
        for one in won {
            assert!(!active(&house, &rp, &one.access_token).await, "a replayed code's tokens live");
        }
    })
    .await;
}

/// abuse case 7: PKCE cannot be left out on either side.
#[tokio::test]
async fn pkce_cannot_be_stripped() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        for (name, value) in [
            ("code_challenge", None),
            ("code_challenge_method", None),
            ("code_challenge_method", Some("plain")),
            ("code_challenge", Some("short")),
        ] {
            match house.outcome(&rp.request().with(name, value)).await {
                AuthorizeOutcome::Redirect(url) => {
                    let query: Vec<_> = url.query_pairs().collect();
                    assert!(
                        query.iter().any(|(k, v)| k == "error" && v == "invalid_request"),
                        "{url}"
                    );
                    assert!(
                        query.iter().any(|(k, v)| k == "iss" && v == "https://door.example"),
                        "{url}"
                    );
                    assert!(!query.iter().any(|(k, _)| k == "code"), "{url}");
                }
                other => panic!("{other:?}"),
            }
        }
        let code = house.code(&rp).await;
        for verifier in [None, Some("x"), Some("0123456789012345678901234567890123456789abd")] {
            let params = rp.redeem(&code).with("code_verifier", verifier);
            assert!(token(&house, &params).await.is_err(), "{verifier:?}");
        }
    })
    .await;
}

/// abuse case 5: implicit and hybrid response types do not exist.
#[tokio::test]
async fn only_the_code_flow_exists() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        for kind in ["token", "id_token", "code token", "code id_token", "none"] {
            match house.outcome(&rp.request().with("response_type", Some(kind))).await {
                AuthorizeOutcome::Redirect(url) => {
                    assert!(url.query().unwrap().contains("unsupported_response_type"), "{kind}");
                    assert_eq!(url.fragment(), None);
                }
                other => panic!("{kind}: {other:?}"),
            }
        }
        // What a browser brings back after signing in is validated from the beginning.
        let params = rp.request();
        let AuthorizeOutcome::NeedSignIn { resume, .. } =
            house.oidc.authorize(&params, None, &Network::default()).await
        else {
            panic!("nobody was asked to sign in");
        };
        let tampered = resume.replace("response_type=code", "response_type=token");
        let tampered = url::form_urlencoded::parse(tampered.as_bytes()).into_owned().collect();
        match house.outcome(&Params::new(tampered).unwrap()).await {
            AuthorizeOutcome::Redirect(url) => assert!(url.query().unwrap().contains("error=")),
            other => panic!("{other:?}"),
        }
    })
    .await;
}

/// abuse case 33, 34, 35: who is disabled has no active token at the very next
/// question, in every store of tokens.
#[tokio::test]
async fn nothing_is_active_once_its_person_is_disabled() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let pending = house.code(&rp).await;
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        let refresh = got.refresh_token.clone().unwrap();
        assert!(active(&house, &rp, &refresh).await);
        house.disable_eve().await;
        assert!(!active(&house, &rp, &got.access_token).await);
        assert!(!active(&house, &rp, &refresh).await);
        assert!(token(&house, &rp.refresh(&refresh)).await.is_err());
        assert!(token(&house, &rp.redeem(&pending)).await.is_err());
        assert!(house.oidc.userinfo(&got.access_token).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn ending_the_session_ends_its_tokens() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        let (id, now) = (house.session.id, house.env.now());
        house.db.write(move |c| session::revoke(c, id, now, "test")).await.unwrap();
        assert!(!active(&house, &rp, &got.access_token).await);
    })
    .await;
}

#[tokio::test]
async fn codes_and_tokens_end_on_time() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let code = house.code(&rp).await;
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        house.env.advance(Duration::from_secs(60));
        assert!(token(&house, &rp.redeem(&code)).await.is_err(), "a code lives 60 s");
        house.env.advance(Duration::from_secs(240));
        assert!(!active(&house, &rp, &got.access_token).await, "an access token lives 5 min");
        assert!(token(&house, &rp.refresh(got.refresh_token.as_deref().unwrap())).await.is_ok());
    })
    .await;
}

/// abuse case 36: every prefix and every changed character of a token fails.
/// abuse case 37: a token of one kind is no token of another.
/// abuse case F6: tokens that were tampered with verify as nothing.
#[tokio::test]
async fn tampered_and_mistaken_tokens_are_nothing() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        let access = got.access_token;
        for end in 0..access.len() {
            assert!(house.oidc.verify(TokenKind::Access, &access[..end]).is_none(), "prefix {end}");
        }
        for at in 0..access.len() {
            let mut bytes = access.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(house.oidc.verify(TokenKind::Access, &changed).is_none(), "character {at}");
        }
        let id = got.id_token.unwrap();
        assert!(
            house.oidc.verify(TokenKind::Access, &id).is_none(),
            "an ID token is no access token"
        );
        assert!(house.oidc.verify(TokenKind::Id, &access).is_none(), "and the reverse");
        assert!(house.oidc.verify(TokenKind::Logout, &id).is_none());
        assert!(house.oidc.userinfo(&id).await.is_err());
        let (_, rest) = access.split_once('.').unwrap();
        let (claims, _) = rest.split_once('.').unwrap();
        for header in [
            r#"{"alg":"none","typ":"at+jwt"}"#,
            r#"{"alg":"HS256","typ":"at+jwt"}"#,
            r#"{"alg":"nOnE","typ":"at+jwt"}"#,
        ] {
            let forged = format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(header));
            assert!(house.oidc.verify(TokenKind::Access, &forged).is_none(), "{header}");
        }
    })
    .await;
}

#[tokio::test]
async fn wrong_or_foreign_client_learns_nothing() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (a, b) = (house.rp("a").await, house.rp("b").await);
        let got = token(&house, &a.redeem(&house.code(&a).await)).await.unwrap();
        assert!(!active(&house, &b, &got.access_token).await, "b may not ask about a's token");
        let wrong = Rp { id: a.id.clone(), secret: house.stranger() };
        assert_eq!(
            house.oidc.introspect(&wrong.about(&got.access_token), None).await.unwrap_err().code,
            OAuthCode::InvalidClient
        );
        house.oidc.revoke(&b.about(&got.access_token), None).await.unwrap();
        assert!(active(&house, &a, &got.access_token).await, "b may not revoke a's token");
        house.oidc.revoke(&a.about(&got.access_token), None).await.unwrap();
        assert!(!active(&house, &a, &got.access_token).await);
        house.oidc.revoke(&a.about("unknown"), None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn prompt_and_max_age_are_never_ignored() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        house.env.advance(Duration::from_secs(600));
        for (name, value) in [
            ("prompt", "login"),
            ("max_age", "300"),
            ("max_age", "0"),
            ("prompt", "select_account"),
        ] {
            let outcome = house.outcome(&rp.request().with(name, Some(value))).await;
            let AuthorizeOutcome::NeedStepUp { resume, .. } = outcome else {
                panic!("{name}={value}: {outcome:?}")
            };
            let resumed = url::form_urlencoded::parse(resume.as_bytes()).into_owned().collect();
            let again = house.outcome(&Params::new(resumed).unwrap()).await;
            assert!(
                matches!(again, AuthorizeOutcome::NeedStepUp { .. }),
                "coming back without a fresh proof: {again:?}"
            );
        }
        let none = rp.request().with("prompt", Some("none"));
        assert!(matches!(house.outcome(&none).await, AuthorizeOutcome::Redirect(_)));
        match house.oidc.authorize(&none, None, &Network::default()).await {
            AuthorizeOutcome::Redirect(url) => {
                assert!(url.query().unwrap().contains("login_required"))
            }
            other => panic!("{other:?}"),
        }
    })
    .await;
}

#[tokio::test]
async fn pipeline_gets_tokens_for_itself_and_nobody_else() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.machine("ci").await;
        let ask = |scope: &str| {
            pairs(&[
                ("grant_type", "client_credentials"),
                ("scope", scope),
                ("client_id", &rp.id),
                ("client_secret", &rp.secret),
            ])
        };
        let got = token(&house, &ask("deploy")).await.unwrap();
        assert!(got.refresh_token.is_none() && got.id_token.is_none());
        let claims = house.oidc.verify(TokenKind::Access, &got.access_token).unwrap();
        assert_eq!(claims["sub"], house.pipeline.to_string().as_str());
        assert_ne!(claims["sub"], claims["client_id"]);
        assert_eq!(token(&house, &ask("openid")).await.unwrap_err(), OAuthCode::InvalidScope);
        let person = house.rp("web").await;
        let refused = pairs(&[
            ("grant_type", "client_credentials"),
            ("client_id", &person.id),
            ("client_secret", &person.secret),
        ]);
        assert_eq!(token(&house, &refused).await.unwrap_err(), OAuthCode::UnauthorizedClient);
    })
    .await;
}
