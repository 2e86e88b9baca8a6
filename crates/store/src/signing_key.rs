//! Signing keys' rows. Where a key stands follows from its times.

use doorward_core::{KeyId, Timestamp};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::{args, sql};

/// One signing key; its private half is sealed.
#[derive(Clone, Debug)]
pub struct SigningKeyRow {
    /// Its id.
    pub id: KeyId,
    /// `oidc`, `audit`, `ssh-host`, …
    pub purpose: String,
    /// The JOSE name of its algorithm.
    pub algorithm: String,
    /// The public half, in the form that its algorithm has.
    pub public: Vec<u8>,
    /// The private half, sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when it signs.
    pub activates_at: Timestamp,
    /// From when it is no longer published.
    pub retires_at: Option<Timestamp>,
}

impl FromRow for SigningKeyRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            purpose: row.get("purpose")?,
            algorithm: row.get("algorithm")?,
            public: row.get("public")?,
            sealed: row.get("sealed")?,
            created_at: row.get("created_at")?,
            activates_at: row.get("activates_at")?,
            retires_at: row.get("retires_at")?,
        })
    }
}

/// Every key that is still published at `now`, oldest first.
pub fn published(c: &Conn<'_>, now: Timestamp) -> Result<Vec<SigningKeyRow>> {
    c.all(
        sql!(
            "SELECT id, purpose, algorithm, public, sealed, created_at, activates_at, retires_at
             FROM signing_key WHERE retires_at IS NULL OR retires_at > $1
             ORDER BY activates_at, id"
        ),
        args![now],
    )
}

/// How many keys of the purpose have not been told to retire.
pub fn standing(c: &Conn<'_>, purpose: &str) -> Result<i64> {
    let n: Option<i64> = c.value(
        sql!("SELECT COUNT(*) AS n FROM signing_key WHERE purpose = $1 AND retires_at IS NULL"),
        args![purpose],
    )?;
    Ok(n.unwrap_or(0))
}

/// Adds a key.
pub fn insert(c: &Conn<'_>, row: &SigningKeyRow) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO signing_key
               (id, purpose, algorithm, public, sealed, created_at, activates_at, retires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        args![
            row.id,
            &row.purpose,
            &row.algorithm,
            &row.public,
            &row.sealed,
            row.created_at,
            row.activates_at,
            row.retires_at
        ],
    )?;
    Ok(())
}

/// Has every other key of the purpose retire at `at`, unless it does before.
pub fn retire_others(c: &Conn<'_>, purpose: &str, keep: KeyId, at: Timestamp) -> Result<u64> {
    c.execute(
        sql!(
            "UPDATE signing_key SET retires_at = $3
             WHERE purpose = $1 AND id <> $2 AND (retires_at IS NULL OR retires_at > $3)"
        ),
        args![purpose, keep, at],
    )
}
