//! The commands of a privileged session, for a page that follows it.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use doorward_core::{PlayRecording, WatchSession};
use doorward_store::privileged_session as rows;
use serde::Deserialize;

use crate::frame::extract::Ask;
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct From {
    /// The number of the last one that the page has.
    after: i64,
}

/// Those after the last that the page has. What was typed is content: for those
/// who may watch or replay.
pub(super) async fn more(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Ask(from): Ask<From>,
) -> Result<Response, Problem> {
    let row = super::sessions::find(&state, &caller, &id).await?;
    let (session, owner, account) = (row.id, row.identity, row.account);
    let watch = state.allow(&caller.actor, WatchSession { session, owner, account });
    if watch.is_err() || row.ended_at.is_some() {
        state.allow(&caller.actor, PlayRecording { session, owner, account })?;
    }
    let found = state.db.read(move |c| rows::commands(c, session, from.after, 200)).await?;
    Ok(Json(found).into_response())
}
