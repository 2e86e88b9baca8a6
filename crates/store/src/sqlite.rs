//! SQLite: one writer thread that commits everything queued in one fsync, and
//! read-only connections that read in place.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use rusqlite::{Connection, OpenFlags};

use crate::conn::{After, Conn, Raw, Row};
use crate::error::{Error, Result};
use crate::genuine::Guard;
use crate::value::Value;

/// How many jobs share one commit at most.
const BATCH: usize = 512;
/// How many idle read connections are kept.
const READERS: usize = 8;
/// How many prepared statements each connection keeps.
const STATEMENTS: usize = 256;
/// Pages of the write-ahead log after which it is brought into the database: four
/// times SQLite's own figure, so that a page that many commits touch is copied once.
const CHECKPOINT: i64 = 4_000;
/// The names of the first arguments, so that none is written anew for each statement.
const NAMES: [&str; 24] = [
    "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
    "$16", "$17", "$18", "$19", "$20", "$21", "$22", "$23", "$24",
];

/// A job of the writer: run inside the transaction, told how the commit went.
pub(crate) trait Job: Send {
    /// Runs; false takes its changes back.
    fn run(&mut self, c: &Connection) -> bool;
    /// The end: the commit's result.
    fn finish(self: Box<Self>, committed: Result<()>);
}

pub(crate) struct Sqlite {
    path: PathBuf,
    jobs: mpsc::Sender<Box<dyn Job>>,
    readers: Mutex<Vec<Connection>>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        if !path.exists() {
            create_private(path)?;
        }
        let writer =
            connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        // FULL: a commit is on the disk before it is acknowledged.
        writer.pragma_update(None, "synchronous", "FULL")?;
        writer.pragma_update(None, "foreign_keys", true)?;
        writer.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
        let (jobs, queue) = mpsc::channel();
        std::thread::Builder::new()
            .name("doorward-store-writer".to_owned())
            .spawn(move || write_loop(&writer, &queue))
            .map_err(|e| Error::Other(e.to_string()))?;
        Ok(Self { path: path.to_owned(), jobs, readers: Mutex::new(Vec::new()) })
    }

    pub(crate) fn submit(&self, job: Box<dyn Job>) -> Result<()> {
        self.jobs.send(job).map_err(|_| Error::Unavailable("the writer has ended".to_owned()))
    }

    pub(crate) fn read<T, E: From<Error>>(
        &self,
        guard: &Guard,
        f: impl Fn(&Conn<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<(T, After), E> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(c) => c,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        // One snapshot for the whole closure.
        run(&connection, "BEGIN")?;
        let conn = Conn::reading(Raw::Sqlite(&connection), guard);
        let result = f(&conn).map(|value| (value, conn.after()));
        if run(&connection, "ROLLBACK").is_ok() {
            let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
            if readers.len() < READERS {
                readers.push(connection);
            }
        }
        result
    }
}

fn create_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map(|_| ())
        .map_err(|e| Error::Unavailable(format!("{}: {e}", path.display())))
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let c = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|e| Error::Unavailable(format!("{}: {e}", path.display())))?;
    c.busy_timeout(std::time::Duration::from_secs(5))?;
    c.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(c)
}

fn write_loop(c: &Connection, queue: &mpsc::Receiver<Box<dyn Job>>) {
    while let Ok(first) = queue.recv() {
        let mut jobs = vec![first];
        while jobs.len() < BATCH {
            match queue.try_recv() {
                Ok(job) => jobs.push(job),
                Err(_) => break,
            }
        }
        let committed = batch(c, &mut jobs);
        if let Err(Error::Unavailable(why)) = &committed {
            // What an fsync that failed has left on the disk, nobody knows.
            tracing::error!(why, "the database cannot be written; ending");
            std::process::abort();
        }
        for job in jobs {
            job.finish(match &committed {
                Ok(()) => Ok(()),
                Err(Error::Full) => Err(Error::Full),
                Err(e) => Err(Error::Other(e.to_string())),
            });
        }
    }
}

/// A statement around the others, such as BEGIN: parsed once for each connection.
fn run(c: &Connection, sql: &str) -> Result<()> {
    c.prepare_cached(sql)?.raw_execute()?;
    Ok(())
}

fn batch(c: &Connection, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    run(c, "BEGIN IMMEDIATE")?;
    for job in jobs.iter_mut() {
        run(c, "SAVEPOINT job")?;
        let keep = job.run(c);
        if c.is_autocommit() {
            // SQLite itself rolled everything back (a full disk does that).
            return Err(Error::Full);
        }
        if !keep {
            run(c, "ROLLBACK TO job")?;
        }
        run(c, "RELEASE job")?;
    }
    let committed = run(c, "COMMIT");
    if committed.is_err() && !c.is_autocommit() {
        run(c, "ROLLBACK")?;
    }
    committed
}

fn prepare<'c>(
    c: &'c Connection,
    sql: &str,
    args: &[Value],
) -> Result<rusqlite::CachedStatement<'c>> {
    let mut statement = c.prepare_cached(sql)?;
    for (i, value) in args.iter().enumerate() {
        // SQLite numbers `$2` by where it appears first, so bind by name.
        let index = match NAMES.get(i) {
            Some(name) => statement.parameter_index(name)?,
            None => statement.parameter_index(&format!("${}", i + 1))?,
        };
        if let Some(index) = index {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    Ok(statement)
}

pub(crate) fn execute(c: &Connection, sql: &str, args: &[Value]) -> Result<u64> {
    let mut statement = prepare(c, sql, args)?;
    let touched = statement.raw_execute()?;
    Ok(u64::try_from(touched).unwrap_or(u64::MAX))
}

pub(crate) fn rows(c: &Connection, sql: &str, args: &[Value]) -> Result<Vec<Row>> {
    let mut statement = prepare(c, sql, args)?;
    let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let values: Result<Vec<Value>> =
            (0..columns.len()).map(|i| Value::from_sqlite(row.get_ref(i)?)).collect();
        found.push(Row::new(columns.clone(), values?));
    }
    Ok(found)
}
