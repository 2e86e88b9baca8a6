//! Who calls: a browser by cookie, a command line by bearer. What changes
//! something must come from our own pages.

use axum::extract::{OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::{Actor, IdentityId, Network, Secret};
use http::{HeaderMap, HeaderValue, Method, header};

use super::cookie;
use crate::pages::Lang;
use crate::{AppState, Code, Problem};

/// Where a command line shows the keys of its device.
const DEVICE: &str = "doorward-device";

/// What a change by cookie brings: the token of its session.
pub(crate) const CSRF: &str = "x-csrf-token";

/// A signed-in caller.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The session.
    pub session: LiveSession,
    /// The actor that this request has.
    pub actor: Actor,
    /// What a change by cookie must bring.
    pub csrf_token: Secret<String>,
    /// The language that they read.
    pub lang: Lang,
}

impl Caller {
    pub fn id(&self) -> IdentityId {
        self.session.identity
    }
}

/// What a change by cookie must bring: derived from the cookie, which only this
/// browser has and no script can read.
pub(crate) fn csrf_token(bearer: &str) -> Secret<String> {
    let digest =
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("form\0{bearer}").as_bytes());
    Secret::new(URL_SAFE_NO_PAD.encode(digest.as_ref()))
}

/// Whether a request that changes something comes from our own pages.
pub(crate) fn same_origin(headers: &HeaderMap, origin: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    match (text("origin"), text("sec-fetch-site")) {
        // Under `Referrer-Policy: no-referrer` browsers send the origin of a form
        // as `null`; what the browser says of the site cannot be forged by a page.
        (Some("null"), Some(site)) => site == "same-origin",
        (Some(o), Some(site)) => o == origin && site == "same-origin",
        (Some(o), None) => o == origin,
        (None, Some(site)) => site == "same-origin",
        (None, None) => false,
    }
}

pub(crate) fn cross_site() -> Problem {
    Problem::new(Code::CrossSite, "send it from Doorward's own pages, or with a bearer token")
}

/// The detail says what to do.
pub(crate) fn no_token(detail: &'static str) -> Problem {
    Problem::new(Code::CsrfToken, detail)
}

/// The keys of the device that sends this.
pub(crate) fn device(headers: &HeaderMap, kind: SessionKind) -> Option<&str> {
    match kind {
        SessionKind::Browser => cookie::find(headers, cookie::DEVICE),
        SessionKind::Cli => headers.get(DEVICE).and_then(|v| v.to_str().ok()),
    }
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The caller of this request, if it has a session that is good.
pub(crate) async fn caller(
    state: &AppState,
    request: &mut Request,
) -> Result<Option<Caller>, Problem> {
    let headers = request.headers().clone();
    let network = request.extensions().get::<Network>().cloned().unwrap_or_default();
    known(state, &headers, network).await
}

async fn known(
    state: &AppState,
    headers: &HeaderMap,
    network: Network,
) -> Result<Option<Caller>, Problem> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .map(|v| v.strip_prefix("Bearer ").unwrap_or_default());
    let (token, kind) = match bearer {
        Some(token) => (token, SessionKind::Cli),
        None => match cookie::find(headers, cookie::SESSION) {
            Some(token) => (token, SessionKind::Browser),
            None => return Ok(None),
        },
    };
    let device = device(headers, kind);
    let Some((session, _)) = state.signin.authenticate(token, device, &network).await? else {
        return Ok(None);
    };
    if session.kind != kind {
        return Ok(None);
    }
    let actor = session.actor(network);
    Ok(Some(Caller { actor, csrf_token: csrf_token(token), lang: Lang::of(headers), session }))
}

/// The door of the API.
pub(crate) async fn api(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match caller(&state, &mut request).await {
        Ok(Some(caller)) => caller,
        Ok(None) => {
            return Problem::new(Code::Unauthenticated, "sign in with: doorward login")
                .into_response();
        }
        Err(problem) => return problem.into_response(),
    };
    if caller.session.kind == SessionKind::Browser
        && let Err(problem) = ours(&state, &caller, &request)
    {
        return problem.into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Whether what a cookie sends to the API was sent by our own page, and by one of
/// this session.
fn ours(state: &AppState, caller: &Caller, request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let foreign = headers.get("sec-fetch-site").is_some_and(|v| v == "cross-site");
    let change = changes(request.method());
    if foreign || change && !same_origin(headers, &state.config.origin) {
        return Err(cross_site());
    }
    let brought = headers.get(CSRF).map(HeaderValue::as_bytes).unwrap_or_default();
    if change && !caller.csrf_token.matches(brought) {
        return Err(no_token(
            "bring the csrf_token of GET /api/v1/session as X-CSRF-Token, or use a bearer token",
        ));
    }
    Ok(())
}

/// The door of the pages: whoever has no session signs in and comes back.
pub(crate) async fn page(
    State(state): State<AppState>,
    OriginalUri(uri): OriginalUri,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match caller(&state, &mut request).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    // A bearer is for the API.
    let caller = caller.filter(|c| c.session.kind == SessionKind::Browser);
    let Some(caller) = caller else {
        if changes(request.method())
            || request.headers().get(header::ACCEPT).is_some_and(|a| a == "text/event-stream")
        {
            return Problem::new(Code::Unauthenticated, "your session is over; sign in again")
                .into_response();
        }
        let here = uri.path_and_query().map_or("/", |p| p.as_str());
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("next", here).finish();
        return Redirect::to(&format!("/sign-in?{query}")).into_response();
    };
    if changes(request.method()) && !same_origin(request.headers(), &state.config.origin) {
        return cross_site().into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}
