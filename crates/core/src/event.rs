//! The one shape of every audit record.

use serde::{Deserialize, Serialize};

use crate::{Actor, Entity, Env, EventId, PrivilegedSessionId, Timestamp};

/// The OCSF class (schema 1.3) that an event belongs to, so that a SIEM knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "EventClass")]
pub enum Class {
    /// 3001 Account Change: an identity, its authenticators, its state.
    AccountChange,
    /// 3002 Authentication: a sign-in, a step-up, a sign-out.
    Authentication,
    /// 3003 Authorize Session: a decision on privileged access.
    AuthorizeSession,
    /// 3004 Entity Management: policies, targets, applications, settings, secrets.
    EntityManagement,
    /// 3005 User Access Management: roles, requests, approvals, grants.
    UserAccessManagement,
    /// 3006 Group Management.
    GroupManagement,
    /// 4007 SSH Activity: privileged sessions over SSH.
    SshActivity,
    /// 1001 File System Activity: files moved in a privileged session.
    FileSystemActivity,
    /// 1007 Process Activity: commands in a privileged session.
    ProcessActivity,
    /// 6003 API Activity: tokens issued, secrets read, recordings played.
    ApiActivity,
    /// 6002 Application Lifecycle: start, stop, seal, unseal, backup.
    ApplicationLifecycle,
    /// 2004 Detection Finding.
    DetectionFinding,
}

impl Class {
    /// OCSF `class_uid`.
    pub const fn uid(self) -> i64 {
        match self {
            Self::FileSystemActivity => 1001,
            Self::ProcessActivity => 1007,
            Self::DetectionFinding => 2004,
            Self::AccountChange => 3001,
            Self::Authentication => 3002,
            Self::AuthorizeSession => 3003,
            Self::EntityManagement => 3004,
            Self::UserAccessManagement => 3005,
            Self::GroupManagement => 3006,
            Self::SshActivity => 4007,
            Self::ApplicationLifecycle => 6002,
            Self::ApiActivity => 6003,
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused or failed.
    Failure,
}

/// One audit record. Built by the code that makes the change, appended in the
/// change's own transaction. INVARIANT: no field ever holds a secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// OCSF class.
    pub class: Class,
    /// What happened, as `noun.verb-in-past`: `session.opened`, `person.disabled`.
    pub activity: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Who did it.
    pub actor: Actor,
    /// To what.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target: Option<Entity>,
    /// In which privileged session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub privileged_session: Option<PrivilegedSessionId>,
    /// By which policies it was permitted or forbidden.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub policies: Vec<String>,
    /// Further facts, by name.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty", default)]
    pub details: serde_json::Map<String, serde_json::Value>,
}

impl Event {
    /// A record of success; the builder methods add to it.
    pub fn new(env: &Env, class: Class, activity: &str, actor: &Actor) -> Self {
        Self {
            id: EventId::new(env),
            at: env.now(),
            class,
            activity: activity.to_owned(),
            outcome: Outcome::Success,
            actor: actor.clone(),
            target: None,
            privileged_session: None,
            policies: Vec::new(),
            details: serde_json::Map::new(),
        }
    }

    /// It failed or was refused.
    #[must_use]
    pub fn failed(mut self) -> Self {
        self.outcome = Outcome::Failure;
        self
    }

    /// What it was done to.
    #[must_use]
    pub fn on(mut self, target: Entity) -> Self {
        self.target = Some(target);
        self
    }

    /// In which privileged session.
    #[must_use]
    pub fn within(mut self, session: PrivilegedSessionId) -> Self {
        self.privileged_session = Some(session);
        self
    }

    /// By which policies.
    #[must_use]
    pub fn by(mut self, policies: &[String]) -> Self {
        self.policies = policies.to_vec();
        self
    }

    /// A further fact. Never a secret.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}
