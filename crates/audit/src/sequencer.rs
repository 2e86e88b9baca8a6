//! Gives every event its leaf, grows the tiles, signs the head.
//!
//! One node at a time does it, by lease. Each step can be repeated: an event is
//! placed once (`leaf IS NULL`), tiles are written whole and the same again, a
//! checkpoint of one size is kept once.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use doorward_core::{Env, NodeId};
use doorward_store::{Db, Error as StoreError, event, lease};
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

use crate::checkpoint::{Checkpoint, CheckpointSigner};
use crate::merkle::{self, Frontier, Hash};
use crate::tiles::{Tiles, write_whole};

/// Events that one transaction places.
const BATCH: i64 = 2_000;
/// How long a lease holds without being extended.
const LEASE: Duration = Duration::from_secs(10);
/// How often it looks without being nudged.
const BEAT: Duration = Duration::from_millis(200);

/// Why sequencing stopped for the moment.
#[derive(Debug, thiserror::Error)]
pub enum SequencerError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tiles.
    #[error("the log's tiles cannot be written: {0}")]
    Tiles(#[from] io::Error),
    /// The log in the database is not what it was.
    #[error("leaf {0} is missing in the database; run doorward audit verify")]
    Gap(i64),
}

/// The sequencer of one node.
pub struct Sequencer {
    db: Db,
    env: Env,
    node: NodeId,
    origin: String,
    tiles: Tiles,
    signer: Arc<dyn CheckpointSigner>,
    nudge: Notify,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    frontier: Frontier,
    /// Leaves that the tiles are known to have.
    tiled: Option<u64>,
    signed: u64,
}

impl Sequencer {
    /// A sequencer that writes its tiles below `tiles`.
    pub fn new(
        db: Db,
        env: Env,
        node: NodeId,
        origin: &str,
        tiles: Tiles,
        signer: Arc<dyn CheckpointSigner>,
    ) -> Arc<Self> {
        Arc::new(Self {
            db,
            env,
            node,
            origin: origin.to_owned(),
            tiles,
            signer,
            nudge: Notify::new(),
            state: Mutex::default(),
        })
    }

    /// Sequences until `shutdown`, then once more.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        loop {
            let ending = tokio::select! {
                () = shutdown.cancelled() => true,
                () = self.nudge.notified() => false,
                () = tokio::time::sleep(BEAT) => false,
            };
            if let Err(error) = self.step().await {
                tracing::error!(%error, "the audit log cannot be sequenced; events wait");
                if !ending {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            if ending {
                let (name, node) = ("sequencer", self.node);
                let _ = self.db.write(move |c| lease::release(c, name, node)).await;
                return;
            }
        }
    }

    /// Asks for a step soon.
    pub fn nudge(&self) {
        self.nudge.notify_one();
    }

    /// Sequences everything so far and signs the head; false when another node
    /// holds the lease.
    pub async fn flush(&self) -> Result<bool, SequencerError> {
        self.step().await
    }

    async fn step(&self) -> Result<bool, SequencerError> {
        let mut state = self.state.lock().await;
        loop {
            let (node, now) = (self.node, self.env.now());
            // Nothing to do must cost a read, not a commit.
            let (waiting, size) = self
                .db
                .read(|c| Ok::<_, StoreError>((event::waiting(c, 1)?.len(), event::size(c)?)))
                .await?;
            if waiting == 0 {
                self.catch_up(&mut state, size).await?;
                return Ok(true);
            }
            let placed = self
                .db
                .write(move |c| {
                    if !lease::acquire(c, "sequencer", node, now, LEASE)? {
                        return Ok(None);
                    }
                    let first = event::size(c)?;
                    let mut placed = 0;
                    for (leaf, waiting) in (first..).zip(event::waiting(c, BATCH)?) {
                        let hash = merkle::leaf(waiting.body.as_bytes());
                        event::place(c, waiting.id, leaf, &hash)?;
                        placed += 1;
                    }
                    Ok::<_, StoreError>(Some(first + placed))
                })
                .await?;
            let Some(size) = placed else {
                // Another node does it; what we knew of the tree may be old.
                *state = State::default();
                return Ok(false);
            };
            self.catch_up(&mut state, size).await?;
        }
    }

    /// Brings frontier, tiles and checkpoint to `size` leaves.
    async fn catch_up(&self, state: &mut State, size: i64) -> Result<(), SequencerError> {
        let wanted = u64::try_from(size).unwrap_or(0);
        if state.frontier.size() > wanted {
            *state = State::default();
        }
        let mut fresh = Vec::new();
        while state.frontier.size() < wanted {
            let from = i64::try_from(state.frontier.size()).unwrap_or(i64::MAX);
            let page = self.db.read(move |c| event::hashes(c, from, 10_000)).await?;
            if page.is_empty() {
                return Err(SequencerError::Gap(from));
            }
            for (expected, (leaf, hash)) in (from..).zip(page) {
                let hash: Option<Hash> = hash.try_into().ok();
                let Some(hash) = hash.filter(|_| leaf == expected) else {
                    return Err(SequencerError::Gap(expected));
                };
                state.frontier.push(hash);
                fresh.push(hash);
            }
        }
        self.write_tiles(state, &fresh, wanted)?;
        self.sign(state).await
    }

    fn write_tiles(&self, state: &mut State, fresh: &[Hash], size: u64) -> io::Result<()> {
        let tiled = match state.tiled {
            Some(tiled) => tiled,
            None => self.tiles_on_disk(),
        };
        let known = size - u64::try_from(fresh.len()).unwrap_or(0);
        if tiled < size {
            if tiled >= known {
                let skip = usize::try_from(tiled - known).unwrap_or(0);
                self.tiles.grow(tiled, fresh.get(skip..).unwrap_or_default())?;
            } else if fresh.is_empty() || known > 0 {
                // The folder lags behind what this process has in memory: begin anew.
                *state = State::default();
                return Err(io::Error::other("they lag behind; building them again"));
            } else {
                self.tiles.grow(0, fresh)?;
            }
        }
        write_whole(&self.tiles.size_path(), size.to_string().as_bytes())?;
        state.tiled = Some(size);
        Ok(())
    }

    /// How many leaves the folder says that it has.
    fn tiles_on_disk(&self) -> u64 {
        let text = std::fs::read_to_string(self.tiles.size_path()).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    async fn sign(&self, state: &mut State) -> Result<(), SequencerError> {
        let size = state.frontier.size();
        if size == 0 || size == state.signed {
            return Ok(());
        }
        let head = Checkpoint { origin: self.origin.clone(), size, root: state.frontier.root() };
        let root = head.root;
        let Some(signed) = head.sign(&*self.signer) else { return Ok(()) };
        write_whole(&self.tiles.checkpoint_path(), signed.note.as_bytes())?;
        let (at, note) = (self.env.now(), signed.note);
        let count = i64::try_from(size).unwrap_or(i64::MAX);
        self.db.write(move |c| event::put_checkpoint(c, count, &root, &note, at)).await?;
        state.signed = size;
        Ok(())
    }
}
