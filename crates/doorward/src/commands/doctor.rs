//! `doorward doctor`: what is wrong with this installation, and what to do.

use std::path::Path;

use doorward_runtime::config::Config;
use doorward_runtime::files;
use serde_json::json;

use super::Context;
use crate::output::{self, Format, line};

enum Finding {
    Good(String),
    /// The house works, and may lose something.
    Doubtful {
        what: String,
        todo: String,
    },
    Bad {
        what: String,
        todo: String,
    },
}

/// Looks at the configuration, the data directory, the ports, the seal, the
/// database and the log.
pub async fn doctor(ctx: &Context) -> anyhow::Result<()> {
    let mut findings = Vec::new();
    let config = match super::config::load(ctx) {
        Ok(config) => {
            findings.push(Finding::Good("the configuration is good".to_owned()));
            Some(config)
        }
        Err(e) => {
            findings.push(Finding::Bad {
                what: e.to_string(),
                todo: "mend the file, then run doorward config check".to_owned(),
            });
            None
        }
    };
    if let Some(config) = &config {
        data_dir(config, &mut findings);
        free_space(&config.data_dir, &mut findings);
        database(config, &mut findings).await;
        server(ctx, &mut findings).await;
    }
    let bad = findings.iter().filter(|f| matches!(f, Finding::Bad { .. })).count();
    if ctx.format == Format::Json {
        let rows: Vec<_> = findings
            .iter()
            .map(|f| match f {
                Finding::Good(what) => json!({ "good": true, "what": what }),
                Finding::Doubtful { what, todo } => {
                    json!({ "good": true, "warning": true, "what": what, "todo": todo })
                }
                Finding::Bad { what, todo } => json!({ "good": false, "what": what, "todo": todo }),
            })
            .collect();
        line(json!(rows));
    } else {
        for finding in &findings {
            match finding {
                Finding::Good(what) => line(format_args!("  good  {what}")),
                Finding::Doubtful { what, todo } => {
                    line(format_args!("  WARN  {what}\n        {todo}"));
                }
                Finding::Bad { what, todo } => line(format_args!("  BAD   {what}\n        {todo}")),
            }
        }
    }
    if bad > 0 {
        anyhow::bail!("{bad} thing(s) to mend");
    }
    Ok(())
}

fn data_dir(config: &Config, findings: &mut Vec<Finding>) {
    let dir = &config.data_dir;
    if !dir.exists() {
        findings.push(Finding::Good(format!("{} is made at first start", dir.display())));
        return;
    }
    let mut private = vec![(dir.clone(), 0o700)];
    let key = config.seal.key_file.clone().unwrap_or_else(|| dir.join("seal.key"));
    private.extend(
        [key, dir.join("doorward.db"), dir.join("tls/ca.key"), dir.join("tls/server.key")]
            .into_iter()
            .filter(|p| p.exists())
            .map(|p| (p, 0o600)),
    );
    for (path, mode) in private {
        findings.push(match files::check_mode(&path, mode) {
            Ok(()) => Finding::Good(format!("{} is private", path.display())),
            Err(e) => Finding::Bad {
                what: e.to_string(),
                todo: "what others may read must be taken as read: rotate it".to_owned(),
            },
        });
    }
    if config.seal.key_file.is_none() && dir.join("seal.key").exists() {
        findings.push(Finding::Bad {
            what: "the root key lies beside the data that it protects".to_owned(),
            todo:
                "set seal.key_file to a place that backups do not reach, or run doorward seal rekey"
                    .to_owned(),
        });
    }
}

/// Less than this and the next recordings will not fit.
const LEAST_FREE_MIB: u64 = 512;

fn free_space(dir: &Path, findings: &mut Vec<Finding>) {
    let place = if dir.exists() { dir } else { Path::new(".") };
    let asked = std::process::Command::new("df").arg("-Pk").arg(place).output();
    let free = asked.ok().and_then(|out| {
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()
    });
    match free.map(|kib| kib / 1024) {
        Some(mib) if mib < LEAST_FREE_MIB => findings.push(Finding::Bad {
            what: format!("{mib} MiB are free at {}", place.display()),
            todo: "when the disk is full, acts are refused and sessions end; make room".to_owned(),
        }),
        Some(mib) => findings.push(Finding::Good(format!("{mib} MiB are free"))),
        None => {}
    }
}

/// A server that is not reached, or that does not wait for its disk.
async fn database(config: &Config, findings: &mut Vec<Finding>) {
    let found = match doorward::house::database(config) {
        Ok(database) if database.url.starts_with("sqlite:") => return,
        Ok(database) => {
            doorward_store::outlives_its_machine(&database).await.map_err(|e| e.to_string())
        }
        Err(e) => Err(e.to_string()),
    };
    findings.push(match found {
        Ok(true) => Finding::Good("the database waits for its disk".to_owned()),
        Ok(false) => Finding::Doubtful {
            what: "the PostgreSQL server runs with fsync = off: when its machine fails, it loses \
                   what it has acknowledged"
                .to_owned(),
            todo: "set fsync = on in postgresql.conf and reload it".to_owned(),
        },
        Err(what) => Finding::Bad {
            what: output::clean(&what),
            todo: "look at database.url and at the server".to_owned(),
        },
    });
}

async fn server(ctx: &Context, findings: &mut Vec<Finding>) {
    let Ok(client) = crate::client::Client::any(&ctx.server) else { return };
    match client.get("/health").await {
        Ok(health) => {
            findings.push(Finding::Good(format!("{} answers", client.server())));
            if health.get("sealed").and_then(serde_json::Value::as_bool) == Some(true) {
                findings.push(Finding::Bad {
                    what: "the vault is sealed".to_owned(),
                    todo: "run doorward unseal".to_owned(),
                });
            }
            if let Some(by) = health.get("clock_set_back").and_then(serde_json::Value::as_u64) {
                findings.push(Finding::Bad {
                    what: format!(
                        "the clock was set back by {}; access to targets and secrets is refused \
                         beyond 5 minutes",
                        super::clock::spoken(std::time::Duration::from_secs(by))
                    ),
                    todo: "put the clock right, or see doorward clock".to_owned(),
                });
            }
            // Only those who may see the house's state are told of its rows.
            let status = client.get("/status").await.ok();
            let forged = status.as_ref().and_then(|s| s.get("forged_rows")?.as_u64());
            match forged {
                Some(0) => {
                    findings.push(Finding::Good("no forged row was met".to_owned()));
                }
                Some(n) => findings.push(Finding::Bad {
                    what: format!(
                        "{n} row(s) of the database were not written by this house; they do not \
                         count"
                    ),
                    todo: "somebody can write the database: see doorward rows check, and the \
                           events row.forged"
                        .to_owned(),
                }),
                None => {}
            }
        }
        Err(e) => findings.push(Finding::Bad {
            what: output::clean(&e.to_string()),
            todo: "start it with doorward serve, or trust its CA (doorward trust)".to_owned(),
        }),
    }
}
