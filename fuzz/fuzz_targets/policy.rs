//! Policies as somebody types them: good, or problems that point into the text.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(problems) = doorward_policy::validate(text) {
        let lines = text.split('\n').count();
        for problem in problems {
            assert!((1..=lines).contains(&problem.line), "{problem:?} of {lines} lines");
        }
    }
});
