//! Rows as clients see them: with names beside the ids.

use doorward_core::lifecycle::{Approval, Decision, EndCause, RequestState};
use doorward_core::{Actor, DecideRequest, Entity, ReadSession, Requirement, Timestamp};
use doorward_directory::Relation;
use doorward_grants::{Risk, RiskFact, RiskLevel};
use doorward_store::grant::GrantRow;
use doorward_store::privileged_session::{self as sessions, PrivilegedSession};
use doorward_store::request::RequestRow;

use crate::frame::guard::Caller;
use crate::{AppState, Problem};

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
    /// The labels of an account's target.
    pub fn labels(&self, entity: &Entity) -> Vec<String> {
        let id = entity.id.parse::<doorward_core::AccountId>().ok();
        let found = id.filter(|_| entity.kind == "Account");
        let found = found.and_then(|id| self.0.accounts().find(|(a, _)| a.id == id));
        found.map(|(_, t)| labels(&t.labels)).unwrap_or_default()
    }
}

/// Labels as they are written in policies.
pub(crate) fn labels(of: &std::collections::BTreeMap<String, String>) -> Vec<String> {
    of.iter().map(|(k, v)| format!("{k}={v}")).collect()
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct RequestView {
    pub id: String,
    pub requester_name: String,
    pub about_name: String,
    pub labels: Vec<String>,
    pub reason: String,
    pub duration_seconds: u64,
    pub needed: u32,
    pub approvals: Vec<ApprovalView>,
    pub state: &'static str,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Whether it is the caller's own.
    pub mine: bool,
    /// What who decides needs to know besides.
    pub asks: Option<Asks>,
}

/// Who asks, and what is known of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asks {
    pub display_name: String,
    /// Employee, contractor, partner, vendor; empty when it is not said.
    pub relation: &'static str,
    pub memberships: Vec<String>,
    /// How often they asked for the same before, and what became of the last.
    pub before: usize,
    pub last: Option<(Timestamp, &'static str)>,
    /// Their last privileged session there, when the caller may see it.
    pub session: Option<(String, Timestamp)>,
    /// Whether the caller may decide it now.
    pub decide: bool,
    /// Whether a fresh proof is all that is missing for that.
    pub prove: Option<String>,
    /// What speaks for a second look; nothing for those who asked.
    pub risk: Option<RiskView>,
}

/// What speaks for a second look.
#[derive(Clone, Debug)]
pub(crate) struct RiskView {
    pub level: &'static str,
    pub tone: &'static str,
    /// A sentence, what belongs into its gap, and the moment that it is about.
    pub reasons: Vec<(&'static str, String, Option<Timestamp>)>,
}

impl From<Risk> for RiskView {
    fn from(risk: Risk) -> Self {
        let (level, tone) = match risk.level {
            RiskLevel::Low => ("low", "ok"),
            RiskLevel::Medium => ("medium", "warn"),
            RiskLevel::High => ("high", "bad"),
        };
        let reasons = risk.reasons.into_iter().map(|r| {
            let at = match r.fact {
                RiskFact::ChangedAuthenticators { at } => Some(at),
                _ => None,
            };
            let (text, part) = reason(r.fact);
            (text, part, at)
        });
        let reasons = reasons.collect();
        Self { level, tone, reasons }
    }
}

fn reason(fact: RiskFact) -> (&'static str, String) {
    match fact {
        RiskFact::FirstTime => ("They were not there before.", String::new()),
        RiskFact::UnusualHour { sign_ins } => (
            "None of their {} sign-ins in 90 days was at this time of the day.",
            sign_ins.to_string(),
        ),
        RiskFact::NewNetwork { address } => {
            ("Asked from {}, a network that is new with them.", address.to_string())
        }
        RiskFact::UnmanagedDevice { known: true } => {
            ("Asked from an unmanaged device.", String::new())
        }
        RiskFact::UnmanagedDevice { known: false } => {
            ("Asked from an unknown device.", String::new())
        }
        RiskFact::CriticalAccount { by } => ("The account is critical ({}).", by),
        RiskFact::LongerThanBefore { before_seconds } => {
            ("Longer than ever before (so far {} at most).", minutes(before_seconds))
        }
        RiskFact::BrokeGlass { times } => {
            ("Times that they broke the glass in 30 days: {}.", times.to_string())
        }
        RiskFact::WeakProof { factors } => {
            ("Signed in without a phishing-resistant factor ({}).", factors.join(", "))
        }
        RiskFact::FailedSignIns { times } => {
            ("Failed sign-ins as them in 7 days: {}.", times.to_string())
        }
        RiskFact::ChangedAuthenticators { .. } => {
            ("Their authenticators were changed", String::new())
        }
    }
}

/// Somebody's word.
#[derive(Clone, Debug)]
pub(crate) struct ApprovalView {
    pub by_name: String,
    pub yes: bool,
    pub comment: String,
    pub at: Timestamp,
}

fn state_name(state: RequestState) -> &'static str {
    match state {
        RequestState::Pending => "waiting",
        RequestState::Approved => "approved",
        RequestState::Denied => "denied",
        RequestState::Withdrawn => "withdrawn",
        RequestState::Expired => "expired",
    }
}

const fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Employee => "Employee",
        Relation::Contractor => "Contractor",
        Relation::Partner => "Partner",
        Relation::Vendor => "Vendor",
    }
}

impl RequestView {
    pub fn of(state: &AppState, names: &Names, row: RequestRow, approvals: &[Approval]) -> Self {
        let lapsed = row.state == RequestState::Pending && state.env.now() >= row.expires_at;
        Self {
            id: row.id.to_string(),
            requester_name: names.identity(row.requester),
            about_name: names.entity(&row.about),
            labels: names.labels(&row.about),
            reason: row.reason,
            duration_seconds: row.duration.as_secs(),
            needed: row.needed,
            approvals: approvals
                .iter()
                .map(|a| ApprovalView {
                    by_name: names.identity(a.by),
                    yes: a.decision == Decision::Approve,
                    comment: a.comment.clone(),
                    at: a.at,
                })
                .collect(),
            state: if lapsed { "expired" } else { state_name(row.state) },
            created_at: row.created_at,
            expires_at: row.expires_at,
            mine: false,
            asks: None,
        }
    }

    /// With everything that somebody who decides needs.
    pub async fn whole(
        state: &AppState,
        names: &Names,
        caller: &Caller,
        row: RequestRow,
    ) -> Result<Self, Problem> {
        let approvals = state.grants.progress(row.id).await?.approvals;
        let who = state.directory.any_identity(row.requester).await?;
        let (groups, roles) = state.engine.world().memberships(row.requester, state.env.now());
        let memberships = groups.iter().chain(&roles).map(ToString::to_string).collect();
        let mine = row.requester == caller.id();
        let spoke = approvals.iter().any(|a| a.by == caller.id());
        let act =
            DecideRequest { request: row.id, requester: row.requester, about: row.about.clone() };
        let (decide, prove) = match state.allow(&caller.actor, act) {
            _ if mine || spoke => (false, None),
            Ok(_) => (true, None),
            Err(denied) if super::provable(&denied) => {
                let passkey = denied.needs(&Requirement::PhishingResistant);
                let here = format!("/requests/{}", row.id);
                (false, Some(super::sign_in::step_up_path(&here, passkey)))
            }
            Err(_) => (false, None),
        };
        let (before, last) = earlier(state, &row).await?;
        let risk = crate::api::risk_for(state, caller, &row).await?.map(RiskView::from);
        let asks = Asks {
            risk,
            display_name: who.display_name,
            relation: who.relation.map(relation).unwrap_or_default(),
            memberships,
            before,
            last,
            session: last_session(state, caller, &row).await?,
            decide,
            prove,
        };
        Ok(Self { mine, asks: Some(asks), ..Self::of(state, names, row, &approvals) })
    }

    /// How long, for a person.
    pub fn duration(&self) -> String {
        minutes(self.duration_seconds)
    }

    pub fn pending(&self) -> bool {
        self.state == "waiting"
    }

    /// How many have said yes.
    pub fn given(&self) -> usize {
        self.approvals.iter().filter(|a| a.yes).count()
    }

    /// The colour of its state.
    pub fn tone(&self) -> &'static str {
        match self.state {
            "approved" => "ok",
            "waiting" => "warn",
            "denied" => "bad",
            _ => "",
        }
    }
}

/// How often the same was asked for by the same before, and what came of the last.
async fn earlier(
    state: &AppState,
    row: &RequestRow,
) -> Result<(usize, Option<(Timestamp, &'static str)>), Problem> {
    let all = state.grants.requests(Some(row.requester), None, Some(row.id), 200).await?;
    let same: Vec<_> = all.into_iter().filter(|r| r.about == row.about).collect();
    let last = same.first().map(|r| (r.created_at, state_name(r.state)));
    Ok((same.len(), last))
}

/// Their last privileged session on the account, if the caller may see it.
async fn last_session(
    state: &AppState,
    caller: &Caller,
    row: &RequestRow,
) -> Result<Option<(String, Timestamp)>, Problem> {
    let (who, about) = (row.requester, row.about.id.clone());
    let found = state.db.read(move |c| sessions::list(c, None, Some(who), None, 200)).await?;
    let last = found.into_iter().find(|s| s.account.to_string() == about);
    Ok(last
        .filter(|s| {
            let act = ReadSession { session: s.id, owner: s.identity, account: s.account };
            state.allow(&caller.actor, act).is_ok()
        })
        .map(|s| (s.id.to_string(), s.started_at)))
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
    pub request: Option<String>,
    pub holder_name: String,
    pub holder_display: String,
    pub about_name: String,
    pub reason: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub end_cause: Option<String>,
    pub break_glass: bool,
    /// Who reviewed it, when, and what they wrote.
    pub review: Option<(String, Timestamp, String)>,
    /// Whether it is in force.
    pub open: bool,
    /// Whether it is the caller's own.
    pub mine: bool,
    pub may_revoke: bool,
    pub may_review: bool,
}

impl GrantView {
    pub fn of(state: &AppState, names: &Names, caller: &Caller, row: GrantRow) -> Self {
        let mine = row.grant.holder == caller.id();
        let may = !mine && state.allow(&caller.actor, super::grants::revoke_act(&row)).is_ok();
        let grant = row.grant;
        let open = row.ended_at.is_none() && grant.in_force(state.env.now());
        let review = row.reviewed_at.map(|at| {
            let by = row.reviewed_by.map(|id| names.identity(id)).unwrap_or_default();
            (by, at, row.review_comment.unwrap_or_default())
        });
        Self {
            id: grant.id.to_string(),
            request: grant.request.map(|r| r.to_string()),
            holder_name: names.identity(grant.holder),
            holder_display: String::new(),
            about_name: names.entity(&grant.about),
            reason: grant.reason,
            starts_at: grant.starts_at,
            ends_at: grant.ends_at,
            ended_at: row.ended_at,
            end_cause: row.end_cause.map(|c| c.sentence()),
            break_glass: grant.break_glass,
            may_revoke: may && open,
            may_review: may && grant.break_glass && review.is_none(),
            review,
            open,
            mine,
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
