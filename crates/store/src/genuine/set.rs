//! Tables of which no row may be missing. A policy that is gone may have forbidden
//! something; so a digest over the MACs of all policies is kept, signed itself.

use aws_lc_rs::digest;

use super::guard::{Forged, Mode, RowKeys, Why};
use super::tables::{ROW_SET, Table};
use super::{accepts, sign, sign_by};
use crate::conn::{Conn, Row};
use crate::error::{Error, Result};
use crate::value::Value;
use crate::{args, sql};

/// How the rows of a table stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetState {
    /// All that were kept are there, and no other.
    Whole,
    /// Some are missing, altered, or older than they were.
    Broken,
    /// There is no key to tell by.
    Untold,
}

/// How they stand. What is forged on top of them does no harm.
pub(crate) fn set_state(c: &Conn<'_>, table: &'static Table) -> Result<SetState> {
    match c.guard.mode() {
        Mode::Sealed => return Ok(SetState::Untold),
        #[cfg(feature = "testing")]
        Mode::Vaultless => return Ok(SetState::Whole),
        Mode::Keys(..) => {}
    }
    let digest = digest_of(genuine_macs(c, table)?);
    let kept = kept(c, table)?;
    let kept = kept.filter(|row| matches!(accepts(c, &ROW_SET, row), Ok(true)));
    let same = kept.is_some_and(|row| row.value("digest") == Some(&Value::Bytes(digest)));
    if same {
        c.guard.genuine(table, || ALL.to_owned());
        Ok(SetState::Whole)
    } else {
        c.guard.forged(table, ALL.to_owned(), Why::Missing);
        Ok(SetState::Broken)
    }
}

/// What stands in the place of a row's id.
const ALL: &str = "all of them";

pub(super) fn broken(table: &'static Table) -> Forged {
    Forged { table: table.name, row: ALL.to_owned(), why: Why::Missing }
}

/// Keeps which rows there are, after one was written or deleted by us. They must have
/// been whole before.
pub(crate) fn keep_set(c: &Conn<'_>, table: &'static Table) -> Result<()> {
    match c.guard.mode() {
        Mode::Sealed => return Err(Error::Sealed),
        #[cfg(feature = "testing")]
        Mode::Vaultless => return Ok(()),
        Mode::Keys(..) => {}
    }
    let digest = digest_of(genuine_macs(c, table)?);
    for row in put(c, table, &digest)? {
        sign(c, &ROW_SET, &row)?;
    }
    Ok(())
}

/// The same by keys that are not in use yet, over all that there is.
pub(super) fn keep_set_by(c: &Conn<'_>, keys: &RowKeys, table: &'static Table) -> Result<()> {
    let rows = c.rows(&table.statements().all, args![])?;
    let digest = digest_of(rows.iter().filter_map(mac).collect());
    for row in put(c, table, &digest)? {
        sign_by(c, keys, &ROW_SET, &row)?;
    }
    Ok(())
}

fn kept(c: &Conn<'_>, table: &'static Table) -> Result<Option<Row>> {
    let rows = c.rows(sql!("SELECT * FROM row_set WHERE name = $1"), args![table.name])?;
    Ok(rows.into_iter().next())
}

fn put(c: &Conn<'_>, table: &'static Table, digest: &[u8]) -> Result<Vec<Row>> {
    c.rows(
        sql!(
            "INSERT INTO row_set (name, digest, version) VALUES ($1, $2, 1)
             ON CONFLICT (name) DO UPDATE
               SET digest = excluded.digest, version = row_set.version + 1
             RETURNING *"
        ),
        args![table.name, digest],
    )
}

fn genuine_macs(c: &Conn<'_>, table: &'static Table) -> Result<Vec<Vec<u8>>> {
    let mut macs = Vec::new();
    for row in c.rows(&table.statements().all, args![])? {
        if accepts(c, table, &row)? {
            macs.extend(mac(&row));
        }
    }
    Ok(macs)
}

fn mac(row: &Row) -> Option<Vec<u8>> {
    match row.value("mac") {
        Some(Value::Bytes(mac)) => Some(mac.clone()),
        _ => None,
    }
}

fn digest_of(mut macs: Vec<Vec<u8>>) -> Vec<u8> {
    macs.sort();
    let mut context = digest::Context::new(&digest::SHA256);
    for mac in &macs {
        context.update(&(mac.len() as u64).to_be_bytes());
        context.update(mac);
    }
    context.finish().as_ref().to_vec()
}

/// Whether the table is as a new house has it: empty, and nothing is missing.
pub(crate) fn is_untouched(c: &Conn<'_>, table: &'static Table) -> Result<bool> {
    let empty = c.rows(&table.statements().all, args![])?.is_empty();
    Ok(empty && set_state(c, table)? == SetState::Whole)
}
