//! The node that has it.

use std::sync::{Arc, Mutex, PoisonError};

use doorward_core::lifecycle::EndCause;
use doorward_core::{Act as _, PlayRecording, RelayId, WatchSession};
use doorward_store::relay::{self as rows, Relay, Side};
use doorward_store::{privileged_session as sessions, recording};
use doorward_watch::Lasting;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::frame::{Frame, Frames};
use super::{BEAT, GATHER, LARGEST, MOST_LIVE, MOST_PLAYED, PLAY, POLL, STALE, WATCH, key_aad};
use crate::kernel::{Gate, Inner};
use crate::recorder::file::Chunks;

/// Why nothing more is sent.
enum Stop {
    /// The viewer is told this; nothing when it is simply over.
    Told(String),
    /// Nobody is there to be told.
    Gone,
}

impl<E: std::error::Error> From<E> for Stop {
    fn from(e: E) -> Self {
        tracing::warn!(error = %e, "what another node wants to see cannot be sent");
        Self::Told("it cannot be read at the moment; the reason is in the node's log".to_owned())
    }
}

/// Serves everything that other nodes want of this one and that is not served yet.
pub(crate) async fn answer(inner: &Arc<Inner>) -> doorward_store::Result<()> {
    let node = inner.config.node;
    for relay in inner.db.read(move |c| rows::asked(c, node)).await? {
        let gate = Gate(inner.clone());
        tokio::spawn(async move {
            if let Err(error) = one(gate, relay).await {
                tracing::warn!(%error, "a look from another node cannot be served");
            }
        });
    }
    Ok(())
}

async fn one(gate: Gate, relay: Relay) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let inner = gate.0.clone();
    let id = relay.id;
    let key = inner.services.credentials.recording_key(&key_aad(id)).await?;
    let frames = Frames::new(id, &key.key)?;
    let (ring_key, wrapped) = (key.ring_key, key.wrapped);
    // Of several that see the wish, one serves it.
    if !inner.db.write(move |c| rows::serve(c, id, ring_key, &wrapped)).await? {
        return Ok(());
    }
    let over = CancellationToken::new();
    let end = over.clone();
    let why: Arc<Mutex<Option<EndCause>>> = Arc::default();
    let told = why.clone();
    // Decided here too, for the same viewer, and again whenever a fact changes.
    let _registration = inner.watch.register(Lasting {
        question: relay.question.clone(),
        asked_at: relay.asked_at,
        until: None,
        on_end: Box::new(move |cause| {
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(cause);
            end.cancel();
        }),
    });
    let mut sender = Sender { gate, id, frames, next: 0, beats: -1, heard: Instant::now() };
    let sent = tokio::select! {
        biased;
        () = over.cancelled() => {
            let cause = why.lock().unwrap_or_else(PoisonError::into_inner).take();
            Stop::Told(cause.map(|c| c.sentence()).unwrap_or_default())
        }
        stopped = sender.send(&relay) => stopped,
    };
    if let Stop::Told(words) = sent
        && sender.put(&Frame::End(words)).await.is_ok()
    {
        sender.until_seen().await;
    }
    Ok(inner.db.write(move |c| rows::delete(c, id)).await?)
}

struct Sender {
    gate: Gate,
    id: RelayId,
    frames: Frames,
    next: i64,
    /// The viewer's count, and when it last moved.
    beats: i64,
    heard: Instant,
}

impl Sender {
    /// Sends until there is no more, or nobody wants it.
    async fn send(&mut self, relay: &Relay) -> Stop {
        let sent = match fits(&self.gate, relay).await {
            Err(e) => Err(e.into()),
            Ok(false) => Err(Stop::Told("not permitted".to_owned())),
            Ok(true) if relay.kind == PLAY => self.recording(relay).await,
            Ok(true) => self.live(relay).await,
        };
        match sent {
            Ok(()) => Stop::Told(String::new()),
            Err(stop) => stop,
        }
    }

    async fn live(&mut self, relay: &Relay) -> Result<(), Stop> {
        let Some(recorder) = self.gate.0.live.recorder(relay.privileged_session) else {
            return Err(Stop::Told("the session is over".to_owned()));
        };
        let mut lines = recorder.watch();
        drop(recorder);
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let first = tokio::select! {
                biased;
                _ = beat.tick() => {
                    self.beat().await?;
                    continue;
                }
                line = lines.recv() => line,
            };
            let Some(mut text) = first else { return Ok(()) };
            self.gather(&mut text, &mut lines).await;
            if self.put(&Frame::Some(text.into_bytes())).await? > MOST_LIVE {
                return Err(Stop::Told("the connection is too slow for this session".to_owned()));
            }
        }
    }

    /// What follows closely goes into the same frame.
    async fn gather(&self, text: &mut String, lines: &mut mpsc::Receiver<String>) {
        let until = Instant::now() + GATHER;
        while text.len() < LARGEST {
            match tokio::time::timeout_at(until, lines.recv()).await {
                Ok(Some(line)) => text.push_str(&line),
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// The stored chunks, as they are: who plays it holds the key, and checks them.
    async fn recording(&mut self, relay: &Relay) -> Result<(), Stop> {
        let inner = self.gate.0.clone();
        let session = relay.privileged_session;
        let found = inner.db.read(move |c| recording::of_session(c, session)).await?;
        let Some(row) = found else { return Err(Stop::Told("there is no recording".to_owned())) };
        let path = inner.config.recordings.join(&row.path);
        let opened = tokio::task::spawn_blocking(move || Chunks::open(&path)).await?;
        let Ok(mut chunks) = opened else {
            return Err(Stop::Told("its file is missing".to_owned()));
        };
        for _ in 0..row.chunks {
            let (rest, chunk) = tokio::task::spawn_blocking(move || {
                let chunk = chunks.next();
                (chunks, chunk)
            })
            .await?;
            chunks = rest;
            let Some(Ok((_, sealed))) = chunk else { return Ok(()) };
            let mut waiting = self.put(&Frame::Some(sealed)).await?;
            while waiting >= MOST_PLAYED {
                tokio::time::sleep(POLL).await;
                self.beat().await?;
                let id = self.id;
                waiting = inner.db.read(move |c| rows::waiting(c, id)).await?;
            }
        }
        Ok(())
    }

    async fn put(&mut self, frame: &Frame) -> Result<i64, Stop> {
        let (id, number) = (self.id, self.next);
        let sealed = self.frames.seal(number, frame)?;
        self.next += 1;
        let waiting = self.gate.0.db.write(move |c| rows::put(c, id, number, &sealed)).await?;
        waiting.ok_or(Stop::Gone)
    }

    /// Says that it is there, and whether the viewer is.
    async fn beat(&mut self) -> Result<(), Stop> {
        let id = self.id;
        let beats = self.gate.0.db.write(move |c| rows::beat(c, id, Side::Server)).await?;
        let beats = beats.ok_or(Stop::Gone)?;
        if beats != self.beats {
            (self.beats, self.heard) = (beats, Instant::now());
        }
        if self.heard.elapsed() > STALE { Err(Stop::Gone) } else { Ok(()) }
    }

    /// Waits until the viewer has taken the last frame, or is gone.
    async fn until_seen(&mut self) {
        let id = self.id;
        loop {
            let found = self.gate.0.db.read(move |c| rows::find(c, id)).await;
            if matches!(found, Ok(None)) || self.beat().await.is_err() {
                return;
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Whether the permission is for this look and no other. Whose session it is, is
/// read here: what a row says must not be more than was decided.
async fn fits(gate: &Gate, relay: &Relay) -> doorward_store::Result<bool> {
    let id = relay.privileged_session;
    let found = gate.0.db.read(move |c| sessions::find(c, id)).await?;
    let Some(row) = found else { return Ok(false) };
    let (session, owner, account) = (row.id, row.identity, row.account);
    let (action, resource) = match relay.kind.as_str() {
        WATCH => (WatchSession::ACTION, WatchSession { session, owner, account }.resource()),
        PLAY => (PlayRecording::ACTION, PlayRecording { session, owner, account }.resource()),
        _ => return Ok(false),
    };
    Ok(relay.question.action == action && relay.question.resource == resource)
}
