//! What the decider keeps in memory, read in one go.

use std::collections::BTreeMap;

use doorward_core::{
    AccountId, ApplicationId, DeviceId, GroupId, IdentityId, Name, RoleId, SecretId, TargetId,
    Timestamp,
};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::genuine::{
    self,
    tables::{ROLE, ROLE_HOLDER, TEAM, TEAM_IDENTITY, TEAM_TEAM},
};
use crate::value::Json;
use crate::{args, sql};

/// What policies may ask about an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityFact {
    /// Which.
    pub id: IdentityId,
    /// Person, not workload.
    pub person: bool,
    /// Sign-in name.
    pub name: Name,
    /// employee, contractor, partner, vendor; empty for workloads.
    pub relation: String,
    /// Not disabled.
    pub enabled: bool,
    /// From when.
    pub starts_at: Option<Timestamp>,
    /// Until when.
    pub ends_at: Option<Timestamp>,
    /// Further identities of the same person, as this one names them.
    pub linked: Vec<IdentityId>,
}

/// The attribute that names them: ids, separated by spaces.
pub const LINKED: &str = "linked_to";

impl FromRow for IdentityFact {
    fn from_row(row: &Row) -> Result<Self> {
        let attributes = row.get::<Json<BTreeMap<String, serde_json::Value>>>("attributes")?.0;
        let linked = attributes.get(LINKED).and_then(serde_json::Value::as_str).unwrap_or("");
        Ok(Self {
            linked: linked.split_whitespace().filter_map(|id| id.parse().ok()).collect(),
            id: row.get("id")?,
            person: row.get::<String>("kind")? == "person",
            name: row.get("name")?,
            relation: row.get::<Option<String>>("relation")?.unwrap_or_default(),
            enabled: row.get("enabled")?,
            starts_at: row.get("starts_at")?,
            ends_at: row.get("ends_at")?,
        })
    }
}

/// A role in somebody's or some group's hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderFact {
    /// Which role.
    pub role: RoleId,
    /// Whether the holder is a group.
    pub group: bool,
    /// The identity, or the group's id in the same bytes.
    pub holder: IdentityId,
    /// Until when.
    pub ends_at: Option<Timestamp>,
}

/// A target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetFact {
    /// Which.
    pub id: TargetId,
    /// Its name.
    pub name: Name,
    /// Its protocol.
    pub kind: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Whether it may be reached.
    pub enabled: bool,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountFact {
    /// Which.
    pub id: AccountId,
    /// On which target.
    pub target: TargetId,
    /// Its name there.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// All identities.
pub fn identities(c: &Conn<'_>) -> Result<Vec<IdentityFact>> {
    c.all(
        sql!(
            "SELECT id, kind, name, relation, enabled, starts_at, ends_at, attributes FROM identity"
        ),
        args![],
    )
}

/// One identity.
pub fn identity(c: &Conn<'_>, id: IdentityId) -> Result<Option<IdentityFact>> {
    c.opt(
        sql!(
            "SELECT id, kind, name, relation, enabled, starts_at, ends_at, attributes
             FROM identity WHERE id = $1"
        ),
        args![id],
    )
}

/// Names of all groups.
pub fn groups(c: &Conn<'_>) -> Result<Vec<(GroupId, Name)>> {
    genuine::whole(c, &TEAM, |r| Ok((r.get("id")?, r.get("name")?)))
}

/// Who is directly in which group.
pub fn members(c: &Conn<'_>) -> Result<Vec<(GroupId, IdentityId)>> {
    genuine::whole(c, &TEAM_IDENTITY, |r| Ok((r.get("team")?, r.get("identity")?)))
}

/// Which group is directly in which.
pub fn nesting(c: &Conn<'_>) -> Result<Vec<(GroupId, GroupId)>> {
    genuine::whole(c, &TEAM_TEAM, |r| Ok((r.get("team")?, r.get("member")?)))
}

/// Names of all roles.
pub fn roles(c: &Conn<'_>) -> Result<Vec<(RoleId, Name)>> {
    genuine::whole(c, &ROLE, |r| Ok((r.get("id")?, r.get("name")?)))
}

/// Who holds which role.
pub fn holders(c: &Conn<'_>) -> Result<Vec<HolderFact>> {
    genuine::whole(c, &ROLE_HOLDER, |r| {
        Ok(HolderFact {
            role: r.get("role")?,
            group: r.get::<String>("holder_kind")? == "group",
            holder: r.get("holder")?,
            ends_at: r.get("ends_at")?,
        })
    })
}

/// All targets.
pub fn targets(c: &Conn<'_>) -> Result<Vec<TargetFact>> {
    c.all_with(sql!("SELECT id, name, kind, labels, enabled FROM target"), args![], |r| {
        Ok(TargetFact {
            id: r.get("id")?,
            name: r.get("name")?,
            kind: r.get("kind")?,
            labels: r.get::<Json<_>>("labels")?.0,
            enabled: r.get("enabled")?,
        })
    })
}

/// All accounts.
pub fn accounts(c: &Conn<'_>) -> Result<Vec<AccountFact>> {
    c.all_with(sql!("SELECT id, target, name, labels FROM account"), args![], |r| {
        Ok(AccountFact {
            id: r.get("id")?,
            target: r.get("target")?,
            name: r.get("name")?,
            labels: r.get::<Json<_>>("labels")?.0,
        })
    })
}

/// Names of all applications, and whether they are in use.
pub fn applications(c: &Conn<'_>) -> Result<Vec<(ApplicationId, Name, bool)>> {
    c.all_with(sql!("SELECT id, name, enabled FROM application"), args![], |r| {
        Ok((r.get("id")?, r.get("name")?, r.get("enabled")?))
    })
}

/// The devices that are managed, and whose they are.
pub fn managed_devices(c: &Conn<'_>) -> Result<Vec<(DeviceId, IdentityId)>> {
    c.all_with(sql!("SELECT id, identity FROM device WHERE managed"), args![], |r| {
        Ok((r.get("id")?, r.get("identity")?))
    })
}

/// Whose device this is, if it is managed.
pub fn managed_device(c: &Conn<'_>, id: DeviceId) -> Result<Option<IdentityId>> {
    c.value(sql!("SELECT identity FROM device WHERE id = $1 AND managed"), args![id])
}

/// Names of all secrets.
pub fn secrets(c: &Conn<'_>) -> Result<Vec<(SecretId, Name)>> {
    c.all_with(sql!("SELECT id, name FROM secret"), args![], |r| Ok((r.get("id")?, r.get("name")?)))
}
