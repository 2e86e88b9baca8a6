//! Typed text as keys: which of it a terminal would show, and which not.

/// One key, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// A character that a terminal shows.
    Text(char),
    /// The end of a line.
    Enter,
    /// `^C`: the line is thrown away.
    Interrupt,
    /// Something that edits the line: an arrow, Tab, Backspace, `^R`, …
    Edit,
    /// Nothing by itself: the middle of a sequence, the marks around what was
    /// pasted.
    Silent,
}

/// The longest parameters of a sequence that are looked at.
const LONGEST: usize = 16;

#[derive(Clone, Debug, Default)]
enum State {
    #[default]
    Plain,
    /// After ESC.
    Escape,
    /// After ESC O: one more (SS3).
    Single,
    /// After ESC [: parameters, then a final letter (ECMA-48 section 5.4).
    Control(String),
}

/// Follows what one person types.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(State);

impl Keys {
    /// What the next character is.
    pub fn of(&mut self, c: char) -> Key {
        match std::mem::take(&mut self.0) {
            State::Plain => self.plain(c),
            State::Escape => match c {
                '[' => self.goes_on(State::Control(String::new())),
                'O' => self.goes_on(State::Single),
                '\u{1b}' => self.goes_on(State::Escape),
                '\r' | '\n' => Key::Enter,
                _ => Key::Edit,
            },
            State::Single => Key::Edit,
            State::Control(mut parameters) => match c {
                '\u{20}'..='\u{3f}' => {
                    if parameters.len() < LONGEST {
                        parameters.push(c);
                    }
                    self.goes_on(State::Control(parameters))
                }
                '~' if parameters == "200" || parameters == "201" => Key::Silent,
                '\u{40}'..='\u{7e}' => Key::Edit,
                // No sequence after all.
                _ => self.plain(c),
            },
        }
    }

    fn plain(&mut self, c: char) -> Key {
        match c {
            '\r' | '\n' => Key::Enter,
            '\u{3}' => Key::Interrupt,
            '\u{1b}' => self.goes_on(State::Escape),
            c if c.is_control() => Key::Edit,
            c => Key::Text(c),
        }
    }

    fn goes_on(&mut self, state: State) -> Key {
        self.0 = state;
        Key::Silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Key> {
        let mut keys = Keys::default();
        text.chars().map(|c| keys.of(c)).filter(|k| *k != Key::Silent).collect()
    }

    #[test]
    fn only_what_shows_is_text() {
        use Key::{Edit, Enter, Interrupt, Text};
        assert_eq!(keys("aé\r"), [Text('a'), Text('é'), Enter]);
        assert_eq!(keys("\u{1b}[A\u{1b}OB\u{1b}[1;5Cx"), [Edit, Edit, Edit, Text('x')]);
        assert_eq!(keys("\u{1b}[200~ls\u{1b}[201~"), [Text('l'), Text('s')]);
        assert_eq!(keys("\t\u{7f}\u{1b}b\u{3}"), [Edit, Edit, Edit, Interrupt]);
        assert_eq!(keys("\u{1b}\u{1b}[A\u{1b}\r"), [Edit, Enter]);
        assert_eq!(keys("\u{1b}[é"), [Text('é')]);
        let endless = format!("\u{1b}[{}Ax", "1".repeat(1_000));
        assert_eq!(keys(&endless), [Edit, Text('x')]);
    }
}
