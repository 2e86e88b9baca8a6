//! The decider.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use cedar_policy::{
    Authorizer, Context as CedarContext, Decision, Entities, Entity as CedarEntity, EntityId,
    EntityTypeName, EntityUid, Policy, PolicyId as CedarId, PolicySet, Request,
    RestrictedExpression,
};
use doorward_core::{
    Action, Actor, Context, Decider, Denied, Entity, Env, IdentityId, Question, Timestamp, Verdict,
    Who,
};
use doorward_store::change::{self, Change};
use doorward_store::{Db, policy as rows};

use crate::index::Index;
use crate::validate;
use crate::world::{Absent, Principal, Thing, World};

/// Sets of candidate policies that each worker keeps.
const KEPT_SETS: usize = 256;

/// Cedar, over a world in memory.
pub struct Engine {
    env: Env,
    world: ArcSwap<World>,
    policies: ArcSwap<InForce>,
}

/// The policies in force, and which edition of them it is.
struct InForce {
    /// Zero before there were any.
    edition: u64,
    index: Index,
    timed_actions: Vec<Action>,
}

/// What a question becomes once its references are resolved: asked as often as
/// needed, under different facts.
pub(crate) struct Asked {
    principal: EntityUid,
    action: EntityUid,
    resource: EntityUid,
    entities: Entities,
    set: Arc<PolicySet>,
    address: Option<std::net::IpAddr>,
    now: Timestamp,
    timed: bool,
    managed_device: bool,
}

/// How something that lasts stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is still permitted.
    pub permitted: bool,
    /// Whether that may change although no fact changes: a policy that matters
    /// asks for the time.
    pub timed: bool,
}

/// The facts of one asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) aal: i64,
    pub(crate) phishing_resistant: bool,
    pub(crate) proof_age: Option<i64>,
    pub(crate) context: Context,
}

/// One answer of Cedar's.
pub(crate) struct Answer {
    pub(crate) permit: bool,
    pub(crate) policies: Vec<String>,
}

impl Engine {
    /// An engine that knows nobody and permits nothing.
    pub fn new(env: Env) -> Arc<Self> {
        Arc::new(Self {
            env,
            world: ArcSwap::from_pointee(World::default()),
            policies: ArcSwap::from_pointee(InForce {
                edition: 0,
                index: Index::new(Vec::new()),
                timed_actions: Vec::new(),
            }),
        })
    }

    /// Reads the world and the policies from the database.
    pub async fn load(&self, db: &Db) -> doorward_store::Result<()> {
        let (world, policies) =
            db.read(|c| Ok::<_, doorward_store::Error>((World::load(c)?, rows::whole(c)?))).await?;
        self.world.store(Arc::new(world));
        self.enforce_whole(policies);
        Ok(())
    }

    /// Puts these into force. None, when they are not what the house kept: those that
    /// are in force stay, and where there are none, everything is denied, since what is
    /// missing may forbid.
    fn enforce_whole(&self, policies: Option<Vec<rows::Policy>>) {
        match policies {
            Some(policies) => self.enforce(&policies),
            None if self.policies.load().edition == 0 => {}
            None => tracing::error!(
                "the policies in the database are not those that were kept; \
                 those from before stay in force"
            ),
        }
    }

    /// Reads again what these changes touch.
    pub async fn refresh(&self, db: &Db, changes: &[Change]) -> doorward_store::Result<()> {
        let unsealed = |c: &Change| c.kind == "seal" && c.id == change::UNSEALED;
        if changes.iter().any(unsealed) {
            return self.load(db).await;
        }
        let mine: Vec<(String, String)> = changes
            .iter()
            .filter(|c| KINDS.contains(&c.kind.as_str()))
            .map(|c| (c.kind.clone(), c.id.clone()))
            .collect();
        if mine.is_empty() {
            return Ok(());
        }
        let policies_too = mine.iter().any(|(kind, _)| kind == "policy");
        let before = self.world.load_full();
        let (world, policies) = db
            .read(move |c| {
                let mut world = (*before).clone();
                world.refresh(c, mine.iter().map(|(k, i)| (k.as_str(), i.as_str())))?;
                let policies = if policies_too { Some(rows::whole(c)?) } else { None };
                Ok::<_, doorward_store::Error>((world, policies))
            })
            .await?;
        self.world.store(Arc::new(world));
        if let Some(policies) = policies {
            self.enforce_whole(policies);
        }
        Ok(())
    }

    /// Puts these policies into force, and no others. One that does not parse
    /// (a newer schema wrote it) is left out when it permits, and turns
    /// everything off when it cannot be told that it does not forbid.
    pub fn enforce(&self, policies: &[rows::Policy]) {
        static EDITION: AtomicU64 = AtomicU64::new(1);
        let mut parsed = Vec::new();
        for row in policies.iter().filter(|p| p.enabled) {
            match statements(row.name.as_str(), &row.text) {
                Some(found) => parsed.extend(found),
                None => {
                    tracing::error!(policy = %row.name, "policy cannot be read: everything is denied until it is mended");
                    parsed.extend(Policy::parse(
                        Some(CedarId::new("unreadable")),
                        "forbid(principal, action, resource);",
                    ));
                }
            }
        }
        let edition = EDITION.fetch_add(1, Ordering::Relaxed);
        let index = Index::new(parsed);
        let timed_actions = index.timed_actions();
        self.policies.store(Arc::new(InForce { edition, index, timed_actions }));
    }

    /// A second engine over the same world with other policies: what if?
    pub fn with_policies(&self, policies: &[rows::Policy]) -> Arc<Self> {
        let other = Self::new(self.env.clone());
        other.world.store(self.world.load_full());
        other.enforce(policies);
        other
    }

    /// The world as it is.
    pub fn world(&self) -> Arc<World> {
        self.world.load_full()
    }

    /// Puts a world in place: for benchmarks and tests that need no database.
    pub fn set_world(&self, world: World) {
        self.world.store(Arc::new(world));
    }

    /// Asks the question of something that lasts again: the facts and the time as
    /// they are now, the proofs as old as they were when it began. A fresh proof is
    /// asked for to begin, and again at the next beginning.
    pub fn stands(&self, question: &Question, began: Timestamp) -> Standing {
        if question.actor.id().is_none() {
            let permitted = matches!(self.decide(question), Verdict::Permit { .. });
            return Standing { permitted, timed: false };
        }
        match self.resolve(question) {
            None => Standing { permitted: false, timed: false },
            Some(asked) => Standing {
                permitted: asked.ask(&asked.facts(question, began)).permit,
                timed: asked.timed,
            },
        }
    }

    /// What refuses this because the clock was set back too far.
    pub(crate) fn refuses_by_clock(&self, action: Action) -> Option<&'static str> {
        let far = self.env.set_back().is_some_and(|by| by > BELIEVED);
        (refused_by_clock(action) && far).then_some(CLOCK)
    }

    /// The actions that some policy permits or forbids by the time alone.
    pub fn timed_actions(&self) -> Vec<Action> {
        self.policies.load().timed_actions.clone()
    }

    /// Why somebody does not count at the moment, for the person whose session ends.
    pub fn absence(&self, actor: &Actor) -> Option<&'static str> {
        let id = actor.id()?;
        match self.world.load().principal(id, self.env.now()) {
            Ok(_) => None,
            Err(Absent::Unknown) => Some("the account no longer exists"),
            Err(Absent::Disabled) => Some("the account was disabled"),
            Err(Absent::NotYet) => Some("the account is not valid yet"),
            Err(Absent::Ended) => Some("the account's end date has passed"),
        }
    }

    /// Resolves a question; none when it can only be denied.
    pub(crate) fn resolve(&self, question: &Question) -> Option<Asked> {
        let principal = self.world.load().principal(question.actor.id()?, self.env.now()).ok()?;
        self.resolve_as(question, &principal)
    }

    /// The same, of somebody who belongs to this and nothing else.
    pub(crate) fn resolve_as(&self, question: &Question, principal: &Principal) -> Option<Asked> {
        let world = self.world.load();
        let now = self.env.now();
        let resource = &question.resource.entity;
        if question.action == Action::DecideRequest {
            // Nobody's second identity is somebody else, whatever a policy says.
            let requester = question.resource.links.get("requester")?.id.parse().ok()?;
            if world.same_person(principal.fact.id, requester) {
                return None;
            }
        }
        let uses = matches!(
            question.action,
            Action::OpenApplication
                | Action::OpenSession
                | Action::ForwardPort
                | Action::BreakGlass
        );
        if uses && !world.usable(resource) {
            return None;
        }
        let mut thing = world.thing(resource, now)?;
        for parent in &question.resource.parents {
            // What it is about may be gone; its record is still somebody's to see.
            let Some(above) = world.thing(parent, now) else { continue };
            thing.parents.extend(above.parents);
            thing.parents.push(above.entity);
        }
        for (name, link) in &question.resource.links {
            thing.texts.insert(name.clone(), link.id.clone());
        }
        let action = uid("Action", question.action.name())?;
        let (principal_uid, above, principal_entity) = principal_entity(principal)?;
        let (resource_uid, resource_above, resource_entity) = thing_entity(&thing)?;
        let in_force = self.policies.load();
        let numbers = in_force.index.candidates(&above, &action, &resource_above);
        let timed = in_force.index.any_moment(&numbers);
        let set = kept_set(&in_force, numbers)?;
        let mut slice = vec![principal_entity];
        if resource_uid != principal_uid {
            slice.push(resource_entity);
        }
        let entities = Entities::from_entities(slice, None).ok()?;
        Some(Asked {
            principal: principal_uid,
            action,
            resource: resource_uid,
            entities,
            set,
            address: question.actor.network.address,
            now,
            timed,
            managed_device: world.managed(question.actor.device.as_deref(), principal.fact.id),
        })
    }
}

/// The kinds of change that decisions depend on.
const KINDS: &[&str] =
    &["identity", "team", "role", "target", "account", "application", "policy", "secret", "device"];

/// What Doorward itself may do: keep the house, never reach through it.
fn system_may(action: Action) -> bool {
    !matches!(
        action,
        Action::SignIn
            | Action::OpenApplication
            | Action::OpenSession
            | Action::ForwardPort
            | Action::BreakGlass
            | Action::DecideRequest
            | Action::WatchSession
            | Action::PlayRecording
            | Action::ReadSecret
            | Action::ManageOwn
    )
}

/// What stands in the place of a policy when the clock was set back too far.
const CLOCK: &str = "the clock was set back";
/// A clock that was set back further is believed in nothing that is dangerous.
const BELIEVED: Duration = Duration::from_secs(5 * 60);

/// What waits until the clock is right: access to targets and secrets, and whatever
/// changes who has it. Signing in, looking and ending go on.
fn refused_by_clock(action: Action) -> bool {
    matches!(
        action,
        Action::OpenSession
            | Action::ForwardPort
            | Action::BreakGlass
            | Action::DecideRequest
            | Action::ReadSecret
            | Action::WriteSecret
            | Action::RotateCredential
            | Action::WriteIdentity
            | Action::ManageAuthenticators
            | Action::ManageDevice
            | Action::WriteGroup
            | Action::WriteRole
            | Action::WritePolicy
            | Action::WriteSettings
    )
}

impl Decider for Engine {
    fn decide(&self, question: &Question) -> Verdict {
        match &question.actor.who {
            Who::System(_) if system_may(question.action) => {
                return Verdict::Permit { policies: vec!["doorward itself".to_owned()] };
            }
            Who::System(_) | Who::Nobody => return Verdict::Deny(Denied::flat()),
            Who::Identity(_) => {}
        }
        if let Some(clock) = self.refuses_by_clock(question.action) {
            let policies = vec![clock.to_owned()];
            return Verdict::Deny(Denied { requirements: Vec::new(), policies });
        }
        let Some(asked) = self.resolve(question) else { return Verdict::Deny(Denied::flat()) };
        let facts = asked.facts(question, asked.now);
        let answer = asked.ask(&facts);
        if answer.permit {
            Verdict::Permit { policies: answer.policies }
        } else {
            Verdict::Deny(crate::explain::denial(&asked, facts, answer))
        }
    }

    fn now(&self) -> Timestamp {
        self.env.now()
    }

    fn same_person(&self, one: IdentityId, other: IdentityId) -> bool {
        self.world.load().same_person(one, other)
    }
}

fn seconds(s: u64) -> i64 {
    i64::try_from(s).unwrap_or(i64::MAX)
}

impl Asked {
    /// The facts as the question brings them, with proofs as old as they were `then`.
    pub(crate) fn facts(&self, question: &Question, then: Timestamp) -> Facts {
        let actor = &question.actor;
        let mut context = question.context.clone();
        context.managed_device |= self.managed_device;
        Facts {
            aal: actor.assurance().level(),
            phishing_resistant: actor.phishing_resistant(),
            proof_age: actor.proof_age(then).map(|d| seconds(d.as_secs())),
            context,
        }
    }

    /// Asks Cedar under these facts. Whatever goes wrong is a no: Cedar leaves
    /// out a policy whose evaluation fails, which would turn a broken `forbid`
    /// into a yes.
    pub(crate) fn ask(&self, facts: &Facts) -> Answer {
        let no = Answer { permit: false, policies: Vec::new() };
        let c = &facts.context;
        let mut pairs = vec![
            ("now", RestrictedExpression::new_long(self.now.secs())),
            ("aal", RestrictedExpression::new_long(facts.aal)),
            ("phishing_resistant", RestrictedExpression::new_bool(facts.phishing_resistant)),
            ("reason", RestrictedExpression::new_bool(c.reason)),
            ("approvals", RestrictedExpression::new_long(i64::from(c.approvals))),
            ("managed_device", RestrictedExpression::new_bool(c.managed_device)),
            ("break_glass", RestrictedExpression::new_bool(c.break_glass)),
        ];
        if self.timed {
            // Costs more than the others, and only these ask for it.
            let date = Timestamp::from_secs(self.now.secs()).to_string();
            pairs.push(("date", RestrictedExpression::new_datetime(date)));
        }
        if let Some(age) = facts.proof_age {
            pairs.push(("proof_age", RestrictedExpression::new_long(age)));
        }
        if let Some(duration) = c.duration {
            pairs.push(("duration", RestrictedExpression::new_long(seconds(duration.as_secs()))));
        }
        if let Some(address) = self.address {
            pairs.push(("address", RestrictedExpression::new_ip(address.to_string())));
        }
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value));
        let Ok(context) = CedarContext::from_pairs(pairs) else { return no };
        let request = Request::new(
            self.principal.clone(),
            self.action.clone(),
            self.resource.clone(),
            context,
            None,
        );
        let Ok(request) = request else { return no };
        let response = Authorizer::new().is_authorized(&request, &self.set, &self.entities);
        let diagnostics = response.diagnostics();
        if let Some(error) = diagnostics.errors().next() {
            tracing::error!(%error, "a policy failed while deciding; denied");
            return no;
        }
        let mut policies: Vec<String> = diagnostics.reason().map(ToString::to_string).collect();
        policies.sort();
        Answer { permit: response.decision() == Decision::Allow, policies }
    }
}

/// Sets of candidates, by the numbers of their policies, of one edition.
type Kept = (u64, HashMap<Vec<u32>, Arc<PolicySet>>);

thread_local! {
    /// Each worker has sets of its own: shared ones make threads wait for each
    /// other's reference counts.
    static SETS: RefCell<Kept> = RefCell::default();
}

fn kept_set(in_force: &InForce, numbers: Vec<u32>) -> Option<Arc<PolicySet>> {
    SETS.with_borrow_mut(|(edition, sets)| {
        if *edition != in_force.edition || sets.len() >= KEPT_SETS {
            sets.clear();
            *edition = in_force.edition;
        }
        if let Some(set) = sets.get(&numbers) {
            return Some(set.clone());
        }
        let set = Arc::new(in_force.index.set(&numbers)?);
        sets.insert(numbers, set.clone());
        Some(set)
    })
}

/// The statements of one policy text, called `name`, `name#2`, …; none when the
/// text does not parse or validate.
pub(crate) fn statements(name: &str, text: &str) -> Option<Vec<Policy>> {
    let set = validate::parse(text).ok()?;
    // `policy0`, `policy1`, …: in the order of the text.
    let mut found: Vec<&Policy> = set.policies().collect();
    found.sort_by_key(|p| {
        p.id().to_string().trim_start_matches("policy").parse::<usize>().unwrap_or(usize::MAX)
    });
    let call = |(i, p): (usize, &Policy)| {
        let id = if i == 0 { name.to_owned() } else { format!("{name}#{}", i + 1) };
        p.new_id(CedarId::new(id))
    };
    Some(found.into_iter().enumerate().map(call).collect())
}

fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    let kind = EntityTypeName::from_str(&format!("Doorward::{kind}")).ok()?;
    Some(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

fn entity_uid(e: &Entity) -> Option<EntityUid> {
    uid(&e.kind, &e.id)
}

type Built = (EntityUid, Vec<EntityUid>, CedarEntity);

fn principal_entity(p: &Principal) -> Option<Built> {
    let kind = if p.fact.person { "Person" } else { "Workload" };
    let me = uid(kind, &p.fact.id.to_string())?;
    let groups = p.groups.iter().filter_map(|g| uid("Group", g.as_str()));
    let roles = p.roles.iter().filter_map(|r| uid("Role", r.as_str()));
    let parents: HashSet<EntityUid> = groups.chain(roles).collect();
    let mut attributes = HashMap::from([
        ("id".to_owned(), RestrictedExpression::new_string(p.fact.id.to_string())),
        ("name".to_owned(), RestrictedExpression::new_string(p.fact.name.to_string())),
    ]);
    if p.fact.person {
        let relation = RestrictedExpression::new_string(p.fact.relation.clone());
        attributes.insert("relation".to_owned(), relation);
    }
    let mut above: Vec<EntityUid> = parents.iter().cloned().collect();
    above.push(me.clone());
    Some((me.clone(), above, CedarEntity::new(me, attributes, parents).ok()?))
}

fn thing_entity(thing: &Thing) -> Option<Built> {
    let me = entity_uid(&thing.entity)?;
    let parents: HashSet<EntityUid> = thing.parents.iter().filter_map(entity_uid).collect();
    let mut attributes: HashMap<String, RestrictedExpression> = thing
        .texts
        .iter()
        .map(|(k, v)| (k.clone(), RestrictedExpression::new_string(v.clone())))
        .collect();
    for (name, entity) in &thing.entities {
        let value = RestrictedExpression::new_entity_uid(entity_uid(entity)?);
        attributes.insert((*name).to_owned(), value);
    }
    if let Some(labels) = &thing.labels {
        let set = labels.iter().map(|l| RestrictedExpression::new_string(l.clone()));
        attributes.insert("labels".to_owned(), RestrictedExpression::new_set(set));
    }
    let mut above: Vec<EntityUid> = parents.iter().cloned().collect();
    above.push(me.clone());
    Some((me.clone(), above, CedarEntity::new(me, attributes, parents).ok()?))
}
