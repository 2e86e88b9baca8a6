//! Decisions in process, against Cedar that has no policy to look at.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use cedar_policy::{
    Authorizer, Context as CedarContext, Entities, Entity as CedarEntity, EntityUid, PolicySet,
    Request, RestrictedExpression,
};
use doorward_core::{
    AccountId, Act as _, Actor, Context, Decider, FactorClass, GroupId, IdentityId, Name,
    OpenSession, PolicyId, Proof, Question, TargetId, Timestamp, Verdict,
};
use doorward_policy::Engine;
use doorward_store::identity::{Identity, IdentityKind, Relation};
use doorward_store::{account, identity, policy, target, team};

use crate::figure::{Figure, Goal};
use crate::stats;
use doorward_testsuite::Home;

const IDENTITIES: usize = 10_000;
const GROUPS: usize = 100;
const TARGETS: usize = 200;
const LONG: Duration = Duration::from_secs(3);

/// Whom and what the questions are about.
struct Ground {
    people: Vec<IdentityId>,
    accounts: Vec<AccountId>,
    at: Timestamp,
}

/// Ten thousand people in a hundred groups, two hundred targets.
async fn furnish(home: &Home) -> anyhow::Result<Ground> {
    let env = home.house.state.env.clone();
    let now = env.now();
    let write = home.house.state.db.write(move |c| {
        let named = |text: String| {
            Name::parse(&text).map_err(|e| doorward_store::Error::Other(e.to_string()))
        };
        let mut groups = Vec::new();
        for n in 0..GROUPS {
            let id = GroupId::new(&env);
            let name = named(format!("team-{n}"))?;
            let description = String::new();
            team::insert(c, &team::Group { id, name, description, created_at: now, version: 1 })?;
            groups.push(id);
        }
        let mut people = Vec::new();
        for n in 0..IDENTITIES {
            let id = IdentityId::new(&env);
            let person = Identity {
                id,
                kind: IdentityKind::Person,
                name: named(format!("person-{n}"))?,
                display_name: format!("Person {n}"),
                email: None,
                relation: Some(Relation::Employee),
                owner: None,
                enabled: true,
                starts_at: None,
                ends_at: None,
                attributes: Default::default(),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            identity::insert(c, &person)?;
            for step in [0, 37, 61] {
                if let Some(group) = groups.get((n + step) % GROUPS) {
                    team::add_identity(c, *group, id)?;
                }
            }
            people.push(id);
        }
        let mut accounts = Vec::new();
        for n in 0..TARGETS {
            let id = TargetId::new(&env);
            let kind = if n % 2 == 0 { "prod" } else { "dev" };
            let host = target::Target {
                id,
                name: named(format!("host-{n}"))?,
                kind: "ssh".to_owned(),
                description: String::new(),
                settings: serde_json::json!({}),
                labels: [("env".to_owned(), kind.to_owned())].into(),
                enabled: true,
                created_at: now,
                version: 1,
            };
            target::insert(c, &host)?;
            let login = account::Account {
                id: AccountId::new(&env),
                target: id,
                name: "deploy".to_owned(),
                labels: Default::default(),
                secret: None,
                created_at: now,
                version: 1,
            };
            account::insert(c, &login)?;
            accounts.push(login.id);
        }
        Ok::<_, doorward_store::Error>((people, accounts))
    });
    let (people, accounts) = write.await?;
    home.house.state.engine.load(&home.house.state.db).await?;
    Ok(Ground { people, accounts, at: now })
}

/// Policies as an organisation writes them: a team, a target, what is asked.
fn policies(env: &doorward_core::Env, count: usize) -> anyhow::Result<Vec<policy::Policy>> {
    (0..count)
        .map(|n| {
            let (team, host) = (n % GROUPS, (n / GROUPS * 7 + n) % TARGETS);
            let text = format!(
                "permit (principal in Doorward::Group::\"team-{team}\", \
                   action == Doorward::Action::\"session:open\", \
                   resource in Doorward::Target::\"host-{host}\")\n\
                 when {{ context.aal >= 2 && context.reason && context has duration \
                   && context.duration <= 14400 }};"
            );
            let now = env.now();
            Ok(policy::Policy {
                id: PolicyId::new(env),
                name: Name::parse(&format!("p-{n}"))?,
                description: String::new(),
                text,
                enabled: true,
                created_at: now,
                updated_at: now,
                version: 1,
            })
        })
        .collect()
}

impl Ground {
    fn question(&self, n: usize) -> anyhow::Result<Question> {
        let person = self.people.get(n * 7919 % self.people.len()).context("a person")?;
        let account = self.accounts.get(n * 31 % self.accounts.len()).context("an account")?;
        let proof = Proof {
            factor: "passkey".to_owned(),
            class: FactorClass::PossessionVerified,
            phishing_resistant: true,
            at: self.at,
        };
        Ok(Question {
            actor: Actor::identity(*person, vec![proof]),
            action: <OpenSession as doorward_core::Act>::ACTION,
            resource: OpenSession { account: *account }.resource(),
            context: Context {
                reason: true,
                approvals: 1,
                duration: Some(Duration::from_secs(3600)),
                ..Context::default()
            },
        })
    }

    /// Questions that these policies permit, and ones that they deny.
    fn sorted(&self, engine: &Engine) -> anyhow::Result<(Vec<Question>, Vec<Question>)> {
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        for n in 0..200_000 {
            let question = self.question(n)?;
            let list = match engine.decide(&question) {
                Verdict::Permit { .. } => &mut yes,
                Verdict::Deny(_) => &mut no,
            };
            if list.len() < 64 {
                list.push(question);
            }
            if yes.len() == 64 && no.len() == 64 {
                return Ok((yes, no));
            }
        }
        anyhow::bail!("the policies permit too little to measure with")
    }
}

/// Denials that a reason would turn, so that there is something to explain.
fn silent(questions: &[Question]) -> Vec<Question> {
    let quiet = |q: &Question| {
        let mut q = q.clone();
        q.context.reason = false;
        q
    };
    questions.iter().map(quiet).collect()
}

fn round<'a>(questions: &'a [Question]) -> impl Iterator<Item = &'a Question> + 'a {
    questions.iter().cycle()
}

fn decisions(engine: &Engine, questions: &[Question]) -> f64 {
    let mut next = round(questions);
    stats::spin(LONG, || {
        if let Some(question) = next.next() {
            std::hint::black_box(engine.decide(question));
        }
    })
}

/// Cedar itself on the same questions: the request, the context and the two
/// entities made for each, and no policy.
fn bare(questions: &[Question]) -> anyhow::Result<f64> {
    let uid = |kind: &str, id: &str| {
        EntityUid::from_str(&format!("Doorward::{kind}::{id:?}")).map_err(Box::new)
    };
    let groups: Vec<EntityUid> = ["team-1", "team-38", "team-62"]
        .iter()
        .map(|g| uid("Group", g))
        .collect::<Result<_, _>>()?;
    let action = uid("Action", "session:open")?;
    let none = PolicySet::new();
    let host = uid("Target", "host-1")?;
    let person = uid(
        "Person",
        &questions.first().map(|q| format!("{:?}", q.actor.id())).context("a question")?,
    )?;
    let account = uid("Account", "deploy@host-1")?;
    let ask = || -> Option<bool> {
        let pairs = [
            ("now", RestrictedExpression::new_long(1)),
            ("aal", RestrictedExpression::new_long(2)),
            ("phishing_resistant", RestrictedExpression::new_bool(true)),
            ("reason", RestrictedExpression::new_bool(true)),
            ("approvals", RestrictedExpression::new_long(1)),
            ("managed_device", RestrictedExpression::new_bool(false)),
            ("break_glass", RestrictedExpression::new_bool(false)),
            ("proof_age", RestrictedExpression::new_long(1)),
            ("duration", RestrictedExpression::new_long(3600)),
        ];
        let context = CedarContext::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v))).ok()?;
        let text = |t: &str| RestrictedExpression::new_string(t.to_owned());
        let who = CedarEntity::new(
            person.clone(),
            [("id", text("x")), ("name", text("x")), ("relation", text("employee"))]
                .map(|(k, v)| (k.to_owned(), v))
                .into(),
            groups.iter().cloned().collect(),
        )
        .ok()?;
        let what = CedarEntity::new(
            account.clone(),
            [
                ("name", text("deploy")),
                ("target", text("host-1")),
                ("kind", text("ssh")),
                ("labels", RestrictedExpression::new_set([text("env=prod")])),
            ]
            .map(|(k, v)| (k.to_owned(), v))
            .into(),
            [host.clone()].into(),
        )
        .ok()?;
        let entities = Entities::from_entities([who, what], None).ok()?;
        let request =
            Request::new(person.clone(), action.clone(), account.clone(), context, None).ok()?;
        let answer = Authorizer::new().is_authorized(&request, &none, &entities);
        Some(answer.decision() == cedar_policy::Decision::Allow)
    };
    anyhow::ensure!(ask() == Some(false), "the baseline does not decide");
    Ok(stats::spin(LONG, || {
        std::hint::black_box(ask());
    }))
}

async fn off<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    Ok(tokio::task::spawn_blocking(work).await?)
}

/// The figures.
pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let home = Home::new().await?;
    let ground = Arc::new(furnish(&home).await?);
    let env = home.house.state.env.clone();
    let mut figures = Vec::new();
    for (count, most) in [(200, 2.5), (2_000, 4.0)] {
        let engine = home.house.state.engine.with_policies(&policies(&env, count)?);
        let (yes, _) = ground.sorted(&engine)?;
        let denied = silent(&yes);
        let yes = Arc::new(yes);
        let (baseline, one) = {
            let (engine, yes) = (engine.clone(), yes.clone());
            off(move || Ok::<_, anyhow::Error>((bare(&yes)?, decisions(&engine, &yes)))).await??
        };
        let micros = |rate: f64| 1e6 / rate;
        figures.push(Figure::beside(
            format!("a decision, {count} policies"),
            micros(one),
            "µs",
            (micros(baseline), "Cedar with an empty policy set"),
            Goal::RatioAtMost(most),
        ));
        let both: f64 = {
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let (engine, yes) = (engine.clone(), yes.clone());
                    off(move || decisions(&engine, &yes))
                })
                .collect();
            futures::future::try_join_all(threads).await?.iter().sum()
        };
        figures.push(Figure::beside(
            format!("decisions of two threads, {count} policies"),
            both,
            "1/s",
            (one, "one thread"),
            Goal::RatioAtLeast(1.8),
        ));
        let explained = off(move || decisions(&engine, &denied)).await?;
        figures.push(Figure::beside(
            format!("a denial with its explanation, {count} policies"),
            micros(explained),
            "µs",
            (micros(one), "a decision"),
            Goal::RatioAtMost(10.0),
        ));
    }
    home.house.stop().await;
    Ok(figures)
}
