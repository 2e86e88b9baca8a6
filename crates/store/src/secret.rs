//! Secrets, their versions, and which account's credential one is.

use doorward_core::{AccountId, SecretId, TargetId, Timestamp};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::{Json, args, sql};

/// A secret without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRow {
    /// Its id.
    pub id: SecretId,
    /// Its canonical name.
    pub name: String,
    /// `password`, `ssh-key` or `opaque`.
    pub kind: String,
    /// What people read.
    pub description: String,
    /// The number of the live version; 0 when there is none.
    pub current: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for SecretRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            kind: row.get("kind")?,
            description: row.get("description")?,
            current: row.get("current")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

/// One version of a secret, sealed.
#[derive(Clone, Debug)]
pub struct VersionRow {
    /// Of which secret.
    pub secret: SecretId,
    /// 1, 2, 3, …
    pub number: i64,
    /// `pending`, `live`, `retired` or `destroyed`.
    pub state: String,
    /// The sealed value; empty when destroyed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow for VersionRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            secret: row.get("secret")?,
            number: row.get("number")?,
            state: row.get("state")?,
            sealed: row.get("sealed")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// An account with what a credential is used on.
#[derive(Clone, Debug)]
pub struct CredentialRow {
    /// The account.
    pub account: AccountId,
    /// Its login name on the target.
    pub name: String,
    /// The target.
    pub target: TargetId,
    /// The target's kind.
    pub kind: String,
    /// The target's settings.
    pub settings: serde_json::Value,
    /// The secret that holds its credential.
    pub secret: Option<SecretId>,
}

impl FromRow for CredentialRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            account: row.get("account")?,
            name: row.get("name")?,
            target: row.get("target")?,
            kind: row.get("kind")?,
            settings: row.get::<Json<serde_json::Value>>("settings")?.0,
            secret: row.get("secret")?,
        })
    }
}

/// Adds a secret.
pub fn insert(c: &Conn<'_>, row: &SecretRow) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO secret (id, name, kind, description, current, created_at, updated_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        args![
            row.id,
            &row.name,
            &row.kind,
            &row.description,
            row.current,
            row.created_at,
            row.updated_at,
            row.version
        ],
    )?;
    Ok(())
}

/// The secret of this id.
pub fn find(c: &Conn<'_>, id: SecretId) -> Result<Option<SecretRow>> {
    c.opt(
        sql!(
            "SELECT id, name, kind, description, current, created_at, updated_at, version
             FROM secret WHERE id = $1"
        ),
        args![id],
    )
}

/// The secret of this name.
pub fn by_name(c: &Conn<'_>, name: &str) -> Result<Option<SecretRow>> {
    c.opt(
        sql!(
            "SELECT id, name, kind, description, current, created_at, updated_at, version
             FROM secret WHERE name = $1"
        ),
        args![name],
    )
}

/// Which secrets a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name or the description.
    pub q: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
}

sorts! {
    /// By what secrets are sorted.
    SecretSort {
        /// The name.
        Name = "name",
        /// When it was made.
        CreatedAt = "created_at",
        /// When it last changed.
        UpdatedAt = "updated_at",
    }
}

/// A page of those that fit, without those that belong to the house itself.
pub fn search(
    c: &Conn<'_>,
    filter: &Filter,
    at: &Keyset<SecretSort>,
) -> Result<Vec<Keyed<SecretRow>>> {
    keyset!(
        c,
        at,
        r"id, name, kind, description, current, created_at, updated_at, version
          FROM secret
          WHERE name NOT LIKE 'account.%' AND name NOT LIKE 'webhook.%'
            AND (name LIKE $1 ESCAPE '\' OR LOWER(description) LIKE $1 ESCAPE '\')
            AND (kind = $2 OR $2 IS NULL)",
        [crate::search_pattern(filter.q.as_deref()), filter.kind],
        "$3",
        "$4",
        "$5",
        {
            SecretSort::Name => "name",
            SecretSort::CreatedAt => "created_at",
            SecretSort::UpdatedAt => "updated_at",
        }
    )
}

/// Changes what is beside the value; false when it changed since `version`.
pub fn update(
    c: &Conn<'_>,
    id: SecretId,
    version: i64,
    current: i64,
    description: &str,
    now: Timestamp,
) -> Result<bool> {
    let touched = c.execute(
        sql!(
            "UPDATE secret SET current = $3, description = $4, updated_at = $5, version = version + 1
             WHERE id = $1 AND version = $2"
        ),
        args![id, version, current, description, now],
    )?;
    Ok(touched > 0)
}

/// Deletes it with all versions; false when there is none.
pub fn delete(c: &Conn<'_>, id: SecretId) -> Result<bool> {
    Ok(c.execute(sql!("DELETE FROM secret WHERE id = $1"), args![id])? > 0)
}

/// Adds a version.
pub fn insert_version(c: &Conn<'_>, row: &VersionRow) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO secret_version (secret, number, state, sealed, created_at)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        args![row.secret, row.number, &row.state, &row.sealed, row.created_at],
    )?;
    Ok(())
}

/// One version.
pub fn version(c: &Conn<'_>, id: SecretId, number: i64) -> Result<Option<VersionRow>> {
    c.opt(
        sql!(
            "SELECT secret, number, state, sealed, created_at FROM secret_version
             WHERE secret = $1 AND number = $2"
        ),
        args![id, number],
    )
}

/// All versions, newest first.
pub fn versions(c: &Conn<'_>, id: SecretId) -> Result<Vec<VersionRow>> {
    c.all(
        sql!(
            "SELECT secret, number, state, sealed, created_at FROM secret_version
             WHERE secret = $1 ORDER BY number DESC"
        ),
        args![id],
    )
}

/// The number of the newest version; 0 when there is none.
pub fn newest(c: &Conn<'_>, id: SecretId) -> Result<i64> {
    let n: Option<i64> = c.value(
        sql!("SELECT COALESCE(MAX(number), 0) AS n FROM secret_version WHERE secret = $1"),
        args![id],
    )?;
    Ok(n.unwrap_or(0))
}

/// Moves a version from one state to another; false when it is not in it.
pub fn move_version(c: &Conn<'_>, id: SecretId, number: i64, from: &str, to: &str) -> Result<bool> {
    let touched = c.execute(
        sql!(
            "UPDATE secret_version SET state = $4 WHERE secret = $1 AND number = $2 AND state = $3"
        ),
        args![id, number, from, to],
    )?;
    Ok(touched > 0)
}

/// Overwrites the value of a version; false when there is none that has one.
pub fn destroy_version(c: &Conn<'_>, id: SecretId, number: i64) -> Result<bool> {
    let nothing: &[u8] = &[];
    let touched = c.execute(
        sql!(
            "UPDATE secret_version SET state = 'destroyed', sealed = $3
             WHERE secret = $1 AND number = $2 AND state <> 'destroyed'"
        ),
        args![id, number, nothing],
    )?;
    Ok(touched > 0)
}

/// The pending version of a secret.
pub fn pending(c: &Conn<'_>, id: SecretId) -> Result<Option<VersionRow>> {
    c.opt(
        sql!(
            "SELECT secret, number, state, sealed, created_at FROM secret_version
             WHERE secret = $1 AND state = 'pending' ORDER BY number DESC LIMIT 1"
        ),
        args![id],
    )
}

/// Accounts whose credential has a pending version: rotations that did not end.
pub fn unsettled(c: &Conn<'_>) -> Result<Vec<AccountId>> {
    c.all_with(
        sql!(
            "SELECT DISTINCT account.id AS id FROM secret_version
             JOIN account ON account.secret = secret_version.secret
             WHERE secret_version.state = 'pending' ORDER BY account.id"
        ),
        args![],
        |row| row.get("id"),
    )
}

/// The account, its target and its secret.
pub fn credential(c: &Conn<'_>, account: AccountId) -> Result<Option<CredentialRow>> {
    c.opt(
        sql!(
            "SELECT account.id AS account, account.name AS name, target.id AS target,
                    target.kind AS kind, target.settings AS settings, account.secret AS secret
             FROM account JOIN target ON target.id = account.target WHERE account.id = $1"
        ),
        args![account],
    )
}

/// Says which secret holds the account's credential.
pub fn attach(c: &Conn<'_>, account: AccountId, secret: SecretId) -> Result<bool> {
    let touched = c.execute(
        sql!("UPDATE account SET secret = $2, version = version + 1 WHERE id = $1"),
        args![account, secret],
    )?;
    Ok(touched > 0)
}

/// Deletes credentials of accounts that are gone.
pub fn delete_orphans(c: &Conn<'_>) -> Result<u64> {
    c.execute(
        sql!(
            "DELETE FROM secret WHERE name LIKE 'account.%'
             AND NOT EXISTS (SELECT 1 FROM account WHERE account.secret = secret.id)"
        ),
        args![],
    )
}
