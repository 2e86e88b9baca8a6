//! `doorward access`: who reaches what, and by which path.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Context;
use super::directory::escape;
use crate::output::{self, Column, Format};

const COLUMNS: &[Column] = &[
    ("who", "/who"),
    ("what", "/what"),
    ("how", "/how"),
    ("by", "/by"),
    ("asks for", "/asks_for"),
    ("glass", "/break_glass"),
    ("last used", "/last_used"),
];

const DAYS: &[Column] = &[
    ("day", "/day"),
    ("people", "/people"),
    ("workloads", "/workloads"),
    ("accounts", "/accounts"),
    ("standing", "/pairs"),
    ("by a grant", "/granted_pairs"),
    ("glass", "/broken_glass_pairs"),
    ("complete", "/complete"),
];

/// `doorward access`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AccessArgs {
    #[command(subcommand)]
    history: Option<AccessCommand>,
    #[command(flatten)]
    of: Asked,
}

/// What else there is to ask.
#[derive(Debug, Subcommand)]
enum AccessCommand {
    /// How much privilege stands and stood, by day.
    History(HistoryArgs),
}

/// Which days.
#[derive(Debug, Args)]
struct HistoryArgs {
    /// Days that begin not before this moment: `2026-01-01T00:00:00Z`.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Days that begin before this moment.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// At most this many days, the newest.
    #[arg(long, default_value_t = 30)]
    most: usize,
}

/// Whose, or to what.
#[derive(Debug, Args)]
#[group(multiple = true)]
struct Asked {
    /// What this person or workload reaches.
    #[arg(long, value_name = "NAME", conflicts_with = "group")]
    who: Option<String>,
    /// What this group gives to those who are in it.
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Who reaches this: `deploy@web-1`, a target or an application.
    #[arg(long, value_name = "NAME")]
    what: Option<String>,
    /// Only what needs no request; alone, of everybody.
    #[arg(long)]
    standing: bool,
    #[command(flatten)]
    list: Listing,
}

/// Which of them.
#[derive(Debug, Args)]
struct Listing {
    /// Only now, step_up, request or break_glass.
    #[arg(long)]
    how: Option<String>,
    /// As from this address; from none when absent.
    #[arg(long)]
    address: Option<String>,
    /// At most this many.
    #[arg(long, default_value_t = 1_000)]
    most: usize,
}

/// Runs it.
pub async fn access(ctx: &Context, args: AccessArgs) -> anyhow::Result<()> {
    match (args.history, args.of) {
        (Some(AccessCommand::History(args)), _) => history(ctx, args).await,
        (None, asked) if asked.of_nothing() => {
            anyhow::bail!("say whose with --who or --group, to what with --what, or --standing")
        }
        (None, asked) => reached(ctx, asked).await,
    }
}

impl Asked {
    fn of_nothing(&self) -> bool {
        !self.standing && self.who.is_none() && self.group.is_none() && self.what.is_none()
    }
}

fn query(fields: &[(&str, Option<&String>)]) -> String {
    let said = fields.iter().filter_map(|(n, v)| v.map(|v| format!("{n}={}", escape(v))));
    said.collect::<Vec<_>>().join("&")
}

async fn history(ctx: &Context, args: HistoryArgs) -> anyhow::Result<()> {
    let asked = query(&[("since", args.since.as_ref()), ("until", args.until.as_ref())]);
    let items = ctx.client()?.list(&format!("/access/history?{asked}"), args.most).await?;
    output::rows(ctx.format, &items, DAYS);
    Ok(())
}

async fn reached(ctx: &Context, args: Asked) -> anyhow::Result<()> {
    let standing = args.standing.then(|| "true".to_owned());
    let path = format!(
        "/access?{}",
        query(&[
            ("who", args.who.as_ref()),
            ("group", args.group.as_ref()),
            ("what", args.what.as_ref()),
            ("standing", standing.as_ref()),
            ("how", args.list.how.as_ref()),
            ("address", args.list.address.as_ref()),
        ])
    );
    let mut items = ctx.client()?.list(&path, args.list.most).await?;
    if ctx.format == Format::People {
        for item in &mut items {
            let (by, asks) = (by(item), asks(item));
            if let Value::Object(fields) = item {
                fields.insert("by".to_owned(), json!(by));
                fields.insert("asks_for".to_owned(), json!(asks));
            }
        }
    }
    output::rows(ctx.format, &items, COLUMNS);
    Ok(())
}

fn list<'a>(item: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    item.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// `dba > engineers`, `direct`; alternatives after `or`; a grant with its end.
fn by(item: &Value) -> String {
    let step = |s: &Value| match text(s, "until") {
        "" => text(s, "name").to_owned(),
        until => format!("{} (until {until})", text(s, "name")),
    };
    let chain =
        |c: &Value| c.as_array().into_iter().flatten().map(step).collect::<Vec<_>>().join(" > ");
    let path = |p: &Value| {
        let chains: Vec<String> = list(p, "chains").map(chain).collect();
        if chains.is_empty() { text(p, "via").to_owned() } else { chains.join(" and ") }
    };
    let paths = list(item, "paths").map(path).collect::<Vec<_>>().join(" or ");
    match text(item, "until") {
        "" => paths,
        until => format!("grant until {until}, {paths}"),
    }
}

fn asks(item: &Value) -> String {
    list(item, "sentences").filter_map(Value::as_str).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_about_somebody_or_something_or_about_the_days() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            args: AccessArgs,
        }
        let parse =
            |line: &str| <Line as clap::Parser>::try_parse_from(line.split(' ')).map(|l| l.args);
        assert!(parse("access --most 3").unwrap().of.of_nothing());
        assert!(!parse("access --standing").unwrap().of.of_nothing());
        assert!(parse("access history --since 2026-01-01T00:00:00Z").unwrap().history.is_some());
        assert!(parse("access --who eve history").is_err());
        assert!(parse("access --who eve --group dba").is_err());
    }

    #[test]
    fn paths_are_read_from_what_one_is_in_to_what_counts() {
        let item = json!({
            "until": null,
            "paths": [
                { "via": "role", "chains": [[
                    { "kind": "group", "name": "dba", "until": null },
                    { "kind": "role", "name": "prod", "until": "2026-02-01T00:00:00Z" },
                ]] },
                { "via": "combined", "chains": [
                    [{ "kind": "group", "name": "a", "until": null }],
                    [{ "kind": "role", "name": "b", "until": null }],
                ] },
                { "via": "direct", "chains": [] },
            ],
        });
        assert_eq!(by(&item), "dba > prod (until 2026-02-01T00:00:00Z) or a and b or direct");
    }
}
