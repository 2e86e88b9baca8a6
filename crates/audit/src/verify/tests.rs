use std::sync::Arc;

use doorward_core::{Actor, Class, Event, EventId, NodeId};
use doorward_store::args;
use doorward_store::testing::{TestEnv, each_database};

use super::*;
use crate::Sequencer;
use crate::checkpoint::CheckpointSigner as _;
use crate::checkpoint::tests::Key;
use crate::proofs::{self, ProofError};

struct Log {
    db: Db,
    env: TestEnv,
    key: Arc<Key>,
    dir: tempfile::TempDir,
    node: NodeId,
}

impl Log {
    fn new(db: Db, env: TestEnv) -> Self {
        let node = NodeId::new(&env.env());
        Self { db, env, key: Arc::new(Key::default()), dir: tempfile::tempdir().unwrap(), node }
    }

    fn tiles(&self) -> Tiles {
        Tiles::new(self.dir.path())
    }

    fn sequencer(&self) -> Arc<Sequencer> {
        let (db, env) = (self.db.clone(), self.env.env());
        Sequencer::new(db, env, self.node, crate::ORIGIN, self.tiles(), self.key.clone())
    }

    async fn append(&self, n: usize) -> Vec<EventId> {
        let env = self.env.env();
        let events: Vec<Event> = (0..n)
            .map(|i| {
                Event::new(&env, Class::ApiActivity, "thing.done", &Actor::system("test"))
                    .with("n", i)
            })
            .collect();
        let ids = events.iter().map(|e| e.id).collect();
        self.db.write(move |c| events.iter().try_for_each(|e| event::append(c, e))).await.unwrap();
        ids
    }

    async fn sql(&self, text: &'static str) {
        self.db.write(move |c| c.execute(text, args![])).await.unwrap();
    }

    async fn report(&self) -> Report {
        let public = self.key.public().unwrap();
        let chunk = |_: &str, _: i64| Err("there is none".to_owned());
        verify(&self.db, &self.tiles(), &public, &chunk).await.unwrap()
    }
}

#[tokio::test]
async fn untouched_log_is_whole_in_any_number_of_steps() {
    each_database(|db, env| async move {
        let log = Log::new(db, env);
        for n in [1, 300, 5, 700] {
            log.append(n).await;
            assert!(log.sequencer().flush().await.unwrap());
        }
        let report = log.report().await;
        assert!(report.whole(), "{:?}", report.findings);
        assert_eq!((report.leaves, report.signed, report.waiting), (1006, 1006, 0));
    })
    .await;
}

#[tokio::test]
async fn every_way_to_alter_the_log_is_found_and_named() {
    each_database(|db, env| async move {
        let log = Log::new(db, env);
        log.append(20).await;
        log.sequencer().flush().await.unwrap();

        log.sql("UPDATE event SET body = replace(body, 'thing.done', 'thing.gone') WHERE leaf = 7")
            .await;
        let report = log.report().await;
        assert!(
            matches!(report.findings.first(), Some(Finding::Altered { leaf: 7, .. })),
            "{report:?}"
        );
        log.sql("UPDATE event SET body = replace(body, 'thing.gone', 'thing.done') WHERE leaf = 7")
            .await;
        assert!(log.report().await.whole());

        log.sql("DELETE FROM event WHERE leaf = 11").await;
        let report = log.report().await;
        assert!(report.findings.contains(&Finding::Missing { leaf: 11 }), "{report:?}");

        log.sql("DELETE FROM event WHERE leaf >= 10").await;
        let report = log.report().await;
        let cut = Finding::Truncated { have: 10, signed: 20 };
        assert!(report.findings.contains(&cut), "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn swapped_rows_are_found() {
    each_database(|db, env| async move {
        let log = Log::new(db, env);
        log.append(10).await;
        log.sequencer().flush().await.unwrap();
        for swap in [
            "UPDATE event SET leaf = 1003 WHERE leaf = 3",
            "UPDATE event SET leaf = 3 WHERE leaf = 4",
            "UPDATE event SET leaf = 4 WHERE leaf = 1003",
        ] {
            log.sql(swap).await;
        }
        let report = log.report().await;
        let wrong: Vec<i64> = report
            .findings
            .iter()
            .filter_map(|f| match f {
                Finding::Differs { leaf, .. } => Some(*leaf),
                _ => None,
            })
            .collect();
        assert_eq!(wrong, [3, 4], "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn rewritten_history_does_not_have_the_signed_root() {
    each_database(|db, env| async move {
        let log = Log::new(db, env);
        log.append(5).await;
        log.sequencer().flush().await.unwrap();
        // Somebody who may write rows and files alters an event and everything
        // that follows from it, but has no key.
        let ids = log.append(0).await;
        assert!(ids.is_empty());
        log.sql("UPDATE event SET body = replace(body, 'thing.done', 'thing.gone') WHERE leaf = 2")
            .await;
        let leaves = log.db.read(|c| event::leaves(c, 0, 10)).await.unwrap();
        let hash = merkle::leaf(leaves[2].body.as_bytes());
        log.db
            .write(move |c| c.execute("UPDATE event SET hash = $1 WHERE leaf = 2", args![hash]))
            .await
            .unwrap();
        let all: Vec<Hash> = leaves.iter().map(|l| merkle::leaf(l.body.as_bytes())).collect();
        log.tiles().grow(0, &all).unwrap();
        let report = log.report().await;
        assert_eq!(report.findings, [Finding::Root { size: 5 }]);
    })
    .await;
}

#[tokio::test]
async fn proof_convinces_somebody_who_has_only_the_key() {
    each_database(|db, env| async move {
        let log = Log::new(db, env);
        let ids = log.append(50).await;
        log.sequencer().flush().await.unwrap();
        let public = log.key.public().unwrap();
        for id in ids {
            let mut proof = proofs::inclusion(&log.db, id).await.unwrap();
            assert!(proof.holds(&public));
            proof.body = proof.body.replace("thing.done", "thing.gone");
            assert!(!proof.holds(&public));
        }
        let late = log.append(1).await;
        assert!(matches!(proofs::inclusion(&log.db, late[0]).await, Err(ProofError::NotYet)));
    })
    .await;
}

#[tokio::test]
async fn kept_head_proves_that_nothing_before_it_was_changed() {
    each_database(|db, env| async move {
        let log = Log::new(db, env);
        let sequencer = log.sequencer();
        let public = log.key.public().unwrap();
        let mut kept = Vec::new();
        for n in [1, 6, 9, 16] {
            log.append(n).await;
            sequencer.flush().await.unwrap();
            let (_, note) = log.db.read(event::newest_checkpoint).await.unwrap().unwrap();
            kept.push(checkpoint::open(&note, &public).unwrap());
        }
        for old in &kept {
            let proof = proofs::consistency(&log.db, old.checkpoint.size).await.unwrap();
            assert!(proof.holds(old, &public));
            let mut other = old.clone();
            other.checkpoint.root[0] ^= 1;
            assert!(!proof.holds(&other, &public), "another history of the same length");
            let stranger = checkpoint::tests::Key::default().public().unwrap();
            assert!(!proof.holds(old, &stranger));
        }
        for size in [0, 1_000] {
            let none = proofs::consistency(&log.db, size).await;
            assert!(matches!(none, Err(ProofError::NotFound)), "{size}");
        }
    })
    .await;
}

#[tokio::test]
async fn altered_and_missing_chunks_of_recordings_are_named() {
    each_database(|db, env| async move {
        let log = Log::new(db, env);
        let e = log.env.env();
        let chunk = |n: i64, hash: Hash| {
            Event::new(&e, Class::SshActivity, "recording.chunk", &Actor::system("gate"))
                .with("recording", "r")
                .with("number", n)
                .with("sha256", hex::encode(hash))
                .with("bytes", 3)
        };
        let events = [chunk(0, merkle::sha256(b"abc")), chunk(1, merkle::sha256(b"def"))];
        log.db.write(move |c| events.iter().try_for_each(|e| event::append(c, e))).await.unwrap();
        log.sequencer().flush().await.unwrap();
        let public = log.key.public().unwrap();
        let good = |_: &str, n: i64| Ok(merkle::sha256(if n == 0 { b"abc" } else { b"def" }));
        assert!(verify(&log.db, &log.tiles(), &public, &good).await.unwrap().whole());
        let bad = |_: &str, n: i64| {
            if n == 0 { Ok(merkle::sha256(b"abd")) } else { Err("it is missing".to_owned()) }
        };
        let report = verify(&log.db, &log.tiles(), &public, &bad).await.unwrap();
        let mut said: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        said.sort();
        assert_eq!(
            said,
            ["recording r, chunk 0: it was altered", "recording r, chunk 1: it is missing"]
        );
    })
    .await;
}
