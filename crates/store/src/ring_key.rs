//! The key ring's rows.

use doorward_core::{KeyId, Timestamp};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::{args, sql};

/// One key of the ring, wrapped.
#[derive(Clone, Debug)]
pub struct RingKeyRow {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub purpose: String,
    /// Itself, under the root key.
    pub wrapped: Vec<u8>,
    /// Whether new records are wrapped by it.
    pub live: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow for RingKeyRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            purpose: row.get("purpose")?,
            wrapped: row.get("wrapped")?,
            live: row.get("live")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// The whole ring, oldest first.
pub fn all(c: &Conn<'_>) -> Result<Vec<RingKeyRow>> {
    c.all(
        sql!("SELECT id, purpose, wrapped, live, created_at FROM ring_key ORDER BY created_at, id"),
        args![],
    )
}

/// Adds a live key unless its purpose has one; false when it has.
pub fn insert_first(c: &Conn<'_>, row: &RingKeyRow) -> Result<bool> {
    let touched = c.execute(
        sql!(
            "INSERT INTO ring_key (id, purpose, wrapped, live, created_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
        ),
        args![row.id, &row.purpose, &row.wrapped, true, row.created_at],
    )?;
    Ok(touched > 0)
}

/// Adds a live key; the one that was live serves only to read from now on.
pub fn rotate(c: &Conn<'_>, row: &RingKeyRow) -> Result<()> {
    c.execute(
        sql!("UPDATE ring_key SET live = $2 WHERE purpose = $1 AND live"),
        args![&row.purpose, false],
    )?;
    c.execute(
        sql!(
            "INSERT INTO ring_key (id, purpose, wrapped, live, created_at)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        args![row.id, &row.purpose, &row.wrapped, true, row.created_at],
    )?;
    Ok(())
}
