//! Requests, approvals, grants, break-glass.

use std::time::Duration;

use doorward_core::lifecycle::{Decision, RequestState};
use doorward_core::{DecideRequest, GrantId, ReadGrant, ReadRequest, RequestId, RevokeGrant};
use doorward_grants::Counted;
use doorward_store::grant::GrantRow;
use doorward_store::request::RequestRow;

use super::directory::Why;
use super::me::own;
use super::prelude::*;

const REQUESTS: &str = "requests";
const GRANTS: &str = "grants";

pub(super) fn shown_request(s: &AppState, r: &RequestRow, approvals: usize) -> Value {
    json!({
        "id": r.id, "requester": r.requester, "requester_name": name_of(s, r.requester),
        "about": r.about, "about_name": name_of_entity(s, &r.about), "reason": r.reason,
        "duration_seconds": r.duration.as_secs(), "needed": r.needed, "approval_count": approvals,
        "state": r.state, "created_at": r.created_at, "expires_at": r.expires_at,
        "decided_at": r.decided_at, "version": r.version,
    })
}

fn read_request(r: &RequestRow) -> ReadRequest {
    ReadRequest { request: r.id, requester: r.requester, about: r.about.clone() }
}

fn read_grant(g: &GrantRow) -> ReadGrant {
    ReadGrant { grant: g.grant.id, holder: g.grant.holder, about: g.grant.about.clone() }
}

fn state(text: Option<&str>) -> Result<Option<RequestState>, Problem> {
    let Some(text) = text else { return Ok(None) };
    serde_json::from_value(json!(text))
        .map(Some)
        .map_err(|_| invalid("state", "use pending, approved, denied, withdrawn or expired"))
}

/// Those that the caller may see; each is asked about by itself.
pub(super) async fn requests(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ListQuery>,
) -> Answer {
    let wanted = state(q.state.as_deref())?;
    let mut before: Option<RequestId> =
        q.cursor.as_deref().map(|c| s.cursors.unseal(REQUESTS, c)).transpose()?;
    let most = usize::try_from(q.most()).unwrap_or(1);
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
) -> Answer {
    let progress = s.grants.progress(id).await?;
    s.allow(&caller.actor, read_request(&progress.request)).map_err(|_| missing())?;
    let approvals: Vec<Value> = progress
        .approvals
        .iter()
        .map(|a| with(a, [("by_name", json!(name_of(&s, a.by)))]))
        .collect();
    let shown = shown_request(&s, &progress.request, approvals.len());
    answer(with(shown, [("approvals", json!(approvals)), ("grant", json!(progress.grant))]))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// `deploy@web-1`, or an application's name.
    about: String,
    #[serde(default)]
    reason: String,
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
) -> Answer {
    let entity = about(&s, &wish.about)?;
    let filed =
        s.grants.file_request(&caller.actor, &entity, &wish.reason, wish.duration()).await?;
    let progress = s.grants.progress(filed.request.id).await?;
    let approvers: Vec<String> = filed.approvers.iter().map(|id| name_of(&s, *id)).collect();
    let shown = shown_request(&s, &progress.request, progress.approvals.len());
    created(with(shown, [("approvers", json!(approvers)), ("grant", json!(filed.grant))]))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Word {
    decision: Decision,
    #[serde(default)]
    comment: String,
}

pub(super) async fn decide_request(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
    Body(word): Body<Word>,
) -> Answer {
    let request = s.grants.progress(id).await?.request;
    s.allow(&caller.actor, read_request(&request)).map_err(|_| missing())?;
    let act =
        DecideRequest { request: id, requester: request.requester, about: request.about.clone() };
    let allowed = s.allow(&caller.actor, act)?;
    let outcome = match s.grants.decide(&allowed, word.decision, &word.comment).await? {
        Counted::StillPending { missing } => json!({ "state": "pending", "missing": missing }),
        Counted::Granted(grant) => json!({ "state": "approved", "grant": grant }),
        Counted::Denied => json!({ "state": "denied" }),
    };
    answer(outcome)
}

pub(super) async fn withdraw_request(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
) -> Answer {
    s.grants.withdraw(&own(&s, &caller)?, id).await?;
    let progress = s.grants.progress(id).await?;
    answer(shown_request(&s, &progress.request, progress.approvals.len()))
}

fn shown_grant(s: &AppState, row: &GrantRow) -> Value {
    with(
        &row.grant,
        [
            ("holder_name", json!(name_of(s, row.grant.holder))),
            ("about_name", json!(name_of_entity(s, &row.grant.about))),
            ("ended_at", json!(row.ended_at)),
            ("end_cause", json!(row.end_cause)),
            ("reviewed_at", json!(row.reviewed_at)),
            ("review_comment", json!(row.review_comment)),
            ("version", json!(row.version)),
        ],
    )
}

pub(super) async fn grants(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ListQuery>,
) -> Answer {
    let live = match q.state.as_deref() {
        None => false,
        Some("live") => true,
        Some(_) => return Err(invalid("state", "use live, or leave it out")),
    };
    let mut at: Option<GrantId> =
        q.cursor.as_deref().map(|c| s.cursors.unseal(GRANTS, c)).transpose()?;
    let most = usize::try_from(q.most()).unwrap_or(1);
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
) -> Answer {
    answer(shown_grant(&s, &grant(&s, &caller, id).await?))
}

pub(super) async fn return_grant(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<GrantId>,
) -> Answer {
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
) -> Answer {
    let row = grant(&s, &caller, id).await?;
    let allowed = s.allow(&caller.actor, revoke_act(id, &row))?;
    s.grants.revoke(&allowed, &why.reason).await?;
    answer(shown_grant(&s, &s.grants.grant(id).await?))
}

pub(super) async fn break_glass(
    State(s): State<AppState>,
    caller: Caller,
    Body(wish): Body<Wish>,
) -> Answer {
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Review {
    comment: String,
}

pub(super) async fn review_grant(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<GrantId>,
    Body(review): Body<Review>,
) -> Answer {
    let row = grant(&s, &caller, id).await?;
    let allowed = s.allow(&caller.actor, revoke_act(id, &row))?;
    s.grants.review(&allowed, &review.comment).await?;
    answer(shown_grant(&s, &s.grants.grant(id).await?))
}
