//! Accounts: logins on targets.

use doorward_core::{AccountId, SecretId, TargetId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::target::Labels;
use crate::value::Json;
use crate::{args, sql};

/// A login on a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// On which target.
    pub target: TargetId,
    /// Its name there: `root`.
    pub name: String,
    /// Its labels.
    pub labels: Labels,
    /// Its credential in the vault.
    pub secret: Option<SecretId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for Account {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            target: row.get("target")?,
            name: row.get("name")?,
            labels: row.get::<Json<Labels>>("labels")?.0,
            secret: row.get("secret")?,
            created_at: row.get("created_at")?,
            version: row.get("version")?,
        })
    }
}

/// Adds one.
pub fn insert(c: &Conn<'_>, a: &Account) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO account (id, target, name, labels, secret, created_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        args![a.id, a.target, a.name, Json(&a.labels), a.secret, a.created_at, a.version],
    )?;
    Ok(())
}

/// Writes all that may change, if the row still has this version.
pub fn update(c: &Conn<'_>, a: &Account) -> Result<bool> {
    Ok(c.execute(
        sql!(
            "UPDATE account SET name = $3, labels = $4, secret = $5, version = version + 1
             WHERE id = $1 AND version = $2"
        ),
        args![a.id, a.version, a.name, Json(&a.labels), a.secret],
    )? == 1)
}

/// Removes it.
pub fn delete(c: &Conn<'_>, id: AccountId, version: i64) -> Result<bool> {
    Ok(c.execute(sql!("DELETE FROM account WHERE id = $1 AND version = $2"), args![id, version])?
        == 1)
}

/// The one with this id.
pub fn find(c: &Conn<'_>, id: AccountId) -> Result<Option<Account>> {
    c.opt(
        sql!("SELECT id, target, name, labels, secret, created_at, version FROM account WHERE id = $1"),
        args![id],
    )
}

/// The one with this name on this target.
pub fn by_name(c: &Conn<'_>, target: TargetId, name: &str) -> Result<Option<Account>> {
    c.opt(
        sql!(
            "SELECT id, target, name, labels, secret, created_at, version FROM account
             WHERE target = $1 AND name = $2"
        ),
        args![target, name],
    )
}

/// All of a target, by name.
pub fn of_target(c: &Conn<'_>, target: TargetId) -> Result<Vec<Account>> {
    c.all(
        sql!(
            "SELECT id, target, name, labels, secret, created_at, version FROM account
             WHERE target = $1 ORDER BY name"
        ),
        args![target],
    )
}

/// All, by id, after `after`.
pub fn list(c: &Conn<'_>, after: Option<AccountId>, limit: i64) -> Result<Vec<Account>> {
    c.all(
        sql!(
            "SELECT id, target, name, labels, secret, created_at, version FROM account
             WHERE (id > $1 OR $1 IS NULL) ORDER BY id LIMIT $2"
        ),
        args![after, limit],
    )
}
