//! Targets: systems that privileged sessions go to.

use std::collections::BTreeMap;

use doorward_core::{Name, TargetId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::value::Json;
use crate::{args, sql};

/// Labels, as policies see them: `env = prod`.
pub type Labels = BTreeMap<String, String>;

/// A system that privileged sessions go to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Target {
    /// Its id.
    pub id: TargetId,
    /// Its name.
    pub name: Name,
    /// The registered name of its protocol.
    pub kind: String,
    /// What it is.
    pub description: String,
    /// As the protocol's settings schema says.
    pub settings: serde_json::Value,
    /// Its labels.
    pub labels: Labels,
    /// Whether it may be reached.
    pub enabled: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for Target {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            kind: row.get("kind")?,
            description: row.get("description")?,
            settings: row.get::<Json<serde_json::Value>>("settings")?.0,
            labels: row.get::<Json<Labels>>("labels")?.0,
            enabled: row.get("enabled")?,
            created_at: row.get("created_at")?,
            version: row.get("version")?,
        })
    }
}

/// Adds one.
pub fn insert(c: &Conn<'_>, t: &Target) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO target (id, name, kind, description, settings, labels, enabled, created_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        args![
            t.id,
            t.name,
            t.kind,
            t.description,
            Json(&t.settings),
            Json(&t.labels),
            t.enabled,
            t.created_at,
            t.version
        ],
    )?;
    Ok(())
}

/// Writes all that may change, if the row still has this version.
pub fn update(c: &Conn<'_>, t: &Target) -> Result<bool> {
    Ok(c.execute(
        sql!(
            "UPDATE target SET name = $3, description = $4, settings = $5, labels = $6, enabled = $7,
               version = version + 1
             WHERE id = $1 AND version = $2"
        ),
        args![
            t.id,
            t.version,
            t.name,
            t.description,
            Json(&t.settings),
            Json(&t.labels),
            t.enabled
        ],
    )? == 1)
}

/// Removes it with its accounts.
pub fn delete(c: &Conn<'_>, id: TargetId, version: i64) -> Result<bool> {
    Ok(c.execute(sql!("DELETE FROM target WHERE id = $1 AND version = $2"), args![id, version])?
        == 1)
}

/// The one with this id.
pub fn find(c: &Conn<'_>, id: TargetId) -> Result<Option<Target>> {
    c.opt(
        sql!(
            "SELECT id, name, kind, description, settings, labels, enabled, created_at, version
             FROM target WHERE id = $1"
        ),
        args![id],
    )
}

/// The one with this name.
pub fn by_name(c: &Conn<'_>, name: &str) -> Result<Option<Target>> {
    c.opt(
        sql!(
            "SELECT id, name, kind, description, settings, labels, enabled, created_at, version
             FROM target WHERE name = $1"
        ),
        args![name],
    )
}

/// Which targets a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name or the description.
    pub q: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Enabled, or not.
    pub enabled: Option<bool>,
}

sorts! {
    /// By what targets are sorted.
    TargetSort {
        /// The name.
        Name = "name",
        /// The protocol.
        Kind = "kind",
        /// When it was created.
        CreatedAt = "created_at",
    }
}

/// A page of those that fit.
pub fn search(
    c: &Conn<'_>,
    filter: &Filter,
    at: &Keyset<TargetSort>,
) -> Result<Vec<Keyed<Target>>> {
    let label = filter.q.as_deref().and_then(|q| q.trim().split_once('='));
    keyset!(
        c,
        at,
        r"id, name, kind, description, settings, labels, enabled, created_at, version
          FROM target
          WHERE (name LIKE $1 ESCAPE '\' OR LOWER(description) LIKE $1 ESCAPE '\'
                 OR LOWER(settings ->> 'host') LIKE $1 ESCAPE '\'
                 OR LOWER(CAST(labels AS TEXT)) LIKE $1 ESCAPE '\'
                 OR LOWER(labels ->> CAST($4 AS TEXT)) LIKE $5 ESCAPE '\')
            AND (kind = $2 OR $2 IS NULL) AND (enabled = $3 OR $3 IS NULL)",
        [
            crate::search_pattern(filter.q.as_deref()),
            filter.kind,
            filter.enabled,
            label.map(|(name, _)| name),
            label.map(|(_, value)| crate::search_pattern(Some(value))),
        ],
        "$6",
        "$7",
        "$8",
        {
            TargetSort::Name => "name",
            TargetSort::Kind => "kind",
            TargetSort::CreatedAt => "created_at",
        }
    )
}
