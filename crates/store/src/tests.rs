use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use doorward_core::{Actor, Class, Event, IdentityId, NodeId};

use crate::testing::{TestEnv, each_database, postgres, sqlite};
use crate::*;

async fn count(db: &Db, table: &'static str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS n FROM {table}");
    db.read(move |c| c.value::<i64>(&sql, args![])).await.unwrap().unwrap()
}

#[tokio::test]
async fn every_statement_prepares_on_both_databases() {
    each_database(|db, _| async move {
        db.read(|c| {
            let mut seen = 0;
            for sql in inventory::iter::<Sql> {
                let prepared = match &c.raw {
                    conn::Raw::Sqlite(c) => c.prepare(sql.text).map(|_| ()).map_err(Error::from),
                    conn::Raw::Postgres(c) => c.prepare(sql.text),
                };
                if let Err(e) = prepared {
                    panic!("{}: {e}\n{}", sql.place, sql.text);
                }
                seen += 1;
            }
            assert!(seen > 10, "the register is empty");
            Ok::<(), Error>(())
        })
        .await
        .unwrap();
    })
    .await;
}

/// How the database would read this, one step a line.
fn plan(c: &Conn<'_>, text: &str) -> Result<String> {
    if matches!(c.raw, conn::Raw::Sqlite(_)) {
        let steps = c.all_with(&format!("EXPLAIN QUERY PLAN {text}"), args![], |row| {
            row.get::<String>("detail")
        })?;
        return Ok(steps.join("\n"));
    }
    let places = (1..30).take_while(|n| text.contains(&format!("${n}"))).count();
    let nulls = match places {
        0 => String::new(),
        n => format!("({})", vec!["NULL"; n].join(", ")),
    };
    c.execute(&format!("PREPARE page AS {text}"), args![])?;
    let steps = c.all_with(&format!("EXPLAIN EXECUTE page{nulls}"), args![], |row| {
        row.get::<String>("QUERY PLAN")
    })?;
    c.execute("DEALLOCATE page", args![])?;
    Ok(steps.join("\n"))
}

/// A page costs what the first page costs, however long the list is: nothing is
/// sorted that an index does not already bring in order. What an index brings in
/// order of a unique name, PostgreSQL may still put in order of the id among equals.
#[tokio::test]
async fn every_order_of_a_list_is_read_from_an_index() {
    each_database(|db, _| async move {
        db.write(|c| {
            if matches!(c.raw, conn::Raw::Postgres(_)) {
                // Empty tables are cheapest to sort, and no parameter is known yet.
                for setting in ["enable_seqscan = off", "plan_cache_mode = force_generic_plan"] {
                    c.execute(&format!("SET LOCAL {setting}"), args![])?;
                }
                c.execute("SET LOCAL enable_sort = off", args![])?;
                c.execute("SET LOCAL enable_bitmapscan = off", args![])?;
            }
            let mut seen = 0;
            for sql in inventory::iter::<Sql>.into_iter().filter(|s| s.text.contains("AS sort_key"))
            {
                let plan = plan(c, sql.text)?;
                let sorts = plan.lines().any(|step| {
                    let step = step.trim_start_matches([' ', '-', '>']);
                    step.starts_with("USE TEMP B-TREE") || step.starts_with("Sort  (")
                });
                assert!(!sorts && plan.to_lowercase().contains("index"), "{}\n{plan}", sql.text);
                // Nor is anything read again that the pages before have shown.
                let goes_on = sql.text.contains(", id) > (") || sql.text.contains(", id) < (");
                let begins_there = plan.contains("Index Cond") || plan.starts_with("SEARCH");
                assert!(!goes_on || begins_there, "{}\n{plan}", sql.text);
                seen += 1;
            }
            assert!(seen >= 80, "{seen} orders");
            Ok::<(), Error>(())
        })
        .await
        .unwrap();
    })
    .await;
}

/// The log grows for ever; what reads it by its leaves or by what waits for one does
/// not look at all of it.
#[tokio::test]
async fn the_log_is_read_by_its_leaves() {
    each_database(|db, _| async move {
        db.write(|c| {
            if matches!(c.raw, conn::Raw::Postgres(_)) {
                for setting in ["enable_seqscan = off", "plan_cache_mode = force_generic_plan"] {
                    c.execute(&format!("SET LOCAL {setting}"), args![])?;
                }
            }
            let mut seen = 0;
            for sql in inventory::iter::<Sql> {
                let wanted = match sql.text {
                    t if !t.contains("FROM event") => continue,
                    t if t.contains("leaf >= $1") || t.contains("leaf DESC") => "event_by_leaf",
                    t if t.contains("leaf IS NULL") => "event_waiting",
                    _ => continue,
                };
                let plan = plan(c, sql.text)?;
                assert!(plan.contains(wanted), "{}\n{plan}", sql.text);
                seen += 1;
            }
            assert_eq!(seen, 4);
            Ok::<(), Error>(())
        })
        .await
        .unwrap();
    })
    .await;
}

#[tokio::test]
async fn failed_job_takes_back_only_its_own_changes() {
    each_database(|db, _| async move {
        let jobs = (0..40_i64).map(|i| {
            let db = db.clone();
            async move {
                db.write(move |c| {
                    setting::put(c, &format!("s{i}"), b"x")?;
                    if i % 2 == 0 { Err(Error::NotFound) } else { Ok(()) }
                })
                .await
            }
        });
        let done = futures::future::join_all(jobs).await;
        assert_eq!(done.iter().filter(|r| r.is_ok()).count(), 20);
        assert_eq!(count(&db, "setting").await, 20);
    })
    .await;
}

#[tokio::test]
async fn panicking_job_fails_and_the_next_one_works() {
    let env = TestEnv::default();
    let house = sqlite(&env.env()).await;
    let bad = house.db.write(|c| -> Result<()> {
        setting::put(c, "bad", b"x")?;
        panic!("on purpose")
    });
    assert!(bad.await.is_err());
    house.db.write(|c| setting::put(c, "good", b"x")).await.unwrap();
    assert_eq!(count(&house.db, "setting").await, 1);
}

#[tokio::test]
async fn reads_cannot_write() {
    each_database(|db, _| async move {
        let tried = db.read(|c| setting::put(c, "a", b"x")).await;
        assert!(tried.is_err());
        assert_eq!(count(&db, "setting").await, 0);
    })
    .await;
}

#[tokio::test]
async fn second_row_of_the_same_name_names_the_constraint() {
    each_database(|db, env| async move {
        let insert = |id: IdentityId| {
            let (db, now) = (db.clone(), env.now());
            async move {
                db.write(move |c| {
                    c.execute(
                        "INSERT INTO identity (id, kind, name, display_name, enabled, attributes, created_at, updated_at, version)
                         VALUES ($1, 'person', 'ada', 'Ada', TRUE, $2, $3, $3, 1)",
                        args![id, Json(serde_json::json!({})), now],
                    )
                })
                .await
            }
        };
        insert(IdentityId::new(&env.env())).await.unwrap();
        let error = insert(IdentityId::new(&env.env())).await.unwrap_err();
        assert!(error.is_unique("identity_name"), "{error:?}");
    })
    .await;
}

struct Heard(AtomicI64);

#[async_trait]
impl ChangeListener for Heard {
    async fn changed(&self, through: i64) {
        self.0.store(through, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn listeners_hear_before_the_write_returns() {
    each_database(|db, env| async move {
        let heard = Arc::new(Heard(AtomicI64::new(0)));
        db.listen(heard.clone());
        let now = env.now();
        db.write(move |c| setting::put(c, "a", b"x")).await.unwrap();
        assert_eq!(heard.0.load(Ordering::SeqCst), 0, "no change was bumped");
        db.write(move |c| change::bump(c, "policy", "p", now)).await.unwrap();
        let through = heard.0.load(Ordering::SeqCst);
        assert!(through > 0);
        let found = db.read(move |c| change::since(c, through - 1, now)).await.unwrap();
        assert_eq!(found.last().map(|c| c.kind.as_str()), Some("policy"));
    })
    .await;
}

#[tokio::test]
async fn another_node_hears_through_postgres() {
    let env = TestEnv::default();
    let first = postgres(&env.env()).await;
    let second = Db::open(&first.config, &env.env()).await.unwrap();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    struct Tell(tokio::sync::mpsc::UnboundedSender<i64>);
    #[async_trait]
    impl ChangeListener for Tell {
        async fn changed(&self, through: i64) {
            let _ = self.0.send(through);
        }
    }
    second.listen(Arc::new(Tell(tell)));
    let now = env.now();
    first.db.write(move |c| change::bump(c, "identity", "i", now)).await.unwrap();
    assert!(told.recv().await.unwrap() > 0);
}

#[test]
fn late_commits_of_smaller_numbers_are_not_missed() {
    let change = |seq| change::Change {
        seq,
        kind: "x".to_owned(),
        id: seq.to_string(),
        at: doorward_core::Timestamp::from_secs(0),
    };
    let mut seen = change::Seen::default();
    assert_eq!(seen.news(vec![change(1), change(3)]).len(), 2);
    let late = seen.news(vec![change(1), change(2), change(3)]);
    assert_eq!(late.iter().map(|c| c.seq).collect::<Vec<_>>(), [2]);
    assert_eq!(seen.through(), 3);
}

/// abuse case A34: forged pagination.
#[tokio::test]
async fn forged_cursor_is_refused() {
    let env = TestEnv::default();
    let house = sqlite(&env.env()).await;
    let cursors = cursor::Cursors::open(&house.db, &env.env()).await.unwrap();
    let good = cursors.seal("people", &"ada").unwrap();
    assert_eq!(cursors.unseal::<String>("people", &good).unwrap(), "ada");
    assert!(matches!(cursors.unseal::<String>("groups", &good), Err(Error::Cursor)));
    for i in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(bytes).unwrap();
        assert!(cursors.unseal::<String>("people", &forged).is_err(), "byte {i}");
        assert!(cursors.unseal::<String>("people", &good[..i]).is_err(), "prefix {i}");
    }
}

#[tokio::test]
async fn changed_migration_is_refused() {
    each_database(|db, env| async move {
        db.write(|c| c.execute("UPDATE migration SET sha256 = 'other' WHERE number = 2", args![]))
            .await
            .unwrap();
        let error = migrate::run(&db, &env.env()).await.unwrap_err().to_string();
        assert!(error.contains("0002_directory"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn newer_database_is_refused() {
    each_database(|db, env| async move {
        db.write(|c| {
            c.execute("INSERT INTO migration (number, name, sha256, applied_at) VALUES (999, 'x', 'x', 0)", args![])
        })
        .await
        .unwrap();
        let error = migrate::run(&db, &env.env()).await.unwrap_err().to_string();
        assert!(error.contains("newer binary"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn lease_has_one_holder_until_it_ends() {
    each_database(|db, env| async move {
        let (a, b) = (NodeId::new(&env.env()), NodeId::new(&env.env()));
        let ttl = std::time::Duration::from_secs(10);
        let take = |who| {
            let (db, now) = (db.clone(), env.now());
            async move { db.write(move |c| lease::acquire(c, "job", who, now, ttl)).await.unwrap() }
        };
        assert!(take(a).await);
        assert!(!take(b).await);
        assert!(take(a).await, "its holder extends it");
        env.advance(ttl);
        assert!(take(b).await);
        assert!(!take(a).await);
    })
    .await;
}

#[tokio::test]
async fn counting_at_once_loses_nothing() {
    each_database(|db, _| async move {
        db.write(|c| setting::put(c, "n", &0_i64.to_be_bytes())).await.unwrap();
        let jobs = (0..50).map(|_| {
            let db = db.clone();
            async move {
                db.write(|c| {
                    let n = setting::find(c, "n")?
                        .and_then(|b| b.try_into().ok())
                        .map_or(0, i64::from_be_bytes);
                    setting::put(c, "n", &(n + 1).to_be_bytes())
                })
                .await
            }
        });
        for done in futures::future::join_all(jobs).await {
            done.unwrap();
        }
        let n = db.read(|c| setting::find(c, "n")).await.unwrap().unwrap();
        assert_eq!(i64::from_be_bytes(n.try_into().unwrap()), 50);
    })
    .await;
}

#[tokio::test]
async fn event_is_stored_as_the_text_that_is_hashed() {
    each_database(|db, env| async move {
        let env = env.env();
        let event =
            Event::new(&env, Class::ApplicationLifecycle, "house.started", &Actor::system("start"));
        let wanted = serde_json::to_string(&event).unwrap();
        db.write(move |c| event::append(c, &event)).await.unwrap();
        let body: Option<String> =
            db.read(|c| c.value("SELECT body FROM event", args![])).await.unwrap();
        assert_eq!(body, Some(wanted));
    })
    .await;
}

#[tokio::test]
async fn time_that_was_seen_counts_over_restarts_and_only_grows() {
    for postgresql in [false, true] {
        let env = TestEnv::default();
        let kept = if postgresql { postgres(&env.env()).await } else { sqlite(&env.env()).await };
        let now = env.now();
        kept.db.write(move |c| clock::keep(c, now)).await.unwrap();
        let hour = std::time::Duration::from_secs(3600);
        kept.db.write(move |c| clock::keep(c, now - hour)).await.unwrap();
        assert_eq!(kept.db.read(clock::seen).await.unwrap(), Some(now));
        env.set(now - hour);
        let restarted = env.restarted();
        Db::open(&kept.config, &restarted.env()).await.unwrap();
        assert_eq!(restarted.now(), now);
    }
}

/// Abuse of the server's settings: whatever a database or a role has for it, what is
/// acknowledged is on the disk.
#[tokio::test]
async fn commits_wait_for_the_disk_whatever_the_database_and_the_role_say() {
    let env = TestEnv::default();
    let server = postgres(&env.env()).await;
    let name: String = server
        .db
        .read(|c| c.value("SELECT current_database()::text", args![]))
        .await
        .unwrap()
        .unwrap();
    let of_database = format!("DATABASE {name}");
    let of_role = format!("ROLE CURRENT_USER IN DATABASE {name}");
    for (whose, has, wanted) in [
        (&of_database, "off", "on"),
        (&of_database, "local", "on"),
        (&of_database, "remote_write", "on"),
        (&of_database, "remote_apply", "remote_apply"),
        (&of_role, "off", "on"),
    ] {
        let set = format!("ALTER {whose} SET synchronous_commit = '{has}'");
        server.db.write(move |c| c.execute(&set, args![])).await.unwrap();
        let db = Db::open(&server.config, &env.env()).await.unwrap();
        let used = |c: &Conn<'_>| {
            c.value::<String>("SELECT current_setting('synchronous_commit')", args![])
        };
        // More than one connection of the pool, each of them new.
        for found in futures::future::join_all((0..6).map(|_| db.write(used))).await {
            assert_eq!(found.unwrap().as_deref(), Some(wanted), "{whose} has {has}");
        }
    }
}

#[tokio::test]
async fn server_that_does_not_wait_for_its_disk_is_told_apart() {
    let env = TestEnv::default();
    let (file, server) = (sqlite(&env.env()).await, postgres(&env.env()).await);
    assert!(outlives_its_machine(&file.config).await.unwrap());
    let fsync: Option<String> =
        server.db.read(|c| c.value("SELECT current_setting('fsync')", args![])).await.unwrap();
    let outlives = outlives_its_machine(&server.config).await.unwrap();
    assert_eq!(outlives, fsync.as_deref() != Some("off"));
}

/// The clock was wrong and is right now: what had ended by the wrong one does not
/// begin again.
#[tokio::test]
async fn accepted_clock_ends_whatever_lasts_or_had_ended() {
    each_database(|db, env| async move {
        let e = env.env();
        let (wall, day) = (env.now(), std::time::Duration::from_secs(86_400));
        let (ada, vera, role) =
            (IdentityId::new(&e), IdentityId::new(&e), doorward_core::RoleId::new(&e));
        let ended = db.write(move |c| {
            for (id, name, ends) in [(ada, "ada", None), (vera, "vera", Some(wall + day))] {
                c.execute(
                    "INSERT INTO identity (id, kind, name, display_name, enabled, ends_at, attributes, created_at, updated_at, version)
                     VALUES ($1, 'person', $2, $2, TRUE, $3, $4, $5, $5, 1)",
                    args![id, name, ends, Json(serde_json::json!({})), wall],
                )?;
            }
            c.execute("INSERT INTO role (id, name, description, created_at, version) VALUES ($1, 'r', '', $2, 1)", args![role, wall])?;
            c.execute("INSERT INTO role_holder (role, holder_kind, holder, ends_at) VALUES ($1, 'identity', $2, $3)", args![role, ada, wall + day])?;
            c.execute(
                "INSERT INTO one_time_link (token_hash, purpose, identity, created_at, expires_at) VALUES ($1, 'reset', $2, $3, $4)",
                args![b"hash".as_slice(), ada, wall, wall + day],
            )?;
            clock::keep(c, wall + day * 2)?;
            clock::accept(c, wall)
        });
        let ended = ended.await.unwrap();
        assert_eq!(ended, clock::Ended { identities: vec!["vera".to_owned()], roles: 1 });
        assert_eq!(db.read(clock::seen).await.unwrap(), Some(wall));
        let alive = "SELECT COUNT(*) AS n FROM one_time_link WHERE expires_at > $1";
        let alive = db.read(move |c| c.value::<i64>(alive, args![wall])).await.unwrap();
        assert_eq!(alive, Some(0));
        assert_eq!(count(&db, "role_holder").await, 0);
    })
    .await;
}
