//! The task behind one recorder.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use doorward_core::{Actor, Class, Entity, Env, Event, PrivilegedSessionId, RecordingId};
use doorward_formats::asciicast::{self, Header, Kind};
use doorward_store::privileged_session::{self as sessions, Command, FileOperation};
use doorward_store::{Db, event, recording};
use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::task::coop::consume_budget;
use tokio::time::Instant;

use super::echo::Echo;
use super::file::{FileError, Writer, Written};
use super::screen::Screen;
use super::text::Text;
use super::{Item, Recorder, RecorderStopped, Shared, Stream};

/// The longest that anything waits to be written.
const DELAY: Duration = Duration::from_secs(1);
/// What fills a chunk before that.
const CHUNK: usize = 64 << 10;
/// After this, a write counts as stalled and bytes stop.
const STALL: Duration = Duration::from_millis(1_500);
/// After this, it counts as failed.
const GIVE_UP: Duration = Duration::from_secs(10);
/// After this without use, terminals are folded.
const REST: Duration = Duration::from_secs(2);
/// The longest command that is kept.
const LONGEST_COMMAND: usize = 4096;

/// Where a recording goes.
pub(crate) struct Sink {
    pub db: Db,
    pub env: Env,
    pub session: PrivilegedSessionId,
    pub recording: RecordingId,
    /// Who is recorded.
    pub actor: Actor,
    /// The account, for events.
    pub account: Entity,
    pub title: String,
}

/// Begins to record.
pub(crate) fn start(sink: Sink, writer: Writer) -> Recorder {
    let (items, receiver) = unbounded();
    let shared = Arc::new(Shared::default());
    let recorder = Recorder { items, shared: shared.clone() };
    let task = Task {
        sink: Arc::new(sink),
        shared,
        begun: Instant::now(),
        header: None,
        lines: Vec::new(),
        rows: Rows::default(),
        since: None,
        writer: Some(writer),
        writing: None,
        streams: HashMap::new(),
        latest: None,
        used: None,
        watchers: Vec::new(),
        commands: 0,
        files: 0,
    };
    tokio::spawn(task.run(receiver));
    recorder
}

/// Rows that are written with the next chunk.
#[derive(Clone, Default)]
struct Rows {
    commands: Vec<Command>,
    files: Vec<FileOperation>,
}

#[derive(Default)]
struct StreamState {
    input: Text,
    output: Text,
    echo: Echo,
    screen: Option<Screen>,
}

type Writing = JoinHandle<Result<Writer, String>>;

struct Task {
    sink: Arc<Sink>,
    shared: Arc<Shared>,
    begun: Instant,
    header: Option<(u16, u16)>,
    /// Lines that are not written yet.
    lines: Vec<u8>,
    rows: Rows,
    /// Since when there is something to write.
    since: Option<Instant>,
    writer: Option<Writer>,
    writing: Option<(Instant, Writing)>,
    streams: HashMap<Stream, StreamState>,
    /// The stream whose terminal was used last.
    latest: Option<Stream>,
    /// Since when no terminal was used; none when all are folded.
    used: Option<Instant>,
    watchers: Vec<mpsc::Sender<String>>,
    commands: i64,
    files: i64,
}

impl Task {
    async fn run(mut self, mut items: UnboundedReceiver<(Instant, Item)>) {
        let mut closing: Option<oneshot::Sender<Result<(), RecorderStopped>>> = None;
        let outcome = loop {
            let due = self.since.map(|at| at + DELAY);
            let stalls = self.writing.as_ref().map(|(at, _)| *at);
            let rests = self.used.map(|at| at + REST);
            tokio::select! {
                biased;
                done = wait(&mut self.writing) => {
                    self.writing = None;
                    self.shared.stalled(false);
                    match done {
                        Ok(writer) => self.writer = Some(writer),
                        Err(why) => break Err(why),
                    }
                    if closing.is_none() && self.lines.len() >= CHUNK {
                        self.flush();
                    }
                }
                () = at(stalls.map(|s| s + GIVE_UP)) => break Err("the disk does not answer".to_owned()),
                () = at(stalls.map(|s| s + STALL)), if !self.shared.stalled.load(Ordering::Acquire) => {
                    self.shared.stalled(true);
                }
                () = at(due), if self.writing.is_none() => self.flush(),
                () = at(rests) => self.rest(),
                item = items.next(), if closing.is_none() => match item {
                    Some((at, Item::Close(done))) => {
                        self.finish_streams(at);
                        closing = Some(done);
                    }
                    Some((at, item)) => {
                        self.take(at, item);
                        // This channel does not do it by itself.
                        consume_budget().await;
                    }
                    // Every handle is gone: the session's task ended without closing.
                    None => break Err("the session was dropped".to_owned()),
                },
            }
            if closing.is_some() && self.writing.is_none() {
                if self.lines.is_empty()
                    && self.rows.commands.is_empty()
                    && self.rows.files.is_empty()
                {
                    break Ok(());
                }
                self.flush();
            }
        };
        self.shared.stop();
        let state = if outcome.is_ok() { "closed" } else { "interrupted" };
        if let Err(why) = &outcome {
            tracing::error!(session = %self.sink.session, why, "a recording was interrupted");
        }
        let closed = self.close(state).await;
        if let Some(done) = closing {
            let _ =
                done.send(if outcome.is_ok() && closed { Ok(()) } else { Err(RecorderStopped) });
        }
    }

    /// Nobody uses the terminals for the moment.
    fn rest(&mut self) {
        self.used = None;
        for screen in self.streams.values_mut().filter_map(|s| s.screen.as_mut()) {
            screen.fold();
        }
    }

    fn take(&mut self, at: Instant, item: Item) {
        let weight = item.weight();
        self.used = Some(Instant::now());
        match item {
            Item::Output { stream, bytes } => {
                let state = self.streams.entry(stream).or_default();
                let text = state.output.push(&bytes);
                let commands = match &mut state.screen {
                    Some(screen) => {
                        self.latest = Some(stream);
                        screen.shown(&text)
                    }
                    None => Vec::new(),
                };
                let typed = state.echo.shown(&text);
                if let Some(typed) = typed {
                    self.line(at, Kind::Input, &typed);
                }
                self.line(at, Kind::Output, &text);
                for command in commands {
                    self.command(at, command, false);
                }
            }
            Item::Input { stream, bytes } => {
                let state = self.streams.entry(stream).or_default();
                let text = state.input.push(&bytes);
                match &mut state.screen {
                    Some(screen) => {
                        screen.typed(&text);
                        if let Some(typed) = state.echo.typed(&text) {
                            self.line(at, Kind::Input, &typed);
                        }
                    }
                    // Without a terminal nothing is echoed and nothing asks for
                    // passwords out of sight: it is a pipe.
                    None => self.line(at, Kind::Input, &text),
                }
            }
            Item::Terminal { stream, cols, rows } => {
                // A client without a terminal of its own says that it is 0 by 0.
                let cols = if cols == 0 { 80 } else { cols };
                let rows = if rows == 0 { 24 } else { rows };
                let state = self.streams.entry(stream).or_default();
                match &mut state.screen {
                    Some(screen) => screen.resize(cols, rows),
                    None => state.screen = Screen::new(cols, rows),
                }
                self.latest = Some(stream);
                if self.header.is_none() {
                    self.write_header(cols, rows);
                } else {
                    self.line(at, Kind::Resize, &format!("{cols}x{rows}"));
                }
            }
            Item::Command { text } => self.command(at, text, true),
            Item::File(done) => {
                self.files += 1;
                let text = match &done.other_path {
                    Some(other) => format!("{} {} -> {other}", done.operation, done.path),
                    None => format!("{} {}", done.operation, done.path),
                };
                self.line(at, Kind::Marker, &text);
                self.rows.files.push(FileOperation {
                    number: self.files,
                    at: self.sink.env.now(),
                    operation: done.operation,
                    path: done.path,
                    other_path: done.other_path,
                    bytes: done.bytes,
                    outcome: done.outcome,
                });
            }
            Item::Marker(text) => self.line(at, Kind::Marker, &text),
            Item::Watch(lines) => self.add_watcher(lines),
            Item::Close(_) => {}
        }
        self.shared.queued.fetch_sub(weight, Ordering::AcqRel);
        if self.writing.is_none() && self.lines.len() >= CHUNK {
            self.flush();
        }
        self.shared.moved.notify_waiters();
    }

    fn command(&mut self, at: Instant, mut text: String, certain: bool) {
        if text.len() > LONGEST_COMMAND {
            text = text.chars().take(LONGEST_COMMAND / 4).collect();
        }
        self.commands += 1;
        // Whoever types what the house might remark has typed a command.
        self.line(at, Kind::Marker, &format!("$ {text}"));
        let at = self.sink.env.now();
        self.rows.commands.push(Command { number: self.commands, at, text, certain });
    }

    fn write_header(&mut self, cols: u16, rows: u16) {
        let mut header = Header::new(cols, rows);
        header.timestamp = Some(self.sink.env.now().secs());
        header.title = Some(self.sink.title.clone());
        self.lines.extend_from_slice(header.line().as_bytes());
        self.header = Some((cols, rows));
    }

    fn line(&mut self, at: Instant, kind: Kind, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.header.is_none() {
            self.write_header(80, 24);
        }
        let begin = self.lines.len();
        asciicast::push_event(&mut self.lines, at.duration_since(self.begun), kind, text);
        self.since.get_or_insert_with(Instant::now);
        if !self.watchers.is_empty() {
            let line = String::from_utf8_lossy(self.lines.get(begin..).unwrap_or_default());
            // A watcher that cannot keep up is dropped; it never slows the session.
            self.watchers.retain(|w| w.try_send(line.clone().into_owned()).is_ok());
        }
    }

    fn add_watcher(&mut self, lines: mpsc::Sender<String>) {
        let screen = self.latest.and_then(|s| self.streams.get(&s)).and_then(|s| s.screen.as_ref());
        let (cols, rows) = match screen {
            Some(screen) => screen.size(),
            None => (80, 24),
        };
        let narrow = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let mut header = Header::new(narrow(cols), narrow(rows));
        header.title = Some(self.sink.title.clone());
        let mut first = header.line().into_bytes();
        if let Some(screen) = screen {
            asciicast::push_event(&mut first, Duration::ZERO, Kind::Output, &screen.dump());
        }
        let first = String::from_utf8_lossy(&first).into_owned();
        if lines.try_send(first).is_ok() {
            self.watchers.push(lines);
        }
    }

    fn finish_streams(&mut self, at: Instant) {
        let mut rest = Vec::new();
        for state in self.streams.values_mut() {
            rest.extend(state.echo.rest().map(|t| (Kind::Input, t)));
            rest.push((Kind::Output, state.output.rest()));
        }
        for (kind, text) in rest {
            self.line(at, kind, &text);
        }
    }

    /// Hands everything that waits to the disk, in a task of its own.
    fn flush(&mut self) {
        let Some(mut writer) = self.writer.take() else { return };
        self.since = None;
        let lines = std::mem::take(&mut self.lines);
        let rows = std::mem::take(&mut self.rows);
        if lines.is_empty() && rows.commands.is_empty() && rows.files.is_empty() {
            self.writer = Some(writer);
            return;
        }
        let sink = self.sink.clone();
        let write = async move {
            let (writer, written) = tokio::task::spawn_blocking(move || {
                let written = writer.append(&lines)?;
                Ok::<_, FileError>((writer, written))
            })
            .await
            .map_err(|e| e.to_string())?
            .map_err(|e| e.to_string())?;
            sink.tell(written, rows).await?;
            Ok(writer)
        };
        self.writing = Some((Instant::now(), tokio::spawn(write)));
    }

    async fn close(&self, state: &'static str) -> bool {
        let sink = self.sink.clone();
        let now = sink.env.now();
        let event = sink.event("recording.closed", Class::SshActivity).with("state", state);
        let event = if state == "closed" { event } else { event.failed() };
        let id = sink.recording;
        let done = sink
            .db
            .write(move |c| {
                recording::close(c, id, state, now)?;
                event::append(c, &event)
            })
            .await;
        if let Err(error) = &done {
            tracing::error!(%error, recording = %id, "cannot close a recording");
        }
        done.is_ok()
    }
}

impl Sink {
    fn event(&self, activity: &str, class: Class) -> Event {
        Event::new(&self.env, class, activity, &self.actor)
            .on(self.account.clone())
            .within(self.session)
            .with("recording", self.recording.to_string())
    }

    /// Makes the chunk's event, and what was found in it, durable.
    async fn tell(&self, written: Written, rows: Rows) -> Result<(), String> {
        let sha256: String = written.sha256.iter().map(|b| format!("{b:02x}")).collect();
        let mut events = vec![
            self.event("recording.chunk", Class::SshActivity)
                .with("number", written.number)
                .with("sha256", sha256)
                .with("bytes", written.bytes),
        ];
        for command in &rows.commands {
            events.push(
                self.event("session.command", Class::ProcessActivity)
                    .with("command", command.text.clone())
                    .with("certain", command.certain),
            );
        }
        for file in &rows.files {
            let mut event = self
                .event("session.file", Class::FileSystemActivity)
                .with("operation", file.operation.clone())
                .with("path", file.path.clone())
                .with("bytes", file.bytes)
                .with("outcome", file.outcome.clone());
            if let Some(other) = &file.other_path {
                event = event.with("other_path", other.clone());
            }
            events.push(if file.outcome == "ok" { event } else { event.failed() });
        }
        let (session, id) = (self.session, self.recording);
        self.db
            .write(move |c| {
                if !recording::add_chunk(c, id, written.number, written.bytes)? {
                    return Err(doorward_store::Error::Other(
                        "the recording is not open".to_owned(),
                    ));
                }
                for command in &rows.commands {
                    sessions::add_command(c, session, command)?;
                }
                for file in &rows.files {
                    sessions::add_file(c, session, file)?;
                }
                for event in &events {
                    event::append(c, event)?;
                }
                Ok(())
            })
            .await
            .map_err(|e: doorward_store::Error| e.to_string())
    }
}

async fn wait(writing: &mut Option<(Instant, Writing)>) -> Result<Writer, String> {
    match writing {
        Some((_, task)) => match task.await {
            Ok(done) => done,
            Err(e) => Err(e.to_string()),
        },
        None => std::future::pending().await,
    }
}

async fn at(when: Option<Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when).await,
        None => std::future::pending().await,
    }
}
