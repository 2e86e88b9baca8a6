//! Requests for access, and the words of those who decide them.

use std::collections::HashSet;
use std::time::Duration;

use doorward_core::lifecycle::{Approval, Decision, PendingRequest, RequestState};
use doorward_core::{Entity, IdentityId, RequestId, Timestamp};
use serde::Serialize;

use crate::conn::{Conn, FromRow, Row};
use crate::error::{Error, Result};
use crate::genuine::{
    self,
    tables::{APPROVAL, REQUEST},
};
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::{args, sql};

/// A request, wherever it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestRow {
    /// Its id.
    pub id: RequestId,
    /// Who asks.
    pub requester: IdentityId,
    /// For what.
    pub about: Entity,
    /// Why.
    pub reason: String,
    /// For how long.
    pub duration: Duration,
    /// How many approvals it needs.
    pub needed: u32,
    /// Where it stands.
    pub state: RequestState,
    /// When it was filed.
    pub created_at: Timestamp,
    /// When it lapses undecided.
    pub expires_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Counts its changes.
    pub version: i64,
}

fn state_name(state: RequestState) -> &'static str {
    match state {
        RequestState::Pending => "pending",
        RequestState::Approved => "approved",
        RequestState::Denied => "denied",
        RequestState::Withdrawn => "withdrawn",
        RequestState::Expired => "expired",
    }
}

fn state_of(name: &str) -> Result<RequestState> {
    Ok(match name {
        "pending" => RequestState::Pending,
        "approved" => RequestState::Approved,
        "denied" => RequestState::Denied,
        "withdrawn" => RequestState::Withdrawn,
        "expired" => RequestState::Expired,
        other => return Err(Error::Decode(format!("no request state is called {other:?}"))),
    })
}

impl FromRow for RequestRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            requester: row.get("requester")?,
            about: Entity { kind: row.get("about_kind")?, id: row.get("about_id")? },
            reason: row.get("reason")?,
            duration: row.get("duration")?,
            needed: row.get("needed")?,
            state: state_of(&row.get::<String>("state")?)?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            decided_at: row.get("decided_at")?,
            version: row.get("version")?,
        })
    }
}

impl RequestRow {
    /// As the lifecycle has it, while it waits.
    pub fn pending(self, approvals: Vec<Approval>) -> Option<PendingRequest> {
        (self.state == RequestState::Pending).then_some(PendingRequest {
            id: self.id,
            requester: self.requester,
            about: self.about,
            reason: self.reason,
            duration: self.duration,
            needed: self.needed,
            approvals,
            at: self.created_at,
            expires_at: self.expires_at,
        })
    }
}

impl FromRow for Approval {
    fn from_row(row: &Row) -> Result<Self> {
        let decision = match row.get::<String>("decision")?.as_str() {
            "approve" => Decision::Approve,
            "deny" => Decision::Deny,
            other => return Err(Error::Decode(format!("no decision is called {other:?}"))),
        };
        Ok(Self {
            id: row.get("id")?,
            by: row.get("decided_by")?,
            decision,
            comment: row.get("comment")?,
            at: row.get("at")?,
        })
    }
}

/// Adds a request in this state.
pub fn insert(c: &Conn<'_>, r: &PendingRequest, state: RequestState) -> Result<()> {
    let decided = (state != RequestState::Pending).then_some(r.at);
    genuine::written(
        c,
        &REQUEST,
        sql!(
            "INSERT INTO request (id, requester, about_kind, about_id, reason, duration, needed,
               state, created_at, expires_at, decided_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1) RETURNING *"
        ),
        args![
            r.id,
            r.requester,
            &r.about.kind,
            &r.about.id,
            &r.reason,
            r.duration,
            r.needed,
            state_name(state),
            r.at,
            r.expires_at,
            decided
        ],
    )?;
    Ok(())
}

/// The one with this id. One that waits must be genuine; one that is decided gives
/// nothing any more.
pub fn find(c: &Conn<'_>, id: RequestId) -> Result<Option<RequestRow>> {
    let rows = c.rows(sql!("SELECT * FROM request WHERE id = $1"), args![id])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let found = RequestRow::from_row(row)?;
    let counts = found.state != RequestState::Pending || genuine::accepts(c, &REQUEST, row)?;
    Ok(counts.then_some(found))
}

/// What people said about it, oldest first.
pub fn approvals(c: &Conn<'_>, id: RequestId) -> Result<Vec<Approval>> {
    c.genuine(
        &APPROVAL,
        sql!("SELECT * FROM approval WHERE request = $1 ORDER BY at, id"),
        args![id],
    )
}

/// The pending requests that this person has said something to.
pub fn decided_by(c: &Conn<'_>, who: IdentityId) -> Result<HashSet<RequestId>> {
    let found = c.all_with(
        sql!(
            "SELECT a.request AS request FROM approval a JOIN request r ON r.id = a.request
             WHERE a.decided_by = $1 AND r.state = 'pending'"
        ),
        args![who],
        |row| row.get("request"),
    )?;
    Ok(found.into_iter().collect())
}

/// Adds one person's word.
pub fn insert_approval(c: &Conn<'_>, request: RequestId, a: &Approval) -> Result<()> {
    let decision = match a.decision {
        Decision::Approve => "approve",
        Decision::Deny => "deny",
    };
    genuine::written(
        c,
        &APPROVAL,
        sql!(
            "INSERT INTO approval (id, request, decided_by, decision, comment, at)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING *"
        ),
        args![a.id, request, a.by, decision, &a.comment, a.at],
    )?;
    Ok(())
}

/// Moves it on; false when it is not pending any more, or was changed since
/// `version`.
pub fn advance(
    c: &Conn<'_>,
    id: RequestId,
    version: i64,
    state: RequestState,
    needed: u32,
    now: Timestamp,
) -> Result<bool> {
    let decided = (state != RequestState::Pending).then_some(now);
    let sql = sql!(
        "UPDATE request SET state = $3, needed = $4, decided_at = $5, version = version + 1
         WHERE id = $1 AND version = $2 AND state = 'pending' RETURNING *"
    );
    let values = args![id, version, state_name(state), needed, decided];
    genuine::amend(c, &REQUEST, args![id], sql, values)
}

/// The pending ones of a requester.
pub fn pending_of(c: &Conn<'_>, requester: IdentityId) -> Result<Vec<RequestRow>> {
    c.genuine(
        &REQUEST,
        sql!(
            "SELECT * FROM request WHERE requester = $1 AND state = 'pending' ORDER BY created_at, id"
        ),
        args![requester],
    )
}

/// Pending ones that have lapsed.
pub fn lapsed(c: &Conn<'_>, now: Timestamp, limit: i64) -> Result<Vec<RequestRow>> {
    c.genuine(
        &REQUEST,
        sql!(
            "SELECT * FROM request WHERE state = 'pending' AND expires_at <= $1
             ORDER BY expires_at, id LIMIT $2"
        ),
        args![now, limit],
    )
}

/// Newest first, older than `before`: of one requester or of all, in one state or
/// in any.
pub fn list(
    c: &Conn<'_>,
    requester: Option<IdentityId>,
    state: Option<RequestState>,
    before: Option<RequestId>,
    limit: i64,
) -> Result<Vec<RequestRow>> {
    c.all(
        sql!(
            "SELECT id, requester, about_kind, about_id, reason, duration, needed, state,
               created_at, expires_at, decided_at, version
             FROM request
             WHERE (requester = $1 OR $1 IS NULL) AND (state = $2 OR $2 IS NULL)
               AND (id < $3 OR $3 IS NULL)
             ORDER BY id DESC LIMIT $4"
        ),
        args![requester, state.map(state_name), before, limit],
    )
}

/// Which requests a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the reason, or of whose it is.
    pub q: Option<String>,
    /// What the same words name: found as well.
    pub named: Vec<doorward_core::Entity>,
    /// In this state.
    pub state: Option<RequestState>,
    /// Of this requester.
    pub requester: Option<IdentityId>,
    /// About one of these.
    pub about: Option<Vec<Entity>>,
    /// Filed not before.
    pub since: Option<Timestamp>,
    /// Filed before.
    pub until: Option<Timestamp>,
}

sorts! {
    /// By what requests are sorted.
    RequestSort {
        /// When it was filed.
        CreatedAt = "created_at",
        /// When it lapses undecided.
        ExpiresAt = "expires_at",
    }
}

/// A request and how many people said something to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The request.
    pub request: RequestRow,
    /// How many.
    pub approvals: u32,
}

impl FromRow for Counted {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { request: RequestRow::from_row(row)?, approvals: row.get("approvals")? })
    }
}

/// A page of those that fit.
pub fn search(
    c: &Conn<'_>,
    filter: &Filter,
    at: &Keyset<RequestSort>,
) -> Result<Vec<Keyed<Counted>>> {
    keyset!(
        c,
        at,
        r"id, requester, about_kind, about_id, reason, duration, needed, state, created_at,
            expires_at, decided_at, version,
            (SELECT COUNT(*) FROM approval a
              WHERE a.request = request.id AND a.decision = 'approve') AS approvals
          FROM request
          WHERE (LOWER(reason) LIKE $1 ESCAPE '\' OR $7 LIKE '%' || about_id || '%'
                 OR requester IN (SELECT i.id FROM identity i WHERE i.name LIKE $1 ESCAPE '\'
                  OR LOWER(i.display_name) LIKE $1 ESCAPE '\'))
            AND (state = $2 OR $2 IS NULL) AND (requester = $3 OR $3 IS NULL)
            AND ($4 LIKE '%' || about_id || '%' OR $4 IS NULL)
            AND (created_at >= $5 OR $5 IS NULL) AND (created_at < $6 OR $6 IS NULL)",
        [
            crate::search_pattern(filter.q.as_deref()),
            filter.state.map(state_name),
            filter.requester,
            filter.about.as_deref().map(crate::ids),
            filter.since,
            filter.until,
            crate::ids(&filter.named),
        ],
        "$8",
        "$9",
        "$10",
        {
            RequestSort::CreatedAt => "created_at",
            RequestSort::ExpiresAt => "expires_at",
        }
    )
}

/// What people call a thing that can be asked for: `deploy@web-1`, or the name of
/// an application. None when it is gone.
pub fn about_name(c: &Conn<'_>, about: &Entity) -> Result<Option<String>> {
    let Ok(id) = about.id.parse::<doorward_core::AccountId>() else { return Ok(None) };
    match about.kind.as_str() {
        "Account" => c.opt_with(
            sql!(
                "SELECT account.name AS account, target.name AS target
                 FROM account JOIN target ON target.id = account.target WHERE account.id = $1"
            ),
            args![id],
            |r| Ok(format!("{}@{}", r.get::<String>("account")?, r.get::<String>("target")?)),
        ),
        // The id of an application; only its sixteen bytes matter here.
        "Application" => c.value(sql!("SELECT name FROM application WHERE id = $1"), args![id]),
        _ => Ok(None),
    }
}
