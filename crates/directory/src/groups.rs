//! Groups, and groups in groups.

use std::collections::{HashMap, VecDeque};

use doorward_core::{
    Allowed, Class, CreateGroup, Entity, GroupId, IdentityId, Name, ReadGroup, WriteGroup,
};
use doorward_store::order::Wanted;
use doorward_store::team::{self, Group, GroupSort};
use doorward_store::{Conn, Page, identity, role};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::identities::nothing_owned;
use crate::{Directory, field, record, touched, unchanged};

const LIST: &str = "groups";

/// A group that is to be added.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
}

/// A change of some fields.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupChange {
    /// Another name.
    #[serde(default)]
    pub name: Option<String>,
    /// Another description.
    #[serde(default)]
    pub description: Option<String>,
}

/// What may be in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Member {
    /// A person or a workload.
    Identity(IdentityId),
    /// Another group.
    Group(GroupId),
}

/// An identity with the names that people know it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NamedIdentity {
    /// Its id.
    pub id: IdentityId,
    /// Its sign-in name.
    pub name: Name,
    /// Its display name.
    pub display_name: String,
}

/// A group with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NamedGroup {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: Name,
}

/// What is directly in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GroupMembers {
    /// People and workloads.
    pub identities: Vec<NamedIdentity>,
    /// Groups.
    pub groups: Vec<NamedGroup>,
}

impl Directory {
    /// Adds a group.
    pub async fn create_group(
        &self,
        allowed: &Allowed<CreateGroup>,
        new: NewGroup,
    ) -> Result<Group> {
        let group = Group {
            id: GroupId::new(&self.env),
            name: field::name("name", &new.name)?,
            description: field::text("description", &new.description, 1_000)?,
            created_at: self.env.now(),
            version: 1,
        };
        let event = self
            .event(Class::GroupManagement, "group.created", allowed, Entity::new("Group", group.id))
            .with("name", group.name.as_str());
        self.db
            .write(move |c| {
                team::insert(c, &group).map_err(Error::taken(
                    "team_name",
                    "name",
                    group.name.as_str(),
                ))?;
                record(c, &event, "team", group.id)?;
                Ok(group.clone())
            })
            .await
    }

    /// Changes name or description.
    pub async fn update_group(
        &self,
        allowed: &Allowed<WriteGroup>,
        expected: Option<i64>,
        change: GroupChange,
    ) -> Result<Group> {
        let id = allowed.act().group;
        let event =
            self.event(Class::GroupManagement, "group.updated", allowed, Entity::new("Group", id));
        self.db
            .write(move |c| {
                let mut group = team::find(c, id)?.ok_or(Error::NotFound("group"))?;
                unchanged("group", expected, group.version)?;
                if let Some(name) = &change.name {
                    group.name = field::name("name", name)?;
                }
                if let Some(description) = &change.description {
                    group.description = field::text("description", description, 1_000)?;
                }
                let done = team::update(c, &group).map_err(Error::taken(
                    "team_name",
                    "name",
                    group.name.as_str(),
                ))?;
                touched("group", done)?;
                group.version += 1;
                record(c, &event, "team", id)?;
                Ok(group)
            })
            .await
    }

    /// Removes a group; its members stay.
    pub async fn delete_group(
        &self,
        allowed: &Allowed<WriteGroup>,
        expected: Option<i64>,
    ) -> Result<()> {
        let id = allowed.act().group;
        let base =
            self.event(Class::GroupManagement, "group.deleted", allowed, Entity::new("Group", id));
        self.db
            .write(move |c| {
                let group = team::find(c, id)?.ok_or(Error::NotFound("group"))?;
                unchanged("group", expected, group.version)?;
                nothing_owned(c, "Group", id)?;
                role::unassign_all(c, role::Holder::Group(id))?;
                touched("group", team::delete(c, id, group.version)?)?;
                record(c, &base.clone().with("name", group.name.as_str()), "team", id)
            })
            .await
    }

    /// Puts somebody or some group into the group. A group that would then
    /// contain itself is refused, with the way round.
    pub async fn add_member(&self, allowed: &Allowed<WriteGroup>, member: Member) -> Result<()> {
        let id = allowed.act().group;
        let base = self.event(
            Class::GroupManagement,
            "group.member-added",
            allowed,
            Entity::new("Group", id),
        );
        self.db
            .write(move |c| {
                team::find(c, id)?.ok_or(Error::NotFound("group"))?;
                let (added, kind, member_id) = match member {
                    Member::Identity(who) => {
                        if identity::find(c, who)?.is_none() {
                            return Err(Error::field("member", "there is no such identity"));
                        }
                        (team::add_identity(c, id, who)?, "identity", who.to_string())
                    }
                    Member::Group(other) => {
                        if team::find(c, other)?.is_none() {
                            return Err(Error::field("member", "there is no such group"));
                        }
                        acyclic(c, id, other)?;
                        (team::add_group(c, id, other)?, "group", other.to_string())
                    }
                };
                if added {
                    let event = base.clone().with("member_kind", kind).with("member", member_id);
                    record(c, &event, "team", id)?;
                }
                Ok(())
            })
            .await
    }

    /// Takes a member out.
    pub async fn remove_member(&self, allowed: &Allowed<WriteGroup>, member: Member) -> Result<()> {
        let id = allowed.act().group;
        let base = self.event(
            Class::GroupManagement,
            "group.member-removed",
            allowed,
            Entity::new("Group", id),
        );
        self.db
            .write(move |c| {
                let (removed, kind, member_id) = match member {
                    Member::Identity(who) => {
                        (team::remove_identity(c, id, who)?, "identity", who.to_string())
                    }
                    Member::Group(other) => {
                        (team::remove_group(c, id, other)?, "group", other.to_string())
                    }
                };
                if !removed {
                    return Err(Error::NotFound("member"));
                }
                let event = base.clone().with("member_kind", kind).with("member", member_id);
                record(c, &event, "team", id)
            })
            .await
    }

    /// One group.
    pub async fn group(&self, _allowed: &Allowed<ReadGroup>, id: GroupId) -> Result<Group> {
        self.db.read(move |c| team::find(c, id)).await?.ok_or(Error::NotFound("group"))
    }

    /// One group, by its name.
    pub async fn group_by_name(&self, _allowed: &Allowed<ReadGroup>, name: &str) -> Result<Group> {
        let name = name.to_owned();
        self.db.read(move |c| team::by_name(c, &name)).await?.ok_or(Error::NotFound("group"))
    }

    /// Who and what is directly in a group.
    pub async fn members(
        &self,
        _allowed: &Allowed<ReadGroup>,
        id: GroupId,
    ) -> Result<GroupMembers> {
        self.db
            .read(move |c| {
                team::find(c, id)?.ok_or(Error::NotFound("group"))?;
                let identities = team::identities_in(c, id)?;
                let groups = team::groups_in(c, id)?;
                Ok(GroupMembers {
                    identities: identities
                        .into_iter()
                        .map(|(id, name, display_name)| NamedIdentity { id, name, display_name })
                        .collect(),
                    groups: groups.into_iter().map(|(id, name)| NamedGroup { id, name }).collect(),
                })
            })
            .await
    }

    /// Groups, in pages.
    pub async fn groups(
        &self,
        _allowed: &Allowed<ReadGroup>,
        filter: team::Filter,
        page: &Wanted<GroupSort>,
    ) -> Result<Page<Group>> {
        let read = move |c: &Conn<'_>, at: &_| team::search(c, &filter, at);
        Ok(self.cursors.sorted(&self.db, LIST, page, read).await?)
    }
}

/// Refuses `member` in `group` when `group` is already somewhere in `member`.
fn acyclic(c: &Conn<'_>, group: GroupId, member: GroupId) -> Result<()> {
    let mut within: HashMap<GroupId, Vec<GroupId>> = HashMap::new();
    for (outer, inner) in team::nestings(c)? {
        within.entry(outer).or_default().push(inner);
    }
    // Breadth first from the member, so that the path shown is a shortest one.
    let mut came_from: HashMap<GroupId, GroupId> = HashMap::from([(member, group)]);
    let mut queue = VecDeque::from([member]);
    while let Some(at) = queue.pop_front() {
        if at == group {
            return Err(Error::Cycle { path: way(c, &came_from, group)? });
        }
        for next in within.get(&at).into_iter().flatten() {
            if !came_from.contains_key(next) {
                came_from.insert(*next, at);
                queue.push_back(*next);
            }
        }
    }
    Ok(())
}

fn way(c: &Conn<'_>, came_from: &HashMap<GroupId, GroupId>, group: GroupId) -> Result<Vec<Name>> {
    let mut ids = vec![group];
    let mut at = group;
    while let Some(before) = came_from.get(&at) {
        ids.push(*before);
        at = *before;
        if at == group {
            break;
        }
    }
    ids.reverse();
    ids.into_iter().map(|id| Ok(team::find(c, id)?.ok_or(Error::NotFound("group"))?.name)).collect()
}
