//! Roles and who holds them.

use doorward_core::{GroupId, Id as _, IdentityId, Name, RoleId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::conn::{Conn, FromRow, Row};
use crate::error::{Error, Result};
use crate::genuine::{
    self,
    tables::{ROLE, ROLE_HOLDER},
};
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::{args, sql};

/// A name that policies give permissions to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for Role {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            description: row.get("description")?,
            created_at: row.get("created_at")?,
            version: row.get("version")?,
        })
    }
}

/// Whose a role is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Holder {
    /// A person or a workload.
    Identity(IdentityId),
    /// Everybody in a group.
    Group(GroupId),
}

impl Holder {
    /// As the row says it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Identity(_) => "identity",
            Self::Group(_) => "group",
        }
    }

    // Both kinds share one column; ids never collide.
    fn column(self) -> IdentityId {
        match self {
            Self::Identity(id) => id,
            Self::Group(id) => IdentityId::from_uuid(id.uuid()),
        }
    }

    fn from_columns(kind: &str, id: IdentityId) -> Result<Self> {
        match kind {
            "identity" => Ok(Self::Identity(id)),
            "group" => Ok(Self::Group(GroupId::from_uuid(id.uuid()))),
            other => Err(Error::Decode(format!("holder kind {other:?}"))),
        }
    }
}

/// A role in somebody's hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Assignment {
    /// The role.
    pub role: RoleId,
    /// The role's name.
    pub role_name: Name,
    /// Who holds it.
    pub holder: Holder,
    /// The holder's name; none when the holder is gone.
    pub holder_name: Option<Name>,
    /// Until when.
    pub ends_at: Option<Timestamp>,
}

impl FromRow for Assignment {
    fn from_row(row: &Row) -> Result<Self> {
        let kind: String = row.get("holder_kind")?;
        Ok(Self {
            role: row.get("role")?,
            role_name: row.get("role_name")?,
            holder: Holder::from_columns(&kind, row.get("holder")?)?,
            holder_name: row.get("holder_name")?,
            ends_at: row.get("ends_at")?,
        })
    }
}

/// Adds one.
pub fn insert(c: &Conn<'_>, r: &Role) -> Result<()> {
    let sql = sql!(
        "INSERT INTO role (id, name, description, created_at, version)
         VALUES ($1, $2, $3, $4, $5) RETURNING *"
    );
    let values = args![r.id, r.name, r.description, r.created_at, r.version];
    genuine::written(c, &ROLE, sql, values).map(drop)
}

/// Writes name and description, if the row still has this version.
pub fn update(c: &Conn<'_>, r: &Role) -> Result<bool> {
    let sql = sql!(
        "UPDATE role SET name = $3, description = $4, version = version + 1
         WHERE id = $1 AND version = $2 RETURNING *"
    );
    genuine::amend(c, &ROLE, args![r.id], sql, args![r.id, r.version, r.name, r.description])
}

/// Removes it; nobody holds it any more.
pub fn delete(c: &Conn<'_>, id: RoleId, version: i64) -> Result<bool> {
    let sql = sql!("DELETE FROM role WHERE id = $1 AND version = $2 RETURNING *");
    Ok(genuine::remove(c, &ROLE, sql, args![id, version])? == 1)
}

/// The one with this id.
pub fn find(c: &Conn<'_>, id: RoleId) -> Result<Option<Role>> {
    c.opt(
        sql!("SELECT id, name, description, created_at, version FROM role WHERE id = $1"),
        args![id],
    )
}

/// The one with this name.
pub fn by_name(c: &Conn<'_>, name: &str) -> Result<Option<Role>> {
    c.opt(
        sql!("SELECT id, name, description, created_at, version FROM role WHERE name = $1"),
        args![name],
    )
}

/// Which roles a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name or the description.
    pub q: Option<String>,
    /// Held by this identity directly.
    pub holder: Option<IdentityId>,
}

sorts! {
    /// By what roles are sorted.
    RoleSort {
        /// The name.
        Name = "name",
        /// When it was created.
        CreatedAt = "created_at",
    }
}

/// A page of those that fit.
pub fn search(c: &Conn<'_>, filter: &Filter, at: &Keyset<RoleSort>) -> Result<Vec<Keyed<Role>>> {
    keyset!(
        c,
        at,
        r"id, name, description, created_at, version
          FROM role
          WHERE (name LIKE $1 ESCAPE '\' OR LOWER(description) LIKE $1 ESCAPE '\')
            AND (EXISTS (SELECT 1 FROM role_holder h
                   WHERE h.role = role.id AND h.holder_kind = 'identity' AND h.holder = $2)
                 OR $2 IS NULL)",
        [crate::search_pattern(filter.q.as_deref()), filter.holder],
        "$3",
        "$4",
        "$5",
        {
            RoleSort::Name => "name",
            RoleSort::CreatedAt => "created_at",
        }
    )
}

/// Gives the role, or changes its end.
pub fn assign(c: &Conn<'_>, role: RoleId, to: Holder, ends_at: Option<Timestamp>) -> Result<()> {
    // Every column is set here, so that it does not matter who wrote the one before.
    let sql = sql!(
        "INSERT INTO role_holder (role, holder_kind, holder, ends_at, version)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (role, holder_kind, holder) DO UPDATE
           SET ends_at = excluded.ends_at, version = excluded.version
         RETURNING *"
    );
    let version = genuine::next_version(c, &ROLE_HOLDER, args![role, to.kind(), to.column()])?;
    let values = args![role, to.kind(), to.column(), ends_at, version];
    genuine::written(c, &ROLE_HOLDER, sql, values).map(drop)
}

/// Takes the role; gives whether it was held.
pub fn unassign(c: &Conn<'_>, role: RoleId, from: Holder) -> Result<bool> {
    let sql = sql!(
        "DELETE FROM role_holder WHERE role = $1 AND holder_kind = $2 AND holder = $3 RETURNING *"
    );
    Ok(genuine::remove(c, &ROLE_HOLDER, sql, args![role, from.kind(), from.column()])? == 1)
}

/// Takes every role of a holder that goes away.
pub fn unassign_all(c: &Conn<'_>, from: Holder) -> Result<()> {
    let sql = sql!("DELETE FROM role_holder WHERE holder_kind = $1 AND holder = $2 RETURNING *");
    genuine::remove(c, &ROLE_HOLDER, sql, args![from.kind(), from.column()]).map(drop)
}

/// Who holds the role.
pub fn holders(c: &Conn<'_>, role: RoleId) -> Result<Vec<Assignment>> {
    c.genuine(
        &ROLE_HOLDER,
        sql!(
            "SELECT h.*, r.name AS role_name, COALESCE(i.name, g.name) AS holder_name
             FROM role_holder h JOIN role r ON r.id = h.role
             LEFT JOIN identity i ON h.holder_kind = 'identity' AND i.id = h.holder
             LEFT JOIN team g ON h.holder_kind = 'group' AND g.id = h.holder
             WHERE h.role = $1 ORDER BY h.holder_kind, holder_name"
        ),
        args![role],
    )
}

/// The roles that this holder has directly.
pub fn held_by(c: &Conn<'_>, holder: Holder) -> Result<Vec<Assignment>> {
    c.genuine(
        &ROLE_HOLDER,
        sql!(
            "SELECT h.*, r.name AS role_name, COALESCE(i.name, g.name) AS holder_name
             FROM role_holder h JOIN role r ON r.id = h.role
             LEFT JOIN identity i ON h.holder_kind = 'identity' AND i.id = h.holder
             LEFT JOIN team g ON h.holder_kind = 'group' AND g.id = h.holder
             WHERE h.holder_kind = $1 AND h.holder = $2 ORDER BY role_name"
        ),
        args![holder.kind(), holder.column()],
    )
}
