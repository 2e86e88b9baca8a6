//! The terminal as the person sees it, and the commands that can be read off it.
//!
//! What is read is what stood on the line when Enter ended it: completion and
//! history are in it, aliases are not resolved. So it is never *certain*. What was
//! typed must stand there, or keys that edit must have been pressed: a line that
//! shows nothing of what was typed (a password) is no command, and neither is
//! what a program prints while lines are typed ahead of it. On the alternate
//! screen (editors, pagers) nothing is read.

use std::collections::VecDeque;

use super::keys::{Key, Keys};
use super::surface::Surface;

/// The most of a line that is compared, how many lines may be typed ahead, and
/// for how many lines of output they are looked for.
const LONGEST: usize = 4096;
const AHEAD: usize = 64;
const MISSES: usize = 64;

/// A line that was typed, or is being typed.
#[derive(Debug, Default)]
struct Line {
    /// What stood before the cursor when it was begun; none when it was typed
    /// before the target could show anything.
    prompt: Option<String>,
    /// The characters that show.
    typed: String,
    /// Keys that edit were pressed: what stands there is more than was typed.
    edited: bool,
}

/// One terminal.
pub(crate) struct Screen {
    surface: Surface,
    keys: Keys,
    /// The line that is being typed.
    line: Option<Line>,
    /// Lines that Enter ended and the target has not.
    ended: VecDeque<Line>,
    /// How many lines of output showed none of these.
    misses: usize,
    /// The target has shown something since the last Enter.
    fresh: bool,
    /// What stood before the last command.
    prompt: String,
}

impl Screen {
    /// Of this size.
    pub fn new(cols: u16, rows: u16) -> Option<Self> {
        Some(Self {
            surface: Surface::new(cols, rows)?,
            keys: Keys::default(),
            line: None,
            ended: VecDeque::new(),
            misses: 0,
            fresh: true,
            prompt: String::new(),
        })
    }

    /// Its size: columns, rows.
    pub fn size(&self) -> (usize, usize) {
        self.surface.size()
    }

    /// It has another size now.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.surface.resize(cols, rows);
    }

    /// What draws the present screen on an empty terminal of the same size.
    pub fn dump(&self) -> String {
        self.surface.dump()
    }

    /// Keeps what it shows small until it is used again.
    pub fn fold(&mut self) {
        self.surface.fold();
    }

    /// The person typed.
    pub fn typed(&mut self, text: &str) {
        let full_screen = self.surface.full_screen();
        for c in text.chars() {
            let key = self.keys.of(c);
            if full_screen {
                continue;
            }
            match key {
                Key::Text(c) => {
                    let line = self.begun();
                    if line.typed.len() < LONGEST {
                        line.typed.push(c);
                    }
                }
                Key::Edit => self.begun().edited = true,
                Key::Enter => self.enter(),
                Key::Interrupt => self.forget(),
                Key::Silent => {}
            }
        }
        if full_screen {
            self.forget();
        }
    }

    fn begun(&mut self) -> &mut Line {
        let prompt = match self.line {
            None if self.fresh => Some(self.surface.before_cursor()),
            _ => None,
        };
        self.line.get_or_insert_with(|| Line { prompt, ..Line::default() })
    }

    fn enter(&mut self) {
        let Some(line) = self.line.take() else { return };
        if self.ended.len() == AHEAD {
            self.ended.pop_front();
        }
        self.ended.push_back(line);
        (self.misses, self.fresh) = (0, false);
    }

    fn forget(&mut self) {
        self.line = None;
        self.ended.clear();
    }

    /// The target showed something; gives the commands that were on the lines
    /// that Enter ended.
    pub fn shown(&mut self, output: &str) -> Vec<String> {
        let mut commands = Vec::new();
        let mut rest = output;
        while !self.ended.is_empty() {
            let Some((line, after)) = rest.split_once('\n') else { break };
            self.surface.feed(line);
            if !self.surface.full_screen() {
                let text = self.surface.logical_line();
                commands.extend(self.command(&text));
            }
            self.surface.feed("\n");
            rest = after;
        }
        self.surface.feed(rest);
        self.fresh |= !output.is_empty();
        commands
    }

    /// The command on a line that the target has just ended.
    fn command(&mut self, text: &str) -> Option<String> {
        let stands = |l: &Line| !l.edited && !l.typed.is_empty() && text.contains(l.typed.trim());
        // What an edited line says is only known where it was begun.
        let edited = || {
            let line = self.ended.front().filter(|l| l.edited)?;
            let prompt = line.prompt.as_deref().filter(|p| !p.is_empty())?;
            after(text, prompt).map(|_| 0)
        };
        let Some(at) = self.ended.iter().position(stands).or_else(edited) else {
            self.missed(text);
            return None;
        };
        // What was typed before it was never shown.
        let line = self.ended.drain(..=at).next_back()?;
        self.misses = 0;
        let own = line.prompt.filter(|p| !p.is_empty() && after(text, p).is_some());
        let last = Some(&self.prompt).filter(|p| !p.is_empty() && text.starts_with(*p)).cloned();
        // Who types before the prompt stands there whole began on less than all of
        // it. Both begin the line, so the greater is the longer.
        let command = match own.max(last) {
            Some(prompt) => {
                let command = after(text, &prompt).unwrap_or(text);
                self.prompt = prompt;
                command
            }
            None => text.find(line.typed.trim()).and_then(|at| text.get(at..)).unwrap_or(text),
        };
        let command = command.trim();
        // Stars in place of what was typed.
        let masked = command.chars().all(|c| c == '*' || c == '\u{2022}');
        (!masked).then(|| command.to_owned())
    }

    /// The target ended a line on which nothing of what was typed stands.
    fn missed(&mut self, text: &str) {
        let unseen = |l: &Line| l.prompt.as_deref().is_some_and(|p| p.trim_end() == text);
        if self.ended.front().is_some_and(unseen) {
            self.ended.pop_front();
            return;
        }
        self.misses += 1;
        if self.misses > MISSES {
            self.ended.clear();
        }
    }
}

/// What stands after the prompt. A line's end is trimmed, so a prompt alone may be
/// shorter by a blank.
fn after<'a>(text: &'a str, prompt: &str) -> Option<&'a str> {
    text.strip_prefix(prompt).or_else(|| (prompt.trim_end() == text).then_some(""))
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
        s.typed("ls\r");
        assert_eq!(s.shown("ls\r\nfile\r\n$ "), ["ls"]);
    }

    /// At whatever byte it is folded, in the middle of a sequence too: it reads and
    /// shows the same as one that never was.
    #[test]
    fn folding_changes_nothing() {
        let story = [
            (false, "Welcome \u{1b}[1;31mback\u{1b}[0m\r\ndeploy@web-1:~$ "),
            (true, "cat /etc/ho\t"),
            (false, "cat /etc/hostname "),
            (true, "\r"),
            (false, "\r\nweb-1\r\n\u{1b}]0;title\u{7}\u{1b}[?2004hdeploy@web-1:~$ "),
            (true, "echo 0123456789 0123456789 0123456789 \u{65e5}\u{672c}\r"),
            (false, "echo 0123456789 0123456789 0123456789 \u{65e5}\u{672c}\r\n0123\r\n$ "),
            (true, "vi\r"),
            (false, "vi\r\n\u{1b}[?1049h\u{1b}[2J\u{1b}[3;5r\u{1b}[4;2H~ text"),
            (true, ":q\r"),
            (false, ":q\r\n\u{1b}[r\u{1b}[?1049l$ "),
            (true, "sleep 1\rls\r"),
            (false, "sleep 1\r\n$ ls\r\nfile\r\n$ "),
        ];
        let (mut plain, mut folded) = (Screen::new(20, 6).unwrap(), Screen::new(20, 6).unwrap());
        let mut read = Vec::new();
        for (typed, text) in story {
            for c in text.chars() {
                let c = c.to_string();
                folded.fold();
                if typed {
                    plain.typed(&c);
                    folded.typed(&c);
                } else {
                    let commands = plain.shown(&c);
                    assert_eq!(folded.shown(&c), commands);
                    read.extend(commands);
                }
                assert_eq!(folded.dump(), plain.dump(), "after {c:?} of {text:?}");
            }
        }
        let long = "echo 0123456789 0123456789 0123456789 \u{65e5}\u{672c}";
        assert_eq!(read, ["cat /etc/hostname", long, "vi", "sleep 1", "ls"]);
    }

    /// The shell has the keys before its prompt stands there, or before all of it.
    #[test]
    fn command_that_is_begun_before_its_prompt_is_read_without_it() {
        for begun in ["", "deploy@", "deploy@web-1:~$"] {
            let prompt = "deploy@web-1:~$ ";
            let mut s = screen();
            s.shown(&format!("Welcome\r\n{prompt}"));
            s.typed("ls\r");
            assert_eq!(s.shown("ls\r\nfile\r\n"), ["ls"]);
            s.shown(begun);
            s.typed("id\r");
            s.shown(prompt.strip_prefix(begun).unwrap());
            assert_eq!(s.shown("id\r\n"), ["id"], "begun after {begun:?}");
        }
        // And the first of all.
        let mut s = screen();
        s.typed("id\r");
        assert_eq!(s.shown("\u{1b}[?2004hdeploy@web-1:~$ id\r\n"), ["id"]);
    }

    /// `read -s` does not even end the line.
    #[test]
    fn command_after_what_was_typed_unseen_is_read_alone() {
        let mut s = screen();
        s.shown("user$ ");
        s.typed("read -s x\r");
        assert_eq!(s.shown("read -s x\r\n"), ["read -s x"]);
        s.typed("hunter2\r");
        assert!(s.shown("user$ ").is_empty());
        s.typed("ls\r");
        assert_eq!(s.shown("ls\r\nfile-a file-b\r\nuser$ "), ["ls"]);
        assert!(s.shown("other\r\n").is_empty());
    }

    #[test]
    fn output_after_a_corrected_password_is_no_command() {
        let mut s = screen();
        s.shown("user$ ");
        s.typed("./ask\r");
        assert_eq!(s.shown("./ask\r\n"), ["./ask"]);
        s.typed("hunter3\u{7f}2\r");
        assert!(s.shown("first line\r\nsecond line\r\nuser$ ").is_empty());
        s.typed("ls\r");
        assert_eq!(s.shown("ls\r\n"), ["ls"]);
    }

    #[test]
    fn wide_and_combined_characters_are_read() {
        let mut s = screen();
        s.shown("$ ");
        s.typed("echo 日本語 é\r");
        assert_eq!(s.shown("echo 日本語 é\r\n"), ["echo 日本語 é"]);
    }

    #[test]
    fn stars_in_place_of_a_password_are_no_command() {
        let mut s = screen();
        s.shown("Password: ");
        for c in "hunter2".chars() {
            s.typed(&c.to_string());
            s.shown("*");
        }
        s.typed("\r");
        assert!(s.shown("\r\n$ ").is_empty());
        s.shown("Password: ");
        s.typed("hunter3\u{7f}2\r");
        assert!(s.shown("*******\u{8} \u{8}*\r\n$ ").is_empty());
    }

    #[test]
    fn lines_typed_ahead_are_read_where_they_stand_and_output_is_not() {
        let mut s = screen();
        s.shown("user$ ");
        s.typed("sleep 1\rpwd\rls\r");
        let read = s.shown(
            "sleep 1\r\nfirst\r\nsecond\r\nuser$ pwd\r\n/home\r\nuser$ ls\r\nfile\r\nuser$ ",
        );
        assert_eq!(read, ["sleep 1", "pwd", "ls"]);
    }

    #[test]
    fn lines_that_are_never_shown_are_not_looked_for_for_ever() {
        let mut s = screen();
        s.shown("user$ ");
        s.typed("a\rsecret\r");
        assert_eq!(s.shown("a\r\n"), ["a"]);
        for n in 0..100 {
            assert!(s.shown(&format!("line {n}\r\n")).is_empty());
        }
        assert!(s.ended.is_empty());
        s.shown("user$ ");
        for _ in 0..1_000 {
            s.typed("x\r");
        }
        assert!(s.ended.len() <= AHEAD);
    }
}
