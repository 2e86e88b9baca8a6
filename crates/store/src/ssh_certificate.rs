//! Which SSH certificates were issued, for which sessions.

use doorward_core::{KeyId, PrivilegedSessionId, Timestamp};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::{args, sql};

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshCertificate {
    /// Its serial number; no other certificate has it.
    pub serial: i64,
    /// For which session.
    pub privileged_session: PrivilegedSessionId,
    /// By which key of the authority.
    pub signing_key: KeyId,
    /// For which account's name.
    pub principal: String,
    /// From when it is valid.
    pub valid_after: Timestamp,
    /// Until when it is valid.
    pub valid_before: Timestamp,
}

impl FromRow for SshCertificate {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            serial: row.get("serial")?,
            privileged_session: row.get("privileged_session")?,
            signing_key: row.get("signing_key")?,
            principal: row.get("principal")?,
            valid_after: row.get("valid_after")?,
            valid_before: row.get("valid_before")?,
        })
    }
}

/// Adds one; false when its session has one already, or another has its serial.
pub fn insert(c: &Conn<'_>, s: &SshCertificate) -> Result<bool> {
    Ok(c.execute(
        sql!(
            "INSERT INTO ssh_certificate
               (serial, privileged_session, signing_key, principal, valid_after, valid_before)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
        ),
        args![
            s.serial,
            s.privileged_session,
            s.signing_key,
            &s.principal,
            s.valid_after,
            s.valid_before
        ],
    )? == 1)
}

/// The certificate of a session.
pub fn of_session(c: &Conn<'_>, session: PrivilegedSessionId) -> Result<Option<SshCertificate>> {
    c.opt(
        sql!(
            "SELECT serial, privileged_session, signing_key, principal, valid_after, valid_before
             FROM ssh_certificate WHERE privileged_session = $1"
        ),
        args![session],
    )
}
