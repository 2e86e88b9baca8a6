//! The settings of an SSH target: host keys and authorities in them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    doorward_gate_ssh::fuzz::settings(text);
});
