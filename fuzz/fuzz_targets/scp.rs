//! The old scp protocol and the command that begins it.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    doorward_gate_ssh::fuzz::scp(bytes);
});
