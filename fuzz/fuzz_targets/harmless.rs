//! What a viewer is shown: the same in whatever pieces it comes, and nothing in it
//! that a terminal would obey beyond drawing.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    use doorward_formats::asciicast::{Harmless, harmless};
    let whole = harmless(text);
    for acts in ["\u{1b}]", "\u{1b}P", "\u{1b}_", "\u{1b}^", "\u{9d}", "\u{90}"] {
        assert!(!whole.contains(acts), "{acts:?} went through");
    }
    let mut pieces = Harmless::default();
    let mut shown: String = text.chars().map(|c| pieces.feed(c.encode_utf8(&mut [0; 4]))).collect();
    shown.push_str(&pieces.rest());
    assert_eq!(shown, whole);
});
