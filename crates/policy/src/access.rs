//! Effective access: whether somebody reaches a thing, what it takes, and by what
//! they belong to.
//!
//! Promises: every answer is Cedar's, over the policies in force. What somebody
//! belongs to is found to matter by asking the same question again of somebody who
//! has nothing else, never by reading a policy.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use doorward_core::{
    Action, Actor, Context, Decider as _, Entity, GroupId, Id as _, IdentityId, Name, Network,
    Question, Requirement, Resource, Timestamp,
};
use doorward_store::facts::IdentityFact;

use crate::engine::{Answer, Engine, Facts};
use crate::explain;
use crate::table::proof;
use crate::world::{Principal, World};

/// More ways to one membership are not told.
const MOST_CHAINS: usize = 8;
/// More groups than this are not walked through for them.
const MOST_WALKED: usize = 2_000;
/// The longest that the glass can be broken for.
const LONGEST: Duration = Duration::from_secs(8 * 3_600);

/// Of whom it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Somebody, with all that they belong to.
    Identity(IdentityId),
    /// An employee who is in this group and in nothing else.
    PersonIn(GroupId),
    /// A workload that is in this group and in nothing else.
    WorkloadIn(GroupId),
}

/// What is asked: one thing, by a person with a password and a second factor proven
/// just now or by a workload, which proves nothing of the kind, in these circumstances.
#[derive(Clone, Debug)]
pub struct Reaching {
    /// Of whom.
    pub subject: Subject,
    /// `application:open`, `session:open` or `session:break-glass`.
    pub action: Action,
    /// What: an account or an application.
    pub about: Entity,
    /// From where; from no address when it is none.
    pub network: Network,
    /// What a grant holds, or what breaking the glass says.
    pub context: Context,
}

/// That they reach it, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// What policy asks for before; nothing, when this is empty.
    pub requirements: Vec<Requirement>,
    /// The policies that permit it then.
    pub policies: Vec<String>,
    facts: Facts,
}

/// What is enough for it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "AccessPath")]
pub struct Path {
    /// By what.
    pub via: Via,
    /// How they come to it, from what they are in directly: each of these is needed.
    /// Empty when they need be in nothing.
    pub chains: Vec<Vec<Step>>,
}

/// By what somebody reaches a thing.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AccessVia")]
pub enum Via {
    /// By what they are themselves.
    Direct,
    /// By being in a group.
    Group,
    /// By holding a role.
    Role,
    /// By several of these, none of which is enough alone.
    Combined,
}

/// What kind of membership a step is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AccessStepKind")]
pub enum StepKind {
    /// A group that the step before is in.
    Group,
    /// A role that the step before holds.
    Role,
}

/// One membership.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "AccessStep")]
pub struct Step {
    /// In a group, or holding a role.
    pub kind: StepKind,
    /// Which.
    pub name: Name,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// A group or role that somebody belongs to, by however many steps.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ground {
    kind: StepKind,
    name: Name,
}

impl Reaching {
    /// The same by breaking the glass, with a reason and for as long as can be.
    #[must_use]
    pub fn by_glass(&self) -> Self {
        let context = Context {
            reason: true,
            break_glass: true,
            duration: Some(LONGEST),
            ..Context::default()
        };
        Self { action: Action::BreakGlass, context, ..self.clone() }
    }
}

impl Reached {
    /// Whether a proof is all that is asked for, if anything.
    pub fn stands(&self) -> bool {
        self.requirements.iter().all(proves)
    }
}

fn proves(requirement: &Requirement) -> bool {
    matches!(requirement, Requirement::StepUp | Requirement::PhishingResistant)
}

impl Engine {
    /// Whether the subject reaches the thing. None, when nothing that they could do
    /// would let them, or when they do not count at the moment.
    pub fn reached(&self, asked: &Reaching) -> Option<Reached> {
        if self.refuses_by_clock(asked.action).is_some() {
            return None;
        }
        let principal = self.whole(asked.subject)?;
        let question = self.question(asked, &principal);
        let here = self.resolve_as(&question, &principal)?;
        let facts = here.facts(&question, self.now());
        let answer = here.ask(&facts);
        if answer.permit {
            return Some(Reached { requirements: Vec::new(), policies: answer.policies, facts });
        }
        let requirements = explain::denial(&here, facts.clone(), answer).requirements;
        if requirements.is_empty() || !principal.fact.person && requirements.iter().any(proves) {
            return None;
        }
        let facts = explain::met(facts, &requirements);
        let Answer { permit, policies } = here.ask(&facts);
        permit.then_some(Reached { requirements, policies, facts })
    }

    /// By which of what the subject belongs to they reach it: asked again, under the
    /// facts that make it a yes, of somebody who belongs to nothing, to each thing
    /// alone, and where that is never enough, to less and less. Gives how many
    /// questions that took, too.
    pub fn paths(&self, asked: &Reaching, reached: &Reached) -> (Vec<Path>, usize) {
        let Some(whole) = self.whole(asked.subject) else { return (Vec::new(), 0) };
        let question = self.question(asked, &whole);
        let mut questions = 0;
        let mut enough = |grounds: &[Ground]| {
            questions += 1;
            let less = only(&whole, grounds);
            self.resolve_as(&question, &less).is_some_and(|a| a.ask(&reached.facts).permit)
        };
        if enough(&[]) {
            return (vec![Path { via: Via::Direct, chains: Vec::new() }], questions);
        }
        let all = grounds(&whole);
        let alone: Vec<&Ground> = all.iter().filter(|g| enough(std::slice::from_ref(*g))).collect();
        let (world, now) = (self.world(), self.now());
        if !alone.is_empty() {
            let via = |kind| if kind == StepKind::Group { Via::Group } else { Via::Role };
            let paths = alone.into_iter().flat_map(|ground| {
                let chains = world.chains(asked.subject, ground, now);
                chains.into_iter().map(|c| Path { via: via(ground.kind), chains: vec![c] })
            });
            return (paths.collect(), questions);
        }
        let mut needed = all;
        let mut at = 0;
        while at < needed.len() {
            let mut fewer = needed.clone();
            fewer.remove(at);
            if enough(&fewer) {
                needed = fewer;
            } else {
                at += 1;
            }
        }
        let shortest = |g: &Ground| world.chains(asked.subject, g, now).into_iter().next();
        let chains = needed.iter().filter_map(shortest).collect();
        (vec![Path { via: Via::Combined, chains }], questions)
    }

    fn question(&self, asked: &Reaching, who: &Principal) -> Question {
        let now = self.now();
        let factors: &[&str] = if who.fact.person { &["password", "totp"] } else { &[] };
        let proofs = factors.iter().filter_map(|f| proof(f, now).ok()).collect();
        let actor =
            Actor { network: asked.network.clone(), ..Actor::identity(who.fact.id, proofs) };
        Question {
            actor,
            action: asked.action,
            resource: Resource { entity: asked.about.clone(), ..Resource::house() },
            context: asked.context.clone(),
        }
    }

    fn whole(&self, subject: Subject) -> Option<Principal> {
        let (world, now) = (self.world(), self.now());
        match subject {
            Subject::Identity(id) => world.principal(id, now).ok(),
            Subject::PersonIn(group) => world.somebody_in(group, "employee", now),
            Subject::WorkloadIn(group) => world.somebody_in(group, "", now),
        }
    }
}

/// The same somebody, who belongs to nothing but these.
fn only(whole: &Principal, grounds: &[Ground]) -> Principal {
    let of = |kind| grounds.iter().filter(move |g| g.kind == kind).map(|g| g.name.clone());
    Principal {
        fact: whole.fact.clone(),
        groups: of(StepKind::Group).collect(),
        roles: of(StepKind::Role).collect(),
    }
}

fn grounds(whole: &Principal) -> Vec<Ground> {
    let groups = whole.groups.iter().map(|name| (StepKind::Group, name));
    let roles = whole.roles.iter().map(|name| (StepKind::Role, name));
    groups.chain(roles).map(|(kind, name)| Ground { kind, name: name.clone() }).collect()
}

impl World {
    /// An imagined identity that is in this group and in nothing else: a person of this
    /// relation, a workload when it is empty.
    fn somebody_in(&self, group: GroupId, relation: &str, now: Timestamp) -> Option<Principal> {
        let fact = IdentityFact {
            id: IdentityId::from_uuid(group.uuid()), // ids are never used twice: nobody's
            person: !relation.is_empty(),
            name: self.group_name(group)?.clone(),
            relation: relation.to_owned(),
            enabled: true,
            starts_at: None,
            ends_at: None,
            linked: Vec::new(),
        };
        let (groups, roles) = self.belonging_of(vec![group], Vec::new(), now);
        Some(Principal { fact: Arc::new(fact), groups, roles })
    }

    /// The ways by which the subject comes to the ground, the shortest first.
    fn chains(&self, subject: Subject, ground: &Ground, now: Timestamp) -> Vec<Vec<Step>> {
        let mut found = Vec::new();
        let role = |until| Step { kind: StepKind::Role, name: ground.name.clone(), until };
        let direct = match subject {
            Subject::Identity(id) => {
                let held = self.holds(&(false, id.to_string()), &ground.name, now);
                let held = held.filter(|_| ground.kind == StepKind::Role);
                found.extend(held.map(|until| vec![role(until)]));
                self.groups_of(id)
            }
            Subject::PersonIn(group) | Subject::WorkloadIn(group) => vec![group],
        };
        let mut waiting: VecDeque<Vec<GroupId>> = direct.into_iter().map(|g| vec![g]).collect();
        let mut walked = 0;
        while let Some(way) = waiting.pop_front() {
            walked += 1;
            let Some(last) = way.last().copied() else { continue };
            let step = |g: &GroupId| {
                let name = self.group_name(*g)?.clone();
                Some(Step { kind: StepKind::Group, name, until: None })
            };
            match ground.kind {
                StepKind::Group if self.group_name(last) == Some(&ground.name) => {
                    found.push(way.iter().filter_map(step).collect());
                }
                StepKind::Role => {
                    if let Some(until) = self.holds(&(true, last.to_string()), &ground.name, now) {
                        found.push(way.iter().filter_map(step).chain([role(until)]).collect());
                    }
                }
                StepKind::Group => {}
            }
            if found.len() >= MOST_CHAINS || walked >= MOST_WALKED {
                break;
            }
            for above in self.groups_directly_above(last) {
                if !way.contains(&above) {
                    waiting.push_back(way.iter().copied().chain([above]).collect());
                }
            }
        }
        found.sort_by_key(Vec::len);
        found
    }
}
