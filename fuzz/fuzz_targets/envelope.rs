//! Sealed values, cut and altered: nothing but what was sealed is opened.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    doorward_vault::fuzz::envelope(bytes);
});
