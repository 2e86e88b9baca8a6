//! Target output is hostile. This keeps what draws and drops what acts: it is
//! a list of what is let through, never of what is not (ECMA-48, xterm's
//! `ctlseqs`).

/// The longest control sequence that is looked at; a longer one is dropped.
const LONGEST: usize = 256;

/// Output without the sequences that could act on a viewer's terminal:
/// operating system commands (clipboard, title, links), device control
/// strings, queries that make the terminal type, printing, key remapping.
/// Colours, cursor movement, erasing, scrolling and the alternate screen stay.
pub fn harmless(data: &str) -> String {
    let mut filter = Harmless::default();
    let mut out = filter.feed(data);
    out.push_str(&filter.rest());
    out
}

/// The same for output that arrives in pieces.
#[derive(Debug, Default)]
pub struct Harmless {
    state: State,
    sequence: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    Escape,
    /// `ESC [`: parameters, intermediates, then one final character.
    Control,
    /// `ESC` and an intermediate: a character set, until one final character.
    Charset,
    /// OSC, DCS, SOS, PM, APC: until ST or BEL; nothing of it is let through.
    Text,
    /// ESC inside such a text.
    TextEscape,
}

impl Harmless {
    /// What of this piece may be shown.
    pub fn feed(&mut self, data: &str) -> String {
        let mut out = String::with_capacity(data.len());
        for ch in data.chars() {
            self.step(ch, &mut out);
        }
        out
    }

    /// Nothing more comes: an unfinished sequence is dropped.
    pub fn rest(&mut self) -> String {
        self.state = State::Ground;
        self.sequence.clear();
        String::new()
    }

    fn step(&mut self, ch: char, out: &mut String) {
        match self.state {
            State::Ground => match ch {
                '\u{1b}' => self.begin(State::Escape),
                '\u{9b}' => self.begin(State::Control),
                '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => self.begin(State::Text),
                '\u{7}' | '\u{8}' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{e}' | '\u{f}' => {
                    out.push(ch);
                }
                c if c.is_control() => {}
                c => out.push(c),
            },
            State::Escape => match ch {
                '[' => self.state = State::Control,
                ']' | 'P' | 'X' | '^' | '_' => self.state = State::Text,
                '(' | ')' | '*' | '+' => {
                    self.sequence.push(ch);
                    self.state = State::Charset;
                }
                // Save and restore cursor, index, next line, reverse index, tab
                // stop, keypad modes, full reset.
                '7' | '8' | 'D' | 'E' | 'M' | 'H' | '=' | '>' | 'c' => {
                    out.push('\u{1b}');
                    out.push(ch);
                    self.state = State::Ground;
                }
                '\u{1b}' => {}
                _ => self.state = State::Ground,
            },
            State::Charset => {
                // ASCII, line drawing and the national sets that are one letter.
                if ch.is_ascii_alphanumeric() {
                    out.push('\u{1b}');
                    out.push_str(&self.sequence);
                    out.push(ch);
                }
                self.begin(if ch == '\u{1b}' { State::Escape } else { State::Ground });
            }
            State::Control => match ch {
                '\u{20}'..='\u{3f}' if self.sequence.len() < LONGEST => self.sequence.push(ch),
                '\u{20}'..='\u{3f}' => {}
                '\u{1b}' => self.begin(State::Escape),
                '\u{40}'..='\u{7e}' => {
                    if self.sequence.len() < LONGEST && draws(&self.sequence, ch) {
                        out.push_str("\u{1b}[");
                        out.push_str(&self.sequence);
                        out.push(ch);
                    }
                    self.begin(State::Ground);
                }
                // CAN and SUB abort a sequence; others within it are no part of one.
                _ => self.begin(State::Ground),
            },
            State::Text => match ch {
                '\u{7}' | '\u{9c}' | '\u{18}' | '\u{1a}' => self.begin(State::Ground),
                '\u{1b}' => self.state = State::TextEscape,
                _ => {}
            },
            State::TextEscape => {
                if ch == '\\' {
                    self.begin(State::Ground);
                } else {
                    // An ESC ends the text, and begins a sequence of its own.
                    self.begin(State::Escape);
                    self.step(ch, out);
                }
            }
        }
    }

    fn begin(&mut self, state: State) {
        self.state = state;
        self.sequence.clear();
    }
}

/// Whether this control sequence only draws.
fn draws(parameters: &str, last: char) -> bool {
    let plain = parameters.bytes().all(|b| matches!(b, b'0'..=b'9' | b';' | b':'));
    match last {
        // Insert, cursor movement, erase, scroll, tabs, repeat.
        '@'
        | 'A'..='G'
        | 'H'
        | 'I'
        | 'J'
        | 'K'
        | 'L'
        | 'M'
        | 'P'
        | 'S'
        | 'T'
        | 'X'
        | 'Z'
        | '`'
        | 'a'
        | 'b'
        | 'd'
        | 'e'
        | 'f'
        | 'g'
        | 'm'
        | 'r'
        | 's'
        | 'u' => plain,
        // Modes: insert; of the private ones those that change only the drawing.
        'h' | 'l' => match parameters.strip_prefix('?') {
            Some(private) => private.split(';').all(|mode| {
                matches!(
                    mode,
                    "1" | "5" | "6" | "7" | "12" | "25" | "47" | "1047" | "1048" | "1049" | "2026"
                )
            }),
            None => plain && parameters.split(';').all(|mode| mode == "4" || mode == "20"),
        },
        // Cursor shape (`CSI n SP q`) and soft reset (`CSI ! p`).
        'q' => parameters.strip_suffix(' ').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit())),
        'p' => parameters == "!",
        _ => false,
    }
}
