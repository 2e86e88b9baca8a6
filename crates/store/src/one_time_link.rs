//! One-time links.

use doorward_core::{IdentityId, Timestamp};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::genuine::{self, tables::ONE_TIME_LINK};
use crate::{args, sql};

struct Link {
    purpose: String,
    identity: IdentityId,
}

impl FromRow for Link {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { purpose: row.get("purpose")?, identity: row.get("identity")? })
    }
}

/// Adds one; those that the identity had before are good for nothing any more.
pub fn insert(
    c: &Conn<'_>,
    token_hash: &[u8],
    purpose: &str,
    identity: IdentityId,
    created_at: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    c.execute(
        sql!("DELETE FROM one_time_link WHERE identity = $1 AND used_at IS NULL"),
        args![identity],
    )?;
    genuine::written(
        c,
        &ONE_TIME_LINK,
        sql!(
            "INSERT INTO one_time_link (token_hash, purpose, identity, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5) RETURNING *"
        ),
        args![token_hash, purpose, identity, created_at, expires_at],
    )
    .map(drop)
}

/// What the link is for, if it is neither used nor over.
pub fn find(
    c: &Conn<'_>,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<(String, IdentityId)>> {
    let link: Option<Link> = c.genuine_opt(
        &ONE_TIME_LINK,
        sql!(
            "SELECT * FROM one_time_link
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 AND identity IS NOT NULL"
        ),
        args![token_hash, now],
    )?;
    Ok(link.map(|l| (l.purpose, l.identity)))
}

/// Uses it up; false when it is used, over, or never was.
pub fn consume(c: &Conn<'_>, token_hash: &[u8], now: Timestamp) -> Result<bool> {
    let sql = sql!(
        "UPDATE one_time_link SET used_at = $2
         WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING *"
    );
    genuine::amend(c, &ONE_TIME_LINK, args![token_hash], sql, args![token_hash, now])
}

/// Forgets those that ended before `before`.
pub fn sweep(c: &Conn<'_>, before: Timestamp) -> Result<u64> {
    c.execute(sql!("DELETE FROM one_time_link WHERE expires_at < $1"), args![before])
}
