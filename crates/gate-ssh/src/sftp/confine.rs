//! SFTP below one folder: no way out by `..`, by absolute paths or by links.
//!
//! Each path is first taken apart here, then resolved by the target itself (its
//! `REALPATH` follows links), and only a path that is still below the folder is
//! let through. Links are not made. What another process on the target changes
//! between the check and the use is beyond what a gateway can see.

use super::packet::*;

/// Ids from here on are the gateway's own requests.
pub(crate) const OWN: u32 = 0xF000_0000;

/// What to do with a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Let it through as it is.
    Pass,
    /// Have these paths resolved; if all are below the folder, send this packet
    /// instead.
    Check { resolve: Vec<String>, packet: Vec<u8>, id: u32 },
    /// Refuse it.
    Refuse { id: u32 },
}

/// The folder.
#[derive(Clone, Debug)]
pub(crate) struct Confined {
    root: String,
}

impl Confined {
    pub fn new(root: &str) -> Self {
        let trimmed = root.trim_end_matches('/');
        Self { root: if trimmed.is_empty() { "/".to_owned() } else { trimmed.to_owned() } }
    }

    /// The folder itself, to be resolved once.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Whether a resolved path is inside the resolved folder.
    pub fn inside(resolved_root: &str, resolved: &str) -> bool {
        resolved == resolved_root
            || resolved_root == "/"
            || resolved.strip_prefix(resolved_root).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The path as it is meant, if it is not plainly outside. Relative paths
    /// begin at the folder.
    fn place(&self, path: &[u8]) -> Option<String> {
        let path = std::str::from_utf8(path).ok().filter(|p| !p.contains('\0'))?;
        let joined =
            if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", self.root) };
        let mut parts: Vec<&str> = Vec::new();
        for part in joined.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                part => parts.push(part),
            }
        }
        let clean = format!("/{}", parts.join("/"));
        Self::inside(&self.root, &clean).then_some(clean)
    }

    /// What to do with a request of the person.
    pub fn judge(&self, packet: &[u8]) -> Result<Verdict, Malformed> {
        let (kind, mut f) = Fields::of(packet).ok_or(Malformed)?;
        if kind == INIT {
            return Ok(Verdict::Pass);
        }
        let id = f.u32().ok_or(Malformed)?;
        if id >= OWN {
            return Err(Malformed);
        }
        Ok(match kind {
            CLOSE | READ | WRITE | FSTAT | FSETSTAT | READDIR => Verdict::Pass,
            OPEN | OPENDIR | STAT | SETSTAT | REALPATH => self.one(kind, id, &mut f, true)?,
            LSTAT | REMOVE | MKDIR | RMDIR | READLINK => self.one(kind, id, &mut f, false)?,
            RENAME => self.two(Build::new(kind, id), id, &mut f)?,
            EXTENDED => {
                let name = f.bytes().ok_or(Malformed)?;
                let build = Build::new(EXTENDED, id).bytes(name);
                match name {
                    b"posix-rename@openssh.com" => self.two(build, id, &mut f)?,
                    b"statvfs@openssh.com" => self.path(build, id, &mut f, true)?,
                    b"lsetstat@openssh.com" => self.path(build, id, &mut f, false)?,
                    b"fstatvfs@openssh.com"
                    | b"fsync@openssh.com"
                    | b"limits@openssh.com"
                    | b"users-groups-by-id@openssh.com"
                    | b"copy-data" => Verdict::Pass,
                    _ => Verdict::Refuse { id },
                }
            }
            _ => Verdict::Refuse { id },
        })
    }

    fn one(
        &self,
        kind: u8,
        id: u32,
        f: &mut Fields<'_>,
        follow: bool,
    ) -> Result<Verdict, Malformed> {
        self.path(Build::new(kind, id), id, f, follow)
    }

    fn path(
        &self,
        build: Build,
        id: u32,
        f: &mut Fields<'_>,
        follow: bool,
    ) -> Result<Verdict, Malformed> {
        let Some(path) = self.place(f.bytes().ok_or(Malformed)?) else {
            return Ok(Verdict::Refuse { id });
        };
        let resolve = vec![if follow { path.clone() } else { self.parent(&path) }];
        let packet = build.bytes(path.as_bytes()).raw(f.0).done();
        Ok(Verdict::Check { resolve, packet, id })
    }

    fn two(&self, build: Build, id: u32, f: &mut Fields<'_>) -> Result<Verdict, Malformed> {
        let from = self.place(f.bytes().ok_or(Malformed)?);
        let to = self.place(f.bytes().ok_or(Malformed)?);
        let (Some(from), Some(to)) = (from, to) else { return Ok(Verdict::Refuse { id }) };
        if from == self.root || to == self.root {
            return Ok(Verdict::Refuse { id });
        }
        let resolve = vec![self.parent(&from), self.parent(&to)];
        let packet = build.bytes(from.as_bytes()).bytes(to.as_bytes()).raw(f.0).done();
        Ok(Verdict::Check { resolve, packet, id })
    }

    /// The folder that a name is in; of the root, itself.
    fn parent(&self, path: &str) -> String {
        if path == self.root {
            return path.to_owned();
        }
        match path.rsplit_once('/') {
            Some(("", _)) | None => "/".to_owned(),
            Some((parent, _)) => parent.to_owned(),
        }
    }
}

/// The gateway's own question where a path leads.
pub(crate) fn ask(number: u32, path: &str) -> Vec<u8> {
    Build::new(REALPATH, OWN | (number & 0x0FFF_FFFF)).bytes(path.as_bytes()).done()
}

/// The target's answer to such a question: its number, and the path if there is one.
pub(crate) fn answered(packet: &[u8]) -> Option<(u32, Option<String>)> {
    let (kind, mut f) = Fields::of(packet)?;
    let id = f.u32().filter(|id| *id >= OWN)?;
    let path = (kind == NAME).then(|| {
        let count = f.u32()?;
        if count == 1 { f.text() } else { None }
    });
    Some((id & 0x0FFF_FFFF, path.flatten()))
}

/// The answer to a request that is refused.
pub(crate) fn refusal(id: u32, code: u32, text: &str) -> Vec<u8> {
    status(id, code, text)
}
