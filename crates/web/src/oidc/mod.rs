//! What applications speak, over HTTP: `crates/sso` decides, this maps.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use doorward_core::Network;
use doorward_core::lifecycle::SessionKind;
use doorward_sso::{AuthorizeOutcome, LogoutOutcome, OAuthCode, OAuthError, Params};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use crate::frame::extract::{Here, pairs, read};
use crate::frame::guard::{self, Caller};
use crate::table::Table;
use crate::{AppState, Problem, pages};

/// The routes that applications use.
pub(crate) fn table() -> Table {
    Table::under("")
        .public_get("/.well-known/openid-configuration", "OpenID Connect Discovery", metadata)
        .public_get("/.well-known/oauth-authorization-server", "RFC 8414", metadata)
        .public_get("/oauth2/jwks", "Public keys", jwks)
        .public_get("/oauth2/authorize", "Authorization", authorize)
        .public_post("/oauth2/authorize", "Authorization, by form", authorize)
        .public_post("/oauth2/token", "Tokens", token)
        .public_get("/oauth2/userinfo", "Claims", userinfo)
        .public_post("/oauth2/userinfo", "Claims, by POST", userinfo)
        .public_post(
            "/oauth2/device_authorization",
            "Device authorization (RFC 8628)",
            device_authorization,
        )
        .public_post("/oauth2/introspect", "Introspection", introspect)
        .public_post("/oauth2/revoke", "Revocation", revoke)
        .public_get("/oauth2/logout", "Signing out", logout)
        .public_post("/oauth2/logout", "Signing out, by form", logout)
}

async fn metadata(State(s): State<AppState>) -> Response {
    Json(s.oidc.metadata()).into_response()
}

async fn jwks(State(s): State<AppState>) -> Result<Response, Problem> {
    let keys = s.oidc.jwks()?;
    let mut response = Json(keys).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}

/// Who asks, in a browser, if anybody; where from; and with which parameters.
async fn asked(s: &AppState, mut request: Request) -> Result<Asked, Problem> {
    let caller = guard::caller(s, &mut request).await?;
    let caller = caller.filter(|c| c.session.kind == SessionKind::Browser);
    let network = request.extensions().get::<Network>().cloned().unwrap_or_default();
    let found = if request.method() == Method::POST {
        pairs(&read(request).await?)
    } else {
        pairs(request.uri().query().unwrap_or_default().as_bytes())
    };
    let params = Params::new(found).map_err(|e| page_problem(&e))?;
    Ok(Asked { caller, network, params })
}

struct Asked {
    caller: Option<Caller>,
    network: Network,
    params: Params,
}

async fn authorize(State(s): State<AppState>, request: Request) -> Result<Response, Problem> {
    let Asked { caller, network, params } = asked(&s, request).await?;
    let session = caller.as_ref().map(|c| &c.session);
    match s.oidc.authorize(&params, session, &network).await {
        AuthorizeOutcome::Redirect(url) => Ok(see_other(url.as_str())),
        AuthorizeOutcome::FormPost { action, fields } => Ok(pages::form_post(&action, &fields)),
        AuthorizeOutcome::NeedSignIn { resume, login_hint } => {
            Ok(pages::to_sign_in(&format!("/oauth2/authorize?{resume}"), login_hint.as_deref()))
        }
        AuthorizeOutcome::NeedStepUp { resume, phishing_resistant } => {
            Ok(pages::to_step_up(&format!("/oauth2/authorize?{resume}"), phishing_resistant))
        }
        AuthorizeOutcome::NeedConsent(asked) => match &caller {
            Some(caller) => Ok(pages::consent(&s, caller, &asked)),
            None => Ok(pages::to_sign_in(&format!("/oauth2/authorize?{}", asked.resume), None)),
        },
        AuthorizeOutcome::NotPermitted { application, id, denied } => {
            let lang = caller.map(|c| c.lang).unwrap_or_default();
            Ok(pages::not_permitted(&s, lang, &application, id, denied))
        }
        AuthorizeOutcome::Page(e) => Err(page_problem(&e)),
    }
}

/// 303: a browser that came with a POST must not post its form again elsewhere
/// (RFC 9700 section 4.12).
fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(value) => (StatusCode::SEE_OTHER, [(header::LOCATION, value)]).into_response(),
        Err(_) => Problem::internal("a redirect is no header value").into_response(),
    }
}

fn page_problem(e: &OAuthError) -> Problem {
    // 400, as RFC 6749 has it; never a redirect.
    Problem::new(crate::Code::BadAuthorization, format!("{} ({})", e.description, e.code.name()))
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok())
}

/// A JSON answer that nobody keeps (RFC 6749 section 5.1).
fn fresh(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refused(e: OAuthError) -> Response {
    if let Some(source) = &e.source {
        tracing::error!(error = %source, "an OAuth request failed");
    }
    let status = StatusCode::from_u16(e.code.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({ "error": e.code.name(), "error_description": e.description });
    let mut response = fresh(status, &body);
    // RFC 6749 section 5.2, RFC 6750 section 3.
    let challenge = match e.code {
        OAuthCode::InvalidClient => Some("Basic realm=\"doorward\", error=\"invalid_client\""),
        OAuthCode::InsufficientScope => {
            Some("Bearer realm=\"doorward\", error=\"insufficient_scope\", scope=\"openid\"")
        }
        _ if status == StatusCode::UNAUTHORIZED => {
            Some("Bearer realm=\"doorward\", error=\"invalid_token\"")
        }
        _ => None,
    };
    if let Some(text) = challenge {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(text));
    }
    response
}

fn form(headers: &HeaderMap, body: &[u8]) -> Result<Params, OAuthError> {
    let kind = crate::frame::extract::content_type(headers);
    if kind != Some("application/x-www-form-urlencoded") {
        return Params::new(Vec::new());
    }
    Params::new(pairs(body))
}

async fn token(State(s): State<AppState>, here: Here, headers: HeaderMap, body: Bytes) -> Response {
    let answer = async {
        let params = form(&headers, &body)?;
        s.oidc.token(&params, authorization(&headers), &here.0).await
    };
    match answer.await {
        Ok(tokens) => fresh(StatusCode::OK, &json!(tokens)),
        Err(e) => refused(e),
    }
}

async fn device_authorization(
    State(s): State<AppState>,
    here: Here,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = async {
        let params = form(&headers, &body)?;
        s.oidc.device_authorization(&params, authorization(&headers), &here.0).await
    };
    match answer.await {
        Ok(begun) => fresh(StatusCode::OK, &json!(begun)),
        Err(e) => refused(e),
    }
}

async fn userinfo(State(s): State<AppState>, headers: HeaderMap) -> Response {
    // In the header only (RFC 9700: no bearer token in a query).
    let bearer = authorization(&headers)
        .and_then(|v| v.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let Some(bearer) = bearer else {
        // Nothing was presented: nothing is wrong with it (RFC 6750 section 3.1).
        let mut response = fresh(StatusCode::UNAUTHORIZED, &json!({}));
        let text = HeaderValue::from_static("Bearer realm=\"doorward\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, text);
        return response;
    };
    match s.oidc.userinfo(bearer).await {
        Ok(claims) => fresh(StatusCode::OK, &claims),
        Err(e) => refused(e),
    }
}

async fn introspect(State(s): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let answer = async {
        let params = form(&headers, &body)?;
        s.oidc.introspect(&params, authorization(&headers)).await
    };
    match answer.await {
        Ok(claims) => fresh(StatusCode::OK, &claims),
        Err(e) => refused(e),
    }
}

async fn revoke(State(s): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let answer = async {
        let params = form(&headers, &body)?;
        s.oidc.revoke(&params, authorization(&headers)).await
    };
    match answer.await {
        Ok(()) => fresh(StatusCode::OK, &json!({})),
        Err(e) => refused(e),
    }
}

async fn logout(State(s): State<AppState>, request: Request) -> Result<Response, Problem> {
    let Asked { caller, params, .. } = asked(&s, request).await?;
    let session = caller.as_ref().map(|c| &c.session);
    match s.oidc.end_session(&params, session).await.map_err(|e| page_problem(&e))? {
        LogoutOutcome::SignOut { next } => {
            let next = next.map(String::from);
            match caller {
                Some(caller) => pages::sign_out(&s, &caller, next.as_deref()).await,
                None => Ok(see_other(next.as_deref().unwrap_or("/signed-out"))),
            }
        }
        LogoutOutcome::Ask { next } => match caller {
            Some(caller) => Ok(pages::ask_sign_out(&s, &caller, &params)),
            None => Ok(see_other(next.as_ref().map_or("/signed-out", url::Url::as_str))),
        },
    }
}
