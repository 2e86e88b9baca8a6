//! The old scp protocol (`scp -O`, RCP's): headers in lines, then content.

use doorward_gate::FileDone;

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
    /// The zero byte behind content.
    End,
}

/// Follows the side that sends files.
pub(crate) struct Scp {
    pub direction: Direction,
    path: Vec<String>,
    file: Option<(String, u64)>,
    state: State,
    lost: bool,
}

/// The longest header line.
const LONGEST: usize = 4096;

impl Scp {
    /// Of an scp command that a client runs on a target: `scp -v -r -t /tmp/x`.
    pub fn of(command: &str) -> Option<Self> {
        let mut words = command.split_whitespace();
        let program = words.next()?;
        if program != "scp" && !program.ends_with("/scp") {
            return None;
        }
        let mut direction = None;
        let mut path = None;
        let mut options = true;
        for word in words {
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
            lost: false,
        })
    }

    /// Bytes of the sending side; gives the files that they complete.
    pub fn push(&mut self, mut bytes: &[u8]) -> Vec<FileDone> {
        let mut files = Vec::new();
        while let Some((first, rest)) = bytes.split_first() {
            if self.lost {
                return files;
            }
            match &mut self.state {
                State::Line(line) => {
                    // Answers of the other kind are mixed in: one zero byte each.
                    if line.is_empty() && *first == 0 {
                    } else if *first == b'\n' {
                        let line = std::mem::take(line);
                        self.header(&line);
                    } else {
                        line.push(*first);
                        self.lost |= line.len() > LONGEST;
                    }
                    bytes = rest;
                }
                State::Content(left) => {
                    let now = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= now as u64;
                    bytes = bytes.get(now..).unwrap_or_default();
                    if *left == 0 {
                        self.state = State::End;
                    }
                }
                State::End => {
                    if let Some((path, size)) = self.file.take() {
                        files.push(self.done(path, size, "ok"));
                    }
                    self.state = State::Line(Vec::new());
                    bytes = rest;
                }
            }
            if let State::Content(0) = self.state {
                self.state = State::End;
            }
        }
        files
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

    fn header(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let mut words = text.splitn(3, ' ');
        let (mode, size, name) = (words.next(), words.next(), words.next());
        match (text.chars().next(), size.and_then(|s| s.parse::<u64>().ok()), name) {
            (Some('C'), Some(size), Some(name)) if mode.is_some() => {
                self.file = Some((self.join(name), size));
                self.state = State::Content(size);
            }
            (Some('D'), Some(_), Some(name)) => self.path.push(name.to_owned()),
            (Some('E'), _, _) if self.path.len() > 1 => {
                self.path.pop();
            }
            // Times, warnings and errors.
            _ => {}
        }
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
