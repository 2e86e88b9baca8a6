//! Requests, approvals, grants, break-glass.

use std::time::Duration;

use doorward_core::lifecycle::{Approval, Decision, EndCause, LiveGrant, RequestState};
use doorward_core::{
    DecideRequest, Entity, GrantId, IdentityId, ReadGrant, ReadRequest, RequestId, RevokeGrant,
    Timestamp,
};
use doorward_grants::Counted;
use doorward_store::grant::GrantRow;
use doorward_store::request::RequestRow;

use super::directory::Why;
use super::me::own;
use super::prelude::*;
use super::support::most;

const REQUESTS: &str = "requests";
const GRANTS: &str = "grants";

/// A request for access.
#[derive(Serialize, JsonSchema)]
pub(super) struct Request {
    /// Its id.
    id: RequestId,
    /// Who asks.
    requester: IdentityId,
    /// Their name.
    requester_name: String,
    /// For what.
    about: Entity,
    /// What that is called: `deploy@web-1`.
    about_name: String,
    /// Why.
    reason: String,
    /// For how long, from the last approval.
    duration_seconds: u64,
    /// How many approvals it needs.
    needed: u32,
    /// How many it has.
    approval_count: u32,
    /// Where it stands.
    state: RequestState,
    /// When it was filed.
    created_at: Timestamp,
    /// When it lapses undecided.
    expires_at: Timestamp,
    /// When it was decided.
    decided_at: Option<Timestamp>,
    /// Counts its changes.
    version: i64,
}

/// A request, what people said to it and what came of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct RequestDetails {
    #[serde(flatten)]
    request: Request,
    /// What people said, oldest first.
    approvals: Vec<NamedApproval>,
    /// The grant that came of it.
    grant: Option<LiveGrant>,
}

/// One person's word on a request.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Approval")]
struct NamedApproval {
    #[serde(flatten)]
    approval: Approval,
    /// The name of who said it.
    by_name: String,
}

/// A request that was filed.
#[derive(Serialize, JsonSchema)]
pub(super) struct FiledRequest {
    #[serde(flatten)]
    request: Request,
    /// The names of some of those who can approve it.
    approvers: Vec<String>,
    /// The grant, when nobody's word was needed.
    grant: Option<LiveGrant>,
}

/// What a decision made of a request.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum DecidedRequest {
    /// It waits for more.
    Pending {
        /// For how many.
        missing: u32,
    },
    /// It is a grant.
    Approved {
        /// The grant.
        grant: LiveGrant,
    },
    /// It is over.
    Denied,
}

/// A grant.
#[derive(Serialize, JsonSchema)]
pub(super) struct Grant {
    #[serde(flatten)]
    grant: LiveGrant,
    /// The name of its holder.
    holder_name: String,
    /// What it opens, by name.
    about_name: String,
    /// When it ended.
    ended_at: Option<Timestamp>,
    /// Why.
    end_cause: Option<EndCause>,
    /// Break-glass: who reviewed it.
    reviewed_by: Option<IdentityId>,
    /// When.
    reviewed_at: Option<Timestamp>,
    /// What they found.
    review_comment: Option<String>,
    /// Counts its changes.
    version: i64,
}

pub(super) fn shown_request(s: &AppState, r: &RequestRow, approvals: usize) -> Request {
    Request {
        id: r.id,
        requester: r.requester,
        requester_name: name_of(s, r.requester),
        about: r.about.clone(),
        about_name: name_of_entity(s, &r.about),
        reason: r.reason.clone(),
        duration_seconds: r.duration.as_secs(),
        needed: r.needed,
        approval_count: u32::try_from(approvals).unwrap_or(u32::MAX),
        state: r.state,
        created_at: r.created_at,
        expires_at: r.expires_at,
        decided_at: r.decided_at,
        version: r.version,
    }
}

fn read_request(r: &RequestRow) -> ReadRequest {
    ReadRequest { request: r.id, requester: r.requester, about: r.about.clone() }
}

fn read_grant(g: &GrantRow) -> ReadGrant {
    ReadGrant { grant: g.grant.id, holder: g.grant.holder, about: g.grant.about.clone() }
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RequestQuery {
    /// Only those in this state.
    pub(super) state: Option<RequestState>,
    /// The cursor of the page before.
    pub(super) cursor: Option<String>,
    /// At most this many, 1 to 200; 50 when absent.
    pub(super) limit: Option<i64>,
}

/// Those that the caller may see; each is asked about by itself.
pub(super) async fn requests(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<RequestQuery>,
) -> Answer<Listed<Request>> {
    let wanted = q.state;
    let mut before: Option<RequestId> =
        q.cursor.as_deref().map(|c| s.cursors.unseal(REQUESTS, c)).transpose()?;
    let most = usize::try_from(most(q.limit)).unwrap_or(1);
    let mut items = Vec::new();
    let mut next = None;
    'pages: loop {
        let found = s.grants.requests(None, wanted, before, 200).await?;
        if found.is_empty() {
            break;
        }
        for row in &found {
            before = Some(row.id);
            if s.allow(&caller.actor, read_request(row)).is_err() {
                continue;
            }
            if items.len() == most {
                break 'pages;
            }
            let approvals = s.grants.progress(row.id).await?.approvals.len();
            items.push(shown_request(&s, row, approvals));
            if items.len() == most {
                next = Some(s.cursors.seal(REQUESTS, &row.id)?);
            }
        }
        if items.len() == most {
            break;
        }
    }
    page(items, next)
}

pub(super) async fn show_request(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
) -> Answer<Shown<RequestDetails>> {
    let progress = s.grants.progress(id).await?;
    s.allow(&caller.actor, read_request(&progress.request)).map_err(|_| missing())?;
    let request = shown_request(&s, &progress.request, progress.approvals.len());
    let approvals = progress
        .approvals
        .into_iter()
        .map(|a| NamedApproval { by_name: name_of(&s, a.by), approval: a })
        .collect();
    answer(RequestDetails { request, approvals, grant: progress.grant })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewRequest")]
pub(super) struct Wish {
    /// `deploy@web-1`, or an application's name.
    about: String,
    /// Why.
    #[serde(default)]
    reason: String,
    /// For how long.
    #[serde(default)]
    duration_seconds: Option<u64>,
}

impl Wish {
    fn duration(&self) -> Option<Duration> {
        self.duration_seconds.map(Duration::from_secs)
    }
}

pub(super) async fn file_request(
    State(s): State<AppState>,
    caller: Caller,
    Body(wish): Body<Wish>,
) -> Answer<Created<FiledRequest>> {
    let entity = about(&s, &wish.about)?;
    let filed =
        s.grants.file_request(&caller.actor, &entity, &wish.reason, wish.duration()).await?;
    let progress = s.grants.progress(filed.request.id).await?;
    let approvers: Vec<String> = filed.approvers.iter().map(|id| name_of(&s, *id)).collect();
    let request = shown_request(&s, &progress.request, progress.approvals.len());
    created(FiledRequest { request, approvers, grant: filed.grant })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewApproval")]
pub(super) struct Word {
    /// Yes or no.
    decision: Decision,
    /// What the requester reads.
    #[serde(default)]
    comment: String,
}

pub(super) async fn decide_request(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
    Body(word): Body<Word>,
) -> Answer<Shown<DecidedRequest>> {
    let request = s.grants.progress(id).await?.request;
    s.allow(&caller.actor, read_request(&request)).map_err(|_| missing())?;
    let act =
        DecideRequest { request: id, requester: request.requester, about: request.about.clone() };
    let allowed = s.allow(&caller.actor, act)?;
    answer(match s.grants.decide(&allowed, word.decision, &word.comment).await? {
        Counted::StillPending { missing } => DecidedRequest::Pending { missing },
        Counted::Granted(grant) => DecidedRequest::Approved { grant },
        Counted::Denied => DecidedRequest::Denied,
    })
}

pub(super) async fn withdraw_request(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
) -> Answer<Shown<Request>> {
    s.grants.withdraw(&own(&s, &caller)?, id).await?;
    let progress = s.grants.progress(id).await?;
    answer(shown_request(&s, &progress.request, progress.approvals.len()))
}

pub(super) fn shown_grant(s: &AppState, row: &GrantRow) -> Grant {
    Grant {
        grant: row.grant.clone(),
        holder_name: name_of(s, row.grant.holder),
        about_name: name_of_entity(s, &row.grant.about),
        ended_at: row.ended_at,
        end_cause: row.end_cause.clone(),
        reviewed_by: row.reviewed_by,
        reviewed_at: row.reviewed_at,
        review_comment: row.review_comment.clone(),
        version: row.version,
    }
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum GrantState {
    /// In force.
    Live,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GrantQuery {
    /// Only those in this state.
    state: Option<GrantState>,
    /// The cursor of the page before.
    cursor: Option<String>,
    /// At most this many, 1 to 200; 50 when absent.
    limit: Option<i64>,
}

pub(super) async fn grants(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<GrantQuery>,
) -> Answer<Listed<Grant>> {
    let live = q.state.is_some();
    let mut at: Option<GrantId> =
        q.cursor.as_deref().map(|c| s.cursors.unseal(GRANTS, c)).transpose()?;
    let most = usize::try_from(most(q.limit)).unwrap_or(1);
    let (mut items, mut next) = (Vec::new(), None);
    let now = s.env.now();
    loop {
        let found = if live {
            s.grants.live_grants(None, at, 200).await?
        } else {
            s.grants.grants(None, at, 200).await?
        };
        if found.is_empty() {
            break;
        }
        for row in &found {
            at = Some(row.grant.id);
            let over = live && !row.grant.in_force(now);
            if over || s.allow(&caller.actor, read_grant(row)).is_err() {
                continue;
            }
            items.push(shown_grant(&s, row));
            if items.len() == most {
                next = Some(s.cursors.seal(GRANTS, &row.grant.id)?);
                break;
            }
        }
        if next.is_some() {
            break;
        }
    }
    page(items, next)
}

async fn grant(s: &AppState, caller: &Caller, id: GrantId) -> Result<GrantRow, Problem> {
    let row = s.grants.grant(id).await?;
    s.allow(&caller.actor, read_grant(&row)).map_err(|_| missing())?;
    Ok(row)
}

pub(super) async fn show_grant(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<GrantId>,
) -> Answer<Shown<Grant>> {
    answer(shown_grant(&s, &grant(&s, &caller, id).await?))
}

pub(super) async fn return_grant(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<GrantId>,
) -> Answer<Shown<Grant>> {
    s.grants.return_grant(&own(&s, &caller)?, id).await?;
    answer(shown_grant(&s, &s.grants.grant(id).await?))
}

fn revoke_act(id: GrantId, row: &GrantRow) -> RevokeGrant {
    RevokeGrant { grant: id, holder: row.grant.holder, about: row.grant.about.clone() }
}

pub(super) async fn revoke_grant(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<GrantId>,
    Body(why): Body<Why>,
) -> Answer<Shown<Grant>> {
    let row = grant(&s, &caller, id).await?;
    let allowed = s.allow(&caller.actor, revoke_act(id, &row))?;
    s.grants.revoke(&allowed, &why.reason).await?;
    answer(shown_grant(&s, &s.grants.grant(id).await?))
}

pub(super) async fn break_glass(
    State(s): State<AppState>,
    caller: Caller,
    Body(wish): Body<Wish>,
) -> Answer<Created<Grant>> {
    let entity = about(&s, &wish.about)?;
    let account =
        entity.id.parse().ok().filter(|_| entity.kind == "Account").ok_or_else(|| {
            invalid("about", "the glass is broken for an account: account@target")
        })?;
    let length = wish.duration().unwrap_or(Duration::from_secs(3600));
    let allowed = s.grants.ask_break_glass(&caller.actor, account, &wish.reason, length)?;
    let made = s.grants.break_glass(&allowed, &wish.reason, length).await?;
    created(shown_grant(&s, &s.grants.grant(made.id).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewReview")]
pub(super) struct Review {
    /// What you found.
    comment: String,
}

pub(super) async fn review_grant(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<GrantId>,
    Body(review): Body<Review>,
) -> Answer<Shown<Grant>> {
    let row = grant(&s, &caller, id).await?;
    let allowed = s.allow(&caller.actor, revoke_act(id, &row))?;
    s.grants.review(&allowed, &review.comment).await?;
    answer(shown_grant(&s, &s.grants.grant(id).await?))
}
