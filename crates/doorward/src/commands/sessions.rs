//! `doorward sessions`, `watch`, `freeze`, `thaw`, `message`, `terminate`, `play`.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::Context;
use super::directory::escape;
use crate::client::Client;
use crate::output::{self, Column, note};

/// `doorward sessions`
#[derive(Debug, Args)]
pub struct SessionsArgs {
    /// Ended ones too.
    #[arg(long)]
    all: bool,
    /// At most this many.
    #[arg(long, default_value_t = 200)]
    most: usize,
    /// Show one: its facts, commands, files, and what others wanted of it.
    id: Option<String>,
}

/// One privileged session.
#[derive(Debug, Args)]
pub struct IdArgs {
    /// Its id; the first letters suffice.
    id: String,
}

/// `doorward terminate ID`
#[derive(Debug, Args)]
pub struct TerminateArgs {
    /// Its id; the first letters suffice.
    id: String,
    /// What the person in it reads.
    #[arg(long, short, default_value = "")]
    reason: String,
}

/// `doorward freeze ID`
#[derive(Debug, Args)]
pub struct FreezeArgs {
    /// Its id; the first letters suffice.
    id: String,
    /// What the person in it reads.
    #[arg(long, short)]
    reason: String,
}

/// `doorward message ID TEXT`
#[derive(Debug, Args)]
pub struct MessageArgs {
    /// Its id; the first letters suffice.
    id: String,
    /// One line of at most 500 characters.
    text: String,
}

/// `doorward play ID`
#[derive(Debug, Args)]
pub struct PlayArgs {
    /// The id of the privileged session; the first letters suffice.
    id: String,
    /// Write asciicast v2 to this file (`-`: standard output) instead.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// How many times as fast.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Wait at most this many seconds where nothing happens.
    #[arg(long, default_value_t = 2.0)]
    idle: f64,
}

const SESSIONS: &[Column] = &[
    ("id", "/id"),
    ("who", "/identity_name"),
    ("account", "/account_name"),
    ("from", "/address"),
    ("state", "/state"),
    ("frozen by", "/frozen/by_name"),
    ("since", "/started_at"),
    ("ended", "/ended_at"),
    ("coverage", "/coverage"),
];

/// Lists them, or shows one.
pub async fn list(ctx: &Context, args: SessionsArgs) -> anyhow::Result<()> {
    let client = ctx.client()?;
    if let Some(id) = args.id {
        let id = whole_id(&client, &id).await?;
        let mut session = client.get(&format!("/privileged-sessions/{id}")).await?;
        for part in ["commands", "files", "orders", "watchers"] {
            let items = client.list(&format!("/privileged-sessions/{id}/{part}"), 10_000).await?;
            if let Some(map) = session.as_object_mut() {
                map.insert(part.to_owned(), Value::Array(items));
            }
        }
        if ctx.format == output::Format::Json {
            output::line(session);
            return Ok(());
        }
        let take = |session: &mut Value, part| match session
            .as_object_mut()
            .and_then(|m| m.remove(part))
        {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        let (commands, files) = (take(&mut session, "commands"), take(&mut session, "files"));
        let (orders, watchers) = (take(&mut session, "orders"), take(&mut session, "watchers"));
        output::object(ctx.format, &session);
        if !watchers.is_empty() {
            let columns = &[("watching now", "/identity_name"), ("since", "/since")];
            output::rows(ctx.format, &watchers, columns);
        }
        if !commands.is_empty() {
            output::rows(
                ctx.format,
                &commands,
                &[("at", "/at"), ("certain", "/certain"), ("command", "/text")],
            );
        }
        if !orders.is_empty() {
            let columns =
                &[("at", "/at"), ("order", "/kind"), ("by", "/by_name"), ("text", "/text")];
            output::rows(ctx.format, &orders, columns);
        }
        if !files.is_empty() {
            output::rows(
                ctx.format,
                &files,
                &[
                    ("at", "/at"),
                    ("operation", "/operation"),
                    ("path", "/path"),
                    ("bytes", "/bytes"),
                    ("outcome", "/outcome"),
                ],
            );
        }
        return Ok(());
    }
    let path = if args.all { "/privileged-sessions" } else { "/privileged-sessions?state=live" };
    output::rows(ctx.format, &client.list(path, args.most).await?, SESSIONS);
    Ok(())
}

/// The id that begins with `start`: people copy the first letters.
async fn whole_id(client: &Client, start: &str) -> anyhow::Result<String> {
    if start.len() == 36 {
        return Ok(escape(start));
    }
    let all = client.list("/privileged-sessions", 1_000).await?;
    let mut found = all
        .iter()
        .filter_map(|s| s.get("id").and_then(Value::as_str))
        .filter(|id| id.starts_with(start) || id.ends_with(start));
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id.to_owned()),
        (None, _) => anyhow::bail!("no privileged session has an id like {start}"),
        _ => anyhow::bail!("several privileged sessions have an id like {start}; write more of it"),
    }
}

/// Shows the live terminal until it ends or ctrl-c.
pub async fn watch(ctx: &Context, args: IdArgs) -> anyhow::Result<()> {
    let client = ctx.client()?;
    let id = whole_id(&client, &args.id).await?;
    let mut answer = client.stream(&format!("/privileged-sessions/{id}/watch")).await?;
    begin_terminal(&format!("watching {id}; ctrl-c to leave, the session goes on"));
    // The stream is asciicast v2: a header, then a line for each event.
    let mut lines = Lines::default();
    let outcome = loop {
        let bytes = tokio::select! {
            next = answer.chunk() => match next {
                Ok(Some(bytes)) => bytes,
                Ok(None) => break Ok("the session is over"),
                Err(e) => break Err(e),
            },
            // The terminal is left as a terminal should be.
            _ = tokio::signal::ctrl_c() => break Ok("left; the session goes on"),
        };
        for line in lines.push(&bytes) {
            if let Ok(Value::Array(event)) = serde_json::from_str::<Value>(&line) {
                show(&mut std::io::stdout().lock(), &event)?;
            }
        }
    };
    restore_terminal();
    note(outcome?);
    Ok(())
}

/// Cuts it.
pub async fn terminate(ctx: &Context, args: TerminateArgs) -> anyhow::Result<()> {
    let client = ctx.client()?;
    let id = whole_id(&client, &args.id).await?;
    let done = client
        .post(&format!("/privileged-sessions/{id}/end"), json!({ "reason": args.reason }))
        .await?;
    output::object(ctx.format, &done);
    Ok(())
}

/// Holds it.
pub async fn freeze(ctx: &Context, args: FreezeArgs) -> anyhow::Result<()> {
    order(ctx, &args.id, "freeze", json!({ "reason": args.reason })).await
}

/// Lets it go on.
pub async fn thaw(ctx: &Context, args: IdArgs) -> anyhow::Result<()> {
    order(ctx, &args.id, "thaw", json!({})).await
}

/// Writes to the person in it.
pub async fn message(ctx: &Context, args: MessageArgs) -> anyhow::Result<()> {
    order(ctx, &args.id, "messages", json!({ "text": args.text })).await
}

async fn order(ctx: &Context, id: &str, what: &str, body: Value) -> anyhow::Result<()> {
    let client = ctx.client()?;
    let id = whole_id(&client, id).await?;
    let done = client.post(&format!("/privileged-sessions/{id}/{what}"), body).await?;
    output::object(ctx.format, &done);
    Ok(())
}

/// Replays or exports.
pub async fn play(ctx: &Context, args: PlayArgs) -> anyhow::Result<()> {
    let client = ctx.client()?;
    let id = whole_id(&client, &args.id).await?;
    let mut answer = client.stream(&format!("/privileged-sessions/{id}/recording")).await?;
    if let Some(path) = args.export {
        let mut out: Box<dyn std::io::Write> = match path.to_str() {
            Some("-") => Box::new(std::io::stdout()),
            _ => {
                Box::new(std::fs::File::create(&path).with_context(|| path.display().to_string())?)
            }
        };
        while let Some(bytes) = answer.chunk().await? {
            out.write_all(&bytes)?;
        }
        out.flush()?;
        return Ok(());
    }
    begin_terminal(&format!("replaying {id}; ctrl-c to leave"));
    let speed = if args.speed > 0.0 { args.speed } else { 1.0 };
    let mut remarks = Vec::new();
    let replay = async {
        let (mut lines, mut last) = (Lines::default(), 0.0_f64);
        while let Some(bytes) = answer.chunk().await? {
            for line in lines.push(&bytes) {
                let Ok(Value::Array(event)) = serde_json::from_str::<Value>(&line) else {
                    continue;
                };
                remarks.extend(remark(&event));
                let at = event.first().and_then(Value::as_f64).unwrap_or(last);
                let wait = ((at - last) / speed).clamp(0.0, args.idle.max(0.0));
                last = at;
                tokio::time::sleep(Duration::from_secs_f64(wait)).await;
                show(&mut std::io::stdout().lock(), &event)?;
            }
        }
        anyhow::Ok("end of the recording")
    };
    let outcome = tokio::select! {
        done = replay => done,
        _ = tokio::signal::ctrl_c() => Ok("left"),
    };
    restore_terminal();
    for remark in remarks {
        note(remark);
    }
    note(outcome?);
    Ok(())
}

/// What Doorward itself has noted in a recording: where it breaks off, and why.
fn remark(event: &[Value]) -> Option<String> {
    match event {
        [_, Value::String(kind), Value::String(text)]
            if kind == "m" && text.starts_with("Doorward: ") =>
        {
            Some(doorward_formats::asciicast::harmless(text).to_string())
        }
        _ => None,
    }
}

/// Writes the output of one asciicast event to the terminal. What the target
/// could use to do something to the viewer's terminal is left out.
fn show(screen: &mut impl std::io::Write, event: &[Value]) -> std::io::Result<()> {
    if let [_, Value::String(kind), Value::String(data)] = event
        && kind == "o"
    {
        screen.write_all(doorward_formats::asciicast::harmless(data).as_bytes())?;
        screen.flush()?;
    }
    Ok(())
}

/// Clears the screen, since what comes counts rows from the first one; the hint stands
/// in the title, whose old text is put by.
fn begin_terminal(hint: &str) {
    let mut screen = std::io::stdout().lock();
    if screen.is_terminal() {
        let _ = write!(screen, "\x1b[22;0t\x1b]2;{hint}\x07\x1b[2J\x1b[H");
        let _ = screen.flush();
    } else {
        note(hint);
    }
}

/// Leaves the alternate screen, shows the cursor, ends colours, gives the title back.
fn restore_terminal() {
    let mut screen = std::io::stdout().lock();
    if screen.is_terminal() {
        let _ = screen.write_all(b"\x1b[?1049l\x1b[?25h\x1b[0m\x1b[23;0t\r\n");
        let _ = screen.flush();
    }
}

/// Cuts a stream of bytes into lines.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        self.0.extend_from_slice(bytes);
        let mut whole = Vec::new();
        while let Some(end) = self.0.iter().position(|b| *b == b'\n') {
            let rest = self.0.split_off(end + 1);
            let line = std::mem::replace(&mut self.0, rest);
            whole.push(String::from_utf8_lossy(&line).into_owned());
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Lines, remark};

    #[test]
    fn remarks_of_doorward_are_told_and_nothing_else() {
        let of = |kind: &str, text: &str| {
            remark(json!([1.5, kind, text]).as_array().map_or(&[], Vec::as_slice))
        };
        let cut = "Doorward: the recording is cut off after chunk 3";
        assert_eq!(of("m", cut).as_deref(), Some(cut));
        assert_eq!(of("o", cut), None);
        assert_eq!(of("m", "ls -la"), None);
    }

    #[test]
    fn lines_survive_any_cut() {
        let mut lines = Lines::default();
        assert!(lines.push(b"ab").is_empty());
        assert_eq!(lines.push(b"c\nde\nf"), ["abc\n", "de\n"]);
        assert_eq!(lines.push(b"\n"), ["f\n"]);
    }
}
