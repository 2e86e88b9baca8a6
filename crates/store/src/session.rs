//! Sessions of browsers and command lines.

use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::{IdentityId, Network, Proof, SessionId, Timestamp};

use crate::conn::{Conn, FromRow, Row};
use crate::error::{Error, Result};
use crate::genuine::{self, tables::SESSION};
use crate::value::Json;
use crate::{args, sql};

impl FromRow for LiveSession {
    fn from_row(row: &Row) -> Result<Self> {
        let kind = kind(&row.get::<String>("kind")?)?;
        let address = row.get::<Option<String>>("address")?.and_then(|a| a.parse().ok());
        Ok(Self {
            id: row.get("id")?,
            identity: row.get("identity")?,
            kind,
            proofs: row.get::<Json<Vec<Proof>>>("proofs")?.0,
            network: Network { address },
            user_agent: row.get("user_agent")?,
            created_at: row.get("created_at")?,
            last_seen_at: row.get("last_seen_at")?,
            expires_at: row.get("expires_at")?,
            device: row.get("device")?,
        })
    }
}

pub(crate) fn kind(column: &str) -> Result<SessionKind> {
    match column {
        "browser" => Ok(SessionKind::Browser),
        "cli" => Ok(SessionKind::Cli),
        other => Err(Error::Decode(format!("session kind {other:?}"))),
    }
}

pub(crate) fn kind_column(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Browser => "browser",
        SessionKind::Cli => "cli",
    }
}

/// Adds one.
pub fn insert(c: &Conn<'_>, s: &LiveSession, token_hash: &[u8]) -> Result<()> {
    genuine::written(
        c,
        &SESSION,
        sql!(
            "INSERT INTO session (id, token_hash, identity, kind, proofs, address, user_agent,
               created_at, last_seen_at, expires_at, device)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING *"
        ),
        args![
            s.id,
            token_hash,
            s.identity,
            kind_column(s.kind),
            Json(&s.proofs),
            s.network.address.map(|a| a.to_string()),
            s.user_agent,
            s.created_at,
            s.last_seen_at,
            s.expires_at,
            s.device
        ],
    )?;
    Ok(())
}

/// The one that this token opens, unless it was revoked.
pub fn by_token(c: &Conn<'_>, token_hash: &[u8]) -> Result<Option<LiveSession>> {
    c.genuine_opt(
        &SESSION,
        sql!("SELECT * FROM session WHERE token_hash = $1 AND revoked_at IS NULL"),
        args![token_hash],
    )
}

/// The one with this id, unless it was revoked.
pub fn find(c: &Conn<'_>, id: SessionId) -> Result<Option<LiveSession>> {
    c.genuine_opt(
        &SESSION,
        sql!("SELECT * FROM session WHERE id = $1 AND revoked_at IS NULL"),
        args![id],
    )
}

/// Those of an identity that were neither revoked nor are past their absolute
/// end, newest first.
pub fn of_identity(c: &Conn<'_>, identity: IdentityId, now: Timestamp) -> Result<Vec<LiveSession>> {
    c.genuine(
        &SESSION,
        sql!(
            "SELECT * FROM session WHERE identity = $1 AND revoked_at IS NULL AND expires_at > $2
             ORDER BY created_at DESC"
        ),
        args![identity, now],
    )
}

/// All that were neither revoked nor are past their absolute end.
pub fn live(c: &Conn<'_>, now: Timestamp) -> Result<Vec<LiveSession>> {
    c.genuine(
        &SESSION,
        sql!("SELECT * FROM session WHERE revoked_at IS NULL AND expires_at > $1"),
        args![now],
    )
}

/// Live ones of identities that are disabled or past their end.
pub fn of_the_absent(c: &Conn<'_>, now: Timestamp) -> Result<Vec<LiveSession>> {
    c.all(
        sql!(
            "SELECT s.id AS id, s.identity AS identity, s.kind AS kind, s.proofs AS proofs,
               s.address AS address, s.user_agent AS user_agent, s.created_at AS created_at,
               s.last_seen_at AS last_seen_at, s.expires_at AS expires_at, s.device AS device
             FROM session s JOIN identity i ON i.id = s.identity
             WHERE s.revoked_at IS NULL AND s.expires_at > $1 AND (NOT i.enabled OR i.ends_at <= $1)"
        ),
        args![now],
    )
}

/// Notes its use.
pub fn touch(c: &Conn<'_>, id: SessionId, at: Timestamp) -> Result<()> {
    c.execute(
        sql!("UPDATE session SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2"),
        args![id, at],
    )?;
    Ok(())
}

/// Gives it fresh proofs and another token; false when it was revoked.
pub fn strengthen(
    c: &Conn<'_>,
    id: SessionId,
    proofs: &[Proof],
    token_hash: &[u8],
    at: Timestamp,
) -> Result<bool> {
    let sql = sql!(
        "UPDATE session SET proofs = $2, token_hash = $3, last_seen_at = $4
         WHERE id = $1 AND revoked_at IS NULL RETURNING *"
    );
    genuine::amend(c, &SESSION, args![id], sql, args![id, Json(proofs), token_hash, at])
}

/// Revokes it; false when it was already.
pub fn revoke(c: &Conn<'_>, id: SessionId, at: Timestamp, because: &str) -> Result<bool> {
    Ok(c.execute(
        sql!(
            "UPDATE session SET revoked_at = $2, revoked_because = $3, mac = NULL
             WHERE id = $1 AND revoked_at IS NULL"
        ),
        args![id, at, because],
    )? == 1)
}

/// Forgets those that ended before `before`.
pub fn sweep(c: &Conn<'_>, before: Timestamp) -> Result<u64> {
    c.execute(sql!("DELETE FROM session WHERE expires_at < $1 OR revoked_at < $1"), args![before])
}
