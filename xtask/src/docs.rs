//! Documentation that names what exists.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::run;

/// Every `crates/…`, `docs/…`, `xtask…` path in backticks and every relative
/// link of the Markdown files exists.
pub fn check() -> anyhow::Result<()> {
    let root = run::root();
    let listed = run::output(&mut run::program(
        "git",
        &["ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
    ))?;
    let mut missing = Vec::new();
    for file in listed.lines() {
        let path = root.join(file);
        if !path.exists() {
            continue;
        }
        let text = std::fs::read_to_string(&path).with_context(|| file.to_owned())?;
        let here = path.parent().unwrap_or(&root);
        for named in backticked(&text) {
            if !root.join(named.trim_end_matches('/')).exists() {
                missing.push(format!("{file}: `{named}`"));
            }
        }
        for link in links(&text) {
            if !here.join(link).exists() {
                missing.push(format!("{file}: ({link})"));
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!("the documentation names what is not there:\n  {}", missing.join("\n  "))
}

fn backticked(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2).filter(|s| {
        let begins = ["crates/", "docs/", "xtask/", "demo/", "deploy/", "console/"];
        begins.iter().any(|b| s.starts_with(b)) && !s.contains(['<', '*', ' ', '{', '\n'])
    })
}

fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|s| s.split(')').next()).filter_map(|s| {
        let path = s.split('#').next().unwrap_or_default();
        let local = !path.is_empty()
            && !path.contains("://")
            && !Path::new(path).is_absolute()
            && !path.starts_with("mailto:");
        local.then_some(path)
    })
}
