//! Tables of expectations.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = doorward_policy::Table::parse(text);
});
