//! The authorization endpoint (OpenID Connect Core section 3.1.2).

use std::time::Duration;

use doorward_core::lifecycle::LiveSession;
use doorward_core::{
    Actor, Allowed, ApplicationId, Class, Context, Denied, Entity, Event, IdentityId, Network,
    OpenApplication, Requirement, authorize,
};
use doorward_store::token::{self as rows, Code};
use doorward_store::{application as application_rows, change, event};
use serde_json::json;
use url::Url;

use crate::Oidc;
use crate::applications::{ApplicationView, Kind};
use crate::error::{OAuthCode, OAuthError};
use crate::jwt::TokenKind;
use crate::params::Params;
use crate::redirect::redirect_matches;
use crate::tokens::{acr, acr_satisfies, auth_time, hash, random};

/// How long a code lives.
const CODE: Duration = Duration::from_secs(60);
/// How fresh a proof must be after `prompt=login`.
const FRESH: Duration = Duration::from_secs(120);

/// What is to happen next. `resume` is the query to come back with; it is
/// validated again from the beginning then.
#[derive(Debug)]
pub enum AuthorizeOutcome {
    /// Send the browser here: a code, or an error that the client may see.
    Redirect(Url),
    /// Post these fields to the address (OAuth 2.0 Form Post Response Mode).
    FormPost {
        /// Where to; it was matched with a registered address.
        action: String,
        /// What.
        fields: Vec<(String, String)>,
    },
    /// Nobody is signed in.
    NeedSignIn {
        /// The query to come back with.
        resume: String,
        /// The name to begin with.
        login_hint: Option<String>,
    },
    /// The proof is too old or too weak.
    NeedStepUp {
        /// The query to come back with.
        resume: String,
        /// Only a passkey will do.
        phishing_resistant: bool,
    },
    /// The person must be asked.
    NeedConsent(ConsentAsked),
    /// Policy says no; a page says what would change that.
    NotPermitted {
        /// The application.
        application: String,
        /// Which application, to request access to it.
        id: ApplicationId,
        /// What would change the answer.
        denied: Denied,
    },
    /// An error that goes to the person and never to an address.
    Page(OAuthError),
}

/// What the person is asked.
#[derive(Clone, Debug)]
pub struct ConsentAsked {
    /// By whom.
    pub application: String,
    /// Which application.
    pub id: ApplicationId,
    /// For what.
    pub scopes: Vec<String>,
    /// The query to come back with.
    pub resume: String,
}

/// A request whose client and address are known to be good.
pub(crate) struct Valid {
    pub(crate) application: ApplicationView,
    redirect_uri: String,
    response_mode: Mode,
    state: Option<String>,
}

/// What the checks of a request come to.
pub(crate) enum Checked {
    /// The person has to do something first.
    Outcome(AuthorizeOutcome),
    /// Policy says no.
    Denied { actor: Actor, denied: Denied, none: bool },
    /// It can be answered, once the person has said yes to what `ask` says.
    Ready {
        actor: Box<Actor>,
        allowed: Box<Allowed<OpenApplication>>,
        scopes: Vec<String>,
        challenge: String,
        ask: Option<ConsentAsked>,
        none: bool,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Query,
    FormPost,
}

impl Oidc {
    /// Decides what a request to the authorization endpoint leads to.
    pub async fn authorize(
        &self,
        params: &Params,
        session: Option<&LiveSession>,
        network: &Network,
    ) -> AuthorizeOutcome {
        let valid = match self.client_and_address(params).await {
            Ok(valid) => valid,
            Err(e) => return AuthorizeOutcome::Page(e),
        };
        match self.proceed(params, &valid, session, network).await {
            Ok(outcome) => outcome,
            Err(e) => {
                if let Some(source) = &e.source {
                    tracing::error!(error = %source, "authorization failed");
                }
                let fields = vec![
                    ("error".to_owned(), e.code.name().to_owned()),
                    ("error_description".to_owned(), e.description.to_owned()),
                ];
                self.answer(&valid, fields)
            }
        }
    }

    /// Keeps the person's yes; [`Oidc::authorize`] with the same parameters then
    /// goes on.
    pub async fn consent(&self, params: &Params, session: &LiveSession) -> Result<(), OAuthError> {
        let valid = self.client_and_address(params).await?;
        let scopes = scopes(params, &valid.application);
        let (who, to, now) = (session.identity, valid.application.id, self.env.now());
        let event = Event::new(
            &self.env,
            Class::UserAccessManagement,
            "consent.given",
            &session.actor(session.network.clone()),
        )
        .on(Entity::new("Application", to))
        .with("scopes", json!(scopes));
        self.db
            .write(move |c| {
                application_rows::consent(c, who, to, &scopes, now)?;
                event::append(c, &event)
            })
            .await?;
        Ok(())
    }

    /// The person's no: the address that tells the client.
    pub async fn refuse_consent(&self, params: &Params) -> AuthorizeOutcome {
        match self.client_and_address(params).await {
            Ok(valid) => self.answer(
                &valid,
                vec![
                    ("error".to_owned(), "access_denied".to_owned()),
                    ("error_description".to_owned(), "the person said no".to_owned()),
                ],
            ),
            Err(e) => AuthorizeOutcome::Page(e),
        }
    }

    /// Until these two are good, nothing is ever redirected (RFC 9700 section 4.11).
    pub(crate) async fn client_and_address(&self, params: &Params) -> Result<Valid, OAuthError> {
        let bad = |what| OAuthError::new(OAuthCode::InvalidRequest, what);
        let id = params.need("client_id", "client_id is missing")?;
        let id: ApplicationId = id.parse().map_err(|_| bad("this application is not known"))?;
        let application = self
            .application(&id.to_string())
            .await
            .map_err(|_| bad("this application is not known"))?;
        if !application.enabled {
            return Err(bad("this application is switched off"));
        }
        let redirect_uri = params.need("redirect_uri", "redirect_uri is missing")?;
        let registered = &application.settings.redirect_uris;
        if !registered.iter().any(|r| redirect_matches(r, redirect_uri)) {
            return Err(bad("redirect_uri is not one that the application registered"));
        }
        let response_mode = match params.get("response_mode") {
            None | Some("query") => Mode::Query,
            Some("form_post") => Mode::FormPost,
            Some(_) => return Err(bad("response_mode must be query or form_post")),
        };
        Ok(Valid {
            redirect_uri: redirect_uri.to_owned(),
            response_mode,
            state: params.get("state").map(str::to_owned),
            application,
        })
    }

    /// All checks of a request, and the decision; nothing is written.
    pub(crate) async fn checked(
        &self,
        params: &Params,
        valid: &Valid,
        session: Option<&LiveSession>,
        network: &Network,
    ) -> Result<Checked, OAuthError> {
        let bad = |what| OAuthError::new(OAuthCode::InvalidRequest, what);
        let application = &valid.application;
        if application.settings.kind == Kind::Workload {
            return Err(OAuthError::new(
                OAuthCode::UnauthorizedClient,
                "this client signs in as itself",
            ));
        }
        // OpenID Connect Core section 3.1.2.6.
        for (name, code) in [
            ("request", OAuthCode::RequestNotSupported),
            ("request_uri", OAuthCode::RequestUriNotSupported),
            ("registration", OAuthCode::RegistrationNotSupported),
        ] {
            if params.get(name).is_some() {
                return Err(OAuthError::new(code, "request objects are not accepted"));
            }
        }
        match params.need("response_type", "response_type is missing")? {
            "code" => {}
            _ => return Err(OAuthError::new(OAuthCode::UnsupportedResponseType, "only code")),
        }
        let challenge =
            params.need("code_challenge", "PKCE is required: code_challenge is missing")?;
        if params.get("code_challenge_method") != Some("S256") {
            return Err(bad("code_challenge_method must be S256"));
        }
        if challenge.len() != 43
            || !challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            return Err(bad("code_challenge is no base64url of a SHA-256"));
        }
        let prompt = params.words("prompt");
        let none = prompt.iter().any(|p| p == "none");
        if none && prompt.len() > 1 {
            return Err(bad("prompt=none stands alone"));
        }
        if prompt
            .iter()
            .any(|p| !["none", "login", "consent", "select_account"].contains(&p.as_str()))
        {
            return Err(bad("prompt must be none, login, consent or select_account"));
        }
        let max_age = match params.get("max_age").map(str::parse::<u32>) {
            None => None,
            Some(Ok(seconds)) => Some(Duration::from_secs(u64::from(seconds))),
            Some(Err(_)) => return Err(bad("max_age must be a number of seconds")),
        };
        let wants = |word: &str| prompt.iter().any(|p| p == word);
        let hinted = params
            .get("id_token_hint")
            .map(|hint| self.subject_of(hint).ok_or_else(|| bad("id_token_hint is none of ours")))
            .transpose()?;

        let Some(session) = session else {
            if none {
                return Err(OAuthError::new(OAuthCode::LoginRequired, "nobody is signed in"));
            }
            let resume = params.with("prompt", without_login(&prompt).as_deref()).query();
            let login_hint = params.get("login_hint").map(str::to_owned);
            return Ok(Checked::Outcome(AuthorizeOutcome::NeedSignIn { resume, login_hint }));
        };

        // Nobody gets an answer about somebody else (Core section 3.1.2.1).
        if hinted.is_some_and(|who| who != session.identity) {
            return Err(OAuthError::new(OAuthCode::LoginRequired, "somebody else is signed in"));
        }

        // How fresh and how strong the proof must be.
        let now = self.env.now();
        let age = auth_time(&session.proofs).map(|at| now.since(at));
        let too_old = |most: Duration| age.is_none_or(|age| age > most);
        let again = wants("login") || wants("select_account");
        if max_age.is_some_and(too_old) || again {
            if none {
                return Err(OAuthError::new(OAuthCode::LoginRequired, "the proof is too old"));
            }
            // Coming back is not asking again: what was asked for is a proof that is
            // fresh then, so `max_age=0` becomes the time that the way back takes.
            let limit =
                max_age.unwrap_or(FRESH).clamp(FRESH / 2, FRESH.max(max_age.unwrap_or(FRESH)));
            let resume = params
                .with("prompt", without_login(&prompt).as_deref())
                .with("max_age", Some(&limit.as_secs().to_string()))
                .query();
            let outcome = AuthorizeOutcome::NeedStepUp { resume, phishing_resistant: false };
            return Ok(Checked::Outcome(outcome));
        }
        let wanted = params.words("acr_values");
        let have = acr(&session.proofs);
        if !wanted.is_empty() && !wanted.iter().any(|w| acr_satisfies(have, w)) {
            if none {
                return Err(OAuthError::new(
                    OAuthCode::InteractionRequired,
                    "a stronger proof is needed",
                ));
            }
            let phishing_resistant = wanted.iter().all(|w| w == crate::tokens::ACR_PHR);
            let known = wanted.iter().any(|w| acr_satisfies(crate::tokens::ACR_PHR, w));
            if !known {
                return Err(bad("none of acr_values is known here"));
            }
            let resume = params.query();
            return Ok(Checked::Outcome(AuthorizeOutcome::NeedStepUp {
                resume,
                phishing_resistant,
            }));
        }

        // The decision.
        let actor = session.actor(network.clone());
        let act = OpenApplication { application: application.id };
        let allowed = match self.ask(&actor, act).await? {
            Ok(allowed) => allowed,
            Err(denied) => return Ok(Checked::Denied { actor, denied, none }),
        };

        // Consent.
        let scopes = scopes(params, application);
        let mut ask = None;
        if application.settings.ask_consent {
            let (who, to) = (session.identity, application.id);
            let given = self.db.read(move |c| application_rows::consented(c, who, to)).await?;
            if wants("consent") || scopes.iter().any(|s| !given.contains(s)) {
                let rest: Vec<&str> =
                    prompt.iter().map(String::as_str).filter(|p| *p != "consent").collect();
                let rest = (!rest.is_empty()).then(|| rest.join(" "));
                ask = Some(ConsentAsked {
                    application: application.title.clone(),
                    id: application.id,
                    scopes: scopes.clone(),
                    resume: params.with("prompt", rest.as_deref()).query(),
                });
            }
        }
        let challenge = challenge.to_owned();
        let (actor, allowed) = (Box::new(actor), Box::new(allowed));
        Ok(Checked::Ready { actor, allowed, scopes, challenge, ask, none })
    }

    /// What a no of the policy leads to.
    async fn not_permitted(
        &self,
        params: &Params,
        application: &ApplicationView,
        actor: &Actor,
        denied: Denied,
    ) -> Result<AuthorizeOutcome, OAuthError> {
        self.record_refusal(actor, application, &denied).await?;
        let step_up = [Requirement::StepUp, Requirement::PhishingResistant];
        if let [only] = denied.requirements.as_slice()
            && step_up.contains(only)
        {
            return Ok(AuthorizeOutcome::NeedStepUp {
                resume: params.query(),
                phishing_resistant: *only == Requirement::PhishingResistant,
            });
        }
        Ok(AuthorizeOutcome::NotPermitted {
            application: application.title.clone(),
            id: application.id,
            denied,
        })
    }

    async fn proceed(
        &self,
        params: &Params,
        valid: &Valid,
        session: Option<&LiveSession>,
        network: &Network,
    ) -> Result<AuthorizeOutcome, OAuthError> {
        let application = &valid.application;
        let (actor, allowed, scopes, challenge) = match self
            .checked(params, valid, session, network)
            .await?
        {
            Checked::Outcome(outcome) => return Ok(outcome),
            Checked::Denied { actor, denied, none: true } => {
                self.record_refusal(&actor, application, &denied).await?;
                return Err(OAuthError::new(OAuthCode::AccessDenied, "policy does not permit it"));
            }
            Checked::Denied { actor, denied, none: false } => {
                return self.not_permitted(params, application, &actor, denied).await;
            }
            Checked::Ready { ask: Some(_), none: true, .. } => {
                return Err(OAuthError::new(
                    OAuthCode::ConsentRequired,
                    "the person was not asked",
                ));
            }
            Checked::Ready { ask: Some(asked), .. } => {
                return Ok(AuthorizeOutcome::NeedConsent(asked));
            }
            Checked::Ready { actor, allowed, scopes, challenge, .. } => {
                (actor, allowed, scopes, challenge)
            }
        };
        let Some(session) = session else {
            return Err(OAuthError::new(OAuthCode::LoginRequired, "nobody is signed in"));
        };
        let now = self.env.now();

        // The code: its row and its event are durable before the browser has it.
        let code = random(&self.env);
        let (_, family) = self.begun_by(session, &actor, params, application.id, scopes);
        let row = Code {
            family: family.id,
            redirect_uri: valid.redirect_uri.clone(),
            challenge,
            expires_at: now + CODE,
            used_at: None,
        };
        let event = Event::new(&self.env, Class::Authentication, "application.opened", &actor)
            .on(Entity::new("Application", application.id))
            .by(allowed.policies())
            .with("scopes", json!(family.scopes));
        let code_hash = hash(&code);
        let me = self.clone();
        self.db
            .write(move |c| {
                me.begin_family(c, &family)?;
                rows::insert_code(c, &code_hash, &row)?;
                event::append(c, &event)?;
                change::bump(c, "token_family", family.id, now)?;
                Ok::<_, OAuthError>(())
            })
            .await
            .map_err(|e| match e.code {
                OAuthCode::InvalidGrant => {
                    OAuthError::new(OAuthCode::AccessDenied, "the access was withdrawn")
                }
                _ => e,
            })?;
        Ok(self.answer(valid, vec![("code".to_owned(), code)]))
    }

    /// Whom an ID token of ours speaks of; one that has ended still does.
    fn subject_of(&self, hint: &str) -> Option<IdentityId> {
        self.verify(TokenKind::Id, hint)?.get("sub")?.as_str()?.parse().ok()
    }

    /// Asks the decider; when it is a no, a live grant of this application may
    /// turn it to a yes.
    pub(crate) async fn ask(
        &self,
        actor: &Actor,
        act: OpenApplication,
    ) -> Result<Result<Allowed<OpenApplication>, Denied>, OAuthError> {
        let plain = authorize(&*self.engine, actor, act.clone(), &Context::default());
        let Err(denied) = plain else { return Ok(plain) };
        let Some(who) = actor.id() else { return Ok(Err(denied)) };
        let (about, now) = (Entity::new("Application", act.application), self.env.now());
        let grants =
            self.db.read(move |c| doorward_store::grant::in_force(c, who, &about, now)).await?;
        for row in grants {
            let context = row.grant.context();
            if let Ok(allowed) = authorize(&*self.engine, actor, act.clone(), &context) {
                return Ok(Ok(allowed));
            }
        }
        Ok(Err(denied))
    }

    async fn record_refusal(
        &self,
        actor: &Actor,
        application: &ApplicationView,
        denied: &Denied,
    ) -> Result<(), OAuthError> {
        let event = Event::new(&self.env, Class::Authentication, "application.refused", actor)
            .failed()
            .on(Entity::new("Application", application.id))
            .by(&denied.policies);
        Ok(self.db.write(move |c| event::append(c, &event)).await?)
    }

    fn answer(&self, valid: &Valid, mut fields: Vec<(String, String)>) -> AuthorizeOutcome {
        if let Some(state) = &valid.state {
            fields.push(("state".to_owned(), state.clone()));
        }
        // RFC 9207: on errors too.
        fields.push(("iss".to_owned(), self.issuer.to_string()));
        if valid.response_mode == Mode::FormPost {
            return AuthorizeOutcome::FormPost { action: valid.redirect_uri.clone(), fields };
        }
        match Url::parse(&valid.redirect_uri) {
            Ok(mut url) => {
                url.query_pairs_mut().extend_pairs(&fields);
                AuthorizeOutcome::Redirect(url)
            }
            Err(_) => AuthorizeOutcome::Page(OAuthError::new(
                OAuthCode::InvalidRequest,
                "redirect_uri is not one that the application registered",
            )),
        }
    }
}

/// The scopes that were asked for and that the application may have.
pub(crate) fn scopes(params: &Params, application: &ApplicationView) -> Vec<String> {
    let mut asked = params.words("scope");
    asked.retain(|s| application.settings.scopes.contains(s));
    asked.sort();
    asked.dedup();
    asked
}

fn without_login(prompt: &[String]) -> Option<String> {
    let rest: Vec<&str> = prompt
        .iter()
        .map(String::as_str)
        .filter(|p| !["login", "select_account"].contains(p))
        .collect();
    (!rest.is_empty()).then(|| rest.join(" "))
}
