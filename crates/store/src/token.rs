//! Token families, codes, refresh and access tokens: hashes, never values.

use doorward_core::{ApplicationId, IdentityId, SessionId, Timestamp, TokenFamilyId};
use serde_json::Value as JsonValue;

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::value::Json;
use crate::{args, sql};

/// All tokens that came from one authorization.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// Its id.
    pub id: TokenFamilyId,
    /// Whose client.
    pub application: ApplicationId,
    /// Whose access.
    pub identity: IdentityId,
    /// The browser session that it came from.
    pub session: Option<SessionId>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// What tokens repeat: proofs, nonce, times.
    pub facts: JsonValue,
    /// When it was born.
    pub created_at: Timestamp,
    /// Its absolute end.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl FromRow for Family {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            application: row.get("application")?,
            identity: row.get("identity")?,
            session: row.get("session")?,
            scopes: row.get::<Json<_>>("scopes")?.0,
            facts: row.get::<Json<_>>("facts")?.0,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            revoked_at: row.get("revoked_at")?,
        })
    }
}

/// A code, found by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its family.
    pub family: TokenFamilyId,
    /// What it was sent to.
    pub redirect_uri: String,
    /// The PKCE challenge (S256).
    pub challenge: String,
    /// Its end.
    pub expires_at: Timestamp,
    /// When it was redeemed.
    pub used_at: Option<Timestamp>,
}

/// A refresh token, found by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// Its family.
    pub family: TokenFamilyId,
    /// Its end without use.
    pub expires_at: Timestamp,
    /// When it was exchanged for the next one.
    pub used_at: Option<Timestamp>,
}

/// Starts a family.
pub fn insert_family(c: &Conn<'_>, f: &Family) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO token_family (id, application, identity, session, scopes, facts, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        args![f.id, f.application, f.identity, f.session, Json(&f.scopes), Json(&f.facts), f.created_at, f.expires_at],
    )?;
    Ok(())
}

/// By id.
pub fn family(c: &Conn<'_>, id: TokenFamilyId) -> Result<Option<Family>> {
    c.opt(sql!("SELECT * FROM token_family WHERE id = $1"), args![id])
}

/// Families that are alive at `now`, of one identity or of all.
pub fn live_families(
    c: &Conn<'_>,
    identity: Option<IdentityId>,
    now: Timestamp,
) -> Result<Vec<Family>> {
    c.all(
        sql!(
            "SELECT * FROM token_family WHERE revoked_at IS NULL AND expires_at > $1
               AND (CAST($2 AS UUID) IS NULL OR identity = $2)"
        ),
        args![now, identity],
    )
}

/// Live families that came from this session.
pub fn families_of_session(c: &Conn<'_>, session: SessionId) -> Result<Vec<Family>> {
    c.all(
        sql!("SELECT * FROM token_family WHERE session = $1 AND revoked_at IS NULL"),
        args![session],
    )
}

/// Live families of this application.
pub fn families_of_application(
    c: &Conn<'_>,
    application: ApplicationId,
    now: Timestamp,
) -> Result<Vec<Family>> {
    c.all(
        sql!(
            "SELECT * FROM token_family
             WHERE application = $1 AND revoked_at IS NULL AND expires_at > $2"
        ),
        args![application, now],
    )
}

/// Live families whose session was revoked, is over, or is there no more; at most
/// `limit`.
pub fn families_of_ended_sessions(c: &Conn<'_>, now: Timestamp, limit: i64) -> Result<Vec<Family>> {
    c.all(
        sql!(
            "SELECT f.* FROM token_family f LEFT JOIN session s ON s.id = f.session
             WHERE f.revoked_at IS NULL AND f.expires_at > $1 AND f.session IS NOT NULL
               AND (s.id IS NULL OR s.revoked_at IS NOT NULL OR s.expires_at <= $1)
             ORDER BY f.session, f.application LIMIT $2"
        ),
        args![now, limit],
    )
}

/// Revokes a family; false when it was revoked already.
pub fn revoke_family(
    c: &Conn<'_>,
    id: TokenFamilyId,
    at: Timestamp,
    because: &str,
) -> Result<bool> {
    let touched = c.execute(
        sql!("UPDATE token_family SET revoked_at = $2, revoked_because = $3 WHERE id = $1 AND revoked_at IS NULL"),
        args![id, at, because],
    )?;
    Ok(touched > 0)
}

/// Keeps a code.
pub fn insert_code(c: &Conn<'_>, hash: &[u8], code: &Code) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO authorization_code (hash, family, redirect_uri, challenge, expires_at)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        args![hash, code.family, code.redirect_uri, code.challenge, code.expires_at],
    )?;
    Ok(())
}

/// Finds a code.
pub fn code(c: &Conn<'_>, hash: &[u8]) -> Result<Option<Code>> {
    c.opt_with(
        sql!("SELECT family, redirect_uri, challenge, expires_at, used_at FROM authorization_code WHERE hash = $1"),
        args![hash],
        |r| {
            Ok(Code {
                family: r.get("family")?,
                redirect_uri: r.get("redirect_uri")?,
                challenge: r.get("challenge")?,
                expires_at: r.get("expires_at")?,
                used_at: r.get("used_at")?,
            })
        },
    )
}

/// Uses a code up; false when somebody was first.
pub fn use_code(c: &Conn<'_>, hash: &[u8], at: Timestamp) -> Result<bool> {
    let touched = c.execute(
        sql!("UPDATE authorization_code SET used_at = $2 WHERE hash = $1 AND used_at IS NULL"),
        args![hash, at],
    )?;
    Ok(touched > 0)
}

/// Keeps a refresh token.
pub fn insert_refresh(
    c: &Conn<'_>,
    hash: &[u8],
    family: TokenFamilyId,
    expires_at: Timestamp,
) -> Result<()> {
    c.execute(
        sql!("INSERT INTO refresh_token (hash, family, expires_at) VALUES ($1, $2, $3)"),
        args![hash, family, expires_at],
    )?;
    Ok(())
}

/// Finds a refresh token.
pub fn refresh(c: &Conn<'_>, hash: &[u8]) -> Result<Option<Refresh>> {
    c.opt_with(
        sql!("SELECT family, expires_at, used_at FROM refresh_token WHERE hash = $1"),
        args![hash],
        |r| {
            Ok(Refresh {
                family: r.get("family")?,
                expires_at: r.get("expires_at")?,
                used_at: r.get("used_at")?,
            })
        },
    )
}

/// Uses a refresh token up; false when somebody was first.
pub fn use_refresh(c: &Conn<'_>, hash: &[u8], at: Timestamp) -> Result<bool> {
    let touched = c.execute(
        sql!("UPDATE refresh_token SET used_at = $2 WHERE hash = $1 AND used_at IS NULL"),
        args![hash, at],
    )?;
    Ok(touched > 0)
}

/// Revokes one access token, known by the hash of its `jti`; false when it was
/// revoked already. Only these have a row.
pub fn revoke_access(
    c: &Conn<'_>,
    hash: &[u8],
    family: TokenFamilyId,
    expires_at: Timestamp,
    at: Timestamp,
) -> Result<bool> {
    let touched = c.execute(
        sql!(
            "INSERT INTO access_token (hash, family, expires_at, revoked_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (hash) DO NOTHING"
        ),
        args![hash, family, expires_at, at],
    )?;
    Ok(touched > 0)
}

/// Whether this access token was revoked by itself.
pub fn access_was_revoked(c: &Conn<'_>, hash: &[u8]) -> Result<bool> {
    let sql = sql!("SELECT 1 AS one FROM access_token WHERE hash = $1 AND revoked_at IS NOT NULL");
    Ok(c.opt_with(sql, args![hash], |_| Ok(()))?.is_some())
}

/// Uses up somebody else's single-use identifier; false when it was used before.
pub fn use_jti(c: &Conn<'_>, key: &[u8], expires_at: Timestamp) -> Result<bool> {
    let touched = c.execute(
        sql!("INSERT INTO used_jti (key, expires_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING"),
        args![key, expires_at],
    )?;
    Ok(touched > 0)
}

/// Forgets what has long ended.
pub fn sweep(c: &Conn<'_>, before: Timestamp) -> Result<()> {
    c.execute(sql!("DELETE FROM used_jti WHERE expires_at < $1"), args![before])?;
    c.execute(sql!("DELETE FROM access_token WHERE expires_at < $1"), args![before])?;
    c.execute(sql!("DELETE FROM authorization_code WHERE expires_at < $1"), args![before])?;
    c.execute(sql!("DELETE FROM refresh_token WHERE expires_at < $1"), args![before])?;
    c.execute(sql!("DELETE FROM token_family WHERE expires_at < $1"), args![before])?;
    Ok(())
}
