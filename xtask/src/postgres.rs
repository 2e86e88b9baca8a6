//! One PostgreSQL server for a whole test run, in a temporary directory.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::run;

const NOBODY: u32 = 65_534;

/// A server that ends when it is dropped.
pub struct Server {
    child: Child,
    dir: tempfile::TempDir,
}

impl Server {
    /// Starts it; as nobody when we are root, whom initdb refuses.
    pub fn start() -> anyhow::Result<Self> {
        let bin = programs()?;
        let dir = tempfile::Builder::new().prefix("doorward-pg-").tempdir()?;
        let root = run::output(&mut run::program("id", &["-u"]))?.trim() == "0";
        if root {
            std::os::unix::fs::chown(dir.path(), Some(NOBODY), Some(NOBODY))?;
        }
        let tool = |name: &str| {
            let mut command = Command::new(bin.join(name));
            if root {
                command.uid(NOBODY).gid(NOBODY);
            }
            command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let data = dir.path().join("data");
        let mut initdb = tool("initdb");
        initdb.arg("-D").arg(&data);
        initdb.args(["-A", "trust", "-U", "doorward", "-E", "UTF8", "--locale=C", "--no-sync"]);
        run::run(&mut initdb)?;
        let mut server = tool("postgres");
        server.arg("-D").arg(&data).arg("-k").arg(dir.path());
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=900",
            "shared_buffers=128MB",
        ] {
            server.args(["-c", setting]);
        }
        let child = server.spawn().context("postgres")?;
        let started = Self { child, dir };
        for _ in 0..400 {
            let mut ready = Command::new(bin.join("pg_isready"));
            ready.arg("-q").arg("-h").arg(started.dir.path());
            if ready.status().is_ok_and(|s| s.success()) {
                return Ok(started);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("PostgreSQL did not start")
    }

    /// How the tests reach it.
    pub fn connection(&self) -> String {
        format!("host={} user=doorward", self.dir.path().display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-INT", &pid]).status();
        let _ = self.child.wait();
    }
}

fn programs() -> anyhow::Result<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .context("PostgreSQL is missing")?
        .flatten()
        .map(|e| e.path().join("bin"))
        .filter(|p| p.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().context("PostgreSQL is missing")
}
