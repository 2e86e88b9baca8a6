//! What the handlers of the API share.

use doorward_core::{Entity, GroupId, IdentityId, ReadGroup, ReadRole, ReadTarget, RoleId};
use doorward_directory::Target;
use schemars::JsonSchema;
use serde::Deserialize;

use super::prelude::{AppState, Caller, Problem};

/// The query of a list that can be searched.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ListQuery {
    /// Part of a name.
    pub q: Option<String>,
    /// The cursor of the page before.
    pub cursor: Option<String>,
    /// At most this many, 1 to 200; 50 when absent.
    pub limit: Option<i64>,
}

/// The query of a list that is only paged.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PageQuery {
    /// The cursor of the page before.
    pub cursor: Option<String>,
    /// At most this many, 1 to 200; 50 when absent.
    pub limit: Option<i64>,
}

/// How many items a page holds.
pub(super) fn most(limit: Option<i64>) -> i64 {
    limit.unwrap_or(50).clamp(1, doorward_store::cursor::LIMIT)
}

impl ListQuery {
    pub(super) fn page(&self) -> doorward_directory::PageOf {
        doorward_directory::PageOf { cursor: self.cursor.clone(), limit: self.limit }
    }

    pub(super) fn most(&self) -> i64 {
        most(self.limit)
    }
}

/// A field of the request that cannot be used.
pub(super) fn invalid(field: &str, detail: impl Into<String>) -> Problem {
    Problem::field(field, detail)
}

/// Nothing is there, or nobody may know that it is.
pub(super) fn missing() -> Problem {
    Problem::not_found("thing")
}

/// The identity of this name or id.
pub(super) fn identity(state: &AppState, text: &str) -> Result<IdentityId, Problem> {
    let world = state.engine.world();
    match text.parse::<IdentityId>() {
        Ok(id) => world.name_of(id).map(|_| id),
        Err(_) => doorward_directory::canonical(text).and_then(|n| world.identity_named(&n)),
    }
    .ok_or_else(missing)
}

/// The group of this name or id.
pub(super) async fn group(
    state: &AppState,
    caller: &Caller,
    text: &str,
) -> Result<GroupId, Problem> {
    let allowed = state.allow(&caller.actor, ReadGroup {})?;
    Ok(match text.parse() {
        Ok(id) => state.directory.group(&allowed, id).await?.id,
        Err(_) => state.directory.group_by_name(&allowed, text).await?.id,
    })
}

/// The role of this name or id.
pub(super) async fn role(state: &AppState, caller: &Caller, text: &str) -> Result<RoleId, Problem> {
    let allowed = state.allow(&caller.actor, ReadRole {})?;
    Ok(match text.parse() {
        Ok(id) => state.directory.role(&allowed, id).await?.id,
        Err(_) => state.directory.role_by_name(&allowed, text).await?.id,
    })
}

/// The target of this name or id.
pub(super) async fn target(
    state: &AppState,
    caller: &Caller,
    text: &str,
) -> Result<Target, Problem> {
    let allowed = state.allow(&caller.actor, ReadTarget {})?;
    Ok(match text.parse() {
        Ok(id) => state.directory.target(&allowed, id).await?,
        Err(_) => state.directory.target_by_name(&allowed, text).await?,
    })
}

/// What `deploy@web-1`, the name of an application, or a reference means.
pub(super) fn about(state: &AppState, text: &str) -> Result<Entity, Problem> {
    let world = state.engine.world();
    world.entity_named(text).ok_or_else(|| {
        invalid("about", "nothing is called that; write account@target or an application's name")
    })
}

/// How people call an identity, for lists.
pub(super) fn name_of(state: &AppState, id: IdentityId) -> String {
    state.engine.world().name_of(id).map_or_else(|| id.to_string(), |n| n.to_string())
}

/// How people call what a request or grant is about.
pub(super) fn name_of_entity(state: &AppState, entity: &Entity) -> String {
    state.engine.world().name_of_entity(entity).unwrap_or_else(|| entity.id.clone())
}
