//! Cedar behind core's `Decider`: decisions, the explanation of denials,
//! validation, tests of policies, the starter policies.
//!
//! Owns: the schema, the world that decisions are made over, the policies that
//! are in force.
//! Promises: anything that goes wrong while deciding is a denial; a denial
//! names the smallest set of facts that would turn it to permit, found by
//! asking the same policies again.
//! Must not know: how a fact came to be, HTTP, any protocol.

mod access;
mod engine;
mod explain;
mod index;
pub mod policies;
mod table;
mod timed;
mod validate;
mod world;

pub use access::{Path, Reached, Reaching, Step, StepKind, Subject, Via};
pub use engine::{Engine, Standing};
pub use explain::Explanation;
pub use table::{Report, Table, TableError, proof};
pub use validate::{Problem, validate};
pub use world::World;

/// The Cedar schema.
pub const SCHEMA: &str = include_str!("../schema.cedarschema");

/// The policies of a real organisation, put into force at first start:
/// name, description, text.
pub const STARTER: &[(&str, &str, &str)] = &[
    ("everyone", "Signing in, and what is one's own", include_str!("../starter/everyone.cedar")),
    ("applications", "Everyday applications", include_str!("../starter/applications.cedar")),
    ("hosts", "Privileged sessions on hosts", include_str!("../starter/hosts.cedar")),
    ("approvers", "Who decides requests", include_str!("../starter/approvers.cedar")),
    ("auditors", "Who may look, and change nothing", include_str!("../starter/auditors.cedar")),
    (
        "administrators",
        "Who runs Doorward, without reaching through it",
        include_str!("../starter/administrators.cedar"),
    ),
];

#[cfg(test)]
mod tests;
