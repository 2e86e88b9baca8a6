//! Sign-ins in progress.

use doorward_core::{SignInId, Timestamp};

use crate::conn::Conn;
use crate::error::Result;
use crate::{args, sql};

/// Begins one.
pub fn insert(
    c: &Conn<'_>,
    id: SignInId,
    token_hash: &[u8],
    state: &[u8],
    expires_at: Timestamp,
) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO signin (id, token_hash, state, expires_at, version) VALUES ($1, $2, $3, $4, 1)"
        ),
        args![id, token_hash, state, expires_at],
    )?;
    Ok(())
}

/// The one that this token leads, if it is not over: id, sealed state, version.
pub fn find(
    c: &Conn<'_>,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<(SignInId, Vec<u8>, i64)>> {
    c.opt_with(
        sql!("SELECT id, state, version FROM signin WHERE token_hash = $1 AND expires_at > $2"),
        args![token_hash, now],
        |r| Ok((r.get("id")?, r.get("state")?, r.get("version")?)),
    )
}

/// Goes one step on, under a new token; false when somebody else did.
pub fn advance(
    c: &Conn<'_>,
    id: SignInId,
    version: i64,
    token_hash: &[u8],
    state: &[u8],
) -> Result<bool> {
    Ok(c.execute(
        sql!(
            "UPDATE signin SET token_hash = $3, state = $4, version = version + 1
             WHERE id = $1 AND version = $2"
        ),
        args![id, version, token_hash, state],
    )? == 1)
}

/// Ends it; false when somebody else did.
pub fn finish(c: &Conn<'_>, id: SignInId, version: i64) -> Result<bool> {
    Ok(c.execute(sql!("DELETE FROM signin WHERE id = $1 AND version = $2"), args![id, version])?
        == 1)
}

/// Forgets those that are over.
pub fn sweep(c: &Conn<'_>, now: Timestamp) -> Result<u64> {
    c.execute(sql!("DELETE FROM signin WHERE expires_at <= $1"), args![now])
}
