//! `doorward requests`, `approve`, `deny`, `grants`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Context;
use super::directory::{ListArgs, escape};
use crate::output::{self, Column, Format};

/// `doorward requests …`
#[derive(Debug, Subcommand)]
pub enum RequestsCommand {
    /// Those that I may decide, and my own.
    List {
        #[command(flatten)]
        list: ListArgs,
        /// All states, not only pending.
        #[arg(long)]
        all: bool,
    },
    /// Show one.
    Show { id: String },
    /// Ask for access: `deploy@web-1`, or the name of an application.
    File {
        about: String,
        #[arg(long, short)]
        reason: String,
        /// For how long: 30m, 2h.
        #[arg(long, short, default_value = "1h", value_parser = duration)]
        duration: u64,
    },
    /// Take back my own request.
    Withdraw { id: String },
}

/// `doorward approve ID`, `doorward deny ID`
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// The request.
    id: String,
    /// What the requester and the record should read.
    #[arg(long, short, default_value = "")]
    comment: String,
}

/// `doorward grants …`
#[derive(Debug, Subcommand)]
pub enum GrantsCommand {
    /// Those in force; my own, or all when policy permits.
    List {
        #[command(flatten)]
        list: ListArgs,
        /// Ended ones too.
        #[arg(long)]
        all: bool,
    },
    /// Give my own grant back before its time.
    Return { id: String },
    /// End somebody's grant, now.
    Revoke {
        id: String,
        #[arg(long, short, default_value = "")]
        reason: String,
    },
    /// Take access at once, loudly, to be reviewed.
    BreakGlass {
        about: String,
        #[arg(long, short)]
        reason: String,
        #[arg(long, short, default_value = "1h", value_parser = duration)]
        duration: u64,
    },
    /// Review a break-glass grant of somebody else.
    Review {
        id: String,
        #[arg(long, short)]
        comment: String,
    },
}

/// `90s`, `30m`, `2h` in seconds.
fn duration(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no duration; write 30m or 2h");
    let (number, unit) =
        text.split_at(text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len());
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    number.checked_mul(factor).filter(|s| *s > 0).ok_or_else(wrong)
}

const REQUESTS: &[Column] = &[
    ("id", "/id"),
    ("state", "/state"),
    ("who", "/requester_name"),
    ("what", "/about_name"),
    ("why", "/reason"),
    ("seconds", "/duration_seconds"),
    ("approvals", "/approval_count"),
    ("needed", "/needed"),
    ("since", "/created_at"),
];

const GRANTS: &[Column] = &[
    ("id", "/id"),
    ("who", "/holder_name"),
    ("what", "/about_name"),
    ("why", "/reason"),
    ("until", "/ends_at"),
    ("break-glass", "/break_glass"),
    ("ended", "/ended_at"),
];

/// Runs it.
pub async fn requests(ctx: &Context, command: RequestsCommand) -> anyhow::Result<()> {
    match command {
        RequestsCommand::List { list, all } => {
            let path = if all { "/requests" } else { "/requests?state=pending" };
            let items = ctx.client()?.list(path, list.most).await?;
            output::rows(ctx.format, &items, REQUESTS);
        }
        RequestsCommand::Show { id } => {
            let mut shown = ctx.client()?.get(&format!("/requests/{}", escape(&id))).await?;
            if ctx.format == Format::People {
                shown = with_risk(shown);
            }
            output::object(ctx.format, &shown);
        }
        RequestsCommand::File { about, reason, duration } => {
            let body = json!({ "about": about, "reason": reason, "duration_seconds": duration });
            output::object(ctx.format, &ctx.client()?.post("/requests", body).await?);
        }
        RequestsCommand::Withdraw { id } => {
            let path = format!("/requests/{}/withdraw", escape(&id));
            output::object(ctx.format, &ctx.client()?.post(&path, json!({})).await?);
        }
    }
    Ok(())
}

/// The risk as sentences, what says most first.
fn with_risk(mut request: Value) -> Value {
    let said = request.get("risk").filter(|r| !r.is_null()).map(|risk| {
        let text = |v: &Value, name: &str| {
            v.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let reasons = risk.get("reasons").and_then(Value::as_array).into_iter().flatten();
        let reasons: Vec<String> = reasons.map(|r| text(r, "sentence")).collect();
        let level = text(risk, "level");
        if reasons.is_empty() { level } else { format!("{level}: {}", reasons.join("; ")) }
    });
    if let (Value::Object(fields), Some(said)) = (&mut request, said) {
        fields.insert("risk".to_owned(), json!(said));
    }
    request
}

/// Says yes or no.
pub async fn decide(ctx: &Context, args: DecideArgs, decision: &str) -> anyhow::Result<()> {
    let path = format!("/requests/{}/decide", escape(&args.id));
    let body = json!({ "decision": decision, "comment": args.comment });
    output::object(ctx.format, &ctx.client()?.post(&path, body).await?);
    Ok(())
}

/// Runs it.
pub async fn grants(ctx: &Context, command: GrantsCommand) -> anyhow::Result<()> {
    let done = match command {
        GrantsCommand::List { list, all } => {
            let path = if all { "/grants" } else { "/grants?state=live" };
            let items = ctx.client()?.list(path, list.most).await?;
            output::rows(ctx.format, &items, GRANTS);
            return Ok(());
        }
        GrantsCommand::Return { id } => {
            ctx.client()?.post(&format!("/grants/{}/return", escape(&id)), json!({})).await?
        }
        GrantsCommand::Revoke { id, reason } => {
            let path = format!("/grants/{}/revoke", escape(&id));
            ctx.client()?.post(&path, json!({ "reason": reason })).await?
        }
        GrantsCommand::BreakGlass { about, reason, duration } => {
            let body = json!({ "about": about, "reason": reason, "duration_seconds": duration });
            ctx.client()?.post("/grants/break-glass", body).await?
        }
        GrantsCommand::Review { id, comment } => {
            let path = format!("/grants/{}/review", escape(&id));
            ctx.client()?.post(&path, json!({ "comment": comment })).await?
        }
    };
    output::object(ctx.format, &done);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{duration, with_risk};

    #[test]
    fn a_risk_reads_as_its_level_and_why() {
        let reasons = json!([{ "code": "first_time", "sentence": "a" }, { "sentence": "b" }]);
        let shown = with_risk(json!({ "id": 1, "risk": { "level": "high", "reasons": reasons } }));
        assert_eq!(shown, json!({ "id": 1, "risk": "high: a; b" }));
        let low = with_risk(json!({ "risk": { "level": "low", "reasons": [] } }));
        assert_eq!(low["risk"], "low");
        assert_eq!(with_risk(json!({ "risk": null }))["risk"], Value::Null);
    }

    #[test]
    fn durations_read_as_people_write_them() {
        assert_eq!(duration("30m"), Ok(1_800));
        assert_eq!(duration("2h"), Ok(7_200));
        for wrong in ["", "h", "2", "0m", "-1h", "2d", "99999999999999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong:?} was accepted");
        }
    }
}
