//! Roles, and who holds them until when.

use doorward_core::{
    Allowed, Class, CreateRole, Entity, IdentityId, ReadRole, RoleId, Timestamp, WriteRole,
};
use doorward_store::order::Wanted;
use doorward_store::role::{self, Assignment, Holder, Role, RoleSort};
use doorward_store::{Conn, Page, identity, team};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::{Directory, field, record, touched, unchanged};

const LIST: &str = "roles";

/// A role that is to be added.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
}

/// A change of some fields.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    /// Another name.
    #[serde(default)]
    pub name: Option<String>,
    /// Another description.
    #[serde(default)]
    pub description: Option<String>,
}

impl Directory {
    /// Adds a role.
    pub async fn create_role(&self, allowed: &Allowed<CreateRole>, new: NewRole) -> Result<Role> {
        let made = Role {
            id: RoleId::new(&self.env),
            name: field::name("name", &new.name)?,
            description: field::text("description", &new.description, 1_000)?,
            created_at: self.env.now(),
            version: 1,
        };
        let event = self
            .event(
                Class::UserAccessManagement,
                "role.created",
                allowed,
                Entity::new("Role", made.id),
            )
            .with("name", made.name.as_str());
        self.db
            .write(move |c| {
                role::insert(c, &made).map_err(Error::taken(
                    "role_name",
                    "name",
                    made.name.as_str(),
                ))?;
                record(c, &event, "role", made.id)?;
                Ok(made.clone())
            })
            .await
    }

    /// Changes name or description.
    pub async fn update_role(
        &self,
        allowed: &Allowed<WriteRole>,
        expected: Option<i64>,
        change: RoleChange,
    ) -> Result<Role> {
        let id = allowed.act().role;
        let event = self.event(
            Class::UserAccessManagement,
            "role.updated",
            allowed,
            Entity::new("Role", id),
        );
        self.db
            .write(move |c| {
                let mut found = role::find(c, id)?.ok_or(Error::NotFound("role"))?;
                unchanged("role", expected, found.version)?;
                if let Some(name) = &change.name {
                    found.name = field::name("name", name)?;
                }
                if let Some(description) = &change.description {
                    found.description = field::text("description", description, 1_000)?;
                }
                let done = role::update(c, &found).map_err(Error::taken(
                    "role_name",
                    "name",
                    found.name.as_str(),
                ))?;
                touched("role", done)?;
                found.version += 1;
                record(c, &event, "role", id)?;
                Ok(found)
            })
            .await
    }

    /// Removes a role; nobody holds it any more.
    pub async fn delete_role(
        &self,
        allowed: &Allowed<WriteRole>,
        expected: Option<i64>,
    ) -> Result<()> {
        let id = allowed.act().role;
        let base = self.event(
            Class::UserAccessManagement,
            "role.deleted",
            allowed,
            Entity::new("Role", id),
        );
        self.db
            .write(move |c| {
                let found = role::find(c, id)?.ok_or(Error::NotFound("role"))?;
                unchanged("role", expected, found.version)?;
                touched("role", role::delete(c, id, found.version)?)?;
                record(c, &base.clone().with("name", found.name.as_str()), "role", id)
            })
            .await
    }

    /// Gives the role, until `ends_at` when it is said; a role that is held
    /// already gets this end.
    pub async fn assign_role(
        &self,
        allowed: &Allowed<WriteRole>,
        to: Holder,
        ends_at: Option<Timestamp>,
    ) -> Result<()> {
        let id = allowed.act().role;
        if ends_at.is_some_and(|end| end <= self.env.now()) {
            return Err(Error::field("ends_at", "must be in the future"));
        }
        let event = self
            .holding("role.assigned", allowed, to)
            .with("ends_at", ends_at.map(|t| t.to_string()));
        self.db
            .write(move |c| {
                role::find(c, id)?.ok_or(Error::NotFound("role"))?;
                let known = match to {
                    Holder::Identity(who) => identity::find(c, who)?.is_some(),
                    Holder::Group(group) => team::find(c, group)?.is_some(),
                };
                if !known {
                    return Err(Error::field("holder", "there is no such identity or group"));
                }
                role::assign(c, id, to, ends_at)?;
                record(c, &event, "role", id)
            })
            .await
    }

    /// Takes the role.
    pub async fn unassign_role(&self, allowed: &Allowed<WriteRole>, from: Holder) -> Result<()> {
        let id = allowed.act().role;
        let event = self.holding("role.unassigned", allowed, from);
        self.db
            .write(move |c| {
                if !role::unassign(c, id, from)? {
                    return Err(Error::NotFound("assignment"));
                }
                record(c, &event, "role", id)
            })
            .await
    }

    fn holding(
        &self,
        activity: &str,
        allowed: &Allowed<WriteRole>,
        holder: Holder,
    ) -> doorward_core::Event {
        let id = match holder {
            Holder::Identity(who) => who.to_string(),
            Holder::Group(group) => group.to_string(),
        };
        let on = Entity::new("Role", allowed.act().role);
        self.event(Class::UserAccessManagement, activity, allowed, on)
            .with("holder_kind", holder.kind())
            .with("holder", id)
    }

    /// One role.
    pub async fn role(&self, _allowed: &Allowed<ReadRole>, id: RoleId) -> Result<Role> {
        self.db.read(move |c| role::find(c, id)).await?.ok_or(Error::NotFound("role"))
    }

    /// One role, by its name.
    pub async fn role_by_name(&self, _allowed: &Allowed<ReadRole>, name: &str) -> Result<Role> {
        let name = name.to_owned();
        self.db.read(move |c| role::by_name(c, &name)).await?.ok_or(Error::NotFound("role"))
    }

    /// Who holds a role.
    pub async fn role_holders(
        &self,
        _allowed: &Allowed<ReadRole>,
        id: RoleId,
    ) -> Result<Vec<Assignment>> {
        self.db
            .read(move |c| {
                role::find(c, id)?.ok_or(Error::NotFound("role"))?;
                Ok(role::holders(c, id)?)
            })
            .await
    }

    /// The roles that an identity holds itself, not through groups.
    pub async fn roles_of(
        &self,
        _allowed: &Allowed<ReadRole>,
        id: IdentityId,
    ) -> Result<Vec<Assignment>> {
        Ok(self.db.read(move |c| role::held_by(c, Holder::Identity(id))).await?)
    }

    /// Roles, in pages.
    pub async fn roles(
        &self,
        _allowed: &Allowed<ReadRole>,
        filter: role::Filter,
        page: &Wanted<RoleSort>,
    ) -> Result<Page<Role>> {
        let read = move |c: &Conn<'_>, at: &_| role::search(c, &filter, at);
        Ok(self.cursors.sorted(&self.db, LIST, page, read).await?)
    }
}
