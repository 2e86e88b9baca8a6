//! The nodes of the house: what they are called, and when they were last there.

use doorward_core::{NodeId, Timestamp};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::{args, sql};

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// What its configuration calls it.
    pub name: String,
    /// Which version it runs.
    pub version: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it was last there, by its own clock.
    pub seen_at: Timestamp,
}

impl FromRow for Node {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            version: row.get("version")?,
            started_at: row.get("started_at")?,
            seen_at: row.get("seen_at")?,
        })
    }
}

/// It has started.
pub fn started(c: &Conn<'_>, node: &Node) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO node (id, name, version, started_at, seen_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version,
               started_at = excluded.started_at, seen_at = excluded.seen_at"
        ),
        args![node.id, &node.name, &node.version, node.started_at, node.seen_at],
    )?;
    Ok(())
}

/// It is there.
pub fn seen(c: &Conn<'_>, id: NodeId, now: Timestamp) -> Result<()> {
    c.execute(sql!("UPDATE node SET seen_at = $2 WHERE id = $1"), args![id, now])?;
    Ok(())
}

/// The one of this id.
pub fn find(c: &Conn<'_>, id: NodeId) -> Result<Option<Node>> {
    c.opt(sql!("SELECT id, name, version, started_at, seen_at FROM node WHERE id = $1"), args![id])
}

/// All that were ever started, the one that was there last first.
pub fn all(c: &Conn<'_>) -> Result<Vec<Node>> {
    c.all(
        sql!(
            "SELECT id, name, version, started_at, seen_at FROM node
             ORDER BY seen_at DESC, id LIMIT 1000"
        ),
        args![],
    )
}
