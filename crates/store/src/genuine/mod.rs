//! Rows that only this house can have written.
//!
//! Whoever can write the database must not become somebody by it. Every row that
//! decides who somebody is or what they may do carries a MAC over its table, its id,
//! every deciding column and its version, by a key that is not in the database. A row
//! without a good one is not there, for decisions: it is left out, recorded once as
//! `row.forged`, and told by [`Db::forged`](crate::Db::forged).
//!
//! Promises: a row cannot be made, altered, or moved to another id; an older row in
//! the place of a newer one that this process has seen is not accepted; where a
//! missing row would be as bad as a forged one ([`SetState`]), that is found too.
//! Before the vault was opened for the first time nothing is accepted and nothing
//! can be written. Sealing takes the keys that open something; these stay, since
//! they open nothing and what is open must go on being decided.
//!
//! A new table costs an entry in `tables`, a column `mac`, [`written`] around what
//! inserts, [`amend`] around what updates, [`remove`] around what deletes, and
//! [`Conn::genuine`](crate::Conn::genuine) around what decisions read.

mod encoding;
mod guard;
mod set;
pub(crate) mod tables;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use crate::args;
use crate::conn::{Conn, FromRow, Row};
use crate::error::{Error, Result};
use crate::value::Value;

use guard::Mode;
pub use guard::{Forged, RowKeySource, RowKeys, Why};
pub(crate) use guard::{Guard, Kept};
pub(crate) use set::{SetState, is_untouched, keep_set, set_state};
pub use tables::GENERATION;
use tables::{POLICY, TABLES, Table};

/// Whether this house wrote the row, which has every column of its table. Tells of it
/// when it did not.
pub(crate) fn accepts(c: &Conn<'_>, table: &'static Table, row: &Row) -> Result<bool> {
    Ok(match judge(c, table, row)? {
        Judged::Genuine => true,
        Judged::Untold => false,
        Judged::Forged(why) => {
            c.guard.forged(table, encoding::shown(table, row), why);
            false
        }
    })
}

enum Judged {
    Genuine,
    Forged(Why),
    /// There is no key to tell by, or nothing to tell.
    Untold,
}

fn judge(c: &Conn<'_>, table: &'static Table, row: &Row) -> Result<Judged> {
    let (keys, source) = match c.guard.mode() {
        Mode::Sealed => return Ok(Judged::Untold),
        #[cfg(feature = "testing")]
        Mode::Vaultless => return Ok(Judged::Genuine),
        Mode::Keys(keys, source) => (keys, source),
    };
    let mac = match row.value("mac") {
        Some(Value::Bytes(mac)) => mac,
        Some(_) if is_over(table, row) => return Ok(Judged::Untold),
        Some(_) => return Ok(Judged::Forged(Why::Unsigned)),
        None => return Err(Error::Decode(format!("{}.mac was not read", table.name))),
    };
    let Some(data) = encoding::encode(table, row) else {
        return Ok(Judged::Forged(Why::Altered));
    };
    let mut good = keys.verify(&data, mac);
    if good.is_none() && !c.looked_for_keys.replace(true) {
        // Another node rotated the ring, or somebody made the id up.
        if let Some(fresh) = source.read(c) {
            good = fresh.verify(&data, mac);
            c.guard.arm(fresh, source);
        }
    }
    if good != Some(true) {
        return Ok(Judged::Forged(Why::Altered));
    }
    let (key, version) = (encoding::key(table, row), version(row));
    if c.guard.is_older(table, &key, version, c.tick) {
        return Ok(Judged::Forged(Why::Older));
    }
    c.guard.genuine(table, || encoding::shown(table, row));
    if c.committed && table.is_versioned() {
        c.note(Kept { table: table.name, key, version });
    }
    Ok(Judged::Genuine)
}

fn is_over(table: &Table, row: &Row) -> bool {
    let at = table.over.and_then(|column| row.value(column));
    at.is_some_and(|at| *at != Value::Null)
}

fn version(row: &Row) -> i64 {
    match row.value("version") {
        Some(Value::Int(version)) => *version,
        _ => 0,
    }
}

/// Runs a statement that gives back the whole rows that it wrote (`RETURNING *`), and
/// signs them. Every column that decides must come from us: it was set by the
/// statement, or the row was genuine before, which [`amend`] makes sure of.
pub(crate) fn written(
    c: &Conn<'_>,
    table: &'static Table,
    sql: &str,
    args: &[Value],
) -> Result<u64> {
    if matches!(c.guard.mode(), Mode::Sealed) {
        return Err(Error::Sealed);
    }
    let rows = c.rows(sql, args)?;
    for row in &rows {
        sign(c, table, row)?;
    }
    Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
}

/// Runs a statement that changes the row of this key, if the row is genuine. One that
/// is not is as good as none.
pub(crate) fn amend(
    c: &Conn<'_>,
    table: &'static Table,
    key: &[Value],
    sql: &str,
    args: &[Value],
) -> Result<bool> {
    let before = c.rows(&table.statements().one, key)?;
    let Some(row) = before.first() else { return Ok(false) };
    Ok(accepts(c, table, row)? && written(c, table, sql, args)? > 0)
}

/// Runs a statement that takes from the row of this key what it gave, and gives the
/// whole row back: needs no key, and signs again what was genuine.
pub(crate) fn end(
    c: &Conn<'_>,
    table: &'static Table,
    key: &[Value],
    sql: &str,
    args: &[Value],
) -> Result<bool> {
    let before = c.rows(&table.statements().one, key)?;
    let genuine = before.first().map(|row| accepts(c, table, row)).transpose()? == Some(true);
    let after = c.rows(sql, args)?;
    for row in &after {
        if genuine {
            sign(c, table, row)?;
        } else {
            c.execute(&table.statements().sign, &[key, args![Value::Null]].concat())?;
        }
    }
    Ok(!after.is_empty())
}

/// Runs a statement that deletes and gives the whole rows back (`RETURNING *`): none
/// of them counts again.
pub(crate) fn remove(
    c: &Conn<'_>,
    table: &'static Table,
    sql: &str,
    args: &[Value],
) -> Result<u64> {
    let rows = c.rows(sql, args)?;
    for row in &rows {
        if table.is_versioned() {
            let (key, version) = (encoding::key(table, row), version(row) + 1);
            c.note(Kept { table: table.name, key, version });
        }
    }
    Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
}

/// The version of a membership that is given now, and whether a genuine one is there.
/// One that is not genuine is swept away.
pub(crate) fn vacant(
    c: &Conn<'_>,
    table: &'static Table,
    key: &[Value],
    delete: &str,
) -> Result<Option<i64>> {
    if let Some(row) = c.rows(&table.statements().one, key)?.first() {
        if accepts(c, table, row)? {
            return Ok(None);
        }
        c.execute(delete, key)?;
    }
    next_version(c, table, key).map(Some)
}

/// A version that is greater than that of any row of this key before.
pub(crate) fn next_version(c: &Conn<'_>, table: &'static Table, key: &[Value]) -> Result<i64> {
    let columns: std::sync::Arc<[String]> = table.key.iter().map(|k| (*k).to_owned()).collect();
    let known = encoding::key(table, &Row::new(columns, key.to_vec()));
    let next = c.guard.next_version(table, &known);
    // One that is there may be of a node whose clock is ahead.
    let rows = c.rows(&table.statements().one, key)?;
    match rows.first() {
        Some(row) if accepts(c, table, row)? => Ok(next.max(version(row).saturating_add(1))),
        _ => Ok(next),
    }
}

/// Every genuine row of the table. What was there before and is not any more does not
/// come back.
pub(crate) fn whole<T>(
    c: &Conn<'_>,
    table: &'static Table,
    mut map: impl FnMut(&Row) -> Result<T>,
) -> Result<Vec<T>> {
    let rows = c.rows(&table.statements().all, args![])?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        if accepts(c, table, row)? {
            found.push(map(row)?);
        }
    }
    if c.committed {
        let present: HashSet<_> = rows.iter().map(|row| encoding::key(table, row)).collect();
        c.guard.absent(table, &present, c.tick);
    }
    Ok(found)
}

/// Those of these rows that are genuine.
pub(crate) fn only<T: FromRow>(
    c: &Conn<'_>,
    table: &'static Table,
    rows: &[Row],
) -> Result<Vec<T>> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        if accepts(c, table, row)? {
            found.push(T::from_row(row)?);
        }
    }
    Ok(found)
}

/// Signs the row as it is.
fn sign(c: &Conn<'_>, table: &'static Table, row: &Row) -> Result<()> {
    match c.guard.mode() {
        Mode::Sealed => return Err(Error::Sealed),
        Mode::Keys(keys, _) => sign_by(c, &keys, table, row)?,
        #[cfg(feature = "testing")]
        Mode::Vaultless => {}
    }
    if table.is_versioned() {
        c.note(Kept { table: table.name, key: encoding::key(table, row), version: version(row) });
    }
    Ok(())
}

fn sign_by(c: &Conn<'_>, keys: &RowKeys, table: &'static Table, row: &Row) -> Result<()> {
    let wrong = || Error::Decode(format!("a row of {} cannot be signed", table.name));
    let data = encoding::encode(table, row).ok_or_else(wrong)?;
    let mac = keys.sign(&data).ok_or_else(wrong)?;
    let mut arguments: Vec<Value> =
        table.key.iter().filter_map(|k| row.value(k).cloned()).collect();
    arguments.push(Value::Bytes(mac));
    c.execute(&table.statements().sign, &arguments)?;
    Ok(())
}

/// How many rows of a table were taken for this house's own.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Adopted {
    /// Which table.
    pub table: &'static str,
    /// How many.
    pub rows: u64,
}

/// Which rows to adopt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopt {
    /// Those without a MAC, of the tables that are newer than this generation.
    Since(u8),
    /// Whatever there is, as it is.
    Everything,
}

impl Adopt {
    fn covers(self, table: &Table) -> bool {
        match self {
            Self::Since(generation) => table.since > generation,
            Self::Everything => true,
        }
    }
}

/// Takes rows for this house's own, as they are. Whoever calls it knows that they are:
/// once when the house gets its first row key, and when somebody with its keys says so.
pub fn adopt(c: &Conn<'_>, keys: &RowKeys, which: Adopt) -> Result<Vec<Adopted>> {
    let mut adopted = Vec::new();
    for table in TABLES.iter().filter(|t| which.covers(t)) {
        let mut rows = 0;
        for row in c.rows(&table.statements().all, args![])? {
            let unsigned = matches!(row.value("mac"), Some(Value::Null));
            if unsigned || which == Adopt::Everything {
                sign_by(c, keys, table, &row)?;
                rows += 1;
            }
        }
        if rows > 0 {
            adopted.push(Adopted { table: table.name, rows });
        }
    }
    if which.covers(&POLICY) {
        set::keep_set_by(c, keys, &POLICY)?;
    }
    Ok(adopted)
}

/// Whether there is any row that decides something.
pub fn is_lived_in(c: &Conn<'_>) -> Result<bool> {
    for table in TABLES {
        if !c.rows(&format!("{} LIMIT 1", table.statements().all), args![])?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Looks at every row there is; gives those that are not genuine.
pub fn sweep(c: &Conn<'_>) -> Result<Vec<Forged>> {
    let mut found = Vec::new();
    for table in TABLES {
        for row in c.rows(&table.statements().all, args![])? {
            if let Judged::Forged(why) = judge(c, table, &row)? {
                found.push(Forged { table: table.name, row: encoding::shown(table, &row), why });
            }
        }
    }
    if set_state(c, &POLICY)? == SetState::Broken {
        found.push(set::broken(&POLICY));
    }
    Ok(found)
}

/// Signs what a test wrote by itself.
#[cfg(feature = "testing")]
pub fn own(c: &Conn<'_>) -> Result<()> {
    match c.guard.mode() {
        Mode::Keys(keys, _) => adopt(c, &keys, Adopt::Everything).map(drop),
        Mode::Sealed | Mode::Vaultless => Ok(()),
    }
}
