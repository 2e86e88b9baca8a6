//! A list of breached passwords on disk: SHA-1 in hex, one a line (with or
//! without `:count`), sorted, as the usual downloads are. Looked up by binary
//! search over the file, so that its size does not matter.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::Path;

use aws_lc_rs::digest;

/// Whether the password's SHA-1 is in the list.
pub(super) fn contains(list: &Path, password: &str) -> io::Result<bool> {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let wanted = hex::encode_upper(hash);
    let mut file = BufReader::new(File::open(list)?);
    let (mut low, mut high) = (0, file.get_ref().metadata()?.len());
    // INVARIANT: a line that begins in [low, high) may be the one.
    while low < high {
        let middle = low + (high - low) / 2;
        let Some((begin, line)) = line_at(&mut file, middle)? else {
            high = middle;
            continue;
        };
        let entry = line.trim_end().split(':').next().unwrap_or_default().to_ascii_uppercase();
        match entry.as_str().cmp(&wanted) {
            std::cmp::Ordering::Equal => return Ok(true),
            std::cmp::Ordering::Less => low = begin + line.len() as u64,
            // Every line that begins between the middle and here is too large.
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    Ok(false)
}

/// The first line that begins at or after `at`, and where.
fn line_at(file: &mut BufReader<File>, at: u64) -> io::Result<Option<(u64, String)>> {
    let mut begin = at;
    if at > 0 {
        // Unless the byte before is the end of a line, this is the middle of one.
        file.seek(SeekFrom::Start(at - 1))?;
        let mut rest = Vec::new();
        let skipped = file.read_until(b'\n', &mut rest)?;
        begin = at - 1 + skipped as u64;
    } else {
        file.seek(SeekFrom::Start(0))?;
    }
    let mut line = String::new();
    let read = file.read_line(&mut line)?;
    Ok((read > 0).then_some((begin, line)))
}
