//! Grants: permissions with an end.

use doorward_core::lifecycle::{EndCause, LiveGrant};
use doorward_core::{Entity, GrantId, IdentityId, RequestId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::genuine::{self, tables::ACCESS_GRANT};
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::{Json, args, sql};

/// A grant, live or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrantRow {
    /// The grant itself.
    pub grant: LiveGrant,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub end_cause: Option<EndCause>,
    /// Break-glass: who reviewed it.
    pub reviewed_by: Option<IdentityId>,
    /// When.
    pub reviewed_at: Option<Timestamp>,
    /// What they wrote.
    pub review_comment: Option<String>,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for GrantRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            grant: LiveGrant {
                id: row.get("id")?,
                request: row.get("request")?,
                holder: row.get("holder")?,
                about: Entity { kind: row.get("about_kind")?, id: row.get("about_id")? },
                reason: row.get("reason")?,
                approvals: row.get("approvals")?,
                starts_at: row.get("starts_at")?,
                ends_at: row.get("ends_at")?,
                break_glass: row.get("break_glass")?,
            },
            ended_at: row.get("ended_at")?,
            end_cause: row.get::<Option<Json<EndCause>>>("end_cause")?.map(|j| j.0),
            reviewed_by: row.get("reviewed_by")?,
            reviewed_at: row.get("reviewed_at")?,
            review_comment: row.get("review_comment")?,
            version: row.get("version")?,
        })
    }
}

/// Adds a grant.
pub fn insert(c: &Conn<'_>, g: &LiveGrant) -> Result<()> {
    genuine::written(
        c,
        &ACCESS_GRANT,
        sql!(
            "INSERT INTO access_grant (id, request, holder, about_kind, about_id, reason, approvals,
               break_glass, starts_at, ends_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1) RETURNING *"
        ),
        args![
            g.id,
            g.request,
            g.holder,
            &g.about.kind,
            &g.about.id,
            &g.reason,
            g.approvals,
            g.break_glass,
            g.starts_at,
            g.ends_at
        ],
    )?;
    Ok(())
}

/// The one with this id.
pub fn find(c: &Conn<'_>, id: GrantId) -> Result<Option<GrantRow>> {
    c.opt(
        sql!(
            "SELECT id, request, holder, about_kind, about_id, reason, approvals, break_glass,
               reviewed_by, reviewed_at, review_comment, starts_at, ends_at, ended_at, end_cause,
               version
             FROM access_grant WHERE id = $1"
        ),
        args![id],
    )
}

/// The one that came of the request.
pub fn of_request(c: &Conn<'_>, request: RequestId) -> Result<Option<GrantRow>> {
    c.genuine_opt(
        &ACCESS_GRANT,
        sql!("SELECT * FROM access_grant WHERE request = $1"),
        args![request],
    )
}

/// Those of the holder on this thing that are in force, the longest first.
pub fn in_force(
    c: &Conn<'_>,
    holder: IdentityId,
    about: &Entity,
    now: Timestamp,
) -> Result<Vec<GrantRow>> {
    c.genuine(
        &ACCESS_GRANT,
        sql!(
            "SELECT * FROM access_grant
             WHERE holder = $1 AND about_kind = $2 AND about_id = $3 AND ended_at IS NULL
               AND starts_at <= $4 AND ends_at > $4
             ORDER BY ends_at DESC, id LIMIT 20"
        ),
        args![holder, &about.kind, &about.id, now],
    )
}

/// Whether it is in force.
pub fn stands(c: &Conn<'_>, id: GrantId, now: Timestamp) -> Result<bool> {
    let found: Option<GrantRow> = c.genuine_opt(
        &ACCESS_GRANT,
        sql!(
            "SELECT * FROM access_grant
             WHERE id = $1 AND ended_at IS NULL AND starts_at <= $2 AND ends_at > $2"
        ),
        args![id, now],
    )?;
    Ok(found.is_some())
}

/// All that have not ended, of one holder or of all, by id after `after`.
pub fn live(
    c: &Conn<'_>,
    holder: Option<IdentityId>,
    after: Option<GrantId>,
    limit: i64,
) -> Result<Vec<GrantRow>> {
    c.genuine(
        &ACCESS_GRANT,
        sql!(
            "SELECT * FROM access_grant
             WHERE ended_at IS NULL AND (holder = $1 OR $1 IS NULL) AND (id > $2 OR $2 IS NULL)
             ORDER BY id LIMIT $3"
        ),
        args![holder, after, limit],
    )
}

/// Newest first, older than `before`: of one holder or of all, ended ones too.
pub fn list(
    c: &Conn<'_>,
    holder: Option<IdentityId>,
    before: Option<GrantId>,
    limit: i64,
) -> Result<Vec<GrantRow>> {
    c.all(
        sql!(
            "SELECT id, request, holder, about_kind, about_id, reason, approvals, break_glass,
               reviewed_by, reviewed_at, review_comment, starts_at, ends_at, ended_at, end_cause,
               version
             FROM access_grant
             WHERE (holder = $1 OR $1 IS NULL) AND (id < $2 OR $2 IS NULL)
             ORDER BY id DESC LIMIT $3"
        ),
        args![holder, before, limit],
    )
}

/// Whether a grant counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// It has begun, and is neither ended nor over.
    Live,
    /// It was ended, or its time is over.
    Ended,
}

/// Which grants a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the reason, or of whose it is.
    pub q: Option<String>,
    /// What the same words name: found as well.
    pub named: Vec<doorward_core::Entity>,
    /// In this state, at this moment.
    pub state: Option<(GrantState, Timestamp)>,
    /// Of this holder.
    pub holder: Option<IdentityId>,
    /// About one of these.
    pub about: Option<Vec<Entity>>,
    /// Break-glass, or not.
    pub break_glass: Option<bool>,
    /// Break-glass: reviewed, or not.
    pub reviewed: Option<bool>,
    /// Begun not before.
    pub since: Option<Timestamp>,
    /// Begun before.
    pub until: Option<Timestamp>,
    /// In force at this moment.
    pub in_force_at: Option<Timestamp>,
}

sorts! {
    /// By what grants are sorted.
    GrantSort {
        /// From when they count.
        StartsAt = "starts_at",
        /// Until when.
        EndsAt = "ends_at",
    }
}

/// A page of those that fit.
pub fn search(
    c: &Conn<'_>,
    filter: &Filter,
    at: &Keyset<GrantSort>,
) -> Result<Vec<Keyed<GrantRow>>> {
    let now = filter.state.map(|(_, now)| now);
    let live = filter.state.map(|(state, _)| state == GrantState::Live);
    keyset!(
        c,
        at,
        r"id, request, holder, about_kind, about_id, reason, approvals, break_glass,
            reviewed_by, reviewed_at, review_comment, starts_at, ends_at, ended_at, end_cause, version
          FROM access_grant
          WHERE (LOWER(reason) LIKE $1 ESCAPE '\' OR $11 LIKE '%' || about_id || '%'
                 OR holder IN (SELECT i.id FROM identity i WHERE i.name LIKE $1 ESCAPE '\'
                  OR LOWER(i.display_name) LIKE $1 ESCAPE '\'))
            AND ((ended_at IS NULL AND starts_at <= $2 AND ends_at > $2) = $3 OR $3 IS NULL)
            AND (holder = $4 OR $4 IS NULL) AND ($5 LIKE '%' || about_id || '%' OR $5 IS NULL)
            AND (break_glass = $6 OR $6 IS NULL)
            AND ((break_glass AND (reviewed_at IS NOT NULL) = $7) OR $7 IS NULL)
            AND (starts_at >= $8 OR $8 IS NULL) AND (starts_at < $9 OR $9 IS NULL)
            AND ((starts_at <= $10 AND ends_at > $10 AND (ended_at IS NULL OR ended_at > $10))
                 OR $10 IS NULL)",
        [
            crate::search_pattern(filter.q.as_deref()),
            now,
            live,
            filter.holder,
            filter.about.as_deref().map(crate::ids),
            filter.break_glass,
            filter.reviewed,
            filter.since,
            filter.until,
            filter.in_force_at,
            crate::ids(&filter.named),
        ],
        "$12",
        "$13",
        "$14",
        {
            GrantSort::StartsAt => "starts_at",
            GrantSort::EndsAt => "ends_at",
        }
    )
}

/// Live ones whose time is over.
pub fn overdue(c: &Conn<'_>, now: Timestamp, limit: i64) -> Result<Vec<GrantRow>> {
    c.all(
        sql!(
            "SELECT id, request, holder, about_kind, about_id, reason, approvals, break_glass,
               reviewed_by, reviewed_at, review_comment, starts_at, ends_at, ended_at, end_cause,
               version
             FROM access_grant WHERE ended_at IS NULL AND ends_at <= $1
             ORDER BY ends_at, id LIMIT $2"
        ),
        args![now, limit],
    )
}

/// Break-glass grants that nobody has reviewed, oldest first.
pub fn unreviewed(c: &Conn<'_>, limit: i64) -> Result<Vec<GrantRow>> {
    c.all(
        sql!(
            "SELECT id, request, holder, about_kind, about_id, reason, approvals, break_glass,
               reviewed_by, reviewed_at, review_comment, starts_at, ends_at, ended_at, end_cause,
               version
             FROM access_grant WHERE break_glass AND reviewed_at IS NULL ORDER BY id LIMIT $1"
        ),
        args![limit],
    )
}

/// Ends it; false when it has ended already.
pub fn end(c: &Conn<'_>, id: GrantId, at: Timestamp, cause: &EndCause) -> Result<bool> {
    let sql = sql!(
        "UPDATE access_grant SET ended_at = $2, end_cause = $3, version = version + 1
         WHERE id = $1 AND ended_at IS NULL RETURNING *"
    );
    genuine::end(c, &ACCESS_GRANT, args![id], sql, args![id, at, Json(cause)])
}

/// Keeps the review; false when there is one already.
pub fn review(
    c: &Conn<'_>,
    id: GrantId,
    by: IdentityId,
    comment: &str,
    at: Timestamp,
) -> Result<bool> {
    let sql = sql!(
        "UPDATE access_grant SET reviewed_by = $2, review_comment = $3, reviewed_at = $4,
           version = version + 1
         WHERE id = $1 AND break_glass AND reviewed_at IS NULL RETURNING *"
    );
    // A review gives nothing: what was not genuine before is not afterwards.
    genuine::end(c, &ACCESS_GRANT, args![id], sql, args![id, by, comment, at])
}
