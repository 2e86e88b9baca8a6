//! Authenticators: what proves an identity.

use doorward_core::{AuthenticatorId, IdentityId, Timestamp};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::genuine::{self, tables::AUTHENTICATOR};
use crate::{args, sql};

/// One authenticator of one identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticator {
    /// Its id.
    pub id: AuthenticatorId,
    /// Whose.
    pub identity: IdentityId,
    /// The factor that handles it.
    pub factor: String,
    /// What its owner calls it.
    pub label: String,
    /// By what it is found: a credential id, a fingerprint. Unique in a factor.
    pub lookup: Option<String>,
    /// The factor's own.
    pub data: Vec<u8>,
    /// The last TOTP step, a passkey's sign count. Only grows.
    pub counter: i64,
    /// When it was enrolled.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for Authenticator {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            identity: row.get("identity")?,
            factor: row.get("factor")?,
            label: row.get("label")?,
            lookup: row.get("lookup")?,
            data: row.get("data")?,
            counter: row.get("counter")?,
            created_at: row.get("created_at")?,
            used_at: row.get("used_at")?,
            version: row.get("version")?,
        })
    }
}

/// Adds one.
pub fn insert(c: &Conn<'_>, a: &Authenticator) -> Result<()> {
    genuine::written(
        c,
        &AUTHENTICATOR,
        sql!(
            "INSERT INTO authenticator (id, identity, factor, label, lookup, data, counter,
               created_at, used_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING *"
        ),
        args![
            a.id,
            a.identity,
            a.factor,
            a.label,
            a.lookup,
            a.data,
            a.counter,
            a.created_at,
            a.used_at,
            a.version
        ],
    )?;
    Ok(())
}

/// All of an identity, oldest first.
pub fn of_identity(c: &Conn<'_>, identity: IdentityId) -> Result<Vec<Authenticator>> {
    c.genuine(
        &AUTHENTICATOR,
        sql!("SELECT * FROM authenticator WHERE identity = $1 ORDER BY id"),
        args![identity],
    )
}

/// The one that is found by this, whoever it belongs to.
pub fn by_lookup(c: &Conn<'_>, factor: &str, lookup: &str) -> Result<Option<Authenticator>> {
    c.genuine_opt(
        &AUTHENTICATOR,
        sql!("SELECT * FROM authenticator WHERE factor = $1 AND lookup = $2"),
        args![factor, lookup],
    )
}

/// Moves the counter up to `to`; false when it is there or beyond already, so
/// that of two that use the same value at once, one alone gets through.
pub fn advance(c: &Conn<'_>, id: AuthenticatorId, to: i64, at: Timestamp) -> Result<bool> {
    let sql = sql!(
        "UPDATE authenticator SET counter = $2, used_at = $3, version = version + 1
         WHERE id = $1 AND counter < $2 RETURNING *"
    );
    genuine::amend(c, &AUTHENTICATOR, args![id], sql, args![id, to, at])
}

/// Notes its use.
pub fn used(c: &Conn<'_>, id: AuthenticatorId, at: Timestamp) -> Result<()> {
    c.execute(sql!("UPDATE authenticator SET used_at = $2 WHERE id = $1"), args![id, at])?;
    Ok(())
}

/// Writes the factor's own data anew, if nobody else did.
pub fn rewrite(
    c: &Conn<'_>,
    id: AuthenticatorId,
    version: i64,
    data: &[u8],
    counter: i64,
) -> Result<bool> {
    let sql = sql!(
        "UPDATE authenticator SET data = $3, counter = $4, version = version + 1
         WHERE id = $1 AND version = $2 RETURNING *"
    );
    genuine::amend(c, &AUTHENTICATOR, args![id], sql, args![id, version, data, counter])
}

/// Removes one of this identity.
pub fn delete(c: &Conn<'_>, identity: IdentityId, id: AuthenticatorId) -> Result<bool> {
    let sql = sql!("DELETE FROM authenticator WHERE identity = $1 AND id = $2 RETURNING *");
    Ok(genuine::remove(c, &AUTHENTICATOR, sql, args![identity, id])? == 1)
}

/// Removes all of one factor of this identity; gives how many.
pub fn delete_factor(c: &Conn<'_>, identity: IdentityId, factor: &str) -> Result<u64> {
    let sql = sql!("DELETE FROM authenticator WHERE identity = $1 AND factor = $2 RETURNING *");
    genuine::remove(c, &AUTHENTICATOR, sql, args![identity, factor])
}

/// Removes all of this identity; gives how many.
pub fn delete_all(c: &Conn<'_>, identity: IdentityId) -> Result<u64> {
    let sql = sql!("DELETE FROM authenticator WHERE identity = $1 RETURNING *");
    genuine::remove(c, &AUTHENTICATOR, sql, args![identity])
}

/// Uses up the one of this identity that is found by `lookup`; false when it is
/// used up or never was.
pub fn consume(c: &Conn<'_>, identity: IdentityId, factor: &str, lookup: &str) -> Result<bool> {
    match by_lookup(c, factor, lookup)? {
        Some(found) if found.identity == identity => delete(c, identity, found.id),
        _ => Ok(false),
    }
}
