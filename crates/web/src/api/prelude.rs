//! The names that every handler uses.

pub(super) use axum::extract::State;
pub(super) use schemars::JsonSchema;
pub(super) use serde::{Deserialize, Serialize};

pub(super) use super::answers::{
    Answer, Created, Kept, Listed, Nothing, Shown, answer, created, nothing, page,
};
pub(super) use super::listing::listing;
pub(super) use super::support::{about, identity, invalid, missing, name_of, name_of_entity};
pub(super) use crate::frame::extract::{Ask as Params, Body, Here as Peer, IfMatch, Path};
pub(super) use crate::frame::guard::Caller;
pub(super) use crate::{AppState, Problem};
