//! The screen of a terminal as lines of text. What a target sends is hostile:
//! it is interpreted here, and only the characters that stand on the screen go
//! on, as text.

use std::time::Duration;

use doorward_formats::asciicast::{Event, Header, Kind};
use doorward_formats::line;
use serde::Serialize;

/// The largest screen that is drawn.
const LARGEST: u16 = 400;

/// A terminal that is drawn.
pub(super) struct Screen {
    terminal: avt::Terminal,
    lines: usize,
}

/// What a recording shows from a moment on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Frame {
    /// Seconds since the beginning.
    pub at: f64,
    /// The screen.
    pub lines: Vec<String>,
}

fn size(columns: u16, rows: u16) -> (usize, usize) {
    (usize::from(columns.clamp(2, LARGEST)), usize::from(rows.clamp(2, LARGEST)))
}

impl Screen {
    /// Of the usual size.
    pub fn new() -> Option<Self> {
        let (columns, rows) = size(80, 24);
        Some(Self { terminal: avt::Terminal::new(columns, rows).ok()?, lines: 0 })
    }

    /// Reads one line of asciicast; whether the screen may have changed.
    pub fn read(&mut self, line: &str) -> bool {
        self.lines += 1;
        if let Ok(header) = serde_json::from_str::<Header>(line) {
            let (columns, rows) = size(header.width, header.height);
            self.terminal.resize(columns, rows);
            return true;
        }
        match Event::parse(line, self.lines) {
            Ok(Some(event)) => self.event(&event),
            _ => false,
        }
    }

    /// Follows one event.
    pub fn event(&mut self, event: &Event) -> bool {
        match event.kind {
            Kind::Output => {
                self.terminal.feed(&event.data);
                true
            }
            Kind::Resize => {
                let given = event
                    .data
                    .split_once('x')
                    .and_then(|(c, r)| Some((c.parse().ok()?, r.parse().ok()?)));
                if let Some((columns, rows)) = given {
                    let (columns, rows) = size(columns, rows);
                    self.terminal.resize(columns, rows);
                }
                true
            }
            Kind::Input | Kind::Marker => false,
        }
    }

    /// The screen, without blanks at the ends.
    pub fn lines(&self) -> Vec<String> {
        let (_, rows) = self.terminal.size();
        let mut lines: Vec<String> = (0..rows)
            .map(|row| {
                let text =
                    self.terminal.screen().line(row).map(avt::Line::text).unwrap_or_default();
                line::plain(text.trim_end())
            })
            .collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }
}

/// The frames of a recording: one for each moment at which the screen was
/// another, at most ten a second and `most` in all.
pub(super) struct Frames {
    screen: Screen,
    made: Vec<Frame>,
    last: Duration,
    most: usize,
}

impl Frames {
    pub fn new(most: usize) -> Option<Self> {
        Some(Self { screen: Screen::new()?, made: Vec::new(), last: Duration::ZERO, most })
    }

    /// Reads a line; whether there is room for more.
    pub fn read(&mut self, line: &str) -> bool {
        let at = Event::parse(line, 0).ok().flatten().map_or(self.last, |e| e.at);
        if self.screen.read(line) {
            let lines = self.screen.lines();
            let soon = at < self.last + Duration::from_millis(100);
            match self.made.last_mut() {
                Some(frame) if frame.lines == lines => {}
                Some(frame) if soon => frame.lines = lines,
                _ => {
                    self.last = at;
                    self.made.push(Frame { at: at.as_secs_f64(), lines });
                }
            }
        }
        self.made.len() < self.most
    }

    pub fn done(self) -> Vec<Frame> {
        self.made
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A program that is named to look like a document.
    #[test]
    fn text_that_turns_its_direction_is_marked() {
        let mut screen = Screen::new().unwrap();
        screen.read("{\"version\":2,\"width\":80,\"height\":24}");
        screen.read("[0.1,\"o\",\"invoice\\u202efdp.exe\"]");
        assert_eq!(screen.lines(), ["invoice\u{fffd}fdp.exe"]);
    }
}
