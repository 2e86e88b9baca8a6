//! The row that holds the root key, wrapped.

use doorward_core::Timestamp;

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::{args, sql};

/// How the root key is wrapped, and the wrapped key.
#[derive(Clone, Debug)]
pub struct SealRow {
    /// `keyfile`, `passphrase` or `shamir`.
    pub method: String,
    /// The method's parameters.
    pub params: serde_json::Value,
    /// The wrapped root key.
    pub wrapped: Vec<u8>,
    /// Counts rekeys.
    pub version: i64,
    /// When it was last rekeyed.
    pub updated_at: Timestamp,
}

impl FromRow for SealRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            method: row.get("method")?,
            params: row.get::<crate::Json<serde_json::Value>>("params")?.0,
            wrapped: row.get("wrapped")?,
            version: row.get("version")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

/// The seal, once there is one.
pub fn find(c: &Conn<'_>) -> Result<Option<SealRow>> {
    c.opt(
        sql!("SELECT method, params, wrapped, version, updated_at FROM seal WHERE id = 1"),
        args![],
    )
}

/// Makes the seal unless there is one; false when there is.
pub fn insert(
    c: &Conn<'_>,
    method: &str,
    params: &serde_json::Value,
    wrapped: &[u8],
    now: Timestamp,
) -> Result<bool> {
    let touched = c.execute(
        sql!(
            "INSERT INTO seal (id, method, params, wrapped, version, updated_at)
             VALUES (1, $1, $2, $3, 1, $4) ON CONFLICT (id) DO NOTHING"
        ),
        args![method, crate::Json(params), wrapped, now],
    )?;
    Ok(touched > 0)
}

/// Wraps the same root key anew, under the same key; false when somebody else did
/// anything since `version`.
pub fn rewrap(c: &Conn<'_>, version: i64, wrapped: &[u8]) -> Result<bool> {
    let touched = c.execute(
        sql!("UPDATE seal SET wrapped = $2, version = version + 1 WHERE id = 1 AND version = $1"),
        args![version, wrapped],
    )?;
    Ok(touched > 0)
}

/// Replaces the wrapping; false when somebody else did since `version`.
pub fn replace(
    c: &Conn<'_>,
    version: i64,
    method: &str,
    params: &serde_json::Value,
    wrapped: &[u8],
    now: Timestamp,
) -> Result<bool> {
    let touched = c.execute(
        sql!(
            "UPDATE seal SET method = $2, params = $3, wrapped = $4, version = version + 1, updated_at = $5
             WHERE id = 1 AND version = $1"
        ),
        args![version, method, crate::Json(params), wrapped, now],
    )?;
    Ok(touched > 0)
}
