mod forged;
mod naive;

use std::time::Duration;

use doorward_core::*;
use doorward_store::testing::{TestEnv, each_database, sqlite};
use doorward_store::{Db, Json, args, policy as rows};
use serde_json::json;

use crate::*;

/// A small organisation, in rows.
struct House {
    db: Db,
    env: TestEnv,
    engine: std::sync::Arc<Engine>,
}

async fn house(db: Db, env: TestEnv) -> House {
    policies::install_starter(&db).await.unwrap();
    let e = env.env();
    let now = e.now();
    db.write(move |c| {
        let person = |name: &str, relation: &str| {
            let id = IdentityId::new(&e);
            c.execute(
                "INSERT INTO identity (id, kind, name, display_name, relation, enabled, attributes, created_at, updated_at, version)
                 VALUES ($1, $2, $3, $3, $4, TRUE, $5, $6, $6, 1)",
                args![id, if relation.is_empty() { "workload" } else { "person" }, name, relation, Json(json!({})), now],
            )?;
            Ok::<_, doorward_store::Error>(id)
        };
        let group = |name: &str, members: &[IdentityId]| {
            let id = GroupId::new(&e);
            c.execute("INSERT INTO team (id, name, description, created_at, version) VALUES ($1, $2, '', $3, 1)", args![id, name, now])?;
            for m in members {
                c.execute("INSERT INTO team_identity (team, identity) VALUES ($1, $2)", args![id, *m])?;
            }
            Ok::<_, doorward_store::Error>(id)
        };
        let role = |name: &str, holder: IdentityId| {
            let id = RoleId::new(&e);
            c.execute("INSERT INTO role (id, name, description, created_at, version) VALUES ($1, $2, '', $3, 1)", args![id, name, now])?;
            c.execute("INSERT INTO role_holder (role, holder_kind, holder) VALUES ($1, 'identity', $2)", args![id, holder])?;
            Ok::<_, doorward_store::Error>(id)
        };
        let (ada, eve, abe, aud, ven) = (
            person("ada", "employee")?, person("eve", "employee")?, person("abe", "employee")?,
            person("audrey", "employee")?, person("vera", "vendor")?,
        );
        let pipeline = person("pipeline", "")?;
        role("deploy", pipeline)?;
        group("publish", &[pipeline])?;
        let engineers = group("engineers", &[eve])?;
        let staff = group("staff", &[ada, abe, aud])?;
        c.execute("INSERT INTO team_team (team, member) VALUES ($1, $2)", args![staff, engineers])?;
        group("vendors", &[ven])?;
        group("on-call", &[eve])?;
        role("administrator", ada)?;
        role("approver", abe)?;
        role("auditor", aud)?;
        for (name, env_label) in [("web-1", "prod"), ("dev-1", "dev")] {
            let target = TargetId::new(&e);
            c.execute(
                "INSERT INTO target (id, name, kind, description, settings, labels, enabled, created_at, version)
                 VALUES ($1, $2, 'ssh', '', $3, $4, TRUE, $5, 1)",
                args![target, name, Json(json!({})), Json(json!({"env": env_label, "vendors": "yes"})), now],
            )?;
            c.execute(
                "INSERT INTO account (id, target, name, labels, created_at, version) VALUES ($1, $2, 'deploy', $3, $4, 1)",
                args![AccountId::new(&e), target, Json(json!({})), now],
            )?;
        }
        for name in ["rota", "deploy", "publish"] {
            c.execute(
                "INSERT INTO application (id, name, title, description, settings, enabled, created_at, version)
                 VALUES ($1, $2, $2, '', $3, TRUE, $4, 1)",
                args![ApplicationId::new(&e), name, Json(json!({})), now],
            )?;
        }
        Ok::<_, doorward_store::Error>(())
    })
    .await
    .unwrap();
    let engine = Engine::new(env.env());
    engine.load(&db).await.unwrap();
    House { db, env, engine }
}

async fn on_sqlite() -> (House, doorward_store::testing::TestDb) {
    let env = TestEnv::default();
    let kept = sqlite(&env.env()).await;
    (house(kept.db.clone(), env).await, kept)
}

impl House {
    fn expect(&self, rows: &str) {
        let text: String = rows
            .lines()
            .filter(|l| !l.trim().is_empty())
            .map(|l| format!("[[expect]]\n{}\n", l.trim().replace(" ; ", "\n")))
            .collect();
        let report = Table::parse(&text).unwrap().run(&self.engine).unwrap();
        let wrong: Vec<_> = report.results.iter().filter(|r| !r.holds).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[tokio::test]
async fn denials_say_what_would_change_them() {
    each_database(|db, env| async move {
        house(db, env).await.expect(
            r#"
            principal = "eve" ; action = "session:open" ; resource = "deploy@dev-1" ; factors = ["passkey"] ; expect = "permit"
            principal = "eve" ; action = "session:open" ; resource = "deploy@dev-1" ; factors = ["password"] ; expect = "step-up"
            principal = "eve" ; action = "session:open" ; resource = "deploy@web-1" ; factors = ["passkey"] ; expect = "reason approvals=1 max-duration=14400"
            principal = "eve" ; action = "session:open" ; resource = "deploy@web-1" ; factors = ["passkey"] ; reason = true ; duration_seconds = 3600 ; expect = "approvals=1"
            principal = "eve" ; action = "session:open" ; resource = "deploy@web-1" ; factors = ["passkey"] ; reason = true ; approvals = 1 ; duration_seconds = 3600 ; expect = "permit"
            principal = "eve" ; action = "session:open" ; resource = "deploy@web-1" ; factors = ["passkey"] ; reason = true ; approvals = 1 ; duration_seconds = 28800 ; expect = "max-duration=14400"
            principal = "vera" ; action = "session:open" ; resource = "deploy@web-1" ; factors = ["passkey"] ; reason = true ; approvals = 1 ; duration_seconds = 14400 ; expect = "max-duration=7200"
            principal = "ada" ; action = "session:open" ; resource = "deploy@web-1" ; factors = ["passkey"] ; expect = "deny"
            principal = "eve" ; action = "session:break-glass" ; resource = "deploy@web-1" ; factors = ["passkey"] ; reason = true ; duration_seconds = 3600 ; break_glass = true ; expect = "permit"
            principal = "abe" ; action = "session:break-glass" ; resource = "deploy@web-1" ; factors = ["passkey"] ; reason = true ; duration_seconds = 3600 ; break_glass = true ; expect = "deny"
            principal = "eve" ; action = "application:open" ; resource = "rota" ; factors = ["password", "totp"] ; expect = "permit"
            principal = "vera" ; action = "application:open" ; resource = "rota" ; factors = ["passkey"] ; expect = "deny"
            principal = "pipeline" ; action = "application:open" ; resource = "deploy" ; expect = "permit"
            principal = "pipeline" ; action = "application:open" ; resource = "publish" ; expect = "permit"
            principal = "pipeline" ; action = "application:open" ; resource = "rota" ; expect = "deny"
            principal = "vera" ; action = "application:open" ; resource = "deploy" ; factors = ["passkey"] ; expect = "deny"
            "#,
        );
    })
    .await;
}

#[tokio::test]
async fn a_managed_device_is_named_where_it_is_missing_and_only_there() {
    let (house, _kept) = on_sqlite().await;
    let now = house.env.now();
    let row = |name: &str, text: &str| rows::Policy {
        id: PolicyId::new(&house.env.env()),
        name: Name::parse(name).unwrap(),
        description: String::new(),
        text: text.to_owned(),
        enabled: true,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let mut policies: Vec<_> = STARTER.iter().map(|(name, _, text)| row(name, text)).collect();
    policies.push(row(
        "managed",
        r#"forbid (principal, action == Doorward::Action::"session:open", resource)
           unless { context.managed_device || context.break_glass };"#,
    ));
    let engine = house.engine.with_policies(&policies);
    House { engine, ..house }.expect(
        r#"
        principal = "eve" ; action = "session:open" ; resource = "deploy@dev-1" ; factors = ["passkey"] ; expect = "managed-device"
        principal = "eve" ; action = "session:open" ; resource = "deploy@dev-1" ; factors = ["password"] ; expect = "step-up managed-device"
        principal = "eve" ; action = "session:open" ; resource = "deploy@dev-1" ; factors = ["passkey"] ; managed_device = true ; expect = "permit"
        principal = "eve" ; action = "session:open" ; resource = "deploy@web-1" ; factors = ["passkey"] ; expect = "managed-device reason approvals=1 max-duration=14400"
        principal = "eve" ; action = "session:open" ; resource = "deploy@web-1" ; factors = ["passkey"] ; managed_device = true ; expect = "reason approvals=1 max-duration=14400"
        principal = "eve" ; action = "session:open" ; resource = "deploy@web-1" ; factors = ["passkey"] ; reason = true ; duration_seconds = 3600 ; break_glass = true ; expect = "permit"
        principal = "ada" ; action = "session:open" ; resource = "deploy@web-1" ; factors = ["passkey"] ; managed_device = true ; expect = "deny"
        "#,
    );
}

#[tokio::test]
async fn stale_proof_needs_a_fresh_one() {
    let (house, _kept) = on_sqlite().await;
    let ada = house.engine.world().identity_named("ada").unwrap();
    let old = Proof {
        factor: "totp".to_owned(),
        class: FactorClass::Possession,
        phishing_resistant: false,
        at: house.env.now(),
    };
    let password =
        Proof { factor: "password".to_owned(), class: FactorClass::Knowledge, ..old.clone() };
    let actor = Actor::identity(ada, vec![password, old]);
    let ask = || authorize(&*house.engine, &actor, CreatePolicy {}, &Context::default());
    assert!(ask().is_ok());
    house.env.advance(Duration::from_secs(901));
    assert_eq!(ask().unwrap_err().requirements, [Requirement::StepUp]);
}

/// abuse case 33: a disabled or ended identity is refused everywhere at once.
#[tokio::test]
async fn disabled_and_ended_people_are_denied_flat() {
    let (house, _kept) = on_sqlite().await;
    let eve = house.engine.world().identity_named("eve").unwrap();
    let now = house.env.now();
    house
        .db
        .write(move |c| {
            c.execute(
                "UPDATE identity SET ends_at = $2 WHERE id = $1",
                args![eve, now + Duration::from_secs(60)],
            )?;
            doorward_store::change::bump(c, "identity", eve, now)
        })
        .await
        .unwrap();
    let changes = house.db.read(move |c| doorward_store::change::since(c, 0, now)).await.unwrap();
    house.engine.refresh(&house.db, &changes).await.unwrap();
    let passkey = r#"principal = "eve" ; action = "sign-in" ; factors = ["passkey"] ; expect = "#;
    house.expect(&format!("{passkey}\"permit\""));
    house.env.advance(Duration::from_secs(60));
    house.expect(&format!("{passkey}\"deny\""));
    // abuse case A19: a clock set back brings nobody back.
    house.env.set(now);
    house.expect(&format!("{passkey}\"deny\""));
}

/// A clock that was set back further than clocks go wrong by themselves is believed
/// in nothing dangerous; looking, signing in and ending go on.
#[tokio::test]
async fn nothing_dangerous_is_permitted_while_the_clock_is_set_back() {
    let (house, _kept) = on_sqlite().await;
    let world = house.engine.world();
    let account: AccountId = world.entity_named("deploy@dev-1").unwrap().id.parse().unwrap();
    let eve = strong(&house, "eve");
    let open = || authorize(&*house.engine, &eve, OpenSession { account }, &Context::default());
    let now = house.env.wall();
    house.env.set(now - Duration::from_secs(300));
    assert!(open().is_ok(), "five minutes");
    house.env.set(now - Duration::from_secs(301));
    let denied = open().unwrap_err();
    assert_eq!(denied.policies, ["the clock was set back"]);
    assert_eq!(denied.requirements, []);
    assert!(authorize(&*house.engine, &eve, SignIn {}, &Context::default()).is_ok());
    let ada = strong(&house, "ada");
    let act = DisableIdentity { identity: world.identity_named("eve").unwrap() };
    assert!(authorize(&*house.engine, &ada, act, &Context::default()).is_ok());
    let create = authorize(&*house.engine, &ada, CreatePolicy {}, &Context::default());
    assert!(create.is_err());
    house.env.set(now);
    assert!(open().is_ok(), "put right");
}

/// What is open goes on while the clock is set back: only what begins is refused.
#[tokio::test]
async fn what_stands_stands_while_the_clock_is_set_back() {
    let (house, _kept) = on_sqlite().await;
    let world = house.engine.world();
    let account: AccountId = world.entity_named("deploy@dev-1").unwrap().id.parse().unwrap();
    let began = house.env.now();
    let act = OpenSession { account };
    let allowed =
        authorize(&*house.engine, &strong(&house, "eve"), act, &Context::default()).unwrap();
    house.env.set(began - Duration::from_secs(3600));
    let standing = house.engine.stands(&allowed.question(), began);
    assert_eq!(standing, Standing { permitted: true, timed: false });
}

/// A proof is fresh when something begins; what is open does not fall with its age.
#[tokio::test]
async fn proofs_of_what_lasts_are_as_old_as_when_it_began() {
    let (house, _kept) = on_sqlite().await;
    let mut all = house.db.read(rows::all).await.unwrap();
    all.push(rule(
        &house.env,
        "fresh",
        r#"forbid (principal, action == Doorward::Action::"session:open", resource)
           unless { context has proof_age && context.proof_age <= 300 };"#,
    ));
    let engine = house.engine.with_policies(&all);
    let account = engine.world().entity_named("deploy@dev-1").unwrap().id.parse().unwrap();
    let began = house.env.now();
    let act = OpenSession { account };
    let eve = strong(&house, "eve");
    let allowed = authorize(&*engine, &eve, act.clone(), &Context::default()).unwrap();
    house.env.advance(Duration::from_secs(3600));
    assert!(authorize(&*engine, &eve, act, &Context::default()).is_err());
    assert!(engine.stands(&allowed.question(), began).permitted);
    assert!(engine.timed_actions().contains(&Action::OpenSession));
    assert!(!house.engine.timed_actions().contains(&Action::OpenSession));
}

/// Policies that look at the time are known as such, however they write it.
#[tokio::test]
async fn policies_that_look_at_the_time_are_told_from_others() {
    let (house, _kept) = on_sqlite().await;
    let account = house.engine.world().entity_named("deploy@dev-1").unwrap().id.parse().unwrap();
    let question = Question {
        actor: strong(&house, "eve"),
        action: Action::OpenSession,
        resource: Resource::account(account),
        context: Context::default(),
    };
    for (condition, timed) in [
        ("context.aal >= 2", false),
        ("context.now > 5", true),
        ("context[\"now\"] > 5", true),
        ("context.date.toTime() >= duration(\"0h\")", true),
        ("context.date.toDate() > datetime(\"2020-01-01\") && context.reason", true),
        ("if context.aal > 1 then true else context.now > 5", true),
        ("context has proof_age && context.proof_age < 1000", false),
        ("principal.name == \"now\"", false),
    ] {
        let text = format!(
            "permit (principal is Doorward::Person, action == Doorward::Action::\"session:open\", resource) when {{ {condition} }};"
        );
        validate(&text).unwrap_or_else(|e| panic!("{condition}: {e:?}"));
        let engine = house.engine.with_policies(&[rule(&house.env, "one", &text)]);
        let stands = engine.stands(&question, house.env.now());
        assert_eq!(stands.timed, timed, "{condition}");
    }
}

#[tokio::test]
async fn nobody_decides_their_own_request() {
    let (house, _kept) = on_sqlite().await;
    let world = house.engine.world();
    let (abe, eve) = (world.identity_named("abe").unwrap(), world.identity_named("eve").unwrap());
    let about = world.entity_named("deploy@web-1").unwrap();
    let proof = Proof {
        factor: "passkey".to_owned(),
        class: FactorClass::PossessionVerified,
        phishing_resistant: true,
        at: house.env.now(),
    };
    let actor = Actor::identity(abe, vec![proof]);
    let act = |requester| DecideRequest {
        request: RequestId::new(&house.env.env()),
        requester,
        about: about.clone(),
    };
    assert!(authorize(&*house.engine, &actor, act(eve), &Context::default()).is_ok());
    assert_eq!(
        authorize(&*house.engine, &actor, act(abe), &Context::default()).unwrap_err().requirements,
        []
    );
}

/// A policy as it would be kept.
fn rule(env: &TestEnv, name: &str, text: &str) -> rows::Policy {
    rows::Policy {
        id: PolicyId::new(&env.env()),
        name: Name::parse(name).unwrap(),
        description: String::new(),
        text: text.to_owned(),
        enabled: true,
        created_at: env.now(),
        updated_at: env.now(),
        version: 1,
    }
}

fn strong(house: &House, who: &str) -> Actor {
    let proof = Proof {
        factor: "passkey".to_owned(),
        class: FactorClass::PossessionVerified,
        phishing_resistant: true,
        at: house.env.now(),
    };
    Actor::identity(house.engine.world().identity_named(who).unwrap(), vec![proof])
}

#[tokio::test]
async fn members_of_a_role_or_group_can_be_protected_as_resources() {
    let (house, _kept) = on_sqlite().await;
    let mut all = house.db.read(rows::all).await.unwrap();
    all.push(rule(
        &house.env,
        "protected",
        r#"forbid (principal, action == Doorward::Action::"identity:disable", resource in Doorward::Role::"auditor");
           forbid (principal, action == Doorward::Action::"identity:disable", resource in Doorward::Group::"staff");"#,
    ));
    let engine = house.engine.with_policies(&all);
    let world = engine.world();
    for (who, may) in [("audrey", false), ("eve", false), ("abe", false), ("vera", true)] {
        let act = DisableIdentity { identity: world.identity_named(who).unwrap() };
        let answer = authorize(&*engine, &strong(&house, "ada"), act, &Context::default());
        assert_eq!(answer.is_ok(), may, "{who}");
    }
}

#[tokio::test]
async fn what_is_switched_off_can_be_administered_and_not_used() {
    let (house, _kept) = on_sqlite().await;
    let now = house.env.now();
    house
        .db
        .write(move |c| {
            c.execute("UPDATE application SET enabled = FALSE", args![])?;
            c.execute("UPDATE target SET enabled = FALSE", args![])?;
            doorward_store::change::bump(c, "application", "a", now)
        })
        .await
        .unwrap();
    house.engine.load(&house.db).await.unwrap();
    let world = house.engine.world();
    let application: ApplicationId = world.entity_named("rota").unwrap().id.parse().unwrap();
    let account: AccountId = world.entity_named("deploy@dev-1").unwrap().id.parse().unwrap();
    let owner = world.identity_named("eve").unwrap();
    let (ada, eve, audrey) =
        (strong(&house, "ada"), strong(&house, "eve"), strong(&house, "audrey"));
    let ask = Context::default();
    assert!(authorize(&*house.engine, &eve, OpenApplication { application }, &ask).is_err());
    assert!(authorize(&*house.engine, &ada, WriteApplication { application }, &ask).is_ok());
    assert!(authorize(&*house.engine, &eve, OpenSession { account }, &ask).is_err());
    let session = PrivilegedSessionId::new(&house.env.env());
    let play = PlayRecording { session, owner, account };
    assert!(authorize(&*house.engine, &audrey, play, &ask).is_ok());
    let gone = PlayRecording { session, owner, account: AccountId::new(&house.env.env()) };
    assert!(authorize(&*house.engine, &audrey, gone, &ask).is_ok(), "its account was deleted");
}

#[tokio::test]
async fn every_way_to_lock_everybody_out_is_refused() {
    let (house, _kept) = on_sqlite().await;
    let ada = strong(&house, "ada");
    let forbid = r#"forbid (principal, action == Doorward::Action::"policy:write", resource is Doorward::Policy);"#;
    let allowed = authorize(&*house.engine, &ada, CreatePolicy {}, &Context::default()).unwrap();
    let name = Name::parse("no-way-back").unwrap();
    let made = policies::create(
        &house.engine,
        &house.db,
        &allowed,
        name,
        String::new(),
        forbid.to_owned(),
    )
    .await;
    assert!(matches!(made, Err(policies::PolicyError::LockOut)), "{made:?}");
    let everyone = policies::find(&house.db, "everyone").await.unwrap();
    let act = WritePolicy { policy: everyone.id };
    let allowed = authorize(&*house.engine, &ada, act, &Context::default()).unwrap();
    let gone = policies::delete(&house.engine, &house.db, &allowed).await;
    assert!(matches!(gone, Err(policies::PolicyError::LockOut)), "nobody could sign in: {gone:?}");
    assert!(policies::find(&house.db, "no-way-back").await.is_err());
}

#[test]
fn templates_are_refused_because_nothing_links_them() {
    let text =
        "permit (principal, action, resource); forbid (principal == ?principal, action, resource);";
    assert!(validate(text).unwrap_err()[0].message.contains("template"));
}

#[test]
fn broken_text_points_at_the_line() {
    let problems =
        validate("permit(principal, action, resource);\n\npermit(principal, actoin, resource);")
            .unwrap_err();
    assert_eq!(problems[0].line, 3, "{problems:?}");
    let problems = validate("permit(principal, action == Doorward::Action::\"sign-in\", resource)\nwhen { context.aall >= 2 };").unwrap_err();
    assert_eq!(problems[0].line, 2, "{problems:?}");
    assert!(validate("").is_err());
    assert!(validate(&"/".repeat(70_000)).is_err());
}

#[test]
fn starter_policies_are_valid_and_every_action_is_in_the_schema() {
    for (name, _, text) in STARTER {
        validate(text).unwrap_or_else(|p| panic!("{name}: {p:?}"));
    }
    for action in Action::ALL {
        assert!(SCHEMA.contains(&format!("\"{action}\"")), "{action} is not in the schema");
    }
}

#[tokio::test]
async fn last_way_to_mend_policies_cannot_be_taken_away() {
    let (house, _kept) = on_sqlite().await;
    let ada = house.engine.world().identity_named("ada").unwrap();
    let proof = Proof {
        factor: "passkey".to_owned(),
        class: FactorClass::PossessionVerified,
        phishing_resistant: true,
        at: house.env.now(),
    };
    let actor = Actor::identity(ada, vec![proof]);
    let policy = policies::find(&house.db, "administrators").await.unwrap();
    let act = WritePolicy { policy: policy.id };
    let allowed = authorize(&*house.engine, &actor, act, &Context::default()).unwrap();
    let error = policies::delete(&house.engine, &house.db, &allowed).await.unwrap_err();
    assert!(matches!(error, policies::PolicyError::LockOut), "{error:?}");
    assert!(policies::find(&house.db, "administrators").await.is_ok());
}

/// The index may leave policies out, never change an answer: every question of
/// the house, asked over the indexed and over the whole set.
#[tokio::test]
async fn index_answers_as_the_whole_set_does() {
    let (house, _kept) = on_sqlite().await;
    let everything = house.engine.with_policies(&[rows::Policy {
        id: PolicyId::new(&house.env.env()),
        name: Name::parse("all").unwrap(),
        description: String::new(),
        // One text whose scopes are all `any` is one candidate list.
        text: STARTER.iter().map(|(_, _, text)| scopeless(text)).collect(),
        enabled: true,
        created_at: house.env.now(),
        updated_at: house.env.now(),
        version: 1,
    }]);
    let mut asked = 0;
    for line in matrix(&house.engine).lines().zip(matrix(&everything).lines()) {
        assert_eq!(line.0, line.1);
        asked += 1;
    }
    assert!(asked > 100);
}

/// Moves a policy's principal scope into its conditions.
fn scopeless(text: &str) -> String {
    let group = |t: String, kind: &str| {
        let mut out = String::new();
        for statement in t.split_inclusive("};").map(str::to_owned) {
            match statement.find(&format!("principal in Doorward::{kind}::\"")) {
                Some(at) => {
                    let scope = statement[at..].split(',').next().unwrap().to_owned();
                    let free = statement.replacen(&scope, "principal", 1);
                    out.push_str(&free.replacen("when {", &format!("when {{ {scope} &&"), 1));
                }
                None => out.push_str(&statement),
            }
        }
        out
    };
    group(group(text.to_owned(), "Group"), "Role")
}

/// Roles and groups of the starter policies against every action.
fn matrix(engine: &Engine) -> String {
    use std::fmt::Write as _;
    let world = engine.world();
    let mut out = String::new();
    let other = world.identity_named("vera").unwrap();
    let about = |name: &str| world.entity_named(name).unwrap();
    let account: AccountId = about("deploy@web-1").id.parse().unwrap();
    for (column, name) in [
        ("administrator", "ada"),
        ("approver", "abe"),
        ("auditor", "audrey"),
        ("engineer", "eve"),
        ("vendor", "vera"),
        ("workload", "pipeline"),
    ] {
        let id = world.identity_named(name).unwrap();
        let other = if other == id { world.identity_named("eve").unwrap() } else { other };
        for action in Action::ALL {
            let resource = match action {
                Action::OpenApplication => Resource { entity: about("rota"), ..Resource::house() },
                Action::OpenSession
                | Action::ForwardPort
                | Action::BreakGlass
                | Action::RotateCredential => Resource::account(account),
                Action::DecideRequest | Action::ReadRequest => Resource {
                    links: [("requester".to_owned(), Entity::new("Identity", other))].into(),
                    parents: vec![about("deploy@web-1")],
                    entity: Entity::new("Request", "r"),
                },
                Action::ReadGrant | Action::RevokeGrant => Resource {
                    links: [("owner".to_owned(), Entity::new("Identity", other))].into(),
                    parents: vec![about("deploy@web-1")],
                    entity: Entity::new("Grant", "g"),
                },
                Action::ReadSession
                | Action::WatchSession
                | Action::EndSession
                | Action::FreezeSession
                | Action::MessageSession
                | Action::PlayRecording => Resource {
                    links: [("owner".to_owned(), Entity::new("Identity", other))].into(),
                    parents: vec![about("deploy@web-1")],
                    entity: Entity::new("PrivilegedSession", "s"),
                },
                Action::ManageOwn => Resource::own(other),
                _ => Resource::house(),
            };
            let proof = Proof {
                factor: "passkey".to_owned(),
                class: FactorClass::PossessionVerified,
                phishing_resistant: true,
                at: engine.now(),
            };
            let proofs = if name == "pipeline" { Vec::new() } else { vec![proof] };
            let question = Question {
                actor: Actor::identity(id, proofs),
                action: *action,
                resource,
                context: Context::default(),
            };
            let explained = engine.explain(&question);
            let answer = match (explained.decision, explained.requirements.as_slice()) {
                ("permit", _) => "permit".to_owned(),
                (_, []) => "-".to_owned(),
                (_, needs) => needs.iter().map(table::word).collect::<Vec<_>>().join(" "),
            };
            writeln!(out, "{column:<14} {:<24} {answer}", action.name()).unwrap();
        }
    }
    out
}

/// abuse case 55: the matrix of roles and actions is a file; a change of the
/// starter policies is a readable difference. UPDATE=1 writes it anew.
#[tokio::test]
async fn matrix_of_roles_and_actions_is_the_checked_in_one() {
    let (house, _kept) = on_sqlite().await;
    let found = matrix(&house.engine);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/matrix.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == found,
        "the matrix differs from crates/policy/matrix.txt; if that is meant: UPDATE=1 cargo test -p doorward-policy\n{found}"
    );
}

/// abuse case 41: a name has one spelling; another one names nothing.
#[tokio::test]
async fn other_spellings_of_a_name_are_nobody() {
    let (house, _kept) = on_sqlite().await;
    for spelling in
        ["Administrator", "ADMINISTRATOR", "administrator ", "admınistrator", "ａdministrator"]
    {
        assert!(Name::parse(spelling).is_err(), "{spelling:?} is a name");
    }
    assert!(house.engine.world().identity_named("Ada").is_none());
}
