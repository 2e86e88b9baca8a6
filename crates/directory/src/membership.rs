//! What somebody is in and holds, all the way up: for claims and portals.

use std::collections::{BTreeSet, HashMap, HashSet};

use doorward_core::{GroupId, IdentityId, Name};
use doorward_store::{role, team};
use serde::{Deserialize, Serialize};

use crate::{Directory, Result};

/// Groups and roles of an identity, directly or through groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Membership {
    /// Names of groups.
    pub groups: BTreeSet<Name>,
    /// Names of roles that have not ended.
    pub roles: BTreeSet<Name>,
}

impl Directory {
    /// What `id` is in and holds at the moment. It decides nothing: decisions
    /// are the policy's alone.
    pub async fn membership(&self, id: IdentityId) -> Result<Membership> {
        let now = self.env.now();
        self.db
            .read(move |c| {
                let mut around: HashMap<GroupId, Vec<GroupId>> = HashMap::new();
                for (outer, inner) in team::nestings(c)? {
                    around.entry(inner).or_default().push(outer);
                }
                let mut open: Vec<GroupId> =
                    team::of_identity(c, id)?.into_iter().map(|(id, _)| id).collect();
                let mut seen: HashSet<GroupId> = HashSet::new();
                let mut found = Membership::default();
                let mut holders = vec![role::Holder::Identity(id)];
                while let Some(group) = open.pop() {
                    if !seen.insert(group) {
                        continue;
                    }
                    if let Some(g) = team::find(c, group)? {
                        found.groups.insert(g.name);
                    }
                    holders.push(role::Holder::Group(group));
                    open.extend(around.get(&group).into_iter().flatten());
                }
                for holder in holders {
                    for held in role::held_by(c, holder)? {
                        if held.ends_at.is_none_or(|end| now < end) {
                            found.roles.insert(held.role_name);
                        }
                    }
                }
                Ok(found)
            })
            .await
    }
}
