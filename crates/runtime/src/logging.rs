//! What operators read on standard error. The audit record is something else.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

use crate::config::{LogConfig, LogFormat};

/// Starts logging to standard error. The filter comes from the configuration
/// (`info,doorward=debug`); one that does not parse is refused.
pub fn start(config: &LogConfig) -> Result<(), String> {
    let filter = EnvFilter::try_new(&config.filter)
        .map_err(|e| format!("log.filter: {e}; use a level or `target=level` list"))?;
    let registry = tracing_subscriber::registry().with(filter);
    let done = match config.format {
        LogFormat::Text => registry
            .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false))
            .try_init(),
        LogFormat::Json => registry
            .with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr))
            .try_init(),
    };
    done.map_err(|e| e.to_string())
}
