//! Seeing: live sessions and recordings. Each look is an event, durable before
//! the first byte is shown.

use std::path::PathBuf;
use std::time::Duration;

use doorward_core::{
    Allowed, Class, Entity, Event, NodeId, PlayRecording, PrivilegedSessionId, WatchSession,
};
use doorward_formats::asciicast::{self, Kind};
use doorward_store::privileged_session as sessions;
use doorward_store::{event, recording};
use tokio::sync::mpsc;

use crate::kernel::Gate;
use crate::recorder::file::{FileError, Reader, Unseal, key_aad};
use crate::relay::{self, Viewed};
use crate::services::ServiceError;
use crate::watching::{Look, Watching};

/// Why something cannot be seen.
#[derive(Debug, thiserror::Error)]
pub enum SeeError {
    /// There is no such session or recording.
    #[error("there is no such session")]
    Unknown,
    /// It is not open any more; its recording can be played.
    #[error("the session is over; play its recording")]
    Over,
    /// It is not connected yet.
    #[error("the session is just being opened; try again in a moment")]
    NotYet,
    /// The node that has it does not answer.
    #[error("it is on the node {node}, which does not answer; it was last there {seen_at}")]
    Silent {
        /// What the node is called.
        node: String,
        /// When it was last there.
        seen_at: String,
    },
    /// The node that has it does not show it, or not any more.
    #[error("the node that has it says: {0}")]
    Refused(String),
    /// What came of another node was not what it sent.
    #[error("what came from the other node was altered on its way")]
    Forged,
    /// Its file is wrong.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something below failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] doorward_store::Error),
}

impl From<std::io::Error> for SeeError {
    fn from(e: std::io::Error) -> Self {
        Self::File(e.into())
    }
}

/// A recording being played: lines of asciicast v2, chunk by chunk. Where it
/// breaks off, its last line is a marker that says so.
pub struct Playback {
    source: Option<Source>,
    interrupted: bool,
    /// What is wrong with it, once the marker is out.
    broken: Option<SeeError>,
    /// When what was read last happened; none before anything was.
    reached: Option<Duration>,
}

/// Where its chunks come from.
enum Source {
    /// A file of this node.
    Here(Reader),
    /// Another node, which sends what is in its file.
    There { viewed: Viewed, unseal: Unseal, next: u64, expected: u64 },
}

impl Source {
    /// What comes next, and where the rest comes from.
    async fn next(self) -> (Option<Self>, Result<Option<Vec<u8>>, SeeError>) {
        match self {
            Self::Here(mut reader) => {
                let read = tokio::task::spawn_blocking(move || {
                    let lines = reader.next_lines();
                    (reader, lines)
                });
                match read.await {
                    Ok((reader, lines)) => {
                        (Some(Self::Here(reader)), lines.map_err(SeeError::from))
                    }
                    Err(e) => (None, Err(std::io::Error::other(e).into())),
                }
            }
            Self::There { mut viewed, unseal, next, expected } => {
                let lines = match viewed.next().await {
                    Ok(Some(sealed)) => unseal.lines(next, sealed).map(Some).map_err(Into::into),
                    Ok(None) if next < expected => Err(FileError::Truncated { after: next }.into()),
                    Ok(None) => Ok(None),
                    Err(e) => Err(e),
                };
                (Some(Self::There { viewed, unseal, next: next + 1, expected }), lines)
            }
        }
    }
}

impl Playback {
    fn new(source: Source, interrupted: bool) -> Self {
        Self { source: Some(source), interrupted, broken: None, reached: None }
    }

    /// The next lines. After an error there is nothing more; everything before
    /// it is as it was recorded.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, SeeError> {
        if let Some(broken) = self.broken.take() {
            return Err(broken);
        }
        let Some(source) = self.source.take() else { return Ok(None) };
        let (source, lines) = source.next().await;
        match lines {
            Ok(Some(lines)) => {
                self.reached = last_moment(&lines).or(self.reached).or(Some(Duration::ZERO));
                self.source = source;
                Ok(Some(lines))
            }
            Ok(None) if self.interrupted => {
                Ok(self.marker("the gateway was interrupted here; what came after is not recorded"))
            }
            Ok(None) => Ok(None),
            Err(e) => match self.marker(&e.to_string()) {
                Some(marker) => {
                    self.broken = Some(e);
                    Ok(Some(marker))
                }
                None => Err(e),
            },
        }
    }

    /// A last line. Without a beginning there is nothing to mark.
    fn marker(&self, text: &str) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let text = format!("Doorward: {text}");
        asciicast::push_event(&mut line, self.reached?, Kind::Marker, &text);
        Some(line)
    }

    /// Whether the recording was cut short by an interruption of its gateway.
    pub fn interrupted(&self) -> bool {
        self.interrupted
    }

    /// All of it at once; for tests and small recordings.
    pub async fn all(mut self) -> Result<String, SeeError> {
        let mut text = Vec::new();
        while let Some(lines) = self.next().await? {
            text.extend_from_slice(&lines);
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// The time of the last event of these lines.
fn last_moment(lines: &[u8]) -> Option<Duration> {
    let line = lines.rsplit(|b| *b == b'\n').find(|line| !line.is_empty())?;
    let number = line.strip_prefix(b"[")?.split(|b| *b == b',').next()?;
    let seconds: f64 = std::str::from_utf8(number).ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

impl Gate {
    /// The live lines of a session, wherever it runs: first its present screen.
    pub async fn watch_session(
        &self,
        allowed: &Allowed<WatchSession>,
    ) -> Result<Watching, SeeError> {
        let id = allowed.act().session;
        if let Some(recorder) = self.0.live.recorder(id) {
            let look = Look::begin(self, allowed, None).await?;
            return Ok(Watching::new(recorder.watch(), look));
        }
        let node = self.elsewhere(id).await?;
        let viewed = Viewed::begin(self, relay::WATCH, id, node, allowed).await?;
        let look = Look::begin(self, allowed, Some(node)).await?;
        let (lines, receiver) = mpsc::channel(64);
        tokio::spawn(hand_on(viewed, lines));
        Ok(Watching::new(receiver, look))
    }

    /// On which other node a session that is not here runs.
    async fn elsewhere(&self, id: PrivilegedSessionId) -> Result<NodeId, SeeError> {
        let found = self.0.db.read(move |c| sessions::find(c, id)).await?;
        let session = found.ok_or(SeeError::Unknown)?;
        match session.state.as_str() {
            "ended" => Err(SeeError::Over),
            "live" if session.node != self.0.config.node => Ok(session.node),
            _ => Err(SeeError::NotYet),
        }
    }

    /// The recording of a session, wherever its file lies.
    pub async fn play(&self, allowed: &Allowed<PlayRecording>) -> Result<Playback, SeeError> {
        let id = allowed.act().session;
        let found = self
            .0
            .db
            .read(move |c| {
                let row = recording::of_session(c, id)?;
                let session = sessions::find(c, id)?;
                Ok::<_, doorward_store::Error>(row.zip(session))
            })
            .await?;
        let (row, session) = found.ok_or(SeeError::Unknown)?;
        let key = self
            .credentials()
            .open_recording_key(row.ring_key, &row.wrapped_key, &key_aad(row.id))
            .await?;
        let event =
            Event::new(&self.0.env, Class::ApiActivity, "recording.played", allowed.actor())
                .on(Entity::new("PrivilegedSession", id))
                .within(id)
                .by(allowed.policies())
                .with("recording", row.id.to_string());
        let interrupted = row.state == "interrupted";
        let path: PathBuf = self.0.config.recordings.join(&row.path);
        // Nodes may share a folder; then it is here although it was made elsewhere.
        let here = session.node == self.0.config.node || tokio::fs::try_exists(&path).await?;
        if here {
            self.0.db.write(move |c| event::append(c, &event)).await?;
            let opened =
                tokio::task::spawn_blocking(move || Reader::open(&path, row.id, &key, row.chunks));
            let reader = opened.await.map_err(std::io::Error::other)??;
            return Ok(Playback::new(Source::Here(reader), interrupted));
        }
        let unseal = Unseal::new(row.id, &key)?;
        let viewed = Viewed::begin(self, relay::PLAY, id, session.node, allowed).await?;
        let event = event.with("node", session.node.to_string());
        self.0.db.write(move |c| event::append(c, &event)).await?;
        let source = Source::There { viewed, unseal, next: 0, expected: row.chunks };
        Ok(Playback::new(source, interrupted))
    }
}

/// What another node shows, on its way to whoever watches.
async fn hand_on(mut viewed: Viewed, lines: mpsc::Sender<String>) {
    loop {
        let next = tokio::select! {
            () = lines.closed() => return,
            next = viewed.next() => next,
        };
        match next {
            Ok(Some(text)) => {
                let text = String::from_utf8_lossy(&text).into_owned();
                if lines.send(text).await.is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(error) => {
                tracing::info!(%error, "watching another node has ended");
                return;
            }
        }
    }
}
