//! Redirect addresses: what is taken for registered is that, byte for byte, but
//! for the port of a loopback address.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    use doorward_sso::{check_redirect_uri, redirect_matches};
    let Some((registered, asked)) = text.split_once(char::from(10)) else { return };
    if check_redirect_uri(registered).is_ok() && redirect_matches(registered, asked) {
        let loopback = ["http://127.0.0.1", "http://[::1]"];
        let both = |l: &str| registered.starts_with(l) && asked.starts_with(l);
        assert!(registered == asked || loopback.into_iter().any(both), "{registered:?} {asked:?}");
        assert!(!asked.contains(char::is_whitespace));
    }
});
