//! Grants: one's own with what is left of them, those that somebody may end, and
//! broken glass that waits for its review.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use doorward_core::{ManageOwn, ReadGrant, RevokeGrant};
use doorward_store::grant::GrantRow;

use super::lang::Lang;
use super::shell::Shell;
use super::views::{GrantView, Names};
use crate::frame::extract::Form;
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

/// More reviews than this are not listed at once.
const REVIEWS: i64 = 100;

#[derive(Template)]
#[template(path = "grants.html")]
struct Grants {
    s: Shell,
    open: Vec<GrantView>,
    over: Vec<GrantView>,
}

#[derive(Template)]
#[template(path = "grant.html")]
struct One {
    s: Shell,
    g: GrantView,
    command: String,
    text: String,
    error: String,
}

pub(super) fn revoke_act(row: &GrantRow) -> RevokeGrant {
    let g = &row.grant;
    RevokeGrant { grant: g.id, holder: g.holder, about: g.about.clone() }
}

/// Broken glass that waits for the caller's review.
pub(super) async fn to_review(
    state: &AppState,
    caller: &Caller,
) -> Result<Vec<GrantView>, Problem> {
    let names = Names::of(state);
    let rows = state.grants.unreviewed(REVIEWS).await?;
    let all = rows.into_iter().map(|row| GrantView::of(state, &names, caller, row));
    Ok(all.filter(|g| g.may_review).collect())
}

pub(super) async fn list(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
) -> Result<Response, Problem> {
    let s = Shell::portal(&state, lang, &caller, "requests", "Your grants").await?;
    let names = Names::of(&state);
    let rows = state.grants.grants(Some(caller.id()), None, 50).await?;
    let all = rows.into_iter().map(|row| GrantView::of(&state, &names, &caller, row));
    let (open, over) = all.partition(|g| g.open);
    let page = Grants { s, open, over };
    page.s.page(&page)
}

/// The grant; nothing at all for those who may not know that it is there.
async fn find(state: &AppState, caller: &Caller, id: &str) -> Result<GrantRow, Problem> {
    let missing = || Problem::not_found("grant");
    let row = state.grants.grant(id.parse().map_err(|_| missing())?).await?;
    let g = &row.grant;
    let act = ReadGrant { grant: g.id, holder: g.holder, about: g.about.clone() };
    state.allow(&caller.actor, act).map_err(|_| missing())?;
    Ok(row)
}

pub(super) async fn one(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let row = find(&state, &caller, &id).await?;
    draw(&state, lang, &caller, row, String::new(), None).await
}

async fn draw(
    state: &AppState,
    lang: Lang,
    caller: &Caller,
    row: GrantRow,
    text: String,
    problem: Option<Problem>,
) -> Result<Response, Problem> {
    let s = Shell::portal(state, lang, caller, "requests", "Grant").await?;
    let kind = row.grant.about.id.parse().ok().and_then(|id: doorward_core::AccountId| {
        let world = state.engine.world();
        world.accounts().find(|(a, _)| a.id == id).map(|(_, t)| t.kind.clone())
    });
    let mut g = GrantView::of(state, &Names::of(state), caller, row.clone());
    g.holder_display = state.directory.any_identity(row.grant.holder).await?.display_name;
    let command = super::reach::command(state, &g.about_name, kind.as_deref().unwrap_or_default());
    let status = problem.as_ref().map(|p| p.code.status());
    let error = problem.map(|p| p.detail).unwrap_or_default();
    let page = One { s, g, command, text, error };
    let mut response = page.s.page(&page)?;
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    Ok(response)
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
    Ok(Redirect::to("/grants").into_response())
}

pub(super) async fn revoke(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    let row = find(&state, &caller, &id).await?;
    let allowed = state.allow(&caller.actor, revoke_act(&row))?;
    let done = state.grants.revoke(&allowed, form.get("reason")).await.map_err(Problem::from);
    settled(&state, lang, &caller, row, form.get("reason"), done).await
}

pub(super) async fn review(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    let row = find(&state, &caller, &id).await?;
    let allowed = state.allow(&caller.actor, revoke_act(&row))?;
    let done = state.grants.review(&allowed, form.get("comment")).await.map_err(Problem::from);
    settled(&state, lang, &caller, row, form.get("comment"), done).await
}

/// Back to the grant; with what was typed, when something is wrong with that.
async fn settled(
    state: &AppState,
    lang: Lang,
    caller: &Caller,
    row: GrantRow,
    text: &str,
    done: Result<(), Problem>,
) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/grants/{}", row.grant.id)).into_response()),
        Err(problem) if problem.field.is_some() => {
            draw(state, lang, caller, row, text.to_owned(), Some(problem)).await
        }
        Err(problem) => Err(problem),
    }
}
