//! `doorward audit …`: search and export through the API; `verify` offline.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use doorward::verify::TrustedKey;
use doorward_audit::checkpoint;
use doorward_audit::proofs::{Consistency, Proof};
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
    Export(Which),
    /// The signed head of the log.
    Checkpoint,
    /// The key that signs the log: keep it elsewhere, and check with it.
    Key,
    /// The proof that one event is in the log.
    Proof { event: String },
    /// The proof that nothing was changed under a checkpoint that you kept.
    Consistency {
        /// The file of that checkpoint, or the number of leaves under it.
        old: String,
    },
    /// Check a proof, with nothing but the log's key.
    Check {
        /// The file of the proof.
        proof: PathBuf,
        /// The log's public key, as `doorward audit key` shows it.
        #[arg(long)]
        key: String,
        /// The checkpoint that you kept, for a proof of consistency.
        #[arg(long)]
        old: Option<PathBuf>,
    },
    /// Prove the log and the recordings of this machine whole, without a server.
    Verify {
        /// The log's public key, as `doorward audit key` shows it or in 64 hex
        /// digits; out of the vault of this machine when absent.
        #[arg(long)]
        key: Option<String>,
    },
}

/// What to look for, and how much of it.
#[derive(Debug, Args)]
pub struct SearchArgs {
    #[command(flatten)]
    which: Which,
    /// At most this many.
    #[arg(long, default_value_t = 100)]
    most: usize,
}

/// What to look for.
#[derive(Debug, Args)]
pub struct Which {
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

impl Which {
    fn query(&self, sort: &str) -> String {
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
        let wanted = fields
            .iter()
            .filter_map(|(name, value)| value.as_ref().map(|v| format!("&{name}={}", escape(v))));
        format!("?sort={sort}{}", wanted.collect::<String>())
    }
}

/// Runs it.
pub async fn audit(ctx: &Context, command: AuditCommand) -> anyhow::Result<()> {
    match command {
        AuditCommand::Search(args) => {
            let path = format!("/audit/events{}", args.which.query("-at"));
            let items = ctx.client()?.list(&path, args.most).await?;
            output::rows(ctx.format, &items, EVENTS);
            Ok(())
        }
        AuditCommand::Export(args) => {
            use std::io::Write as _;
            let path = format!("/audit/export{}", args.query("at"));
            let mut answer = ctx.client()?.stream(&path).await?;
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
        AuditCommand::Key => {
            let checkpoint = ctx.client()?.get("/audit/checkpoint").await?;
            let key = checkpoint.get("key").and_then(Value::as_str);
            line(key.ok_or_else(|| anyhow::anyhow!("the vault is sealed: unseal it first"))?);
            Ok(())
        }
        AuditCommand::Consistency { old } => {
            let from = match old.parse::<u64>() {
                Ok(size) => size,
                Err(_) => size_of(&read(Path::new(&old))?)?,
            };
            let proof = ctx.client()?.get(&format!("/audit/consistency?from={from}")).await?;
            line(serde_json::to_string_pretty(&proof)?);
            Ok(())
        }
        AuditCommand::Check { proof, key, old } => check(&proof, &key, old.as_deref()),
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
    checkpoint::read_key(text).ok_or_else(|| {
        anyhow::anyhow!("--key: write it as `doorward audit key` does, or in 64 hex digits")
    })
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).map_err(|e| anyhow::anyhow!("{}: {e}", path.display()))
}

/// How many leaves a checkpoint says that it is over.
fn size_of(note: &str) -> anyhow::Result<u64> {
    let size = note.lines().nth(1).and_then(|l| l.parse().ok());
    size.ok_or_else(|| {
        anyhow::anyhow!("it is no checkpoint; `doorward audit checkpoint` shows one")
    })
}

/// Checks a proof offline; an error when it does not hold.
fn check(proof: &Path, key: &str, old: Option<&Path>) -> anyhow::Result<()> {
    let (key, text) = (public_key(key)?, read(proof)?);
    if let Ok(proof) = serde_json::from_str::<Proof>(&text) {
        if !proof.holds(&key) {
            anyhow::bail!("the proof does not hold: this event is not in the log of this key");
        }
        line(format_args!("It is leaf {} of the log.", proof.leaf));
        return Ok(());
    }
    let proof: Consistency = serde_json::from_str(&text)
        .map_err(|e| anyhow::anyhow!("{}: it is no proof: {e}", proof.display()))?;
    let Some(old) = old else { anyhow::bail!("pass the checkpoint that you kept with --old") };
    let old = checkpoint::open(&read(old)?, &key)?;
    if !proof.holds(&old, &key) {
        anyhow::bail!("the proof does not hold: what stood under that checkpoint was changed");
    }
    line(format_args!("Nothing under the first {} leaves was changed.", old.checkpoint.size));
    Ok(())
}
