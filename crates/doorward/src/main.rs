//! The `doorward` binary: command line, configuration and wiring. The only
//! place that knows every other crate.
//!
//! Everything that asks or changes something goes through the public HTTP API;
//! only what must work without a server (`serve`, `audit verify`, `restore`,
//! `config`, `doctor`) touches the data directory itself.

mod client;
mod commands;
mod output;

use clap::Parser as _;

use commands::Cli;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            output::problem(&error);
            std::process::ExitCode::from(exit_code(&error))
        }
    }
}

/// 2 for what the server refused, 3 for no server, 1 for everything else.
fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<client::ClientError>() {
        Some(client::ClientError::Refused(_)) => 2,
        Some(client::ClientError::Unreachable { .. }) => 3,
        _ => 1,
    }
}
