//! The layers of the house (ARCHITECTURE.md), held by `cargo metadata`.

use std::collections::BTreeMap;

use anyhow::bail;
use serde_json::Value;

use crate::run;

/// Top first. A crate may import what stands in a lower row, nothing beside it.
const LAYERS: &[&[&str]] = &[
    &["doorward-bench"],
    &["doorward-testsuite", "xtask"],
    &["doorward"],
    &["doorward-web", "doorward-gate-ssh"],
    &["doorward-sso", "doorward-gate"],
    &["doorward-grants"],
    &["doorward-signin"],
    &["doorward-vault"],
    &["doorward-directory"],
    &["doorward-watch"],
    &["doorward-audit", "doorward-policy"],
    &["doorward-store", "doorward-runtime", "doorward-formats"],
    &["doorward-core"],
];

/// What may import these libraries, outside tests.
const WALLS: &[(&str, &[&str])] = &[
    ("rusqlite", &["doorward-store"]),
    ("tokio-postgres", &["doorward-store"]),
    ("deadpool-postgres", &["doorward-store"]),
    ("cedar-policy", &["doorward-policy", "doorward-bench"]),
    ("russh", &["doorward-gate-ssh", "doorward-bench"]),
    ("russh-sftp", &["doorward-gate-ssh"]),
    ("axum", &["doorward-web"]),
    ("webauthn-rs", &["doorward-signin"]),
    ("lettre", &["doorward-grants"]),
];

/// What a protocol may import of ours, besides its own library.
const PROTOCOL_IMPORTS: &[&str] =
    &["doorward-gate", "doorward-core", "doorward-formats", "doorward-runtime"];

/// Refuses what points up or through a wall.
pub fn check() -> anyhow::Result<()> {
    let text = run::output(&mut run::program(
        "cargo",
        &["metadata", "--format-version=1", "--no-deps", "--offline"],
    ))?;
    let metadata: Value = serde_json::from_str(&text)?;
    let height: BTreeMap<&str, usize> = LAYERS
        .iter()
        .rev()
        .enumerate()
        .flat_map(|(i, row)| row.iter().map(move |c| (*c, i)))
        .collect();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(mine) = height.get(name) else {
            wrong.push(format!("{name} stands in no layer; give it one in xtask/src/layers.rs"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if !dependency["kind"].is_null() {
                continue;
            }
            let other = dependency["name"].as_str().unwrap_or_default();
            if let Some(theirs) = height.get(other) {
                if theirs >= mine {
                    wrong.push(format!("{name} imports {other}, which does not stand below it"));
                }
                if name.starts_with("doorward-gate-") && !PROTOCOL_IMPORTS.contains(&other) {
                    wrong.push(format!("{name} is a protocol and imports {other}"));
                }
            }
            if let Some((_, may)) = WALLS.iter().find(|(library, _)| *library == other)
                && !may.contains(&name)
            {
                let may = may.join(", ");
                wrong.push(format!("{name} imports {other}, which only {may} may"));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("layers:\n  {}", wrong.join("\n  "))
}
