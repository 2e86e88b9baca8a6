//! Recordings as text: whatever is read is written, and read again the same.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    use doorward_formats::asciicast::{parse, push_event};
    let Ok((header, events)) = parse(text) else { return };
    let mut again = header.line().into_bytes();
    for event in &events {
        push_event(&mut again, event.at, event.kind, &event.data);
    }
    let again = String::from_utf8(again).expect("text");
    let (_, read) = parse(&again).expect("what we wrote is read");
    assert_eq!(events.len(), read.len());
    for (one, other) in events.iter().zip(&read) {
        assert_eq!((one.kind, &one.data), (other.kind, &other.data));
    }
});
