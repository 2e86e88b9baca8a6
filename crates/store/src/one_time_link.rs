//! One-time links.

use doorward_core::{IdentityId, Timestamp};

use crate::conn::Conn;
use crate::error::Result;
use crate::{args, sql};

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
    c.execute(
        sql!(
            "INSERT INTO one_time_link (token_hash, purpose, identity, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        args![token_hash, purpose, identity, created_at, expires_at],
    )?;
    Ok(())
}

/// What the link is for, if it is neither used nor over.
pub fn find(
    c: &Conn<'_>,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<(String, IdentityId)>> {
    c.opt_with(
        sql!(
            "SELECT purpose, identity FROM one_time_link
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 AND identity IS NOT NULL"
        ),
        args![token_hash, now],
        |r| Ok((r.get("purpose")?, r.get("identity")?)),
    )
}

/// Uses it up; false when it is used, over, or never was.
pub fn consume(c: &Conn<'_>, token_hash: &[u8], now: Timestamp) -> Result<bool> {
    Ok(c.execute(
        sql!(
            "UPDATE one_time_link SET used_at = $2
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2"
        ),
        args![token_hash, now],
    )? == 1)
}

/// Forgets those that ended before `before`.
pub fn sweep(c: &Conn<'_>, before: Timestamp) -> Result<u64> {
    c.execute(sql!("DELETE FROM one_time_link WHERE expires_at < $1"), args![before])
}
