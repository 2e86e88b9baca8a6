//! What was typed, without what was typed in secret.
//!
//! A terminal shows what is typed unless it is told not to, and it is told not
//! to for passwords. So typed text is kept back until the target shows it; what
//! it does not show is recorded as asterisks. Where a program shows keys in its
//! own way (full-screen ones, for example), or shows something else first, they
//! become asterisks too: that is the price.

use super::keys::{Key, Keys};

/// The most text that is kept back.
const LONGEST: usize = 4096;

/// Follows one terminal.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    /// Typed and not yet shown, with what each character is.
    waiting: Vec<(char, Key)>,
    keys: Keys,
}

impl Echo {
    /// Something was typed. Gives what may be recorded at once: keys that show
    /// nothing.
    pub fn typed(&mut self, text: &str) -> Option<String> {
        self.waiting.extend(text.chars().map(|c| (c, self.keys.of(c))));
        if self.waiting.iter().any(|(_, key)| matches!(key, Key::Text(_))) {
            return (self.waiting.len() > LONGEST).then(|| self.hidden());
        }
        self.open(self.waiting.len())
    }

    /// The target showed something. Gives what of the typed text can be
    /// recorded now: as it is where it was shown, hidden where it was not.
    pub fn shown(&mut self, output: &str) -> Option<String> {
        if self.waiting.is_empty() {
            return None;
        }
        let seen = visible(output);
        if seen.is_empty() {
            // A bell, a colour: it says nothing of what was typed.
            return None;
        }
        let typed: Vec<char> = self.waiting.iter().filter_map(|(_, key)| shows(*key)).collect();
        let same = typed.iter().zip(&seen).take_while(|(t, s)| t == s).count();
        let (enters, ends) = (typed.contains(&'\n'), seen.contains(&'\n'));
        // An echo ends a line only where Enter was pressed; what ends one by
        // itself is something else, and may begin like a password.
        let echo = enters || !ends;
        if echo && same == typed.len() {
            return self.open(self.waiting.len());
        }
        if echo && same == seen.len() {
            return self.open(self.through(same));
        }
        // A line that is drawn anew ends with what was typed.
        if !enters && !ends && seen.ends_with(&typed) {
            return self.open(self.waiting.len());
        }
        // Lines that were shown are known; what follows them was not.
        let whole = typed.iter().take(same).rposition(|c| *c == '\n').map_or(0, |at| at + 1);
        let known = if whole > 0 { self.open(self.through(whole)) } else { None };
        Some(known.unwrap_or_default() + &self.hidden())
    }

    /// Nothing more comes.
    pub fn rest(&mut self) -> Option<String> {
        (!self.waiting.is_empty()).then(|| self.hidden())
    }

    fn hidden(&mut self) -> String {
        let hide = |(c, key)| if matches!(key, Key::Text(_)) { '*' } else { c };
        std::mem::take(&mut self.waiting).into_iter().map(hide).collect()
    }

    /// The first `n` characters that wait, as they are.
    fn open(&mut self, n: usize) -> Option<String> {
        let text: String = self.waiting.drain(..n.min(self.waiting.len())).map(|w| w.0).collect();
        (!text.is_empty()).then_some(text)
    }

    /// How many characters wait up to and with the `n`th that shows.
    fn through(&self, n: usize) -> usize {
        let mut shown = 0;
        let at = self.waiting.iter().position(|(_, key)| {
            shown += usize::from(shows(*key).is_some());
            shown == n
        });
        at.map_or(0, |at| at + 1)
    }
}

/// What a terminal shows for the key.
fn shows(key: Key) -> Option<char> {
    match key {
        Key::Text(c) => Some(c),
        Key::Enter => Some('\n'),
        Key::Interrupt | Key::Edit | Key::Silent => None,
    }
}

/// The characters of output that are no part of escape sequences, and the ends of
/// its lines.
fn visible(output: &str) -> Vec<char> {
    let mut seen = Vec::new();
    let mut chars = output.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                Some('[') => {
                    while chars.next_if(|c| !('\u{40}'..='\u{7e}').contains(c)).is_some() {}
                    chars.next();
                }
                Some(']') => {
                    while chars.next_if(|c| *c != '\u{7}' && *c != '\u{1b}').is_some() {}
                    chars.next();
                }
                _ => {}
            },
            '\n' => seen.push('\n'),
            c if !c.is_control() => seen.push(c),
            _ => {}
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_target_shows_is_recorded() {
        let mut echo = Echo::default();
        assert_eq!(echo.typed("l"), None);
        assert_eq!(echo.shown("l").as_deref(), Some("l"));
        assert_eq!(echo.typed("s -la"), None);
        assert_eq!(echo.shown("s "), Some("s ".to_owned()));
        assert_eq!(echo.shown("\u{7}"), None);
        assert_eq!(echo.shown("-la"), Some("-la".to_owned()));
        assert_eq!(echo.typed("\r").as_deref(), Some("\r"));
        assert_eq!(echo.typed("x"), None);
        assert_eq!(echo.shown("\u{1b}[1mx\u{1b}[0m").as_deref(), Some("x"));
        assert_eq!(echo.typed("\u{1b}[A\t").as_deref(), Some("\u{1b}[A\t"));
        // A line that the shell draws anew, in colour.
        assert_eq!(echo.typed("s"), None);
        assert_eq!(echo.shown("\u{8}\u{1b}[32mls\u{1b}[0m").as_deref(), Some("s"));
    }

    #[test]
    fn whole_lines_are_recorded_and_what_follows_unseen_is_not() {
        let mut echo = Echo::default();
        assert_eq!(echo.typed("ls\rpwd\r"), None);
        assert_eq!(echo.shown("ls\r\npwd\r\n/home\r\n").as_deref(), Some("ls\rpwd\r"));
        assert_eq!(echo.typed("sudo id\rhunter2\r"), None);
        assert_eq!(echo.shown("sudo id\r\nPassword: ").as_deref(), Some("sudo id\r*******\r"));
    }

    #[test]
    fn a_password_becomes_asterisks() {
        let mut echo = Echo::default();
        for key in ["s", "e", "cret", "\r"] {
            assert_eq!(echo.typed(key), None);
        }
        assert_eq!(echo.shown("\r\n").as_deref(), Some("******\r"));
        assert_eq!(echo.typed("pw"), None);
        assert_eq!(echo.rest().as_deref(), Some("**"));
        // Shown as stars by the program: no echo either.
        assert_eq!(echo.typed("s"), None);
        assert_eq!(echo.shown("*").as_deref(), Some("*"));
        // Corrected on the way.
        assert_eq!(echo.typed("ab\u{7f}c\r"), None);
        assert_eq!(echo.shown("\r\nok\r\n").as_deref(), Some("**\u{7f}*\r"));
    }

    #[test]
    fn other_output_shows_nothing_of_a_password() {
        for (typed, shown) in [
            ("abc", "a job ended\r\n"),
            ("a", "a job ended\r\n"),
            ("a", "done: a\r\n"),
            ("job", "my job is done\r\n"),
            ("job\r", "\r\nmy job\r\n"),
        ] {
            let mut echo = Echo::default();
            assert_eq!(echo.typed(typed), None);
            let told = echo.shown(shown).unwrap();
            assert!(!told.contains(char::is_alphabetic), "{typed:?} {shown:?}: {told:?}");
        }
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut echo = Echo::default();
        let told: String =
            (0..2_000).filter_map(|_| echo.typed("secret")).collect::<Vec<_>>().concat();
        assert!(told.len() > 4_000 && told.chars().all(|c| c == '*'));
    }
}
