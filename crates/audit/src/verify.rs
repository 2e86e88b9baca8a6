//! Proving the log whole, without a server: rows against leaves, leaves against
//! tiles, tiles against the signed head, recordings against leaves.

use std::collections::BTreeMap;

use doorward_store::{Db, Error as StoreError, event};
use serde::{Deserialize, Serialize};

use crate::checkpoint;
use crate::merkle::{self, Frontier, Hash};
use crate::tiles::Tiles;

const PAGE: i64 = 5_000;
/// More findings than this are only counted.
const MOST: usize = 100;

/// What is wrong with the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Finding {
    /// The text of a row is not what was hashed.
    Altered {
        /// Its leaf.
        leaf: i64,
        /// Its id.
        event: String,
    },
    /// The leaf's hash in the row is not the one in the tiles.
    Differs {
        /// Its leaf.
        leaf: i64,
        /// Its id.
        event: String,
    },
    /// There is no row for this leaf.
    Missing {
        /// Which leaf.
        leaf: i64,
    },
    /// The log is shorter than its signed head says.
    Truncated {
        /// Leaves there are.
        have: u64,
        /// Leaves that were signed.
        signed: u64,
    },
    /// The root over the leaves is not the signed one.
    Root {
        /// Of this many leaves.
        size: u64,
    },
    /// The signed head is missing or not signed by the log's key.
    Checkpoint {
        /// What is wrong.
        message: String,
    },
    /// A tile cannot be read.
    Tile {
        /// Which, and why.
        message: String,
    },
    /// A chunk of a recording is not what was recorded.
    Recording {
        /// Which recording.
        recording: String,
        /// Which chunk.
        chunk: i64,
        /// What is wrong: altered, missing.
        message: String,
    },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Altered { leaf, event } => {
                write!(f, "leaf {leaf}: the text of event {event} was altered")
            }
            Self::Differs { leaf, event } => {
                write!(
                    f,
                    "leaf {leaf}: event {event} is not the one that the log holds at this place"
                )
            }
            Self::Missing { leaf } => write!(f, "leaf {leaf}: its event is missing"),
            Self::Truncated { have, signed } => {
                write!(f, "the log was cut off: {signed} leaves were signed, {have} are there")
            }
            Self::Root { size } => {
                write!(f, "the first {size} leaves do not have the root that was signed")
            }
            Self::Checkpoint { message } => write!(f, "the signed head: {message}"),
            Self::Tile { message } => f.write_str(message),
            Self::Recording { recording, chunk, message } => {
                write!(f, "recording {recording}, chunk {chunk}: {message}")
            }
        }
    }
}

/// What was looked at, and what is wrong with it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Leaves.
    pub leaves: u64,
    /// Leaves under the signed head.
    pub signed: u64,
    /// Events that wait for their leaf.
    pub waiting: u64,
    /// Recording chunks.
    pub chunks: u64,
    /// What is wrong; at most a hundred.
    pub findings: Vec<Finding>,
    /// How much is wrong.
    pub wrong: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn whole(&self) -> bool {
        self.wrong == 0
    }

    fn add(&mut self, finding: Finding) {
        self.wrong += 1;
        if self.findings.len() < MOST {
            self.findings.push(finding);
        }
    }
}

/// A chunk of a recording, as an event of the log says that it was.
#[derive(Clone, Debug, Deserialize)]
struct ChunkFact {
    recording: String,
    number: i64,
    sha256: String,
}

/// SHA-256 of the stored chunk of this recording and number; the error says why
/// there is none.
pub type ChunkHash<'a> = &'a (dyn Fn(&str, i64) -> Result<Hash, String> + Send + Sync);

/// Checks everything. `public` is the log's key, as the caller trusts it.
pub async fn verify(
    db: &Db,
    tiles: &Tiles,
    public: &[u8; 32],
    chunk: ChunkHash<'_>,
) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let on_disk = std::fs::read_to_string(tiles.checkpoint_path());
    let in_rows = db.read(event::newest_checkpoint).await?;
    // The larger of both: whoever cuts the log off must cut both.
    let mut heads = Vec::new();
    for note in on_disk.into_iter().chain(in_rows.map(|(_, note)| note)) {
        match checkpoint::open(&note, public) {
            Ok(signed) => heads.push(signed.checkpoint),
            Err(e) => report.add(Finding::Checkpoint { message: e.to_string() }),
        }
    }
    heads.sort_by_key(|h| h.size);
    heads.dedup();
    if heads.is_empty() && report.whole() {
        report.add(Finding::Checkpoint { message: "there is none".to_owned() });
    }
    report.signed = heads.last().map_or(0, |h| h.size);

    let mut frontier = Frontier::default();
    let mut roots: BTreeMap<u64, Hash> = BTreeMap::new();
    let mut next = 0_i64;
    loop {
        let page = db.read(move |c| event::leaves(c, next, PAGE)).await?;
        let Some(last) = page.last().map(|l| l.leaf) else { break };
        let (from, to) = (unsigned(next), unsigned(last) + 1);
        let tiled = match tiles.leaves(from, to) {
            Ok(hashes) => hashes,
            Err(e) => {
                report.add(Finding::Tile { message: e.to_string() });
                Vec::new()
            }
        };
        let mut rows = page.into_iter().peekable();
        for leaf in next..=last {
            let in_tile = tiled.get(usize::try_from(leaf - next).unwrap_or(usize::MAX));
            let Some(row) = rows.next_if(|r| r.leaf == leaf) else {
                report.add(Finding::Missing { leaf });
                frontier.push(in_tile.copied().unwrap_or_default());
                note_root(&frontier, &heads, &mut roots);
                continue;
            };
            let computed = merkle::leaf(row.body.as_bytes());
            let event = row.id.to_string();
            if row.hash != computed {
                report.add(Finding::Altered { leaf, event });
            } else if in_tile.is_some_and(|t| *t != computed) {
                report.add(Finding::Differs { leaf, event });
            }
            frontier.push(computed);
            note_root(&frontier, &heads, &mut roots);
            check_chunk(&row.body, chunk, &mut report);
        }
        next = last + 1;
    }
    report.leaves = frontier.size();
    report.waiting = db
        .read(|c| Ok::<_, StoreError>(event::waiting(c, 1_000_000)?.len()))
        .await?
        .try_into()
        .unwrap_or(0);
    for head in &heads {
        match roots.get(&head.size) {
            None => report.add(Finding::Truncated { have: frontier.size(), signed: head.size }),
            Some(root) if *root != head.root => report.add(Finding::Root { size: head.size }),
            Some(_) => {}
        }
    }
    Ok(report)
}

fn note_root(
    frontier: &Frontier,
    heads: &[checkpoint::Checkpoint],
    roots: &mut BTreeMap<u64, Hash>,
) {
    if heads.iter().any(|h| h.size == frontier.size()) {
        roots.insert(frontier.size(), frontier.root());
    }
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

fn check_chunk(body: &str, chunk: ChunkHash<'_>, report: &mut Report) {
    if !body.contains("\"recording.chunk\"") {
        return;
    }
    #[derive(Deserialize)]
    struct Body {
        activity: String,
        details: ChunkFact,
    }
    let Ok(Body { activity, details }) = serde_json::from_str::<Body>(body) else { return };
    if activity != "recording.chunk" {
        return;
    }
    report.chunks += 1;
    let message = match chunk(&details.recording, details.number) {
        Ok(found) if hex::encode(found) == details.sha256 => return,
        Ok(_) => "it was altered".to_owned(),
        Err(why) => why,
    };
    report.add(Finding::Recording { recording: details.recording, chunk: details.number, message });
}

#[cfg(test)]
mod tests;
