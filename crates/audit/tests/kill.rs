//! abuse case F11: the process is killed again and again while it writes; every
//! event that it acknowledged is there afterwards, once, and the log is whole.
//!
//! A test of its own `main`, because it starts itself: the child opens the house,
//! writes numbered events from several tasks and says each number once its write
//! was acknowledged; the parent kills it after so many of them (SIGKILL), opens
//! what is left and looks. `DOORWARD_KILL_ROUNDS` sets how often (50).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use doorward_audit::tiles::Tiles;
use doorward_audit::{CheckpointSigner, ORIGIN, Sequencer, verify};
use doorward_core::{Actor, Class, Env, Event, NodeId};
use doorward_store::testing::TestEnv;
use doorward_store::{Db, DbConfig, event};
use tokio_util::sync::CancellationToken;

/// How many rounds one house lives through.
const HOUSE: usize = 50;
const CHILD: &str = "DOORWARD_KILL_CHILD";
const WRITERS: u64 = 8;

struct Key(Ed25519KeyPair);

impl CheckpointSigner for Key {
    fn public(&self) -> Option<[u8; 32]> {
        self.0.public_key().as_ref().try_into().ok()
    }
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        Some(self.0.sign(message).as_ref().to_vec())
    }
}

/// The same key in every round.
fn key() -> Arc<Key> {
    Arc::new(Key(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()))
}

async fn house(dir: &Path, env: &Env) -> (Db, Arc<Sequencer>) {
    let config = DbConfig::new(format!("sqlite:{}", dir.join("doorward.db").display()));
    let db = Db::open(&config, env).await.unwrap();
    let node = NodeId::new(env);
    let tiles = Tiles::new(dir.join("log"));
    (db.clone(), Sequencer::new(db, env.clone(), node, ORIGIN, tiles, key()))
}

#[tokio::main]
async fn child(dir: &Path) {
    let env = TestEnv::default();
    // Later than every lease that a killed one left.
    let base: u64 = std::env::var("DOORWARD_KILL_BASE").unwrap().parse().unwrap();
    env.advance(std::time::Duration::from_secs(60 * base));
    let env = env.env();
    let (db, sequencer) = house(dir, &env).await;
    tokio::spawn(sequencer.run(CancellationToken::new()));
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let (db, env) = (db.clone(), env.clone());
        writers.push(tokio::spawn(async move {
            for n in 0_u64.. {
                let number = (base << 40) | (writer << 32) | n;
                let event =
                    Event::new(&env, Class::ApiActivity, "thing.done", &Actor::system("kill"))
                        .with("number", number);
                db.write(move |c| event::append(c, &event)).await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "{number}").and_then(|()| out.flush()).unwrap();
            }
        }));
    }
    for writer in writers {
        let _ = writer.await;
    }
}

/// One round: gives the numbers that were acknowledged.
fn kill_one(dir: &Path, round: u64) -> Vec<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(CHILD, dir)
        .env("DOORWARD_KILL_BASE", (round + 1).to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Another number of acknowledgements each round: another place to die at.
    let enough = usize::try_from(round * 37 % 211 + 1).unwrap();
    let mut acknowledged = Vec::new();
    for line in lines {
        // After the kill the pipe still holds what was said before it; a line cut
        // in the middle was not said.
        let Ok(number) = line.unwrap_or_default().parse() else { continue };
        acknowledged.push(number);
        if acknowledged.len() == enough {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    acknowledged
}

#[tokio::main]
async fn look(dir: &Path, round: u64, expected: &BTreeMap<u64, u64>) {
    let env = TestEnv::default();
    env.advance(std::time::Duration::from_secs(60 * (round + 1) + 30));
    let env = env.env();
    let (db, sequencer) = house(dir, &env).await;
    assert!(sequencer.flush().await.unwrap(), "round {round}: a dead node holds the lease");
    let mut found: BTreeMap<u64, u64> = BTreeMap::new();
    let mut from = 0;
    loop {
        let page = db.read(move |c| event::leaves(c, from, 5_000)).await.unwrap();
        let Some(last) = page.last() else { break };
        from = last.leaf + 1;
        for leaf in page {
            let event: Event = serde_json::from_str(&leaf.body).unwrap();
            *found.entry(event.details["number"].as_u64().unwrap()).or_default() += 1;
        }
    }
    for number in expected.keys() {
        assert_eq!(found.get(number), Some(&1), "round {round}: acknowledged event {number:x}");
    }
    let none = |_: &str, _: i64| Err("there is none".to_owned());
    let public = key().public().unwrap();
    let report = verify::verify(&db, &Tiles::new(dir.join("log")), &public, &none).await.unwrap();
    assert!(report.whole(), "round {round}: {:?}", report.findings);
    assert_eq!(report.leaves, report.signed, "round {round}");
}

fn main() {
    if let Some(dir) = std::env::var_os(CHILD) {
        return child(Path::new(&dir));
    }
    let rounds: u64 =
        std::env::var("DOORWARD_KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let mut acknowledged = 0;
    for begun in (0..rounds).step_by(HOUSE) {
        // The whole log is looked at after each: a house for so many keeps that short.
        let dir = tempfile::tempdir().unwrap();
        let mut expected = BTreeMap::new();
        for round in begun..rounds.min(begun + HOUSE as u64) {
            for number in kill_one(dir.path(), round) {
                expected.insert(number, round);
            }
            look(dir.path(), round, &expected);
        }
        acknowledged += expected.len() as u64;
        if rounds > HOUSE as u64 {
            println!("{} of {rounds} rounds", rounds.min(begun + HOUSE as u64));
        }
    }
    assert!(acknowledged >= rounds, "nothing was acknowledged");
    println!("killed {rounds} times; all of {acknowledged} acknowledged events are there, once");
    println!("\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
}
