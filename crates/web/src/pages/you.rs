//! One's own authenticators and sessions.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use doorward_core::{Allowed, ManageOwn, Timestamp};
use doorward_signin::SignInError;

use super::lang::Lang;
use super::shell::Shell;
use crate::frame::extract::{Form, Here};
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

struct Authenticator {
    id: String,
    kind: &'static str,
    label: String,
    fingerprint: Option<String>,
    used_at: Option<Timestamp>,
}

struct Browser {
    id: String,
    agent: String,
    address: String,
    seen: Timestamp,
    this: bool,
}

#[derive(Template)]
#[template(path = "you.html")]
struct You {
    s: Shell,
    display_name: String,
    email: Option<String>,
    authenticators: Vec<Authenticator>,
    /// How many recovery codes are left.
    codes: usize,
    /// Which factors they have; the others are offered first.
    passkey: bool,
    sessions: Vec<Browser>,
    groups: Vec<String>,
    roles: Vec<String>,
}

fn own(state: &AppState, caller: &Caller) -> Result<Allowed<ManageOwn>, Problem> {
    Ok(state.allow(&caller.actor, ManageOwn { of: caller.id() })?)
}

fn kind(factor: &str) -> &'static str {
    match factor {
        "password" => "Password",
        "totp" => "Authenticator app",
        "passkey" => "Passkey",
        "ssh-key" | "ssh_key" => "SSH key",
        _ => "Authenticator",
    }
}

/// What a browser calls itself, in a few words.
fn agent(text: &str) -> String {
    let browser = ["Firefox", "Edg", "OPR", "Chrome", "Safari", "doorward"]
        .into_iter()
        .find(|b| text.contains(b));
    let system = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"]
        .into_iter()
        .find(|o| text.contains(o));
    let browser = match browser {
        Some("Edg") => "Edge",
        Some("OPR") => "Opera",
        Some("doorward") => "Command line",
        Some(other) => other,
        None => return text.chars().filter(|c| !c.is_control()).take(40).collect(),
    };
    system.map_or_else(|| browser.to_owned(), |s| format!("{browser}, {s}"))
}

pub(super) async fn show(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
) -> Result<Response, Problem> {
    let mut s = Shell::portal(&state, lang, &caller, "you", "You").await?;
    s.live = false;
    let allowed = own(&state, &caller)?;
    let identity = state.directory.any_identity(caller.id()).await?;
    let (groups, roles) = state.engine.world().memberships(caller.id(), state.env.now());
    let all = state.signin.authenticators(&allowed).await?;
    let codes = all.iter().filter(|a| a.factor == "recovery").count();
    let passkey = all.iter().any(|a| a.factor == "passkey");
    let authenticators = all
        .into_iter()
        .filter(|a| a.factor != "recovery")
        .map(|a| Authenticator {
            id: a.id.to_string(),
            kind: kind(&a.factor),
            label: a.label,
            fingerprint: a.fingerprint,
            used_at: a.used_at,
        })
        .collect();
    let sessions = state
        .signin
        .sessions(&allowed)
        .await?
        .into_iter()
        .map(|b| Browser {
            this: b.id == caller.session.id,
            id: b.id.to_string(),
            agent: agent(&b.user_agent),
            address: b.network.address.map(|a| a.to_string()).unwrap_or_default(),
            seen: b.last_seen_at,
        })
        .collect();
    let page = You {
        s,
        display_name: identity.display_name,
        email: identity.email,
        authenticators,
        codes,
        passkey,
        sessions,
        groups: groups.iter().map(ToString::to_string).collect(),
        roles: roles.iter().map(ToString::to_string).collect(),
    };
    page.s.page(&page)
}

/// Goes to a fresh proof when that is what is missing.
fn settle(result: Result<(), SignInError>) -> Result<Response, Problem> {
    match result {
        Ok(()) => Ok(Redirect::to("/you").into_response()),
        Err(SignInError::Denied(denied)) if super::provable(&denied) => Ok(super::to_step_up(
            "/you",
            denied.needs(&doorward_core::Requirement::PhishingResistant),
        )),
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn add(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    from: Here,
    form: Form,
) -> Result<Response, Problem> {
    let allowed = own(&state, &caller)?;
    match state
        .signin
        .begin_add(&allowed, &caller.session, form.get("factor"), &from.browser(), "/you")
        .await
    {
        Ok(turn) => super::sign_in::began(&state, lang, turn),
        Err(e) => settle(Err(e)),
    }
}

pub(super) async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    _form: Form,
) -> Result<Response, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("authenticator"))?;
    settle(state.signin.remove_authenticator(&own(&state, &caller)?, id).await)
}

pub(super) async fn add_key(
    State(state): State<AppState>,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    let done =
        state.signin.add_ssh_key(&own(&state, &caller)?, form.get("label"), form.get("key")).await;
    settle(done.map(drop))
}

pub(super) async fn end_session(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    _form: Form,
) -> Result<Response, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("session"))?;
    state.signin.revoke_session(&own(&state, &caller)?, id).await?;
    Ok(Redirect::to("/you").into_response())
}
