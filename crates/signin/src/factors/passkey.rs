//! Passkeys: WebAuthn level 3, discoverable, with user verification: two
//! factors in one, and the only one that is needed.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::{AuthenticatorId, Class, Entity, Event, FactorClass, Id as _, IdentityId};
use doorward_store::{authenticator, event};
use serde_json::{Value, json};
use url::Url;
use webauthn_rs::Webauthn;
use webauthn_rs::WebauthnBuilder;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey as Credential, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, WebauthnError,
};

use super::{Asked, Factor, FactorError, Later, Pending, Subject, Tools, filled};
use crate::error::{Result, SignInError};
use crate::prompt::{Answer, Ceremony, Field};

/// The largest credential id that WebAuthn allows, in base64url.
const LONGEST_ID: usize = 1_364;
/// A credential in JSON is far smaller.
const LONGEST_ANSWER: usize = 32 * 1_024;

pub(crate) struct Passkey {
    webauthn: Webauthn,
}

impl Passkey {
    /// For this origin and no other: neither its subdomains nor other ports.
    /// None when the origin has no domain, where WebAuthn does not work.
    pub fn new(origin: &Url, house: &str) -> Result<Option<Self>> {
        let Some(domain) = origin.domain() else { return Ok(None) };
        let bad = |e: WebauthnError| SignInError::Config(format!("http.origin: {e}"));
        let webauthn = WebauthnBuilder::new(domain, origin)
            .map_err(bad)?
            .rp_name(house)
            .allow_subdomains(false)
            .allow_any_port(false)
            .build()
            .map_err(bad)?;
        Ok(Some(Self { webauthn }))
    }

    /// The challenge for a passkey of whoever has one here; `conditional` only
    /// offers it in the autofill of the name.
    pub fn challenge(&self, conditional: bool) -> Result<(Field, Value), FactorError> {
        let (mut challenge, state) =
            self.webauthn.start_discoverable_authentication().map_err(broken)?;
        if !conditional {
            challenge.mediation = None;
        }
        let options = serde_json::to_value(&challenge.public_key).map_err(broken)?;
        let field =
            Field::Webauthn { name: "passkey", ceremony: Ceremony::Get, options, conditional };
        Ok((field, serde_json::to_value(state).map_err(broken)?))
    }
}

fn broken(e: impl std::fmt::Display) -> FactorError {
    FactorError::Failed(SignInError::Internal(format!("webauthn: {e}")))
}

fn parsed<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, FactorError> {
    let text = filled(answer, "passkey")?;
    let unusable = || FactorError::Unusable("The browser's answer cannot be read.".to_owned());
    if text.len() > LONGEST_ANSWER {
        return Err(unusable());
    }
    serde_json::from_str(text).map_err(|_| unusable())
}

#[async_trait]
impl Factor for Passkey {
    fn name(&self) -> &'static str {
        "passkey"
    }
    fn label(&self) -> &'static str {
        "Passkey"
    }
    fn class(&self) -> FactorClass {
        FactorClass::PossessionVerified
    }
    fn phishing_resistant(&self) -> bool {
        true
    }
    fn guessable(&self) -> bool {
        false
    }

    async fn ask(&self, _: &Tools, _: &Subject) -> Result<Asked, FactorError> {
        let (field, state) = self.challenge(false)?;
        Ok(Asked {
            title: "Use your passkey",
            message: Some("Your device asks for your finger, your face or its PIN.".to_owned()),
            fields: vec![field],
            state,
        })
    }

    async fn check(
        &self,
        tools: &Tools,
        subject: &Subject,
        state: &Value,
        answer: &Answer,
        _: &mut Later,
    ) -> Result<IdentityId, FactorError> {
        let given: PublicKeyCredential = parsed(answer)?;
        let state: DiscoverableAuthentication = serde_json::from_value(state.clone())
            .map_err(|_| FactorError::Failed(SignInError::Over))?;
        let (user, credential) = self
            .webauthn
            .identify_discoverable_authentication(&given)
            .map_err(|_| FactorError::Wrong)?;
        let lookup = URL_SAFE_NO_PAD.encode(credential);
        let row = tools
            .db
            .read(move |c| authenticator::by_lookup(c, "passkey", &lookup))
            .await?
            .ok_or(FactorError::Wrong)?;
        // INVARIANT: the key's owner is who the database says, not who the key says.
        if row.identity.uuid() != user || subject.id().is_some_and(|id| id != row.identity) {
            return Err(FactorError::Wrong);
        }
        let mut key: Credential = serde_json::from_slice(&row.data).map_err(broken)?;
        let result = self.webauthn.finish_discoverable_authentication_v2(
            &given,
            state,
            DiscoverableKey::from(&key),
        );
        let now = tools.env.now();
        let result = match result {
            Ok(result) if result.user_verified() => result,
            Ok(_) => return Err(FactorError::Wrong),
            Err(e) => {
                if matches!(e, WebauthnError::CredentialPossibleCompromise) {
                    let alarm = Event::new(
                        &tools.env,
                        Class::DetectionFinding,
                        "passkey.counter-regressed",
                        &subject.actor,
                    )
                    .failed()
                    .on(Entity::new("Identity", row.identity))
                    .with("authenticator", row.id.to_string());
                    tools.db.write(move |c| event::append(c, &alarm)).await?;
                }
                return Err(FactorError::Wrong);
            }
        };
        key.update_credential(&result);
        let data = serde_json::to_vec(&key).map_err(broken)?;
        let counter = i64::from(result.counter());
        let (id, version, identity) = (row.id, row.version, row.identity);
        let fresh = tools
            .db
            .write(move |c| {
                // Two assertions of one key at once: the second finds another version.
                let fresh = authenticator::rewrite(c, id, version, &data, counter)?;
                authenticator::used(c, id, now)?;
                Ok::<_, doorward_store::Error>(fresh)
            })
            .await?;
        // Without a counter there is nothing that two at once could share.
        if fresh || counter == 0 { Ok(identity) } else { Err(FactorError::Wrong) }
    }

    async fn offer(&self, _: &Tools, subject: &Subject, _: &Value) -> Result<Asked, FactorError> {
        let person = subject.identity.as_ref().ok_or(FactorError::Failed(SignInError::Over))?;
        let have = subject
            .of(self.name())
            .filter_map(|row| serde_json::from_slice::<Credential>(&row.data).ok())
            .map(|key| key.cred_id().clone())
            .collect();
        let (challenge, state) = self
            .webauthn
            .start_passkey_registration(
                person.id.uuid(),
                person.name.as_str(),
                &person.display_name,
                Some(have),
            )
            .map_err(broken)?;
        let mut options = serde_json::to_value(&challenge.public_key).map_err(broken)?;
        // Discoverable, so that it signs in without a name.
        if let Some(selection) =
            options.get_mut("authenticatorSelection").and_then(Value::as_object_mut)
        {
            selection.insert("residentKey".to_owned(), json!("required"));
            selection.insert("requireResidentKey".to_owned(), json!(true));
        }
        Ok(Asked {
            title: "Create a passkey",
            message: Some(
                "Your device, phone or security key makes a passkey for Doorward. It cannot be phished and needs no password."
                    .to_owned(),
            ),
            fields: vec![
                Field::Text {
                    name: "label",
                    label: "What to call it".to_owned(),
                    autocomplete: "off",
                    value: "Passkey".to_owned(),
                },
                Field::Webauthn {
                    name: "passkey",
                    ceremony: Ceremony::Create,
                    options,
                    conditional: false,
                },
            ],
            state: serde_json::to_value(state).map_err(broken)?,
        })
    }

    async fn enrol(
        &self,
        tools: &Tools,
        _: &Subject,
        state: &Value,
        answer: &Answer,
    ) -> Result<Vec<Pending>, FactorError> {
        let given: RegisterPublicKeyCredential = parsed(answer)?;
        let state: PasskeyRegistration = serde_json::from_value(state.clone())
            .map_err(|_| FactorError::Failed(SignInError::Over))?;
        let key = self.webauthn.finish_passkey_registration(&given, &state).map_err(|e| {
            tracing::debug!(error = %e, "passkey registration");
            FactorError::Unusable("That passkey cannot be used. Try again.".to_owned())
        })?;
        let lookup = URL_SAFE_NO_PAD.encode(key.cred_id().as_slice());
        let taken = {
            let lookup = lookup.clone();
            tools.db.read(move |c| authenticator::by_lookup(c, "passkey", &lookup)).await?
        };
        if taken.is_some() || lookup.len() > LONGEST_ID {
            return Err(FactorError::Unusable("That passkey is already registered.".to_owned()));
        }
        let label = answer.get("label").map(|l| l.trim()).filter(|l| !l.is_empty());
        let label: String =
            label.unwrap_or("Passkey").chars().filter(|c| !c.is_control()).take(64).collect();
        Ok(vec![Pending {
            id: AuthenticatorId::new(&tools.env),
            factor: self.name().to_owned(),
            label,
            lookup: Some(lookup),
            data: serde_json::to_vec(&key).map_err(broken)?,
            counter: 0,
            replaces: false,
        }])
    }
}
