//! Signing out: by the client (OpenID Connect RP-Initiated Logout 1.0), and
//! telling clients (Back-Channel Logout 1.0).

use doorward_core::lifecycle::LiveSession;
use doorward_core::{ApplicationId, IdentityId, SessionId};
use doorward_store::token::Family;
use doorward_store::{Conn, Error as StoreError, outbox};
use doorward_vault::VaultError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::Oidc;
use crate::applications::ApplicationView;
use crate::error::{OAuthCode, OAuthError};
use crate::jwt::TokenKind;
use crate::params::Params;
use crate::tokens::random;

/// What a request to sign out leads to.
#[derive(Debug)]
pub enum LogoutOutcome {
    /// The client proved that it asks for this session: end it, then go there
    /// (or to our own page).
    SignOut {
        /// Where to, when the client registered it.
        next: Option<Url>,
    },
    /// Nobody proved anything: ask the person.
    Ask {
        /// Where to after a yes.
        next: Option<Url>,
    },
}

impl Oidc {
    /// `GET`/`POST /oauth2/logout`.
    pub async fn end_session(
        &self,
        params: &Params,
        session: Option<&LiveSession>,
    ) -> Result<LogoutOutcome, OAuthError> {
        let bad = |what| OAuthError::new(OAuthCode::InvalidRequest, what);
        // An ID token that has ended is still a good hint (section 2).
        let hint = params.get("id_token_hint").and_then(|t| self.verify(TokenKind::Id, t));
        let text = |name: &str| hint.as_ref().and_then(|h| h.get(name)).and_then(Value::as_str);
        let client = match (params.get("client_id"), text("aud")) {
            (Some(a), Some(b)) if a != b => {
                return Err(bad("client_id is not that of id_token_hint"));
            }
            (a, b) => a.or(b).map(str::to_owned),
        };
        let application = match client {
            Some(id) => {
                let id: ApplicationId =
                    id.parse().map_err(|_| bad("this application is not known"))?;
                Some(
                    self.application(&id.to_string())
                        .await
                        .map_err(|_| bad("this application is not known"))?,
                )
            }
            None => None,
        };
        let next = match params.get("post_logout_redirect_uri") {
            None => None,
            Some(wanted) => {
                let registered = |a: &ApplicationView| {
                    a.settings.post_logout_redirect_uris.iter().any(|r| r == wanted)
                };
                if !application.as_ref().is_some_and(registered) {
                    return Err(bad(
                        "post_logout_redirect_uri is not one that the application registered",
                    ));
                }
                let mut url = Url::parse(wanted).map_err(|_| bad("post_logout_redirect_uri"))?;
                if let Some(state) = params.get("state") {
                    url.query_pairs_mut().append_pair("state", state);
                }
                Some(url)
            }
        };
        let mine = match (session, text("sid")) {
            (Some(session), Some(sid)) => session.id.to_string() == sid,
            // Nothing is signed in here: there is nothing to ask about.
            (None, _) => true,
            (Some(_), None) => false,
        };
        Ok(if mine { LogoutOutcome::SignOut { next } } else { LogoutOutcome::Ask { next } })
    }

    /// Puts the news of a family's end into the outbox, in the transaction that ends it.
    pub(crate) fn push_logout(
        &self,
        c: &Conn<'_>,
        to: &str,
        family: &Family,
    ) -> Result<(), StoreError> {
        let news = News {
            client: family.application,
            subject: family.identity,
            session: family.session,
            jti: random(&self.env),
        };
        outbox::push(c, &self.env, LOGOUT, to, &json!(news)).map(|_| ())
    }

    /// The logout token of a message in the outbox (Back-Channel Logout 1.0 section
    /// 2.4), signed when it is delivered: it is good for two minutes, and a
    /// delivery may be tried for hours. Its `jti` stays, so that a client that
    /// hears it twice knows.
    pub fn logout_token(&self, body: &Value) -> Result<String, LogoutTokenError> {
        let news = News::deserialize(body).map_err(LogoutTokenError::Form)?;
        let now = self.env.wall().secs();
        let mut claims = json!({
            "iss": &*self.issuer, "sub": news.subject, "aud": news.client,
            "iat": now, "exp": now + 120, "jti": news.jti,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        if let (Some(map), Some(session)) = (claims.as_object_mut(), news.session) {
            map.insert("sid".to_owned(), session.to_string().into());
        }
        Ok(self.sign(TokenKind::Logout, &claims)?)
    }
}

/// The outbox channel of logout tokens.
pub const LOGOUT: &str = "logout";

/// Who is signed out where, as it waits in the outbox.
#[derive(Debug, Serialize, Deserialize)]
struct News {
    client: ApplicationId,
    subject: IdentityId,
    session: Option<SessionId>,
    jti: String,
}

/// Why there is no logout token.
#[derive(Debug, thiserror::Error)]
pub enum LogoutTokenError {
    /// The message is none of ours.
    #[error("it is no news of a sign-out")]
    Form(#[source] serde_json::Error),
    /// It cannot be signed at the moment.
    #[error(transparent)]
    Vault(#[from] VaultError),
}
