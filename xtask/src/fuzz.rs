//! `cargo xtask fuzz`: each parser of ours, for a while, from the seeds in
//! `fuzz/seeds`.

use anyhow::bail;

use crate::run;

/// Fuzzes these targets, or all, for so many seconds each.
pub fn fuzz(only: &[String], seconds: u32) -> anyhow::Result<()> {
    let tools = run::root().join("target/tools");
    let program = tools.join("bin/cargo-fuzz");
    if !program.exists() {
        eprintln!("   building cargo-fuzz, once");
        let root = tools.display().to_string();
        let install = ["install", "--quiet", "--locked", "--root", &root, "cargo-fuzz"];
        run::run(&mut run::program("cargo", &install))?;
    }
    let program = program.display().to_string();
    // libFuzzer's instrumentation is behind a flag that stable compilers keep to
    // themselves unless told otherwise.
    let cargo_fuzz = |args: &[&str]| {
        let mut command = run::program(&program, args);
        command.env("RUSTC_BOOTSTRAP", "1");
        command
    };
    let all: Vec<String> = run::output(&mut cargo_fuzz(&["list"]))?
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(str::to_owned)
        .collect();
    if let Some(unknown) = only.iter().find(|o| !all.contains(o)) {
        bail!("no parser is called {unknown:?}; there are {}", all.join(", "));
    }
    let chosen = if only.is_empty() { &all } else { only };
    run::run(&mut cargo_fuzz(&["build"]))?;
    let mut failed = Vec::new();
    for name in chosen {
        eprintln!("── {name}, {seconds} s");
        let corpus = run::root().join("fuzz/corpus").join(name);
        std::fs::create_dir_all(&corpus)?;
        let (corpus, seeds) = (corpus.display().to_string(), format!("fuzz/seeds/{name}"));
        let mut fuzzing = cargo_fuzz(&["run", name, &corpus, &seeds, "--"]);
        fuzzing.arg(format!("-max_total_time={seconds}"));
        fuzzing.args([
            "-max_len=65536",
            "-rss_limit_mb=2048",
            "-timeout=10",
            "-print_final_stats=1",
        ]);
        if run::run(&mut fuzzing).is_err() {
            failed.push(name.as_str());
        }
    }
    if !failed.is_empty() {
        bail!("inputs that break them are in fuzz/artifacts: {}", failed.join(", "));
    }
    eprintln!("{} parsers, {seconds} s each: nothing broke", chosen.len());
    Ok(())
}
