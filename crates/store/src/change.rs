//! The feed of what changed.
//!
//! On PostgreSQL, sequence numbers are given out before their transactions
//! commit, so a smaller one may appear after a larger one. Followers therefore
//! look back: [`since`] gives, besides what is newer, everything of the last
//! [`LOOK_BACK`]; a follower forgets what it has seen by [`Seen`].

use std::collections::HashSet;
use std::time::Duration;

use doorward_core::Timestamp;

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::{args, sql};

/// The longest that a transaction may take from its bump to its commit.
pub const LOOK_BACK: Duration = Duration::from_secs(30);

/// The kind of the change by which an identity stopped counting: besides its new
/// facts, which the next moment may change again, it says that all that it had
/// open is over.
pub const LEFT: &str = "left";

/// The id of the change of kind `seal` by which a node that was sealed can tell its own
/// rows, and reads all of them again.
pub const UNSEALED: &str = "unsealed";

/// One change of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the feed.
    pub seq: i64,
    /// What kind of thing: `identity`, `policy`, `session`, …
    pub kind: String,
    /// Which: its id in text.
    pub id: String,
    /// When.
    pub at: Timestamp,
}

impl FromRow for Change {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.get("seq")?,
            kind: row.get("kind")?,
            id: row.get("id")?,
            at: row.get("at")?,
        })
    }
}

/// Says, in the transaction of the change, that this thing changed.
pub fn bump(c: &Conn<'_>, kind: &str, id: impl std::fmt::Display, now: Timestamp) -> Result<()> {
    let seq: Option<i64> = c.value(
        sql!("INSERT INTO change (kind, id, at) VALUES ($1, $2, $3) RETURNING seq"),
        args![kind, id.to_string(), now],
    )?;
    c.bumped.set(seq.or(c.bumped.get()));
    Ok(())
}

/// What is newer than `after`, or younger than the look-back before `now`.
pub fn since(c: &Conn<'_>, after: i64, now: Timestamp) -> Result<Vec<Change>> {
    c.all(
        sql!("SELECT seq, kind, id, at FROM change WHERE seq > $1 OR at > $2 ORDER BY seq"),
        args![after, now - LOOK_BACK],
    )
}

/// The newest sequence number and how many changes there are: both move when
/// anything commits.
pub fn newest(c: &Conn<'_>) -> Result<(i64, i64)> {
    c.opt_with(
        sql!("SELECT COALESCE(MAX(seq), 0) AS seq, COUNT(*) AS n FROM change"),
        args![],
        |row| Ok((row.get("seq")?, row.get("n")?)),
    )
    .map(|found| found.unwrap_or((0, 0)))
}

/// Forgets changes that every follower has long seen.
pub fn trim(c: &Conn<'_>, before: Timestamp) -> Result<u64> {
    c.execute(
        sql!("DELETE FROM change WHERE at < $1 AND seq < (SELECT MAX(seq) FROM change)"),
        args![before],
    )
}

/// What one follower has seen.
#[derive(Debug, Default)]
pub struct Seen {
    through: i64,
    recent: HashSet<i64>,
}

impl Seen {
    /// One that begins after `through`.
    pub fn after(through: i64) -> Self {
        Self { through, recent: HashSet::new() }
    }

    /// The newest that was seen.
    pub fn through(&self) -> i64 {
        self.through
    }

    /// Those of `found` that are new, remembering them.
    pub fn news(&mut self, found: Vec<Change>) -> Vec<Change> {
        let present: HashSet<i64> = found.iter().map(|c| c.seq).collect();
        let news: Vec<Change> =
            found.into_iter().filter(|c| !self.recent.contains(&c.seq)).collect();
        self.recent = present;
        self.through = news.iter().map(|c| c.seq).max().unwrap_or(0).max(self.through);
        news
    }
}
