//! What handlers take: each fails with a problem that names the field.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use doorward_core::Network;
use doorward_core::lifecycle::SessionKind;
use doorward_signin::Client;
use http::request::Parts;
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::guard::{self, Caller};
use crate::{AppState, Code, Problem};

/// Nested deeper is refused.
const DEPTH: usize = 32;
/// A body that takes longer to arrive is refused.
const ARRIVAL: std::time::Duration = std::time::Duration::from_secs(30);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Problem::new(Code::Unauthenticated, "sign in first"))
    }
}

/// Where the request comes from, what sends it, and the keys of its device: as a
/// browser's cookie, as a command line's header.
pub(crate) struct Here(pub Network, pub String, pub [Option<String>; 2]);

impl Here {
    pub fn client(&self, kind: SessionKind) -> Client {
        let [browser, cli] = self.2.clone();
        let device = match kind {
            SessionKind::Browser => browser,
            SessionKind::Cli => cli,
        };
        Client { network: self.0.clone(), user_agent: self.1.clone(), kind, device }
    }
    pub fn browser(&self) -> Client {
        self.client(SessionKind::Browser)
    }
}

impl FromRequestParts<AppState> for Here {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let network = parts.extensions.get::<Network>().cloned().unwrap_or_default();
        let agent =
            parts.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let device = [SessionKind::Browser, SessionKind::Cli]
            .map(|kind| guard::device(&parts.headers, kind).map(str::to_owned));
        Ok(Self(network, agent.to_owned(), device))
    }
}

/// The query; what it does not know is refused.
pub(crate) struct Ask<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Ask<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri).map(|q| Self(q.0)).map_err(|e| {
            let text = e.body_text();
            let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            // `sort: there is no order "x"; …`
            let first = text.split_once(": ").map(|(first, _)| first);
            let first = first.filter(|f| f.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
            let field = first.map(str::to_owned).or_else(|| named(text));
            Problem { field, ..Problem::new(Code::Invalid, format!("query: {text}")) }
        })
    }
}

/// What stands in the path; what cannot be there is not there.
pub(crate) struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for Path<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|p| Self(p.0))
            .map_err(|_| Problem::not_found("thing"))
    }
}

/// The version that the caller has seen (`If-Match`), when they say so.
pub(crate) struct IfMatch(pub Option<i64>);

impl FromRequestParts<AppState> for IfMatch {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let Some(tag) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = tag.to_str().unwrap_or_default().trim().trim_matches('"');
        let version = text.strip_prefix('v').and_then(|v| v.parse().ok());
        version
            .map(|v| Self(Some(v)))
            .ok_or_else(|| Problem::field("If-Match", "send the ETag as it came"))
    }
}

/// A JSON body; what it does not know is refused.
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        let is_json = content_type(request.headers()).is_some_and(|t| t == "application/json");
        let bytes = read(request).await?;
        if !is_json && !bytes.is_empty() {
            return Err(Problem::new(Code::UnsupportedMediaType, "send application/json"));
        }
        if depth(&bytes) > DEPTH {
            return Err(Problem::new(Code::Invalid, "the JSON is nested too deeply"));
        }
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(bytes).map(Self).map_err(|e| {
            let text = e.to_string();
            Problem { field: named(&text), ..Problem::new(Code::Invalid, format!("body: {text}")) }
        })
    }
}

/// A form of our own pages: no field twice, and the token of the session, when
/// there is one.
pub(crate) struct Form(pub BTreeMap<String, String>);

impl Form {
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }
}

impl FromRequest<AppState> for Form {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        if !super::guard::same_origin(request.headers(), &state.config.origin) {
            return Err(super::guard::cross_site());
        }
        if content_type(request.headers()).is_none_or(|t| t != "application/x-www-form-urlencoded")
        {
            return Err(Problem::new(
                Code::UnsupportedMediaType,
                "send application/x-www-form-urlencoded",
            ));
        }
        let token = request.extensions().get::<Caller>().map(|c| c.csrf_token.clone());
        let mut fields = BTreeMap::new();
        for (name, value) in pairs(&read(request).await?) {
            // Browsers send the lines of a text with CR LF.
            let value = value.replace("\r\n", "\n");
            if fields.insert(name.clone(), value).is_some() {
                return Err(Problem::field(name, "the field is there twice"));
            }
        }
        let brought = fields.remove("_token").unwrap_or_default();
        if token.is_some_and(|t| !t.matches(brought.as_bytes())) {
            return Err(super::guard::no_token("nothing was done"));
        }
        Ok(Self(fields))
    }
}

/// The pairs of a form or query, in order.
pub(crate) fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

/// The whole body, in time and in size.
pub(crate) async fn read(request: Request) -> Result<Bytes, Problem> {
    let body = axum::body::to_bytes(request.into_body(), super::BODY);
    match tokio::time::timeout(ARRIVAL, body).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Problem::new(Code::TooLarge, "at most 1 MiB is accepted")),
        Err(_) => Err(Problem::new(Code::Invalid, "the body took too long to arrive")),
    }
}

pub(crate) fn content_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim())
}

/// The field that an error of serde names.
fn named(text: &str) -> Option<String> {
    text.split('`').nth(1).map(str::to_owned)
}

/// How deeply arrays and objects are nested, without parsing more than that.
fn depth(bytes: &[u8]) -> usize {
    let (mut now, mut most, mut text, mut escaped) = (0usize, 0usize, false, false);
    for byte in bytes {
        match (text, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (_, _, b'"') => text = !text,
            (false, _, b'[' | b'{') => {
                now += 1;
                most = most.max(now);
            }
            (false, _, b']' | b'}') => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}
