//! One holder at a time: rows with an end, no advisory locks.

use std::time::Duration;

use doorward_core::{NodeId, Timestamp};

use crate::conn::Conn;
use crate::error::Result;
use crate::{args, sql};

/// Takes the lease, or extends it when `holder` has it already. False when
/// somebody else holds it.
pub fn acquire(
    c: &Conn<'_>,
    name: &str,
    holder: NodeId,
    now: Timestamp,
    ttl: Duration,
) -> Result<bool> {
    let touched = c.execute(
        sql!(
            "INSERT INTO lease (name, holder, expires_at) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
             WHERE lease.holder = excluded.holder OR lease.expires_at <= $4"
        ),
        args![name, holder, now + ttl, now],
    )?;
    Ok(touched > 0)
}

/// Gives it back.
pub fn release(c: &Conn<'_>, name: &str, holder: NodeId) -> Result<()> {
    c.execute(sql!("DELETE FROM lease WHERE name = $1 AND holder = $2"), args![name, holder])?;
    Ok(())
}
