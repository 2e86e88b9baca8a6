use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use doorward_core::{Assurance, Requirement};
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client as PasskeyClient, DefaultClientData};
use passkey::crypto::aws_lc_rs::AwsLcRsBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{CredentialCreationOptions, CredentialRequestOptions};
use url::Url;

use super::house::*;
use crate::*;

/// Somebody at the device, who shows their finger or only touches it.
struct Person {
    verified: bool,
}

#[async_trait]
impl UserValidationMethod for Person {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        _: bool,
        _: bool,
    ) -> std::result::Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: self.verified })
    }
    fn is_presence_enabled(&self) -> bool {
        true
    }
    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

type Device = Authenticator<Option<Passkey>, Person, AwsLcRsBackend>;

fn device(key: Option<Passkey>) -> Device {
    let mut made =
        Authenticator::new(Aaguid::new_empty(), key, Person { verified: true }, AwsLcRsBackend);
    made.set_make_credentials_with_signature_counter(true);
    made
}

/// Creates a passkey as the browser at `origin` would; gives the answer and the key.
async fn create(options: serde_json::Value, origin: &str) -> (String, Option<Passkey>) {
    let mut browser = PasskeyClient::new(device(None));
    let request: CredentialCreationOptions =
        serde_json::from_value(serde_json::json!({ "publicKey": options })).unwrap();
    let origin = Url::parse(origin).unwrap();
    let made = browser.register(&origin, request, DefaultClientData).await.unwrap();
    let key = browser.authenticator().store().clone();
    (as_browsers_write_it(&made), key)
}

/// Signs a challenge; the key's counter moves on.
async fn sign(options: serde_json::Value, origin: &str, key: &mut Option<Passkey>) -> String {
    let mut browser = PasskeyClient::new(device(key.clone()));
    let request: CredentialRequestOptions =
        serde_json::from_value(serde_json::json!({ "publicKey": options })).unwrap();
    let origin = Url::parse(origin).unwrap();
    let made = browser.authenticate(&origin, request, DefaultClientData).await.unwrap();
    *key = browser.authenticator().store().clone();
    as_browsers_write_it(&made)
}

/// `toJSON()` of a credential: bytes in base64url.
fn as_browsers_write_it(made: &impl serde::Serialize) -> String {
    fn change(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Array(items) => {
                let bytes: Option<Vec<u8>> =
                    items.iter().map(|i| i.as_u64().and_then(|n| u8::try_from(n).ok())).collect();
                match bytes {
                    Some(bytes) if !bytes.is_empty() => *value = B64.encode(bytes).into(),
                    _ => items.iter_mut().for_each(change),
                }
            }
            serde_json::Value::Object(fields) => fields.values_mut().for_each(change),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(made).unwrap();
    change(&mut value);
    value.to_string()
}

/// Somebody whose only authenticator is a passkey.
async fn enrolled(h: &House, name: &str) -> (Finished, Option<Passkey>) {
    let person = h.person(name).await;
    let link = h.link(person.id).await;
    let turn = h.signin.begin_link(link.token().expose(), &client()).await.unwrap();
    let mut b = Browser::at(h, turn);
    b.answer(&[("use", "passkey")]).await;
    assert_eq!(b.prompt.step, "enrol-passkey", "{:?}", b.prompt);
    let (answer, key) = create(b.options(), ORIGIN).await;
    let done = b.finish(&[("passkey", &answer), ("label", "Laptop")]).await;
    (done, key)
}

#[tokio::test]
async fn passkey_alone_enrols_and_signs_in_without_a_name() {
    each_house(|h| async move {
        let (first, mut key) = enrolled(&h, "ada").await;
        assert_eq!(Assurance::of(&first.session.proofs), Assurance::Aal2);
        let mut b = Browser::open(&h).await;
        assert!(b.prompt.fields.iter().any(|f| matches!(
            f,
            Field::Webauthn { conditional: true, ceremony: Ceremony::Get, .. }
        )));
        let options = b.options();
        assert_eq!(options["userVerification"], "required");
        assert_eq!(options["rpId"], "door.example.org");
        let answer = sign(options, ORIGIN, &mut key).await;
        let done = b.finish(&[("passkey", &answer)]).await;
        assert_eq!(done.session.identity, first.session.identity);
        assert!(done.session.actor(network()).phishing_resistant());
    })
    .await;
}

#[tokio::test]
async fn challenge_is_good_once_and_in_its_own_flow() {
    each_house(|h| async move {
        let (_, mut key) = enrolled(&h, "ada").await;
        let mut one = Browser::open(&h).await;
        let mut two = Browser::open(&h).await;
        let answer = sign(one.options(), ORIGIN, &mut key).await;
        two.answer(&[("passkey", &answer)]).await;
        assert!(two.prompt.error.is_some(), "another flow's challenge");
        one.finish(&[("passkey", &answer)]).await;
        let mut three = Browser::open(&h).await;
        three.answer(&[("passkey", &answer)]).await;
        assert!(three.prompt.error.is_some(), "replayed");
    })
    .await;
}

/// abuse case 24: `badexample.com` is not `example.com`; the origin is matched
/// whole, without subdomains or other ports.
#[tokio::test]
async fn other_origins_are_refused() {
    each_house(|h| async move {
        let (_, key) = enrolled(&h, "ada").await;
        for origin in [
            "https://door.example.org:8443",
            "https://sub.door.example.org",
            "https://baddoor.example.org",
            "https://door.example.org.evil.example",
            "http://door.example.org",
        ] {
            let mut b = Browser::open(&h).await;
            // The browser signs for our relying party; only the origin is another.
            let answer = sign(b.options(), ORIGIN, &mut key.clone()).await;
            let mut forged: serde_json::Value = serde_json::from_str(&answer).unwrap();
            let data = forged["response"]["clientDataJSON"].as_str().unwrap();
            let mut data: serde_json::Value =
                serde_json::from_slice(&B64.decode(data).unwrap()).unwrap();
            data["origin"] = origin.into();
            forged["response"]["clientDataJSON"] = B64.encode(data.to_string()).into();
            b.answer(&[("passkey", &forged.to_string())]).await;
            assert_eq!(b.prompt.step, "name", "{origin}");
            assert!(b.prompt.error.is_some(), "{origin}");
        }
        let passkey = crate::factors::passkey::Passkey::new(
            &Url::parse("https://127.0.0.1:8443").unwrap(),
            "Doorward",
        );
        assert!(passkey.unwrap().is_none(), "no passkeys without a domain");
    })
    .await;
}

#[tokio::test]
async fn counter_that_goes_back_is_an_event_and_no_sign_in() {
    each_house(|h| async move {
        let (_, key) = enrolled(&h, "ada").await;
        let clone = key.clone();
        let mut original = key;
        for _ in 0..2 {
            let mut b = Browser::open(&h).await;
            let answer = sign(b.options(), ORIGIN, &mut original).await;
            b.finish(&[("passkey", &answer)]).await;
        }
        let mut b = Browser::open(&h).await;
        let answer = sign(b.options(), ORIGIN, &mut clone.clone()).await;
        b.answer(&[("passkey", &answer)]).await;
        assert!(b.prompt.error.is_some());
        assert_eq!(h.events("passkey.counter-regressed").await, 1);
    })
    .await;
}

#[tokio::test]
async fn key_of_one_person_is_not_registered_by_another() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let eve = h.enrolled("eve").await;
        let own = h.own(&ada.finished.session);
        let turn = h.signin.begin_add(&own, &ada.finished.session, "passkey", &client(), "").await;
        let mut b = Browser::at(&h, turn.unwrap());
        let (answer, mut key) = create(b.options(), ORIGIN).await;
        assert!(b.try_answer(&[("passkey", &answer)]).await.unwrap().is_some());
        // Ada's key steps Ada up, and nobody else.
        let resist = Requirement::PhishingResistant;
        let turn = h.signin.begin_step_up(&ada.finished.session, &resist, &client(), "").await;
        let mut b = Browser::at(&h, turn.unwrap());
        let answer = sign(b.options(), ORIGIN, &mut key).await;
        let done = b.finish(&[("passkey", &answer)]).await;
        assert!(done.session.actor(network()).phishing_resistant());
        let resist = Requirement::StepUp;
        let turn = h.signin.begin_step_up(&eve.finished.session, &resist, &client(), "").await;
        let mut b = Browser::at(&h, turn.unwrap());
        assert!(b.prompt.others.iter().all(|o| o.factor != "passkey"));
        b.answer(&[("use", "passkey")]).await;
        assert_eq!(b.prompt.step, "totp");
    })
    .await;
}

#[tokio::test]
async fn locked_person_still_signs_in_by_passkey() {
    each_house(|h| async move {
        let (_, mut key) = enrolled(&h, "ada").await;
        for _ in 0..12 {
            let mut b = Browser::open(&h).await;
            b.answer(&[("name", "ada")]).await;
            b.answer(&[("password", "wrong wrong wrong")]).await;
            h.env.advance(std::time::Duration::from_secs(40));
        }
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", "ada")]).await;
        b.answer(&[("use", "passkey")]).await;
        let answer = sign(b.options(), ORIGIN, &mut key).await;
        b.finish(&[("passkey", &answer)]).await;
    })
    .await;
}

/// A key that was only touched shows one factor, which is not asked for here.
#[tokio::test]
async fn key_without_user_verification_is_no_passkey() {
    each_house(|h| async move {
        let (_, key) = enrolled(&h, "ada").await;
        let mut b = Browser::open(&h).await;
        let mut options = b.options();
        // The page is made to ask for less than the house does.
        options["userVerification"] = "discouraged".into();
        let touched = Authenticator::new(
            Aaguid::new_empty(),
            key,
            Person { verified: false },
            AwsLcRsBackend,
        );
        let mut browser = PasskeyClient::new(touched).user_verification_when_preferred(false);
        let request: CredentialRequestOptions =
            serde_json::from_value(serde_json::json!({ "publicKey": options })).unwrap();
        let origin = Url::parse(ORIGIN).unwrap();
        let made = browser.authenticate(&origin, request, DefaultClientData).await.unwrap();
        b.answer(&[("passkey", &as_browsers_write_it(&made))]).await;
        assert_eq!(b.prompt.step, "name");
        assert!(b.prompt.error.is_some());
    })
    .await;
}
