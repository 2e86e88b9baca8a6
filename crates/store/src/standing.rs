//! How much privilege stood, day by day.

use doorward_core::Timestamp;

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::value::Value;
use crate::{args, sql};

/// One day, as it was measured last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Its beginning, in UTC.
    pub day: Timestamp,
    /// When it was measured.
    pub measured_at: Timestamp,
    /// People who reach some account without a request.
    pub people: u32,
    /// Workloads that do.
    pub workloads: u32,
    /// Accounts that somebody reaches without a request.
    pub accounts: u32,
    /// Who and what together: identities on accounts.
    pub pairs: u32,
    /// Identities that reach an account by a grant alone.
    pub granted_identities: u32,
    /// Accounts that are reached so.
    pub granted_accounts: u32,
    /// Both together.
    pub granted_pairs: u32,
    /// Those of them that stand on broken glass.
    pub broken_pairs: u32,
    /// Whether everybody was asked about everything.
    pub complete: bool,
}

impl FromRow for Day {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            day: row.get("day")?,
            measured_at: row.get("measured_at")?,
            people: row.get("people")?,
            workloads: row.get("workloads")?,
            accounts: row.get("accounts")?,
            pairs: row.get("pairs")?,
            granted_identities: row.get("granted_identities")?,
            granted_accounts: row.get("granted_accounts")?,
            granted_pairs: row.get("granted_pairs")?,
            broken_pairs: row.get("broken_pairs")?,
            complete: row.get("complete")?,
        })
    }
}

/// Keeps it; what was measured earlier on that day is forgotten.
pub fn keep(c: &Conn<'_>, id: uuid::Uuid, d: &Day) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO standing_day (id, day, measured_at, people, workloads, accounts, pairs,
               granted_identities, granted_accounts, granted_pairs, broken_pairs, complete)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (day) DO UPDATE SET measured_at = excluded.measured_at,
               people = excluded.people, workloads = excluded.workloads,
               accounts = excluded.accounts, pairs = excluded.pairs,
               granted_identities = excluded.granted_identities,
               granted_accounts = excluded.granted_accounts,
               granted_pairs = excluded.granted_pairs, broken_pairs = excluded.broken_pairs,
               complete = excluded.complete
             WHERE standing_day.measured_at <= excluded.measured_at"
        ),
        args![
            Value::Uuid(id),
            d.day,
            d.measured_at,
            d.people,
            d.workloads,
            d.accounts,
            d.pairs,
            d.granted_identities,
            d.granted_accounts,
            d.granted_pairs,
            d.broken_pairs,
            d.complete
        ],
    )?;
    Ok(())
}

/// When it was measured last.
pub fn newest(c: &Conn<'_>) -> Result<Option<Timestamp>> {
    c.value(sql!("SELECT measured_at FROM standing_day ORDER BY day DESC LIMIT 1"), args![])
}

/// Which days a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

sorts! {
    /// By what days are sorted.
    DaySort {
        /// By themselves.
        Day = "day",
    }
}

/// A page of those that fit.
pub fn search(c: &Conn<'_>, filter: &Filter, at: &Keyset<DaySort>) -> Result<Vec<Keyed<Day>>> {
    keyset!(
        c,
        at,
        r"id, day, measured_at, people, workloads, accounts, pairs, granted_identities,
            granted_accounts, granted_pairs, broken_pairs, complete
          FROM standing_day
          WHERE (day >= $1 OR $1 IS NULL) AND (day < $2 OR $2 IS NULL)",
        [filter.since, filter.until],
        "$3",
        "$4",
        "$5",
        { DaySort::Day => "day" }
    )
}
