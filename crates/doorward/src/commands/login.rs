//! `doorward login`, `logout`, `status`: the device flow (RFC 8628) as a
//! person meets it.

use std::time::Duration;

use serde_json::{Value, json};

use super::Context;
use crate::client::{Client, ClientError, Credentials, DeviceKeys};
use crate::output::{self, Format, line, note};

/// `doorward login`
#[derive(Debug, clap::Args)]
pub struct LoginArgs {
    /// Do not wait for the browser: print the code and the device token, for a
    /// script that polls by itself.
    #[arg(long, hide = true)]
    no_wait: bool,
}

/// What the browser shows of this command line: `doorward on laptop-7`.
fn here() -> String {
    // Shells keep $HOSTNAME to themselves; Linux says it here.
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::env::var("HOSTNAME"))
        .unwrap_or_default();
    match host.trim() {
        "" => "doorward".to_owned(),
        host => format!("doorward on {host}"),
    }
}

/// Starts a device flow, waits for the browser, keeps the session.
pub async fn login(ctx: &Context, args: LoginArgs) -> anyhow::Result<()> {
    let client = Client::any(&ctx.server)?;
    let started = client.post("/device/start", json!({ "client": here() })).await?;
    let text =
        |name: &str| started.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (code, token) = (text("user_code"), text("device_token"));
    let uri = text("verification_uri_complete");
    if args.no_wait {
        line(&started);
        return Ok(());
    }
    note(format_args!("Open {uri}\nin a browser where you are signed in; it shows this code:"));
    note(format_args!("\n    {code}\n"));
    note("Confirm it only if it is the same and you asked for it yourself. Waiting …");
    let mut interval = started.get("interval").and_then(Value::as_u64).unwrap_or(5).max(1);
    let lifetime = started.get("expires_in").and_then(Value::as_u64).unwrap_or(600);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(lifetime);
    let done = loop {
        tokio::time::sleep(Duration::from_secs(interval)).await;
        let answer = client.post("/device/poll", json!({ "device_token": token })).await?;
        match answer.get("state").and_then(Value::as_str) {
            Some("slow_down") => interval += 5,
            Some("waiting") => {}
            Some("refused") => anyhow::bail!("refused in the browser"),
            Some("expired") => anyhow::bail!("the code expired; run doorward login again"),
            _ => break answer,
        }
        if tokio::time::Instant::now() >= deadline {
            anyhow::bail!("the code expired; run doorward login again");
        }
    };
    let token = done.get("token").and_then(Value::as_str).ok_or(ClientError::NotJson)?.to_owned();
    let ca = match &ctx.server.ca {
        Some(path) => Some(path.canonicalize().unwrap_or_else(|_| path.clone())),
        None => Credentials::load()?.filter(|c| c.server == client.server()).and_then(|c| c.ca),
    };
    if let Some(keys) = done.get("device").and_then(Value::as_str) {
        DeviceKeys::store(client.server(), keys)?;
    }
    Credentials { server: client.server().to_owned(), token, ca }.store()?;
    match ctx.format {
        Format::Json => line(json!({ "server": client.server(), "name": done.get("name") })),
        Format::People => {
            let name = done.get("name").and_then(Value::as_str).unwrap_or("you");
            line(format_args!("Signed in at {} as {}", client.server(), output::clean(name)));
        }
    }
    Ok(())
}

/// Ends the session at the server, then forgets it.
pub async fn logout(ctx: &Context) -> anyhow::Result<()> {
    if let Ok(client) = Client::signed_in(&ctx.server) {
        match client.delete("/session").await {
            Ok(_) | Err(ClientError::Refused(_)) => {}
            Err(other) => {
                Credentials::forget()?;
                return Err(other.into());
            }
        }
    }
    Credentials::forget()?;
    note("signed out");
    Ok(())
}

/// The server's health and who is signed in.
pub async fn status(ctx: &Context) -> anyhow::Result<()> {
    let client = Client::any(&ctx.server)?;
    let health = client.get("/health").await?;
    let me = match client.get("/session").await {
        Ok(me) => me,
        Err(ClientError::Refused(p)) if p.status == 401 => Value::Null,
        Err(e) => return Err(e.into()),
    };
    let house = match &me {
        Value::Null => Value::Null,
        _ => match client.get("/status").await {
            Ok(house) => house,
            // Not everybody may see the house's state.
            Err(ClientError::Refused(p)) if p.status == 403 => Value::Null,
            Err(e) => return Err(e.into()),
        },
    };
    if ctx.format == Format::Json {
        line(
            json!({ "server": client.server(), "health": health, "session": me, "status": house }),
        );
        return Ok(());
    }
    line(format_args!("server  {}", client.server()));
    output::object(ctx.format, &health);
    match me {
        Value::Null => note("not signed in; run: doorward login"),
        me => output::object(ctx.format, &me),
    }
    if house != Value::Null {
        output::object(ctx.format, &house);
    }
    Ok(())
}
