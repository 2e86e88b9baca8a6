//! Who watches a live privileged session at the moment.

use doorward_core::{IdentityId, NodeId, PrivilegedSessionId, Timestamp};
use uuid::Uuid;

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::value::Value;
use crate::{args, sql};

/// One look at a live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watcher {
    /// Whose.
    pub identity: IdentityId,
    /// Since when.
    pub since: Timestamp,
}

impl FromRow for Watcher {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { identity: row.get("identity")?, since: row.get("since")? })
    }
}

/// A look begins, on this node.
pub fn insert(
    c: &Conn<'_>,
    id: Uuid,
    session: PrivilegedSessionId,
    node: NodeId,
    watcher: &Watcher,
) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO session_watcher (id, privileged_session, identity, node, since)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        args![Value::Uuid(id), session, watcher.identity, node, watcher.since],
    )?;
    Ok(())
}

/// It is over.
pub fn delete(c: &Conn<'_>, id: Uuid) -> Result<()> {
    c.execute(sql!("DELETE FROM session_watcher WHERE id = $1"), args![Value::Uuid(id)])?;
    Ok(())
}

/// The node begins anew: whoever looked there does not any more.
pub fn delete_of(c: &Conn<'_>, node: NodeId) -> Result<()> {
    c.execute(sql!("DELETE FROM session_watcher WHERE node = $1"), args![node])?;
    Ok(())
}

/// Those of a session, on nodes that were there after `seen`; first come first.
pub fn of(c: &Conn<'_>, session: PrivilegedSessionId, seen: Timestamp) -> Result<Vec<Watcher>> {
    c.all(
        sql!(
            "SELECT w.identity, w.since FROM session_watcher w
             LEFT JOIN node ON node.id = w.node
             WHERE w.privileged_session = $1 AND (node.seen_at > $2 OR node.id IS NULL)
             ORDER BY w.since, w.id LIMIT 100"
        ),
        args![session, seen],
    )
}
