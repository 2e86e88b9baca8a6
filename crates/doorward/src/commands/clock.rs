//! `doorward clock`: how far time has come in this installation, and the way out
//! when the clock was wrong (`docs/adr/0005-time-never-goes-back.md`).

use std::time::Duration;

use doorward::house::database;
use doorward_core::{Actor, Class, Entity, Event};
use doorward_store::{Db, clock, event};
use serde_json::json;

use super::Context;
use crate::output::{Format, line, note};

/// `doorward clock …`
#[derive(Debug, clap::Subcommand)]
pub enum ClockCommand {
    /// Compare this machine's clock with how far time has come in the house.
    Show,
    /// The clock was wrong before and is right now: take it for true. Stop every
    /// node first. Everybody signs in anew; sessions, tokens, grants, open requests
    /// and links end.
    Accept,
}

/// Shows or accepts.
pub async fn clock(ctx: &Context, command: ClockCommand) -> anyhow::Result<()> {
    let config = super::config::load(ctx)?;
    let env = doorward_runtime::env();
    let db = Db::open(&database(&config)?, &env).await?;
    let behind = env.set_back();
    match command {
        ClockCommand::Show => {
            match ctx.format {
                Format::Json => line(json!({
                    "clock": env.wall(), "house": env.now(),
                    "set_back_seconds": behind.map(|by| by.as_secs()),
                })),
                Format::People => match behind {
                    None => line("the clock is right, as far as this house can tell"),
                    Some(by) => line(format_args!(
                        "the clock was set back: it shows {} less than this house has seen. \
                         Put it right. If it is right now and was wrong before, stop every node \
                         and run: doorward clock accept",
                        spoken(by)
                    )),
                },
            }
            Ok(())
        }
        ClockCommand::Accept => {
            let Some(by) = behind else {
                anyhow::bail!("there is nothing to accept: the clock is right");
            };
            let (wall, fresh) = (env.wall(), doorward_runtime::env());
            let ended = db
                .write(move |c| {
                    let ended = clock::accept(c, wall)?;
                    let actor = Actor::system("doorward clock accept");
                    let class = Class::ApplicationLifecycle;
                    let accepted = Event::new(&fresh, class, "clock.accepted", &actor)
                        .on(Entity::new("House", "doorward"))
                        .with("seconds", by.as_secs())
                        .with("disabled", ended.identities.clone())
                        .with("roles_taken", ended.roles);
                    event::append(c, &accepted)?;
                    Ok::<_, doorward_store::Error>(ended)
                })
                .await?;
            note(format_args!(
                "the clock is taken for true, {} back. Everything that lasted has ended.",
                spoken(by)
            ));
            if !ended.identities.is_empty() {
                note(format_args!(
                    "disabled, because their end had come: {}",
                    ended.identities.join(", ")
                ));
            }
            if ended.roles > 0 {
                note(format_args!("{} role(s) whose end had come were taken away", ended.roles));
            }
            Ok(())
        }
    }
}

/// As people say it.
pub(super) fn spoken(d: Duration) -> String {
    match d.as_secs() {
        s if s < 120 => format!("{s} seconds"),
        s if s < 2 * 3600 => format!("{} minutes", s / 60),
        s if s < 2 * 86_400 => format!("{} hours", s / 3600),
        s => format!("{} days", s / 86_400),
    }
}
