//! A session of a browser or a command line.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Actor, DeviceId, IdentityId, Network, Proof, SessionId, Timestamp, Who};

/// What is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// A browser, by cookie.
    Browser,
    /// The command line, by bearer token.
    Cli,
}

/// How long a session lives (63B-4 section 2.2.3: AAL2, 24 h and 1 h at most).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLimits {
    /// Without use.
    pub idle: Duration,
    /// In any case.
    pub absolute: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { idle: Duration::from_secs(30 * 60), absolute: Duration::from_secs(12 * 3600) }
    }
}

/// A session that was neither revoked nor, when it was loaded, over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Session")]
pub struct LiveSession {
    /// Its id; not the bearer value.
    pub id: SessionId,
    /// Whose.
    pub identity: IdentityId,
    /// Browser or command line.
    pub kind: SessionKind,
    /// What was proven in it, and when.
    pub proofs: Vec<Proof>,
    /// Where it was opened from.
    pub network: Network,
    /// What the browser calls itself.
    pub user_agent: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// Its absolute end.
    pub expires_at: Timestamp,
    /// What it is signed in with, when that is known. Once a request is
    /// authenticated: only if it showed the key of that device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
}

impl LiveSession {
    /// Whether it may still be used at `now`.
    pub fn alive(&self, limits: SessionLimits, now: Timestamp) -> bool {
        now < self.expires_at && now.since(self.last_seen_at) < limits.idle
    }

    /// The actor that a request in this session, from `network`, has.
    pub fn actor(&self, network: Network) -> Actor {
        Actor {
            who: Who::Identity(self.identity),
            proofs: self.proofs.clone(),
            session: Some(self.id),
            device: self.device.map(|d| d.to_string()),
            network,
        }
    }
}
