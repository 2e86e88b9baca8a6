//! A request for access: pending, then approved, denied, withdrawn or expired.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::LiveGrant;
use crate::{ApprovalId, Entity, Env, GrantId, IdentityId, RequestId, Timestamp};

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Yes.
    Approve,
    /// No.
    Deny,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Waiting for approvals.
    Pending,
    /// Became a grant.
    Approved,
    /// Somebody said no.
    Denied,
    /// Taken back by its requester.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
}

/// One person's word on one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// Who.
    pub by: IdentityId,
    /// Yes or no.
    pub decision: Decision,
    /// What they wrote.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}

/// A request that waits for approvals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRequest {
    /// Its id.
    pub id: RequestId,
    /// Who asks.
    pub requester: IdentityId,
    /// For an account or an application.
    pub about: Entity,
    /// Why.
    pub reason: String,
    /// For how long, from the moment of the last approval.
    pub duration: Duration,
    /// How many approvals policy asks for.
    pub needed: u32,
    /// The approvals so far.
    pub approvals: Vec<Approval>,
    /// When it was filed.
    pub at: Timestamp,
    /// When it lapses undecided.
    pub expires_at: Timestamp,
}

/// Why a decision on a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// Nobody approves their own request.
    #[error("nobody decides their own request")]
    OwnRequest,
    /// One person, one word.
    #[error("this person has already decided this request")]
    AlreadyDecided,
    /// It lapsed.
    #[error("the request has expired")]
    Expired,
}

/// What a decision made of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It waits for more.
    StillPending(PendingRequest),
    /// It is a grant now.
    Granted(LiveGrant),
    /// It is over.
    Denied,
}

impl PendingRequest {
    /// One person's word. Consumes the request: what comes back is all there is.
    pub fn decide(
        mut self,
        by: IdentityId,
        decision: Decision,
        comment: &str,
        env: &Env,
    ) -> Result<(Approval, Decided), DecideError> {
        let now = env.now();
        if by == self.requester {
            return Err(DecideError::OwnRequest);
        }
        if now >= self.expires_at {
            return Err(DecideError::Expired);
        }
        if self.approvals.iter().any(|a| a.by == by) {
            return Err(DecideError::AlreadyDecided);
        }
        let word = Approval {
            id: ApprovalId::new(env),
            by,
            decision,
            comment: comment.to_owned(),
            at: now,
        };
        self.approvals.push(word.clone());
        let decided = match decision {
            Decision::Deny => Decided::Denied,
            Decision::Approve => {
                let have = u32::try_from(self.approvals.len()).unwrap_or(u32::MAX);
                if have >= self.needed {
                    Decided::Granted(LiveGrant::of(self, env))
                } else {
                    Decided::StillPending(self)
                }
            }
        };
        Ok((word, decided))
    }

    /// The grant that a request is at once when it needs nobody's word.
    pub fn grant_at_once(&self, env: &Env) -> Option<LiveGrant> {
        (self.needed == 0).then(|| LiveGrant::of(self.clone(), env))
    }
}

impl LiveGrant {
    fn of(request: PendingRequest, env: &Env) -> Self {
        let now = env.now();
        Self {
            id: GrantId::new(env),
            request: Some(request.id),
            holder: request.requester,
            about: request.about,
            reason: request.reason,
            approvals: u32::try_from(request.approvals.len()).unwrap_or(u32::MAX),
            starts_at: now,
            ends_at: now + request.duration,
            break_glass: false,
        }
    }
}
