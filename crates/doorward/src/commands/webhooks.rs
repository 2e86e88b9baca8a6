//! `doorward webhooks …`

use clap::Subcommand;
use serde_json::json;

use super::Context;
use super::directory::{ListArgs, escape};
use crate::output;

/// `doorward webhooks …`
#[derive(Debug, Subcommand)]
pub enum WebhooksCommand {
    /// List them.
    List(ListArgs),
    /// Add one; the secret that signs what it gets is shown this once.
    Add {
        name: String,
        url: String,
        /// An activity, as request.filed; may be repeated. Everything when absent.
        #[arg(long = "event", default_value = "*")]
        events: Vec<String>,
    },
    /// Delete one.
    Delete { id: String },
}

/// Runs it.
pub async fn webhooks(ctx: &Context, command: WebhooksCommand) -> anyhow::Result<()> {
    match command {
        WebhooksCommand::List(args) => {
            let columns = &[
                ("id", "/id"),
                ("name", "/name"),
                ("url", "/url"),
                ("events", "/events"),
                ("enabled", "/enabled"),
            ];
            args.show(ctx, "/webhooks", columns).await
        }
        WebhooksCommand::Add { name, url, events } => {
            let body = json!({ "name": name, "url": url, "events": events });
            output::object(ctx.format, &ctx.client()?.post("/webhooks", body).await?);
            Ok(())
        }
        WebhooksCommand::Delete { id } => {
            ctx.client()?.delete(&format!("/webhooks/{}", escape(&id))).await?;
            output::note("done");
            Ok(())
        }
    }
}
