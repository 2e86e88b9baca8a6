//! Fresh databases for tests: SQLite in a temporary directory, and PostgreSQL
//! from Debian's package, started by the tests themselves.

#![allow(clippy::expect_used, clippy::panic, reason = "a test without its database ends here")]
#![allow(clippy::zombie_processes, reason = "the watchdog ends the server with this process")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use doorward_core::{Clock, Env, KeyId, Rng, Timestamp};

use crate::conn::Conn;
use crate::db::{Db, DbConfig};
use crate::genuine::{self, Adopt, RowKeySource, RowKeys};

/// A clock that a test holds in its hand, with the system's randomness.
#[derive(Clone)]
pub struct TestEnv {
    env: Env,
    clock: Arc<Hand>,
}

/// What it shows, and for how long it has been running, in microseconds.
struct Hand(AtomicI64, AtomicU64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
    fn running(&self) -> Duration {
        Duration::from_micros(self.1.load(Ordering::SeqCst))
    }
}

struct Os;

impl Rng for Os {
    fn fill(&self, out: &mut [u8]) {
        if aws_lc_rs::rand::fill(out).is_err() {
            std::process::abort();
        }
    }
}

impl Default for TestEnv {
    fn default() -> Self {
        // 2026-01-01T00:00:00Z
        let clock = Arc::new(Hand(AtomicI64::new(1_767_225_600_000_000), AtomicU64::new(0)));
        Self { env: Env::new(clock.clone(), Arc::new(Os)), clock }
    }
}

impl TestEnv {
    /// The environment to pass on.
    pub fn env(&self) -> Env {
        self.env.clone()
    }

    /// The same clock as a process meets it that was started just now: it
    /// remembers nothing.
    pub fn restarted(&self) -> Self {
        let env = Env::new(self.clock.clone(), Arc::new(Os));
        Self { env, clock: self.clock.clone() }
    }

    /// The present moment: what the clock shows, unless it was set back.
    pub fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// What the clock shows.
    pub fn wall(&self) -> Timestamp {
        self.env.wall()
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let micros = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        self.clock.1.fetch_add(micros, Ordering::SeqCst);
        self.clock.0.store((self.wall() + by).micros(), Ordering::SeqCst);
    }

    /// Sets the clock, backwards too. A house looks at it all the time, so it sees
    /// what it showed before and what it shows then.
    pub fn set(&self, at: Timestamp) {
        self.now();
        self.clock.0.store(at.micros(), Ordering::SeqCst);
        self.now();
    }
}

/// A database that goes away with its last handle's directory.
pub struct TestDb {
    /// The handle.
    pub db: Db,
    /// How a second node opens the same one (PostgreSQL), or a tool the file.
    pub config: DbConfig,
    _dir: Option<tempfile::TempDir>,
}

/// A fresh SQLite database.
pub async fn sqlite(env: &Env) -> TestDb {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let url = format!("sqlite:{}", dir.path().join("doorward.db").display());
    let config = DbConfig { vaultless: true, ..DbConfig::new(url) };
    let db = Db::open(&config, env).await.expect("a fresh SQLite database opens");
    TestDb { db, config, _dir: Some(dir) }
}

/// A fresh PostgreSQL database.
pub async fn postgres(env: &Env) -> TestDb {
    let config = DbConfig { vaultless: true, ..postgres_config().await };
    let db = Db::open(&config, env).await.expect("a fresh PostgreSQL database opens");
    TestDb { db, config, _dir: None }
}

/// A new, empty database on the tests' PostgreSQL server.
pub async fn postgres_config() -> DbConfig {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = server();
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let (client, connection) =
        tokio_postgres::connect(&format!("{server} dbname=postgres"), tokio_postgres::NoTls)
            .await
            .expect("the tests' PostgreSQL server answers");
    let driver = tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database is created");
    drop(client);
    let _ = driver.await;
    DbConfig::new(format!("{server} dbname={name}"))
}

pub use crate::genuine::own;

struct NoMoreKeys;

impl RowKeySource for NoMoreKeys {
    fn read(&self, _: &Conn<'_>) -> Option<RowKeys> {
        None
    }
}

/// A key for rows, of a house without a vault.
#[derive(Clone)]
pub struct TestKey(KeyId, doorward_core::Secret<[u8; 32]>);

impl TestKey {
    /// As a database takes it.
    pub fn keys(&self) -> RowKeys {
        RowKeys::new(self.0, [(self.0, self.1.clone())])
    }
}

/// Gives a house without a vault a key for its rows, and signs what there is: from
/// then on it knows its own.
pub async fn sign_rows(db: &Db) -> TestKey {
    let key = TestKey(KeyId::new(db.env()), db.env().secret());
    let signing = key.clone();
    db.write(move |c| genuine::adopt(c, &signing.keys(), Adopt::Everything))
        .await
        .expect("rows are signed");
    arm(db, key.keys());
    key
}

/// Has this house know its rows by these keys.
pub fn arm(db: &Db, keys: RowKeys) {
    db.arm(keys, Arc::new(NoMoreKeys));
}

/// Runs the body on a fresh database of each kind.
pub async fn each_database<F, Fut>(body: F)
where
    F: Fn(Db, TestEnv) -> Fut,
    Fut: Future<Output = ()>,
{
    let env = TestEnv::default();
    let house = sqlite(&env.env()).await;
    body(house.db.clone(), env).await;
    let env = TestEnv::default();
    let house = postgres(&env.env()).await;
    body(house.db.clone(), env).await;
}

/// The connection string (keywords, no database) of the tests' server: the one
/// that `DOORWARD_TEST_POSTGRES` names, or one that this process starts and
/// that ends with it.
fn server() -> &'static str {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER.get_or_init(|| match std::env::var("DOORWARD_TEST_POSTGRES") {
        Ok(given) => given,
        Err(_) => start(),
    })
}

/// Where Debian keeps the server's programs.
pub fn postgres_programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|e| e.path().join("bin"))
        .filter(|p| p.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}

fn start() -> String {
    let server = PostgresServer::start();
    watchdog(&server);
    let connection = server.connection();
    // It ends with the process, not before.
    std::mem::forget(server);
    connection
}

/// A PostgreSQL server in a temporary directory, to be killed and run again.
pub struct PostgresServer {
    bin: PathBuf,
    dir: PathBuf,
    user: Option<u32>,
    child: Child,
}

impl PostgresServer {
    /// Makes one and runs it.
    pub fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let bin = postgres_programs().expect(
            "PostgreSQL is missing; install it: apt-get install postgresql (or run cargo xtask test)",
        );
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("doorward-pg-{}-{number}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a directory for PostgreSQL");
        // initdb refuses root; hand the directory to somebody else then.
        let user = run_as(&dir);
        let mut initdb = as_user(user, &bin.join("initdb"));
        initdb.arg("-D").arg(dir.join("data"));
        initdb.args(["-A", "trust", "-U", "doorward", "-E", "UTF8", "--locale=C", "--no-sync"]);
        let done =
            initdb.stdout(Stdio::null()).stderr(Stdio::piped()).output().expect("initdb runs");
        assert!(done.status.success(), "initdb: {}", String::from_utf8_lossy(&done.stderr));
        let child = spawn(&bin, &dir, user);
        let server = Self { bin, dir, user, child };
        server.wait();
        server
    }

    /// How it is reached, in keywords, without a database.
    pub fn connection(&self) -> String {
        format!("host={} user=doorward", self.dir.display())
    }

    /// Kills it, as a machine that fails does.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Runs it again.
    pub fn run(&mut self) {
        self.child = spawn(&self.bin, &self.dir, self.user);
        self.wait();
    }

    fn wait(&self) {
        let socket = self.dir.join(".s.PGSQL.5432");
        for _ in 0..1_200 {
            let listens = std::os::unix::net::UnixStream::connect(&socket).is_ok();
            if listens && ready(&self.bin, &self.dir) {
                return;
            }
            #[allow(
                clippy::disallowed_methods,
                reason = "waits for a process that cannot tell us"
            )]
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("PostgreSQL did not start in {}", self.dir.display());
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn spawn(bin: &Path, dir: &Path, user: Option<u32>) -> Child {
    let mut server = as_user(user, &bin.join("postgres"));
    server.arg("-D").arg(dir.join("data")).arg("-k").arg(dir);
    // Without fsync a machine's end could lose something, a process's cannot.
    for setting in [
        "listen_addresses=",
        "fsync=off",
        "full_page_writes=off",
        "max_connections=900",
        "shared_buffers=64MB",
    ] {
        server.args(["-c", setting]);
    }
    server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("postgres starts")
}

fn ready(bin: &Path, dir: &Path) -> bool {
    Command::new(bin.join("pg_isready"))
        .arg("-q")
        .arg("-h")
        .arg(dir)
        .status()
        .is_ok_and(|s| s.success())
}

/// Ends the server when this process ends, however it does: a shell waits for
/// the end of a pipe whose other end only we hold.
fn watchdog(server: &PostgresServer) {
    let (process, dir) = (server.child.id(), server.dir.display());
    let script = format!("cat >/dev/null; kill -INT {process}; rm -rf '{dir}'");
    let shell = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh starts");
    // The pipe stays open for as long as this process lives.
    std::mem::forget(shell);
}

fn run_as(dir: &Path) -> Option<u32> {
    let me =
        std::fs::metadata("/proc/self").map(|m| std::os::unix::fs::MetadataExt::uid(&m)).ok()?;
    if me != 0 {
        return None;
    }
    const NOBODY: u32 = 65_534;
    std::os::unix::fs::chown(dir, Some(NOBODY), Some(NOBODY)).expect("chown");
    Some(NOBODY)
}

fn as_user(user: Option<u32>, program: &Path) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new(program);
    if let Some(uid) = user {
        command.uid(uid).gid(uid);
    }
    command.current_dir("/").env_remove("PGDATA");
    command
}
