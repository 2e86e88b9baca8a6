//! `cargo xtask bench`: builds what is measured, optimised, and measures it.

use crate::{console, packages, run, test};

/// Where the last results are kept.
const RESULTS: &str = "bench/results/latest.json";

/// All figures, or only these groups of them; only all of them are kept.
pub fn bench(only: &[String]) -> anyhow::Result<()> {
    if only.is_empty() || only.iter().any(|o| o == "browser") {
        packages::ensure(packages::ALL)?;
        test::install("crates/bench/js")?;
    }
    console::build()?;
    eprintln!("── building (the first time takes some minutes)");
    run::run(&mut run::program(
        "cargo",
        &["build", "--profile", "bench", "--package", "doorward", "--package", "doorward-bench"],
    ))?;
    let built = |name: &str| run::root().join("target/release").join(name).display().to_string();
    let mut measure = run::program(&built("doorward-bench"), &["run", "--doorward"]);
    measure.arg(built("doorward"));
    if only.is_empty() {
        measure.arg("--out").arg(run::root().join(RESULTS));
    }
    run::run(measure.args(only))
}
