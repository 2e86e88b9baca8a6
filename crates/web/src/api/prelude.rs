//! The names that every handler uses.

pub(super) use axum::extract::{Path, State};
pub(super) use serde::Deserialize;
pub(super) use serde_json::{Value, json};

pub(super) use super::support::{
    Answer, ListQuery, about, answer, created, expected, identity, invalid, missing, name_of,
    name_of_entity, nothing, page, with,
};
pub(super) use crate::frame::extract::{Ask as Params, Body, Here as Peer};
pub(super) use crate::frame::guard::Caller;
pub(super) use crate::{AppState, Problem};
