//! What people want of live privileged sessions: freeze, thaw, a message.

use doorward_core::{IdentityId, PrivilegedSessionId, Timestamp};
use serde::Serialize;

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::{args, sql};

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SessionOrderKind")]
pub enum Kind {
    /// Nothing may pass.
    Freeze,
    /// It may go on.
    Thaw,
    /// The person in it is to read this.
    Message,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Freeze => "freeze",
            Self::Thaw => "thaw",
            Self::Message => "message",
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "thaw" => Self::Thaw,
            "message" => Self::Message,
            // What this node does not know must not let anything pass.
            _ => Self::Freeze,
        }
    }
}

/// One order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The version of the session that it made: their order.
    pub number: i64,
    /// What is wanted.
    pub kind: Kind,
    /// By whom.
    pub by: IdentityId,
    /// What they were called then.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
    /// Why it is frozen; the message.
    pub text: String,
}

impl FromRow for Order {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            number: row.get("number")?,
            kind: Kind::of(&row.get::<String>("kind")?),
            by: row.get("ordered_by")?,
            by_name: row.get("by_name")?,
            at: row.get("at")?,
            text: row.get("text")?,
        })
    }
}

/// Adds one; its number is of the change to the session in the same transaction.
pub fn insert(c: &Conn<'_>, session: PrivilegedSessionId, order: &Order) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO session_order
               (privileged_session, number, kind, ordered_by, by_name, at, text)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        args![
            session,
            order.number,
            order.kind.name(),
            order.by,
            order.by_name,
            order.at,
            order.text
        ],
    )?;
    Ok(())
}

/// A session's orders after `number`, oldest first.
pub fn after(c: &Conn<'_>, session: PrivilegedSessionId, number: i64) -> Result<Vec<Order>> {
    c.all(
        sql!(
            "SELECT number, kind, ordered_by, by_name, at, text FROM session_order
             WHERE privileged_session = $1 AND number > $2 ORDER BY number"
        ),
        args![session, number],
    )
}

/// So many of a session's orders after `number`, oldest first.
pub fn some_after(
    c: &Conn<'_>,
    session: PrivilegedSessionId,
    number: i64,
    limit: i64,
) -> Result<Vec<Order>> {
    c.all(
        sql!(
            "SELECT number, kind, ordered_by, by_name, at, text FROM session_order
             WHERE privileged_session = $1 AND number > $2 ORDER BY number LIMIT $3"
        ),
        args![session, number, limit],
    )
}
