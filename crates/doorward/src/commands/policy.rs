//! `doorward policy …`

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use super::Context;
use super::directory::{ListArgs, escape};
use crate::output::{self, Format, line};

/// `doorward policy …`
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// List them.
    List(ListArgs),
    /// Print one's text.
    Show { name: String },
    /// Create or change one from a file, validated before it is kept.
    Write {
        name: String,
        file: PathBuf,
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Put one out of force.
    Disable { name: String },
    /// Put one in force.
    Enable { name: String },
    /// Delete one.
    Delete { name: String },
    /// Validate files against the schema; needs no server.
    Check {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Run a table of expectations against the policies in force.
    Test { file: PathBuf },
    /// Why may, or may not, somebody do something?
    Explain {
        /// Who, by sign-in name.
        who: String,
        /// The action, as session:open.
        action: String,
        /// On what: `deploy@web-1`, an application's name, or nothing for Doorward itself.
        what: Option<String>,
    },
    /// Print the names of all actions.
    Actions,
    /// Print the Cedar schema.
    Schema,
}

/// Runs it.
pub async fn policy(ctx: &Context, command: PolicyCommand) -> anyhow::Result<()> {
    match command {
        PolicyCommand::List(args) => {
            let columns = &[
                ("name", "/name"),
                ("enabled", "/enabled"),
                ("changed", "/updated_at"),
                ("description", "/description"),
            ];
            args.show(ctx, "/policies", columns).await
        }
        PolicyCommand::Show { name } => {
            let policy = ctx.client()?.get(&format!("/policies/{}", escape(&name))).await?;
            match ctx.format {
                Format::Json => line(&policy),
                Format::People => {
                    line(policy.get("text").and_then(Value::as_str).unwrap_or_default())
                }
            }
            Ok(())
        }
        PolicyCommand::Write { name, file, description } => {
            let text =
                std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let body = json!({ "text": text, "description": description });
            let done = ctx.client()?.put(&format!("/policies/{}", escape(&name)), body).await?;
            output::object(ctx.format, &done);
            Ok(())
        }
        PolicyCommand::Disable { name } => switch(ctx, &name, "disable").await,
        PolicyCommand::Enable { name } => switch(ctx, &name, "enable").await,
        PolicyCommand::Delete { name } => {
            ctx.client()?.delete(&format!("/policies/{}", escape(&name))).await?;
            output::note("done");
            Ok(())
        }
        PolicyCommand::Check { files } => check(&files),
        PolicyCommand::Test { file } => {
            let text =
                std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let report = ctx.client()?.post("/policies/test", json!({ "table": text })).await?;
            let rows = report.get("results").and_then(Value::as_array).cloned().unwrap_or_default();
            let columns = &[
                ("holds", "/holds"),
                ("name", "/name"),
                ("expected", "/expected"),
                ("found", "/found"),
            ];
            output::rows(ctx.format, &rows, columns);
            if report.get("holds").and_then(Value::as_bool) != Some(true) {
                anyhow::bail!("not every expectation holds");
            }
            Ok(())
        }
        PolicyCommand::Explain { who, action, what } => {
            let body = json!({ "principal": who, "action": action, "resource": what });
            output::object(ctx.format, &ctx.client()?.post("/policies/explain", body).await?);
            Ok(())
        }
        PolicyCommand::Actions => {
            for action in doorward_core::Action::ALL {
                line(action);
            }
            Ok(())
        }
        PolicyCommand::Schema => {
            line(doorward_policy::SCHEMA.trim_end());
            Ok(())
        }
    }
}

async fn switch(ctx: &Context, name: &str, to: &str) -> anyhow::Result<()> {
    let path = format!("/policies/{}/{to}", escape(name));
    output::object(ctx.format, &ctx.client()?.post(&path, json!({})).await?);
    Ok(())
}

fn check(files: &[PathBuf]) -> anyhow::Result<()> {
    let mut wrong = 0_usize;
    for file in files {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        match doorward_policy::validate(&text) {
            Ok(()) => line(format_args!("{}: good", file.display())),
            Err(problems) => {
                wrong += problems.len();
                for p in problems {
                    line(format_args!("{}:{}:{}: {}", file.display(), p.line, p.column, p.message));
                    if let Some(help) = p.help {
                        line(format_args!("  {help}"));
                    }
                }
            }
        }
    }
    if wrong > 0 {
        anyhow::bail!("{wrong} problem(s) found");
    }
    Ok(())
}
