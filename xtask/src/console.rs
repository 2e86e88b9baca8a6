//! The console: installed by its lock file, checked, built into `console/dist`,
//! from where the binary takes it.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::run;

fn folder() -> PathBuf {
    run::root().join("console")
}

fn npm(args: &[&str]) -> anyhow::Result<()> {
    run::run(run::program("npm", args).current_dir(folder()))
        .with_context(|| format!("npm {}; is Node 18 or newer installed?", args.join(" ")))
}

/// When the newest file below was changed; nothing when there is none.
fn newest(path: &Path) -> Option<SystemTime> {
    let meta = path.metadata().ok()?;
    if meta.is_file() {
        return meta.modified().ok();
    }
    let entries = std::fs::read_dir(path).ok()?;
    entries.flatten().filter_map(|e| newest(&e.path())).max()
}

/// Whether `made` is there and younger than all of these.
fn fresh(made: &Path, from: &[PathBuf]) -> bool {
    let Some(made) = newest(made) else { return false };
    from.iter().filter_map(|p| newest(p)).all(|t| t <= made)
}

fn install() -> anyhow::Result<()> {
    let lock = folder().join("package-lock.json");
    if fresh(&folder().join("node_modules/.package-lock.json"), &[lock]) {
        return Ok(());
    }
    npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"])
}

/// Builds it, unless what is there was made from what is there.
pub fn build() -> anyhow::Result<()> {
    install()?;
    let mut from: Vec<PathBuf> = [
        "src",
        "tools",
        "index.html",
        "openapi.json",
        "package-lock.json",
        "vite.config.ts",
        "tsconfig.json",
    ]
    .iter()
    .map(|name| folder().join(name))
    .collect();
    from.push(run::root().join("crates/web/assets/doorward.css"));
    from.push(run::root().join("crates/policy/schema.cedarschema"));
    if fresh(&folder().join("dist/index.html"), &from) {
        return Ok(());
    }
    npm(&["run", "--silent", "build"])
}

/// The description that its client is made from is the one that the server gives.
pub fn same_description() -> anyhow::Result<()> {
    let program = run::root().join("target/debug/doorward").display().to_string();
    let given: Value =
        serde_json::from_str(&run::output(&mut run::program(&program, &["openapi"]))?)?;
    let kept: Value =
        serde_json::from_str(&std::fs::read_to_string(folder().join("openapi.json"))?)?;
    if given != kept {
        bail!("the API has changed: target/debug/doorward openapi > console/openapi.json");
    }
    Ok(())
}

/// Types, lints, and the tests of what it decides by itself.
pub fn check() -> anyhow::Result<()> {
    install()?;
    npm(&["run", "--silent", "check"])
}
