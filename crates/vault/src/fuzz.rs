//! Doors for the fuzzers into what is private: there only when fuzzing.

use crate::envelope::{self, Aad};
use crate::seal::Share;

/// Nobody sealed these bytes under this key: they must not open.
pub fn envelope(bytes: &[u8]) {
    let aad = Aad::new("secret_version", "1", "sealed", 1);
    let key = doorward_core::Secret::new([7; 32]);
    if envelope::open(&key, &aad, bytes).is_ok() {
        std::process::abort();
    }
}

/// A share as somebody types it: what is read is written the same.
pub fn share(text: &str) {
    if let Ok(share) = Share::parse(text) {
        let Ok(again) = Share::parse(share.text().expose()) else { std::process::abort() };
        if again.index != share.index || again.set != share.set {
            std::process::abort();
        }
    }
}
