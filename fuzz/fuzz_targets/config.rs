//! The configuration file, and address blocks.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    use doorward_runtime::config::{Cidr, Config};
    let _ = Cidr::parse(text);
    let _ = toml::from_str::<Config>(text).map(|config| config.check());
});
