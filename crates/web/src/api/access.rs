//! Requests, approvals, grants, break-glass.

use std::time::Duration;

use doorward_core::lifecycle::{Approval, Decision, EndCause, LiveGrant, RequestState};
use doorward_core::{
    DecideRequest, Decider as _, Entity, GrantId, IdentityId, ReadGrant, ReadRequest, RequestId,
    RevokeGrant, Timestamp,
};
use doorward_grants::{Counted, Progress, Risk};
use doorward_store::Conn;
use doorward_store::grant::{self, GrantRow, GrantSort, GrantState};
use doorward_store::order::Order;
use doorward_store::request::{self, RequestRow, RequestSort};

use super::directory::Why;
use super::listing::sifted;
use super::me::own;
use super::prelude::*;
use super::support::{abouts, called, who};

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
    /// What speaks for a second look at it; not told to the requester.
    risk: Option<Risk>,
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

pub(super) fn shown_request(s: &AppState, r: &RequestRow, approvals: u32) -> Request {
    Request {
        id: r.id,
        requester: r.requester,
        requester_name: name_of(s, r.requester),
        about: r.about.clone(),
        about_name: name_of_entity(s, &r.about),
        reason: r.reason.clone(),
        duration_seconds: r.duration.as_secs(),
        needed: r.needed,
        approval_count: approvals,
        state: r.state,
        created_at: r.created_at,
        expires_at: r.expires_at,
        decided_at: r.decided_at,
        version: r.version,
    }
}

/// What speaks for a second look. Whoever asks does not read what would give them away.
pub(crate) async fn risk_for(
    s: &AppState,
    caller: &Caller,
    r: &RequestRow,
) -> Result<Option<Risk>, Problem> {
    if s.engine.same_person(caller.id(), r.requester) {
        return Ok(None);
    }
    Ok(Some(s.grants.risk(r.id).await?))
}

/// How many people said something.
fn said(progress: &Progress) -> u32 {
    let yes = progress.approvals.iter().filter(|a| a.decision == Decision::Approve);
    u32::try_from(yes.count()).unwrap_or(u32::MAX)
}

fn read_request(r: &RequestRow) -> ReadRequest {
    ReadRequest { request: r.id, requester: r.requester, about: r.about.clone() }
}

fn read_grant(g: &GrantRow) -> ReadGrant {
    ReadGrant { grant: g.grant.id, holder: g.grant.holder, about: g.grant.about.clone() }
}

listing! {
    /// Which requests.
    RequestQuery sorted by RequestSort, Order::down(RequestSort::CreatedAt);
    {
        /// Part of the reason, of whose it is, or of what it is about.
        q: String,
        /// Only those in this state.
        state: RequestState,
        /// Who asks, by name or id.
        requester: String,
        /// For what: an account, an application, or any account of a target, by name.
        about: String,
        /// Filed not before.
        since: Timestamp,
        /// Filed before.
        until: Timestamp,
    }
}

impl RequestQuery {
    pub(super) fn filter(&self, s: &AppState) -> Result<request::Filter, Problem> {
        Ok(request::Filter {
            q: self.q.clone(),
            named: called(s, self.q.as_deref()),
            state: self.state,
            requester: who(s, "requester", self.requester.as_deref())?,
            about: self.about.as_deref().map(|t| abouts(s, "about", t)).transpose()?,
            since: self.since,
            until: self.until,
        })
    }
}

/// Those that the caller may see; each is asked about by itself.
pub(super) async fn requests(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<RequestQuery>,
) -> Answer<Listed<Request>> {
    let filter = q.filter(&s)?;
    let read = move |c: &Conn<'_>, at: &_| request::search(c, &filter, at);
    sifted(&s, "requests", &q.page(), read, |found: request::Counted| {
        s.allow(&caller.actor, read_request(&found.request)).ok()?;
        Some(shown_request(&s, &found.request, found.approvals))
    })
    .await
}

pub(super) async fn show_request(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
) -> Answer<Shown<RequestDetails>> {
    let progress = s.grants.progress(id).await?;
    s.allow(&caller.actor, read_request(&progress.request)).map_err(|_| missing())?;
    let request = shown_request(&s, &progress.request, said(&progress));
    let approvals = progress
        .approvals
        .into_iter()
        .map(|a| NamedApproval { by_name: name_of(&s, a.by), approval: a })
        .collect();
    let risk = risk_for(&s, &caller, &progress.request).await?;
    answer(RequestDetails { request, approvals, grant: progress.grant, risk })
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
    let request = shown_request(&s, &progress.request, said(&progress));
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
    answer(shown_request(&s, &progress.request, said(&progress)))
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

listing! {
    /// Which grants.
    GrantQuery sorted by GrantSort, Order::down(GrantSort::StartsAt);
    {
        /// Part of the reason, of whose it is, or of what it is about.
        q: String,
        /// Only those in this state.
        state: GrantState,
        /// Whose they are, by name or id.
        holder: String,
        /// For what: an account, an application, or any account of a target, by name.
        about: String,
        /// Whether they are break-glass.
        break_glass: bool,
        /// Break-glass ones that were reviewed, or were not.
        reviewed: bool,
        /// Begun not before.
        since: Timestamp,
        /// Begun before.
        until: Timestamp,
        /// In force at this moment.
        in_force_at: Timestamp,
    }
}

impl GrantQuery {
    pub(super) fn filter(&self, s: &AppState) -> Result<grant::Filter, Problem> {
        Ok(grant::Filter {
            q: self.q.clone(),
            named: called(s, self.q.as_deref()),
            state: self.state.map(|state| (state, s.env.now())),
            holder: who(s, "holder", self.holder.as_deref())?,
            about: self.about.as_deref().map(|t| abouts(s, "about", t)).transpose()?,
            break_glass: self.break_glass,
            reviewed: self.reviewed,
            since: self.since,
            until: self.until,
            in_force_at: self.in_force_at,
        })
    }
}

/// Those that the caller may see; each is asked about by itself.
pub(super) async fn grants(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<GrantQuery>,
) -> Answer<Listed<Grant>> {
    let filter = q.filter(&s)?;
    let read = move |c: &Conn<'_>, at: &_| grant::search(c, &filter, at);
    sifted(&s, "grants", &q.page(), read, |row: GrantRow| {
        s.allow(&caller.actor, read_grant(&row)).ok()?;
        Some(shown_grant(&s, &row))
    })
    .await
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
