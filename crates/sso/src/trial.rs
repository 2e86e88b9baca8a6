//! A sign-in tried out: what an application would get, without the application.
//!
//! Promises: it asks the same checks and the same decision as the authorization
//! endpoint, and then nothing is signed, kept or sent. There is no code, no token
//! and no consent afterwards, and no address of the application's is called. That
//! it was tried is recorded.

use doorward_core::lifecycle::LiveSession;
use doorward_core::{Allowed, Class, Entity, Event, Network, Requirement, WriteApplication};
use doorward_store::{event, identity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::Oidc;
use crate::applications::{ApplicationError, ApplicationView};
use crate::authorize::AuthorizeOutcome;
use crate::authorize::Checked;
use crate::error::{OAuthCode, OAuthError};
use crate::params::Params;
use crate::tokens::{SHORT, acr, amr};

/// What to try.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "NewSignInTest")]
pub struct Trial {
    /// What the application sends people to: the whole address of its request, or its
    /// query. A request as it should be, for all that it may ask, when absent.
    pub request: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SignInTest")]
pub struct TrialResult {
    /// In a word.
    pub outcome: TrialOutcome,
    /// Where the answer would have gone; nothing was sent there.
    pub redirect_uri: Option<String>,
    /// The scopes that it would have.
    pub scopes: Vec<String>,
    /// The scopes that it asked for and may not have.
    pub left_out: Vec<String>,
    /// How strongly the person signed in, for the application.
    pub acr: Option<String>,
    /// By what (RFC 8176).
    pub amr: Vec<String>,
    /// The claims of the ID token, which was not signed: without `at_hash`, as there
    /// is no access token.
    pub id_token: Option<Map<String, Value>>,
    /// What userinfo would answer.
    pub userinfo: Option<Map<String, Value>>,
    /// What policy asks for before.
    pub requirements: Vec<Requirement>,
    /// The same for a person.
    pub sentences: Vec<String>,
    /// The policies that decided.
    pub policies: Vec<String>,
    /// What is wrong with the request.
    pub error: Option<TrialError>,
    /// The redirect URIs that the application has registered.
    pub registered: Vec<String>,
}

/// How a sign-in would go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SignInTestOutcome")]
pub enum TrialOutcome {
    /// The application would get what is shown.
    Works,
    /// The same, once the person has said yes to what it asks for.
    Consent,
    /// The person would be asked for another proof first.
    StepUp,
    /// Policy does not let this person in.
    Denied,
    /// The request is wrong.
    Error,
}

/// What is wrong with a request.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SignInTestError")]
pub struct TrialError {
    /// OAuth's code: `invalid_request`.
    pub code: String,
    /// What the one who gets it reads.
    pub description: String,
    /// Who gets it.
    pub told: Told,
    /// What to mend.
    pub mend: Mend,
}

/// Who gets an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SignInTestTold")]
pub enum Told {
    /// The person, on a page: there is no address that can be trusted.
    Person,
    /// The application, at its redirect URI.
    Application,
}

/// What to mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SignInTestMend")]
pub enum Mend {
    /// Send people to this house's own authorization endpoint.
    Endpoint,
    /// Send the client's id, which is shown with the application.
    ClientId,
    /// Switch the application on.
    SwitchOn,
    /// Send a redirect URI that is registered, or register this one.
    RedirectUri,
    /// Use PKCE: a `code_challenge` with the method `S256`.
    Pkce,
    /// Ask for `response_type=code`, answered in the query or by form.
    Response,
    /// It signs in as itself, with its own credentials, at the token endpoint.
    Workload,
    /// Do not send request objects.
    RequestObject,
    /// Ask for an `acr` that there is.
    Acr,
    /// With `prompt=none` only those get in who need do nothing more.
    Prompt,
    /// Something else in the request; the description says what.
    Request,
    /// Nothing of the application's; try again later.
    Later,
}

impl Mend {
    /// By what the authorization endpoint says is wrong.
    fn of(error: &OAuthError) -> Self {
        let about = |word: &str| error.description.contains(word);
        match error.code {
            OAuthCode::ServerError | OAuthCode::TemporarilyUnavailable => Self::Later,
            OAuthCode::UnauthorizedClient => Self::Workload,
            OAuthCode::UnsupportedResponseType => Self::Response,
            OAuthCode::RequestNotSupported
            | OAuthCode::RequestUriNotSupported
            | OAuthCode::RegistrationNotSupported => Self::RequestObject,
            OAuthCode::LoginRequired
            | OAuthCode::ConsentRequired
            | OAuthCode::InteractionRequired => Self::Prompt,
            _ if about(ENDPOINT) => Self::Endpoint,
            _ if about("switched off") => Self::SwitchOn,
            _ if about("client_id") || about("application is not known") => Self::ClientId,
            _ if about("redirect_uri") => Self::RedirectUri,
            _ if about("code_challenge") => Self::Pkce,
            _ if about("response_") => Self::Response,
            _ if about("acr_values") => Self::Acr,
            _ if about("prompt") => Self::Prompt,
            _ => Self::Request,
        }
    }
}

const ENDPOINT: &str = "not the authorization endpoint of this house";
/// A challenge that nobody has a verifier for.
const CHALLENGE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn bad(what: &'static str) -> OAuthError {
    OAuthError::new(OAuthCode::InvalidRequest, what)
}

impl Oidc {
    /// Tries a sign-in of this session's person, and records that.
    pub async fn try_sign_in(
        &self,
        allowed: &Allowed<WriteApplication>,
        trial: &Trial,
        session: &LiveSession,
        network: &Network,
    ) -> Result<TrialResult, ApplicationError> {
        let application = self.application(&allowed.act().application.to_string()).await?;
        let empty = TrialResult {
            outcome: TrialOutcome::Error,
            redirect_uri: None,
            scopes: Vec::new(),
            left_out: Vec::new(),
            acr: None,
            amr: Vec::new(),
            id_token: None,
            userinfo: None,
            requirements: Vec::new(),
            sentences: Vec::new(),
            policies: Vec::new(),
            error: None,
            registered: application.settings.redirect_uris.clone(),
        };
        let result = match self.asked(trial, &application) {
            Ok(params) => self.tried(empty, &params, session, network).await,
            Err(e) => wrong(empty, &e, Told::Person),
        };
        let mut record =
            Event::new(&self.env, Class::ApiActivity, "application.tested", allowed.actor())
                .on(Entity::new("Application", application.id))
                .by(allowed.policies())
                .with("outcome", json!(result.outcome));
        if !matches!(result.outcome, TrialOutcome::Works | TrialOutcome::Consent) {
            record = record.failed();
        }
        self.db.write(move |c| event::append(c, &record)).await?;
        Ok(result)
    }

    /// The parameters of the request.
    fn asked(&self, trial: &Trial, application: &ApplicationView) -> Result<Params, OAuthError> {
        let (id, settings) = (application.id.to_string(), &application.settings);
        let Some(text) = trial.request.as_deref().map(str::trim).filter(|t| !t.is_empty()) else {
            let scopes = settings.scopes.join(" ");
            let first = settings.redirect_uris.first().map(String::as_str).unwrap_or_default();
            let made = [
                ("client_id", id.as_str()),
                ("response_type", "code"),
                ("scope", scopes.as_str()),
                ("redirect_uri", first),
                ("state", "test"),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ];
            return Params::new(made.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec());
        };
        let query = match text.split_once('?') {
            Some((address, query)) => {
                if address.contains("://") && address != format!("{}/oauth2/authorize", self.issuer)
                {
                    return Err(bad("this is not the authorization endpoint of this house"));
                }
                query
            }
            None => text,
        };
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let params = Params::new(pairs)?;
        match params.get("client_id") {
            Some(given) if given != id => Err(bad("client_id is not the one of this application")),
            _ => Ok(params),
        }
    }

    async fn tried(
        &self,
        mut result: TrialResult,
        params: &Params,
        session: &LiveSession,
        network: &Network,
    ) -> TrialResult {
        let valid = match self.client_and_address(params).await {
            Ok(valid) => valid,
            Err(e) => return wrong(result, &e, Told::Person),
        };
        result.redirect_uri = params.get("redirect_uri").map(str::to_owned);
        let (actor, allowed, scopes, consent) = match self
            .checked(params, &valid, Some(session), network)
            .await
        {
            Err(e) => return wrong(result, &e, Told::Application),
            Ok(Checked::Outcome(AuthorizeOutcome::NeedStepUp { phishing_resistant, .. })) => {
                let needed = if phishing_resistant {
                    Requirement::PhishingResistant
                } else {
                    Requirement::StepUp
                };
                return refused(result, TrialOutcome::StepUp, vec![needed], Vec::new());
            }
            Ok(Checked::Outcome(_)) => {
                return wrong(result, &bad("nobody is signed in"), Told::Application);
            }
            Ok(Checked::Denied { denied, .. }) => {
                let proof = |r: &Requirement| {
                    matches!(r, Requirement::StepUp | Requirement::PhishingResistant)
                };
                let outcome = match denied.requirements.as_slice() {
                    [only] if proof(only) => TrialOutcome::StepUp,
                    _ => TrialOutcome::Denied,
                };
                return refused(result, outcome, denied.requirements, denied.policies);
            }
            Ok(Checked::Ready { actor, allowed, scopes, ask, .. }) => {
                (actor, allowed, scopes, ask.is_some())
            }
        };
        let asked = params.words("scope");
        result.left_out = asked.into_iter().filter(|s| !scopes.contains(s)).collect();
        // Nobody writes the family down: it is what claims are made of.
        let (facts, family) = self.begun_by(session, &actor, params, valid.application.id, scopes);
        let issued = self.env.wall();
        result.id_token =
            self.id_claims(&valid.application, &family, &facts, (issued, issued + SHORT), None);
        let who = session.identity;
        match self.db.read(move |c| identity::find(c, who)).await {
            Ok(Some(person)) if family.scopes.iter().any(|s| s == "openid") => {
                result.userinfo = Some(self.person_claims(&valid.application, &family, &person));
            }
            Ok(_) => {}
            Err(e) => return wrong(result, &OAuthError::from(e), Told::Application),
        }
        result.acr = Some(acr(&facts.proofs).to_owned());
        result.amr = amr(&facts.proofs).into_iter().map(str::to_owned).collect();
        result.policies = allowed.policies().to_vec();
        result.scopes = family.scopes;
        result.outcome = if consent { TrialOutcome::Consent } else { TrialOutcome::Works };
        result
    }
}

fn wrong(mut result: TrialResult, error: &OAuthError, told: Told) -> TrialResult {
    if let Some(source) = &error.source {
        tracing::error!(error = %source, "a test of a sign-in failed");
    }
    result.outcome = TrialOutcome::Error;
    result.error = Some(TrialError {
        code: error.code.name().to_owned(),
        description: error.description.to_owned(),
        told,
        mend: Mend::of(error),
    });
    result
}

fn refused(
    mut result: TrialResult,
    outcome: TrialOutcome,
    requirements: Vec<Requirement>,
    policies: Vec<String>,
) -> TrialResult {
    result.outcome = outcome;
    result.sentences = requirements.iter().map(Requirement::sentence).collect();
    (result.requirements, result.policies) = (requirements, policies);
    result
}
