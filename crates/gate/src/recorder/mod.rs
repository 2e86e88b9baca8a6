//! The recorder: takes what passes, off the path that it passes on.
//!
//! Owns: the recording's lines, its file, the screens, the watchers.
//! Promises: what passed is on the disk, and its hash in the record, within a
//! second; a chunk's event is durable before the next chunk; when it cannot
//! write, the bytes stop.
//! Must not know: protocols.

mod echo;
pub mod file;
#[cfg(fuzzing)]
pub(crate) mod fuzz;
mod keys;
mod screen;
mod surface;
mod task;
mod text;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::channel::mpsc::UnboundedSender;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

pub(crate) use task::{Sink, start};

/// The most that may wait to be recorded before what passes has to wait.
const QUEUE: usize = 4 << 20;

/// One stream of terminal bytes within a session: an SSH channel.
pub type Stream = u32;

/// The recorder cannot write; the session must end.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the recording cannot be written")]
pub struct RecorderStopped;

/// Something done to a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileDone {
    /// `read`, `write`, `rename`, `remove`, `mkdir`, …
    pub operation: String,
    /// The file.
    pub path: String,
    /// The other file, of a rename or link.
    pub other_path: Option<String>,
    /// How many bytes were moved.
    pub bytes: u64,
    /// `ok`, `refused`, or what the target answered.
    pub outcome: String,
}

pub(crate) enum Item {
    Output { stream: Stream, bytes: Bytes },
    Input { stream: Stream, bytes: Bytes },
    Terminal { stream: Stream, cols: u16, rows: u16 },
    Command { text: String },
    File(FileDone),
    Marker(String),
    Watch(mpsc::Sender<String>),
    Close(oneshot::Sender<Result<(), RecorderStopped>>),
}

impl Item {
    fn weight(&self) -> usize {
        match self {
            Self::Output { bytes, .. } | Self::Input { bytes, .. } => bytes.len(),
            Self::Command { text } | Self::Marker(text) => text.len(),
            Self::File(f) => f.path.len() + 64,
            Self::Terminal { .. } | Self::Watch(_) | Self::Close(_) => 0,
        }
    }
}

/// What the recorder and those who feed it share.
#[derive(Default)]
pub(crate) struct Shared {
    queued: AtomicUsize,
    /// The disk does not answer: nothing passes until it does.
    stalled: AtomicBool,
    stopped: AtomicBool,
    /// Room was made, or it stopped.
    moved: Notify,
    pub(crate) bytes_in: AtomicU64,
    pub(crate) bytes_out: AtomicU64,
}

impl Shared {
    fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.moved.notify_waiters();
    }

    fn stalled(&self, yes: bool) {
        self.stalled.store(yes, Ordering::Release);
        self.moved.notify_waiters();
    }

    fn closed(&self) -> bool {
        self.stalled.load(Ordering::Acquire) || self.queued.load(Ordering::Acquire) > QUEUE
    }
}

/// The handle by which a protocol records. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    // It holds nothing while nothing happens, unlike the channel of tokio.
    items: UnboundedSender<(Instant, Item)>,
    shared: Arc<Shared>,
}

impl Recorder {
    /// Bytes that the target showed. Waits while the recorder is behind.
    pub async fn output(&self, stream: Stream, bytes: Bytes) -> Result<(), RecorderStopped> {
        self.shared.bytes_out.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.put(Item::Output { stream, bytes }).await
    }

    /// Bytes that the person typed.
    pub async fn input(&self, stream: Stream, bytes: Bytes) -> Result<(), RecorderStopped> {
        self.shared.bytes_in.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.put(Item::Input { stream, bytes }).await
    }

    /// Bytes that pass without being kept: the content of files.
    pub async fn passed(&self, to_target: u64, to_person: u64) -> Result<(), RecorderStopped> {
        self.shared.bytes_in.fetch_add(to_target, Ordering::Relaxed);
        self.shared.bytes_out.fetch_add(to_person, Ordering::Relaxed);
        self.room().await
    }

    /// The stream has a terminal of this size from now on.
    pub async fn terminal(
        &self,
        stream: Stream,
        cols: u16,
        rows: u16,
    ) -> Result<(), RecorderStopped> {
        self.put(Item::Terminal { stream, cols, rows }).await
    }

    /// A command that is known exactly.
    pub async fn command(&self, text: &str) -> Result<(), RecorderStopped> {
        self.put(Item::Command { text: text.to_owned() }).await
    }

    /// Something done to a file.
    pub async fn file(&self, done: FileDone) -> Result<(), RecorderStopped> {
        self.put(Item::File(done)).await
    }

    /// A remark in the recording.
    pub async fn marker(&self, text: &str) -> Result<(), RecorderStopped> {
        self.put(Item::Marker(text.to_owned())).await
    }

    /// The same, of the house itself: it waits for nobody.
    pub fn remark(&self, text: String) {
        self.push(Item::Marker(text));
    }

    /// Whether it cannot write any more.
    pub fn stopped(&self) -> bool {
        self.shared.stopped.load(Ordering::Acquire)
    }

    /// Resolves once it cannot write any more.
    pub async fn until_stopped(&self) {
        loop {
            let moved = self.shared.moved.notified();
            if self.stopped() {
                return;
            }
            moved.await;
        }
    }

    /// Bytes from the person and from the target so far.
    pub fn bytes(&self) -> (u64, u64) {
        let of = |n: &AtomicU64| n.load(Ordering::Relaxed);
        (of(&self.shared.bytes_in), of(&self.shared.bytes_out))
    }

    /// Live lines of asciicast v2, beginning with a header and the present
    /// screen. The receiver ends when the session does, or when its reader is
    /// too slow.
    pub(crate) fn watch(&self) -> mpsc::Receiver<String> {
        let (lines, receiver) = mpsc::channel(512);
        self.push(Item::Watch(lines));
        receiver
    }

    /// Writes the rest and closes the recording.
    pub(crate) async fn close(&self) -> Result<(), RecorderStopped> {
        let (done, wait) = oneshot::channel();
        self.push(Item::Close(done));
        wait.await.unwrap_or(Err(RecorderStopped))
    }

    async fn put(&self, item: Item) -> Result<(), RecorderStopped> {
        self.room().await?;
        self.push(item);
        Ok(())
    }

    fn push(&self, item: Item) {
        self.shared.queued.fetch_add(item.weight(), Ordering::AcqRel);
        let _ = self.items.unbounded_send((Instant::now(), item));
    }

    /// Waits until there is room. INVARIANT: while the disk does not answer,
    /// nothing gets past this.
    async fn room(&self) -> Result<(), RecorderStopped> {
        loop {
            if self.stopped() {
                return Err(RecorderStopped);
            }
            if !self.shared.closed() {
                return Ok(());
            }
            let moved = self.shared.moved.notified();
            if self.stopped() || !self.shared.closed() {
                continue;
            }
            // A lost wake-up must not hang a session.
            let _ = tokio::time::timeout(Duration::from_millis(200), moved).await;
        }
    }
}

#[cfg(test)]
mod tests;
