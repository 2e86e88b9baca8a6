//! `doorward devices`: what people sign in with, and which of it is managed.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Context;
use super::directory::escape;
use crate::client::ClientError;
use crate::output::{self, Column, note};

/// `doorward devices …`
#[derive(Debug, Subcommand)]
pub enum DevicesCommand {
    /// My own, the last used first.
    Mine,
    /// Everybody's, the last used first.
    List(DeviceListArgs),
    /// Say that a device is looked after: policies that ask for a managed device count it.
    Manage { id: String },
    /// Say that it is not. What is open because of it ends.
    Unmanage { id: String },
    /// Forget a device, my own or somebody's; what is signed in with it is signed out.
    Forget { id: String },
}

/// Which of them.
#[derive(Debug, Args)]
pub struct DeviceListArgs {
    /// Only those whose name or owner contains this.
    #[arg(long, short)]
    query: Option<String>,
    /// Only this person's.
    #[arg(long)]
    of: Option<String>,
    /// Only those that are managed (`true`), or are not (`false`).
    #[arg(long, value_name = "BOOL")]
    managed: Option<bool>,
    /// At most this many.
    #[arg(long, default_value_t = 1_000)]
    most: usize,
}

const MINE: &[Column] = &[
    ("id", "/id"),
    ("kind", "/kind"),
    ("device", "/label"),
    ("managed", "/managed"),
    ("last seen", "/last_seen_at"),
    ("this one", "/current"),
];

const ALL: &[Column] = &[
    ("id", "/id"),
    ("whose", "/owner"),
    ("kind", "/kind"),
    ("device", "/label"),
    ("managed", "/managed"),
    ("last seen", "/last_seen_at"),
];

/// Lists, marks and forgets them.
pub async fn devices(ctx: &Context, command: DevicesCommand) -> anyhow::Result<()> {
    let client = ctx.client()?;
    match command {
        DevicesCommand::Mine => {
            output::rows(ctx.format, &client.list("/own/devices", 1_000).await?, MINE);
        }
        DevicesCommand::List(args) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in [("q", args.query), ("identity", args.of)] {
                if let Some(value) = value {
                    query.append_pair(name, &value);
                }
            }
            if let Some(managed) = args.managed {
                query.append_pair("managed", if managed { "true" } else { "false" });
            }
            let path = format!("/devices?{}", query.finish());
            let path = path.trim_end_matches('?');
            output::rows(ctx.format, &client.list(path, args.most).await?, ALL);
        }
        DevicesCommand::Manage { id } => {
            let path = format!("/devices/{}", escape(&id));
            let done = client.patch(&path, json!({ "managed": true })).await?;
            output::object(ctx.format, &done);
        }
        DevicesCommand::Unmanage { id } => {
            let path = format!("/devices/{}", escape(&id));
            let done = client.patch(&path, json!({ "managed": false })).await?;
            output::object(ctx.format, &done);
        }
        DevicesCommand::Forget { id } => {
            let id = escape(&id);
            match client.delete(&format!("/own/devices/{id}")).await {
                Err(ClientError::Refused(p)) if p.status == 404 => {
                    client.delete(&format!("/devices/{id}")).await?;
                }
                other => {
                    other?;
                }
            }
            note("forgotten; what was signed in with it is signed out");
        }
    }
    Ok(())
}
