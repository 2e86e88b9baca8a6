//! Names: what is taken is canonical already.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(name) = doorward_core::Name::parse(text) {
        let again = doorward_core::Name::parse(name.as_str()).expect("it is canonical");
        assert_eq!(name, again);
    }
});
