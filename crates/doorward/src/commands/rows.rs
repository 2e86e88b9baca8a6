//! `doorward rows`: whether the database holds what this house wrote, and the way out
//! when somebody has mended it by hand (`docs/adr/0009-rows-know-their-house.md`).

use doorward::house::{database, key_file};
use doorward_core::{Actor, Secret};
use doorward_store::{Db, genuine};
use doorward_vault::{SealConfig, Vault};
use serde_json::json;

use super::Context;
use super::vault::read_secret;
use crate::output::{self, Format, line, note};

/// `doorward rows …`
#[derive(Debug, clap::Subcommand)]
pub enum RowsCommand {
    /// Look at every row that decides something, and name those that this house did
    /// not write. Needs the key file of this machine, or what opens the seal.
    Check,
    /// Take every row as it is for this house's own. Stop every node first, and look at
    /// what `check` names: whoever wrote it is believed from then on.
    Accept,
}

/// Checks or accepts.
pub async fn rows(ctx: &Context, command: RowsCommand) -> anyhow::Result<()> {
    let config = super::config::load(ctx)?;
    let env = doorward_runtime::env();
    let db = Db::open(&database(&config)?, &env).await?;
    let vault = Vault::open(&db, &env, SealConfig::new(key_file(&config))).await?;
    let actor = Actor::system("doorward rows");
    while vault.is_sealed() {
        let given = read_secret("Passphrase or share: ")?;
        vault.unseal(&actor, &Secret::new(given)).await?;
    }
    match command {
        RowsCommand::Check => {
            let forged = db.read(genuine::sweep).await?;
            if ctx.format == Format::Json {
                line(json!(forged));
            } else {
                for f in &forged {
                    let row = output::clean(&f.row);
                    line(format_args!("WRONG  {}  {row}  {}", f.table, f.why.name()));
                }
            }
            if !forged.is_empty() {
                anyhow::bail!(
                    "{} row(s) are not what this house wrote. They do not count. Delete them, or \
                     put them back from a backup; see the operations guide",
                    forged.len()
                );
            }
            if ctx.format == Format::People {
                line("Every row is this house's own.");
            }
        }
        RowsCommand::Accept => {
            let (adopted, forged) = vault.accept_rows(&actor).await?;
            if ctx.format == Format::Json {
                line(json!({ "signed": adopted, "not_genuine_before": forged }));
            } else {
                let rows: u64 = adopted.iter().map(|a| a.rows).sum();
                note(format_args!(
                    "{rows} rows are this house's own now; {} were not before. It is recorded.",
                    forged.len()
                ));
            }
        }
    }
    Ok(())
}
