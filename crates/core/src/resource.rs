//! What is acted on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, ApplicationId, GrantId, GroupId, IdentityId, PolicyId, PrivilegedSessionId,
    RequestId, RoleId, SecretId, TargetId,
};

/// A reference to one thing: a Cedar entity type without the namespace
/// (`Account`) and the id within it.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Entity {
    /// The type: `Person`, `Workload`, `Group`, `Role`, `Application`,
    /// `Target`, `Account`, `Secret`, `Policy`, `Request`, `Grant`,
    /// `PrivilegedSession`, `Own`, `House`.
    pub kind: String,
    /// The id: a UUID in text, or a fixed word.
    pub id: String,
}

impl Entity {
    /// The entity of this type and id.
    pub fn new(kind: &str, id: impl std::fmt::Display) -> Self {
        Self { kind: kind.to_owned(), id: id.to_string() }
    }
}

impl std::fmt::Display for Entity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}::{:?}", self.kind, self.id)
    }
}

/// What is acted on: a reference, and, for things that the decider does not
/// keep in memory (requests, grants, sessions), the facts that policies may
/// ask about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Which thing.
    pub entity: Entity,
    /// What it belongs to, for `resource in …`; only for things that the
    /// decider does not know by itself.
    pub parents: Vec<Entity>,
    /// References to other entities, by attribute name: `requester`, `owner`.
    pub links: BTreeMap<String, Entity>,
}

impl Resource {
    fn plain(kind: &str, id: impl std::fmt::Display) -> Self {
        Self { entity: Entity::new(kind, id), parents: Vec::new(), links: BTreeMap::new() }
    }

    fn owned(mut self, attribute: &str, identity: IdentityId) -> Self {
        // Persons and workloads share the id space; the decider resolves which.
        self.links.insert(attribute.to_owned(), Entity::new("Identity", identity));
        self
    }

    fn under(mut self, parent: Entity) -> Self {
        self.parents.push(parent);
        self
    }

    /// Doorward itself.
    pub fn house() -> Self {
        Self::plain("House", "doorward")
    }
    /// An identity; the decider knows whether it is a person or a workload.
    pub fn identity(id: IdentityId) -> Self {
        Self::plain("Identity", id)
    }
    /// A group.
    pub fn group(id: GroupId) -> Self {
        Self::plain("Group", id)
    }
    /// A role.
    pub fn role(id: RoleId) -> Self {
        Self::plain("Role", id)
    }
    /// An application.
    pub fn application(id: ApplicationId) -> Self {
        Self::plain("Application", id)
    }
    /// A target.
    pub fn target(id: TargetId) -> Self {
        Self::plain("Target", id)
    }
    /// An account on a target.
    pub fn account(id: AccountId) -> Self {
        Self::plain("Account", id)
    }
    /// A secret.
    pub fn secret(id: SecretId) -> Self {
        Self::plain("Secret", id)
    }
    /// A policy.
    pub fn policy(id: PolicyId) -> Self {
        Self::plain("Policy", id)
    }
    /// A request for `entity` (an account or an application) by `requester`.
    pub fn request(id: RequestId, requester: IdentityId, about: Entity) -> Self {
        Self::plain("Request", id).owned("requester", requester).under(about)
    }
    /// A grant of `about` to `holder`.
    pub fn grant(id: GrantId, holder: IdentityId, about: Entity) -> Self {
        Self::plain("Grant", id).owned("owner", holder).under(about)
    }
    /// A privileged session of `who` on `account`.
    pub fn privileged_session(
        id: PrivilegedSessionId,
        who: IdentityId,
        account: AccountId,
    ) -> Self {
        Self::plain("PrivilegedSession", id)
            .owned("owner", who)
            .under(Entity::new("Account", account))
    }
    /// What belongs to one identity: sessions, authenticators, activity.
    pub fn own(of: IdentityId) -> Self {
        Self::plain("Own", of).owned("owner", of)
    }
}
