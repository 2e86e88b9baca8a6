//! The facts around a question that are neither actor nor resource.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What the asker brings besides who they are: the facts of a grant, a
/// request's promises, the state of the device. What is absent is not true.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Context {
    /// Whether a reason was given (by the request behind a live grant).
    pub reason: bool,
    /// How many distinct other people approved.
    pub approvals: u32,
    /// How long the access lasts at most, when that is known.
    pub duration: Option<Duration>,
    /// Whether the device is managed.
    pub managed_device: bool,
    /// Whether it is break-glass.
    pub break_glass: bool,
}
