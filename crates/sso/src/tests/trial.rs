//! Signing in tried out: what is shown, and that nothing comes of it.

use doorward_core::WriteApplication;
use doorward_store::testing::each_database;

use super::*;
use crate::{Mend, Told, Trial, TrialOutcome, TrialResult};

const REFUSED: &str = r#"
forbid (principal, action == Doorward::Action::"application:open", resource)
unless { context.reason && context.approvals >= 1 };
"#;

async fn tried(house: &House, rp: &Rp, request: Option<String>) -> TrialResult {
    let application = rp.id.parse().unwrap();
    let allowed = house.system(WriteApplication { application });
    let trial = Trial { request };
    let network = Network::default();
    house.oidc.try_sign_in(&allowed, &trial, &house.session, &network).await.unwrap()
}

async fn count(house: &House, table: &'static str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS n FROM {table}");
    house.db.read(move |c| c.value::<i64>(&sql, args![])).await.unwrap().unwrap()
}

/// What a request of the application's says, with this changed.
fn request(rp: &Rp, name: &str, value: Option<&str>) -> Option<String> {
    Some(format!("{ORIGIN}/oauth2/authorize?{}", rp.request().with(name, value).query()))
}

#[tokio::test]
async fn the_claims_are_those_that_a_real_sign_in_gives() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let shown = tried(&house, &rp, request(&rp, "state", Some("s"))).await;
        assert_eq!(shown.outcome, TrialOutcome::Works);
        let got = token(&house, &rp.redeem(&house.code(&rp).await)).await.unwrap();
        let mut id = house.oidc.verify(TokenKind::Id, got.id_token.as_deref().unwrap()).unwrap();
        id.remove("at_hash");
        assert_eq!(shown.id_token.as_ref(), Some(&id));
        let info = house.oidc.userinfo(&got.access_token).await.unwrap();
        assert_eq!(shown.userinfo.map(Value::Object), Some(info));
        assert_eq!(shown.redirect_uri.as_deref(), Some(CB));
        assert_eq!(shown.scopes, ["groups", "offline_access", "openid"]);
        assert_eq!(
            (shown.acr.as_deref(), shown.amr),
            (Some("phr"), vec!["pop".into(), "mfa".into()])
        );
    })
    .await;
}

/// abuse case F2: a test leaves no code, no token and no yes that anybody could use.
#[tokio::test]
async fn nothing_usable_comes_of_a_test_and_it_is_recorded() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let asks = Settings { ask_consent: true, ..web_settings() };
        let made = house.register("asks", asks).await;
        let asks = Rp { id: made.application.id.to_string(), secret: made.client_secret.unwrap() };
        let rp = house.rp("rp").await;
        assert_eq!(tried(&house, &rp, None).await.outcome, TrialOutcome::Works);
        let shown = tried(&house, &asks, None).await;
        assert_eq!(shown.outcome, TrialOutcome::Consent);
        assert!(shown.id_token.is_some(), "it is shown what would come after the yes");
        let tables =
            ["authorization_code", "token_family", "refresh_token", "access_token", "consent"];
        for table in tables {
            assert_eq!(count(&house, table).await, 0, "{table}");
        }
        let text = serde_json::to_string(&shown).unwrap();
        assert!(!text.contains("eyJ"), "nothing in it is a token: {text}");
        assert!(house.news().await.is_empty(), "no address of the application's is called");
        let recorded: Vec<String> = house
            .db
            .read(|c| {
                let sql = "SELECT outcome FROM event WHERE activity = 'application.tested'";
                c.all_with(sql, args![], |r| r.get("outcome"))
            })
            .await
            .unwrap();
        assert_eq!(recorded, ["success", "success"]);
        assert!(matches!(house.outcome(&asks.request()).await, AuthorizeOutcome::NeedConsent(_)));
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_with_what_to_mend() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (rp, other) = (house.rp("rp").await, house.rp("other").await);
        let machine = house.machine("deploy").await;
        let person = Told::Person;
        let client = Told::Application;
        for (request, code, told, mend) in [
            (request(&rp, "redirect_uri", Some("https://rp.example/CB")), "invalid_request", person, Mend::RedirectUri),
            (request(&rp, "redirect_uri", None), "invalid_request", person, Mend::RedirectUri),
            (request(&rp, "client_id", Some(&other.id)), "invalid_request", person, Mend::ClientId),
            (request(&rp, "client_id", None), "invalid_request", person, Mend::ClientId),
            (Some("https://elsewhere.example/authorize?client_id=x".into()), "invalid_request", person, Mend::Endpoint),
            (request(&rp, "code_challenge", None), "invalid_request", client, Mend::Pkce),
            (request(&rp, "code_challenge_method", Some("plain")), "invalid_request", client, Mend::Pkce),
            (request(&rp, "response_type", Some("token")), "unsupported_response_type", client, Mend::Response),
            (request(&rp, "request", Some("x")), "request_not_supported", client, Mend::RequestObject),
            (request(&rp, "acr_values", Some("gold")), "invalid_request", client, Mend::Acr),
            (request(&rp, "prompt", Some("none login")), "invalid_request", client, Mend::Prompt),
            (request(&rp, "max_age", Some("soon")), "invalid_request", client, Mend::Request),
        ] {
            let shown = tried(&house, &rp, request.clone()).await;
            let error = shown.error.unwrap_or_else(|| panic!("{request:?}"));
            assert_eq!((error.code.as_str(), error.told, error.mend), (code, told, mend), "{request:?}");
            assert_eq!((shown.outcome, shown.id_token), (TrialOutcome::Error, None));
            assert_eq!(shown.registered, [CB]);
        }
        // A client that signs in as itself has no address to send anybody to.
        let shown = tried(&house, &machine, None).await;
        assert_eq!(shown.error.unwrap().mend, Mend::RedirectUri);
        let allowed = house.system(WriteApplication { application: rp.id.parse().unwrap() });
        let off = crate::ChangedApplication { enabled: Some(false), ..Default::default() };
        house.oidc.change_application(&allowed, off).await.unwrap();
        assert_eq!(tried(&house, &rp, None).await.error.unwrap().mend, Mend::SwitchOn);
        let failed: Option<i64> = house
            .db
            .read(|c| c.value("SELECT COUNT(*) AS n FROM event WHERE activity = 'application.tested' AND outcome = 'failure'", args![]))
            .await
            .unwrap();
        assert_eq!(failed, Some(14));
    })
    .await;
}

#[tokio::test]
async fn a_no_of_the_policy_and_a_proof_that_is_missing_are_shown_with_what_would_help() {
    each_database(|db, env| async move {
        let mut house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let stale = tried(&house, &rp, request(&rp, "prompt", Some("login"))).await;
        assert_eq!(stale.outcome, TrialOutcome::StepUp);
        house.session.proofs[0].phishing_resistant = false;
        let weak = tried(&house, &rp, request(&rp, "acr_values", Some("phr"))).await;
        assert_eq!(weak.outcome, TrialOutcome::StepUp);
        assert_eq!(weak.requirements, [doorward_core::Requirement::PhishingResistant]);
        let left = tried(&house, &rp, request(&rp, "scope", Some("openid email phone"))).await;
        assert_eq!(
            (left.scopes, left.left_out),
            (vec!["openid".to_owned()], vec!["email".into(), "phone".into()])
        );
        let (engine, name) = (house.watch.engine(), doorward_core::Name::parse("strict").unwrap());
        let allowed = house.system(doorward_core::CreatePolicy {});
        policies::create(engine, &house.db, &allowed, name, String::new(), REFUSED.to_owned())
            .await
            .unwrap();
        let denied = tried(&house, &rp, None).await;
        assert_eq!(denied.outcome, TrialOutcome::Denied);
        assert_eq!(denied.sentences.len(), 2, "{denied:?}");
        assert!(denied.policies.iter().any(|p| p.starts_with("strict")), "{denied:?}");
        // The real endpoint records its own refusals; a test is no attempt.
        let refusals: Option<i64> = house
            .db
            .read(|c| {
                c.value(
                    "SELECT COUNT(*) AS n FROM event WHERE activity = 'application.refused'",
                    args![],
                )
            })
            .await
            .unwrap();
        assert_eq!(refusals, Some(0));
    })
    .await;
}
