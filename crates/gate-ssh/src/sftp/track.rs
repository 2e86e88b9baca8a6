//! What an SFTP session does to files: requests are matched with their answers.

use std::collections::HashMap;

use doorward_gate::FileDone;

use super::packet::*;

/// The most requests and open files that are followed at once; OpenSSH's client
/// and server stay far below.
const MOST: usize = 8192;

enum Asked {
    Open {
        path: String,
    },
    Read {
        handle: Vec<u8>,
    },
    Write {
        handle: Vec<u8>,
        bytes: u64,
    },
    Close {
        handle: Vec<u8>,
    },
    Other(FileDone),
    /// What is not told of.
    Unnoted,
}

#[derive(Default)]
struct File {
    path: String,
    read: u64,
    written: u64,
    failed: bool,
}

/// Follows one SFTP session.
#[derive(Default)]
pub(crate) struct Tracker {
    asked: HashMap<u32, Asked>,
    open: HashMap<Vec<u8>, File>,
}

fn done(operation: &str, path: String) -> FileDone {
    FileDone { operation: operation.to_owned(), path, ..FileDone::default() }
}

impl Tracker {
    /// A packet from the person.
    pub fn request(&mut self, packet: &[u8]) -> Result<(), Malformed> {
        let Some((kind, mut f)) = Fields::of(packet) else { return Err(Malformed) };
        if kind == INIT {
            return Ok(());
        }
        let id = f.u32().ok_or(Malformed)?;
        let asked = match kind {
            OPEN => Asked::Open { path: f.text().ok_or(Malformed)? },
            READ => Asked::Read { handle: f.bytes().ok_or(Malformed)?.to_vec() },
            WRITE => {
                let handle = f.bytes().ok_or(Malformed)?.to_vec();
                let _offset = f.u64().ok_or(Malformed)?;
                Asked::Write { handle, bytes: u64::from(f.u32().ok_or(Malformed)?) }
            }
            CLOSE => Asked::Close { handle: f.bytes().ok_or(Malformed)?.to_vec() },
            REMOVE => Asked::Other(done("remove", f.text().ok_or(Malformed)?)),
            MKDIR => Asked::Other(done("mkdir", f.text().ok_or(Malformed)?)),
            RMDIR => Asked::Other(done("rmdir", f.text().ok_or(Malformed)?)),
            SETSTAT => Asked::Other(done("setstat", f.text().ok_or(Malformed)?)),
            RENAME => self.two("rename", &mut f)?,
            // OpenSSH sends the link's target first.
            SYMLINK => {
                let to = f.text().ok_or(Malformed)?;
                let mut d = done("symlink", f.text().ok_or(Malformed)?);
                d.other_path = Some(to);
                Asked::Other(d)
            }
            EXTENDED => match f.bytes().ok_or(Malformed)? {
                b"posix-rename@openssh.com" => self.two("rename", &mut f)?,
                b"hardlink@openssh.com" => self.two("hardlink", &mut f)?,
                b"lsetstat@openssh.com" => {
                    Asked::Other(done("setstat", f.text().ok_or(Malformed)?))
                }
                b"copy-data" => Asked::Other(done("copy", "between open files".to_owned())),
                _ => Asked::Unnoted,
            },
            _ => Asked::Unnoted,
        };
        // INVARIANT: an id waits for one answer, or that of another request would pass
        // for it.
        if self.asked.len() >= MOST || self.asked.insert(id, asked).is_some() {
            return Err(Malformed);
        }
        Ok(())
    }

    fn two(&self, operation: &str, f: &mut Fields<'_>) -> Result<Asked, Malformed> {
        let mut d = done(operation, f.text().ok_or(Malformed)?);
        d.other_path = Some(f.text().ok_or(Malformed)?);
        Ok(Asked::Other(d))
    }

    /// A packet from the target; gives what was done by it.
    pub fn answer(&mut self, packet: &[u8]) -> Result<Option<FileDone>, Malformed> {
        let Some((kind, mut f)) = Fields::of(packet) else { return Err(Malformed) };
        if kind == VERSION {
            return Ok(None);
        }
        let id = f.u32().ok_or(Malformed)?;
        let Some(asked) = self.asked.remove(&id) else { return Ok(None) };
        let status = if kind == STATUS { Some(f.u32().ok_or(Malformed)?) } else { None };
        let good = matches!(status, None | Some(0));
        Ok(match asked {
            Asked::Open { path } => {
                if kind == HANDLE {
                    let handle = f.bytes().ok_or(Malformed)?.to_vec();
                    if self.open.len() >= MOST {
                        return Err(Malformed);
                    }
                    self.open.insert(handle, File { path, ..File::default() });
                    None
                } else {
                    let mut d = done("open", path);
                    d.outcome = outcome(status);
                    Some(d)
                }
            }
            Asked::Read { handle } => {
                if kind == DATA {
                    let bytes = u64::from(f.u32().ok_or(Malformed)?);
                    if let Some(file) = self.open.get_mut(&handle) {
                        file.read = file.read.saturating_add(bytes);
                    }
                }
                None
            }
            Asked::Write { handle, bytes } => {
                if let Some(file) = self.open.get_mut(&handle) {
                    if good {
                        file.written = file.written.saturating_add(bytes);
                    } else {
                        file.failed = true;
                    }
                }
                None
            }
            Asked::Close { handle } => self.open.remove(&handle).map(|file| closed(file, good)),
            Asked::Other(mut d) => {
                d.outcome = outcome(status);
                Some(d)
            }
            Asked::Unnoted => None,
        })
    }

    /// A request that the gateway refused itself.
    pub fn refused(&mut self, id: u32) -> Option<FileDone> {
        let mut d = match self.asked.remove(&id)? {
            Asked::Open { path } => done("open", path),
            Asked::Other(d) => d,
            _ => return None,
        };
        d.outcome = "refused".to_owned();
        Some(d)
    }

    /// The session ended: files that were never closed.
    pub fn rest(&mut self) -> Vec<FileDone> {
        self.open.drain().map(|(_, file)| closed(file, false)).collect()
    }
}

fn closed(file: File, good: bool) -> FileDone {
    let operation = match (file.read, file.written) {
        (0, 0) => "open",
        (_, 0) => "read",
        (0, _) => "write",
        _ => "read and write",
    };
    FileDone {
        operation: operation.to_owned(),
        path: file.path,
        other_path: None,
        bytes: file.read.saturating_add(file.written),
        outcome: if good && !file.failed { "ok" } else { "incomplete" }.to_owned(),
    }
}

fn outcome(status: Option<u32>) -> String {
    match status {
        None | Some(0) => "ok".to_owned(),
        Some(1) => "end of file".to_owned(),
        Some(2) => "no such file".to_owned(),
        Some(3) => "permission denied".to_owned(),
        Some(4) => "failure".to_owned(),
        Some(8) => "not supported".to_owned(),
        Some(other) => format!("status {other}"),
    }
}
