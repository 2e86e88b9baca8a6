//! What was typed, without what was typed in secret.
//!
//! A terminal shows what is typed unless it is told not to, and it is told not
//! to for passwords. So typed text is kept back until the target shows it; what
//! it does not show is recorded as asterisks. In full-screen programs keys are
//! not shown either and become asterisks too: that is the price.

/// The most text that is kept back.
const LONGEST: usize = 4096;

/// Follows one terminal.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    /// Typed and not yet shown.
    waiting: String,
}

impl Echo {
    /// Something was typed. Gives what may be recorded at once: keys that show
    /// nothing.
    pub fn typed(&mut self, text: &str) -> Option<String> {
        if self.waiting.is_empty() && !text.chars().any(shows) {
            return Some(text.to_owned());
        }
        self.waiting.push_str(text);
        (self.waiting.len() > LONGEST).then(|| self.hidden())
    }

    /// The target showed something. Gives what of the typed text can be
    /// recorded now: as it is where it was shown, hidden where it was not.
    pub fn shown(&mut self, output: &str) -> Option<String> {
        if self.waiting.is_empty() {
            return None;
        }
        let typed: Vec<char> = self.waiting.chars().filter(|c| shows(*c)).collect();
        let seen: Vec<char> = visible(output);
        let line_ends = output.contains('\n');
        if contains(&seen, &typed) {
            return Some(std::mem::take(&mut self.waiting));
        }
        // The beginning of it was shown, the rest is still to come.
        if !line_ends && !seen.is_empty() && typed.starts_with(&seen) {
            return Some(self.take(seen.len()));
        }
        Some(self.hidden())
    }

    /// Nothing more comes.
    pub fn rest(&mut self) -> Option<String> {
        (!self.waiting.is_empty()).then(|| self.hidden())
    }

    fn hidden(&mut self) -> String {
        let text = std::mem::take(&mut self.waiting);
        text.chars().map(|c| if shows(c) { '*' } else { c }).collect()
    }

    /// The text up to and with the `n`th visible character.
    fn take(&mut self, n: usize) -> String {
        let mut left = n;
        let at = self.waiting.char_indices().find(|(_, c)| {
            if shows(*c) {
                if left == 0 {
                    return true;
                }
                left -= 1;
            }
            false
        });
        match at {
            Some((i, _)) => {
                let rest = self.waiting.split_off(i);
                std::mem::replace(&mut self.waiting, rest)
            }
            None => std::mem::take(&mut self.waiting),
        }
    }
}

fn shows(c: char) -> bool {
    !c.is_control()
}

fn contains(seen: &[char], typed: &[char]) -> bool {
    typed.is_empty() || (typed.len() <= seen.len() && seen.windows(typed.len()).any(|w| w == typed))
}

/// The characters of output that are no part of escape sequences.
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
            c if shows(c) => seen.push(c),
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
        assert_eq!(echo.shown("-la"), Some("-la".to_owned()));
        assert_eq!(echo.typed("\r").as_deref(), Some("\r"));
        assert_eq!(echo.typed("x"), None);
        assert_eq!(echo.shown("\u{1b}[1mx\u{1b}[0m").as_deref(), Some("x"));
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
    }

    #[test]
    fn other_output_shows_nothing_of_a_password() {
        let mut echo = Echo::default();
        echo.typed("abc");
        assert_eq!(echo.shown("a job ended\r\n").as_deref(), Some("***"));
    }
}
