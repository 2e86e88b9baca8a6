//! The file of a recording, cut and altered.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    doorward_gate::fuzz::recording(bytes);
});
