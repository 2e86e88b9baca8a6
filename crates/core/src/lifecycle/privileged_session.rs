//! A privileged session: opening, live, ended.

use serde::{Deserialize, Serialize};

use super::EndCause;
use crate::{AccountId, Allowed, GrantId, IdentityId, OpenSession, PrivilegedSessionId, Timestamp};

/// A session that is permitted and not yet connected. Only an
/// [`Allowed<OpenSession>`] makes one.
#[derive(Clone, Debug)]
pub struct OpeningSession {
    id: PrivilegedSessionId,
    identity: IdentityId,
    account: AccountId,
    grant: Option<GrantId>,
}

/// A session that is connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LivePrivilegedSession {
    /// Its id.
    pub id: PrivilegedSessionId,
    /// Who.
    pub identity: IdentityId,
    /// On which account.
    pub account: AccountId,
    /// By which grant, if it took one.
    pub grant: Option<GrantId>,
    /// Since when.
    pub started_at: Timestamp,
}

/// A session that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedPrivilegedSession {
    /// The session.
    pub session: LivePrivilegedSession,
    /// When it ended.
    pub at: Timestamp,
    /// Why, when it was not its owner who left.
    pub cause: Option<EndCause>,
}

impl OpeningSession {
    /// A session of the actor who was allowed; none when that is no identity.
    pub fn of(
        allowed: &Allowed<OpenSession>,
        id: PrivilegedSessionId,
        grant: Option<GrantId>,
    ) -> Option<Self> {
        let identity = allowed.actor().id()?;
        Some(Self { id, identity, account: allowed.act().account, grant })
    }

    /// Its id.
    pub fn id(&self) -> PrivilegedSessionId {
        self.id
    }

    /// The target answered and took the credential.
    pub fn connected(self, at: Timestamp) -> LivePrivilegedSession {
        LivePrivilegedSession {
            id: self.id,
            identity: self.identity,
            account: self.account,
            grant: self.grant,
            started_at: at,
        }
    }
}

impl LivePrivilegedSession {
    /// It is over; `cause` is none when its owner left.
    pub fn end(self, cause: Option<EndCause>, at: Timestamp) -> EndedPrivilegedSession {
        EndedPrivilegedSession { session: self, at, cause }
    }
}
