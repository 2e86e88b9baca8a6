//! The terminal as the person sees it, and the commands that can be read off it.
//!
//! What is read is what the shell showed when Enter was pressed: completion and
//! history are in it, aliases are not resolved, and what was typed unseen is not
//! there. So it is never *certain*. On the alternate screen (editors, pagers)
//! nothing is read.

use avt::{ScreenKind, Terminal};

/// The largest terminal that is followed.
const LARGEST: usize = 500;

/// One terminal.
pub(crate) struct Screen {
    terminal: Terminal,
    /// What stood before the cursor when the person began to type.
    prompt: Option<String>,
    /// How often Enter was pressed and has not been answered.
    enters: usize,
}

impl Screen {
    /// Of this size.
    pub fn new(cols: u16, rows: u16) -> Option<Self> {
        let (cols, rows) = sane(cols, rows);
        let terminal = Terminal::new(cols, rows).ok()?;
        Some(Self { terminal, prompt: None, enters: 0 })
    }

    /// Its size: columns, rows.
    pub fn size(&self) -> (usize, usize) {
        self.terminal.size()
    }

    /// It has another size now.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        let (cols, rows) = sane(cols, rows);
        self.terminal.resize(cols, rows);
    }

    /// What draws the present screen on an empty terminal of the same size.
    pub fn dump(&self) -> String {
        self.terminal.dump()
    }

    /// The person typed.
    pub fn typed(&mut self, text: &str) {
        if self.terminal.active_screen_kind() == ScreenKind::Alternate {
            (self.prompt, self.enters) = (None, 0);
            return;
        }
        if self.prompt.is_none() && text.chars().any(|c| c != '\r' && c != '\n') {
            self.prompt = Some(self.before_cursor());
        }
        if self.prompt.is_some() {
            self.enters += text.chars().filter(|c| *c == '\r' || *c == '\n').count();
        }
        if text.contains('\u{3}') {
            // ^C: the line is thrown away.
            (self.prompt, self.enters) = (None, 0);
        }
    }

    /// The target showed something; gives the commands that were on the lines
    /// that Enter ended.
    pub fn shown(&mut self, output: &str) -> Vec<String> {
        let mut commands = Vec::new();
        let mut rest = output;
        while self.enters > 0 {
            let Some(end) = rest.find('\n') else { break };
            let (line, after) = rest.split_at(end);
            self.terminal.feed(line);
            if self.terminal.active_screen_kind() == ScreenKind::Primary {
                let text = self.logical_line();
                let prompt = self.prompt.take().unwrap_or_default();
                // The line's end is trimmed, so a prompt alone may be shorter by a blank.
                let command = match text.strip_prefix(prompt.as_str()) {
                    Some(command) => command.trim(),
                    None if prompt.trim_end() == text => "",
                    None => text.trim(),
                };
                if !command.is_empty() {
                    commands.push(command.to_owned());
                }
            }
            self.enters -= 1;
            self.prompt = None;
            rest = after;
            if self.enters > 0 {
                // Several lines were typed ahead: the next one begins wherever
                // the shell puts its prompt, which only the screen knows.
                self.terminal.feed("\n");
                rest = rest.get(1..).unwrap_or_default();
                self.prompt = Some(String::new());
            }
        }
        self.terminal.feed(rest);
        commands
    }

    fn row_text(&self, row: usize) -> String {
        self.terminal.screen().line(row).map(avt::Line::text).unwrap_or_default()
    }

    fn before_cursor(&self) -> String {
        let cursor = self.terminal.cursor();
        let text: String = self.row_text(cursor.row).chars().take(cursor.col).collect();
        self.wrapped_above(cursor.row) + &text
    }

    /// The cursor's line with the rows that it wraps over.
    fn logical_line(&self) -> String {
        let row = self.terminal.cursor().row;
        let mut text = self.wrapped_above(row);
        text.push_str(&self.row_text(row));
        let mut below = row;
        while self.terminal.screen().line(below).is_some_and(avt::Line::is_wrapped) {
            below += 1;
            text.push_str(&self.row_text(below));
        }
        text.trim_end().to_owned()
    }

    fn wrapped_above(&self, row: usize) -> String {
        let mut first = row;
        while first > 0 && self.terminal.screen().line(first - 1).is_some_and(avt::Line::is_wrapped)
        {
            first -= 1;
        }
        (first..row).map(|r| self.row_text(r)).collect()
    }
}

fn sane(cols: u16, rows: u16) -> (usize, usize) {
    (usize::from(cols.max(1)).min(LARGEST), usize::from(rows.max(1)).min(LARGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen() -> Screen {
        Screen::new(80, 24).unwrap()
    }

    #[test]
    fn a_command_is_read_without_its_prompt() {
        let mut s = screen();
        assert!(s.shown("Welcome\r\ndeploy@web-1:~$ ").is_empty());
        for c in ["l", "s"] {
            s.typed(c);
            assert!(s.shown(c).is_empty());
        }
        s.typed("\r");
        assert_eq!(s.shown("\r\nfile-a file-b\r\ndeploy@web-1:~$ "), ["ls"]);
    }

    #[test]
    fn completion_and_history_are_read_as_they_stand() {
        let mut s = screen();
        s.shown("$ ");
        s.typed("cat /etc/ho\t");
        s.shown("cat /etc/hostname ");
        s.typed("\r");
        assert_eq!(s.shown("\r\nweb-1\r\n$ "), ["cat /etc/hostname"]);
        s.typed("\u{1b}[A");
        s.shown("cat /etc/hostname ");
        s.typed("\r");
        assert_eq!(s.shown("\r\nweb-1\r\n$ "), ["cat /etc/hostname"]);
    }

    #[test]
    fn a_long_command_is_read_over_its_rows() {
        let mut s = Screen::new(20, 5).unwrap();
        s.shown("$ ");
        let command = "echo 0123456789 0123456789 0123456789";
        s.typed(command);
        s.shown(command);
        s.typed("\r");
        assert_eq!(s.shown("\r\n"), [command]);
    }

    #[test]
    fn what_is_typed_unseen_or_in_an_editor_is_no_command() {
        let mut s = screen();
        s.shown("Password: ");
        s.typed("secret");
        s.typed("\r");
        assert!(s.shown("\r\n$ ").is_empty());
        s.shown("\u{1b}[?1049h text");
        s.typed(":wq\r");
        assert!(s.shown(":wq\r\n\u{1b}[?1049l").is_empty());
        s.shown("$ ");
        s.typed("x");
        s.shown("x");
        s.typed("\u{3}");
        assert!(s.shown("^C\r\n$ ").is_empty());
    }
}
