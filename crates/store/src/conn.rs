//! One connection inside a transaction, whichever database it is of.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::genuine::{self, Guard, Kept, tables::Table};
use crate::postgres::PgConn;
use crate::value::{FromValue, Value};

/// A connection inside a transaction. Every repository function takes it first
/// and is an ordinary synchronous function, so that any of them compose.
pub struct Conn<'a> {
    pub(crate) raw: Raw<'a>,
    /// The last change that was bumped in this transaction.
    pub(crate) bumped: Cell<Option<i64>>,
    /// A statement failed in a way that another run of the job may mend.
    pub(crate) contention: Cell<bool>,
    pub(crate) guard: &'a Guard,
    /// Whether it sees only what is committed.
    pub(crate) committed: bool,
    /// When it began, in the order of [`Guard::tick`].
    pub(crate) tick: u64,
    /// The ring was read once to find a key that a row names.
    pub(crate) looked_for_keys: Cell<bool>,
    kept: RefCell<Vec<Kept>>,
}

/// What is to be remembered of a transaction once it is committed.
#[derive(Default)]
pub(crate) struct After {
    pub bumped: Option<i64>,
    pub kept: Vec<Kept>,
}

pub(crate) enum Raw<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a PgConn),
}

/// One row, out of the database.
pub struct Row {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

/// A type that is one row.
pub trait FromRow: Sized {
    /// Takes its columns by name.
    fn from_row(row: &Row) -> Result<Self>;
}

impl Row {
    pub(crate) fn new(columns: Arc<[String]>, values: Vec<Value>) -> Self {
        Self { columns, values }
    }

    /// The value of the column.
    pub fn get<T: FromValue>(&self, column: &str) -> Result<T> {
        let found = self.columns.iter().position(|c| c == column).and_then(|i| self.values.get(i));
        match found {
            Some(value) => T::from_value(value.clone()).map_err(|e| match e {
                Error::Decode(what) => Error::Decode(format!("{column}: {what}")),
                other => other,
            }),
            None => Err(Error::Decode(format!("{column}: no such column"))),
        }
    }

    /// The value as it came.
    pub(crate) fn value(&self, column: &str) -> Option<&Value> {
        let at = self.columns.iter().position(|c| c == column)?;
        self.values.get(at)
    }

    /// The first column, for rows of one value.
    pub fn first<T: FromValue>(&self) -> Result<T> {
        T::from_value(self.values.first().cloned().unwrap_or(Value::Null))
    }
}

impl Row {
    /// Columns and values, in their order.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.columns.iter().map(String::as_str).zip(&self.values)
    }
}

impl<'a> Conn<'a> {
    /// One that sees what is committed and nothing else.
    pub(crate) fn reading(raw: Raw<'a>, guard: &'a Guard) -> Self {
        Self { committed: true, ..Self::writing(raw, guard) }
    }

    /// One that sees what its own transaction wrote, too.
    pub(crate) fn writing(raw: Raw<'a>, guard: &'a Guard) -> Self {
        Self {
            raw,
            bumped: Cell::new(None),
            contention: Cell::new(false),
            guard,
            committed: false,
            tick: guard.tick(),
            looked_for_keys: Cell::new(false),
            kept: RefCell::default(),
        }
    }

    pub(crate) fn note(&self, kept: Kept) {
        self.kept.borrow_mut().push(kept);
    }

    pub(crate) fn after(&self) -> After {
        After { bumped: self.bumped.get(), kept: self.kept.take() }
    }

    /// Runs a statement; gives the number of rows that it touched.
    pub fn execute(&self, sql: &str, args: &[Value]) -> Result<u64> {
        self.noticed(match &self.raw {
            Raw::Sqlite(c) => crate::sqlite::execute(c, sql, args),
            Raw::Postgres(c) => c.execute(sql, args),
        })
    }

    /// All rows.
    pub fn rows(&self, sql: &str, args: &[Value]) -> Result<Vec<Row>> {
        self.noticed(match &self.raw {
            Raw::Sqlite(c) => crate::sqlite::rows(c, sql, args),
            Raw::Postgres(c) => c.rows(sql, args),
        })
    }

    /// All rows as `T`.
    pub fn all<T: FromRow>(&self, sql: &str, args: &[Value]) -> Result<Vec<T>> {
        self.rows(sql, args)?.iter().map(T::from_row).collect()
    }

    /// The one row there may be, as `T`.
    pub fn opt<T: FromRow>(&self, sql: &str, args: &[Value]) -> Result<Option<T>> {
        self.rows(sql, args)?.first().map(T::from_row).transpose()
    }

    /// Those of the rows that this house wrote, as `T`. The statement gives every
    /// column of the table.
    pub(crate) fn genuine<T: FromRow>(
        &self,
        table: &'static Table,
        sql: &str,
        args: &[Value],
    ) -> Result<Vec<T>> {
        genuine::only(self, table, &self.rows(sql, args)?)
    }

    /// The one row there may be, if this house wrote it.
    pub(crate) fn genuine_opt<T: FromRow>(
        &self,
        table: &'static Table,
        sql: &str,
        args: &[Value],
    ) -> Result<Option<T>> {
        Ok(self.genuine(table, sql, args)?.into_iter().next())
    }

    /// The one row, as `T`; [`Error::NotFound`] when there is none.
    pub fn one<T: FromRow>(&self, sql: &str, args: &[Value]) -> Result<T> {
        self.opt(sql, args)?.ok_or(Error::NotFound)
    }

    /// All rows by a closure.
    pub fn all_with<T>(
        &self,
        sql: &str,
        args: &[Value],
        map: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.rows(sql, args)?.iter().map(map).collect()
    }

    /// The one row there may be, by a closure.
    pub fn opt_with<T>(
        &self,
        sql: &str,
        args: &[Value],
        map: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        self.rows(sql, args)?.first().map(map).transpose()
    }

    /// The first column of the one row there may be.
    pub fn value<T: FromValue>(&self, sql: &str, args: &[Value]) -> Result<Option<T>> {
        self.opt_with(sql, args, |r| r.first::<T>())
    }

    fn noticed<T>(&self, result: Result<T>) -> Result<T> {
        if matches!(result, Err(Error::Contention)) {
            self.contention.set(true);
        }
        result
    }
}
