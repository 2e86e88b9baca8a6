//! `doorward config` and `doorward trust`: what needs no running server.

use std::path::PathBuf;

use clap::Subcommand;
use doorward_runtime::config::Config;
use doorward_runtime::tls;

use super::Context;
use crate::output::{self, line};

/// `doorward config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Read the file and the environment, and say whether they are good.
    Check {
        /// The file; that of --config when absent.
        file: Option<PathBuf>,
    },
    /// Print the JSON schema of the file.
    Schema,
    /// Print the configuration as it is in force.
    Show,
}

/// The configuration of the server on this machine.
pub fn load(ctx: &Context) -> anyhow::Result<Config> {
    Ok(Config::load(ctx.config.as_deref(), std::env::vars())?)
}

/// Runs it.
pub fn config(ctx: &Context, command: ConfigCommand) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Check { file } => {
            let path = file.as_deref().or(ctx.config.as_deref());
            let config = Config::load(path, std::env::vars())?;
            let from = path.map_or("the defaults".to_owned(), |p| p.display().to_string());
            line(format_args!("{from}: good; Doorward will answer at {}", config.http.origin));
        }
        ConfigCommand::Schema => line(serde_json::to_string_pretty(&Config::schema())?),
        ConfigCommand::Show => output::object(ctx.format, &serde_json::to_value(load(ctx)?)?),
    }
    Ok(())
}

/// Says where the CA is and how each client comes to trust it.
pub fn trust(ctx: &Context) -> anyhow::Result<()> {
    let config = load(ctx)?;
    if config.http.certificate.is_some() {
        line("This installation uses a certificate of its own; nothing is to be trusted for it.");
        return Ok(());
    }
    let ca = tls::ca_path(&config.data_dir);
    let Ok(ca) = ca.canonicalize() else {
        anyhow::bail!(
            "there is no CA at {}: start Doorward once, or name its data directory \
             (DOORWARD_DATA_DIR=… doorward trust)",
            ca.display()
        );
    };
    let ca = ca.display();
    line(format_args!(
        "Doorward's CA certificate is {ca}\n\
         \n\
         Trust it for as long as you trust this machine:\n\
         \n\
           Debian, Ubuntu    sudo cp {ca} /usr/local/share/ca-certificates/doorward.crt && sudo update-ca-certificates\n\
           Fedora, RHEL      sudo trust anchor {ca}\n\
           macOS             sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {ca}\n\
           Chromium (Linux)  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Doorward -i {ca}\n\
           Firefox           Settings, Privacy & Security, Certificates, Import\n\
           Node              NODE_EXTRA_CA_CERTS={ca}\n\
           curl              curl --cacert {ca} …\n\
           doorward          doorward login --ca {ca}"
    ));
    Ok(())
}
