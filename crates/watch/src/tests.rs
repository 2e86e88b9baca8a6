use doorward_core::lifecycle::EndCause;
use doorward_core::{Action, Actor, Context, FactorClass, IdentityId, Proof, Question, Resource};
use doorward_policy::policies;
use doorward_store::testing::{TestEnv, each_database, postgres};
use doorward_store::{Json, args};
use tokio::sync::oneshot;

use super::*;

async fn person(db: &Db, env: &TestEnv) -> IdentityId {
    policies::install_starter(db).await.unwrap();
    let e = env.env();
    let id = IdentityId::new(&e);
    let now = env.now();
    db.write(move |c| {
        c.execute(
            "INSERT INTO identity (id, kind, name, display_name, relation, enabled, attributes, created_at, updated_at, version)
             VALUES ($1, 'person', 'eve', 'Eve', 'employee', TRUE, $2, $3, $3, 1)",
            args![id, Json(serde_json::json!({})), now],
        )?;
        change::bump(c, "identity", id, now)
    })
    .await
    .unwrap();
    id
}

fn signed_in(id: IdentityId, env: &TestEnv) -> Question {
    let proof = Proof {
        factor: "passkey".to_owned(),
        class: FactorClass::PossessionVerified,
        phishing_resistant: true,
        at: env.now(),
    };
    Question {
        actor: Actor::identity(id, vec![proof]),
        action: Action::SignIn,
        resource: Resource::house(),
        context: Context::default(),
    }
}

async fn start(db: &Db, env: &TestEnv) -> Arc<Watch> {
    let engine = Engine::new(env.env());
    Watch::start(db.clone(), engine, env.env(), CancellationToken::new()).await.unwrap()
}

fn lasting(
    watch: &Watch,
    question: Question,
    until: Option<Timestamp>,
) -> (Registration, oneshot::Receiver<EndCause>) {
    let (tell, told) = oneshot::channel();
    let on_end = Box::new(move |cause| drop(tell.send(cause)));
    (watch.register(Lasting { question, until, on_end }), told)
}

async fn disable(db: &Db, id: IdentityId, now: Timestamp) {
    db.write(move |c| {
        c.execute("UPDATE identity SET enabled = FALSE WHERE id = $1", args![id])?;
        change::bump(c, "identity", id, now)
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_a_disabled_person_has_open_ends_before_the_write_returns() {
    each_database(|db, env| async move {
        let id = person(&db, &env).await;
        let watch = start(&db, &env).await;
        let (_kept, mut told) = lasting(&watch, signed_in(id, &env), None);
        assert!(told.try_recv().is_err(), "it ended too early");
        disable(&db, id, env.now()).await;
        let cause = told.try_recv().expect("it has ended when the write returns");
        assert_eq!(
            cause,
            EndCause::NoLongerPermitted { because: "the account was disabled".to_owned() }
        );
    })
    .await;
}

#[tokio::test]
async fn policy_edit_ends_what_it_no_longer_permits() {
    each_database(|db, env| async move {
        let id = person(&db, &env).await;
        let watch = start(&db, &env).await;
        let (_kept, mut told) = lasting(&watch, signed_in(id, &env), None);
        let now = env.now();
        db.write(move |c| {
            c.execute("UPDATE policy SET enabled = FALSE WHERE name = 'everyone'", args![])?;
            change::bump(c, "policy", "everyone", now)
        })
        .await
        .unwrap();
        let cause = told.try_recv().unwrap();
        assert_eq!(cause, EndCause::NoLongerPermitted { because: "the policy changed".to_owned() });
    })
    .await;
}

#[tokio::test]
async fn time_ends_what_has_an_end_and_a_clock_set_back_revives_nothing() {
    each_database(|db, env| async move {
        let id = person(&db, &env).await;
        let watch = start(&db, &env).await;
        let until = env.now() + Duration::from_secs(60);
        let (_kept, mut told) = lasting(&watch, signed_in(id, &env), Some(until));
        env.advance(Duration::from_secs(59));
        watch.tick().await;
        assert!(told.try_recv().is_err());
        env.advance(Duration::from_secs(1));
        watch.tick().await;
        assert_eq!(told.try_recv().unwrap(), EndCause::Expired);
        env.set(until - Duration::from_secs(3600));
        watch.tick().await;
        assert_eq!(watch.open(), 0);
    })
    .await;
}

#[tokio::test]
async fn end_date_of_a_person_takes_effect_by_itself() {
    each_database(|db, env| async move {
        let id = person(&db, &env).await;
        let watch = start(&db, &env).await;
        let (_kept, mut told) = lasting(&watch, signed_in(id, &env), None);
        let (now, end) = (env.now(), env.now() + Duration::from_secs(600));
        db.write(move |c| {
            c.execute("UPDATE identity SET ends_at = $2 WHERE id = $1", args![id, end])?;
            change::bump(c, "identity", id, now)
        })
        .await
        .unwrap();
        assert!(told.try_recv().is_err());
        env.set(end);
        watch.tick().await;
        let cause = told.try_recv().unwrap();
        assert_eq!(cause.sentence(), "the account's end date has passed");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_longer_permitted_when_it_registers_ends_at_once() {
    each_database(|db, env| async move {
        let id = person(&db, &env).await;
        let watch = start(&db, &env).await;
        disable(&db, id, env.now()).await;
        let (_kept, mut told) = lasting(&watch, signed_in(id, &env), None);
        assert!(told.try_recv().is_ok());
    })
    .await;
}

#[tokio::test]
async fn disabling_on_one_node_ends_what_is_open_on_the_other() {
    let env = TestEnv::default();
    let first = postgres(&env.env()).await;
    let id = person(&first.db, &env).await;
    let second = Db::open(&first.config, &env.env()).await.unwrap();
    let _here = start(&first.db, &env).await;
    let there = start(&second, &env).await;
    let (_kept, told) = lasting(&there, signed_in(id, &env), None);
    disable(&first.db, id, env.now()).await;
    assert_eq!(told.await.unwrap().sentence(), "the account was disabled");
}
