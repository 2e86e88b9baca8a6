//! Signed tokens before anything about them is believed.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = doorward_formats::jws::parse(text);
});
