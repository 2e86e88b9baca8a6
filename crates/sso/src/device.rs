//! Applications on devices without a browser (RFC 8628): they show a code, which
//! their person confirms in a browser where they are signed in.
//!
//! The code, the counting of guesses and the page are those of every other
//! confirmation (`crates/signin`). Here is decided who may have one and what it
//! is worth.

use doorward_core::lifecycle::LiveSession;
use doorward_core::{
    ApplicationId, Class, ConfirmationId, Denied, Entity, Event, Id as _, Network, OpenApplication,
    Requirement, TokenFamilyId,
};
use doorward_signin::{
    ConfirmationPurpose, ConfirmedApplication, Details, PolledApplication, SignInError,
};
use doorward_store::token::Family;
use doorward_store::{change, confirmation, event};
use serde::Serialize;
use serde_json::json;

use crate::Oidc;
use crate::applications::{ApplicationView, Kind};
use crate::authorize::scopes;
use crate::error::{OAuthCode, OAuthError};
use crate::params::Params;
use crate::token::{TokenResponse, bad_grant, offline, response};
use crate::tokens::{ABSOLUTE, Facts};

/// The `grant_type` (RFC 8628 section 3.4).
pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What the device authorization endpoint answers (RFC 8628 section 3.2).
#[derive(Clone, Debug, Serialize)]
pub struct DeviceAuthorization {
    /// What the device asks with.
    pub device_code: String,
    /// What it shows.
    pub user_code: String,
    /// Where the person types it.
    pub verification_uri: String,
    /// The same with the code in it, for a QR code; it still has to be confirmed.
    pub verification_uri_complete: String,
    /// Seconds.
    pub expires_in: u64,
    /// Seconds between two questions.
    pub interval: u64,
}

/// What a person's yes to a device led to.
#[derive(Debug)]
pub enum DeviceOutcome {
    /// The device gets its tokens.
    Confirmed,
    /// The proof is too old or too weak; come back then.
    NeedStepUp {
        /// Only a passkey will do.
        phishing_resistant: bool,
    },
    /// Policy says no.
    NotPermitted {
        /// The application.
        application: String,
        /// Which application.
        id: ApplicationId,
        /// What would change the answer.
        denied: Denied,
    },
}

impl Oidc {
    /// `POST /oauth2/device_authorization`.
    pub async fn device_authorization(
        &self,
        params: &Params,
        authorization: Option<&str>,
        network: &Network,
    ) -> Result<DeviceAuthorization, OAuthError> {
        let client = self.client(params, authorization).await?;
        may_use_devices(&client)?;
        let details = Details {
            client: client.title.clone(),
            address: network.address,
            application: Some(client.id),
            scopes: scopes(params, &client),
            ..Details::default()
        };
        let begun = self
            .signin
            .start_confirmation(ConfirmationPurpose::Application, details, None)
            .await
            .map_err(failed)?;
        Ok(DeviceAuthorization {
            device_code: begun.token.expose().to_owned(),
            user_code: begun.user_code,
            verification_uri: begun.verification_uri,
            verification_uri_complete: begun.verification_uri_complete,
            expires_in: begun.expires_in.as_secs(),
            interval: begun.interval.as_secs(),
        })
    }

    /// The person's yes, as far as policy lets them say it. What they confirm they
    /// have seen: the application, its scopes, where the device is.
    pub async fn confirm_device(
        &self,
        by: &LiveSession,
        id: ConfirmationId,
        network: &Network,
    ) -> Result<DeviceOutcome, SignInError> {
        let what = self.signin.confirmation(by, id).await?;
        let missing = || SignInError::NotFound("confirmation");
        let application = what.details.application.ok_or_else(missing)?;
        let actor = by.actor(network.clone());
        let asked = self.ask(&actor, OpenApplication { application }).await;
        match asked.map_err(|e| SignInError::Internal(e.to_string()))? {
            Ok(allowed) => {
                self.signin.confirm_application(by, id, network, &allowed).await?;
                Ok(DeviceOutcome::Confirmed)
            }
            Err(denied) => Ok(match denied.requirements.as_slice() {
                [Requirement::StepUp] => DeviceOutcome::NeedStepUp { phishing_resistant: false },
                [Requirement::PhishingResistant] => {
                    DeviceOutcome::NeedStepUp { phishing_resistant: true }
                }
                _ => DeviceOutcome::NotPermitted {
                    application: what.details.client,
                    id: application,
                    denied,
                },
            }),
        }
    }

    /// The token request of a device that waits (RFC 8628 sections 3.4 and 3.5).
    pub(crate) async fn device_code(
        &self,
        client: &ApplicationView,
        params: &Params,
    ) -> Result<TokenResponse, OAuthError> {
        may_use_devices(client)?;
        let code = params.need("device_code", "device_code is missing")?;
        let no = |code, what| Err(OAuthError::new(code, what));
        match self.signin.poll_application(code, client.id).await.map_err(failed)? {
            PolledApplication::Confirmed(yes) => self.device_tokens(client, *yes).await,
            PolledApplication::Waiting => {
                no(OAuthCode::AuthorizationPending, "nobody has confirmed the code yet")
            }
            PolledApplication::SlowDown => {
                no(OAuthCode::SlowDown, "wait five seconds longer between two requests")
            }
            PolledApplication::Refused => no(OAuthCode::AccessDenied, "the person said no"),
            PolledApplication::Expired => {
                no(OAuthCode::ExpiredToken, "nobody confirmed the code in time; ask for another")
            }
            PolledApplication::Used(id) => {
                self.kill(family_of(id), "a device code was presented twice").await?;
                Err(bad_grant("the device code is not good"))
            }
            PolledApplication::Foreign(id) => {
                self.kill(family_of(id), "a device code was presented by another client").await?;
                Err(bad_grant("the device code is not good"))
            }
            PolledApplication::Unknown => Err(bad_grant("the device code is not good")),
        }
    }

    async fn device_tokens(
        &self,
        client: &ApplicationView,
        yes: ConfirmedApplication,
    ) -> Result<TokenResponse, OAuthError> {
        let now = self.env.now();
        let id = yes.what.id;
        // From now on it is the device that acts: it is asked from where it is.
        let facts = Facts {
            proofs: yes.by.proofs.clone(),
            nonce: None,
            address: yes.what.details.address,
            device: None,
        };
        let family = Family {
            id: family_of(id),
            application: client.id,
            identity: yes.by.identity,
            session: Some(yes.by.id),
            scopes: yes.what.details.scopes,
            facts: json!(facts),
            created_at: now,
            expires_at: now + ABSOLUTE,
            revoked_at: None,
        };
        let actor = facts.actor(&family);
        let act = OpenApplication { application: client.id };
        let Ok(allowed) = self.ask(&actor, act).await? else {
            return Err(OAuthError::new(OAuthCode::AccessDenied, "policy does not permit it"));
        };
        let minted =
            std::sync::Arc::new(self.mint(client, &family, &facts, offline(client, &family))?);
        let opened = Event::new(&self.env, Class::Authentication, "application.opened", &actor)
            .on(Entity::new("Application", client.id))
            .by(allowed.policies())
            .with("confirmation", id.to_string())
            .with("scopes", json!(family.scopes));
        let issued = self.issued(&family, &facts, GRANT_TYPE);
        let (me, keep, row) = (self.clone(), minted.clone(), family.clone());
        let first = self
            .db
            .write(move |c| {
                if !confirmation::consume(c, id)? {
                    return Ok(false);
                }
                me.begin_family(c, &row)?;
                keep.keep(c)?;
                event::append(c, &opened)?;
                event::append(c, &issued)?;
                change::bump(c, "token_family", row.id, now)?;
                Ok::<_, OAuthError>(true)
            })
            .await?;
        if !first {
            self.kill(family.id, "a device code was presented twice").await?;
            return Err(bad_grant("the device code is not good"));
        }
        Ok(response(&minted, &family))
    }
}

/// The family that a confirmation becomes: of the same number, so that its code,
/// when it is shown again, ends it.
fn family_of(id: ConfirmationId) -> TokenFamilyId {
    TokenFamilyId::from_uuid(id.uuid())
}

fn may_use_devices(client: &ApplicationView) -> Result<(), OAuthError> {
    if client.settings.kind == Kind::Native && client.settings.device_authorization {
        return Ok(());
    }
    Err(OAuthError::new(
        OAuthCode::UnauthorizedClient,
        "this client is not registered for device authorization",
    ))
}

fn failed(e: SignInError) -> OAuthError {
    match e {
        SignInError::Store(e) => e.into(),
        SignInError::Vault(e) => e.into(),
        SignInError::TooMany(_) => OAuthError::new(
            OAuthCode::TemporarilyUnavailable,
            "too many devices ask at the moment; try again in a minute",
        ),
        other => OAuthError {
            code: OAuthCode::ServerError,
            description: "try again later",
            source: Some(Box::new(other)),
        },
    }
}
