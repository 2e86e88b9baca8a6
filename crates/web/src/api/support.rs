//! What the handlers of the API share.

use axum::Json;
use axum::response::{IntoResponse, Response};
use doorward_core::{Entity, GroupId, IdentityId, ReadGroup, ReadRole, ReadTarget, RoleId};
use doorward_directory::Target;
use http::{HeaderMap, HeaderValue, header};
use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::prelude::{AppState, Caller, Problem, Value, json};

/// The query of every list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ListQuery {
    /// Part of a name.
    pub q: Option<String>,
    /// The cursor of the page before.
    pub cursor: Option<String>,
    /// At most this many.
    pub limit: Option<i64>,
    /// Only those in this state.
    pub state: Option<String>,
}

impl ListQuery {
    pub(super) fn page(&self) -> doorward_directory::PageOf {
        doorward_directory::PageOf { cursor: self.cursor.clone(), limit: self.limit }
    }

    pub(super) fn most(&self) -> i64 {
        self.limit.unwrap_or(50).clamp(1, doorward_store::cursor::LIMIT)
    }
}

/// A JSON answer; with an ETag when it has a version.
pub(super) fn answer(value: impl Serialize) -> Answer {
    let value = json!(value);
    let version = value.get("version").and_then(Value::as_i64);
    let mut response = Json(value).into_response();
    if let Some(tag) = version.and_then(|v| HeaderValue::from_str(&format!("\"v{v}\"")).ok()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// The same with 201.
pub(super) fn created(value: impl Serialize) -> Answer {
    let mut response = answer(value)?;
    *response.status_mut() = http::StatusCode::CREATED;
    Ok(response)
}

/// Nothing more to say.
pub(super) fn nothing() -> Answer {
    Ok(http::StatusCode::NO_CONTENT.into_response())
}

/// What a handler gives.
pub(super) type Answer = Result<Response, Problem>;

/// The version that the caller has seen (`If-Match`), when they say so.
pub(super) fn expected(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(tag) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = tag.to_str().unwrap_or_default().trim().trim_matches('"');
    let version = text.strip_prefix('v').and_then(|v| v.parse().ok());
    version.map(Some).ok_or_else(|| invalid("If-Match", "send the ETag as it came"))
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

/// An object with further fields.
pub(super) fn with(
    value: impl Serialize,
    fields: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    let mut map = match json!(value) {
        Value::Object(map) => map,
        other => Map::from_iter([("value".to_owned(), other)]),
    };
    map.extend(fields.into_iter().map(|(k, v)| (k.to_owned(), v)));
    Value::Object(map)
}

/// A page of items and the cursor of the next.
pub(super) fn page<T: Serialize>(items: Vec<T>, next: Option<String>) -> Answer {
    answer(json!({ "items": items, "next": next }))
}
