//! Answers to requests that carried an `Idempotency-Key`.

use doorward_core::Timestamp;

use crate::conn::Conn;
use crate::error::Result;
use crate::{args, sql};

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody used it; it is claimed now.
    Ours,
    /// The same request is being worked on.
    InProgress,
    /// It was used for another request.
    OtherRequest,
    /// The same request was answered like this.
    Answered {
        /// The HTTP status.
        status: i64,
        /// The sealed body.
        body: Vec<u8>,
    },
}

/// Claims the key for the request with this hash, until `lost`.
pub fn claim(
    c: &Conn<'_>,
    key: &[u8],
    request: &[u8],
    now: Timestamp,
    lost: Timestamp,
) -> Result<Claim> {
    const SWEEP: &str = sql!("DELETE FROM idempotency WHERE expires_at <= $1");
    const INSERT: &str = sql!(
        "INSERT INTO idempotency (key, request_hash, status, body, expires_at) VALUES ($1, $2, 0, $3, $4) \
         ON CONFLICT (key) DO NOTHING"
    );
    const FIND: &str = sql!("SELECT request_hash, status, body FROM idempotency WHERE key = $1");
    c.execute(SWEEP, args![now])?;
    let empty: &[u8] = &[];
    if c.execute(INSERT, args![key, request, empty, lost])? == 1 {
        return Ok(Claim::Ours);
    }
    let found = c.opt_with(FIND, args![key], |row| {
        Ok((
            row.get::<Vec<u8>>("request_hash")?,
            row.get::<i64>("status")?,
            row.get::<Vec<u8>>("body")?,
        ))
    })?;
    Ok(match found {
        None => Claim::InProgress,
        Some((hash, _, _)) if hash != request => Claim::OtherRequest,
        Some((_, 0, _)) => Claim::InProgress,
        Some((_, status, body)) => Claim::Answered { status, body },
    })
}

/// Keeps the answer until `until`.
pub fn answer(c: &Conn<'_>, key: &[u8], status: i64, body: &[u8], until: Timestamp) -> Result<()> {
    const UPDATE: &str =
        sql!("UPDATE idempotency SET status = $2, body = $3, expires_at = $4 WHERE key = $1");
    c.execute(UPDATE, args![key, status, body, until]).map(drop)
}

/// Gives the key back: nothing was done under it.
pub fn forget(c: &Conn<'_>, key: &[u8]) -> Result<()> {
    const DELETE: &str = sql!("DELETE FROM idempotency WHERE key = $1");
    c.execute(DELETE, args![key]).map(drop)
}
