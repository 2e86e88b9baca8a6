//! Requests: those that wait for somebody's word, and their own.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use doorward_core::lifecycle::{Decision, RequestState};
use doorward_core::{DecideRequest, ManageOwn, ReadRequest, Requirement};
use doorward_store::request::RequestRow;

use super::lang::Lang;
use super::shell::Shell;
use super::views::{GrantView, Names, RequestView};
use crate::frame::extract::Form;
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

#[derive(Template)]
#[template(path = "requests.html")]
struct Requests {
    s: Shell,
    inbox: Vec<RequestView>,
    reviews: Vec<GrantView>,
    mine: Vec<RequestView>,
}

#[derive(Template)]
#[template(path = "request.html")]
struct One {
    s: Shell,
    r: RequestView,
    approvers: Vec<String>,
    grant: Option<String>,
    comment: String,
    error: String,
}

fn decide_act(row: &RequestRow) -> DecideRequest {
    DecideRequest { request: row.id, requester: row.requester, about: row.about.clone() }
}

/// The pending requests that the caller may decide.
pub(super) async fn inbox(state: &AppState, caller: &Caller) -> Result<Vec<RequestRow>, Problem> {
    let rows = state.grants.requests(None, Some(RequestState::Pending), None, 100).await?;
    let now = state.env.now();
    let mut found = Vec::new();
    for row in rows {
        if row.requester == caller.id()
            || now >= row.expires_at
            || state.allow(&caller.actor, decide_act(&row)).is_err()
        {
            continue;
        }
        let approvals = state.grants.progress(row.id).await?.approvals;
        if approvals.iter().all(|a| a.by != caller.id()) {
            found.push(row);
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
    let mut waiting = Vec::new();
    for row in inbox(&state, &caller).await? {
        waiting.push(RequestView::whole(&state, &names, &caller, row).await?);
    }
    let mut mine = Vec::new();
    for row in state.grants.requests(Some(caller.id()), None, None, 50).await? {
        let approvals = state.grants.progress(row.id).await?.approvals;
        mine.push(RequestView::of(&state, &names, row, &approvals));
    }
    let reviews = super::grants::to_review(&state, &caller).await?;
    let page = Requests { s, inbox: waiting, reviews, mine };
    page.s.page(&page)
}

pub(super) async fn one(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    draw(&state, lang, &caller, &id, String::new(), None).await
}

async fn draw(
    state: &AppState,
    lang: Lang,
    caller: &Caller,
    id: &str,
    comment: String,
    problem: Option<Problem>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("request");
    let progress = state.grants.progress(id.parse().map_err(|_| missing())?).await?;
    let row = progress.request;
    let act = ReadRequest { request: row.id, requester: row.requester, about: row.about.clone() };
    state.allow(&caller.actor, act).map_err(|_| missing())?;
    let s = Shell::portal(state, lang, caller, "requests", "Request").await?;
    let names = Names::of(state);
    let mut approvers = Vec::new();
    if row.requester == caller.id()
        && row.state == RequestState::Pending
        && let Some(open) = row.clone().pending(progress.approvals)
    {
        for id in state.grants.approvers(&open).await? {
            approvers.push(state.directory.any_identity(id).await?.display_name);
        }
    }
    let r = RequestView::whole(state, &names, caller, row).await?;
    let grant = progress.grant.map(|g| g.id.to_string());
    let status = problem.as_ref().map(|p| p.code.status());
    let error = problem.map(|p| p.detail).unwrap_or_default();
    let page = One { s, r, approvers, grant, comment, error };
    let mut response = page.s.page(&page)?;
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    Ok(response)
}

pub(super) async fn decide(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    let request = id.parse().map_err(|_| Problem::not_found("request"))?;
    let decision = match form.get("decision") {
        "approve" => Decision::Approve,
        "deny" => Decision::Deny,
        _ => return Err(Problem::field("decision", "approve or deny")),
    };
    let row = state.grants.progress(request).await?.request;
    let allowed = match state.allow(&caller.actor, decide_act(&row)) {
        Ok(allowed) => allowed,
        Err(denied) if super::provable(&denied) => {
            let passkey = denied.needs(&Requirement::PhishingResistant);
            return Ok(super::to_step_up(&format!("/requests/{}", row.id), passkey));
        }
        Err(denied) => return Err(denied.into()),
    };
    let comment = form.get("comment");
    match state.grants.decide(&allowed, decision, comment).await.map_err(Problem::from) {
        Ok(_) => Ok(Redirect::to(&format!("/requests/{}", row.id)).into_response()),
        // Nothing that was typed is lost.
        Err(problem) if problem.field.as_deref() == Some("comment") => {
            draw(&state, lang, &caller, &id, comment.to_owned(), Some(problem)).await
        }
        Err(problem) => Err(problem),
    }
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
    Ok(Redirect::to(&format!("/requests/{id}")).into_response())
}
