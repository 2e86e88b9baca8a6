//! What is seen on one node of another: wishes, their frames, and whether both
//! sides are still there.

use doorward_core::{KeyId, NodeId, PrivilegedSessionId, Question, RelayId, Timestamp};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::value::Json;
use crate::{args, sql};

/// One look at another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// Its id.
    pub id: RelayId,
    /// `watch` or `play`.
    pub kind: String,
    /// Of which session.
    pub privileged_session: PrivilegedSessionId,
    /// Which node serves it.
    pub node: NodeId,
    /// The facts of the viewer's permission.
    pub question: Question,
    /// The ring key that wraps the key of the frames; none until it is served.
    pub ring_key: Option<KeyId>,
    /// The key of the frames, wrapped.
    pub wrapped_key: Option<Vec<u8>>,
    /// When it was asked for, on the viewer's node.
    pub asked_at: Timestamp,
}

impl FromRow for Relay {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            kind: row.get("kind")?,
            privileged_session: row.get("privileged_session")?,
            node: row.get("node")?,
            question: row.get::<Json<Question>>("question")?.0,
            ring_key: row.get("ring_key")?,
            wrapped_key: row.get("wrapped_key")?,
            asked_at: row.get("asked_at")?,
        })
    }
}

/// Who counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The node where somebody sees.
    Viewer,
    /// The node that has it.
    Server,
}

impl Side {
    const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Server => "server",
        }
    }
}

/// Asks for it.
pub fn insert(c: &Conn<'_>, r: &Relay) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO relay (id, kind, privileged_session, node, question, asked_at)
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        args![r.id, &r.kind, r.privileged_session, r.node, Json(&r.question), r.asked_at],
    )?;
    for side in [Side::Viewer, Side::Server] {
        c.execute(
            sql!("INSERT INTO relay_side (relay, side, beats) VALUES ($1, $2, 0)"),
            args![r.id, side.name()],
        )?;
    }
    Ok(())
}

/// Those that this node has not begun to serve.
pub fn asked(c: &Conn<'_>, node: NodeId) -> Result<Vec<Relay>> {
    c.all(
        sql!(
            "SELECT id, kind, privileged_session, node, question, ring_key, wrapped_key, asked_at
             FROM relay WHERE node = $1 AND ring_key IS NULL"
        ),
        args![node],
    )
}

/// The one of this id.
pub fn find(c: &Conn<'_>, id: RelayId) -> Result<Option<Relay>> {
    c.opt(
        sql!(
            "SELECT id, kind, privileged_session, node, question, ring_key, wrapped_key, asked_at
             FROM relay WHERE id = $1"
        ),
        args![id],
    )
}

/// It is served, under this key. False when it is already, or nobody wants it any
/// more.
pub fn serve(c: &Conn<'_>, id: RelayId, ring_key: KeyId, wrapped: &[u8]) -> Result<bool> {
    Ok(c.execute(
        sql!("UPDATE relay SET ring_key = $2, wrapped_key = $3 WHERE id = $1 AND ring_key IS NULL"),
        args![id, ring_key, wrapped],
    )? == 1)
}

/// Says that one side is there; gives the other's count. None when it is over.
pub fn beat(c: &Conn<'_>, id: RelayId, side: Side) -> Result<Option<i64>> {
    let other = if side == Side::Viewer { Side::Server } else { Side::Viewer };
    c.execute(
        sql!("UPDATE relay_side SET beats = beats + 1 WHERE relay = $1 AND side = $2"),
        args![id, side.name()],
    )?;
    c.value(
        sql!("SELECT beats FROM relay_side WHERE relay = $1 AND side = $2"),
        args![id, other.name()],
    )
}

/// Adds a frame; gives how many wait to be seen. None when it is over.
pub fn put(c: &Conn<'_>, id: RelayId, number: i64, sealed: &[u8]) -> Result<Option<i64>> {
    let added = c.execute(
        sql!(
            "INSERT INTO relay_frame (relay, number, sealed)
             SELECT id, $2, $3 FROM relay WHERE id = $1"
        ),
        args![id, number, sealed],
    )?;
    if added == 0 {
        return Ok(None);
    }
    waiting(c, id).map(Some)
}

/// How many frames wait to be seen.
pub fn waiting(c: &Conn<'_>, id: RelayId) -> Result<i64> {
    let n: Option<i64> =
        c.value(sql!("SELECT COUNT(*) AS n FROM relay_frame WHERE relay = $1"), args![id])?;
    Ok(n.unwrap_or(0))
}

/// The next frames, with their numbers.
pub fn frames(c: &Conn<'_>, id: RelayId, limit: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    c.all_with(
        sql!("SELECT number, sealed FROM relay_frame WHERE relay = $1 ORDER BY number LIMIT $2"),
        args![id, limit],
        |row| Ok((row.get("number")?, row.get("sealed")?)),
    )
}

/// Frames up to this one were seen.
pub fn seen(c: &Conn<'_>, id: RelayId, through: i64) -> Result<()> {
    c.execute(
        sql!("DELETE FROM relay_frame WHERE relay = $1 AND number <= $2"),
        args![id, through],
    )?;
    Ok(())
}

/// It is over.
pub fn delete(c: &Conn<'_>, id: RelayId) -> Result<()> {
    c.execute(sql!("DELETE FROM relay WHERE id = $1"), args![id])?;
    Ok(())
}

/// A node that starts serves nothing of before.
pub fn delete_of(c: &Conn<'_>, node: NodeId) -> Result<()> {
    c.execute(sql!("DELETE FROM relay WHERE node = $1"), args![node])?;
    Ok(())
}
