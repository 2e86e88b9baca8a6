//! Client authentication (RFC 6749 section 2.3, RFC 7523 section 2.2).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_core::{ApplicationId, Timestamp};
use doorward_formats::jws;
use doorward_store::{application, token};
use serde_json::Value;

use crate::Oidc;
use crate::applications::{ApplicationView, ClientAuthentication};
use crate::error::{OAuthCode, OAuthError};
use crate::jwt::signed_by;
use crate::params::Params;
use crate::tokens::{hash, hash_parts};

/// `iat` may lie this far in the future (FAPI 2.0 section 5.3.2.1).
const SKEW: Duration = Duration::from_secs(10);
/// An assertion may live this long.
const LONGEST: Duration = Duration::from_secs(5 * 60);
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// In time that depends on the length alone.
fn same(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

fn refused() -> OAuthError {
    // One answer for all of it: unknown client, wrong secret, wrong method.
    OAuthError::new(OAuthCode::InvalidClient, "the client is not known or did not prove itself")
}

impl Oidc {
    /// The client that sends this request, once it has proven itself in the way
    /// that it registered, and in that way only.
    pub(crate) async fn client(
        &self,
        params: &Params,
        authorization: Option<&str>,
    ) -> Result<ApplicationView, OAuthError> {
        let header = authorization.map(basic).transpose()?;
        let assertion = params.get("client_assertion");
        let posted = params.get("client_secret");
        if [header.is_some(), assertion.is_some(), posted.is_some()].iter().filter(|b| **b).count()
            > 1
        {
            return Err(OAuthError::new(
                OAuthCode::InvalidRequest,
                "several client authentications at once",
            ));
        }
        let claimed = match (&header, assertion) {
            (Some((id, _)), _) => id.clone(),
            (None, Some(token)) => {
                let parsed = jws::parse(token).map_err(|_| refused())?;
                let subject = parsed.claims.get("sub").and_then(Value::as_str);
                subject.ok_or_else(refused)?.to_owned()
            }
            (None, None) => params.get("client_id").ok_or_else(refused)?.to_owned(),
        };
        if params.get("client_id").is_some_and(|id| id != claimed) {
            return Err(refused());
        }
        let id: ApplicationId = claimed.parse().map_err(|_| refused())?;
        let row = self.db.read(move |c| application::find(c, id)).await?.ok_or_else(refused)?;
        let secret_hash = row.secret_hash.clone();
        let view: ApplicationView = row.try_into()?;
        if !view.enabled {
            return Err(refused());
        }
        match view.settings.client_authentication {
            ClientAuthentication::ClientSecret => {
                let given =
                    header.as_ref().map(|(_, s)| s.as_str()).or(posted).ok_or_else(refused)?;
                let wanted = secret_hash.ok_or_else(refused)?;
                if !same(&hash(given), &wanted) {
                    return Err(refused());
                }
            }
            ClientAuthentication::PrivateKeyJwt => {
                let token = assertion.ok_or_else(refused)?;
                if params.get("client_assertion_type") != Some(ASSERTION_TYPE) {
                    return Err(refused());
                }
                self.assertion(&view, token).await?;
            }
            ClientAuthentication::None => {
                if header.is_some() || posted.is_some() || assertion.is_some() {
                    return Err(refused());
                }
            }
        }
        Ok(view)
    }

    async fn assertion(&self, client: &ApplicationView, token: &str) -> Result<(), OAuthError> {
        let parsed = jws::parse(token).map_err(|_| refused())?;
        if parsed.kind.as_deref().is_some_and(|t| t != "jwt" && t != "client-authentication+jwt") {
            return Err(refused());
        }
        let keys =
            client.settings.jwks.as_ref().and_then(|j| j.get("keys")).and_then(Value::as_array);
        let fits = |key: &&Value| {
            let kid = key.get("kid").and_then(Value::as_str);
            let algorithm = key.get("alg").and_then(Value::as_str);
            parsed.key.as_deref().is_none_or(|k| kid == Some(k))
                && algorithm.is_none_or(|a| a == parsed.algorithm)
        };
        let signed = keys
            .into_iter()
            .flatten()
            .filter(fits)
            .any(|key| signed_by(&parsed, key, &parsed.algorithm));
        if !signed {
            return Err(refused());
        }
        let id = client.id.to_string();
        let text = |name: &str| parsed.claims.get(name).and_then(Value::as_str);
        let time =
            |name: &str| parsed.claims.get(name).and_then(Value::as_i64).map(Timestamp::from_secs);
        let audience = match parsed.claims.get("aud") {
            Some(Value::String(one)) => one == self.issuer() || *one == self.token_endpoint(),
            // Exactly one audience: an assertion for several can be replayed by each.
            Some(Value::Array(list)) => {
                matches!(list.as_slice(), [Value::String(one)] if one == self.issuer() || *one == self.token_endpoint())
            }
            _ => false,
        };
        // By the clock that the client reads; what it used up stays used up.
        let now = self.env.wall();
        let (Some(ends), Some(jti)) = (time("exp"), text("jti")) else { return Err(refused()) };
        let good = !jti.is_empty()
            && text("iss") == Some(&id)
            && text("sub") == Some(&id)
            && audience
            && ends > now
            && ends <= now + LONGEST + SKEW
            && time("iat").is_none_or(|at| at <= now + SKEW)
            && time("nbf").is_none_or(|at| at <= now + SKEW);
        if !good {
            return Err(refused());
        }
        let key = hash_parts(&["client-assertion", &id, jti]);
        let until = self.env.now() + ends.since(now);
        let fresh = self.db.write(move |c| token::use_jti(c, &key, until)).await?;
        if fresh { Ok(()) } else { Err(refused()) }
    }

    /// The client, which must have proven itself: one that keeps no secret is
    /// anybody (RFC 7662 section 2.1).
    pub(crate) async fn proven_client(
        &self,
        params: &Params,
        authorization: Option<&str>,
    ) -> Result<ApplicationView, OAuthError> {
        let client = self.client(params, authorization).await?;
        match client.settings.client_authentication {
            ClientAuthentication::None => Err(refused()),
            ClientAuthentication::ClientSecret | ClientAuthentication::PrivateKeyJwt => Ok(client),
        }
    }

    pub(crate) fn token_endpoint(&self) -> String {
        format!("{}/oauth2/token", self.issuer)
    }
}

/// `Authorization: Basic`, each half form-encoded (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Result<(String, String), OAuthError> {
    let (scheme, value) = header.split_once(' ').ok_or_else(refused)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(refused());
    }
    let bytes = STANDARD.decode(value.trim()).map_err(|_| refused())?;
    let text = String::from_utf8(bytes).map_err(|_| refused())?;
    let (id, secret) = text.split_once(':').ok_or_else(refused)?;
    let decode = |s: &str| {
        url::form_urlencoded::parse(format!("v={s}").as_bytes()).next().map(|(_, v)| v.into_owned())
    };
    Ok((decode(id).ok_or_else(refused)?, decode(secret).ok_or_else(refused)?))
}
