//! What must be told to people and machines, kept until it is told.

use doorward_core::{Env, NoticeId, Timestamp};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::{Json, args, sql};

/// One message on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxRow {
    /// Its id.
    pub id: NoticeId,
    /// `mail`, `webhook`, `logout`: who carries it.
    pub channel: String,
    /// To whom, as the channel knows it.
    pub destination: String,
    /// What, as the channel knows it.
    pub body: serde_json::Value,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub next_at: Timestamp,
    /// When it was put here.
    pub created_at: Timestamp,
}

impl FromRow for OutboxRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            channel: row.get("channel")?,
            destination: row.get("destination")?,
            body: row.get::<Json<serde_json::Value>>("body")?.0,
            attempts: row.get("attempts")?,
            next_at: row.get("next_at")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// How much is on its way, for those who look after the house.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "OutboxCounts")]
pub struct Counts {
    /// Waiting.
    pub waiting: i64,
    /// Given up.
    pub failed: i64,
}

/// Puts a message into the box, in the transaction of what it tells of. Gives its
/// id.
pub fn push(
    c: &Conn<'_>,
    env: &Env,
    channel: &str,
    destination: &str,
    body: &serde_json::Value,
) -> Result<NoticeId> {
    let (id, now) = (NoticeId::new(env), env.now());
    c.execute(
        sql!(
            "INSERT INTO outbox (id, channel, destination, body, attempts, next_at, created_at)
             VALUES ($1, $2, $3, $4, 0, $5, $5)"
        ),
        args![id, channel, destination, Json(body), now],
    )?;
    Ok(id)
}

/// What is due, oldest first.
pub fn due(c: &Conn<'_>, now: Timestamp, limit: i64) -> Result<Vec<OutboxRow>> {
    c.all(
        sql!(
            "SELECT id, channel, destination, body, attempts, next_at, created_at FROM outbox
             WHERE delivered_at IS NULL AND failed_at IS NULL AND next_at <= $1
             ORDER BY next_at, id LIMIT $2"
        ),
        args![now, limit],
    )
}

/// It was delivered.
pub fn delivered(c: &Conn<'_>, id: NoticeId, now: Timestamp) -> Result<()> {
    c.execute(
        sql!("UPDATE outbox SET delivered_at = $2, attempts = attempts + 1 WHERE id = $1"),
        args![id, now],
    )?;
    Ok(())
}

/// It was not; it is tried again.
pub fn postponed(c: &Conn<'_>, id: NoticeId, next_at: Timestamp, error: &str) -> Result<()> {
    c.execute(
        sql!(
            "UPDATE outbox SET attempts = attempts + 1, next_at = $2, last_error = $3
             WHERE id = $1"
        ),
        args![id, next_at, error],
    )?;
    Ok(())
}

/// It was not, and will not be.
pub fn failed(c: &Conn<'_>, id: NoticeId, now: Timestamp, error: &str) -> Result<()> {
    c.execute(
        sql!(
            "UPDATE outbox SET attempts = attempts + 1, failed_at = $2, last_error = $3
             WHERE id = $1"
        ),
        args![id, now, error],
    )?;
    Ok(())
}

/// How much waits and how much was given up.
pub fn counts(c: &Conn<'_>) -> Result<Counts> {
    c.opt_with(
        sql!(
            "SELECT (SELECT COUNT(*) FROM outbox WHERE delivered_at IS NULL AND failed_at IS NULL) AS waiting,
                    (SELECT COUNT(*) FROM outbox WHERE failed_at IS NOT NULL) AS failed"
        ),
        args![],
        |row| Ok(Counts { waiting: row.get("waiting")?, failed: row.get("failed")? }),
    )
    .map(Option::unwrap_or_default)
}

/// Forgets what was delivered or given up before `before`.
pub fn trim(c: &Conn<'_>, before: Timestamp) -> Result<u64> {
    c.execute(sql!("DELETE FROM outbox WHERE delivered_at < $1 OR failed_at < $1"), args![before])
}

/// Takes a message out that nobody here can carry.
pub fn forget(c: &Conn<'_>, id: NoticeId) -> Result<()> {
    c.execute(sql!("DELETE FROM outbox WHERE id = $1"), args![id])?;
    Ok(())
}
