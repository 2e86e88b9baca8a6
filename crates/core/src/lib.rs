//! The words of Doorward: ids, time, chance, actors, actions, resources,
//! decisions, events and the lifecycles of what lasts.
//!
//! Owns: every type that two crates above it must agree on, and the one
//! function, [`authorize`], that turns a question into a permission.
//! Promises: no I/O, no async, no clock or random source of its own.
//! Must not know: storage, Cedar, HTTP, any protocol.

mod act;
mod action;
mod actor;
mod authorize;
mod context;
mod env;
mod event;
mod id;
pub mod lifecycle;
mod name;
mod resource;
mod secret;
mod steady;
mod time;

pub use act::*;
pub use action::{Action, UnknownAction};
pub use actor::{Actor, Assurance, FactorClass, Network, Proof, Who};
pub use authorize::{Act, Allowed, Decider, Denied, Question, Requirement, Verdict, authorize};
pub use context::Context;
pub use env::{Clock, Env, Rng};
pub use event::{Class, Event, Outcome};
pub use id::*;
pub use name::{Name, NameError};
pub use resource::{Entity, Resource};
pub use secret::Secret;
pub use time::Timestamp;
