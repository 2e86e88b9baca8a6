//! Bad days, with the real program: a disk that is full, a database that goes
//! away and comes back, a configuration that is broken.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, reason = "waits for other processes")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use doorward_core::lifecycle::SessionKind;
use doorward_store::testing::PostgresServer;
use doorward_testsuite::{Home, Served, home};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

/// How long one waits for what must come, before saying that it did not.
const PATIENCE: Duration = Duration::from_secs(60);

struct Admin {
    http: Client,
    origin: String,
    bearer: String,
}

impl Admin {
    fn of(served: &Served, bearer: &str) -> Self {
        let origin = served.config.http.origin.clone();
        Self { http: home::client(&served.config).unwrap(), origin, bearer: bearer.to_owned() }
    }

    async fn add_group(&self, name: &str) -> (StatusCode, Value) {
        let request = self
            .http
            .post(format!("{}/api/v1/groups", self.origin))
            .bearer_auth(&self.bearer)
            .json(&json!({ "name": name }));
        match request.send().await {
            Ok(answer) => (answer.status(), answer.json().await.unwrap_or(Value::Null)),
            Err(e) => (StatusCode::IM_A_TEAPOT, json!(e.to_string())),
        }
    }

    /// Asks again until it is done; gives how often it was refused before.
    async fn add_group_at_last(&self, name: &str) -> usize {
        let begun = Instant::now();
        for refused in 0.. {
            let (status, said) = self.add_group(name).await;
            if status == StatusCode::CREATED {
                return refused;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not heal: {status} {said}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        unreachable!()
    }

    async fn groups(&self) -> Vec<String> {
        let answer = self
            .http
            .get(format!("{}/api/v1/groups?limit=200", self.origin))
            .bearer_auth(&self.bearer)
            .send()
            .await
            .unwrap();
        let found: Value = answer.json().await.unwrap();
        let names = found["items"].as_array().unwrap().iter();
        names.map(|g| g["name"].as_str().unwrap().to_owned()).collect()
    }
}

/// Proves the log of this house whole, offline, with the program itself.
fn whole(file: &Path) {
    let out = Command::new(home::program().unwrap())
        .args(["audit", "verify"])
        .env("DOORWARD_CONFIG", file)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
    assert!(said.contains("The log is whole."), "{said}");
}

/// Disk full: what is refused is refused clearly and leaves nothing half done;
/// with room again everything goes on, and the log is whole.
#[tokio::test(flavor = "multi_thread")]
async fn full_disk_refuses_clearly_and_heals() {
    let home = Home::new().await.unwrap();
    let bearer = home.administrator(SessionKind::Cli).await.unwrap();
    let (config, dir) = (home.config.clone(), home.dir);
    home.house.stop().await;
    // The last handle that closes folds the journal in; it is not copied meanwhile.
    let journal = config.data_dir.join("doorward.db-wal");
    let begun = Instant::now();
    while journal.exists() && begun.elapsed() < Duration::from_secs(3) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let file = dir.path().join("doorward.toml");
    std::fs::write(&file, toml::to_string(&config).unwrap()).unwrap();
    // A small disk that only the program sees: a mount of its own, for which no
    // root is needed where people may have user namespaces.
    let data = config.data_dir.display();
    let script = format!(
        "set -e; cp -a '{data}' '{data}.kept'; mount -t tmpfs -o size=24m,mode=0700 none '{data}'; \
         cp -a '{data}.kept/.' '{data}/'; chmod 0700 '{data}'; exec '{}' serve",
        home::program().unwrap().display()
    );
    let child = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--propagation", "private", "sh", "-c"])
        .arg(&script)
        .env("DOORWARD_CONFIG", &file)
        .stdin(Stdio::null())
        .spawn()
        .expect("unshare is a part of util-linux");
    let inside = PathBuf::from(format!("/proc/{}/root{}", child.id(), config.data_dir.display()));
    let mut served = Served { child, config, file, dir };
    served.ready().await.unwrap();
    let admin = Admin::of(&served, &bearer);
    assert_eq!(admin.add_group("before").await.0, StatusCode::CREATED);

    let filler = inside.join("filler");
    let mut left = std::fs::File::create(&filler).unwrap();
    let zeros = vec![0; 4096];
    while std::io::Write::write_all(&mut left, &zeros).is_ok() {}
    drop(left);
    let mut refused = Value::Null;
    let mut made = Vec::new();
    // The journal may still have a little room.
    for n in 0..2_000 {
        let name = format!("during-{n}");
        let (status, said) = admin.add_group(&name).await;
        if status != StatusCode::CREATED {
            assert_eq!(status, StatusCode::INSUFFICIENT_STORAGE, "{said}");
            refused = said;
            break;
        }
        made.push(name);
    }
    assert_eq!(refused["code"], "storage_full", "{refused}");
    let there = admin.groups().await;
    assert!(made.iter().all(|name| there.contains(name)), "what was acknowledged is there");
    assert_eq!(there.len(), made.len() + 2, "and nothing that was refused: {there:?}");

    std::fs::remove_file(&filler).unwrap();
    admin.add_group_at_last("after").await;
    let there = admin.groups().await;
    assert!(there.contains(&"after".to_owned()) && there.contains(&"before".to_owned()));

    // The log, out of the small disk.
    let kept = served.dir.path().join("proven");
    let copied = Command::new("cp").arg("-a").arg(&inside).arg(&kept).status().unwrap();
    assert!(copied.success());
    let mut moved = served.config.clone();
    moved.data_dir = kept;
    let elsewhere = served.dir.path().join("proven.toml");
    std::fs::write(&elsewhere, toml::to_string(&moved).unwrap()).unwrap();
    served.child.kill().unwrap();
    whole(&elsewhere);
}

/// A database that is killed and comes back: what was acknowledged is there, what
/// comes meanwhile is told to try again, and nobody has to do anything.
#[tokio::test(flavor = "multi_thread")]
async fn database_that_went_away_comes_back() {
    let mut postgres = PostgresServer::start();
    let connection = postgres.connection();
    let folder = connection.split(' ').next().and_then(|h| h.strip_prefix("host=")).unwrap();
    let url = format!("postgres://doorward@{}/postgres", folder.replace('/', "%2F"));
    let home = Home::with(|config| config.database.url = Some(url)).await.unwrap();
    let bearer = home.administrator(SessionKind::Cli).await.unwrap();
    let served = home.serve(&home::program().unwrap()).await.unwrap();
    let admin = Admin::of(&served, &bearer);
    let mut made = vec!["people".to_owned()];
    for round in 0..3 {
        let name = format!("before-{round}");
        assert_eq!(admin.add_group(&name).await.0, StatusCode::CREATED);
        made.push(name);
        postgres.kill();
        let (status, said) = admin.add_group(&format!("without-{round}")).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{said}");
        assert_eq!(said["code"], "unavailable", "{said}");
        postgres.run();
        let name = format!("after-{round}");
        admin.add_group_at_last(&name).await;
        made.push(name);
    }
    let mut there = admin.groups().await;
    there.sort();
    made.sort();
    assert_eq!(there, made);
}

/// A corrupt configuration is named by file, line and field, and nothing starts.
#[test]
fn broken_configuration_is_named_and_nothing_starts() {
    let dir = tempfile::tempdir().unwrap();
    for (text, named) in [
        ("data_dir = \"data\"\n[http\nlisten = \"127.0.0.1:8443\"\n", "line 2"),
        ("[http]\nlisten = \"everywhere\"\n", "line 2"),
        ("[http]\nlitsen = \"127.0.0.1:8443\"\n", "litsen"),
        ("[http]\norigin = \"http://door.example\"\n", "http.origin"),
        ("\u{0}\u{1}\u{2}", "line 1"),
    ] {
        let file = dir.path().join("doorward.toml");
        std::fs::write(&file, text).unwrap();
        for command in [["serve"].as_slice(), ["config", "check"].as_slice()] {
            let mut program = Command::new(home::program().unwrap());
            program.args(command);
            if command.len() > 1 {
                program.arg(&file);
            }
            let out = program.env("DOORWARD_CONFIG", &file).output().unwrap();
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            assert_eq!(out.status.code(), Some(1), "{command:?} {text:?}: {said}");
            assert!(said.contains(named), "{command:?} {text:?}: {said}");
        }
    }
}
