//! Rows as clients see them: with names beside the ids.

use doorward_core::lifecycle::{Approval, EndCause, RequestState};
use doorward_core::{Actor, Entity, Timestamp};
use doorward_store::grant::GrantRow;
use doorward_store::privileged_session::PrivilegedSession;
use doorward_store::request::RequestRow;

use crate::AppState;

/// The world as it is now, for names.
pub(crate) struct Names(std::sync::Arc<doorward_policy::World>);

impl Names {
    pub fn of(state: &AppState) -> Self {
        Self(state.engine.world())
    }
    pub fn identity(&self, id: doorward_core::IdentityId) -> String {
        self.0.name_of(id).map_or_else(|| id.to_string(), |n| n.to_string())
    }
    pub fn entity(&self, entity: &Entity) -> String {
        self.0.name_of_entity(entity).unwrap_or_else(|| entity.id.clone())
    }
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct RequestView {
    pub id: String,
    pub requester_name: String,
    pub about_name: String,
    pub reason: String,
    pub duration_seconds: u64,
    pub needed: u32,
    pub approval_count: usize,
    pub approvals: Vec<ApprovalView>,
    pub state: RequestState,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Somebody's word.
#[derive(Clone, Debug)]
pub(crate) struct ApprovalView {
    pub by_name: String,
    pub comment: String,
}

impl RequestView {
    pub fn of(names: &Names, row: RequestRow, approvals: &[Approval]) -> Self {
        Self {
            id: row.id.to_string(),
            requester_name: names.identity(row.requester),
            about_name: names.entity(&row.about),
            reason: row.reason,
            duration_seconds: row.duration.as_secs(),
            needed: row.needed,
            approval_count: approvals.len(),
            approvals: approvals
                .iter()
                .map(|a| ApprovalView { by_name: names.identity(a.by), comment: a.comment.clone() })
                .collect(),
            state: row.state,
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }

    /// How long, for a person.
    pub fn duration(&self) -> String {
        minutes(self.duration_seconds)
    }

    pub fn pending(&self) -> bool {
        self.state == RequestState::Pending
    }

    pub fn state_name(&self) -> &'static str {
        match self.state {
            RequestState::Pending => "waiting",
            RequestState::Approved => "approved",
            RequestState::Denied => "denied",
            RequestState::Withdrawn => "withdrawn",
            RequestState::Expired => "expired",
        }
    }
}

/// A time in minutes or hours, for a person.
pub(crate) fn minutes(seconds: u64) -> String {
    match (seconds / 3600, seconds % 3600 / 60) {
        (0, m) => format!("{m} min"),
        (h, 0) => format!("{h} h"),
        (h, m) => format!("{h} h {m} min"),
    }
}

/// A grant.
#[derive(Clone, Debug)]
pub(crate) struct GrantView {
    pub id: String,
    pub about_name: String,
    pub reason: String,
    pub ends_at: Timestamp,
    pub break_glass: bool,
}

impl GrantView {
    pub fn of(names: &Names, row: GrantRow) -> Self {
        let grant = row.grant;
        Self {
            id: grant.id.to_string(),
            about_name: names.entity(&grant.about),
            reason: grant.reason,
            ends_at: grant.ends_at,
            break_glass: grant.break_glass,
        }
    }
}

/// A privileged session.
#[derive(Clone, Debug)]
pub(crate) struct SessionView {
    pub id: String,
    pub identity_name: String,
    pub account_name: String,
    pub protocol: String,
    pub address: Option<String>,
    pub state: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub end_cause: Option<EndCause>,
    pub coverage: String,
    /// What whoever asks may do with it.
    pub may: May,
}

/// What may be done with a privileged session.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct May {
    pub watch: bool,
    pub end: bool,
    pub play: bool,
}

impl SessionView {
    pub fn of(state: &AppState, names: &Names, actor: &Actor, row: PrivilegedSession) -> Self {
        let (session, owner, account) = (row.id, row.identity, row.account);
        let live = row.ended_at.is_none();
        let may = May {
            watch: live
                && state
                    .allow(actor, doorward_core::WatchSession { session, owner, account })
                    .is_ok(),
            end: live
                && state
                    .allow(actor, doorward_core::EndSession { session, owner, account })
                    .is_ok(),
            play: !live
                && state
                    .allow(actor, doorward_core::PlayRecording { session, owner, account })
                    .is_ok(),
        };
        Self {
            id: row.id.to_string(),
            identity_name: names.identity(row.identity),
            account_name: names.entity(&Entity::new("Account", row.account)),
            protocol: row.protocol,
            address: row.address,
            state: row.state,
            started_at: row.started_at,
            ended_at: row.ended_at,
            end_cause: row.end_cause,
            coverage: row.coverage,
            may,
        }
    }
}
