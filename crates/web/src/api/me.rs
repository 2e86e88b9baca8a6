//! One's own: the session, other sessions, authenticators, activity.

use axum::extract::{Path, State};
use doorward_core::{Allowed, ManageOwn};
use doorward_store::event::Filter;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::answer::{Answer, PageQuery, created, done, json as answer, whole};
use super::{Names, routes};
use crate::frame::extract::{Ask, Body};
use crate::frame::guard::Caller;
use crate::table::Table;
use crate::{AppState, Problem};

pub(super) fn table() -> Table {
    routes()
        .get("/session", "Who is signed in, and how strongly that is proven", show)
        .delete("/session", "Sign out", sign_out)
        .get("/own/sessions", "Your sessions", sessions)
        .delete("/own/sessions/{id}", "End one of your sessions", revoke)
        .delete("/own/sessions", "End all your sessions but this", revoke_others)
        .get("/own/authenticators", "Your authenticators", authenticators)
        .delete("/own/authenticators/{id}", "Remove one of your authenticators", remove)
        .post("/own/ssh-keys", "Enrol an SSH key", add_key)
        .body::<AddSshKey>()
        .get("/own/activity", "What was recorded about you", activity)
        .paged()
}

pub(crate) fn own(state: &AppState, caller: &Caller) -> Result<Allowed<ManageOwn>, Problem> {
    Ok(state.allow(&caller.actor, ManageOwn { of: caller.id() })?)
}

async fn show(State(state): State<AppState>, caller: Caller) -> Answer {
    let identity = state.directory.any_identity(caller.id()).await?;
    let (groups, roles) = state.engine.world().memberships(caller.id(), state.env.now());
    answer(json!({
        "id": caller.session.id,
        "identity": caller.id(),
        "name": identity.name,
        "display_name": identity.display_name,
        "email": identity.email,
        "groups": groups,
        "roles": roles,
        "assurance": caller.actor.assurance(),
        "phishing_resistant": caller.actor.phishing_resistant(),
        "proofs": caller.session.proofs,
        "created_at": caller.session.created_at,
        "expires_at": caller.session.expires_at,
    }))
}

async fn sign_out(State(state): State<AppState>, caller: Caller) -> Answer {
    state.signin.revoke_session(&own(&state, &caller)?, caller.session.id).await?;
    done()
}

async fn sessions(State(state): State<AppState>, caller: Caller) -> Answer {
    whole(state.signin.sessions(&own(&state, &caller)?).await?)
}

async fn revoke(State(state): State<AppState>, caller: Caller, Path(id): Path<String>) -> Answer {
    let id = id.parse().map_err(|_| Problem::not_found("session"))?;
    state.signin.revoke_session(&own(&state, &caller)?, id).await?;
    done()
}

async fn revoke_others(State(state): State<AppState>, caller: Caller) -> Answer {
    let ended = state.signin.revoke_other_sessions(&own(&state, &caller)?).await?;
    answer(json!({ "ended": ended }))
}

async fn authenticators(State(state): State<AppState>, caller: Caller) -> Answer {
    whole(state.signin.authenticators(&own(&state, &caller)?).await?)
}

async fn remove(State(state): State<AppState>, caller: Caller, Path(id): Path<String>) -> Answer {
    let id = id.parse().map_err(|_| Problem::not_found("authenticator"))?;
    state.signin.remove_authenticator(&own(&state, &caller)?, id).await?;
    done()
}

/// An SSH key to enrol.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddSshKey {
    /// What to call it.
    label: String,
    /// The line of the `.pub` file.
    key: String,
}

async fn add_key(State(state): State<AppState>, caller: Caller, Body(body): Body<AddSshKey>) -> Answer {
    let key = state.signin.add_ssh_key(&own(&state, &caller)?, &body.label, &body.key).await?;
    created(1, key)
}

async fn activity(State(state): State<AppState>, caller: Caller, Ask(page): Ask<PageQuery>) -> Answer {
    own(&state, &caller)?;
    let filter = Filter { actor: Some(caller.id()), ..Filter::default() };
    let found = doorward_audit::search::page(&state.db, &state.cursors, filter, page.cursor.as_deref(), page.limit()).await?;
    answer(super::audit::named(&Names::of(&state), found))
}
