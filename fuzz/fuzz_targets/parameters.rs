//! Parameters of OAuth as a form: none twice, and a query that reads back.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let pairs: Vec<(String, String)> = text
        .split('&')
        .map(|p| p.split_once('=').unwrap_or((p, "")))
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect();
    let mut names: Vec<&String> = pairs.iter().map(|(k, _)| k).collect();
    names.sort();
    let twice = names.windows(2).any(|w| w[0] == w[1]);
    let read = doorward_sso::Params::new(pairs.clone());
    assert!(!(twice && read.is_ok()), "a parameter was taken twice");
});
