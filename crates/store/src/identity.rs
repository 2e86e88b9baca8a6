//! People and workloads.

use std::collections::BTreeMap;

use doorward_core::{Entity, GroupId, IdentityId, Name, RoleId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::conn::{Conn, FromRow, Row};
use crate::error::{Error, Result};
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::value::Json;
use crate::{args, sql};

/// The attributes of an identity: strings, whole numbers, truth values.
pub type Attributes = BTreeMap<String, serde_json::Value>;

/// Human or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// A human.
    Person,
    /// A service, script, pipeline or agent.
    Workload,
}

/// What a person is to the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Staff.
    Employee,
    /// Works here for a time.
    Contractor,
    /// Of an allied organisation.
    Partner,
    /// Looks after something that was bought.
    Vendor,
}

impl IdentityKind {
    /// As the row says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Workload => "workload",
        }
    }
}

impl Relation {
    /// As the row says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Employee => "employee",
            Self::Contractor => "contractor",
            Self::Partner => "partner",
            Self::Vendor => "vendor",
        }
    }

    fn parse(s: &str) -> Result<Self> {
        match s {
            "employee" => Ok(Self::Employee),
            "contractor" => Ok(Self::Contractor),
            "partner" => Ok(Self::Partner),
            "vendor" => Ok(Self::Vendor),
            other => Err(Error::Decode(format!("relation {other:?}"))),
        }
    }
}

/// A person or a workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Person or workload.
    pub kind: IdentityKind,
    /// The sign-in name.
    pub name: Name,
    /// What people read.
    pub display_name: String,
    /// Lower-case, unique.
    pub email: Option<String>,
    /// Of a person.
    pub relation: Option<Relation>,
    /// Of a workload: `Person` or `Group`.
    pub owner: Option<Entity>,
    /// Not disabled.
    pub enabled: bool,
    /// From when.
    pub starts_at: Option<Timestamp>,
    /// Until when.
    pub ends_at: Option<Timestamp>,
    /// Further facts.
    pub attributes: Attributes,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

impl Identity {
    /// Whether it may act at `now`: enabled, begun, not over.
    pub fn active(&self, now: Timestamp) -> bool {
        self.enabled
            && self.starts_at.is_none_or(|t| t <= now)
            && self.ends_at.is_none_or(|t| now < t)
    }
}

impl FromRow for Identity {
    fn from_row(row: &Row) -> Result<Self> {
        let kind = match row.get::<String>("kind")?.as_str() {
            "person" => IdentityKind::Person,
            "workload" => IdentityKind::Workload,
            other => return Err(Error::Decode(format!("kind {other:?}"))),
        };
        let relation = row.get::<Option<String>>("relation")?;
        let owner_kind = row.get::<Option<String>>("owner_kind")?;
        let owner_id = row.get::<Option<IdentityId>>("owner_id")?;
        Ok(Self {
            id: row.get("id")?,
            kind,
            name: row.get("name")?,
            display_name: row.get("display_name")?,
            email: row.get("email")?,
            relation: relation.as_deref().map(Relation::parse).transpose()?,
            owner: owner_kind.zip(owner_id).map(|(kind, id)| Entity::new(&kind, id)),
            enabled: row.get("enabled")?,
            starts_at: row.get("starts_at")?,
            ends_at: row.get("ends_at")?,
            attributes: row.get::<Json<Attributes>>("attributes")?.0,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

/// Adds one.
pub fn insert(c: &Conn<'_>, i: &Identity) -> Result<()> {
    let (owner_kind, owner_id) = owner(i)?;
    c.execute(
        sql!(
            "INSERT INTO identity (id, kind, name, display_name, email, relation, owner_kind,
               owner_id, enabled, starts_at, ends_at, attributes, created_at, updated_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        ),
        args![
            i.id,
            i.kind.as_str(),
            i.name,
            i.display_name,
            i.email,
            i.relation.map(Relation::as_str),
            owner_kind,
            owner_id,
            i.enabled,
            i.starts_at,
            i.ends_at,
            Json(&i.attributes),
            i.created_at,
            i.updated_at,
            i.version
        ],
    )?;
    Ok(())
}

/// Writes all that may change, if the row still has the version that `i` was
/// read with; gives whether it had.
pub fn update(c: &Conn<'_>, i: &Identity) -> Result<bool> {
    let (owner_kind, owner_id) = owner(i)?;
    let touched = c.execute(
        sql!(
            "UPDATE identity SET name = $3, display_name = $4, email = $5, relation = $6,
               owner_kind = $7, owner_id = $8, enabled = $9, starts_at = $10, ends_at = $11,
               attributes = $12, updated_at = $13, version = version + 1
             WHERE id = $1 AND version = $2"
        ),
        args![
            i.id,
            i.version,
            i.name,
            i.display_name,
            i.email,
            i.relation.map(Relation::as_str),
            owner_kind,
            owner_id,
            i.enabled,
            i.starts_at,
            i.ends_at,
            Json(&i.attributes),
            i.updated_at
        ],
    )?;
    Ok(touched == 1)
}

fn owner(i: &Identity) -> Result<(Option<String>, Option<IdentityId>)> {
    let Some(owner) = &i.owner else { return Ok((None, None)) };
    let id = owner.id.parse().map_err(|_| Error::Other("an owner's id is a UUID".to_owned()))?;
    Ok((Some(owner.kind.clone()), Some(id)))
}

/// The one with this id.
pub fn find(c: &Conn<'_>, id: IdentityId) -> Result<Option<Identity>> {
    c.opt(
        sql!(
            "SELECT id, kind, name, display_name, email, relation, owner_kind, owner_id, enabled,
               starts_at, ends_at, attributes, created_at, updated_at, version
             FROM identity WHERE id = $1"
        ),
        args![id],
    )
}

/// The one with this name or this e-mail address, which must be canonical
/// already. A name holds no `@`, so no text is both.
pub fn by_name_or_email(c: &Conn<'_>, text: &str) -> Result<Option<Identity>> {
    c.opt(
        sql!(
            "SELECT id, kind, name, display_name, email, relation, owner_kind, owner_id, enabled,
               starts_at, ends_at, attributes, created_at, updated_at, version
             FROM identity WHERE name = $1 OR email = $1"
        ),
        args![text],
    )
}

/// Which identities a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name, display name or e-mail address.
    pub q: Option<String>,
    /// Of this kind.
    pub kind: Option<IdentityKind>,
    /// Enabled, or not.
    pub enabled: Option<bool>,
    /// Of this relation.
    pub relation: Option<Relation>,
    /// Directly in this group.
    pub group: Option<GroupId>,
    /// Holding this role directly, ended or not.
    pub role: Option<RoleId>,
}

sorts! {
    /// By what identities are sorted.
    IdentitySort {
        /// The sign-in name.
        Name = "name",
        /// What people read.
        DisplayName = "display_name",
        /// When it was created.
        CreatedAt = "created_at",
        /// When it was last changed.
        UpdatedAt = "updated_at",
    }
}

/// A page of those that fit.
pub fn search(
    c: &Conn<'_>,
    filter: &Filter,
    at: &Keyset<IdentitySort>,
) -> Result<Vec<Keyed<Identity>>> {
    keyset!(
        c,
        at,
        r"id, kind, name, display_name, email, relation, owner_kind, owner_id, enabled,
            starts_at, ends_at, attributes, created_at, updated_at, version
          FROM identity
          WHERE (name LIKE $1 ESCAPE '\' OR LOWER(display_name) LIKE $1 ESCAPE '\'
                 OR email LIKE $1 ESCAPE '\')
            AND (kind = $2 OR $2 IS NULL) AND (enabled = $3 OR $3 IS NULL)
            AND (relation = $4 OR $4 IS NULL)
            AND (EXISTS (SELECT 1 FROM team_identity m
                   WHERE m.identity = identity.id AND m.team = $5) OR $5 IS NULL)
            AND (EXISTS (SELECT 1 FROM role_holder h
                   WHERE h.holder = identity.id AND h.holder_kind = 'identity' AND h.role = $6)
                 OR $6 IS NULL)",
        [
            crate::search_pattern(filter.q.as_deref()),
            filter.kind.map(IdentityKind::as_str),
            filter.enabled,
            filter.relation.map(Relation::as_str),
            filter.group,
            filter.role,
        ],
        "$7",
        "$8",
        "$9",
        {
            IdentitySort::Name => "name",
            IdentitySort::DisplayName => "LOWER(display_name)" bounded by "LOWER(display_name)",
            IdentitySort::CreatedAt => "created_at",
            IdentitySort::UpdatedAt => "updated_at",
        }
    )
}

/// Those after the name `after`, by name; at most `limit`.
pub fn list(
    c: &Conn<'_>,
    filter: &Filter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Identity>> {
    c.all(
        sql!(
            r"SELECT id, kind, name, display_name, email, relation, owner_kind, owner_id, enabled,
               starts_at, ends_at, attributes, created_at, updated_at, version
             FROM identity
             WHERE name > $1
               AND (name LIKE $2 ESCAPE '\' OR LOWER(display_name) LIKE $2 ESCAPE '\'
                    OR email LIKE $2 ESCAPE '\')
               AND (kind = $3 OR $3 IS NULL)
               AND (enabled = $4 OR $4 IS NULL)
               AND (relation = $5 OR $5 IS NULL)
             ORDER BY name LIMIT $6"
        ),
        args![
            after.unwrap_or(""),
            crate::search_pattern(filter.q.as_deref()),
            filter.kind.map(IdentityKind::as_str),
            filter.enabled,
            filter.relation.map(Relation::as_str),
            limit
        ],
    )
}

/// Workloads that this person or group owns, by name.
pub fn owned_by(c: &Conn<'_>, kind: &str, owner: uuid::Uuid) -> Result<Vec<Name>> {
    let id = <IdentityId as doorward_core::Id>::from_uuid(owner);
    c.all_with(
        sql!("SELECT name FROM identity WHERE owner_kind = $1 AND owner_id = $2 ORDER BY name"),
        args![kind, id],
        |r| r.get("name"),
    )
}

/// How many there are.
pub fn count(c: &Conn<'_>) -> Result<i64> {
    Ok(c.value(sql!("SELECT COUNT(*) AS n FROM identity"), args![])?.unwrap_or(0))
}

/// Removes it with all that is its own. Refused by the database while requests
/// or privileged sessions speak of it: the record keeps its people.
pub fn delete(c: &Conn<'_>, id: IdentityId, version: i64) -> Result<bool> {
    Ok(c.execute(sql!("DELETE FROM identity WHERE id = $1 AND version = $2"), args![id, version])?
        == 1)
}

/// The names behind these ids: identities, groups, roles, targets, whatever.
pub fn names(c: &Conn<'_>, ids: &[IdentityId]) -> Result<BTreeMap<IdentityId, (Name, String)>> {
    let mut found = BTreeMap::new();
    for id in ids {
        let row = c.opt_with(
            sql!("SELECT name, display_name FROM identity WHERE id = $1"),
            args![*id],
            |r| Ok((r.get::<Name>("name")?, r.get::<String>("display_name")?)),
        )?;
        if let Some(names) = row {
            found.insert(*id, names);
        }
    }
    Ok(found)
}
