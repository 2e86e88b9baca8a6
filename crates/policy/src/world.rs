//! The facts that decisions are made over, in memory: who there is, what they
//! belong to, what can be reached. Values are shared, so that a change of one
//! thing copies pointers.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use doorward_core::{
    AccountId, ApplicationId, DeviceId, Entity, GroupId, IdentityId, Name, RoleId, SecretId,
    TargetId, Timestamp,
};
use doorward_store::facts::{self, AccountFact, HolderFact, IdentityFact, TargetFact};
use doorward_store::{Conn, Result};

/// Everything that the decider knows.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub(crate) identities: HashMap<IdentityId, Arc<IdentityFact>>,
    /// Who names whom as another identity of the same person, in both directions.
    links: Arc<HashMap<IdentityId, Vec<IdentityId>>>,
    groups: Arc<Groups>,
    roles: Arc<Roles>,
    targets: Arc<HashMap<TargetId, TargetFact>>,
    accounts: Arc<HashMap<AccountId, AccountFact>>,
    applications: Arc<HashMap<ApplicationId, Application>>,
    secrets: Arc<HashMap<SecretId, Name>>,
    /// Managed devices, and whose they are.
    devices: Arc<HashMap<DeviceId, IdentityId>>,
}

#[derive(Debug, Default)]
struct Groups {
    names: HashMap<GroupId, Name>,
    of_identity: HashMap<IdentityId, Vec<GroupId>>,
    of_group: HashMap<GroupId, Vec<GroupId>>,
}

/// An application, and whether it may be opened.
#[derive(Debug)]
struct Application {
    name: Name,
    enabled: bool,
}

/// Whether the holder is a group, and its id.
pub(crate) type HolderKey = (bool, String);

#[derive(Debug, Default)]
struct Roles {
    names: HashMap<RoleId, Name>,
    of_holder: HashMap<HolderKey, Vec<HolderFact>>,
}

/// Somebody as the policies see them at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) fact: Arc<IdentityFact>,
    pub(crate) groups: Vec<Name>,
    pub(crate) roles: Vec<Name>,
}

/// Something as the policies see it.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) entity: Entity,
    pub(crate) parents: Vec<Entity>,
    pub(crate) texts: BTreeMap<String, String>,
    pub(crate) entities: BTreeMap<&'static str, Entity>,
    pub(crate) labels: Option<Vec<String>>,
}

/// Why somebody cannot be a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    Unknown,
    Disabled,
    NotYet,
    Ended,
}

impl World {
    /// Reads everything.
    pub fn load(c: &Conn<'_>) -> Result<Self> {
        let people = facts::identities(c)?.into_iter().map(|i| (i.id, Arc::new(i)));
        let mut world = Self { identities: people.collect(), ..Self::default() };
        world.link();
        world.load_groups(c)?;
        world.load_roles(c)?;
        world.load_targets(c)?;
        world.load_applications(c)?;
        world.load_secrets(c)?;
        world.load_devices(c)?;
        Ok(world)
    }

    /// Reads again what these kinds and ids say.
    pub fn refresh<'k>(
        &mut self,
        c: &Conn<'_>,
        changes: impl Iterator<Item = (&'k str, &'k str)>,
    ) -> Result<()> {
        let mut kinds = HashSet::new();
        let mut relinked = false;
        for (kind, id) in changes {
            if kind == "identity" {
                let Ok(id) = id.parse::<IdentityId>() else { continue };
                let after = facts::identity(c, id)?.map(Arc::new);
                let linked = |fact: &Option<Arc<IdentityFact>>| {
                    fact.as_ref().map(|f| f.linked.clone()).unwrap_or_default()
                };
                let now = linked(&after);
                let before = match after {
                    Some(fact) => self.identities.insert(id, fact),
                    None => self.identities.remove(&id),
                };
                relinked |= linked(&before) != now;
            } else if kind == "device" {
                let Ok(id) = id.parse::<DeviceId>() else { continue };
                let devices = Arc::make_mut(&mut self.devices);
                match facts::managed_device(c, id)? {
                    Some(owner) => devices.insert(id, owner),
                    None => devices.remove(&id),
                };
            } else {
                kinds.insert(kind);
            }
        }
        if relinked {
            self.link();
        }
        if kinds.contains("team") {
            self.load_groups(c)?;
        }
        if kinds.contains("role") || kinds.contains("team") {
            self.load_roles(c)?;
        }
        if kinds.contains("target") || kinds.contains("account") {
            self.load_targets(c)?;
        }
        if kinds.contains("application") {
            self.load_applications(c)?;
        }
        if kinds.contains("secret") {
            self.load_secrets(c)?;
        }
        Ok(())
    }

    fn link(&mut self) {
        let mut links: HashMap<IdentityId, Vec<IdentityId>> = HashMap::new();
        for fact in self.identities.values() {
            for other in &fact.linked {
                links.entry(fact.id).or_default().push(*other);
                links.entry(*other).or_default().push(fact.id);
            }
        }
        self.links = Arc::new(links);
    }

    /// Whether these are one person's, by however many links.
    pub(crate) fn same_person(&self, one: IdentityId, other: IdentityId) -> bool {
        let mut reached = vec![one];
        let mut at = 0;
        while let Some(id) = reached.get(at).copied() {
            if id == other {
                return true;
            }
            for next in self.links.get(&id).into_iter().flatten() {
                if !reached.contains(next) {
                    reached.push(*next);
                }
            }
            at += 1;
        }
        false
    }

    fn load_groups(&mut self, c: &Conn<'_>) -> Result<()> {
        let mut groups =
            Groups { names: facts::groups(c)?.into_iter().collect(), ..Groups::default() };
        for (group, identity) in facts::members(c)? {
            groups.of_identity.entry(identity).or_default().push(group);
        }
        for (group, member) in facts::nesting(c)? {
            groups.of_group.entry(member).or_default().push(group);
        }
        self.groups = Arc::new(groups);
        Ok(())
    }

    fn load_roles(&mut self, c: &Conn<'_>) -> Result<()> {
        let mut roles = Roles { names: facts::roles(c)?.into_iter().collect(), ..Roles::default() };
        for holder in facts::holders(c)? {
            let key = (holder.group, holder.holder.to_string());
            roles.of_holder.entry(key).or_default().push(holder);
        }
        self.roles = Arc::new(roles);
        Ok(())
    }

    fn load_targets(&mut self, c: &Conn<'_>) -> Result<()> {
        self.targets = Arc::new(facts::targets(c)?.into_iter().map(|t| (t.id, t)).collect());
        self.accounts = Arc::new(facts::accounts(c)?.into_iter().map(|a| (a.id, a)).collect());
        Ok(())
    }

    fn load_applications(&mut self, c: &Conn<'_>) -> Result<()> {
        let all = facts::applications(c)?.into_iter();
        let all = all.map(|(id, name, enabled)| (id, Application { name, enabled }));
        self.applications = Arc::new(all.collect());
        Ok(())
    }

    fn load_secrets(&mut self, c: &Conn<'_>) -> Result<()> {
        self.secrets = Arc::new(facts::secrets(c)?.into_iter().collect());
        Ok(())
    }

    fn load_devices(&mut self, c: &Conn<'_>) -> Result<()> {
        self.devices = Arc::new(facts::managed_devices(c)?.into_iter().collect());
        Ok(())
    }

    /// Whether this is a managed device of this identity.
    pub(crate) fn managed(&self, device: Option<&str>, of: IdentityId) -> bool {
        let id = device.and_then(|d| d.parse::<DeviceId>().ok());
        id.and_then(|id| self.devices.get(&id)) == Some(&of)
    }

    /// Somebody, if they count at `now`.
    pub(crate) fn principal(&self, id: IdentityId, now: Timestamp) -> Result<Principal, Absent> {
        let fact = self.identities.get(&id).ok_or(Absent::Unknown)?;
        if !fact.enabled {
            return Err(Absent::Disabled);
        }
        if fact.starts_at.is_some_and(|at| now < at) {
            return Err(Absent::NotYet);
        }
        if fact.ends_at.is_some_and(|at| now >= at) {
            return Err(Absent::Ended);
        }
        let (groups, roles) = self.belonging(id, now);
        Ok(Principal { fact: fact.clone(), groups, roles })
    }

    /// Whether what the reference leads to may be used, not only administered.
    pub(crate) fn usable(&self, entity: &Entity) -> bool {
        match entity.kind.as_str() {
            "Application" => {
                let id = entity.id.parse().ok();
                id.and_then(|id| self.applications.get(&id)).is_some_and(|a| a.enabled)
            }
            "Account" => {
                let account = entity.id.parse().ok().and_then(|id| self.accounts.get(&id));
                account.and_then(|a| self.targets.get(&a.target)).is_some_and(|t| t.enabled)
            }
            _ => true,
        }
    }

    /// The groups and roles of an identity, whether it counts or not.
    fn belonging(&self, id: IdentityId, now: Timestamp) -> (Vec<Name>, Vec<Name>) {
        self.belonging_of(self.groups_of(id), self.roles_of(&(false, id.to_string()), now), now)
    }

    /// The groups and roles of whoever is in these groups and holds these roles.
    pub(crate) fn belonging_of(
        &self,
        groups: Vec<GroupId>,
        mut roles: Vec<Name>,
        now: Timestamp,
    ) -> (Vec<Name>, Vec<Name>) {
        let groups = self.groups_above(Some(groups));
        roles.extend(self.roles_of_groups(&groups, now));
        roles.sort();
        roles.dedup();
        (self.group_names(&groups), roles)
    }

    fn group_names(&self, groups: &[GroupId]) -> Vec<Name> {
        groups.iter().filter_map(|g| self.groups.names.get(g).cloned()).collect()
    }

    fn roles_of_groups(&self, groups: &[GroupId], now: Timestamp) -> Vec<Name> {
        groups.iter().flat_map(|g| self.roles_of(&(true, g.to_string()), now)).collect()
    }

    /// These groups and all that they are in.
    fn groups_above(&self, direct: Option<Vec<GroupId>>) -> Vec<GroupId> {
        let mut found = direct.unwrap_or_default();
        let mut at = 0;
        while let Some(group) = found.get(at).copied() {
            for above in self.groups.of_group.get(&group).into_iter().flatten() {
                if !found.contains(above) {
                    found.push(*above);
                }
            }
            at += 1;
        }
        found
    }

    fn roles_of(&self, key: &HolderKey, now: Timestamp) -> Vec<Name> {
        self.roles
            .of_holder
            .get(key)
            .into_iter()
            .flatten()
            .filter(|h| h.ends_at.is_none_or(|at| now < at))
            .filter_map(|h| self.roles.names.get(&h.role).cloned())
            .collect()
    }

    /// The groups that an identity is in directly.
    pub(crate) fn groups_of(&self, id: IdentityId) -> Vec<GroupId> {
        self.groups.of_identity.get(&id).cloned().unwrap_or_default()
    }

    /// The groups that a group is in directly.
    pub(crate) fn groups_directly_above(&self, id: GroupId) -> Vec<GroupId> {
        self.groups.of_group.get(&id).cloned().unwrap_or_default()
    }

    /// The group of this name or id.
    pub fn group_named(&self, text: &str) -> Option<GroupId> {
        match text.parse::<GroupId>() {
            Ok(id) => self.groups.names.contains_key(&id).then_some(id),
            Err(_) => self.groups.names.iter().find(|(_, n)| n.as_str() == text).map(|(id, _)| *id),
        }
    }

    /// Everybody by name, and whether they are a person.
    pub fn everybody(&self) -> impl Iterator<Item = (&Name, IdentityId, bool)> + '_ {
        self.identities.values().map(|i| (&i.name, i.id, i.person))
    }

    /// The name of this group.
    pub(crate) fn group_name(&self, id: GroupId) -> Option<&Name> {
        self.groups.names.get(&id)
    }

    /// Whether they hold the role themselves; if so, until when.
    pub(crate) fn holds(
        &self,
        holder: &HolderKey,
        role: &Name,
        now: Timestamp,
    ) -> Option<Option<Timestamp>> {
        let held = self.roles.of_holder.get(holder).into_iter().flatten();
        let mut held = held.filter(|h| self.roles.names.get(&h.role) == Some(role));
        held.find(|h| h.ends_at.is_none_or(|at| now < at)).map(|h| h.ends_at)
    }

    /// Names of somebody's groups and roles at `now`, for tokens and pages.
    pub fn memberships(&self, id: IdentityId, now: Timestamp) -> (Vec<Name>, Vec<Name>) {
        self.principal(id, now).map(|p| (p.groups, p.roles)).unwrap_or_default()
    }

    /// All identities that count at `now`.
    pub fn identities(&self) -> impl Iterator<Item = IdentityId> + '_ {
        self.identities.keys().copied()
    }

    /// The identity of this name.
    pub fn identity_named(&self, name: &str) -> Option<IdentityId> {
        self.identities.values().find(|i| i.name.as_str() == name).map(|i| i.id)
    }

    /// The name of this identity.
    pub fn name_of(&self, id: IdentityId) -> Option<Name> {
        self.identities.get(&id).map(|i| i.name.clone())
    }

    /// `deploy@web-1`, or the name of an application.
    pub fn entity_named(&self, text: &str) -> Option<Entity> {
        if let Some((account, target)) = text.split_once('@') {
            let target = self.targets.values().find(|t| t.name.as_str() == target)?;
            let account =
                self.accounts.values().find(|a| a.target == target.id && a.name == account)?;
            return Some(Entity::new("Account", account.id));
        }
        let (id, _) = self.applications.iter().find(|(_, a)| a.name.as_str() == text)?;
        Some(Entity::new("Application", id))
    }

    /// How people call this account or application.
    pub fn name_of_entity(&self, entity: &Entity) -> Option<String> {
        match entity.kind.as_str() {
            "Account" => {
                let account = self.accounts.get(&entity.id.parse().ok()?)?;
                let target = self.targets.get(&account.target)?;
                Some(format!("{}@{}", account.name, target.name))
            }
            "Application" => {
                Some(self.applications.get(&entity.id.parse().ok()?)?.name.to_string())
            }
            "Target" => Some(self.targets.get(&entity.id.parse().ok()?)?.name.to_string()),
            "Identity" | "Person" | "Workload" => {
                self.name_of(entity.id.parse().ok()?).map(|n| n.to_string())
            }
            "Group" => self.groups.names.get(&entity.id.parse().ok()?).map(ToString::to_string),
            "Role" => self.roles.names.get(&entity.id.parse().ok()?).map(ToString::to_string),
            "Secret" => self.secrets.get(&entity.id.parse().ok()?).map(ToString::to_string),
            _ => None,
        }
    }

    /// The accounts that there are, with their targets.
    pub fn accounts(&self) -> impl Iterator<Item = (&AccountFact, &TargetFact)> + '_ {
        self.accounts.values().filter_map(|a| self.targets.get(&a.target).map(|t| (a, t)))
    }

    /// The applications that may be opened.
    pub fn applications(&self) -> impl Iterator<Item = (ApplicationId, &Name)> + '_ {
        self.applications.iter().filter(|(_, a)| a.enabled).map(|(id, a)| (*id, &a.name))
    }

    /// What a reference means; none when there is no such thing (any more).
    pub(crate) fn thing(&self, entity: &Entity, now: Timestamp) -> Option<Thing> {
        let named = |kind: &str, name: String| Thing {
            entity: Entity::new(kind, &name),
            parents: Vec::new(),
            texts: BTreeMap::from([("name".to_owned(), name)]),
            entities: BTreeMap::new(),
            labels: None,
        };
        let bare = |entity: Entity| Thing {
            entity,
            parents: Vec::new(),
            texts: BTreeMap::new(),
            entities: BTreeMap::new(),
            labels: None,
        };
        Some(match entity.kind.as_str() {
            "House" | "Policy" | "Request" | "Grant" | "PrivilegedSession" | "Own" => {
                bare(entity.clone())
            }
            "Identity" => {
                let fact = self.identities.get(&entity.id.parse().ok()?)?;
                let kind = if fact.person { "Person" } else { "Workload" };
                let mut thing = named(kind, fact.name.to_string());
                thing.entity = Entity::new(kind, fact.id);
                thing.texts.insert("id".to_owned(), fact.id.to_string());
                // As a resource somebody is in their groups and roles too, disabled
                // or not: a policy may protect the members of a role.
                let (groups, roles) = self.belonging(fact.id, now);
                thing.parents = above(&groups, &roles);
                if fact.person {
                    thing.texts.insert("relation".to_owned(), fact.relation.clone());
                }
                thing
            }
            "Group" => {
                let id: GroupId = entity.id.parse().ok()?;
                let mut thing = bare(Entity::new("Group", self.groups.names.get(&id)?));
                let containing = self.groups_above(self.groups.of_group.get(&id).cloned());
                let mut holders = containing.clone();
                holders.push(id);
                let roles = self.roles_of_groups(&holders, now);
                thing.parents = above(&self.group_names(&containing), &roles);
                thing
            }
            "Role" => bare(Entity::new("Role", self.roles.names.get(&entity.id.parse().ok()?)?)),
            "Application" => {
                let name = &self.applications.get(&entity.id.parse().ok()?)?.name;
                let mut thing = named("Application", name.to_string());
                let of_that_name = |kind: &str| Entity::new(kind, name);
                thing.entities =
                    [("role", of_that_name("Role")), ("group", of_that_name("Group"))].into();
                thing
            }
            "Secret" => named("Secret", self.secrets.get(&entity.id.parse().ok()?)?.to_string()),
            "Target" => {
                let target = self.targets.get(&entity.id.parse().ok()?)?;
                let mut thing = named("Target", target.name.to_string());
                thing.texts.insert("kind".to_owned(), target.kind.clone());
                thing.labels = Some(labels(&target.labels, &BTreeMap::new()));
                thing
            }
            "Account" => {
                let account = self.accounts.get(&entity.id.parse().ok()?)?;
                let target = self.targets.get(&account.target)?;
                let mut thing = named("Account", account.name.clone());
                thing.entity = Entity::new("Account", format!("{}@{}", account.name, target.name));
                thing.parents.push(Entity::new("Target", &target.name));
                thing.texts.insert("target".to_owned(), target.name.to_string());
                thing.texts.insert("kind".to_owned(), target.kind.clone());
                thing.labels = Some(labels(&target.labels, &account.labels));
                thing
            }
            _ => return None,
        })
    }

    /// The next moment after `now` at which a date takes effect.
    pub fn next_boundary(&self, now: Timestamp) -> Option<Timestamp> {
        let people = self.identities.values().flat_map(|i| [i.starts_at, i.ends_at]);
        let roles = self.roles.of_holder.values().flatten().map(|h| h.ends_at);
        people.chain(roles).flatten().filter(|at| *at > now).min()
    }
}

/// `name=value`, the account's own over its target's.
fn labels(target: &BTreeMap<String, String>, account: &BTreeMap<String, String>) -> Vec<String> {
    let mut all = target.clone();
    all.extend(account.iter().map(|(k, v)| (k.clone(), v.clone())));
    all.into_iter().map(|(k, v)| format!("{k}={v}")).collect()
}

fn above(groups: &[Name], roles: &[Name]) -> Vec<Entity> {
    let groups = groups.iter().map(|g| Entity::new("Group", g));
    groups.chain(roles.iter().map(|r| Entity::new("Role", r))).collect()
}
