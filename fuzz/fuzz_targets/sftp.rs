//! Both directions of SFTP: split anywhere, nothing is held that was only claimed,
//! and no path outside the folder is let through.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    doorward_gate_ssh::fuzz::sftp(bytes);
});
