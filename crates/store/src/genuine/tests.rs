use std::collections::BTreeSet;

use doorward_core::lifecycle::{
    Approval, Decision, EndCause, LiveGrant, LiveSession, PendingRequest, RequestState, SessionKind,
};
use doorward_core::{
    ApprovalId, AuthenticatorId, ConfirmationId, Entity, GrantId, GroupId, Id as _, IdentityId,
    Name, Network, PolicyId, RequestId, RoleId, SessionId,
};

use super::tables::{Kind, TABLES};
use super::*;
use crate::authenticator::Authenticator;
use crate::confirmation::Confirmation;
use crate::policy::Policy;
use crate::role::{Holder, Role};
use crate::team::Group;
use crate::testing::{TestEnv, arm, each_database, postgres, sign_rows, sqlite};
use crate::{
    Backend, Db, DbConfig, Json, authenticator, backup, confirmation, facts, grant, one_time_link,
    policy, request, role, session, team,
};

const HOUR: std::time::Duration = std::time::Duration::from_secs(3_600);

/// Somebody, and one row of each table.
#[derive(Clone, Copy)]
struct Sample {
    ada: IdentityId,
    mallory: IdentityId,
    /// Nothing refers to the last one.
    teams: [GroupId; 4],
    /// Nothing refers to the last one.
    roles: [RoleId; 3],
    request: RequestId,
    /// Nothing refers to it.
    second: RequestId,
    approval: ApprovalId,
    session: SessionId,
    confirmation: ConfirmationId,
    key: AuthenticatorId,
    grant: GrantId,
    policies: [PolicyId; 2],
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

async fn sample(db: &Db, env: &TestEnv) -> Sample {
    let (e, now) = (env.env(), env.now());
    let ids = Sample {
        ada: IdentityId::new(&e),
        mallory: IdentityId::new(&e),
        teams: [(); 4].map(|()| GroupId::new(&e)),
        roles: [(); 3].map(|()| RoleId::new(&e)),
        request: RequestId::new(&e),
        second: RequestId::new(&e),
        approval: ApprovalId::new(&e),
        session: SessionId::new(&e),
        confirmation: ConfirmationId::new(&e),
        key: AuthenticatorId::new(&e),
        grant: GrantId::new(&e),
        policies: [(); 2].map(|()| PolicyId::new(&e)),
    };
    db.write(move |c| {
        for (id, name) in [(ids.ada, "ada"), (ids.mallory, "mallory")] {
            c.execute(
                "INSERT INTO identity (id, kind, name, display_name, enabled, attributes, created_at, updated_at, version)
                 VALUES ($1, 'person', $2, $2, TRUE, $3, $4, $4, 1)",
                args![id, name, Json(serde_json::json!({})), now],
            )?;
        }
        let about = Entity::new("Account", "a");
        for id in [ids.request, ids.second] {
            let asked = PendingRequest {
                id,
                requester: ids.ada,
                about: about.clone(),
                reason: "r".into(),
                duration: HOUR,
                needed: 2,
                approvals: Vec::new(),
                at: now,
                expires_at: now + HOUR,
            };
            request::insert(c, &asked, RequestState::Pending)?;
        }
        let word = Approval {
            id: ids.approval,
            by: ids.mallory,
            decision: Decision::Approve,
            comment: "c".into(),
            at: now,
        };
        request::insert_approval(c, ids.request, &word)?;
        session::insert(c, &LiveSession {
            id: ids.session,
            identity: ids.ada,
            kind: SessionKind::Browser,
            proofs: Vec::new(),
            network: Network { address: None },
            user_agent: "u".into(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + HOUR,
            device: None,
        }, b"session")?;
        one_time_link::insert(c, b"link", "invitation", ids.ada, now, now + HOUR)?;
        confirmation::insert(c, &Confirmation {
            id: ids.confirmation,
            purpose: "device".into(),
            user_code: "CODE".into(),
            identity: Some(ids.ada),
            details: serde_json::json!({ "b": 1, "a": [] }),
            state: "waiting".into(),
            session: None,
            device: None,
            created_at: now,
            expires_at: now + HOUR,
            polled_at: None,
            hasty: 0,
        }, b"confirmation")?;
        for (n, id) in ids.teams.into_iter().enumerate() {
            let name = name(&format!("team-{n}"));
            team::insert(c, &Group { id, name, description: "d".into(), created_at: now, version: 1 })?;
        }
        team::add_identity(c, ids.teams[0], ids.ada)?;
        team::add_group(c, ids.teams[0], ids.teams[1])?;
        for (n, id) in ids.roles.into_iter().enumerate() {
            let name = name(&format!("role-{n}"));
            role::insert(c, &Role { id, name, description: "d".into(), created_at: now, version: 1 })?;
        }
        role::assign(c, ids.roles[0], Holder::Identity(ids.ada), Some(now))?;
        for (n, id) in ids.policies.into_iter().enumerate() {
            policy::insert(c, &Policy {
                id,
                name: name(&format!("policy-{n}")),
                description: "d".into(),
                text: "forbid(principal, action, resource);".into(),
                enabled: true,
                created_at: now,
                updated_at: now,
                version: 1,
            })?;
        }
        authenticator::insert(c, &Authenticator {
            id: ids.key,
            identity: ids.ada,
            factor: "ssh-key".into(),
            label: "l".into(),
            lookup: Some("SHA256:x".into()),
            data: b"data".to_vec(),
            counter: 3,
            created_at: now,
            used_at: None,
            version: 1,
        })?;
        grant::insert(c, &LiveGrant {
            id: ids.grant,
            request: None,
            holder: ids.ada,
            about,
            reason: "r".into(),
            approvals: 1,
            starts_at: now,
            ends_at: now + HOUR,
            break_glass: false,
        })
    })
    .await
    .unwrap();
    ids
}

async fn forged(db: &Db) -> Vec<Forged> {
    db.read(sweep).await.unwrap()
}

fn raw(db: &Db, sql: &str, values: &[Value]) -> impl Future<Output = u64> + use<> {
    let (db, sql, values) = (db.clone(), sql.to_owned(), values.to_vec());
    async move { db.write(move |c| c.execute(&sql, &values)).await.unwrap() }
}

/// Another value that the column can have.
fn other(ids: &Sample, column: &str, kind: Kind, now: &Value) -> Value {
    let uuid = |id: uuid::Uuid| Value::Uuid(id);
    match (column, kind) {
        ("identity" | "holder" | "requester", _) => uuid(ids.mallory.uuid()),
        ("team" | "member", _) => uuid(ids.teams[2].uuid()),
        ("role", _) => uuid(ids.roles[1].uuid()),
        ("decided_by", _) => uuid(ids.ada.uuid()),
        ("request", _) => uuid(ids.second.uuid()),
        (_, Kind::Uuid) => uuid(uuid::Uuid::from_u128(7)),
        (_, Kind::Int) => Value::Int(77),
        (_, Kind::Bool) => Value::Bool(matches!(now, Value::Bool(false) | Value::Int(0))),
        (_, Kind::Text) => Value::Text("another".to_owned()),
        (_, Kind::Bytes) => Value::Bytes(b"another".to_vec()),
        (_, Kind::Json) => Value::Json(r#"{"kind":"returned"}"#.to_owned()),
    }
}

/// A column that nobody named here would be anybody's to write.
#[tokio::test]
async fn every_column_of_a_signed_table_decides_or_is_known_not_to() {
    each_database(|db, _| async move {
        let backend = db.backend();
        for table in TABLES {
            let sql = match backend {
                Backend::Sqlite => format!("SELECT name FROM pragma_table_info('{}')", table.name),
                Backend::Postgres => format!(
                    "SELECT column_name::text AS name FROM information_schema.columns
                     WHERE table_schema = current_schema() AND table_name = '{}'",
                    table.name
                ),
            };
            let found = db.read(move |c| c.all_with(&sql, args![], |r| r.get::<String>("name")));
            let found: BTreeSet<String> = found.await.unwrap().into_iter().collect();
            let named = table.columns.iter().map(|(c, _)| *c).chain(table.free.iter().copied());
            let named: BTreeSet<String> = named.chain(["mac"]).map(str::to_owned).collect();
            assert_eq!(found, named, "{}", table.name);
        }
    })
    .await;
}

/// Whatever a writer of the database changes in whatever row decides something, the row
/// does not count any more, and counts again once it is as it was.
#[tokio::test]
async fn no_column_of_any_row_can_be_altered() {
    each_database(|db, env| async move {
        let ids = sample(&db, &env).await;
        sign_rows(&db).await;
        assert_eq!(forged(&db).await, []);
        for table in TABLES {
            let rows = db.read(|c| c.rows(&table.statements().all, args![])).await.unwrap();
            // The last one: nothing refers to it.
            let before = rows.last().unwrap();
            for (column, kind) in table.columns {
                let (old, new) = (
                    before.value(column).unwrap().clone(),
                    other(&ids, column, *kind, before.value(column).unwrap()),
                );
                let mac = before.value("mac").unwrap().clone();
                let change = format!("UPDATE {} SET {column} = $2 WHERE mac = $1", table.name);
                assert_eq!(raw(&db, &change, &[mac.clone(), new]).await, 1);
                let found = forged(&db).await;
                assert!(
                    found.iter().any(|f| f.table == table.name && f.why == Why::Altered),
                    "{}.{column}: {found:?}",
                    table.name
                );
                assert_eq!(raw(&db, &change, &[mac, old]).await, 1);
                assert_eq!(forged(&db).await, [], "{}.{column}", table.name);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn row_without_a_mac_or_with_that_of_another_does_not_count() {
    each_database(|db, env| async move {
        let ids = sample(&db, &env).await;
        sign_rows(&db).await;
        let holders = || async { db.read(facts::holders).await.unwrap().len() };
        let role_of = |id: IdentityId| {
            let add = "INSERT INTO role_holder (role, holder_kind, holder, version) VALUES ($1, 'identity', $2, 1)";
            raw(&db, add, args![ids.roles[0], id])
        };
        assert_eq!(holders().await, 1);
        role_of(ids.mallory).await;
        assert_eq!(holders().await, 1, "it has no MAC");
        let copy = "UPDATE role_holder SET mac = (SELECT mac FROM role_holder WHERE mac IS NOT NULL) WHERE mac IS NULL";
        raw(&db, copy, args![]).await;
        assert_eq!(holders().await, 1, "it has that of another");
        for bytes in [vec![], vec![0; 16], vec![0; 48], vec![7; 4_000]] {
            let set = "UPDATE role_holder SET mac = $2 WHERE holder = $1";
            raw(&db, set, args![ids.mallory, bytes]).await;
            assert_eq!(holders().await, 1);
        }
        // Told once, however often it is read.
        db.tell_forged().await.unwrap();
        holders().await;
        db.tell_forged().await.unwrap();
        let told = "SELECT body FROM event WHERE activity = 'row.forged'";
        let told = db.read(move |c| c.all_with(told, args![], |r| r.get::<String>("body")));
        let told = told.await.unwrap();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("role_holder") && told[0].contains(&ids.mallory.to_string()));
        assert_eq!(db.forged().len(), 1);
        // What stands in its way does not keep the house from giving it in truth.
        let (role, who) = (ids.roles[0], Holder::Identity(ids.mallory));
        db.write(move |c| role::assign(c, role, who, None)).await.unwrap();
        assert_eq!(holders().await, 2);
        assert_eq!(db.forged(), []);
    })
    .await;
}

/// The rows of a table as they are, to be put back later.
async fn copied(db: &Db, table: &'static str) -> Vec<(Vec<String>, Vec<Value>)> {
    let rows = db.read(move |c| c.rows(&format!("SELECT * FROM {table}"), args![])).await.unwrap();
    let parts = |row: &Row| row.parts().map(|(c, v)| (c.to_owned(), v.clone())).unzip();
    rows.iter().map(parts).collect()
}

async fn put_back(db: &Db, table: &str, rows: &[(Vec<String>, Vec<Value>)]) {
    raw(db, &format!("DELETE FROM {table}"), args![]).await;
    for (columns, values) in rows {
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
        let sql =
            format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        raw(db, &sql, values).await;
    }
}

#[tokio::test]
async fn what_was_taken_or_replaced_does_not_come_back() {
    each_database(|db, env| async move {
        let ids = sample(&db, &env).await;
        sign_rows(&db).await;
        let now = env.now();
        let about = Entity::new("Account", "a");
        let in_force = || {
            let about = about.clone();
            db.read(move |c| grant::in_force(c, ids.ada, &about, now))
        };
        let (members, holders) =
            (copied(&db, "team_identity").await, copied(&db, "role_holder").await);
        let (keys, grants) =
            (copied(&db, "authenticator").await, copied(&db, "access_grant").await);
        db.write(move |c| {
            assert!(team::remove_identity(c, ids.teams[0], ids.ada)?);
            assert!(role::unassign(c, ids.roles[0], Holder::Identity(ids.ada))?);
            assert!(authenticator::advance(c, ids.key, 9, now)?);
            assert!(grant::end(c, ids.grant, now, &EndCause::Returned)?);
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        put_back(&db, "team_identity", &members).await;
        put_back(&db, "role_holder", &holders).await;
        put_back(&db, "authenticator", &keys).await;
        put_back(&db, "access_grant", &grants).await;
        assert_eq!(db.read(facts::members).await.unwrap(), []);
        assert_eq!(db.read(facts::holders).await.unwrap(), []);
        let of_ada = db.read(move |c| authenticator::of_identity(c, ids.ada)).await.unwrap();
        assert_eq!(of_ada, []);
        assert_eq!(in_force().await.unwrap(), []);
        let found = db.forged();
        assert!(found.len() == 4 && found.iter().all(|f| f.why == Why::Older), "{found:?}");
        // Given again in truth, it counts.
        db.write(move |c| team::add_identity(c, ids.teams[0], ids.ada)).await.unwrap();
        assert_eq!(db.read(facts::members).await.unwrap(), [(ids.teams[0], ids.ada)]);
    })
    .await;
}

/// Another node learns of it by reading.
#[tokio::test]
async fn other_node_does_not_take_back_what_it_has_seen_go() {
    let env = TestEnv::default();
    let first = postgres(&env.env()).await;
    let ids = sample(&first.db, &env).await;
    let key = sign_rows(&first.db).await;
    let second = Db::open(&first.config, &env.env()).await.unwrap();
    arm(&second, key.keys());
    assert_eq!(second.read(facts::members).await.unwrap().len(), 1);
    let members = copied(&first.db, "team_identity").await;
    first.db.write(move |c| team::remove_identity(c, ids.teams[0], ids.ada)).await.unwrap();
    assert_eq!(second.read(facts::members).await.unwrap(), []);
    put_back(&first.db, "team_identity", &members).await;
    assert_eq!(second.read(facts::members).await.unwrap(), []);
    assert_eq!(second.forged().len(), 1);
}

/// Who reads an older state of the database, because their transaction began before,
/// does not call it forged.
#[tokio::test]
async fn transaction_that_began_before_sees_what_was_good_then() {
    let env = TestEnv::default();
    let house = postgres(&env.env()).await;
    let ids = sample(&house.db, &env).await;
    sign_rows(&house.db).await;
    let (began, go_on) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    let turns = std::sync::Arc::new((began, go_on));
    let (reader, theirs) = (house.db.clone(), turns.clone());
    let reading = tokio::spawn(async move {
        reader
            .read(move |c| {
                let before = facts::members(c)?.len();
                theirs.0.wait();
                theirs.1.wait();
                Ok::<_, Error>((before, facts::members(c)?.len()))
            })
            .await
    });
    let ours = turns.clone();
    tokio::task::spawn_blocking(move || ours.0.wait()).await.unwrap();
    house.db.write(move |c| team::remove_identity(c, ids.teams[0], ids.ada)).await.unwrap();
    assert_eq!(house.db.read(facts::members).await.unwrap(), []);
    tokio::task::spawn_blocking(move || turns.1.wait()).await.unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), (1, 1));
    assert_eq!(house.db.forged(), []);
}

#[tokio::test]
async fn nothing_counts_and_nothing_is_written_without_a_key() {
    for of_postgres in [false, true] {
        let env = TestEnv::default();
        let house = if of_postgres { postgres(&env.env()).await } else { sqlite(&env.env()).await };
        let ids = sample(&house.db, &env).await;
        let key = sign_rows(&house.db).await;
        let config = DbConfig { vaultless: false, ..house.config.clone() };
        let sealed = Db::open(&config, &env.env()).await.unwrap();
        let seen = sealed.read(|c| {
            Ok::<_, Error>((facts::members(c)?.len(), policy::whole(c)?.is_some(), sweep(c)?.len()))
        });
        assert_eq!(seen.await.unwrap(), (0, false, 0), "and nobody is called a forger");
        let written = sealed.write(move |c| team::add_identity(c, ids.teams[1], ids.mallory)).await;
        assert!(matches!(written, Err(Error::Sealed)), "{written:?}");
        let now = env.now();
        // To end something needs no key.
        let ended = sealed.write(move |c| grant::end(c, ids.grant, now, &EndCause::Returned));
        assert!(ended.await.unwrap());
        arm(&sealed, key.keys());
        assert_eq!(sealed.read(facts::members).await.unwrap().len(), 1);
        let un_end = "UPDATE access_grant SET ended_at = NULL, end_cause = NULL, version = 1";
        raw(&sealed, un_end, args![]).await;
        let about = Entity::new("Account", "a");
        let found = sealed.read(move |c| grant::in_force(c, ids.ada, &about, now)).await.unwrap();
        assert_eq!(found, []);
    }
}

/// What may forbid must not be missing.
#[tokio::test]
async fn policies_count_only_all_together() {
    each_database(|db, env| async move {
        let ids = sample(&db, &env).await;
        sign_rows(&db).await;
        let whole = || async { db.read(policy::whole).await.unwrap().map(|all| all.len()) };
        let add = |id: PolicyId| {
            raw(
                &db,
                "INSERT INTO policy (id, name, description, text, enabled, created_at, updated_at, version)
                 VALUES ($1, 'his', '', 'permit(principal, action, resource);', TRUE, 0, 0, 1)",
                args![id],
            )
        };
        assert_eq!(whole().await, Some(2));
        add(PolicyId::new(&env.env())).await;
        assert_eq!(whole().await, Some(2), "one that is forged beside them does no harm");
        raw(&db, "DELETE FROM policy WHERE name = 'his'", args![]).await;
        let (policies, set) = (copied(&db, "policy").await, copied(&db, "row_set").await);
        raw(&db, "DELETE FROM policy WHERE id = $1", args![ids.policies[0]]).await;
        assert_eq!(whole().await, None);
        let again = policies.clone();
        let more = db.write(move |c| policy::delete(c, ids.policies[1])).await;
        assert!(matches!(more, Err(Error::Forged("policy"))), "it would make the loss good");
        put_back(&db, "policy", &again).await;
        assert_eq!(whole().await, Some(2));
        raw(&db, "UPDATE policy SET text = 'permit(principal, action, resource);' WHERE id = $1", args![ids.policies[0]]).await;
        assert_eq!(whole().await, None);
        put_back(&db, "policy", &policies).await;
        assert!(db.write(move |c| policy::delete(c, ids.policies[0])).await.unwrap());
        assert_eq!(whole().await, Some(1));
        put_back(&db, "policy", &policies).await;
        assert_eq!(whole().await, Some(1), "deleted, it does not come back");
        put_back(&db, "row_set", &set).await;
        assert_eq!(whole().await, None, "nor with the digest from before");
        raw(&db, "DELETE FROM row_set", args![]).await;
        assert_eq!(whole().await, None);
        assert!(!db.read(policy::is_untouched).await.unwrap());
    })
    .await;
}

/// A row is the same row whichever database it is read from.
#[tokio::test]
async fn rows_stay_genuine_through_a_backup_into_either_database() {
    for from_postgres in [false, true] {
        for to_postgres in [false, true] {
            let env = TestEnv::default();
            let one = |is| {
                let env = env.env();
                async move { if is { postgres(&env).await } else { sqlite(&env).await } }
            };
            let (from, to) = (one(from_postgres).await, one(to_postgres).await);
            let ids = sample(&from.db, &env).await;
            let key = sign_rows(&from.db).await;
            let mut text = Vec::new();
            backup::dump(&from.db, &mut text).await.unwrap();
            backup::restore(&to.db, text.as_slice()).await.unwrap();
            arm(&to.db, key.keys());
            assert_eq!(forged(&to.db).await, [], "what a restore ended needs no MAC");
            assert_eq!(to.db.read(policy::all).await.unwrap().len(), 2);
            let of_ada = to.db.read(move |c| authenticator::of_identity(c, ids.ada)).await.unwrap();
            assert_eq!(of_ada.len(), 1);
        }
    }
}

#[test]
fn json_is_signed_the_same_in_whatever_order_it_is_kept() {
    let columns: std::sync::Arc<[String]> = ["end_cause".to_owned()].into();
    static ONE: tables::Table = tables::Table {
        name: "x",
        key: &[],
        columns: &[("end_cause", Kind::Json)],
        free: &[],
        over: None,
        since: 1,
        statements: std::sync::OnceLock::new(),
    };
    let bytes = |text: &str| {
        let row = Row::new(columns.clone(), vec![Value::Json(text.to_owned())]);
        encoding::encode(&ONE, &row)
    };
    let (one, same) =
        (r#"{"b":[1,{"y":2,"x":null}],"a":"t"}"#, r#"{"a": "t","b":[1, {"x":null,"y":2}]}"#);
    assert_eq!(bytes(one), bytes(same));
    for another in [r#"{"a":"t","b":[1,{"x":null,"y":3}]}"#, r#"{"a":"t"}"#, "[]", r#""a""#] {
        assert_ne!(bytes(one), bytes(another), "{another}");
    }
    assert_eq!(bytes("no JSON"), None);
}

/// How long it takes to know ten thousand rows again: printed, never asserted.
#[tokio::test]
async fn ten_thousand_rows_are_known_again_in_a_reading() {
    let env = TestEnv::default();
    let house = sqlite(&env.env()).await;
    let e = env.env();
    house
        .db
        .write(move |c| {
            for n in 0..10_000_i64 {
                c.execute(
                    "INSERT INTO role (id, name, description, created_at, version) VALUES ($1, $2, '', 0, 1)",
                    args![RoleId::new(&e), format!("r{n}")],
                )?;
            }
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    let timed = |what: &'static str| {
        let db = house.db.clone();
        async move {
            let began = tokio::time::Instant::now();
            assert_eq!(db.read(facts::roles).await.unwrap().len(), 10_000);
            println!("{what}: {:?}", began.elapsed());
        }
    };
    timed("unchecked").await;
    sign_rows(&house.db).await;
    timed("checked for the first time").await;
    timed("checked again").await;
}
