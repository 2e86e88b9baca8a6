//! Shares of the root key, as a custodian types them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    doorward_vault::fuzz::share(text);
});
