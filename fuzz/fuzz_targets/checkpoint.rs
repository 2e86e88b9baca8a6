//! Signed heads of the log, as they come from a stranger.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = doorward_audit::checkpoint::open(text, &[7; 32]);
});
