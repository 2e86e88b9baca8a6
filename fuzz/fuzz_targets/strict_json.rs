//! What the strict reader takes, everybody reads the same way.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(map) = doorward_formats::strict::object(text.as_bytes()) {
        let other: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
        assert_eq!(other, serde_json::Value::Object(map));
    }
});
