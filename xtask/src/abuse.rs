//! Which abuse cases have a test: doc comments that begin `abuse case 12:`.

use std::collections::BTreeMap;

use anyhow::bail;

use crate::run;

/// What is said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// Each case and where its tests stand.
    Everything,
    /// Only what is missing.
    Missing,
}

/// Cases that must have a test.
const NUMBERED: &[std::ops::RangeInclusive<u32>] = &[
    1..=7,
    10..=10,
    12..=14,
    17..=26,
    33..=37,
    39..=39,
    41..=41,
    44..=46,
    53..=56,
    60..=60,
    62..=62,
];
/// Fixtures that must have a test.
const FIXTURES: &[u32] = &[1, 2, 4, 6, 8, 9, 11];

/// Finds the tests of each case; fails when one that must have one has none.
pub fn check(say: Say) -> anyhow::Result<()> {
    let found = run::output(&mut run::program(
        "git",
        &[
            "grep",
            "-nE",
            "--untracked",
            "(///|//!|//) abuse case [A-Z]?[0-9]",
            "--",
            "*.rs",
            "*.mjs",
            "*.js",
        ],
    ))?;
    let mut cases: BTreeMap<(char, u32), Vec<String>> = BTreeMap::new();
    for line in found.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(file), Some(number), Some(text)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let Some(list) = text.split("abuse case ").nth(1).and_then(|t| t.split(':').next()) else {
            continue;
        };
        for case in list.split([',', ' ']).filter(|c| !c.is_empty()) {
            let letter = case.chars().next().filter(char::is_ascii_uppercase).unwrap_or('0');
            let digits: String = case.chars().filter(char::is_ascii_digit).collect();
            if let Ok(n) = digits.parse() {
                cases.entry((letter, n)).or_default().push(format!("{file}:{number}"));
            }
        }
    }
    for ((letter, n), places) in &cases {
        let name = if *letter == '0' { n.to_string() } else { format!("{letter}{n}") };
        if say == Say::Everything {
            println!("{name:>4}  {}", places.join("  "));
        }
    }
    let numbered = NUMBERED.iter().cloned().flatten().map(|n| ('0', n));
    let fixtures = FIXTURES.iter().map(|n| ('F', *n));
    let missing: Vec<String> = numbered
        .chain(fixtures)
        .filter(|case| !cases.contains_key(case))
        .map(|(letter, n)| if letter == '0' { n.to_string() } else { format!("{letter}{n}") })
        .collect();
    if !missing.is_empty() {
        bail!("abuse cases without a test: {}", missing.join(", "));
    }
    if say == Say::Everything {
        println!("{} cases have a test", cases.len());
    }
    Ok(())
}
