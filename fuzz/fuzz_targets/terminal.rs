//! What a hostile target shows and a person types: the screen that is followed.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    doorward_gate::fuzz::terminal(bytes);
});
