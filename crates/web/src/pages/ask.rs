//! Asking for access: what policy will want, why, for how long.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use doorward_core::Entity;
use serde::Deserialize;

use super::lang::Lang;
use super::reach::{self, How};
use super::shell::Shell;
use crate::frame::extract::{Ask, Form};
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct About {
    about: String,
}

#[derive(Template)]
#[template(path = "ask.html")]
struct Page {
    s: Shell,
    about: String,
    words: Vec<String>,
    lengths: Vec<(u64, String, bool)>,
    reason: String,
    error: String,
}

fn named(state: &AppState, about: &str) -> Result<Entity, Problem> {
    let missing = || Problem::not_found("account or application");
    state.engine.world().entity_named(about).ok_or_else(missing)
}

pub(super) async fn show(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    Ask(asked): Ask<About>,
) -> Result<Response, Problem> {
    draw(&state, lang, &caller, asked.about, String::new(), None).await
}

async fn draw(
    state: &AppState,
    lang: Lang,
    caller: &Caller,
    about: String,
    reason: String,
    problem: Option<Problem>,
) -> Result<Response, Problem> {
    let entity = named(state, &about)?;
    // What is not for them does not exist.
    let way = reach::thing(state, caller, &entity)
        .await?
        .ok_or_else(|| Problem::not_found("account or application"))?;
    if way.how != How::Request {
        return Ok(Redirect::to("/").into_response());
    }
    let mut s = Shell::portal(state, lang, caller, "requests", "Ask for access").await?;
    s.live = false;
    let status = problem.as_ref().map(|p| p.code.status());
    let error = problem.map(|p| p.detail).unwrap_or_default();
    let page = Page { s, about, words: way.words(), lengths: way.lengths(), reason, error };
    let mut response = page.s.page(&page)?;
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    Ok(response)
}

pub(super) async fn file(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    let (name, reason) = (form.get("about"), form.get("reason"));
    let about = named(&state, name)?;
    let seconds: u64 = form
        .get("duration_seconds")
        .parse()
        .map_err(|_| Problem::field("duration_seconds", "write it in seconds"))?;
    let filed = state
        .grants
        .file_request(&caller.actor, &about, reason, Some(Duration::from_secs(seconds)))
        .await
        .map_err(Problem::from);
    match filed {
        Ok(filed) => Ok(Redirect::to(&format!("/requests/{}", filed.request.id)).into_response()),
        // Nothing that was typed is lost.
        Err(problem) if problem.field.as_deref() == Some("reason") => {
            draw(&state, lang, &caller, name.to_owned(), reason.to_owned(), Some(problem)).await
        }
        Err(problem) => Err(problem),
    }
}
