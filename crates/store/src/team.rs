//! Groups. The table is called `team`, since GROUP is a word of SQL.

use doorward_core::{GroupId, IdentityId, Name, Timestamp};
use serde::{Deserialize, Serialize};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::genuine::{
    self,
    tables::{TEAM, TEAM_IDENTITY, TEAM_TEAM, Table},
};
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::value::Value;
use crate::{args, sql};

/// A set of identities and groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for Group {
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

/// Adds one.
pub fn insert(c: &Conn<'_>, g: &Group) -> Result<()> {
    let sql = sql!(
        "INSERT INTO team (id, name, description, created_at, version)
         VALUES ($1, $2, $3, $4, $5) RETURNING *"
    );
    let values = args![g.id, g.name, g.description, g.created_at, g.version];
    genuine::written(c, &TEAM, sql, values).map(drop)
}

/// Writes name and description, if the row still has this version.
pub fn update(c: &Conn<'_>, g: &Group) -> Result<bool> {
    let sql = sql!(
        "UPDATE team SET name = $3, description = $4, version = version + 1
         WHERE id = $1 AND version = $2 RETURNING *"
    );
    genuine::amend(c, &TEAM, args![g.id], sql, args![g.id, g.version, g.name, g.description])
}

/// Removes it, its memberships and its places in other groups.
pub fn delete(c: &Conn<'_>, id: GroupId, version: i64) -> Result<bool> {
    let sql = sql!("DELETE FROM team WHERE id = $1 AND version = $2 RETURNING *");
    Ok(genuine::remove(c, &TEAM, sql, args![id, version])? == 1)
}

/// The one with this id.
pub fn find(c: &Conn<'_>, id: GroupId) -> Result<Option<Group>> {
    c.opt(
        sql!("SELECT id, name, description, created_at, version FROM team WHERE id = $1"),
        args![id],
    )
}

/// The one with this name.
pub fn by_name(c: &Conn<'_>, name: &str) -> Result<Option<Group>> {
    c.opt(
        sql!("SELECT id, name, description, created_at, version FROM team WHERE name = $1"),
        args![name],
    )
}

/// Which groups a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name or the description.
    pub q: Option<String>,
    /// With this identity directly in them.
    pub member: Option<IdentityId>,
}

sorts! {
    /// By what groups are sorted.
    GroupSort {
        /// The name.
        Name = "name",
        /// When it was created.
        CreatedAt = "created_at",
    }
}

/// A page of those that fit.
pub fn search(c: &Conn<'_>, filter: &Filter, at: &Keyset<GroupSort>) -> Result<Vec<Keyed<Group>>> {
    keyset!(
        c,
        at,
        r"id, name, description, created_at, version
          FROM team
          WHERE (name LIKE $1 ESCAPE '\' OR LOWER(description) LIKE $1 ESCAPE '\')
            AND (EXISTS (SELECT 1 FROM team_identity m
                   WHERE m.team = team.id AND m.identity = $2)
                 OR $2 IS NULL)",
        [crate::search_pattern(filter.q.as_deref()), filter.member],
        "$3",
        "$4",
        "$5",
        {
            GroupSort::Name => "name",
            GroupSort::CreatedAt => "created_at",
        }
    )
}

/// Puts the identity in; gives whether it was not in before.
pub fn add_identity(c: &Conn<'_>, group: GroupId, member: IdentityId) -> Result<bool> {
    let delete = sql!("DELETE FROM team_identity WHERE team = $1 AND identity = $2");
    let Some(version) = genuine::vacant(c, &TEAM_IDENTITY, args![group, member], delete)? else {
        return Ok(false);
    };
    let sql =
        sql!("INSERT INTO team_identity (team, identity, version) VALUES ($1, $2, $3) RETURNING *");
    Ok(genuine::written(c, &TEAM_IDENTITY, sql, args![group, member, version])? == 1)
}

/// Takes the identity out; gives whether it was in.
pub fn remove_identity(c: &Conn<'_>, group: GroupId, member: IdentityId) -> Result<bool> {
    let sql = sql!("DELETE FROM team_identity WHERE team = $1 AND identity = $2 RETURNING *");
    Ok(genuine::remove(c, &TEAM_IDENTITY, sql, args![group, member])? == 1)
}

/// Puts the group in; gives whether it was not in before.
pub fn add_group(c: &Conn<'_>, group: GroupId, member: GroupId) -> Result<bool> {
    let delete = sql!("DELETE FROM team_team WHERE team = $1 AND member = $2");
    let Some(version) = genuine::vacant(c, &TEAM_TEAM, args![group, member], delete)? else {
        return Ok(false);
    };
    let sql = sql!("INSERT INTO team_team (team, member, version) VALUES ($1, $2, $3) RETURNING *");
    Ok(genuine::written(c, &TEAM_TEAM, sql, args![group, member, version])? == 1)
}

/// Takes the group out; gives whether it was in.
pub fn remove_group(c: &Conn<'_>, group: GroupId, member: GroupId) -> Result<bool> {
    let sql = sql!("DELETE FROM team_team WHERE team = $1 AND member = $2 RETURNING *");
    Ok(genuine::remove(c, &TEAM_TEAM, sql, args![group, member])? == 1)
}

/// Every nesting: (group, group within it), for the search for cycles.
pub fn nestings(c: &Conn<'_>) -> Result<Vec<(GroupId, GroupId)>> {
    c.all_with(sql!("SELECT team, member FROM team_team"), args![], |r| {
        Ok((r.get("team")?, r.get("member")?))
    })
}

/// Identities directly in the group, by name.
pub fn identities_in(c: &Conn<'_>, group: GroupId) -> Result<Vec<(IdentityId, Name, String)>> {
    listed(
        c,
        &TEAM_IDENTITY,
        sql!(
            "SELECT t.*, i.id AS id, i.name AS name, i.display_name AS display_name
             FROM team_identity t JOIN identity i ON i.id = t.identity WHERE t.team = $1 ORDER BY i.name"
        ),
        args![group],
        |r| Ok((r.get("id")?, r.get("name")?, r.get("display_name")?)),
    )
}

/// Groups directly in the group, by name.
pub fn groups_in(c: &Conn<'_>, group: GroupId) -> Result<Vec<(GroupId, Name)>> {
    listed(
        c,
        &TEAM_TEAM,
        sql!(
            "SELECT t.*, g.id AS id, g.name AS name FROM team_team t JOIN team g ON g.id = t.member
             WHERE t.team = $1 ORDER BY g.name"
        ),
        args![group],
        |r| Ok((r.get("id")?, r.get("name")?)),
    )
}

/// Groups that the identity is directly in, by name.
pub fn of_identity(c: &Conn<'_>, identity: IdentityId) -> Result<Vec<(GroupId, Name)>> {
    listed(
        c,
        &TEAM_IDENTITY,
        sql!(
            "SELECT t.*, g.id AS id, g.name AS name FROM team_identity t JOIN team g ON g.id = t.team
             WHERE t.identity = $1 ORDER BY g.name"
        ),
        args![identity],
        |r| Ok((r.get("id")?, r.get("name")?)),
    )
}

/// Genuine memberships, by a closure.
fn listed<T>(
    c: &Conn<'_>,
    table: &'static Table,
    sql: &str,
    args: &[Value],
    mut map: impl FnMut(&Row) -> Result<T>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    for row in c.rows(sql, args)? {
        if genuine::accepts(c, table, &row)? {
            found.push(map(&row)?);
        }
    }
    Ok(found)
}
