//! Which abuse cases have a test: doc comments that begin `abuse case 12:`.

use std::collections::BTreeMap;

use crate::run;

/// Prints each case and where its tests stand.
pub fn print() -> anyhow::Result<()> {
    let found = run::output(&mut run::program(
        "git",
        &[
            "grep",
            "-nE",
            "--untracked",
            "(///|//) abuse case [A-Z]?[0-9]",
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
        println!("{name:>4}  {}", places.join("  "));
    }
    println!("{} cases have a test", cases.len());
    Ok(())
}
