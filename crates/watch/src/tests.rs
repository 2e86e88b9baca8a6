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
    let asked_at = watch.env.now();
    (watch.register(Lasting { question, asked_at, until, on_end }), told)
}

async fn disable(db: &Db, id: IdentityId, now: Timestamp) {
    db.write(move |c| {
        c.execute("UPDATE identity SET enabled = FALSE WHERE id = $1", args![id])?;
        change::bump(c, "identity", id, now)
    })
    .await
    .unwrap();
}

/// abuse case A8: whoever is there without anything open is gone with the moment in which
/// they did not count, and no policy keeps or ends that.
#[tokio::test]
async fn whoever_stays_is_there_until_they_stop_counting() {
    each_database(|db, env| async move {
        let id = person(&db, &env).await;
        let watch = start(&db, &env).await;
        let stay = |until| {
            let (tell, told) = oneshot::channel();
            let on_end = Box::new(move |cause| drop(tell.send(cause)));
            // A key alone is no sign-in.
            let actor = Actor::identity(id, Vec::new());
            (watch.stay(Staying { actor, until, on_end }), told)
        };
        let (_one, mut one) = stay(None);
        let (_two, mut two) = stay(Some(env.now() + Duration::from_secs(60)));
        env.advance(Duration::from_secs(60));
        watch.tick().await;
        assert_eq!(two.try_recv().unwrap(), EndCause::Expired);
        assert!(one.try_recv().is_err(), "it ended too early");
        let now = env.now();
        let left = db.write(move |c| change::bump(c, change::LEFT, id, now));
        left.await.unwrap();
        assert!(matches!(one.try_recv().unwrap(), EndCause::NoLongerPermitted { .. }));
        let (_three, mut three) = stay(None);
        assert!(three.try_recv().is_err());
        disable(&db, id, env.now()).await;
        let because = "the account was disabled".to_owned();
        assert_eq!(three.try_recv().unwrap(), EndCause::NoLongerPermitted { because });
        assert!(stay(None).1.try_recv().is_ok(), "whoever does not count stays nowhere");
    })
    .await;
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

/// Replaces all policies by this one.
async fn only(db: &Db, text: &'static str, now: Timestamp) {
    db.write(move |c| {
        c.execute("UPDATE policy SET enabled = FALSE WHERE name <> 'everyone'", args![])?;
        c.execute("UPDATE policy SET text = $1 WHERE name = 'everyone'", args![text])?;
        change::bump(c, "policy", "everyone", now)
    })
    .await
    .unwrap();
}

// The clock of the tests begins at 2026-01-01T00:00:00Z.
const UNTIL_A_SECOND: &str = r#"permit (principal, action == Doorward::Action::"sign-in", resource)
  when { context.now < 1767225660 };"#;
const WORKING_HOURS: &str = r#"permit (principal, action == Doorward::Action::"sign-in", resource)
  when { context.date.toTime() < duration("8h") };"#;

/// What only the time ends is ended by the time, without any change.
#[tokio::test]
async fn window_of_a_policy_ends_what_is_open_in_it() {
    for (policy, open, over) in [(UNTIL_A_SECOND, 59, 60), (WORKING_HOURS, 8 * 3600 - 1, 8 * 3600)]
    {
        each_database(|db, env| async move {
            let id = person(&db, &env).await;
            only(&db, policy, env.now()).await;
            let begun = env.now();
            let watch = start(&db, &env).await;
            let (_kept, mut told) = lasting(&watch, signed_in(id, &env), None);
            env.set(begun + Duration::from_secs(open));
            watch.tick().await;
            assert!(told.try_recv().is_err(), "it ended too early");
            env.set(begun + Duration::from_secs(over));
            watch.tick().await;
            let cause = told.try_recv().expect("it has ended");
            assert_eq!(cause.sentence(), "the time for which it was permitted is over");
        })
        .await;
    }
}

/// A window that opens by an edited policy is looked at from then on.
#[tokio::test]
async fn window_that_a_new_policy_brings_counts_for_what_is_open() {
    each_database(|db, env| async move {
        let id = person(&db, &env).await;
        let watch = start(&db, &env).await;
        let (_kept, mut told) = lasting(&watch, signed_in(id, &env), None);
        only(&db, UNTIL_A_SECOND, env.now()).await;
        assert!(told.try_recv().is_err());
        env.advance(Duration::from_secs(60));
        watch.tick().await;
        assert!(told.try_recv().is_ok());
    })
    .await;
}

/// Of very many, each is asked within a second: in three beats of a quarter.
#[tokio::test]
async fn three_beats_ask_all_that_the_time_may_end() {
    let env = TestEnv::default();
    let kept = doorward_store::testing::sqlite(&env.env()).await;
    let id = person(&kept.db, &env).await;
    only(&kept.db, UNTIL_A_SECOND, env.now()).await;
    let watch = start(&kept.db, &env).await;
    let question = signed_in(id, &env);
    let mut open: Vec<_> = (0..2_000).map(|_| lasting(&watch, question.clone(), None)).collect();
    env.advance(Duration::from_secs(60));
    for _ in 0..3 {
        watch.tick().await;
    }
    assert_eq!(watch.open(), 0);
    assert!(open.iter_mut().all(|(_, told)| told.try_recv().is_ok()));
}

/// Reviewers of rows hear of the time only when a policy looks at it.
#[tokio::test]
async fn reviewers_hear_that_time_passed_when_it_matters() {
    #[derive(Default)]
    struct Ear(std::sync::Mutex<Vec<Change>>);
    #[async_trait]
    impl Reviewer for Ear {
        async fn review(&self, changes: &[Change]) {
            self.0.lock().unwrap().extend(changes.iter().filter(|c| c.kind == TIME).cloned());
        }
        async fn tick(&self, _: Timestamp) {}
    }
    each_database(|db, env| async move {
        person(&db, &env).await;
        let watch = start(&db, &env).await;
        let ear = Arc::new(Ear::default());
        watch.on_change(ear.clone());
        env.advance(Duration::from_secs(2));
        watch.tick().await;
        assert!(ear.0.lock().unwrap().is_empty());
        only(&db, UNTIL_A_SECOND, env.now()).await;
        env.advance(Duration::from_secs(2));
        watch.tick().await;
        let heard: Vec<String> = ear.0.lock().unwrap().iter().map(|c| c.id.clone()).collect();
        assert_eq!(heard, ["sign-in"]);
    })
    .await;
}

async fn left_for_a_moment(db: &Db, id: IdentityId, now: Timestamp) {
    db.write(move |c| {
        c.execute("UPDATE identity SET enabled = FALSE WHERE id = $1", args![id])?;
        change::bump(c, "identity", id, now)?;
        change::bump(c, change::LEFT, id, now)?;
        c.execute("UPDATE identity SET enabled = TRUE WHERE id = $1", args![id])?;
        change::bump(c, "identity", id, now)
    })
    .await
    .unwrap();
}

/// abuse case A8: whoever stopped counting, if only between two looks, has nothing
/// open any more, on any node.
#[tokio::test]
async fn moment_of_being_disabled_ends_what_is_open() {
    each_database(|db, env| async move {
        let id = person(&db, &env).await;
        let watch = start(&db, &env).await;
        let (_kept, mut told) = lasting(&watch, signed_in(id, &env), None);
        left_for_a_moment(&db, id, env.now()).await;
        assert_eq!(told.try_recv().unwrap().sentence(), "the account was disabled");
        let (_kept, mut after) = lasting(&watch, signed_in(id, &env), None);
        assert!(after.try_recv().is_err(), "enabled again");
    })
    .await;
    let env = TestEnv::default();
    let first = postgres(&env.env()).await;
    let id = person(&first.db, &env).await;
    let second = Db::open(&first.config, &env.env()).await.unwrap();
    let there = start(&second, &env).await;
    let (_kept, told) = lasting(&there, signed_in(id, &env), None);
    left_for_a_moment(&first.db, id, env.now()).await;
    assert_eq!(told.await.unwrap().sentence(), "the account was disabled");
}

/// A clock that is set back, and one that is put right, are in the record, once each.
#[tokio::test]
async fn clock_set_back_is_recorded_and_time_is_kept() {
    each_database(|db, env| async move {
        let watch = start(&db, &env).await;
        env.advance(Duration::from_secs(2));
        watch.tick().await;
        let kept = db.read(clock::seen).await.unwrap();
        assert_eq!(kept, Some(env.now()));
        let right = env.now();
        env.set(right - Duration::from_secs(3600));
        for _ in 0..3 {
            env.advance(Duration::from_secs(1));
            watch.tick().await;
        }
        env.set(right + Duration::from_secs(10));
        watch.tick().await;
        let said = db.read(|c| {
            c.all_with(
                "SELECT activity FROM event WHERE activity LIKE 'clock.%' ORDER BY id",
                args![],
                |r| r.get::<String>("activity"),
            )
        });
        assert_eq!(said.await.unwrap(), ["clock.set-back", "clock.put-right"]);
        assert_eq!(db.read(clock::seen).await.unwrap(), Some(env.now()));
    })
    .await;
}
