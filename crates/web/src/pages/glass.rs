//! Breaking the glass: at once, loudly, with a reason, reviewed afterwards.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use doorward_core::{AccountId, Requirement};
use serde::Deserialize;

use super::lang::Lang;
use super::reach::{self, Glass};
use super::shell::Shell;
use crate::frame::extract::{Ask, Form};
use crate::frame::guard::Caller;
use crate::{AppState, Code, Problem};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct About {
    about: String,
}

#[derive(Template)]
#[template(path = "glass.html")]
struct Page {
    s: Shell,
    /// The account; empty while it is to be chosen.
    about: String,
    choices: Vec<String>,
    lengths: Vec<(u64, String, bool)>,
    reason: String,
    error: String,
}

fn account(state: &AppState, about: &str) -> Result<AccountId, Problem> {
    let missing = || Problem::not_found("account");
    let entity = state.engine.world().entity_named(about).ok_or_else(missing)?;
    entity.id.parse().ok().filter(|_| entity.kind == "Account").ok_or_else(missing)
}

pub(super) async fn show(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    Ask(asked): Ask<About>,
) -> Result<Response, Problem> {
    if asked.about.is_empty() {
        return choose(&state, lang, &caller).await;
    }
    draw(&state, lang, &caller, asked.about, String::new(), None).await
}

async fn choose(state: &AppState, lang: Lang, caller: &Caller) -> Result<Response, Problem> {
    let mut accounts: Vec<(String, AccountId)> = {
        let world = state.engine.world();
        let enabled = world.accounts().filter(|(_, t)| t.enabled);
        enabled.map(|(a, t)| (format!("{}@{}", a.name, t.name), a.id)).collect()
    };
    accounts.sort();
    accounts.retain(|(_, id)| reach::glass(state, caller, *id).is_some());
    if accounts.is_empty() {
        return Err(Problem::new(
            Code::NotPermitted,
            "policy lets you break the glass for no account",
        ));
    }
    let choices = accounts.into_iter().map(|(name, _)| name).collect();
    let mut s = Shell::portal(state, lang, caller, "home", "Break the glass").await?;
    s.live = false;
    let page = Page {
        s,
        about: String::new(),
        choices,
        lengths: Vec::new(),
        reason: String::new(),
        error: String::new(),
    };
    page.s.page(&page)
}

async fn draw(
    state: &AppState,
    lang: Lang,
    caller: &Caller,
    about: String,
    reason: String,
    problem: Option<Problem>,
) -> Result<Response, Problem> {
    let most = match reach::glass(state, caller, account(state, &about)?) {
        // What is not for them does not exist.
        None => return Err(Problem::not_found("account")),
        // Proven before anything is typed, so that nothing typed is lost.
        Some(Glass::Proof(denied)) => {
            let here = format!("/break-glass?{}", super::sign_in::query(&[("about", &about)]));
            return Ok(super::to_step_up(&here, denied.needs(&Requirement::PhishingResistant)));
        }
        Some(Glass::Reason { most }) => most,
    };
    let mut s = Shell::portal(state, lang, caller, "home", "Break the glass").await?;
    s.live = false;
    let status = problem.as_ref().map(|p| p.code.status());
    let error = problem.map(|p| p.detail).unwrap_or_default();
    let lengths = reach::lengths(most);
    let page = Page { s, about, choices: Vec::new(), lengths, reason, error };
    let mut response = page.s.page(&page)?;
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    Ok(response)
}

pub(super) async fn smash(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    let (name, reason) = (form.get("about"), form.get("reason"));
    let id = account(&state, name)?;
    let seconds: u64 = form
        .get("duration_seconds")
        .parse()
        .map_err(|_| Problem::field("duration_seconds", "write it in seconds"))?;
    let again = |problem| draw(&state, lang, &caller, name.to_owned(), reason.to_owned(), problem);
    if form.get("known") != "yes" {
        let problem = Problem::field("known", "tick the box: a review follows");
        return again(Some(problem)).await;
    }
    let length = Duration::from_secs(seconds);
    let allowed = match state.grants.ask_break_glass(&caller.actor, id, reason, length) {
        Ok(allowed) => allowed,
        Err(denied) if denied.needs(&Requirement::Reason) => {
            let problem = Problem::from(doorward_grants::GlassError::NoReason);
            return again(Some(problem)).await;
        }
        Err(denied) => return Err(Problem::from(denied).hidden("account")),
    };
    match state.grants.break_glass(&allowed, reason, length).await.map_err(Problem::from) {
        Ok(grant) => Ok(Redirect::to(&format!("/grants/{}", grant.id)).into_response()),
        Err(problem) if problem.field.as_deref() == Some("reason") => again(Some(problem)).await,
        Err(problem) => Err(problem),
    }
}
