//! One session channel: what the person asks and sends, what the target says.

use std::sync::Arc;

use bytes::Bytes;
use doorward_gate::{FileDone, Recorder, RecorderStopped, Stream};
use russh::server::{Handle, Msg};
use russh::{ChannelWriteHalf, Pty, Sig, client};
use tokio::sync::Mutex;

use super::Connection;
use super::hop::Hop;
use crate::flow::Drain;
use crate::sftp::{Confined, Direction, Malformed, Parser, Piece, Plain, Scp, Side, Tracker};
use crate::target::Down;

mod transfer;

use transfer::Guarded;

/// How many variables a session may set.
const VARIABLES: usize = 64;
/// How much of a pipe without a terminal is kept, each way.
const KEPT: u64 = 16 << 20;

/// What a person's channel asks and sends.
#[derive(Debug)]
pub(crate) enum Up {
    Terminal { term: String, cols: u32, rows: u32, modes: Vec<(Pty, u32)> },
    Variable(String, String),
    Shell,
    Exec(Vec<u8>),
    Sftp,
    Window { cols: u32, rows: u32 },
    Signal(Sig),
    Data(Bytes),
    Eof,
    Close,
}

impl Up {
    pub fn weight(&self) -> usize {
        match self {
            Self::Data(bytes) => bytes.len(),
            Self::Exec(command) => command.len(),
            Self::Variable(name, value) => name.len() + value.len(),
            _ => 64,
        }
    }
}

/// The way back to the person.
pub(crate) struct Out {
    pub handle: Handle,
    pub write: ChannelWriteHalf<Msg>,
}

impl Out {
    /// A sentence in the middle of it.
    async fn say(&self, text: &str, terminal: bool) {
        // Whoever is gone hears nothing.
        let _ = if terminal {
            self.write.data_bytes(format!("\r\n\u{7}{text}\r\n")).await
        } else {
            self.write.extended_data_bytes(1, format!("{text}\n")).await
        };
    }

    /// A last sentence, an exit status, the end.
    async fn end(&self, text: &str, terminal: bool, status: u32) {
        let words = if terminal {
            self.write.data_bytes(format!("\r\n\u{1b}[0m{text}\r\n")).await
        } else {
            self.write.extended_data_bytes(1, format!("{text}\n")).await
        };
        if words.is_ok() {
            let _ = self.write.exit_status(status).await;
            let _ = self.write.eof().await;
            let _ = self.write.close().await;
        }
    }
}

/// Kind, columns, rows, modes.
type Terminal = (String, u32, u32, Vec<(Pty, u32)>);

/// What was asked for before it began.
#[derive(Default)]
struct Start {
    terminal: Option<Terminal>,
    variables: Vec<(String, String)>,
}

/// What is to run.
enum Program {
    Shell,
    Exec(Vec<u8>),
    Sftp,
}

/// How the bytes are recorded.
pub(super) enum Content {
    /// As a terminal.
    Terminal,
    /// As a pipe.
    Pipe(Kept),
    /// As file operations.
    Sftp { up: Parser, down: Parser, tracker: Tracker },
    /// As files, and as a pipe without their content.
    Scp(Scp, Kept),
}

/// How much of each direction was kept.
#[derive(Default)]
pub(super) struct Kept {
    up: u64,
    down: u64,
}

impl Kept {
    fn of(&mut self, way: Direction) -> &mut u64 {
        match way {
            Direction::ToTarget => &mut self.up,
            Direction::ToPerson => &mut self.down,
        }
    }
}

pub(super) struct Session {
    pub hop: Arc<Hop>,
    pub stream: Stream,
    pub content: Mutex<Content>,
    pub guarded: Option<Guarded>,
}

pub(crate) async fn run(connection: Arc<Connection>, out: Out, mut drain: Drain<Up>) {
    let Some((start, program)) = gather(&mut drain).await else {
        let _ = out.write.close().await;
        return;
    };
    let terminal = start.terminal.is_some();
    if connection.who().is_none_or(|ready| ready.destination.is_none()) {
        let text = "This is Doorward's SSH gateway. Say where you want to go:\n    ssh -p PORT \
                    account@target@HOST    or    ssh -J HOST:PORT account@target";
        let text = if terminal { text.replace('\n', "\r\n") } else { text.to_owned() };
        out.end(&text, terminal, 1).await;
        return;
    }
    let hop = match connection.begin().await {
        Ok(hop) => hop,
        Err(why) => {
            out.end(&format!("Doorward: {why}."), terminal, 255).await;
            return;
        }
    };
    if hop.settings.sftp_root.is_some() && !matches!(program, Program::Sftp) {
        out.end("Doorward: this target is for file transfer (SFTP) only.", terminal, 1).await;
        return;
    }
    let mut sentences = hop.listen();
    if let Some(text) = hop.target.valve.why() {
        out.say(&text, terminal).await;
    }
    let work = carry(&hop, &out, &mut drain, start, program);
    let speak = async {
        loop {
            match sentences.recv().await {
                Ok(text) => out.say(&text, terminal).await,
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(_) => std::future::pending::<()>().await,
            }
        }
    };
    tokio::select! {
        biased;
        () = hop.stop.cancelled() => {
            let text = hop.farewell().unwrap_or_else(|| "Doorward ended this session.".to_owned());
            out.end(&text, terminal, 255).await;
        }
        ended = work => if let Err(why) = ended {
            out.end(&format!("Doorward: {why}."), terminal, 255).await;
        },
        () = speak => {}
    }
}

/// Everything up to what is to run.
async fn gather(drain: &mut Drain<Up>) -> Option<(Start, Program)> {
    let mut start = Start::default();
    loop {
        match drain.next().await? {
            Up::Terminal { term, cols, rows, modes } => {
                start.terminal = Some((term, cols, rows, modes));
            }
            Up::Window { cols, rows } => {
                if let Some(terminal) = &mut start.terminal {
                    (terminal.1, terminal.2) = (cols, rows);
                }
            }
            Up::Variable(name, value) => {
                if start.variables.len() < VARIABLES {
                    start.variables.push((name, value));
                }
            }
            Up::Shell => return Some((start, Program::Shell)),
            Up::Exec(command) => return Some((start, Program::Exec(command))),
            Up::Sftp => return Some((start, Program::Sftp)),
            Up::Data(_) | Up::Eof | Up::Close => return None,
            Up::Signal(_) => {}
        }
    }
}

fn narrow(n: u32) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// Carries the channel until one side is done with it. The error is a sentence.
async fn carry(
    hop: &Arc<Hop>,
    out: &Out,
    drain: &mut Drain<Up>,
    start: Start,
    program: Program,
) -> Result<(), String> {
    let lost = |_| "the target does not open a session".to_owned();
    let unrecorded = |_| "the recording cannot be written".to_owned();
    hop.target.valve.passable().await;
    let channel = hop.target.handle.channel_open_session().await.map_err(lost)?;
    let (_, target) = channel.split();
    let says = hop.target.router.take(target.id());
    let mut says = says.ok_or_else(|| "the target broke off".to_owned())?;
    let stream: Stream = target.id().into();
    if let Some((term, cols, rows, modes)) = &start.terminal {
        let (c, r) = (narrow(*cols), narrow(*rows));
        hop.recorder.terminal(stream, c, r).await.map_err(unrecorded)?;
        target.request_pty(false, term, *cols, *rows, 0, 0, modes).await.map_err(lost)?;
    }
    for (name, value) in start.variables {
        target.set_env(false, name, value).await.map_err(lost)?;
    }
    let content = begin(hop, &target, program, start.terminal.is_some()).await?;
    let guarded = match (&content, &hop.settings.sftp_root) {
        (Content::Sftp { .. }, Some(root)) => Some(Guarded::new(Confined::new(root))),
        _ => None,
    };
    let session = Session { hop: hop.clone(), stream, content: Mutex::new(content), guarded };
    let up = session.up(drain, &target, out);
    let down = session.down(&mut says, out);
    let result = tokio::select! {
        biased;
        done = down => done,
        done = up => {
            let _ = target.close().await;
            done
        }
    };
    session.finish().await;
    result
}

async fn begin(
    hop: &Arc<Hop>,
    target: &ChannelWriteHalf<client::Msg>,
    program: Program,
    terminal: bool,
) -> Result<Content, String> {
    let lost = |_| "the target broke off".to_owned();
    let unrecorded = |_| "the recording cannot be written".to_owned();
    Ok(match program {
        Program::Shell => {
            target.request_shell(true).await.map_err(lost)?;
            if terminal { Content::Terminal } else { Content::Pipe(Kept::default()) }
        }
        Program::Exec(command) => {
            let text = String::from_utf8_lossy(&command).into_owned();
            hop.recorder.command(&text).await.map_err(unrecorded)?;
            target.exec(true, command).await.map_err(lost)?;
            let plain = Plain::of(&text);
            let runs = |program| plain.and_then(|p| p.arguments_of(program));
            if terminal {
                Content::Terminal
            } else if let Some(scp) = plain.and_then(Scp::of) {
                hop.gap("the content of files is not recorded");
                Content::Scp(scp, Kept::default())
            } else if runs("sftp-server").is_some() {
                sftp(hop)
            } else {
                if runs("rsync").is_some_and(|mut words| words.next() == Some("--server")) {
                    hop.gap("which files rsync moved is not read from what it sent");
                }
                Content::Pipe(Kept::default())
            }
        }
        Program::Sftp => {
            hop.recorder.marker("sftp").await.map_err(unrecorded)?;
            target.request_subsystem(true, "sftp").await.map_err(lost)?;
            sftp(hop)
        }
    })
}

fn sftp(hop: &Hop) -> Content {
    hop.gap("the content of files is not recorded");
    let (up, down) = (Parser::of(Side::Person), Parser::of(Side::Target));
    Content::Sftp { up, down, tracker: Tracker::default() }
}

impl Session {
    fn recorder(&self) -> &Recorder {
        &self.hop.recorder
    }

    async fn is_terminal(&self) -> bool {
        matches!(*self.content.lock().await, Content::Terminal)
    }

    /// What the person sends, until they are done.
    async fn up(
        &self,
        drain: &mut Drain<Up>,
        target: &ChannelWriteHalf<client::Msg>,
        out: &Out,
    ) -> Result<(), String> {
        let unrecorded = |_| "the recording cannot be written".to_owned();
        let valve = &self.hop.target.valve;
        let mut told = false;
        // The last of the sizes that came while it was frozen.
        let mut size = None;
        loop {
            let step = tokio::select! {
                biased;
                () = valve.passable(), if size.is_some() => size.take(),
                step = drain.next() => step,
            };
            let Some(step) = step else { return Ok(()) };
            if !valve.is_shut() {
                told = false;
            } else if !matches!(step, Up::Close) {
                // What was typed blindly must not run later; a pipe loses nothing.
                match step {
                    Up::Data(_) | Up::Signal(_) if self.is_terminal().await => {
                        if !std::mem::replace(&mut told, true) {
                            out.say("Doorward: not sent; this session is frozen.", true).await;
                        }
                        continue;
                    }
                    Up::Window { .. } => {
                        size = Some(step);
                        continue;
                    }
                    _ => valve.passable().await,
                }
            }
            let sent = match step {
                Up::Data(bytes) => {
                    self.note(Direction::ToTarget, &bytes).await?;
                    match &self.guarded {
                        Some(guarded) => Box::pin(guarded.up(self, &bytes, target, out)).await?,
                        None => target.data_bytes(bytes).await,
                    }
                }
                Up::Eof => target.eof().await,
                Up::Window { cols, rows } => {
                    let (c, r) = (narrow(cols), narrow(rows));
                    if self.is_terminal().await {
                        self.recorder().terminal(self.stream, c, r).await.map_err(unrecorded)?;
                    }
                    target.window_change(cols, rows, 0, 0).await
                }
                Up::Signal(signal) => target.signal(signal).await,
                Up::Variable(name, value) => target.set_env(false, name, value).await,
                Up::Close => return Ok(()),
                // One channel runs one thing.
                Up::Terminal { .. } | Up::Shell | Up::Exec(_) | Up::Sftp => Ok(()),
            };
            sent.map_err(|_| "the target broke off".to_owned())?;
        }
    }

    /// What the target says, until it is done.
    async fn down(&self, says: &mut Drain<Down>, out: &Out) -> Result<(), String> {
        let gone = |_| "the connection is gone".to_owned();
        let unrecorded = |_| "the recording cannot be written".to_owned();
        let mut ended = false;
        while let Some(step) = says.next().await {
            self.hop.target.valve.passable().await;
            match step {
                Down::Data(bytes) => {
                    self.note(Direction::ToPerson, &bytes).await?;
                    let bytes = match &self.guarded {
                        Some(guarded) => guarded.down(&bytes).await.map_err(malformed)?,
                        None => bytes,
                    };
                    out.write.data_bytes(bytes).await.map_err(gone)?;
                }
                Down::Extended(kind, bytes) => {
                    let record = self.recorder().output(self.stream, bytes.clone());
                    record.await.map_err(unrecorded)?;
                    out.write.extended_data_bytes(kind, bytes).await.map_err(gone)?;
                }
                Down::Eof => out.write.eof().await.map_err(gone)?,
                Down::ExitStatus(status) => {
                    ended = true;
                    out.write.exit_status(status).await.map_err(gone)?;
                }
                Down::ExitSignal { signal, core_dumped, message } => {
                    ended = true;
                    let (id, lang) = (out.write.id(), String::new());
                    let sent =
                        out.handle.exit_signal_request(id, signal, core_dumped, message, lang);
                    sent.await.map_err(|()| "the connection is gone".to_owned())?;
                }
                Down::Refused => return Err("the target refused to run this".to_owned()),
                Down::Close => {
                    out.write.close().await.map_err(gone)?;
                    return Ok(());
                }
            }
        }
        if ended {
            let _ = out.write.close().await;
            return Ok(());
        }
        Err("the target closed the connection".to_owned())
    }

    /// Records what goes this way, as what it is.
    async fn note(&self, way: Direction, bytes: &Bytes) -> Result<(), String> {
        let (mut files, mut kept) = (Vec::new(), Bytes::new());
        match &mut *self.content.lock().await {
            Content::Terminal => kept = bytes.clone(),
            Content::Pipe(before) => kept = self.keep(before.of(way), bytes.clone()),
            Content::Sftp { up, down, tracker } => {
                let parser = if way == Direction::ToTarget { up } else { down };
                for piece in parser.push(bytes).map_err(malformed)? {
                    let Piece::Packet(packet) = piece else { continue };
                    match way {
                        Direction::ToTarget => tracker.request(&packet).map_err(malformed)?,
                        Direction::ToPerson => {
                            files.extend(tracker.answer(&packet).map_err(malformed)?);
                        }
                    }
                }
            }
            Content::Scp(scp, before) => {
                let seen = scp.push(way, bytes);
                files = seen.files;
                kept = self.keep(before.of(way), seen.said.into());
            }
        }
        self.record(way, kept, bytes.len())
            .await
            .map_err(|_| "the recording cannot be written".to_owned())?;
        self.note_files(files).await
    }

    /// Of so many bytes, these are kept and the others counted.
    async fn record(&self, way: Direction, kept: Bytes, all: usize) -> Result<(), RecorderStopped> {
        let (recorder, passed) = (self.recorder(), (all - kept.len()) as u64);
        if passed > 0 {
            match way {
                Direction::ToTarget => recorder.passed(passed, 0).await?,
                Direction::ToPerson => recorder.passed(0, passed).await?,
            }
        }
        if kept.is_empty() {
            return Ok(());
        }
        match way {
            Direction::ToTarget => recorder.input(self.stream, kept).await,
            Direction::ToPerson => recorder.output(self.stream, kept).await,
        }
    }

    /// What of these bytes is kept, after so many before.
    fn keep(&self, before: &mut u64, bytes: Bytes) -> Bytes {
        if *before >= KEPT && !bytes.is_empty() {
            self.hop.gap("only the first 16 MiB of a pipe are recorded");
            return Bytes::new();
        }
        *before += bytes.len() as u64;
        bytes
    }

    pub(super) async fn note_files(&self, files: Vec<FileDone>) -> Result<(), String> {
        for file in files {
            let noted = self.recorder().file(file).await;
            noted.map_err(|_| "the recording cannot be written".to_owned())?;
        }
        Ok(())
    }

    async fn finish(&self) {
        let files = match &mut *self.content.lock().await {
            Content::Sftp { tracker, .. } => tracker.rest(),
            Content::Scp(scp, _) => scp.rest().into_iter().collect(),
            _ => Vec::new(),
        };
        let _ = self.note_files(files).await;
    }
}

fn malformed(e: Malformed) -> String {
    e.to_string()
}
