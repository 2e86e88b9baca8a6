//! The old scp protocol (`scp -O`, RCP's): headers in lines, then content.

use doorward_gate::FileDone;

use super::Plain;

/// Which way files go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// `scp -t`: to the target.
    ToTarget,
    /// `scp -f`: to the person.
    ToPerson,
}

enum State {
    Line(Vec<u8>),
    Content(u64),
    /// The byte behind content: zero, or the first of a message why it is not whole.
    End,
    /// It is no scp after all.
    Lost,
}

/// Follows both sides: what is not the content of a file is never skipped.
pub(crate) struct Scp {
    direction: Direction,
    path: Vec<String>,
    file: Option<(String, u64)>,
    state: State,
    /// The other side is in the middle of a message.
    answering: bool,
}

/// What some bytes come to.
#[derive(Default)]
pub(crate) struct Seen {
    /// The files that they complete.
    pub files: Vec<FileDone>,
    /// All of them that are not content.
    pub said: Vec<u8>,
}

/// The longest header line.
const LONGEST: usize = 4096;

impl Scp {
    /// Of an scp command that a client runs on a target: `scp -v -r -t /tmp/x`.
    pub fn of(command: Plain<'_>) -> Option<Self> {
        let mut direction = None;
        let mut path = None;
        let mut options = true;
        for word in command.arguments_of("scp")? {
            match word.strip_prefix('-') {
                Some("-") if options => options = false,
                Some(letters) if options => {
                    for letter in letters.chars() {
                        match letter {
                            't' => direction = Some(Direction::ToTarget),
                            'f' => direction = Some(Direction::ToPerson),
                            _ => {}
                        }
                    }
                }
                _ => path = Some(word.to_owned()),
            }
        }
        Some(Self {
            direction: direction?,
            path: path.into_iter().collect(),
            file: None,
            state: State::Line(Vec::new()),
            answering: false,
        })
    }

    /// Bytes that go this way.
    pub fn push(&mut self, way: Direction, mut bytes: &[u8]) -> Seen {
        let mut seen = Seen::default();
        while let Some((first, rest)) = bytes.split_first() {
            if way != self.direction || matches!(self.state, State::Lost) {
                seen.said.extend_from_slice(bytes);
                if way != self.direction && !bytes.iter().all(|b| self.answers(*b)) {
                    self.state = State::Lost;
                }
                return seen;
            }
            match &mut self.state {
                State::Content(left) => {
                    let now = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= now as u64;
                    bytes = bytes.get(now..).unwrap_or_default();
                }
                State::End => {
                    let outcome = if *first == 0 { "ok" } else { "incomplete" };
                    let file = self.file.take();
                    seen.files.extend(file.map(|(path, size)| self.done(path, size, outcome)));
                    self.state = State::Line(Vec::new());
                }
                State::Line(line) => {
                    seen.said.push(*first);
                    bytes = rest;
                    match *first {
                        // Answers of the other kind are mixed in: one zero byte each.
                        0 if line.is_empty() => {}
                        b'\n' => {
                            let line = std::mem::take(line);
                            self.state = self.header(&line).unwrap_or(State::Lost);
                        }
                        byte if begins(line.first().copied().unwrap_or(byte))
                            && line.len() < LONGEST =>
                        {
                            line.push(byte);
                        }
                        _ => self.state = State::Lost,
                    }
                }
                State::Lost => {}
            }
            if let State::Content(0) = self.state {
                self.state = State::End;
            }
        }
        seen
    }

    /// Whether the side that receives may say this: zeros, and messages in lines.
    fn answers(&mut self, byte: u8) -> bool {
        let fine = self.answering || byte <= 2;
        self.answering = if self.answering { byte != b'\n' } else { byte != 0 };
        fine
    }

    /// A file that was begun and not finished.
    pub fn rest(&mut self) -> Option<FileDone> {
        let (path, size) = self.file.take()?;
        Some(self.done(path, size, "incomplete"))
    }

    fn done(&self, path: String, bytes: u64, outcome: &str) -> FileDone {
        let operation = match self.direction {
            Direction::ToTarget => "write",
            Direction::ToPerson => "read",
        };
        FileDone {
            operation: operation.to_owned(),
            path,
            other_path: None,
            bytes,
            outcome: outcome.to_owned(),
        }
    }

    /// What comes after this line; none, when no scp says it.
    fn header(&mut self, line: &[u8]) -> Option<State> {
        let text = String::from_utf8_lossy(line);
        let mut words = text.splitn(3, ' ');
        let (_mode, size, name) = (words.next(), words.next(), words.next());
        match (text.chars().next()?, size.and_then(|s| s.parse::<u64>().ok()), name) {
            ('C', Some(size), Some(name)) => {
                self.file = Some((self.join(name), size));
                return Some(State::Content(size));
            }
            ('D', Some(_), Some(name)) => self.path.push(name.to_owned()),
            ('E', None, None) => {
                if self.path.len() > 1 {
                    self.path.pop();
                }
            }
            // Times, warnings and errors.
            ('T' | '\u{1}' | '\u{2}', _, _) => {}
            _ => return None,
        }
        Some(State::Line(Vec::new()))
    }

    fn join(&self, name: &str) -> String {
        match self.direction {
            Direction::ToTarget => {
                let mut parts = self.path.clone();
                parts.push(name.to_owned());
                parts.join("/")
            }
            Direction::ToPerson => match self.path.first() {
                // Of a single file, the command names it in full.
                Some(path) if self.path.len() == 1 && path.ends_with(name) => path.clone(),
                _ => {
                    let mut parts = self.path.clone();
                    parts.push(name.to_owned());
                    parts.join("/")
                }
            },
        }
    }
}

/// Whether a line of the protocol begins so.
fn begins(byte: u8) -> bool {
    matches!(byte, b'C' | b'D' | b'E' | b'T' | 1 | 2)
}
