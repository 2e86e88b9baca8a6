//! PostgreSQL: pooled connections, serialisable transactions, closures on a
//! bounded pool of threads.
//!
//! SERIALIZABLE, because checks that read many rows before they write one (a
//! group cycle, the last administrator) must not be walked around by two
//! transactions at once; what conflicts is run again, which is why a job is an
//! `Fn`.

use std::sync::Arc;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_postgres::types::ToSql;

use crate::conn::{After, Conn, Raw, Row};
use crate::error::{Error, Result};
use crate::genuine::Guard;
use crate::value::Value;

/// What every connection begins with, whatever the server, the database or the role
/// has for it: a commit is answered only when it is on the disk (`off` would not wait
/// for the server's own), and where there are synchronous standbys, on theirs too
/// (`local` and `remote_write` would not), so that what was acknowledged outlives
/// the machine and a fail-over. `remote_apply` waits for more still and stays.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')";

const CONNECTIONS: usize = 24;
const TRIES: usize = 40;

pub(crate) struct Postgres {
    pool: Pool,
    threads: Arc<Semaphore>,
}

/// A checked-out connection, on a thread where blocking is allowed.
pub(crate) struct PgConn {
    client: Object,
    handle: Handle,
}

#[derive(Clone, Copy)]
pub(crate) enum Mode {
    Read,
    Write,
}

impl Postgres {
    pub(crate) async fn open(url: &str, password: Option<&str>) -> Result<Self> {
        let mut config: tokio_postgres::Config = url
            .parse()
            .map_err(|e: tokio_postgres::Error| Error::Unavailable(format!("database.url: {e}")))?;
        if let Some(password) = password {
            config.password(password);
        }
        config.application_name("doorward");
        config.connect_timeout(std::time::Duration::from_secs(5));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| Error::Other(e.to_string()))?
            .with_root_certificates(system_roots())
            .with_no_client_auth();
        let manager = Manager::from_config(
            config,
            tokio_postgres_rustls::MakeRustlsConnect::new(tls),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(
                    async move { client.batch_execute(DURABLE).await.map_err(HookError::Backend) },
                )
            }))
            .build()
            .map_err(|e| Error::Other(e.to_string()))?;
        let found = Self { pool, threads: Arc::new(Semaphore::new(CONNECTIONS)) };
        drop(found.connection().await?);
        Ok(found)
    }

    /// Whether the server itself waits for the disk (`fsync`). A connection cannot
    /// ask for that.
    pub(crate) async fn syncs(&self) -> Result<bool> {
        let row = self.connection().await?.query_one("SHOW fsync", &[]).await?;
        Ok(row.try_get::<_, &str>(0)? != "off")
    }

    async fn connection(&self) -> Result<Object> {
        use deadpool_postgres::PoolError;
        self.pool.get().await.map_err(|e| match e {
            PoolError::Backend(e) | PoolError::PostCreateHook(HookError::Backend(e)) => {
                let text = match std::error::Error::source(&e) {
                    Some(source) => format!("{e}: {source}"),
                    None => e.to_string(),
                };
                Error::Unavailable(text)
            }
            other => Error::Unavailable(other.to_string()),
        })
    }

    /// Runs the job in a transaction, again when it conflicts. Gives its result
    /// and what is to be remembered of it.
    pub(crate) async fn transact<T, E, F>(
        &self,
        mode: Mode,
        guard: &Arc<Guard>,
        f: Arc<F>,
    ) -> std::result::Result<(T, After), E>
    where
        F: Fn(&Conn<'_>) -> std::result::Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        for attempt in 0..TRIES {
            if attempt > 0 {
                // Whoever collides steps aside for a little, each a little longer.
                let pause = std::time::Duration::from_millis(attempt.min(20) as u64);
                tokio::time::sleep(pause).await;
            }
            let client = self.connection().await?;
            let permit = self.threads.clone().acquire_owned().await;
            let f = f.clone();
            let (handle, guard) = (Handle::current(), guard.clone());
            let once = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                once(PgConn { client, handle }, mode, &guard, &*f)
            });
            match once.await {
                Ok(Once::Done(result)) => return result,
                Ok(Once::Again) => {}
                Err(e) => return Err(Error::Other(e.to_string()).into()),
            }
        }
        Err(Error::Contention.into())
    }
}

enum Once<T, E> {
    Done(std::result::Result<(T, After), E>),
    Again,
}

fn once<T, E: From<Error>>(
    connection: PgConn,
    mode: Mode,
    guard: &Guard,
    f: &dyn Fn(&Conn<'_>) -> std::result::Result<T, E>,
) -> Once<T, E> {
    let begin = match mode {
        Mode::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Mode::Write => "BEGIN ISOLATION LEVEL SERIALIZABLE",
    };
    if let Err(e) = connection.batch(begin) {
        return match e {
            // The server went away while the connection was idle: take another.
            Error::Unavailable(_) if connection.client.is_closed() => Once::Again,
            e => Once::Done(Err(e.into())),
        };
    }
    let raw = Raw::Postgres(&connection);
    let conn = match mode {
        Mode::Read => Conn::reading(raw, guard),
        Mode::Write => Conn::writing(raw, guard),
    };
    let result = f(&conn);
    let (after, contention) = (conn.after(), conn.contention.get());
    match result {
        _ if contention => {
            let _ = connection.batch("ROLLBACK");
            Once::Again
        }
        Ok(value) => match connection.batch("COMMIT") {
            Ok(()) => Once::Done(Ok((value, after))),
            Err(Error::Contention) => Once::Again,
            Err(e) => Once::Done(Err(e.into())),
        },
        Err(e) => {
            let _ = connection.batch("ROLLBACK");
            Once::Done(Err(e))
        }
    }
}

fn system_roots() -> rustls::RootCertStore {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let mut roots = rustls::RootCertStore::empty();
    for path in ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"] {
        if let Ok(found) = CertificateDer::pem_file_iter(path) {
            roots.add_parsable_certificates(found.flatten());
            break;
        }
    }
    roots
}

impl PgConn {
    pub(crate) fn batch(&self, sql: &str) -> Result<()> {
        self.handle.block_on(self.client.batch_execute(sql)).map_err(Error::from)
    }

    pub(crate) fn execute(&self, sql: &str, args: &[Value]) -> Result<u64> {
        self.handle.block_on(async {
            let statement = self.client.prepare_cached(sql).await?;
            let args = borrowed(args);
            Ok(self.client.execute(&statement, &args).await?)
        })
    }

    pub(crate) fn rows(&self, sql: &str, args: &[Value]) -> Result<Vec<Row>> {
        let found = self.handle.block_on(async {
            let statement = self.client.prepare_cached(sql).await?;
            let args = borrowed(args);
            self.client.query(&statement, &args).await.map_err(Error::from)
        })?;
        let Some(first) = found.first() else { return Ok(Vec::new()) };
        let columns: Arc<[String]> = first.columns().iter().map(|c| c.name().to_owned()).collect();
        found
            .iter()
            .map(|row| {
                let values: Result<Vec<Value>> =
                    (0..columns.len()).map(|i| Value::from_postgres(row, i)).collect();
                Ok(Row::new(columns.clone(), values?))
            })
            .collect()
    }

    /// Prepares without running: the statement test.
    #[cfg(test)]
    pub(crate) fn prepare(&self, sql: &str) -> Result<()> {
        self.handle.block_on(self.client.prepare(sql)).map(|_| ()).map_err(Error::from)
    }
}

fn borrowed(args: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    args.iter().map(|v| v as &(dyn ToSql + Sync)).collect()
}
