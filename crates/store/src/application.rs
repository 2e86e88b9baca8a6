//! Applications and the consent that people gave to them.

use doorward_core::{ApplicationId, IdentityId, Name, Timestamp};
use serde_json::Value as JsonValue;

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::value::Json;
use crate::{args, sql};

/// One application as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// Its id; also its `client_id`.
    pub id: ApplicationId,
    /// Its name, unique.
    pub name: Name,
    /// What people read.
    pub title: String,
    /// What it is.
    pub description: String,
    /// Where the portal sends people.
    pub launch_url: Option<String>,
    /// The protocol's settings.
    pub settings: JsonValue,
    /// SHA-256 of its secret.
    pub secret_hash: Option<Vec<u8>>,
    /// Whether it may be used.
    pub enabled: bool,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for Application {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            title: row.get("title")?,
            description: row.get("description")?,
            launch_url: row.get("launch_url")?,
            settings: row.get::<Json<JsonValue>>("settings")?.0,
            secret_hash: row.get("secret_hash")?,
            enabled: row.get("enabled")?,
            created_at: row.get("created_at")?,
            version: row.get("version")?,
        })
    }
}

/// Registers it.
pub fn insert(c: &Conn<'_>, a: &Application) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO application (id, name, title, description, launch_url, settings, secret_hash, enabled, created_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        args![a.id, a.name, a.title, a.description, a.launch_url, Json(&a.settings), a.secret_hash, a.enabled, a.created_at, a.version],
    )?;
    Ok(())
}

/// Changes it, if its version is still `a.version - 1`.
pub fn update(c: &Conn<'_>, a: &Application) -> Result<bool> {
    let touched = c.execute(
        sql!(
            "UPDATE application SET title = $2, description = $3, launch_url = $4, settings = $5,
               secret_hash = $6, enabled = $7, version = $8 WHERE id = $1 AND version = $8 - 1"
        ),
        args![
            a.id,
            a.title,
            a.description,
            a.launch_url,
            Json(&a.settings),
            a.secret_hash,
            a.enabled,
            a.version
        ],
    )?;
    Ok(touched > 0)
}

/// Deletes it, with its tokens.
pub fn delete(c: &Conn<'_>, id: ApplicationId) -> Result<bool> {
    Ok(c.execute(sql!("DELETE FROM application WHERE id = $1"), args![id])? > 0)
}

/// By id.
pub fn find(c: &Conn<'_>, id: ApplicationId) -> Result<Option<Application>> {
    c.opt(sql!("SELECT * FROM application WHERE id = $1"), args![id])
}

/// By name.
pub fn named(c: &Conn<'_>, name: &str) -> Result<Option<Application>> {
    c.opt(sql!("SELECT * FROM application WHERE name = $1"), args![name])
}

/// Which applications a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name, the title or the description.
    pub q: Option<String>,
    /// Enabled, or not.
    pub enabled: Option<bool>,
}

sorts! {
    /// By what applications are sorted.
    ApplicationSort {
        /// The name.
        Name = "name",
        /// What people read.
        Title = "title",
        /// When it was registered.
        CreatedAt = "created_at",
    }
}

/// A page of those that fit.
pub fn search(
    c: &Conn<'_>,
    filter: &Filter,
    at: &Keyset<ApplicationSort>,
) -> Result<Vec<Keyed<Application>>> {
    keyset!(
        c,
        at,
        r"* FROM application
          WHERE (name LIKE $1 ESCAPE '\' OR LOWER(title) LIKE $1 ESCAPE '\'
                 OR LOWER(description) LIKE $1 ESCAPE '\')
            AND (enabled = $2 OR $2 IS NULL)",
        [crate::search_pattern(filter.q.as_deref()), filter.enabled],
        "$3",
        "$4",
        "$5",
        {
            ApplicationSort::Name => "name",
            ApplicationSort::Title => "LOWER(title)" bounded by "LOWER(title)",
            ApplicationSort::CreatedAt => "created_at",
        }
    )
}

/// The scopes that somebody has consented to.
pub fn consented(c: &Conn<'_>, who: IdentityId, to: ApplicationId) -> Result<Vec<String>> {
    let found: Option<Json<Vec<String>>> = c.value(
        sql!("SELECT scopes FROM consent WHERE identity = $1 AND application = $2"),
        args![who, to],
    )?;
    Ok(found.map(|j| j.0).unwrap_or_default())
}

/// Keeps consent.
pub fn consent(
    c: &Conn<'_>,
    who: IdentityId,
    to: ApplicationId,
    scopes: &[String],
    at: Timestamp,
) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO consent (identity, application, scopes, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (identity, application) DO UPDATE SET scopes = excluded.scopes, at = excluded.at"
        ),
        args![who, to, Json(scopes), at],
    )?;
    Ok(())
}
