//! Counters of failed proofs.

use doorward_core::Timestamp;

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::{args, sql};

/// The failures of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many without a success in between.
    pub failures: i64,
    /// The first of them.
    pub first_at: Timestamp,
    /// The last of them.
    pub last_at: Timestamp,
    /// Until when nothing is tried.
    pub locked_until: Option<Timestamp>,
}

impl FromRow for Failures {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            failures: row.get("failures")?,
            first_at: row.get("first_at")?,
            last_at: row.get("last_at")?,
            locked_until: row.get("locked_until")?,
        })
    }
}

/// The failures of this key.
pub fn find(c: &Conn<'_>, key: &str) -> Result<Option<Failures>> {
    c.opt(
        sql!("SELECT failures, first_at, last_at, locked_until FROM throttle WHERE key = $1"),
        args![key],
    )
}

/// Writes them.
pub fn put(c: &Conn<'_>, key: &str, f: &Failures) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO throttle (key, failures, first_at, last_at, locked_until)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (key) DO UPDATE SET failures = excluded.failures,
               first_at = excluded.first_at, last_at = excluded.last_at,
               locked_until = excluded.locked_until"
        ),
        args![key, f.failures, f.first_at, f.last_at, f.locked_until],
    )?;
    Ok(())
}

/// How many the rows `name:…` other than `key` have counted since `since`.
pub fn of_others(c: &Conn<'_>, name: &str, key: &str, since: Timestamp) -> Result<i64> {
    let counts = c.all_with(
        sql!(
            "SELECT failures FROM throttle
             WHERE key > $1 AND key < $2 AND key <> $3 AND first_at = $4"
        ),
        // `;` is what comes after `:`.
        args![format!("{name}:"), format!("{name};"), key, since],
        |row| row.get::<i64>("failures"),
    )?;
    Ok(counts.into_iter().sum())
}

/// Counts one more of this key since `since`, and gives how many there are; what was
/// counted before `since` does not count.
pub fn one_more(c: &Conn<'_>, key: &str, since: Timestamp, now: Timestamp) -> Result<i64> {
    let count: Option<i64> = c.value(
        sql!(
            "INSERT INTO throttle (key, failures, first_at, last_at) VALUES ($1, 1, $2, $3)
             ON CONFLICT (key) DO UPDATE SET
               failures = CASE WHEN throttle.first_at = excluded.first_at
                 THEN throttle.failures + 1 ELSE 1 END,
               first_at = excluded.first_at, last_at = excluded.last_at
             RETURNING failures"
        ),
        args![key, since, now],
    )?;
    Ok(count.unwrap_or(1))
}

/// Takes one failure back that turned out to be none, and the lock that it set:
/// had there been one before, nothing would have been tried.
pub fn refund(c: &Conn<'_>, key: &str) -> Result<()> {
    c.execute(
        sql!(
            "UPDATE throttle SET failures = failures - 1, locked_until = NULL
             WHERE key = $1 AND failures > 0"
        ),
        args![key],
    )?;
    Ok(())
}

/// Forgets the key.
pub fn clear(c: &Conn<'_>, key: &str) -> Result<()> {
    c.execute(sql!("DELETE FROM throttle WHERE key = $1"), args![key])?;
    Ok(())
}

/// Forgets what has long been quiet; failures of an identity stand until it
/// proves itself.
pub fn sweep(c: &Conn<'_>, before: Timestamp) -> Result<u64> {
    c.execute(
        sql!("DELETE FROM throttle WHERE last_at < $1 AND key NOT LIKE 'identity:%'"),
        args![before],
    )
}
