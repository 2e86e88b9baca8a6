//! Webhooks: who wants to be told of which activities.

use doorward_core::{Name, SecretId, Timestamp, WebhookId};
use serde::Serialize;

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::{Json, args, sql};

/// One webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Webhook")]
pub struct WebhookRow {
    /// Its id.
    pub id: WebhookId,
    /// Its name.
    pub name: Name,
    /// Where it is called.
    pub url: String,
    /// Of which activities it is told; `*` for all.
    pub events: Vec<String>,
    /// Its signing secret in the vault.
    #[serde(skip)]
    pub secret: SecretId,
    /// Whether it is called.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for WebhookRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            url: row.get("url")?,
            events: row.get::<Json<Vec<String>>>("events")?.0,
            secret: row.get("secret")?,
            enabled: row.get("enabled")?,
            created_at: row.get("created_at")?,
            version: row.get("version")?,
        })
    }
}

/// Adds one.
pub fn insert(c: &Conn<'_>, w: &WebhookRow) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO webhook (id, name, url, events, secret, enabled, created_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1)"
        ),
        args![w.id, &w.name, &w.url, Json(&w.events), w.secret, w.enabled, w.created_at],
    )?;
    Ok(())
}

/// Changes one; false when it is gone or was changed since `version`.
pub fn update(c: &Conn<'_>, w: &WebhookRow) -> Result<bool> {
    let touched = c.execute(
        sql!(
            "UPDATE webhook SET url = $3, events = $4, enabled = $5, version = version + 1
             WHERE id = $1 AND version = $2"
        ),
        args![w.id, w.version, &w.url, Json(&w.events), w.enabled],
    )?;
    Ok(touched > 0)
}

/// Deletes one; false when there is none.
pub fn delete(c: &Conn<'_>, id: WebhookId) -> Result<bool> {
    Ok(c.execute(sql!("DELETE FROM webhook WHERE id = $1"), args![id])? > 0)
}

/// The one with this id.
pub fn find(c: &Conn<'_>, id: WebhookId) -> Result<Option<WebhookRow>> {
    c.opt(
        sql!(
            "SELECT id, name, url, events, secret, enabled, created_at, version
             FROM webhook WHERE id = $1"
        ),
        args![id],
    )
}

/// All, by name.
pub fn all(c: &Conn<'_>) -> Result<Vec<WebhookRow>> {
    c.all(
        sql!(
            "SELECT id, name, url, events, secret, enabled, created_at, version
             FROM webhook ORDER BY name"
        ),
        args![],
    )
}
