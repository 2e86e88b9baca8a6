//! Chores: `cargo xtask test`, `demo`, and the checks that hold the design.

#![allow(clippy::disallowed_methods, reason = "chores wait for processes and time their steps")]

mod abuse;
mod bench;
mod console;
mod docs;
mod fuzz;
mod layers;
mod packages;
mod postgres;
mod run;
mod test;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of this workspace")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Set up, then run every check and every test.
    Test {
        /// Only the tests whose names contain this; no other check.
        filter: Option<String>,
    },
    /// Set up, build, start a small organisation and say where to go.
    Demo {
        /// Handed on to `doorward demo`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Build the portal and the console, which the binary takes up.
    Console,
    /// Write a picture of every page, in both themes and two sizes, into a folder.
    Shots {
        /// Where to; outside this tree.
        dir: std::path::PathBuf,
    },
    /// Install the system packages that tests and demo use.
    Setup,
    /// Imports point down only; heavy libraries stay behind their walls.
    CheckLayers,
    /// Every path and crate that the documentation names exists.
    CheckDocs,
    /// Which abuse cases have a test; fails when one that must have one has none.
    AbuseCases,
    /// Measure what must be reached, each figure beside its baseline.
    Bench {
        /// Only these groups of figures; then nothing is written.
        only: Vec<String>,
    },
    /// Fuzz each parser of ours.
    Fuzz {
        /// Only these.
        only: Vec<String>,
        /// How long each.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Kill the process a thousand times while it writes, and look each time.
    Chaos {
        /// How often.
        #[arg(long, default_value_t = 1_000)]
        rounds: u32,
    },
}

fn main() -> std::process::ExitCode {
    match chore(Cli::parse().command) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn chore(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Test { filter } => test::test(filter.as_deref()),
        Command::Demo { rest } => test::demo(&rest),
        Command::Console => console::build(),
        Command::Shots { dir } => test::shots(&dir),
        Command::Setup => packages::ensure(packages::ALL),
        Command::CheckLayers => layers::check(),
        Command::CheckDocs => docs::check(),
        Command::AbuseCases => abuse::check(abuse::Say::Everything),
        Command::Bench { only } => bench::bench(&only),
        Command::Fuzz { only, seconds } => fuzz::fuzz(&only, seconds),
        Command::Chaos { rounds } => test::chaos(rounds),
    }
}
