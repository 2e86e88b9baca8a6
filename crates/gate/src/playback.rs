//! Seeing: live sessions and recordings. Each look is an event, durable before
//! the first byte is shown.

use std::path::PathBuf;
use std::time::Duration;

use doorward_core::{
    Allowed, Class, Entity, Event, PlayRecording, PrivilegedSessionId, WatchSession,
};
use doorward_formats::asciicast::{self, Kind};
use doorward_store::privileged_session as sessions;
use doorward_store::{event, recording};
use tokio::sync::mpsc;

use crate::kernel::Gate;
use crate::recorder::file::{FileError, Reader, key_aad};
use crate::services::ServiceError;

/// Why something cannot be seen.
#[derive(Debug, thiserror::Error)]
pub enum SeeError {
    /// There is no such session or recording.
    #[error("there is no such session")]
    Unknown,
    /// It is not open any more; its recording can be played.
    #[error("the session is over; play its recording")]
    Over,
    /// It runs on another node.
    #[error("the session runs on another node")]
    Elsewhere,
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

/// A recording being played: lines of asciicast v2, chunk by chunk. Where it
/// breaks off, its last line is a marker that says so.
pub struct Playback {
    reader: Option<Reader>,
    interrupted: bool,
    /// What is wrong with it, once the marker is out.
    broken: Option<FileError>,
    /// When what was read last happened; none before anything was.
    reached: Option<Duration>,
}

impl Playback {
    fn new(reader: Reader, interrupted: bool) -> Self {
        Self { reader: Some(reader), interrupted, broken: None, reached: None }
    }

    /// The next lines. After an error there is nothing more; everything before
    /// it is as it was recorded.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        if let Some(broken) = self.broken.take() {
            return Err(broken);
        }
        let Some(mut reader) = self.reader.take() else { return Ok(None) };
        let (reader, lines) = tokio::task::spawn_blocking(move || {
            let lines = reader.next_lines();
            (reader, lines)
        })
        .await
        .map_err(|e| FileError::Io(std::io::Error::other(e)))?;
        match lines {
            Ok(Some(lines)) => {
                self.reached = last_moment(&lines).or(self.reached).or(Some(Duration::ZERO));
                self.reader = Some(reader);
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
    pub async fn all(mut self) -> Result<String, FileError> {
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
    /// The live lines of a session on this node: first its present screen.
    pub async fn watch_session(
        &self,
        allowed: &Allowed<WatchSession>,
    ) -> Result<mpsc::Receiver<String>, SeeError> {
        let id = allowed.act().session;
        let recorder = match self.0.live.recorder(id) {
            Some(recorder) => recorder,
            None => return Err(self.absence(id).await?),
        };
        let event = Event::new(&self.0.env, Class::ApiActivity, "session.watched", allowed.actor())
            .on(Entity::new("PrivilegedSession", id))
            .within(id)
            .by(allowed.policies());
        self.0.db.write(move |c| event::append(c, &event)).await?;
        Ok(recorder.watch())
    }

    async fn absence(&self, id: PrivilegedSessionId) -> Result<SeeError, SeeError> {
        let found = self.0.db.read(move |c| sessions::find(c, id)).await?;
        Ok(match found {
            None => SeeError::Unknown,
            Some(s) if s.state == "ended" => SeeError::Over,
            Some(_) => SeeError::Elsewhere,
        })
    }

    /// The recording of a session.
    pub async fn play(&self, allowed: &Allowed<PlayRecording>) -> Result<Playback, SeeError> {
        let id = allowed.act().session;
        let found = self.0.db.read(move |c| recording::of_session(c, id)).await?;
        let row = found.ok_or(SeeError::Unknown)?;
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
        self.0.db.write(move |c| event::append(c, &event)).await?;
        let path: PathBuf = self.0.config.recordings.join(&row.path);
        let reader =
            tokio::task::spawn_blocking(move || Reader::open(&path, row.id, &key, row.chunks))
                .await
                .map_err(|e| FileError::Io(std::io::Error::other(e)))??;
        Ok(Playback::new(reader, row.state == "interrupted"))
    }
}
