//! What a terminal shows, and how it is kept while nobody uses it.
//!
//! Promises: a surface that was folded shows, and goes on from, exactly what it
//! would have without that. Drawn it costs some 80 kB, folded what its text costs:
//! a gateway holds many sessions in which nobody types.

use avt::{ScreenKind, Terminal};

/// The largest terminal that is followed.
const LARGEST: usize = 500;

/// A terminal's cells, or what draws them.
pub(crate) struct Surface {
    size: (usize, usize),
    state: State,
}

enum State {
    Drawn(Box<Terminal>),
    /// The sequences that draw it on an empty terminal of its size.
    Folded(Box<str>),
}

impl Surface {
    /// An empty one of this size.
    pub fn new(cols: u16, rows: u16) -> Option<Self> {
        let size = sane(cols, rows);
        let terminal = Terminal::new(size.0, size.1).ok()?;
        Some(Self { size, state: State::Drawn(Box::new(terminal)) })
    }

    /// Its size: columns, rows.
    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// It has another size now.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        let (cols, rows) = sane(cols, rows);
        self.change(|t| {
            t.resize(cols, rows);
        });
        self.size = (cols, rows);
    }

    /// The target showed this.
    pub fn feed(&mut self, output: &str) {
        self.change(|t| {
            t.feed(output);
        });
    }

    /// What draws it on an empty terminal of the same size.
    pub fn dump(&self) -> String {
        match &self.state {
            State::Drawn(terminal) => terminal.dump(),
            State::Folded(dump) => dump.to_string(),
        }
    }

    /// Keeps it small until it is used again.
    pub fn fold(&mut self) {
        if let State::Drawn(terminal) = &self.state {
            self.state = State::Folded(terminal.dump().into_boxed_str());
        }
    }

    /// Whether a program has the whole screen (an editor, a pager).
    pub fn full_screen(&mut self) -> bool {
        self.read(|t| t.active_screen_kind() == ScreenKind::Alternate)
    }

    /// The text between the line's beginning and the cursor.
    pub fn before_cursor(&mut self) -> String {
        self.read(|t| {
            let cursor = t.cursor();
            let text: String = row_text(t, cursor.row).chars().take(cursor.col).collect();
            wrapped_above(t, cursor.row) + &text
        })
    }

    /// The cursor's line with the rows that it wraps over.
    pub fn logical_line(&mut self) -> String {
        self.read(|t| {
            let row = t.cursor().row;
            let mut text = wrapped_above(t, row);
            text.push_str(&row_text(t, row));
            let mut below = row;
            while wraps(t, below) {
                below += 1;
                text.push_str(&row_text(t, below));
            }
            text.trim_end().to_owned()
        })
    }

    fn read<T: Default>(&mut self, read: impl FnOnce(&Terminal) -> T) -> T {
        self.change(|t| read(t))
    }

    fn change<T: Default>(&mut self, change: impl FnOnce(&mut Terminal) -> T) -> T {
        if let State::Folded(dump) = &self.state {
            // The size was accepted when it was new.
            let Ok(mut terminal) = Terminal::new(self.size.0, self.size.1) else {
                return T::default();
            };
            terminal.feed(dump.as_ref());
            self.state = State::Drawn(Box::new(terminal));
        }
        match &mut self.state {
            State::Drawn(terminal) => change(terminal),
            State::Folded(_) => T::default(),
        }
    }
}

fn row_text(terminal: &Terminal, row: usize) -> String {
    terminal.screen().line(row).map(avt::Line::text).unwrap_or_default()
}

fn wraps(terminal: &Terminal, row: usize) -> bool {
    terminal.screen().line(row).is_some_and(avt::Line::is_wrapped)
}

fn wrapped_above(terminal: &Terminal, row: usize) -> String {
    let mut first = row;
    while first > 0 && wraps(terminal, first - 1) {
        first -= 1;
    }
    (first..row).map(|r| row_text(terminal, r)).collect()
}

fn sane(cols: u16, rows: u16) -> (usize, usize) {
    (usize::from(cols.max(1)).min(LARGEST), usize::from(rows.max(1)).min(LARGEST))
}
