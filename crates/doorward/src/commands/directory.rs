//! `doorward people`, `groups`, `roles`, `targets`, `applications`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::Context;
use super::vault::read_secret;
use crate::client::Client;
use crate::output::{self, Column};

const MOST: usize = 1_000;

/// Options of every list.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only those whose name or title contains this.
    #[arg(long, short)]
    pub query: Option<String>,
    /// At most this many.
    #[arg(long, default_value_t = MOST)]
    pub most: usize,
}

impl ListArgs {
    /// Lists what is below `path`.
    pub async fn show(self, ctx: &Context, path: &str, columns: &[Column]) -> anyhow::Result<()> {
        let path = match &self.query {
            Some(q) => format!("{path}?q={}", escape(q)),
            None => path.to_owned(),
        };
        let items = ctx.client()?.list(&path, self.most).await?;
        output::rows(ctx.format, &items, columns);
        Ok(())
    }
}

/// Percent-encodes for a query or path segment.
pub fn escape(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// `doorward people …`
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// List them.
    List(ListArgs),
    /// Show one, with groups, roles and sessions.
    Show { name: String },
    /// Add a person, and print the one-time link for their first sign-in.
    Add {
        name: String,
        #[arg(long)]
        display_name: Option<String>,
        #[arg(long)]
        email: Option<String>,
        /// employee, contractor, partner or vendor.
        #[arg(long, default_value = "employee")]
        relation: String,
        /// First day, RFC 3339.
        #[arg(long)]
        starts_at: Option<String>,
        /// Last moment, RFC 3339.
        #[arg(long)]
        ends_at: Option<String>,
    },
    /// Add a workload, owned by a person.
    AddWorkload {
        name: String,
        #[arg(long)]
        display_name: Option<String>,
        /// The name of the person who answers for it.
        #[arg(long)]
        owner: String,
    },
    /// Change one.
    Change {
        name: String,
        #[arg(long)]
        display_name: Option<String>,
        #[arg(long)]
        email: Option<String>,
        #[arg(long)]
        starts_at: Option<String>,
        /// Last moment, RFC 3339; `never` takes it away.
        #[arg(long)]
        ends_at: Option<String>,
    },
    /// Turn everything off for one, now.
    Disable { name: String },
    /// Let one in again.
    Enable { name: String },
    /// Print a new one-time link, to set up or to recover the sign-in.
    Invite { name: String },
}

const PEOPLE: &[Column] = &[
    ("name", "/name"),
    ("display name", "/display_name"),
    ("kind", "/kind"),
    ("relation", "/relation"),
    ("enabled", "/enabled"),
    ("until", "/ends_at"),
];

/// Runs it.
pub async fn people(ctx: &Context, command: PeopleCommand) -> anyhow::Result<()> {
    match command {
        PeopleCommand::List(args) => args.show(ctx, "/identities", PEOPLE).await,
        PeopleCommand::Show { name } => show(ctx, &format!("/identities/{}", escape(&name))).await,
        PeopleCommand::Add { name, display_name, email, relation, starts_at, ends_at } => {
            let body = json!({
                "kind": "person", "name": name, "display_name": display_name.unwrap_or_else(|| name.clone()),
                "email": email, "relation": relation, "starts_at": starts_at, "ends_at": ends_at,
            });
            let client = ctx.client()?;
            output::object(ctx.format, &client.post("/identities", body).await?);
            invite(ctx, &client, &name).await
        }
        PeopleCommand::AddWorkload { name, display_name, owner } => {
            let body = json!({
                "kind": "workload", "name": name, "display_name": display_name.unwrap_or_else(|| name.clone()),
                "owner": owner,
            });
            output::object(ctx.format, &ctx.client()?.post("/identities", body).await?);
            Ok(())
        }
        PeopleCommand::Change { name, display_name, email, starts_at, ends_at } => {
            let mut body = Map::new();
            for (field, value) in [
                ("display_name", display_name),
                ("email", email),
                ("starts_at", starts_at),
                ("ends_at", ends_at),
            ] {
                if let Some(value) = value {
                    let value = if value == "never" { Value::Null } else { Value::String(value) };
                    body.insert(field.to_owned(), value);
                }
            }
            let done = ctx
                .client()?
                .patch(&format!("/identities/{}", escape(&name)), Value::Object(body))
                .await?;
            output::object(ctx.format, &done);
            Ok(())
        }
        PeopleCommand::Disable { name } => {
            act(ctx, &format!("/identities/{}/disable", escape(&name))).await
        }
        PeopleCommand::Enable { name } => {
            act(ctx, &format!("/identities/{}/enable", escape(&name))).await
        }
        PeopleCommand::Invite { name } => invite(ctx, &ctx.client()?, &name).await,
    }
}

async fn invite(ctx: &Context, client: &Client, name: &str) -> anyhow::Result<()> {
    let link = client.post(&format!("/identities/{}/invite", escape(name)), json!({})).await?;
    output::object(ctx.format, &link);
    Ok(())
}

async fn show(ctx: &Context, path: &str) -> anyhow::Result<()> {
    output::object(ctx.format, &ctx.client()?.get(path).await?);
    Ok(())
}

async fn act(ctx: &Context, path: &str) -> anyhow::Result<()> {
    output::object(ctx.format, &ctx.client()?.post(path, json!({})).await?);
    Ok(())
}

async fn remove(ctx: &Context, path: &str) -> anyhow::Result<()> {
    ctx.client()?.delete(path).await?;
    output::note("done");
    Ok(())
}

/// `doorward groups …`
#[derive(Debug, Subcommand)]
pub enum GroupsCommand {
    /// List them.
    List(ListArgs),
    /// Show one and its members.
    Show { group: String },
    /// Add one.
    Add {
        group: String,
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Put an identity, or with --group a group, into a group.
    AddMember {
        group: String,
        member: String,
        #[arg(long = "group")]
        is_group: bool,
    },
    /// Take a member out.
    RemoveMember {
        group: String,
        member: String,
        #[arg(long = "group")]
        is_group: bool,
    },
    /// Delete a group.
    Delete { group: String },
}

/// Runs it.
pub async fn groups(ctx: &Context, command: GroupsCommand) -> anyhow::Result<()> {
    let member = |group: &str, member: &str, is_group: bool| {
        let kind = if is_group { "groups" } else { "identities" };
        format!("/groups/{}/{kind}/{}", escape(group), escape(member))
    };
    match command {
        GroupsCommand::List(args) => {
            args.show(ctx, "/groups", &[("name", "/name"), ("description", "/description")]).await
        }
        GroupsCommand::Show { group } => show(ctx, &format!("/groups/{}", escape(&group))).await,
        GroupsCommand::Add { group, description } => {
            let body = json!({ "name": group, "description": description });
            output::object(ctx.format, &ctx.client()?.post("/groups", body).await?);
            Ok(())
        }
        GroupsCommand::AddMember { group, member: m, is_group } => {
            ctx.client()?.put(&member(&group, &m, is_group), json!({})).await?;
            output::note("done");
            Ok(())
        }
        GroupsCommand::RemoveMember { group, member: m, is_group } => {
            remove(ctx, &member(&group, &m, is_group)).await
        }
        GroupsCommand::Delete { group } => {
            remove(ctx, &format!("/groups/{}", escape(&group))).await
        }
    }
}

/// `doorward roles …`
#[derive(Debug, Subcommand)]
pub enum RolesCommand {
    /// List them.
    List(ListArgs),
    /// Show one and its holders.
    Show { role: String },
    /// Add one.
    Add {
        role: String,
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Give a role to an identity, or with --group to a group.
    Assign {
        role: String,
        holder: String,
        #[arg(long = "group")]
        is_group: bool,
        /// Until when, RFC 3339.
        #[arg(long)]
        ends_at: Option<String>,
    },
    /// Take a role away.
    Unassign {
        role: String,
        holder: String,
        #[arg(long = "group")]
        is_group: bool,
    },
    /// Delete a role.
    Delete { role: String },
}

/// Runs it.
pub async fn roles(ctx: &Context, command: RolesCommand) -> anyhow::Result<()> {
    let holder = |role: &str, holder: &str, is_group: bool| {
        let kind = if is_group { "groups" } else { "identities" };
        format!("/roles/{}/{kind}/{}", escape(role), escape(holder))
    };
    match command {
        RolesCommand::List(args) => {
            args.show(ctx, "/roles", &[("name", "/name"), ("description", "/description")]).await
        }
        RolesCommand::Show { role } => show(ctx, &format!("/roles/{}", escape(&role))).await,
        RolesCommand::Add { role, description } => {
            let body = json!({ "name": role, "description": description });
            output::object(ctx.format, &ctx.client()?.post("/roles", body).await?);
            Ok(())
        }
        RolesCommand::Assign { role, holder: h, is_group, ends_at } => {
            ctx.client()?.put(&holder(&role, &h, is_group), json!({ "ends_at": ends_at })).await?;
            output::note("done");
            Ok(())
        }
        RolesCommand::Unassign { role, holder: h, is_group } => {
            remove(ctx, &holder(&role, &h, is_group)).await
        }
        RolesCommand::Delete { role } => remove(ctx, &format!("/roles/{}", escape(&role))).await,
    }
}

/// `doorward targets …`
#[derive(Debug, Subcommand)]
pub enum TargetsCommand {
    /// List them.
    List(ListArgs),
    /// Show one and its accounts.
    Show { target: String },
    /// Add an SSH host with its pinned host key.
    Add {
        target: String,
        #[arg(long)]
        host: String,
        #[arg(long, default_value_t = 22)]
        port: u16,
        /// A line as of /etc/ssh/ssh_host_ed25519_key.pub; may be repeated.
        #[arg(long = "host-key", required_unless_present = "host_ca")]
        host_keys: Vec<String>,
        /// The authority that signs its host certificate, instead of its keys.
        #[arg(long)]
        host_ca: Option<String>,
        /// Labels, as env=prod; may be repeated.
        #[arg(long = "label", value_parser = label)]
        labels: Vec<(String, String)>,
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Change one; what is left out stays.
    Change {
        target: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        host: Option<String>,
        #[arg(long)]
        port: Option<u16>,
        /// Its host keys anew; may be repeated.
        #[arg(long = "host-key", conflicts_with = "host_ca")]
        host_keys: Vec<String>,
        /// The authority that signs its host certificate, instead of its keys.
        #[arg(long)]
        host_ca: Option<String>,
        /// All its labels anew, as env=prod; may be repeated.
        #[arg(long = "label", value_parser = label, conflicts_with = "no_labels")]
        labels: Vec<(String, String)>,
        /// Take all labels away.
        #[arg(long)]
        no_labels: bool,
        #[arg(long)]
        description: Option<String>,
        /// Whether it may be reached.
        #[arg(long)]
        enabled: Option<bool>,
    },
    /// Delete one, with its accounts.
    Delete { target: String },
    /// Add an account on a target.
    AddAccount {
        target: String,
        account: String,
        /// Its sessions open with SSH certificates; nothing is kept for it.
        #[arg(long)]
        certificate: bool,
        /// Labels, as power=all; may be repeated.
        #[arg(long = "label", value_parser = label)]
        labels: Vec<(String, String)>,
    },
    /// Change an account on a target; what is left out stays.
    ChangeAccount {
        target: String,
        account: String,
        #[arg(long)]
        name: Option<String>,
        /// All its labels anew, as power=all; may be repeated.
        #[arg(long = "label", value_parser = label, conflicts_with = "no_labels")]
        labels: Vec<(String, String)>,
        /// Take all labels away.
        #[arg(long)]
        no_labels: bool,
    },
    /// Delete an account on a target, with its credential.
    DeleteAccount { target: String, account: String },
    /// Give an account's password to the vault; it is read from the terminal.
    SetPassword { target: String, account: String },
    /// Give an account's private key to the vault.
    SetKey { target: String, account: String, file: PathBuf },
    /// Have an account's sessions open with SSH certificates; what the vault keeps
    /// for it is deleted. Its host must trust `targets ca`.
    SetCertificate { target: String, account: String },
    /// Sign in to the target with the account's credential, and out again.
    Test { target: String, account: String },
    /// Change the credential on the target now.
    Rotate { target: String, account: String },
    /// Print the SSH authority's public keys: the file that sshd's
    /// TrustedUserCAKeys names.
    Ca,
    /// Give the SSH authority a new key; hosts have a day to learn of it.
    RotateCa {
        /// The old one leaked: it signs no more and is no longer listed.
        #[arg(long)]
        leaked: bool,
    },
}

fn label(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .filter(|(k, v)| !k.is_empty() && !v.is_empty())
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .ok_or_else(|| "write a label as name=value".to_owned())
}

fn object(labels: Vec<(String, String)>) -> Value {
    labels.into_iter().map(|(k, v)| (k, Value::String(v))).collect::<Map<_, _>>().into()
}

/// The labels that a change names: other ones, none, or the same as before.
fn relabelled(labels: Vec<(String, String)>, none: bool) -> Option<Value> {
    (none || !labels.is_empty()).then(|| object(labels))
}

/// An object of the fields that are there.
fn fields<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    fields.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?))).collect::<Map<_, _>>().into()
}

const TARGETS: &[Column] = &[
    ("name", "/name"),
    ("kind", "/kind"),
    ("host", "/settings/host"),
    ("port", "/settings/port"),
    ("labels", "/labels"),
    ("enabled", "/enabled"),
];

const AUTHORITY: &[Column] = &[
    ("fingerprint", "/fingerprint"),
    ("state", "/state"),
    ("signs from", "/activates_at"),
    ("listed until", "/retires_at"),
];

/// Runs it.
pub async fn targets(ctx: &Context, command: TargetsCommand) -> anyhow::Result<()> {
    let account = |target: &str, account: &str| {
        format!("/targets/{}/accounts/{}", escape(target), escape(account))
    };
    match command {
        TargetsCommand::List(args) => args.show(ctx, "/targets", TARGETS).await,
        TargetsCommand::Show { target } => {
            show(ctx, &format!("/targets/{}", escape(&target))).await
        }
        TargetsCommand::Add { target, host, port, host_keys, host_ca, labels, description } => {
            let labels = object(labels);
            let mut settings = json!({ "host": host, "port": port, "host_keys": host_keys });
            if let (Some(line), Some(map)) = (host_ca, settings.as_object_mut()) {
                map.insert("host_ca".to_owned(), Value::String(line));
            }
            let body = json!({
                "name": target, "kind": "ssh", "description": description, "labels": labels,
                "settings": settings,
            });
            output::object(ctx.format, &ctx.client()?.post("/targets", body).await?);
            Ok(())
        }
        TargetsCommand::Change {
            target,
            name,
            host,
            port,
            host_keys,
            host_ca,
            labels,
            no_labels,
            description,
            enabled,
        } => {
            let path = format!("/targets/{}", escape(&target));
            let client = ctx.client()?;
            // Settings are replaced whole, so nobody else may change them meanwhile.
            let shown = client.get(&path).await?;
            let seen = shown.get("version").and_then(Value::as_i64).unwrap_or_default();
            let place = (host.is_some(), port.is_some(), host_keys.is_empty(), host_ca.is_some());
            let settings = if place == (false, false, true, false) {
                None
            } else {
                let mut settings = shown.get("settings").cloned().unwrap_or_default();
                if let Some(map) = settings.as_object_mut() {
                    if !host_keys.is_empty() {
                        map.remove("host_ca");
                        map.insert("host_keys".to_owned(), json!(host_keys));
                    }
                    if let Some(line) = host_ca {
                        map.insert("host_keys".to_owned(), json!([]));
                        map.insert("host_ca".to_owned(), Value::String(line));
                    }
                    host.map(|host| map.insert("host".to_owned(), json!(host)));
                    port.map(|port| map.insert("port".to_owned(), json!(port)));
                }
                Some(settings)
            };
            let body = fields([
                ("name", name.map(Value::String)),
                ("description", description.map(Value::String)),
                ("settings", settings),
                ("labels", relabelled(labels, no_labels)),
                ("enabled", enabled.map(Value::Bool)),
            ]);
            output::object(ctx.format, &client.patch_seen(&path, seen, body).await?);
            Ok(())
        }
        TargetsCommand::Delete { target } => {
            remove(ctx, &format!("/targets/{}", escape(&target))).await
        }
        TargetsCommand::ChangeAccount { target, account: a, name, labels, no_labels } => {
            let body = fields([
                ("name", name.map(Value::String)),
                ("labels", relabelled(labels, no_labels)),
            ]);
            output::object(ctx.format, &ctx.client()?.patch(&account(&target, &a), body).await?);
            Ok(())
        }
        TargetsCommand::DeleteAccount { target, account: a } => {
            remove(ctx, &account(&target, &a)).await
        }
        TargetsCommand::AddAccount { target, account: a, certificate, labels } => {
            let path = format!("/targets/{}/accounts", escape(&target));
            let client = ctx.client()?;
            let made = client.post(&path, json!({ "name": a, "labels": object(labels) })).await?;
            if certificate {
                let path = format!("{}/credential", account(&target, &a));
                client.put(&path, json!({ "kind": "certificate" })).await?;
            }
            output::object(ctx.format, &made);
            Ok(())
        }
        TargetsCommand::SetPassword { target, account: a } => {
            let password = read_secret("password of the account: ")?;
            let path = format!("{}/credential", account(&target, &a));
            ctx.client()?.put(&path, json!({ "kind": "password", "value": password })).await?;
            output::note("done; nobody but the gateway will read it");
            Ok(())
        }
        TargetsCommand::SetKey { target, account: a, file } => {
            let key = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let path = format!("{}/credential", account(&target, &a));
            ctx.client()?.put(&path, json!({ "kind": "private_key", "value": key })).await?;
            output::note("done; nobody but the gateway will read it");
            Ok(())
        }
        TargetsCommand::SetCertificate { target, account: a } => {
            let path = format!("{}/credential", account(&target, &a));
            ctx.client()?.put(&path, json!({ "kind": "certificate" })).await?;
            output::note("done; the host must trust what `doorward targets ca` prints");
            Ok(())
        }
        TargetsCommand::Test { target, account: a } => {
            let path = format!("{}/test", account(&target, &a));
            output::object(ctx.format, &ctx.client()?.post(&path, json!({})).await?);
            Ok(())
        }
        TargetsCommand::Rotate { target, account: a } => {
            act(ctx, &format!("{}/rotate", account(&target, &a))).await
        }
        TargetsCommand::Ca => {
            let shown = ctx.client()?.get("/ssh-ca").await?;
            if ctx.format == output::Format::Json {
                output::line(shown);
                return Ok(());
            }
            for key in shown.get("keys").and_then(Value::as_array).into_iter().flatten() {
                output::line(key.get("line").and_then(Value::as_str).unwrap_or_default());
            }
            Ok(())
        }
        TargetsCommand::RotateCa { leaked } => {
            let body = json!({ "leaked": leaked });
            let shown = ctx.client()?.post("/ssh-ca/rotate", body).await?;
            let keys = shown.get("keys").and_then(Value::as_array).cloned().unwrap_or_default();
            output::rows(ctx.format, &keys, AUTHORITY);
            Ok(())
        }
    }
}

/// `doorward applications …`
#[derive(Debug, Subcommand)]
pub enum ApplicationsCommand {
    /// List them.
    List(ListArgs),
    /// Show one.
    Show { application: String },
    /// Register one from a JSON file (see the guide for its fields).
    Add { file: PathBuf },
    /// Make a new secret, shown once; the old one is dead at once.
    RotateSecret { application: String },
    /// Try a sign-in as myself: what the application would get. Nothing is sent to it.
    Test {
        application: String,
        /// The address, or its query, that the application sends people to.
        #[arg(long, value_name = "ADDRESS")]
        request: Option<String>,
    },
    /// Delete one, with all tokens.
    Delete { application: String },
}

/// Runs it.
pub async fn applications(ctx: &Context, command: ApplicationsCommand) -> anyhow::Result<()> {
    match command {
        ApplicationsCommand::List(args) => {
            let columns =
                &[("name", "/name"), ("title", "/title"), ("id", "/id"), ("enabled", "/enabled")];
            args.show(ctx, "/applications", columns).await
        }
        ApplicationsCommand::Show { application } => {
            show(ctx, &format!("/applications/{}", escape(&application))).await
        }
        ApplicationsCommand::Add { file } => {
            let text =
                std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let body: Value =
                serde_json::from_str(&text).with_context(|| file.display().to_string())?;
            output::object(ctx.format, &ctx.client()?.post("/applications", body).await?);
            Ok(())
        }
        ApplicationsCommand::RotateSecret { application } => {
            act(ctx, &format!("/applications/{}/secret", escape(&application))).await
        }
        ApplicationsCommand::Test { application, request } => {
            let path = format!("/applications/{}/test", escape(&application));
            let body = json!({ "request": request });
            output::object(ctx.format, &ctx.client()?.post(&path, body).await?);
            Ok(())
        }
        ApplicationsCommand::Delete { application } => {
            remove(ctx, &format!("/applications/{}", escape(&application))).await
        }
    }
}
