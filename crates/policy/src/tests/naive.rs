//! abuse case A16: the decider, which keeps a world in memory and looks only at
//! policies whose scope can fit, answers as Cedar does when it is given everything:
//! every policy and every entity, with the edges as they are in the rows.

use std::collections::{HashMap, HashSet};
use std::str::FromStr as _;

use cedar_policy::{
    Authorizer, Context as CedarContext, Decision, Entities, Entity as CedarEntity, EntityId,
    EntityTypeName, EntityUid, PolicySet, Request, RestrictedExpression,
};
use doorward_store::testing::TestDb;

use super::*;

const WORLDS: usize = 12;
const SETS: usize = 10;
const QUESTIONS: usize = 25;

/// SplitMix64: a seed that a failure can name again.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }
    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

struct Somebody {
    id: IdentityId,
    person: bool,
    name: String,
    relation: &'static str,
    counts: bool,
    groups: Vec<usize>,
}

/// The organisation as the test knows it.
struct Model {
    people: Vec<Somebody>,
    /// The groups that each group is directly in.
    groups: Vec<Vec<usize>>,
    /// Who holds each role now: people and groups, by their place.
    roles: Vec<(Vec<usize>, Vec<usize>)>,
    /// Labels, and whether it is switched on.
    targets: Vec<(Vec<String>, bool)>,
    accounts: Vec<(AccountId, usize)>,
    applications: Vec<(ApplicationId, bool)>,
}

fn uid(kind: &str, id: impl std::fmt::Display) -> EntityUid {
    let kind = EntityTypeName::from_str(&format!("Doorward::{kind}")).unwrap();
    EntityUid::from_type_name_and_id(kind, EntityId::new(id.to_string()))
}

fn text(s: impl Into<String>) -> RestrictedExpression {
    RestrictedExpression::new_string(s.into())
}

fn label(n: usize) -> String {
    format!("env={}", ["prod", "dev"][n % 2])
}

impl Model {
    /// Draws one and writes it into the database.
    async fn draw(chance: &mut Chance, env: &TestEnv) -> (Self, TestDb) {
        let kept = sqlite(&env.env()).await;
        let (e, now) = (env.env(), env.now());
        let groups: Vec<Vec<usize>> =
            (0..5).map(|g| (0..g).filter(|_| chance.one_in(3)).collect()).collect();
        let mut people = Vec::new();
        for n in 0..6 {
            let person = n < 4;
            people.push(Somebody {
                id: IdentityId::new(&e),
                person,
                name: format!("who-{n}"),
                relation: if person { "employee" } else { "" },
                counts: !chance.one_in(6),
                groups: (0..5).filter(|_| chance.one_in(3)).collect(),
            });
        }
        let mut held = Vec::new();
        let mut roles = Vec::new();
        for _ in 0..4 {
            let (mut to_people, mut to_groups, mut rows) = (Vec::new(), Vec::new(), Vec::new());
            for n in 0..6 {
                if chance.one_in(4) {
                    // One in three has ended.
                    let over = chance.one_in(3);
                    rows.push((false, n, over));
                    to_people.extend((!over).then_some(n));
                }
            }
            for n in 0..5 {
                if chance.one_in(4) {
                    let over = chance.one_in(3);
                    rows.push((true, n, over));
                    to_groups.extend((!over).then_some(n));
                }
            }
            roles.push((to_people, to_groups));
            held.push(rows);
        }
        let targets: Vec<(Vec<String>, bool)> =
            (0..2).map(|n| (vec![label(n)], !chance.one_in(5))).collect();
        let accounts: Vec<(AccountId, usize)> =
            (0..3).map(|n| (AccountId::new(&e), n % 2)).collect();
        let applications: Vec<(ApplicationId, bool)> =
            (0..2).map(|_| (ApplicationId::new(&e), !chance.one_in(5))).collect();
        let group_ids: Vec<GroupId> = groups.iter().map(|_| GroupId::new(&e)).collect();
        let model = Self { people, groups, roles, targets, accounts, applications };
        let rows: Vec<_> = model
            .people
            .iter()
            .map(|p| (p.id, p.person, p.name.clone(), p.relation, p.counts, p.groups.clone()))
            .collect();
        let (nested, targets) = (model.groups.clone(), model.targets.clone());
        let (accounts, applications) = (model.accounts.clone(), model.applications.clone());
        kept.db
            .write(move |c| {
                for (n, id) in group_ids.iter().enumerate() {
                    c.execute("INSERT INTO team (id, name, description, created_at, version) VALUES ($1, $2, '', $3, 1)", args![*id, format!("g{n}"), now])?;
                }
                for (n, above) in nested.iter().enumerate() {
                    for a in above {
                        c.execute("INSERT INTO team_team (team, member) VALUES ($1, $2)", args![group_ids[*a], group_ids[n]])?;
                    }
                }
                for (id, person, name, relation, counts, groups) in &rows {
                    c.execute(
                        "INSERT INTO identity (id, kind, name, display_name, relation, enabled, attributes, created_at, updated_at, version)
                         VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $7, 1)",
                        args![*id, if *person { "person" } else { "workload" }, name, *relation, *counts, Json(json!({})), now],
                    )?;
                    for g in groups {
                        c.execute("INSERT INTO team_identity (team, identity) VALUES ($1, $2)", args![group_ids[*g], *id])?;
                    }
                }
                for (n, holders) in held.iter().enumerate() {
                    let id = RoleId::new(&e);
                    c.execute("INSERT INTO role (id, name, description, created_at, version) VALUES ($1, $2, '', $3, 1)", args![id, format!("r{n}"), now])?;
                    for (group, who, over) in holders {
                        let ends = over.then_some(now);
                        let sql = "INSERT INTO role_holder (role, holder_kind, holder, ends_at) VALUES ($1, $2, $3, $4)";
                        match group {
                            true => c.execute(sql, args![id, "group", group_ids[*who], ends])?,
                            false => c.execute(sql, args![id, "identity", rows[*who].0, ends])?,
                        };
                    }
                }
                let mut ids = Vec::new();
                for (n, (labels, enabled)) in targets.iter().enumerate() {
                    let id = TargetId::new(&e);
                    let (_, value) = labels[0].split_once('=').unwrap();
                    c.execute(
                        "INSERT INTO target (id, name, kind, description, settings, labels, enabled, created_at, version)
                         VALUES ($1, $2, 'ssh', '', $3, $4, $5, $6, 1)",
                        args![id, format!("t{n}"), Json(json!({})), Json(json!({ "env": value })), *enabled, now],
                    )?;
                    ids.push(id);
                }
                for (n, (id, target)) in accounts.iter().enumerate() {
                    c.execute(
                        "INSERT INTO account (id, target, name, labels, created_at, version) VALUES ($1, $2, $3, $4, $5, 1)",
                        args![*id, ids[*target], format!("a{n}"), Json(json!({})), now],
                    )?;
                }
                for (n, (id, enabled)) in applications.iter().enumerate() {
                    c.execute(
                        "INSERT INTO application (id, name, title, description, settings, enabled, created_at, version)
                         VALUES ($1, $2, $2, '', $3, $4, $5, 1)",
                        args![*id, format!("r{n}"), Json(json!({})), *enabled, now],
                    )?;
                }
                Ok::<_, doorward_store::Error>(())
            })
            .await
            .unwrap();
        (model, kept)
    }

    fn kind(&self, n: usize) -> &'static str {
        if self.people[n].person { "Person" } else { "Workload" }
    }

    fn account_name(&self, n: usize) -> String {
        format!("a{n}@t{}", self.accounts[n].1)
    }

    /// Every entity that there is, with its direct parents alone.
    fn entities(&self) -> Vec<CedarEntity> {
        let mut all = Vec::new();
        let mut add = |uid: EntityUid, attributes, parents: Vec<EntityUid>| {
            let parents: HashSet<EntityUid> = parents.into_iter().collect();
            all.push(CedarEntity::new(uid, attributes, parents).unwrap());
        };
        for n in 0..self.roles.len() {
            add(uid("Role", format!("r{n}")), HashMap::new(), Vec::new());
        }
        let roles_of = |person: Option<usize>, group: Option<usize>| -> Vec<EntityUid> {
            let holds = |(people, groups): &(Vec<usize>, Vec<usize>)| {
                person.is_some_and(|p| people.contains(&p))
                    || group.is_some_and(|g| groups.contains(&g))
            };
            let held = self.roles.iter().enumerate().filter(|(_, r)| holds(r));
            held.map(|(n, _)| uid("Role", format!("r{n}"))).collect()
        };
        for (n, above) in self.groups.iter().enumerate() {
            let mut parents: Vec<_> = above.iter().map(|g| uid("Group", format!("g{g}"))).collect();
            parents.extend(roles_of(None, Some(n)));
            add(uid("Group", format!("g{n}")), HashMap::new(), parents);
        }
        for (n, p) in self.people.iter().enumerate() {
            let mut parents: Vec<_> =
                p.groups.iter().map(|g| uid("Group", format!("g{g}"))).collect();
            parents.extend(roles_of(Some(n), None));
            let mut attributes = HashMap::from([
                ("id".to_owned(), text(p.id.to_string())),
                ("name".to_owned(), text(&p.name)),
            ]);
            if p.person {
                attributes.insert("relation".to_owned(), text(p.relation));
            }
            add(uid(self.kind(n), p.id), attributes, parents);
        }
        let labels = |t: usize| {
            RestrictedExpression::new_set(self.targets[t].0.iter().map(|l| text(l.clone())))
        };
        for n in 0..self.targets.len() {
            let attributes = HashMap::from([
                ("name".to_owned(), text(format!("t{n}"))),
                ("kind".to_owned(), text("ssh")),
                ("labels".to_owned(), labels(n)),
            ]);
            add(uid("Target", format!("t{n}")), attributes, Vec::new());
        }
        for (n, (_, target)) in self.accounts.iter().enumerate() {
            let attributes = HashMap::from([
                ("name".to_owned(), text(format!("a{n}"))),
                ("target".to_owned(), text(format!("t{target}"))),
                ("kind".to_owned(), text("ssh")),
                ("labels".to_owned(), labels(*target)),
            ]);
            let parents = vec![uid("Target", format!("t{target}"))];
            add(uid("Account", self.account_name(n)), attributes, parents);
        }
        for n in 0..self.applications.len() {
            let named = |kind| RestrictedExpression::new_entity_uid(uid(kind, format!("r{n}")));
            let attributes = HashMap::from([
                ("name".to_owned(), text(format!("r{n}"))),
                ("role".to_owned(), named("Role")),
                ("group".to_owned(), named("Group")),
            ]);
            add(uid("Application", format!("r{n}")), attributes, Vec::new());
        }
        add(uid("House", "doorward"), HashMap::new(), Vec::new());
        all
    }

    fn statement(&self, chance: &mut Chance) -> String {
        let (group, role) = (chance.below(5), chance.below(4));
        let who = chance.below(6);
        let principal = match chance.below(8) {
            0 | 1 => "principal".to_owned(),
            2 => "principal is Doorward::Person".to_owned(),
            3 => "principal is Doorward::Workload".to_owned(),
            4 => format!("principal == Doorward::{}::\"{}\"", self.kind(who), self.people[who].id),
            5 => format!("principal in Doorward::Group::\"g{group}\""),
            6 => format!("principal in Doorward::Role::\"r{role}\""),
            _ => format!("principal is Doorward::Person in Doorward::Group::\"g{group}\""),
        };
        let named = |a: &Action| format!("Doorward::Action::\"{a}\"");
        let action = match chance.below(4) {
            0 => "action".to_owned(),
            1 | 2 => format!("action == {}", named(chance.pick(ASKED))),
            _ => {
                format!("action in [{}, {}]", named(chance.pick(ASKED)), named(chance.pick(ASKED)))
            }
        };
        let (account, target) = (chance.below(3), chance.below(2));
        let resource = match chance.below(10) {
            0..=3 => "resource".to_owned(),
            4 => format!("resource == Doorward::Account::\"{}\"", self.account_name(account)),
            5 => format!("resource in Doorward::Target::\"t{target}\""),
            6 => "resource is Doorward::Account".to_owned(),
            7 => format!("resource is Doorward::Account in Doorward::Target::\"t{target}\""),
            8 => format!("resource == Doorward::Application::\"r{target}\""),
            _ => format!("resource in Doorward::Account::\"{}\"", self.account_name(account)),
        };
        let condition = match chance.below(10) {
            0..=2 => "",
            3 => " when { context.aal >= 2 }",
            4 => " when { context.reason && context.approvals >= 1 }",
            5 => " unless { context has proof_age && context.proof_age <= 300 }",
            6 => " when { principal.name like \"who-*\" && context.phishing_resistant }",
            7 => " when { resource has labels && resource.labels.contains(\"env=prod\") }",
            8 => " when { context has duration && context.duration < 3600 }",
            _ => " when { context.date.toTime() < duration(\"12h\") || context.now < 0 }",
        };
        let effect = if chance.one_in(4) { "forbid" } else { "permit" };
        format!("{effect} ({principal}, {action}, {resource}){condition};")
    }

    fn question(&self, chance: &mut Chance, env: &TestEnv) -> (usize, Question) {
        let who = chance.below(6);
        let action = *chance.pick(ASKED);
        let account = chance.below(3);
        let other = self.people[chance.below(6)].id;
        let about = Entity::new("Account", self.accounts[account].0);
        let resource = match action {
            Action::SignIn | Action::ReadIdentity => Resource::house(),
            Action::OpenApplication => Resource::application(self.applications[chance.below(2)].0),
            Action::DecideRequest => Resource::request(RequestId::new(&env.env()), other, about),
            Action::WatchSession => Resource::privileged_session(
                PrivilegedSessionId::new(&env.env()),
                other,
                self.accounts[account].0,
            ),
            Action::ManageOwn => Resource::own(other),
            Action::DisableIdentity => Resource::identity(other),
            _ => Resource::account(self.accounts[account].0),
        };
        const FACTORS: [&[&str]; 4] = [&[], &["password"], &["password", "totp"], &["passkey"]];
        let factors = FACTORS[chance.below(4)];
        let at = env.now() - Duration::from_secs(if chance.one_in(2) { 10 } else { 900 });
        let proofs = factors.iter().map(|f| proof(f, at).unwrap()).collect();
        let duration = [None, Some(600), Some(7_200)][chance.below(3)];
        let question = Question {
            actor: Actor::identity(self.people[who].id, proofs),
            action,
            resource,
            context: Context {
                reason: chance.one_in(2),
                approvals: u32::try_from(chance.below(3)).unwrap(),
                duration: duration.map(Duration::from_secs),
                managed_device: false,
                break_glass: chance.one_in(3),
            },
        };
        (who, question)
    }

    /// What Cedar says when it is given everything.
    fn naive(&self, policies: &PolicySet, who: usize, q: &Question, now: Timestamp) -> bool {
        let switched_off = |target: usize| !self.targets[target].1;
        let mut entities = self.entities();
        let of = |e: &Entity| -> EntityUid {
            match e.kind.as_str() {
                "Account" => {
                    let found = self.accounts.iter().position(|a| a.0.to_string() == e.id);
                    uid("Account", self.account_name(found.unwrap()))
                }
                "Application" => {
                    let found = self.applications.iter().position(|a| a.0.to_string() == e.id);
                    uid("Application", format!("r{}", found.unwrap()))
                }
                "Identity" => {
                    let found = self.people.iter().position(|p| p.id.to_string() == e.id);
                    uid(self.kind(found.unwrap()), &e.id)
                }
                kind => uid(kind, &e.id),
            }
        };
        let resource = of(&q.resource.entity);
        if !entities.iter().any(|e| e.uid() == resource) {
            let links = q.resource.links.iter().map(|(k, l)| (k.clone(), text(&l.id)));
            let parents = q.resource.parents.iter().map(of).collect();
            entities.push(CedarEntity::new(resource.clone(), links.collect(), parents).unwrap());
        }
        // What is no matter of policy.
        if !self.people[who].counts {
            return false;
        }
        match q.action {
            Action::OpenSession | Action::BreakGlass => {
                let id = &q.resource.entity.id;
                let account = self.accounts.iter().find(|a| a.0.to_string() == *id).unwrap();
                if switched_off(account.1) {
                    return false;
                }
            }
            Action::OpenApplication => {
                let id = &q.resource.entity.id;
                if self.applications.iter().any(|a| a.0.to_string() == *id && !a.1) {
                    return false;
                }
            }
            Action::DecideRequest => {
                if q.resource.links["requester"].id == self.people[who].id.to_string() {
                    return false;
                }
            }
            _ => {}
        }
        let long = RestrictedExpression::new_long;
        let date = Timestamp::from_secs(now.secs()).to_string();
        let mut context = vec![
            ("now", long(now.secs())),
            ("date", RestrictedExpression::new_datetime(date)),
            ("aal", long(q.actor.assurance().level())),
            ("phishing_resistant", RestrictedExpression::new_bool(q.actor.phishing_resistant())),
            ("reason", RestrictedExpression::new_bool(q.context.reason)),
            ("approvals", long(i64::from(q.context.approvals))),
            ("managed_device", RestrictedExpression::new_bool(false)),
            ("break_glass", RestrictedExpression::new_bool(q.context.break_glass)),
        ];
        if let Some(age) = q.actor.proof_age(now) {
            context.push(("proof_age", long(i64::try_from(age.as_secs()).unwrap())));
        }
        if let Some(d) = q.context.duration {
            context.push(("duration", long(i64::try_from(d.as_secs()).unwrap())));
        }
        let context = context.into_iter().map(|(k, v)| (k.to_owned(), v));
        let request = Request::new(
            uid(self.kind(who), self.people[who].id),
            uid("Action", q.action.name()),
            resource,
            CedarContext::from_pairs(context).unwrap(),
            None,
        )
        .unwrap();
        let entities = Entities::from_entities(entities, None).unwrap();
        let response = Authorizer::new().is_authorized(&request, policies, &entities);
        let broken = response.diagnostics().errors().next().is_some();
        response.decision() == Decision::Allow && !broken
    }
}

const ASKED: &[Action] = &[
    Action::SignIn,
    Action::OpenApplication,
    Action::OpenSession,
    Action::BreakGlass,
    Action::DecideRequest,
    Action::WatchSession,
    Action::ManageOwn,
    Action::DisableIdentity,
    Action::ReadIdentity,
    Action::RotateCredential,
];

/// abuse case A16: three thousand random questions to random policies over random
/// organisations. `DOORWARD_SEED` asks them again.
#[tokio::test]
async fn decider_answers_as_cedar_does_when_it_is_given_everything() {
    let env = TestEnv::default();
    let seed = std::env::var("DOORWARD_SEED").ok().and_then(|s| s.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from_be_bytes(env.env().bytes()));
    println!("DOORWARD_SEED={seed}");
    let mut chance = Chance(seed);
    let (mut asked, mut permitted) = (0, 0);
    for _ in 0..WORLDS {
        let (model, kept) = Model::draw(&mut chance, &env).await;
        let engine = Engine::new(env.env());
        engine.load(&kept.db).await.unwrap();
        for _ in 0..SETS {
            let wanted = 3 + chance.below(10);
            let mut texts = Vec::new();
            while texts.len() < wanted {
                let text = model.statement(&mut chance);
                texts.extend(validate(&text).is_ok().then_some(text));
            }
            let rows: Vec<_> =
                (0..).zip(&texts).map(|(n, text)| rule(&env, &format!("p{n}"), text)).collect();
            let engine = engine.with_policies(&rows);
            let everything = PolicySet::from_str(&texts.join("\n")).unwrap();
            for _ in 0..QUESTIONS {
                let (who, question) = model.question(&mut chance, &env);
                let answer = matches!(engine.decide(&question), Verdict::Permit { .. });
                let naive = model.naive(&everything, who, &question, env.now());
                assert_eq!(answer, naive, "{question:#?}\n{}", texts.join("\n"));
                assert_eq!(engine.stands(&question, env.now()).permitted, naive);
                asked += 1;
                permitted += usize::from(answer);
            }
        }
    }
    assert!(asked >= 2_000 && permitted * 20 > asked, "{permitted} of {asked} were permitted");
}
