//! Device-flow and SSH confirmations.

use doorward_core::{ConfirmationId, DeviceId, IdentityId, SessionId, Timestamp};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::genuine::{self, tables::CONFIRMATION};
use crate::value::Json;
use crate::{args, sql};

/// A confirmation, wherever it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirmation {
    /// Its id.
    pub id: ConfirmationId,
    /// `device`, `ssh`, `step-up` or `application`.
    pub purpose: String,
    /// What the person types.
    pub user_code: String,
    /// Whom it must be; once confirmed, who it was.
    pub identity: Option<IdentityId>,
    /// What the person is shown.
    pub details: serde_json::Value,
    /// `waiting`, `confirmed`, `refused` or `used`.
    pub state: String,
    /// The session that confirmed.
    pub session: Option<SessionId>,
    /// The device that it was confirmed on, where that counts for what waits.
    pub device: Option<DeviceId>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last asked after.
    pub polled_at: Option<Timestamp>,
    /// How often it was asked after too early.
    pub hasty: i64,
}

impl FromRow for Confirmation {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            purpose: row.get("purpose")?,
            user_code: row.get("user_code")?,
            identity: row.get("identity")?,
            details: row.get::<Json<serde_json::Value>>("details")?.0,
            state: row.get("state")?,
            session: row.get("session")?,
            device: row.get("device")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            polled_at: row.get("polled_at")?,
            hasty: row.get("tries")?,
        })
    }
}

/// Adds one that waits.
pub fn insert(c: &Conn<'_>, k: &Confirmation, token_hash: &[u8]) -> Result<()> {
    genuine::written(
        c,
        &CONFIRMATION,
        sql!(
            "INSERT INTO confirmation (id, purpose, user_code, token_hash, identity, details, state,
               tries, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $7, $8) RETURNING *"
        ),
        args![
            k.id,
            k.purpose,
            k.user_code,
            token_hash,
            k.identity,
            Json(&k.details),
            k.created_at,
            k.expires_at
        ],
    )?;
    Ok(())
}

/// The one that waits under this code.
pub fn waiting(c: &Conn<'_>, user_code: &str, now: Timestamp) -> Result<Option<Confirmation>> {
    c.genuine_opt(
        &CONFIRMATION,
        sql!(
            "SELECT * FROM confirmation WHERE user_code = $1 AND state = 'waiting' AND expires_at > $2"
        ),
        args![user_code, now],
    )
}

/// The one with this id.
pub fn find(c: &Conn<'_>, id: ConfirmationId) -> Result<Option<Confirmation>> {
    c.genuine_opt(&CONFIRMATION, sql!("SELECT * FROM confirmation WHERE id = $1"), args![id])
}

/// The one that this token asks after.
pub fn by_token(c: &Conn<'_>, token_hash: &[u8]) -> Result<Option<Confirmation>> {
    c.genuine_opt(
        &CONFIRMATION,
        sql!("SELECT * FROM confirmation WHERE token_hash = $1"),
        args![token_hash],
    )
}

/// Notes that it was asked after, and how often that was too early by now.
pub fn polled(c: &Conn<'_>, id: ConfirmationId, at: Timestamp, hasty: i64) -> Result<()> {
    c.execute(
        sql!("UPDATE confirmation SET polled_at = $2, tries = $3 WHERE id = $1"),
        args![id, at, hasty],
    )?;
    Ok(())
}

/// Answers one that waits: `confirmed` or `refused`, by whom, in which session and,
/// where that counts for what waits, on which device.
pub fn answer(
    c: &Conn<'_>,
    id: ConfirmationId,
    state: &str,
    identity: IdentityId,
    session: Option<SessionId>,
    device: Option<DeviceId>,
    now: Timestamp,
) -> Result<bool> {
    let sql = sql!(
        "UPDATE confirmation SET state = $2, identity = $3, session = $4, device = $5
         WHERE id = $1 AND state = 'waiting' AND expires_at > $6 RETURNING *"
    );
    genuine::amend(
        c,
        &CONFIRMATION,
        args![id],
        sql,
        args![id, state, identity, session, device, now],
    )
}

/// Takes back one that is neither used nor over: whoever asks after it is told no.
pub fn cancel(c: &Conn<'_>, id: ConfirmationId) -> Result<bool> {
    let sql = sql!(
        "UPDATE confirmation SET state = 'refused'
         WHERE id = $1 AND state IN ('waiting', 'confirmed') RETURNING *"
    );
    genuine::amend(c, &CONFIRMATION, args![id], sql, args![id])
}

/// Uses a confirmed one up; false when somebody else did.
pub fn consume(c: &Conn<'_>, id: ConfirmationId) -> Result<bool> {
    let sql = sql!(
        "UPDATE confirmation SET state = 'used' WHERE id = $1 AND state = 'confirmed' RETURNING *"
    );
    genuine::amend(c, &CONFIRMATION, args![id], sql, args![id])
}

/// Forgets those that ended before `before`.
pub fn sweep(c: &Conn<'_>, before: Timestamp) -> Result<u64> {
    c.execute(sql!("DELETE FROM confirmation WHERE expires_at < $1"), args![before])
}
