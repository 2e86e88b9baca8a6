//! The whole database as one portable text: a header, then a line of JSON for
//! each row, in an order that references allow. What one database wrote, either
//! can read.

use std::collections::HashMap;
use std::io::{BufRead, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as JsonValue, json};

use crate::conn::Conn;
use crate::db::{Backend, Db};
use crate::error::{Error, Result};
use crate::value::Value;
use crate::{args, migrate};

/// Every table, those that are referred to first. A test holds it complete.
const TABLES: &[&str] = &[
    "change",
    "node",
    "setting",
    "event",
    "checkpoint",
    "identity",
    "team",
    "team_identity",
    "team_team",
    "role",
    "role_holder",
    "target",
    "account",
    "policy",
    "row_set",
    "seal",
    "ring_key",
    "signing_key",
    "secret",
    "secret_version",
    "authenticator",
    "throttle",
    "device",
    "session",
    "one_time_link",
    "confirmation",
    "application",
    "consent",
    "token_family",
    "authorization_code",
    "refresh_token",
    "access_token",
    "used_jti",
    "request",
    "approval",
    "access_grant",
    "outbox",
    "webhook",
    "privileged_session",
    "recording",
    "session_command",
    "session_file",
    "session_order",
    "ssh_certificate",
    "standing_day",
];

const FORMAT: &str = "doorward-backup-1";

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    schema: i64,
}

/// Writes everything to `out`; gives the number of rows. One snapshot.
pub async fn dump(db: &Db, mut out: impl Write) -> Result<u64> {
    let lines = db
        .read(|c| {
            let mut lines = Vec::new();
            for table in TABLES {
                for row in c.rows(&format!("SELECT * FROM {table}"), args![])? {
                    let mut map = Map::new();
                    for (column, value) in row.parts() {
                        map.insert(column.to_owned(), outside(value));
                    }
                    lines.push(json!({ "table": table, "row": map }).to_string());
                }
            }
            Ok::<_, Error>(lines)
        })
        .await?;
    let header = Header { format: FORMAT.to_owned(), schema: migrate::VERSION };
    let failed = |e: std::io::Error| Error::Other(format!("backup: {e}"));
    let header = serde_json::to_string(&header).map_err(|e| Error::Other(e.to_string()))?;
    writeln!(out, "{header}").map_err(failed)?;
    for line in &lines {
        writeln!(out, "{line}").map_err(failed)?;
    }
    out.flush().map_err(failed)?;
    Ok(u64::try_from(lines.len()).unwrap_or(0))
}

#[derive(Deserialize)]
struct Line {
    table: String,
    row: Map<String, JsonValue>,
}

/// Reads everything into an empty database, in one transaction: all of it, or
/// nothing. Sessions, tokens, grants and confirmations come back ended: what was
/// open when the backup was taken may have been closed since.
pub async fn restore(db: &Db, input: impl BufRead) -> Result<u64> {
    let bad = |n: usize, why: &str| Error::Other(format!("backup, line {n}: {why}"));
    let mut lines = Vec::new();
    for (i, line) in input.lines().enumerate() {
        let line = line.map_err(|e| bad(i + 1, &e.to_string()))?;
        if i == 0 {
            let header: Header =
                serde_json::from_str(&line).map_err(|_| bad(1, "this is no backup of Doorward"))?;
            if header.format != FORMAT || header.schema != migrate::VERSION {
                return Err(bad(
                    1,
                    &format!(
                        "it has schema {}, this binary {}; restore it with the binary that wrote it",
                        header.schema,
                        migrate::VERSION
                    ),
                ));
            }
            continue;
        }
        let line: Line = serde_json::from_str(&line).map_err(|e| bad(i + 1, &e.to_string()))?;
        if !TABLES.contains(&line.table.as_str()) {
            return Err(bad(i + 1, "no such table"));
        }
        lines.push(line);
    }
    let backend = db.backend();
    let now = db.env().now();
    let count = u64::try_from(lines.len()).unwrap_or(0);
    db.write(move |c| {
        let somebody: Option<i64> = c.value("SELECT COUNT(*) AS n FROM identity", args![])?;
        if somebody.unwrap_or(0) > 0 {
            return Err(Error::Other("the database is not empty; restore into a fresh one".to_owned()));
        }
        for table in TABLES.iter().rev() {
            c.execute(&format!("DELETE FROM {table}"), args![])?;
        }
        let mut types = HashMap::new();
        for line in &lines {
            insert(c, backend, &mut types, line)?;
        }
        for end in [
            "UPDATE session SET revoked_at = $1, revoked_because = 'restored', mac = NULL WHERE revoked_at IS NULL",
            "UPDATE token_family SET revoked_at = $1, revoked_because = 'restored' WHERE revoked_at IS NULL",
            "UPDATE access_grant SET ended_at = $1, mac = NULL WHERE ended_at IS NULL",
            "DELETE FROM confirmation WHERE expires_at > $1",
            "DELETE FROM one_time_link WHERE expires_at > $1",
        ] {
            c.execute(end, args![now])?;
        }
        if backend == Backend::Postgres {
            // Numbers go on after those that came in.
            c.rows(
                "SELECT setval(pg_get_serial_sequence('change', 'seq'), (SELECT COALESCE(MAX(seq), 0) + 1 FROM change))",
                args![],
            )?;
        }
        Ok(())
    })
    .await?;
    Ok(count)
}

type Types = HashMap<String, HashMap<String, String>>;

fn insert(c: &Conn<'_>, backend: Backend, types: &mut Types, line: &Line) -> Result<()> {
    if backend == Backend::Postgres && !types.contains_key(&line.table) {
        let found = c.all_with(
            "SELECT column_name::text AS name, data_type::text AS type FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1::text",
            args![&line.table],
            |r| Ok((r.get("name")?, r.get("type")?)),
        )?;
        types.insert(line.table.clone(), found.into_iter().collect());
    }
    let known = types.get(&line.table);
    let mut columns = Vec::new();
    let mut values = Vec::new();
    for (column, value) in &line.row {
        if !column.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return Err(Error::Other(format!("backup: {column:?} is no column")));
        }
        let wanted = known.and_then(|k| k.get(column)).map(String::as_str);
        columns.push(column.clone());
        values.push(inside(value, wanted)?);
    }
    let places: Vec<String> = (1..=columns.len()).map(|i| format!("${i}")).collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        line.table,
        columns.join(", "),
        places.join(", ")
    );
    c.execute(&sql, &values)?;
    Ok(())
}

fn outside(value: &Value) -> JsonValue {
    match value {
        Value::Null => JsonValue::Null,
        Value::Int(i) => json!(i),
        Value::Bool(b) => json!(i64::from(*b)),
        Value::Text(s) | Value::Json(s) => json!(s),
        Value::Bytes(b) => json!({ "b": STANDARD.encode(b) }),
        Value::Uuid(u) => json!({ "b": STANDARD.encode(u.as_bytes()) }),
    }
}

/// As the column of PostgreSQL wants it; SQLite takes what comes.
fn inside(value: &JsonValue, wanted: Option<&str>) -> Result<Value> {
    let bad = || Error::Other("backup: a value of no known kind".to_owned());
    let plain = match value {
        JsonValue::Null => Value::Null,
        JsonValue::Number(n) => Value::Int(n.as_i64().ok_or_else(bad)?),
        JsonValue::String(s) => Value::Text(s.clone()),
        JsonValue::Object(map) => {
            let text = map.get("b").and_then(JsonValue::as_str).ok_or_else(bad)?;
            Value::Bytes(STANDARD.decode(text).map_err(|_| bad())?)
        }
        JsonValue::Bool(_) | JsonValue::Array(_) => return Err(bad()),
    };
    Ok(match (wanted, plain) {
        (Some("uuid"), Value::Bytes(b)) => {
            Value::Uuid(uuid::Uuid::from_slice(&b).map_err(|_| bad())?)
        }
        (Some("boolean"), Value::Int(i)) => Value::Bool(i != 0),
        (Some("jsonb"), Value::Text(s)) => Value::Json(s),
        (_, plain) => plain,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use doorward_core::{Actor, Class, Event, IdentityId};

    use super::*;
    use crate::Json;
    use crate::event;
    use crate::testing::{TestEnv, postgres, sqlite};

    /// Tables that hold only what is under way: a restored house begins without.
    const PASSING: &[&str] = &[
        "lease",
        "signin",
        "idempotency",
        "migration",
        "relay",
        "relay_side",
        "relay_frame",
        "session_watcher",
    ];

    async fn fill(db: &Db, env: &TestEnv) {
        let e = env.env();
        let event = Event::new(&e, Class::ApiActivity, "thing.done", &Actor::system("test"));
        let (id, now) = (IdentityId::new(&e), env.now());
        db.write(move |c| {
            event::append(c, &event)?;
            c.execute(
                "INSERT INTO identity (id, kind, name, display_name, enabled, attributes, created_at, updated_at, version)
                 VALUES ($1, 'person', 'ada', 'Ada', TRUE, $2, $3, $3, 1)",
                args![id, Json(json!({ "a": [1, "x"] })), now],
            )?;
            crate::change::bump(c, "identity", id, now)
        })
        .await
        .unwrap();
    }

    async fn dumped(db: &Db) -> String {
        let mut out = Vec::new();
        dump(db, &mut out).await.unwrap();
        String::from_utf8(out).unwrap()
    }

    #[tokio::test]
    async fn every_table_is_backed_up_or_known_to_be_passing() {
        let env = TestEnv::default();
        let house = sqlite(&env.env()).await;
        let found: Vec<String> = house
            .db
            .read(|c| {
                c.all_with(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                    args![],
                    |r| r.get("name"),
                )
            })
            .await
            .unwrap();
        let known: BTreeSet<&str> = TABLES.iter().chain(PASSING).copied().collect();
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(known, found);
    }

    #[tokio::test]
    async fn what_either_database_wrote_either_can_read() {
        for from_postgres in [false, true] {
            for to_postgres in [false, true] {
                let env = TestEnv::default();
                let from = if from_postgres {
                    postgres(&env.env()).await
                } else {
                    sqlite(&env.env()).await
                };
                let to =
                    if to_postgres { postgres(&env.env()).await } else { sqlite(&env.env()).await };
                fill(&from.db, &env).await;
                let text = dumped(&from.db).await;
                restore(&to.db, text.as_bytes()).await.unwrap();
                let name: Option<String> = to
                    .db
                    .read(|c| c.value("SELECT name FROM identity WHERE enabled", args![]))
                    .await
                    .unwrap();
                assert_eq!(name.as_deref(), Some("ada"));
                let body: Option<String> =
                    to.db.read(|c| c.value("SELECT body FROM event", args![])).await.unwrap();
                assert!(
                    text.contains(&json!(body.unwrap()).to_string()),
                    "the hashed text is the same"
                );
                // Numbers go on: the next change has one of its own.
                fill_one_more(&to.db, &env).await;
            }
        }
    }

    async fn fill_one_more(db: &Db, env: &TestEnv) {
        let now = env.now();
        db.write(move |c| crate::change::bump(c, "policy", "p", now)).await.unwrap();
    }

    #[tokio::test]
    async fn house_that_is_lived_in_is_not_overwritten() {
        let env = TestEnv::default();
        let house = sqlite(&env.env()).await;
        fill(&house.db, &env).await;
        let text = dumped(&house.db).await;
        assert!(restore(&house.db, text.as_bytes()).await.is_err());
        assert_eq!(dumped(&house.db).await, text, "nothing was changed");
    }

    #[tokio::test]
    async fn broken_backup_changes_nothing_and_names_the_line() {
        let env = TestEnv::default();
        let house = sqlite(&env.env()).await;
        fill(&house.db, &env).await;
        let text = dumped(&house.db).await;
        let cut = &text[..text.len() - 10];
        let fresh = sqlite(&env.env()).await;
        let error = restore(&fresh.db, cut.as_bytes()).await.unwrap_err().to_string();
        assert!(error.contains("line"), "{error}");
        let n: Option<i64> = fresh
            .db
            .read(|c| c.value("SELECT COUNT(*) AS n FROM identity", args![]))
            .await
            .unwrap();
        assert_eq!(n, Some(0));
        assert!(restore(&fresh.db, "{}".as_bytes()).await.is_err());
    }
}
