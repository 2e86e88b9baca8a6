//! Requests: those that wait for somebody's word, and their own.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use doorward_core::lifecycle::{Decision, RequestState};
use doorward_core::{DecideRequest, Entity, ManageOwn};
use std::time::Duration;

use super::lang::Lang;
use super::shell::Shell;
use super::views::{Names, RequestView};
use crate::frame::extract::Form;
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

#[derive(Template)]
#[template(path = "requests.html")]
struct Requests {
    s: Shell,
    inbox: Vec<RequestView>,
    mine: Vec<RequestView>,
}

/// The pending requests that the caller may decide.
pub(super) async fn inbox(state: &AppState, caller: &Caller) -> Result<Vec<RequestView>, Problem> {
    let rows = state.grants.requests(None, Some(RequestState::Pending), None, 100).await?;
    let names = Names::of(state);
    let now = state.env.now();
    let mut found = Vec::new();
    for row in rows {
        let act =
            DecideRequest { request: row.id, requester: row.requester, about: row.about.clone() };
        if row.requester == caller.id()
            || now >= row.expires_at
            || state.allow(&caller.actor, act).is_err()
        {
            continue;
        }
        let approvals = state.grants.progress(row.id).await?.approvals;
        if approvals.iter().all(|a| a.by != caller.id()) {
            found.push(RequestView::of(&names, row, &approvals));
        }
    }
    Ok(found)
}

pub(super) async fn show(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
) -> Result<Response, Problem> {
    let s = Shell::portal(&state, lang, &caller, "requests", "Requests").await?;
    let names = Names::of(&state);
    let mut mine = Vec::new();
    for row in state.grants.requests(Some(caller.id()), None, None, 50).await? {
        let approvals = state.grants.progress(row.id).await?.approvals;
        mine.push(RequestView::of(&names, row, &approvals));
    }
    let page = Requests { s, inbox: inbox(&state, &caller).await?, mine };
    page.s.page(&page)
}

pub(super) async fn file(
    State(state): State<AppState>,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    let unknown = || Problem::field("about", "there is no such account or application");
    let about: Entity = state.engine.world().entity_named(form.get("about")).ok_or_else(unknown)?;
    let seconds: u64 = form
        .get("duration_seconds")
        .parse()
        .map_err(|_| Problem::field("duration_seconds", "write it in seconds"))?;
    state
        .grants
        .file_request(&caller.actor, &about, form.get("reason"), Some(Duration::from_secs(seconds)))
        .await?;
    Ok(back())
}

fn back() -> Response {
    Redirect::to("/requests").into_response()
}

pub(super) async fn decide(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("request"))?;
    let decision = match form.get("decision") {
        "approve" => Decision::Approve,
        "deny" => Decision::Deny,
        _ => return Err(Problem::field("decision", "approve or deny")),
    };
    let request = state.grants.progress(id).await?.request;
    let act = DecideRequest { request: id, requester: request.requester, about: request.about };
    let allowed = state.allow(&caller.actor, act)?;
    state.grants.decide(&allowed, decision, form.get("comment")).await?;
    Ok(back())
}

pub(super) async fn withdraw(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    _form: Form,
) -> Result<Response, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("request"))?;
    let allowed = state.allow(&caller.actor, ManageOwn { of: caller.id() })?;
    state.grants.withdraw(&allowed, id).await?;
    Ok(back())
}

pub(super) async fn give_back(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    _form: Form,
) -> Result<Response, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("grant"))?;
    let allowed = state.allow(&caller.actor, ManageOwn { of: caller.id() })?;
    state.grants.return_grant(&allowed, id).await?;
    Ok(Redirect::to("/").into_response())
}
