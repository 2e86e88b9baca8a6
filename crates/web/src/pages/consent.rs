//! What applications lead to: consent, answers posted to them, signing out.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_core::{ApplicationId, Denied, Entity, ManageOwn};
use doorward_sso::{AuthorizeOutcome, ConsentAsked, LogoutOutcome, Params};
use http::{HeaderValue, header};

use super::confirm::Question;
use super::lang::Lang;
use super::shell::Shell;
use super::sign_in::go;
use super::views::Names;
use crate::frame::cookie;
use crate::frame::extract::{Form, pairs};
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

/// In which order scopes are read: what matters least first.
const ORDER: [&str; 6] = ["openid", "profile", "email", "groups", "roles", "offline_access"];

pub(super) fn scope(name: &str) -> &'static str {
    match name {
        "openid" => "Know that it is you",
        "profile" => "See your name",
        "email" => "See your e-mail address",
        "groups" => "See your groups",
        "roles" => "See your roles",
        "offline_access" => "Stay connected while you are away",
        _ => "Use a permission of its own",
    }
}

/// Asks whether the application may have these scopes.
pub(crate) fn consent(state: &AppState, caller: &Caller, asked: &ConsentAsked) -> Response {
    let s = Shell::closed(state, caller.lang, caller, "Permission");
    let title = format!("{} wants to sign you in", asked.application);
    let mut page = Question::new(s, &title, "/consent");
    "It asks for the following. You can take this back with your administrators."
        .clone_into(&mut page.text);
    let mut scopes: Vec<_> = asked.scopes.iter().map(String::as_str).collect();
    scopes.sort_by_key(|name| ORDER.iter().position(|o| o == name).unwrap_or(ORDER.len()));
    page.gives = scopes.into_iter().map(scope).collect();
    page.hidden = vec![("query", asked.resume.clone())];
    (page.yes, page.no) = ("Allow", "Do not allow");
    drawn(page)
}

fn drawn(page: Question) -> Response {
    page.s.page(&page).unwrap_or_else(IntoResponse::into_response)
}

pub(super) async fn answer(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    let query = form.get("query").to_owned();
    let params = Params::new(pairs(query.as_bytes())).map_err(Problem::from)?;
    if form.get("answer") == "yes" {
        state.oidc.consent(&params, &caller.session).await.map_err(Problem::from)?;
        return go(&state, lang, &format!("/oauth2/authorize?{}", params.query()));
    }
    match state.oidc.refuse_consent(&params).await {
        AuthorizeOutcome::Redirect(url) => go(&state, lang, url.as_str()),
        AuthorizeOutcome::FormPost { action, fields } => Ok(form_post(&action, &fields)),
        AuthorizeOutcome::Page(e) => Err(e.into()),
        _ => Err(Problem::internal("a refused consent led nowhere")),
    }
}

/// Posts to an application (OAuth 2.0 Form Post Response Mode): a page of its
/// own, whose one form goes to that address and nowhere else.
pub(crate) fn form_post(action: &str, fields: &[(String, String)]) -> Response {
    const SCRIPT: &str = "document.forms[0].submit()";
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;")
    };
    let inputs: String = fields
        .iter()
        .map(|(k, v)| {
            format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(k), escape(v))
        })
        .collect();
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Doorward</title>\
         <form method=\"post\" action=\"{}\">{inputs}<button>Continue</button></form><script>{SCRIPT}</script></html>",
        escape(action)
    );
    let origin = url::Url::parse(action).map(|mut u| {
        u.set_query(None);
        u.set_fragment(None);
        u.to_string()
    });
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, SCRIPT.as_bytes());
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; base-uri 'none'; form-action {}; frame-ancestors 'none'",
        STANDARD.encode(hash.as_ref()),
        origin.map_or_else(|_| "'none'".to_owned(), |o| o.replace([';', ',', ' '], "")),
    );
    let mut response = axum::response::Html(html).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// An application that policy does not open: to the form that asks for it, where
/// asking would help.
pub(crate) fn not_permitted(
    state: &AppState,
    lang: Lang,
    application: &str,
    id: ApplicationId,
    denied: Denied,
) -> Response {
    if !denied.requirements.is_empty() && !super::provable(&denied) {
        let about = Names::of(state).entity(&Entity::new("Application", id));
        let query = super::sign_in::query(&[("about", &about)]);
        return Redirect::to(&format!("/requests/new?{query}")).into_response();
    }
    let mut problem = Problem::from(denied);
    problem.detail = format!("{application}: {}", problem.detail);
    super::error::page(state, lang, problem.clone(), "/").unwrap_or_else(|| problem.into_response())
}

/// Ends the session and goes on.
pub(crate) async fn sign_out(
    state: &AppState,
    caller: &Caller,
    next: Option<&str>,
) -> Result<Response, Problem> {
    let allowed = state.allow(&caller.actor, ManageOwn { of: caller.id() })?;
    state.signin.revoke_session(&allowed, caller.session.id).await?;
    let mut response = go(state, caller.lang, next.unwrap_or("/signed-out"))?;
    cookie::clear(response.headers_mut(), cookie::SESSION);
    cookie::clear(response.headers_mut(), cookie::FLOW);
    Ok(response)
}

/// Asks whether to sign out: nothing proved that the person wants it. The
/// application's own question goes along, to be asked again after a yes.
pub(crate) fn ask_sign_out(state: &AppState, caller: &Caller, asked: &Params) -> Response {
    let title = "Sign out?";
    let mut page =
        Question::new(Shell::closed(state, caller.lang, caller, title), title, "/sign-out");
    "An application asks to sign you out of Doorward.".clone_into(&mut page.text);
    page.hidden = vec![("asked", asked.query())];
    (page.yes, page.no) = ("Sign out", "Stay signed in");
    drawn(page)
}

pub(super) async fn leave(
    State(state): State<AppState>,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    if form.get("answer") == "no" {
        return Ok(Redirect::to("/").into_response());
    }
    // Where to go on is checked against the registration again: a form that was
    // altered goes nowhere but to our own page.
    let params = Params::new(pairs(form.get("asked").as_bytes())).map_err(Problem::from)?;
    let next = match state.oidc.end_session(&params, Some(&caller.session)).await? {
        LogoutOutcome::SignOut { next } | LogoutOutcome::Ask { next } => next,
    };
    sign_out(&state, &caller, next.as_ref().map(url::Url::as_str)).await
}

pub(super) async fn signed_out(
    State(state): State<AppState>,
    lang: Lang,
) -> Result<Response, Problem> {
    let title = "You are signed out";
    let mut page = Question::new(Shell::open(&state, lang, title), title, "/sign-in");
    (page.method, page.yes) = ("get", "Sign in again");
    page.s.page(&page)
}
