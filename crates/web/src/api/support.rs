//! What the handlers of the API share.

use doorward_core::{Entity, GroupId, IdentityId, ReadGroup, ReadRole, ReadTarget, RoleId};
use doorward_directory::Target;

use super::prelude::{AppState, Caller, Problem};

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

/// What a filter of this name means: an account, an application, or all accounts
/// of a target.
pub(super) fn abouts(state: &AppState, field: &str, text: &str) -> Result<Vec<Entity>, Problem> {
    let world = state.engine.world();
    if let Some(one) = world.entity_named(text) {
        return Ok(vec![one]);
    }
    let of_target: Vec<Entity> = world
        .accounts()
        .filter(|(_, t)| t.name.as_str() == text || t.id.to_string() == text)
        .map(|(a, _)| Entity::new("Account", a.id))
        .collect();
    if of_target.is_empty() {
        return Err(invalid(field, "nothing that can be reached is called that"));
    }
    Ok(of_target)
}

/// The identity that a filter names.
pub(super) fn who(
    state: &AppState,
    field: &str,
    text: Option<&str>,
) -> Result<Option<IdentityId>, Problem> {
    text.map(|t| identity(state, t).map_err(|_| invalid(field, "nobody has this name"))).transpose()
}

/// How many things a search by name looks at.
const NAMED: usize = 500;

/// What can be asked for and is called by something that holds these words.
pub(super) fn called(state: &AppState, words: Option<&str>) -> Vec<Entity> {
    let words = words.unwrap_or_default().trim().to_lowercase();
    if words.is_empty() {
        return Vec::new();
    }
    let world = state.engine.world();
    let accounts = world
        .accounts()
        .filter(|(a, t)| format!("{}@{}", a.name, t.name).to_lowercase().contains(&words))
        .map(|(a, _)| Entity::new("Account", a.id));
    let applications = world
        .applications()
        .filter(|(_, name)| name.as_str().contains(&words))
        .map(|(id, _)| Entity::new("Application", id));
    accounts.chain(applications).take(NAMED).collect()
}

/// How people call an identity, for lists.
pub(super) fn name_of(state: &AppState, id: IdentityId) -> String {
    state.engine.world().name_of(id).map_or_else(|| id.to_string(), |n| n.to_string())
}

/// The same of what was kept with a name: who is gone keeps the one from then.
pub(super) fn still_named(state: &AppState, id: IdentityId, then: String) -> String {
    state.engine.world().name_of(id).map_or(then, |n| n.to_string())
}

/// How people call what a request or grant is about.
pub(super) fn name_of_entity(state: &AppState, entity: &Entity) -> String {
    state.engine.world().name_of_entity(entity).unwrap_or_else(|| entity.id.clone())
}
