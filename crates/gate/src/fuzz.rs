//! Doors for the fuzzers into what is private: there only when fuzzing.

use crate::recorder::fuzz as inside;

/// A terminal that is shown and typed at in turns: the first byte of each piece
/// says which, and how long it is.
pub fn terminal(bytes: &[u8]) {
    inside::terminal(bytes);
}

/// The bytes as a recording's file: it is read to its end or to its fault.
pub fn recording(bytes: &[u8]) {
    let path = std::env::temp_dir().join(format!("doorward-fuzz-{}", std::process::id()));
    if std::fs::write(&path, bytes).is_err() {
        return;
    }
    let Ok(chunks) = crate::Chunks::open(&path) else { return };
    let held: usize = chunks.flatten().map(|(_, sealed)| sealed.len()).sum();
    // INVARIANT: no more is read than there is.
    if held > bytes.len() {
        std::process::abort();
    }
}
