//! The database as the rest of the house sees it.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use doorward_core::{Actor, Class, Entity, Env, Event};
use tokio::sync::oneshot;

use crate::conn::{After, Conn, Raw};
use crate::error::{Error, Result};
use crate::genuine::{Forged, Guard, RowKeySource, RowKeys};
use crate::postgres::{Mode, Postgres};
use crate::sqlite::{Job, Sqlite};
use crate::{change, clock, event, migrate};

/// How often other nodes' changes are looked for.
const POLL: Duration = Duration::from_millis(100);
/// How often what could not be recorded is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// Where the data is.
#[derive(Clone, Debug)]
pub struct DbConfig {
    /// `sqlite:/path/to/file.db` or `postgres://…`.
    pub url: String,
    /// The password of the PostgreSQL user, when it is not in the URL.
    pub password: Option<doorward_core::Secret<String>>,
    /// A test opens it that has no vault: until one is opened, every row counts.
    #[cfg(feature = "testing")]
    pub vaultless: bool,
}

impl DbConfig {
    /// Of this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            password: None,
            #[cfg(feature = "testing")]
            vaultless: false,
        }
    }
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One file, one process.
    Sqlite,
    /// A server that several nodes share.
    Postgres,
}

/// Is told of changes, before the write that made them returns, and of other
/// nodes' changes soon after.
#[async_trait]
pub trait ChangeListener: Send + Sync {
    /// Something changed; `through` is the newest sequence number known.
    /// INVARIANT: it must not write and wait for that write here, or it would
    /// wait for itself; it spawns what writes.
    async fn changed(&self, through: i64);
}

/// A handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Engine,
    env: Env,
    guard: Arc<Guard>,
    /// One telling of forged rows at a time.
    telling: tokio::sync::Mutex<()>,
    listeners: RwLock<Vec<Arc<dyn ChangeListener>>>,
}

enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Whether what this database has answered outlives the end of its machine: a
/// PostgreSQL server with `fsync = off` does not wait for its disk. The schema is not
/// touched.
pub async fn outlives_its_machine(config: &DbConfig) -> Result<bool> {
    match config.url.strip_prefix("sqlite:") {
        Some(_) => Ok(true),
        None => postgres(config).await?.syncs().await,
    }
}

async fn postgres(config: &DbConfig) -> Result<Postgres> {
    let password = config.password.as_ref().map(|p| p.expose().as_str());
    Postgres::open(&config.url, password).await
}

impl Db {
    /// Opens the database and brings its schema up to date.
    pub async fn open(config: &DbConfig, env: &Env) -> Result<Self> {
        let engine = match config.url.strip_prefix("sqlite:") {
            Some(path) => Engine::Sqlite(Sqlite::open(&PathBuf::from(path))?),
            None => {
                let server = postgres(config).await?;
                if !server.syncs().await? {
                    tracing::warn!(
                        "the PostgreSQL server runs with fsync = off: when its machine fails, \
                         it loses what it has acknowledged; set fsync = on there"
                    );
                }
                Engine::Postgres(server)
            }
        };
        let guard = Arc::new(Guard::new(env.clone()));
        #[cfg(feature = "testing")]
        if config.vaultless {
            guard.vaultless();
        }
        let db = Self(Arc::new(Inner {
            engine,
            env: env.clone(),
            guard,
            telling: tokio::sync::Mutex::default(),
            listeners: RwLock::default(),
        }));
        migrate::run(&db, env).await?;
        if let Some(seen) = db.read(clock::seen).await? {
            env.raise(seen);
        }
        if db.backend() == Backend::Postgres {
            db.follow().await?;
        }
        db.watch_rows();
        Ok(db)
    }

    /// Which database it is.
    pub fn backend(&self) -> Backend {
        match self.0.engine {
            Engine::Sqlite(_) => Backend::Sqlite,
            Engine::Postgres(_) => Backend::Postgres,
        }
    }

    /// Time and chance, as the house has them.
    pub fn env(&self) -> &Env {
        &self.0.env
    }

    /// Adds a listener; they are called in the order they came.
    pub fn listen(&self, listener: Arc<dyn ChangeListener>) {
        self.0.listeners.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Runs the closure in a transaction and commits it durably. The closure may
    /// run several times (PostgreSQL conflicts), so it must only use `c`. An
    /// error takes back what this closure changed, nothing else.
    pub async fn write<T, E, F>(&self, f: F) -> std::result::Result<T, E>
    where
        F: Fn(&Conn<'_>) -> std::result::Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let guard = &self.0.guard;
        let (value, after) = match &self.0.engine {
            Engine::Sqlite(sqlite) => {
                let (done, wait) = oneshot::channel();
                sqlite.submit(Box::new(Closure { f, guard: guard.clone(), result: None, done }))?;
                wait.await.map_err(|_| Error::Unavailable("the writer has ended".to_owned()))??
            }
            Engine::Postgres(postgres) => {
                postgres.transact(Mode::Write, guard, Arc::new(f)).await?
            }
        };
        guard.raise(after.kept);
        if let Some(through) = after.bumped {
            self.tell(through).await;
        }
        Ok(value)
    }

    /// Runs the closure over one snapshot, read-only.
    pub async fn read<T, E, F>(&self, f: F) -> std::result::Result<T, E>
    where
        F: Fn(&Conn<'_>) -> std::result::Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let guard = &self.0.guard;
        let (value, after) = match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.read(guard, f)?,
            Engine::Postgres(postgres) => postgres.transact(Mode::Read, guard, Arc::new(f)).await?,
        };
        guard.raise(after.kept);
        Ok(value)
    }

    /// Gives the keys by which this house knows its own rows. Until then none counts.
    pub fn arm(&self, keys: RowKeys, source: Arc<dyn RowKeySource>) {
        self.0.guard.arm(keys, source);
    }

    /// Whether rows count without a key: a test's database before its vault is opened.
    pub fn is_vaultless(&self) -> bool {
        self.0.guard.is_vaultless()
    }

    /// The rows that were found not to be this house's own, and were not mended.
    pub fn forged(&self) -> Vec<Forged> {
        self.0.guard.known()
    }

    /// Records those that were not recorded yet; each once.
    pub async fn tell_forged(&self) -> Result<()> {
        let _turn = self.0.telling.lock().await;
        let waiting = self.0.guard.take_waiting();
        if waiting.is_empty() {
            return Ok(());
        }
        let actor = Actor::system("look at the rows");
        let events: Vec<Event> = waiting
            .iter()
            .map(|forged| {
                Event::new(&self.0.env, Class::DetectionFinding, "row.forged", &actor)
                    .failed()
                    .on(Entity::new("House", "doorward"))
                    .with("table", forged.table)
                    .with("row", forged.row.as_str())
                    .with("why", forged.why.name())
            })
            .collect();
        let told = self.write(move |c| events.iter().try_for_each(|e| event::append(c, e))).await;
        if told.is_err() {
            self.0.guard.give_back(waiting);
        }
        told
    }

    /// Records what is found forged, soon after it is found.
    fn watch_rows(&self) {
        let (weak, guard) = (Arc::downgrade(&self.0), self.0.guard.clone());
        tokio::spawn(async move {
            loop {
                // Wakes now and then to see whether the database is still there.
                let news = tokio::time::timeout(RETRY, guard.news.notified()).await;
                let Some(inner) = weak.upgrade() else { return };
                if let Err(e) = Db(inner).tell_forged().await {
                    tracing::error!(error = %e, retry = news.is_err(), "forged rows could not be recorded; trying again");
                }
            }
        });
    }

    async fn tell(&self, through: i64) {
        let listeners = self.0.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        for listener in listeners {
            listener.changed(through).await;
        }
    }

    /// Follows what other nodes commit.
    async fn follow(&self) -> Result<()> {
        let mut known = self.read(change::newest).await?;
        let weak = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(POLL).await;
                let Some(inner) = weak.upgrade() else { return };
                let db = Db(inner);
                match db.read(change::newest).await {
                    // Sequence numbers may commit out of order; what is asked is
                    // whether anything moved, and `change::since` looks back.
                    Ok(newest) if newest != known => {
                        known = newest;
                        db.tell(newest.0).await;
                    }
                    Ok(_) => {}
                    Err(e) => tracing::warn!(error = %e, "cannot follow changes"),
                }
            }
        });
        Ok(())
    }
}

/// A closure on its way through the writer thread.
struct Closure<F, T, E> {
    f: F,
    guard: Arc<Guard>,
    result: Option<std::result::Result<(T, After), E>>,
    done: oneshot::Sender<std::result::Result<(T, After), E>>,
}

impl<F, T, E> Job for Closure<F, T, E>
where
    F: Fn(&Conn<'_>) -> std::result::Result<T, E> + Send + Sync + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    fn run(&mut self, c: &rusqlite::Connection) -> bool {
        let conn = Conn::writing(Raw::Sqlite(c), &self.guard);
        let f = std::panic::AssertUnwindSafe(|| (self.f)(&conn));
        let result = match std::panic::catch_unwind(f) {
            Ok(result) => result.map(|value| (value, conn.after())),
            Err(_) => Err(Error::Other("a database job panicked".to_owned()).into()),
        };
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Err(e), _) => Err(e.into()),
            (Ok(()), None) => Err(Error::Other("the job did not run".to_owned()).into()),
        };
        // Whoever asked may have gone; the change stands all the same.
        let _ = self.done.send(result);
    }
}
