//! `doorward audit …`: search and export through the API; `verify` offline.

use clap::{Args, Subcommand};
use doorward::verify::TrustedKey;
use serde_json::Value;

use super::Context;
use super::directory::escape;
use crate::output::{self, Column, Format, line};

/// `doorward audit …`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Who did what, to what, when, from where.
    Search(SearchArgs),
    /// The same as JSON lines, in OCSF's terms, oldest first.
    Export(SearchArgs),
    /// The signed head of the log.
    Checkpoint,
    /// The proof that one event is in the log.
    Proof { event: String },
    /// Prove the log and the recordings of this machine whole, without a server.
    Verify {
        /// The log's public key (64 hex digits), as you trust it; out of the vault
        /// of this machine when absent.
        #[arg(long)]
        key: Option<String>,
    },
}

/// What to look for.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Who, by sign-in name.
    #[arg(long)]
    who: Option<String>,
    /// What: `session.opened`, or the beginning of it.
    #[arg(long)]
    what: Option<String>,
    /// To what: an id or a name.
    #[arg(long)]
    on: Option<String>,
    /// In which privileged session.
    #[arg(long)]
    session: Option<String>,
    /// From which address.
    #[arg(long)]
    address: Option<String>,
    /// success or failure.
    #[arg(long)]
    outcome: Option<String>,
    /// Not before, RFC 3339.
    #[arg(long)]
    since: Option<String>,
    /// Before, RFC 3339.
    #[arg(long)]
    until: Option<String>,
    /// At most this many.
    #[arg(long, default_value_t = 100)]
    most: usize,
}

const EVENTS: &[Column] = &[
    ("leaf", "/leaf"),
    ("at", "/at"),
    ("what", "/activity"),
    ("outcome", "/outcome"),
    ("who", "/actor_name"),
    ("on", "/target_name"),
    ("from", "/actor/network/address"),
];

impl SearchArgs {
    fn query(&self) -> String {
        let fields = [
            ("actor", &self.who),
            ("activity", &self.what),
            ("target", &self.on),
            ("privileged_session", &self.session),
            ("address", &self.address),
            ("outcome", &self.outcome),
            ("since", &self.since),
            ("until", &self.until),
        ];
        let parts: Vec<String> = fields
            .iter()
            .filter_map(|(name, value)| value.as_ref().map(|v| format!("{name}={}", escape(v))))
            .collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }
}

/// Runs it.
pub async fn audit(ctx: &Context, command: AuditCommand) -> anyhow::Result<()> {
    match command {
        AuditCommand::Search(args) => {
            let items =
                ctx.client()?.list(&format!("/audit/events{}", args.query()), args.most).await?;
            output::rows(ctx.format, &items, EVENTS);
            Ok(())
        }
        AuditCommand::Export(args) => {
            use std::io::Write as _;
            let mut answer =
                ctx.client()?.stream(&format!("/audit/export{}", args.query())).await?;
            let mut out = std::io::stdout().lock();
            while let Some(bytes) = answer.chunk().await? {
                out.write_all(&bytes)?;
            }
            Ok(())
        }
        AuditCommand::Checkpoint => {
            let checkpoint = ctx.client()?.get("/audit/checkpoint").await?;
            match ctx.format {
                Format::Json => line(&checkpoint),
                Format::People => {
                    line(
                        checkpoint
                            .get("note")
                            .and_then(Value::as_str)
                            .unwrap_or_default()
                            .trim_end(),
                    );
                }
            }
            Ok(())
        }
        AuditCommand::Proof { event } => {
            let proof =
                ctx.client()?.get(&format!("/audit/events/{}/proof", escape(&event))).await?;
            line(serde_json::to_string_pretty(&proof)?);
            Ok(())
        }
        AuditCommand::Verify { key } => verify(ctx, key).await,
    }
}

async fn verify(ctx: &Context, key: Option<String>) -> anyhow::Result<()> {
    let config = super::config::load(ctx)?;
    let key = match key {
        Some(text) => TrustedKey::Given(public_key(&text)?),
        None => TrustedKey::Vault,
    };
    let report = doorward::verify::verify(&config, &doorward_runtime::env(), key).await?;
    if ctx.format == Format::Json {
        line(serde_json::to_string_pretty(&report)?);
    } else {
        for finding in &report.findings {
            line(format_args!("WRONG  {}", output::clean(&finding.to_string())));
        }
        line(format_args!(
            "{} events, {} of them under the signed head, {} waiting; {} chunks of recordings",
            report.leaves, report.signed, report.waiting, report.chunks
        ));
    }
    if !report.whole() {
        anyhow::bail!("{} thing(s) wrong: the log is not what it was", report.wrong);
    }
    if ctx.format == Format::People {
        line("The log is whole.");
    }
    Ok(())
}

fn public_key(text: &str) -> anyhow::Result<[u8; 32]> {
    let wrong = || anyhow::anyhow!("--key: write the 32 bytes of the key as 64 hex digits");
    let mut key = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    for (i, byte) in key.iter_mut().enumerate() {
        let pair = text.get(2 * i..2 * i + 2).ok_or_else(wrong)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
    }
    Ok(key)
}
