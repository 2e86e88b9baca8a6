//! `doorward access`: who reaches what, and by which path.

use clap::Args;
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

/// `doorward access`
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct AccessArgs {
    /// What this person or workload reaches.
    #[arg(long, value_name = "NAME", conflicts_with = "group")]
    who: Option<String>,
    /// What this group gives to those who are in it.
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Who reaches this: `deploy@web-1`, a target or an application.
    #[arg(long, value_name = "NAME")]
    what: Option<String>,
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
    let fields = [
        ("who", &args.who),
        ("group", &args.group),
        ("what", &args.what),
        ("how", &args.list.how),
        ("address", &args.list.address),
    ];
    let query: Vec<String> = fields
        .iter()
        .filter_map(|(name, value)| value.as_ref().map(|v| format!("{name}={}", escape(v))))
        .collect();
    let path = format!("/access?{}", query.join("&"));
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
