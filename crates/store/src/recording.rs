//! Recordings' rows: where the file is, under which key, how far it goes.

use doorward_core::{KeyId, PrivilegedSessionId, RecordingId, Timestamp};
use serde::Serialize;

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::{args, sql};

/// One recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recording {
    /// Its id.
    pub id: RecordingId,
    /// Of which session.
    pub privileged_session: PrivilegedSessionId,
    /// Below the recordings directory.
    pub path: String,
    /// Its key, wrapped under this key of the ring.
    #[serde(skip)]
    pub ring_key: KeyId,
    /// Its own key, wrapped.
    #[serde(skip)]
    pub wrapped_key: Vec<u8>,
    /// `asciicast-v2`.
    pub format: String,
    /// How many chunks are durable.
    pub chunks: u64,
    /// How many bytes of ciphertext they have.
    pub bytes: u64,
    /// `open`, `closed` or `interrupted`.
    pub state: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

impl FromRow for Recording {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            privileged_session: row.get("privileged_session")?,
            path: row.get("path")?,
            ring_key: row.get("ring_key")?,
            wrapped_key: row.get("wrapped_key")?,
            format: row.get("format")?,
            chunks: row.get("chunks")?,
            bytes: row.get("bytes")?,
            state: row.get("state")?,
            created_at: row.get("created_at")?,
            closed_at: row.get("closed_at")?,
        })
    }
}

/// Adds one that is open.
pub fn insert(c: &Conn<'_>, r: &Recording) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO recording (id, privileged_session, path, ring_key, wrapped_key, format,
               chunks, bytes, state, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 'open', $7)"
        ),
        args![
            r.id,
            r.privileged_session,
            r.path,
            r.ring_key,
            r.wrapped_key,
            r.format,
            r.created_at
        ],
    )?;
    Ok(())
}

/// A further chunk is durable; `number` counts from 0. False when it is not the
/// next one of an open recording.
pub fn add_chunk(c: &Conn<'_>, id: RecordingId, number: u64, bytes: u64) -> Result<bool> {
    Ok(c.execute(
        sql!(
            "UPDATE recording SET chunks = chunks + 1, bytes = bytes + $3
             WHERE id = $1 AND chunks = $2 AND state = 'open'"
        ),
        args![id, number, bytes],
    )? == 1)
}

/// Closes it, as `closed` or `interrupted`.
pub fn close(c: &Conn<'_>, id: RecordingId, state: &str, at: Timestamp) -> Result<bool> {
    Ok(c.execute(
        sql!("UPDATE recording SET state = $2, closed_at = $3 WHERE id = $1 AND state = 'open'"),
        args![id, state, at],
    )? == 1)
}

/// The recording of a session.
pub fn of_session(c: &Conn<'_>, session: PrivilegedSessionId) -> Result<Option<Recording>> {
    c.opt(
        sql!(
            "SELECT id, privileged_session, path, ring_key, wrapped_key, format, chunks, bytes,
               state, created_at, closed_at
             FROM recording WHERE privileged_session = $1"
        ),
        args![session],
    )
}

/// The recording with this id.
pub fn find(c: &Conn<'_>, id: RecordingId) -> Result<Option<Recording>> {
    c.opt(
        sql!(
            "SELECT id, privileged_session, path, ring_key, wrapped_key, format, chunks, bytes,
               state, created_at, closed_at
             FROM recording WHERE id = $1"
        ),
        args![id],
    )
}

/// All, by id, after `after`.
pub fn list(c: &Conn<'_>, after: Option<RecordingId>, limit: i64) -> Result<Vec<Recording>> {
    c.all(
        sql!(
            "SELECT id, privileged_session, path, ring_key, wrapped_key, format, chunks, bytes,
               state, created_at, closed_at
             FROM recording WHERE (id > $1 OR $1 IS NULL) ORDER BY id LIMIT $2"
        ),
        args![after, limit],
    )
}
