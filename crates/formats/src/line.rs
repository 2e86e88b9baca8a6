//! Texts of strangers on one line: what moves a cursor, breaks the line or turns
//! the direction of writing (UAX #9) would show something else than is there.

/// Whether this character does more than be seen.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with a mark in place of each such character, and a blank in place of a
/// line break or a tab.
pub fn plain(text: &str) -> String {
    let shown = |c| match c {
        '\n' | '\r' | '\t' => ' ',
        c if acts(c) => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_seen_and_the_rest_is_left() {
        for (text, wanted) in [
            ("plain Ünïcode 漢字 שלום", "plain Ünïcode 漢字 שלום"),
            ("two\nlines\ttab", "two lines tab"),
            ("\u{1b}[2Jgone\u{7}", "\u{fffd}[2Jgone\u{fffd}"),
            ("txt.\u{202e}exe", "txt.\u{fffd}exe"),
            ("a\u{2066}b\u{2069}c\u{2028}d\u{9b}e", "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e"),
        ] {
            assert_eq!(plain(text), wanted);
        }
    }
}
