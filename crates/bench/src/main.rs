//! The benchmarks: what Doorward must reach, each figure beside a baseline that
//! was measured in the same run on the same machine.
//!
//! Owns: the workloads, the baselines, the table and `bench/results/latest.json`.
//! Promises: a figure is a ratio to something that does the unavoidable part of
//! the same work; nothing is asserted here.
//! Must not know: how the rooms do their work.

#![allow(clippy::disallowed_methods, reason = "benchmarks measure time")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "benchmarks talk to people")]

mod browser;
mod decisions;
mod figure;
mod leaver;
mod lists;
mod machine;
mod password;
mod record;
mod ssh;
mod start;
mod stats;
mod tokens;
mod transfer;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use figure::Figure;

#[derive(Parser)]
#[command(name = "doorward-bench", about = "What Doorward reaches, and against what")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure.
    Run {
        /// The `doorward` that is measured where a whole process is.
        #[arg(long)]
        doorward: PathBuf,
        /// Where the results are written.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Only these groups of figures, by name.
        only: Vec<String>,
    },
    /// The baseline of the start: a bare HTTPS server of the same libraries.
    Bare {
        /// Where it finds its certificate and says where it listens.
        dir: PathBuf,
    },
}

/// A group of figures.
type Group = (&'static str, fn(&std::path::Path) -> anyhow::Result<Vec<Figure>>);

const GROUPS: &[Group] = &[
    ("passwords", |_| on_all_cores(password::measure())),
    ("tokens", |_| on_all_cores(tokens::measure())),
    ("decisions", |_| on_all_cores(decisions::measure())),
    ("record", |_| on_all_cores(record::measure())),
    ("lists", |_| on_all_cores(lists::measure())),
    ("transfer", |program| on_all_cores(transfer::measure(program))),
    ("leaver", |program| on_all_cores(leaver::measure(program))),
    ("start", |program| on_all_cores(start::measure(program))),
    ("browser", |program| on_all_cores(browser::measure(program))),
];

fn on_all_cores<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Bare { dir } => on_all_cores(start::bare(&dir)),
        Command::Run { doorward, out, only } => run(&doorward, out, &only),
    }
}

fn run(program: &std::path::Path, out: Option<PathBuf>, only: &[String]) -> anyhow::Result<()> {
    if let Some(unknown) = only.iter().find(|o| GROUPS.iter().all(|(name, _)| name != o)) {
        let names: Vec<&str> = GROUPS.iter().map(|(name, _)| *name).collect();
        anyhow::bail!("no group of figures is called {unknown:?}; there are {}", names.join(", "));
    }
    let mut figures = Vec::new();
    let mut broken = Vec::new();
    for (name, measure) in GROUPS {
        if !only.is_empty() && !only.iter().any(|o| o == name) {
            continue;
        }
        eprintln!("── {name}");
        match measure(program) {
            Ok(measured) => figures.extend(measured),
            Err(error) => broken.push(format!("{name}: {error:#}")),
        }
    }
    println!("{}", figure::table(&figures));
    // What was measured is shown all the same; it is kept only when it is whole.
    anyhow::ensure!(broken.is_empty(), "not measured: {}", broken.join("; "));
    if let Some(out) = out {
        figure::write(&out, &figures)?;
        println!("written to {}", out.display());
    }
    Ok(())
}
