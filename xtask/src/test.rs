//! `cargo xtask test` and `cargo xtask demo`.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, bail};

use crate::{abuse, console, docs, layers, packages, postgres, run};

/// Node projects, by folder: installed by their lock files.
const NODE: &[&str] = &["demo/app", "crates/testsuite/js", "crates/testsuite/js/browser"];

/// A step that says how long it took.
fn step(name: &str, failed: &mut Vec<String>, f: impl FnOnce() -> anyhow::Result<()>) {
    let begun = Instant::now();
    eprintln!("── {name}");
    match f() {
        Ok(()) => eprintln!("   {name}: good, {:.0?}", begun.elapsed()),
        Err(e) => {
            eprintln!("   {name}: FAILED, {:.0?}\n{e:#}", begun.elapsed());
            failed.push(name.to_owned());
        }
    }
}

fn cargo(args: &[&str]) -> anyhow::Result<()> {
    run::run(&mut run::program("cargo", args))
}

/// Installs a Node project by its lock file.
pub fn install(folder: &str) -> anyhow::Result<()> {
    let mut npm = run::program("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    run::run(npm.current_dir(run::root().join(folder)))
        .with_context(|| format!("{folder}; is Node 18 or newer installed?"))
}

fn node_modules() -> anyhow::Result<()> {
    NODE.iter().try_for_each(|folder| install(folder))
}

/// Every check and every test. Later steps run even when an earlier one failed,
/// so that one run tells everything.
pub fn test(filter: Option<&str>) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    step("system packages", &mut failed, || packages::ensure(packages::ALL));
    step("node packages", &mut failed, node_modules);
    step("console", &mut failed, console::build);
    if !failed.is_empty() {
        bail!("the set-up failed: {}", failed.join(", "));
    }
    if filter.is_none() {
        step("format", &mut failed, || cargo(&["fmt", "--all", "--check"]));
        step("layers", &mut failed, layers::check);
        step("documentation", &mut failed, docs::check);
        step("abuse cases", &mut failed, || abuse::check(abuse::Say::Missing));
        step("console checks", &mut failed, console::check);
        step("licences and sources", &mut failed, deny);
        step("lints", &mut failed, || {
            cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])
        });
    }
    step("tests", &mut failed, || tests(filter));
    if failed.is_empty() {
        return Ok(());
    }
    bail!("failed: {}", failed.join(", "))
}

fn tests(filter: Option<&str>) -> anyhow::Result<()> {
    // The binary that the end-to-end tests start.
    cargo(&["build", "--quiet", "--package", "doorward"])?;
    console::same_description()?;
    let server = postgres::Server::start()?;
    let mut command = run::program("cargo", &["test", "--workspace", "--no-fail-fast"]);
    if let Some(filter) = filter {
        command.arg(filter);
    }
    command.env("DOORWARD_TEST_POSTGRES", server.connection());
    command.env("DOORWARD_BIN", run::root().join("target/debug/doorward"));
    run::run(&mut command)
}

fn deny() -> anyhow::Result<()> {
    let tools = run::root().join("target/tools");
    let program = tools.join("bin/cargo-deny");
    if !program.exists() {
        eprintln!("   building cargo-deny, once");
        let root = tools.display().to_string();
        cargo(&["install", "--quiet", "--locked", "--root", &root, "cargo-deny"])?;
    }
    let program = program.display().to_string();
    // What other systems would need stands in the lock file too; a build here
    // does not fetch it, and the check looks at it.
    cargo(&["fetch", "--quiet", "--locked"])?;
    run::run(&mut run::program(
        &program,
        &["--offline", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"],
    ))?;
    // The advisory database is fetched from outside; where there is no outside,
    // that is said and the rest stands.
    let mut advisories = run::program(&program, &["check", "--hide-inclusion-graph", "advisories"]);
    let done = advisories.output()?;
    let said = String::from_utf8_lossy(&done.stderr);
    if done.status.success() {
        return Ok(());
    }
    if said.contains("failed to fetch") || said.contains("advisory database") {
        eprintln!("   advisories not checked: the advisory database cannot be fetched from here");
        return Ok(());
    }
    bail!("advisories:\n{said}")
}

/// Pictures of every page, in both themes and two sizes, into this folder.
pub fn shots(dir: &Path) -> anyhow::Result<()> {
    packages::ensure(packages::ALL)?;
    node_modules()?;
    console::build()?;
    cargo(&["build", "--quiet", "--package", "doorward"])?;
    let mut test =
        run::program("cargo", &["test", "--package", "doorward-testsuite", "--test", "browser"]);
    test.env("DOORWARD_SHOTS", std::path::absolute(dir)?);
    run::run(&mut test)
}

/// The kill loop, longer than a test run has time for.
pub fn chaos(rounds: u32) -> anyhow::Result<()> {
    let mut kill =
        run::program("cargo", &["test", "--package", "doorward-audit", "--test", "kill"]);
    kill.env("DOORWARD_KILL_ROUNDS", rounds.to_string());
    run::run(&mut kill)
}

/// Builds, installs what the demo needs, and becomes it.
pub fn demo(rest: &[String]) -> anyhow::Result<()> {
    packages::ensure(packages::DEMO)?;
    node_modules()?;
    console::build()?;
    eprintln!("── building (the first time takes some minutes)");
    cargo(&["build", "--package", "doorward"])?;
    let mut demo = run::program("target/debug/doorward", &["demo"]);
    demo.args(rest);
    Err(demo.exec()).context("target/debug/doorward")
}
