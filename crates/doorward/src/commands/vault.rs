//! `doorward secrets`, `seal`, `unseal`.

use std::io::{IsTerminal as _, Read as _};

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use super::Context;
use super::directory::{ListArgs, escape};
use crate::output::{self, Format, line, note};

/// `doorward secrets …`
#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// List them, never their values.
    List(ListArgs),
    /// Print a value; recorded before it is shown.
    Read { name: String },
    /// Create one, or give it a new version; the value comes from standard input.
    Write {
        name: String,
        #[arg(long, default_value = "opaque")]
        kind: String,
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Versions of one.
    History { name: String },
    /// Delete one, with all versions.
    Delete { name: String },
}

/// `doorward seal …`
#[derive(Debug, Subcommand)]
pub enum SealCommand {
    /// Sealed or not, and how it is unsealed.
    Status,
    /// Seal now: no key stays in memory.
    Now,
    /// Keep the root key under a key file, a passphrase, or shares.
    Rekey {
        /// keyfile, passphrase or shamir.
        method: String,
        /// shamir: how many shares are made.
        #[arg(long, default_value_t = 5)]
        shares: u8,
        /// shamir: how many open it.
        #[arg(long, default_value_t = 3)]
        threshold: u8,
    },
    /// Take back the shares given so far.
    Reset,
}

/// Reads a secret from the terminal without echo, or from standard input.
pub fn read_secret(prompt: &str) -> anyhow::Result<String> {
    let text = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(prompt)?
    } else {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("standard input")?;
        text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
    };
    if text.is_empty() {
        anyhow::bail!("nothing was given");
    }
    Ok(text)
}

/// Runs it.
pub async fn secrets(ctx: &Context, command: SecretsCommand) -> anyhow::Result<()> {
    match command {
        SecretsCommand::List(args) => {
            let columns = &[
                ("name", "/name"),
                ("kind", "/kind"),
                ("version", "/current"),
                ("changed", "/updated_at"),
                ("description", "/description"),
            ];
            args.show(ctx, "/secrets", columns).await
        }
        SecretsCommand::Read { name } => {
            let path = format!("/secrets/{}/read", escape(&name));
            let secret = ctx.client()?.post(&path, json!({})).await?;
            match ctx.format {
                Format::Json => line(&secret),
                // To a file or a pipe the value goes as it is.
                Format::People => {
                    line(secret.get("value").and_then(Value::as_str).unwrap_or_default())
                }
            }
            Ok(())
        }
        SecretsCommand::Write { name, kind, description } => {
            let value = read_secret("value: ")?;
            let client = ctx.client()?;
            let body = json!({ "kind": kind, "description": description, "value": value });
            let done = client.put(&format!("/secrets/{}", escape(&name)), body).await?;
            output::object(ctx.format, &done);
            Ok(())
        }
        SecretsCommand::History { name } => {
            let items =
                ctx.client()?.list(&format!("/secrets/{}/versions", escape(&name)), 1_000).await?;
            let columns = &[("version", "/number"), ("state", "/state"), ("made", "/created_at")];
            output::rows(ctx.format, &items, columns);
            Ok(())
        }
        SecretsCommand::Delete { name } => {
            ctx.client()?.delete(&format!("/secrets/{}", escape(&name))).await?;
            note("done");
            Ok(())
        }
    }
}

/// Runs it.
pub async fn seal(ctx: &Context, command: SealCommand) -> anyhow::Result<()> {
    let client = ctx.client()?;
    match command {
        SealCommand::Status => output::object(ctx.format, &client.get("/seal").await?),
        SealCommand::Now => output::object(ctx.format, &client.post("/seal", json!({})).await?),
        SealCommand::Reset => {
            output::object(ctx.format, &client.post("/seal/reset", json!({})).await?)
        }
        SealCommand::Rekey { method, shares, threshold } => {
            let body = match method.as_str() {
                "passphrase" => {
                    let first = read_secret("new passphrase: ")?;
                    if std::io::stdin().is_terminal() && read_secret("once more: ")? != first {
                        anyhow::bail!("the two are not the same; nothing was changed");
                    }
                    json!({ "method": method, "passphrase": first })
                }
                "shamir" => json!({ "method": method, "shares": shares, "threshold": threshold }),
                _ => json!({ "method": method }),
            };
            let done = client.post("/seal/rekey", body).await?;
            match (ctx.format, done.get("shares").and_then(Value::as_array)) {
                (Format::People, Some(shares)) => {
                    note("Give each share to another person. They are shown this once:");
                    for share in shares {
                        line(share.as_str().unwrap_or_default());
                    }
                }
                _ => output::object(ctx.format, &done),
            }
        }
    }
    Ok(())
}

/// Gives the passphrase or one share. Needs no sign-in: a sealed house cannot
/// check one.
pub async fn unseal(ctx: &Context) -> anyhow::Result<()> {
    let client = crate::client::Client::any(&ctx.server)?;
    let input = read_secret("passphrase or share: ")?;
    output::object(ctx.format, &client.post("/seal/unseal", json!({ "input": input })).await?);
    Ok(())
}
