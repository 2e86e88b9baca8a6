//! asciicast v2: terminal recordings as lines of JSON
//! (<https://docs.asciinema.org/manual/asciicast/v2/>), and what may be shown
//! of them on somebody else's terminal.
//!
//! Owns: the header, the event lines, and [`harmless`].
//! Promises: a line written is a line read; [`harmless`] lets nothing through
//! that acts on a viewer's terminal beyond drawing on it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

mod harmless;

pub use harmless::{Harmless, harmless};

/// The first line of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Always 2.
    pub version: u8,
    /// Columns at the start.
    pub width: u16,
    /// Rows at the start.
    pub height: u16,
    /// Seconds since the Unix epoch at the start.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub timestamp: Option<i64>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    /// The terminal's kind: `TERM`.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty", default)]
    pub env: std::collections::BTreeMap<String, String>,
}

impl Header {
    /// Of a terminal of this size.
    pub fn new(width: u16, height: u16) -> Self {
        Self {
            version: 2,
            width,
            height,
            timestamp: None,
            title: None,
            env: std::collections::BTreeMap::new(),
        }
    }

    /// As its line, with the line end.
    pub fn line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

/// What an event line tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `o`: bytes that the terminal showed.
    Output,
    /// `i`: bytes that were typed.
    Input,
    /// `r`: the terminal's new size, `80x24`.
    Resize,
    /// `m`: a marker: a command, a file operation, an end.
    Marker,
}

impl Kind {
    /// Its letter.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Output => "o",
            Self::Input => "i",
            Self::Resize => "r",
            Self::Marker => "m",
        }
    }

    fn of(code: &str) -> Option<Self> {
        [Self::Output, Self::Input, Self::Resize, Self::Marker]
            .into_iter()
            .find(|k| k.code() == code)
    }
}

/// One event line.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Since the start.
    pub at: Duration,
    /// What it tells of.
    pub kind: Kind,
    /// The text.
    pub data: String,
}

/// A line is no asciicast v2.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AsciicastError {
    /// It is not the JSON that it should be.
    #[error("line {line} is not asciicast v2")]
    Malformed {
        /// Which, counted from 1.
        line: usize,
    },
    /// It is another version.
    #[error("asciicast version {0} is not known; only 2 is")]
    Version(u8),
}

/// Appends one event line to `out`.
pub fn push_event(out: &mut Vec<u8>, at: Duration, kind: Kind, data: &str) {
    // serde_json writes into a Vec without failing.
    out.extend_from_slice(b"[");
    let micros = at.as_micros();
    out.extend_from_slice(format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000).as_bytes());
    out.extend_from_slice(b", \"");
    out.extend_from_slice(kind.code().as_bytes());
    out.extend_from_slice(b"\", ");
    let _ = serde_json::to_writer(&mut *out, data);
    out.extend_from_slice(b"]\n");
}

impl Event {
    /// Reads one event line; none for kinds that are not known, which the
    /// format asks readers to skip.
    pub fn parse(text: &str, line: usize) -> Result<Option<Self>, AsciicastError> {
        let malformed = AsciicastError::Malformed { line };
        let (seconds, code, data): (f64, String, String) =
            serde_json::from_str(text).map_err(|_| malformed)?;
        if !seconds.is_finite() || !(0.0..=1e9).contains(&seconds) {
            return Err(AsciicastError::Malformed { line });
        }
        Ok(Kind::of(&code).map(|kind| Self { at: Duration::from_secs_f64(seconds), kind, data }))
    }
}

/// Reads a whole recording.
pub fn parse(text: &str) -> Result<(Header, Vec<Event>), AsciicastError> {
    let mut lines = text.lines().enumerate();
    let (_, first) = lines.next().ok_or(AsciicastError::Malformed { line: 1 })?;
    let header: Header =
        serde_json::from_str(first).map_err(|_| AsciicastError::Malformed { line: 1 })?;
    if header.version != 2 {
        return Err(AsciicastError::Version(header.version));
    }
    let mut events = Vec::new();
    for (n, line) in lines.filter(|(_, l)| !l.trim().is_empty()) {
        events.extend(Event::parse(line, n + 1)?);
    }
    Ok((header, events))
}

#[cfg(test)]
mod tests;
