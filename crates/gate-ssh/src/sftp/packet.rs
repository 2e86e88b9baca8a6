//! SFTP packets out of a stream of bytes.

/// The longest packet: OpenSSH's own limit.
const LONGEST: usize = 256 * 1024;
/// How much of a packet that carries content is looked at: enough for its id,
/// handle, offset and length.
const HEAD: usize = 320;

pub(crate) const INIT: u8 = 1;
pub(crate) const VERSION: u8 = 2;
pub(crate) const OPEN: u8 = 3;
pub(crate) const CLOSE: u8 = 4;
pub(crate) const READ: u8 = 5;
pub(crate) const WRITE: u8 = 6;
pub(crate) const LSTAT: u8 = 7;
pub(crate) const FSTAT: u8 = 8;
pub(crate) const SETSTAT: u8 = 9;
pub(crate) const FSETSTAT: u8 = 10;
pub(crate) const OPENDIR: u8 = 11;
pub(crate) const READDIR: u8 = 12;
pub(crate) const REMOVE: u8 = 13;
pub(crate) const MKDIR: u8 = 14;
pub(crate) const RMDIR: u8 = 15;
pub(crate) const REALPATH: u8 = 16;
pub(crate) const STAT: u8 = 17;
pub(crate) const RENAME: u8 = 18;
pub(crate) const READLINK: u8 = 19;
pub(crate) const SYMLINK: u8 = 20;
pub(crate) const STATUS: u8 = 101;
pub(crate) const HANDLE: u8 = 102;
pub(crate) const DATA: u8 = 103;
pub(crate) const NAME: u8 = 104;
pub(crate) const ATTRS: u8 = 105;
pub(crate) const EXTENDED: u8 = 200;
pub(crate) const EXTENDED_REPLY: u8 = 201;

/// The stream is no SFTP, or it lies about lengths.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is not the SFTP that OpenSSH speaks")]
pub(crate) struct Malformed;

/// A part of the stream. All parts together are the stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A packet with its length field; of one that carries content, its head.
    Packet(Vec<u8>),
    /// Content that follows a head.
    Content(Vec<u8>),
}

/// Whose packets a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Requests.
    Person,
    /// Answers.
    Target,
}

impl Side {
    /// Whether this side sends packets of this kind.
    fn sends(self, kind: u8) -> bool {
        let answers =
            matches!(kind, VERSION | STATUS | HANDLE | DATA | NAME | ATTRS | EXTENDED_REPLY);
        answers == (self == Self::Target)
    }

    /// The one kind of its packets that carries content.
    fn content(self) -> u8 {
        match self {
            Self::Person => WRITE,
            Self::Target => DATA,
        }
    }
}

/// Cuts a stream into packets.
#[derive(Debug)]
pub(crate) struct Parser {
    side: Side,
    buffer: Vec<u8>,
    content: usize,
}

impl Parser {
    /// Of what this side sends.
    pub fn of(side: Side) -> Self {
        Self { side, buffer: Vec::new(), content: 0 }
    }

    /// The parts that these bytes complete.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<Piece>, Malformed> {
        let mut pieces = Vec::new();
        while !bytes.is_empty() {
            if self.content > 0 {
                let (now, rest) = bytes.split_at(self.content.min(bytes.len()));
                self.content -= now.len();
                pieces.push(Piece::Content(now.to_vec()));
                bytes = rest;
                continue;
            }
            let wanted = self.wanted()?.unwrap_or(5);
            let missing = wanted.saturating_sub(self.buffer.len());
            let (now, rest) = bytes.split_at(missing.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            bytes = rest;
            if let Some(wanted) = self.wanted()?
                && self.buffer.len() >= wanted
            {
                self.content = self.length().unwrap_or(0) + 4 - wanted;
                pieces.push(Piece::Packet(std::mem::take(&mut self.buffer)));
            }
        }
        Ok(pieces)
    }

    fn length(&self) -> Option<usize> {
        let bytes: [u8; 4] = self.buffer.get(..4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    }

    /// How many bytes of the present packet are looked at, once that is known.
    fn wanted(&self) -> Result<Option<usize>, Malformed> {
        let Some(length) = self.length() else { return Ok(None) };
        if length == 0 || length > LONGEST {
            return Err(Malformed);
        }
        let Some(kind) = self.buffer.get(4) else { return Ok(None) };
        if !self.side.sends(*kind) {
            return Err(Malformed);
        }
        let whole = length + 4;
        Ok(Some(if *kind == self.side.content() { whole.min(HEAD) } else { whole }))
    }
}

/// Reads the fields of one packet.
pub(crate) struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    /// Its kind, and the fields behind it.
    pub fn of(packet: &'a [u8]) -> Option<(u8, Self)> {
        let (kind, rest) = packet.get(4..)?.split_first()?;
        Some((*kind, Self(rest)))
    }

    pub fn u32(&mut self) -> Option<u32> {
        let (now, rest) = self.0.split_at_checked(4)?;
        self.0 = rest;
        Some(u32::from_be_bytes(now.try_into().ok()?))
    }

    pub fn u64(&mut self) -> Option<u64> {
        let (now, rest) = self.0.split_at_checked(8)?;
        self.0 = rest;
        Some(u64::from_be_bytes(now.try_into().ok()?))
    }

    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (now, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(now)
    }

    pub fn text(&mut self) -> Option<String> {
        self.bytes().map(|b| String::from_utf8_lossy(b).into_owned())
    }
}

/// Writes one packet.
pub(crate) struct Build(Vec<u8>);

impl Build {
    pub fn new(kind: u8, id: u32) -> Self {
        let mut out = vec![0, 0, 0, 0, kind];
        out.extend_from_slice(&id.to_be_bytes());
        Self(out)
    }

    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    #[must_use]
    pub fn u32(mut self, n: u32) -> Self {
        self.0.extend_from_slice(&n.to_be_bytes());
        self
    }

    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn done(mut self) -> Vec<u8> {
        let length = u32::try_from(self.0.len() - 4).unwrap_or(u32::MAX);
        if let Some(head) = self.0.get_mut(..4) {
            head.copy_from_slice(&length.to_be_bytes());
        }
        self.0
    }
}

/// A STATUS packet.
pub(crate) fn status(id: u32, code: u32, text: &str) -> Vec<u8> {
    Build::new(STATUS, id).u32(code).bytes(text.as_bytes()).bytes(b"en").done()
}
