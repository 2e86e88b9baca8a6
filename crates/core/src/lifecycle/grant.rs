//! A grant: live until its time, its return or its revocation.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Context, Entity, GrantId, IdentityId, RequestId, Timestamp};

/// Why something that lasts ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EndCause {
    /// Its time was over.
    Expired,
    /// Its holder gave it back.
    Returned,
    /// Somebody revoked it.
    Revoked {
        /// Who.
        by: IdentityId,
        /// Why, in their words.
        reason: String,
    },
    /// A fact of its decision changed.
    NoLongerPermitted {
        /// What a person is told: "your account was disabled".
        because: String,
    },
}

impl EndCause {
    /// The sentence for the person whose access ended.
    pub fn sentence(&self) -> String {
        match self {
            Self::Expired => "its time is over".to_owned(),
            Self::Returned => "it was returned".to_owned(),
            Self::Revoked { reason, .. } if reason.is_empty() => {
                "an administrator revoked it".to_owned()
            }
            Self::Revoked { reason, .. } => format!("an administrator revoked it: {reason}"),
            Self::NoLongerPermitted { because } => because.clone(),
        }
    }
}

/// A grant that has not been ended. Whether it is in force at a moment is
/// [`LiveGrant::in_force`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LiveGrant {
    /// Its id.
    pub id: GrantId,
    /// The request that it came from; none for break-glass.
    pub request: Option<RequestId>,
    /// Whose it is.
    pub holder: IdentityId,
    /// What it opens.
    pub about: Entity,
    /// Why it was given.
    pub reason: String,
    /// How many people approved.
    pub approvals: u32,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// Whether it is break-glass.
    pub break_glass: bool,
}

/// A grant that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedGrant {
    /// The grant.
    pub grant: LiveGrant,
    /// When it ended.
    pub at: Timestamp,
    /// Why.
    pub cause: EndCause,
}

impl LiveGrant {
    /// Whether it counts at `now`.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.starts_at <= now && now < self.ends_at
    }

    /// What it adds to a question.
    pub fn context(&self) -> Context {
        Context {
            reason: !self.reason.is_empty(),
            approvals: self.approvals,
            duration: Some(self.length()),
            managed_device: false,
            break_glass: self.break_glass,
        }
    }

    /// From start to end.
    pub fn length(&self) -> Duration {
        self.ends_at.since(self.starts_at)
    }

    /// Ends it.
    pub fn end(self, cause: EndCause, at: Timestamp) -> EndedGrant {
        EndedGrant { grant: self, at, cause }
    }
}
