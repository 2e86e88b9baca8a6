use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use doorward_formats::jws;
use doorward_store::testing::each_database;
use serde_json::Value;

use super::*;
use crate::error::OAuthCode;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client that proves itself by a key.
struct Client {
    id: String,
    key: EcdsaKeyPair,
}

impl Client {
    async fn new(house: &House, name: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = key.public_key().as_ref();
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "kid": "k1", "alg": "ES256",
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
        });
        let settings = Settings {
            client_authentication: ClientAuthentication::PrivateKeyJwt,
            jwks: Some(json!({ "keys": [jwk] })),
            ..web_settings()
        };
        let made = house.register(name, settings).await;
        assert!(made.client_secret.is_none(), "a client with a key has no secret");
        Self { id: made.application.id.to_string(), key }
    }

    fn claims(&self, house: &House, jti: &str) -> Value {
        let now = house.env.now();
        json!({
            "iss": self.id, "sub": self.id, "aud": house.oidc.issuer(), "jti": jti,
            "iat": now.secs(), "exp": (now + Duration::from_secs(60)).secs(),
        })
    }

    fn sign(&self, claims: &Value) -> String {
        let input = jws::signing_input("ES256", "k1", "JWT", claims);
        let signature = self.key.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        jws::compact(&input, signature.as_ref())
    }

    /// A request that says nothing but who asks: introspection of an unknown token.
    fn ask(&self, assertion: &str) -> Params {
        pairs(&[
            ("token", "unknown"),
            ("client_id", &self.id),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion),
        ])
    }

    async fn known(&self, house: &House, assertion: &str) -> Result<(), OAuthCode> {
        let answer = house.oidc.introspect(&self.ask(assertion), None).await;
        answer.map(|_| ()).map_err(|e| e.code)
    }
}

/// abuse case 8: an assertion works once, whichever of the nodes it comes to, and
/// however many it comes to at the same time.
#[tokio::test]
async fn client_assertion_works_once() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let client = Client::new(&house, "rp").await;
        let assertion = client.sign(&client.claims(&house, "one"));
        client.known(&house, &assertion).await.unwrap();
        assert_eq!(client.known(&house, &assertion).await, Err(OAuthCode::InvalidClient));

        let assertion = client.sign(&client.claims(&house, "two"));
        let tries = (0..16).map(|_| {
            let (oidc, params) = (house.oidc.clone(), client.ask(&assertion));
            tokio::spawn(async move { oidc.introspect(&params, None).await.is_ok() })
        });
        let mut accepted = 0;
        for one in tries.collect::<Vec<_>>() {
            accepted += usize::from(one.await.unwrap());
        }
        assert_eq!(accepted, 1);

        // Another client may choose the same identifier.
        let other = Client::new(&house, "other").await;
        other.known(&house, &other.sign(&other.claims(&house, "two"))).await.unwrap();
    })
    .await;
}

/// abuse case F6: every claim removed, of the wrong type, of another, or of
/// another time; another key; every part cut off.
#[tokio::test]
async fn client_assertion_must_be_right_in_every_claim() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let client = Client::new(&house, "rp").await;
        let other = Client::new(&house, "other").await;
        let now = house.env.now().secs();
        let mut wrong: Vec<(&str, Option<Value>)> = Vec::new();
        for name in ["iss", "sub", "aud", "jti", "exp"] {
            wrong.push((name, None));
            wrong.push((name, Some(json!(["x"]))));
            wrong.push((name, Some(json!(""))));
            wrong.push((name, Some(json!({}))));
        }
        wrong.push(("iss", Some(json!(other.id))));
        wrong.push(("sub", Some(json!(other.id))));
        wrong.push(("aud", Some(json!("https://evil.example"))));
        wrong.push(("aud", Some(json!(["https://evil.example", house.oidc.issuer()]))));
        wrong.push(("aud", Some(json!(format!("{}/", house.oidc.issuer())))));
        wrong.push(("exp", Some(json!(now))));
        wrong.push(("exp", Some(json!(now + 3600))));
        wrong.push(("exp", Some(json!((now + 60).to_string()))));
        wrong.push(("iat", Some(json!(now + 60))));
        wrong.push(("nbf", Some(json!(now + 60))));
        for (i, (name, value)) in wrong.into_iter().enumerate() {
            let mut claims = client.claims(&house, &format!("w{i}"));
            let map = claims.as_object_mut().unwrap();
            let shown = format!("{name} = {value:?}");
            match value {
                Some(value) => map.insert(name.to_owned(), value),
                None => map.remove(name),
            };
            let got = client.known(&house, &client.sign(&claims)).await;
            assert_eq!(got, Err(OAuthCode::InvalidClient), "{shown}");
        }

        let claims = client.claims(&house, "good");
        let forged = other.sign(&claims);
        assert_eq!(client.known(&house, &forged).await, Err(OAuthCode::InvalidClient));
        let good = client.sign(&claims);
        for end in (0..good.len()).step_by(7) {
            assert!(client.known(&house, &good[..end]).await.is_err(), "prefix {end}");
        }
        let none = [0; 64];
        let zero = jws::compact(good.rsplit_once('.').unwrap().0, &none);
        assert!(client.known(&house, &zero).await.is_err(), "r = s = 0");
        let parts: Vec<&str> = good.split('.').collect();
        for header in [
            r#"{"alg":"none","kid":"k1"}"#,
            r#"{"alg":"HS256","kid":"k1"}"#,
            r#"{"alg":"ES384","kid":"k1"}"#,
            r#"{"alg":"ES256","kid":"k2"}"#,
            r#"{"alg":"ES256","kid":"k1","crit":["exp"]}"#,
            r#"{"alg":"ES256","kid":"k1","jwk":{}}"#,
        ] {
            let header = URL_SAFE_NO_PAD.encode(header);
            let forged = format!("{header}.{}.{}", parts[1], parts[2]);
            assert!(client.known(&house, &forged).await.is_err(), "{header}");
        }
        // A wrong assertion does not use up the identifier of a good one.
        client.known(&house, &good).await.unwrap();
    })
    .await;
}

/// abuse case F6: an access token or ID token of ours is no client assertion, and
/// a client that registered a key cannot fall back to a secret or to nothing.
#[tokio::test]
async fn a_key_cannot_be_replaced_by_something_weaker() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let client = Client::new(&house, "rp").await;
        let rp = house.rp("web").await;
        let code = house.code(&rp).await;
        let got = house.oidc.token(&rp.redeem(&code), None, &Network::default()).await.unwrap();
        for token in [&got.access_token, got.id_token.as_ref().unwrap()] {
            assert_eq!(client.known(&house, token).await, Err(OAuthCode::InvalidClient));
        }
        let plain = pairs(&[("token", "unknown"), ("client_id", &client.id)]);
        let secret = plain.with("client_secret", Some("x"));
        for params in [plain, secret] {
            let refused = house.oidc.introspect(&params, None).await.unwrap_err();
            assert_eq!(refused.code, OAuthCode::InvalidClient);
        }
        let good = client.sign(&client.claims(&house, "j"));
        let mistyped = client.ask(&good).with("client_assertion_type", Some("x"));
        assert!(house.oidc.introspect(&mistyped, None).await.is_err());
    })
    .await;
}
