//! The table `policy`.

use doorward_core::{Name, PolicyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::conn::{Conn, FromRow, Row};
use crate::error::{Error, Result};
use crate::genuine::{self, SetState, tables::POLICY};
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::{args, sql};

/// One policy as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Policy {
    /// Its id.
    pub id: PolicyId,
    /// Its name, unique.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// Cedar.
    pub text: String,
    /// Whether it is in force.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for Policy {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            description: row.get("description")?,
            text: row.get("text")?,
            enabled: row.get("enabled")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

/// Inserts it.
pub fn insert(c: &Conn<'_>, p: &Policy) -> Result<()> {
    must_be_whole(c)?;
    let sql = sql!(
        "INSERT INTO policy (id, name, description, text, enabled, created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *"
    );
    genuine::written(
        c,
        &POLICY,
        sql,
        args![
            p.id,
            p.name,
            p.description,
            p.text,
            p.enabled,
            p.created_at,
            p.updated_at,
            p.version
        ],
    )?;
    genuine::keep_set(c, &POLICY)
}

/// Changing one policy must not make good what somebody did to another.
fn must_be_whole(c: &Conn<'_>) -> Result<()> {
    match genuine::set_state(c, &POLICY)? {
        SetState::Whole => Ok(()),
        SetState::Broken => Err(Error::Forged(POLICY.name)),
        SetState::Untold => Err(Error::Sealed),
    }
}

/// Changes it, if its version is still `p.version - 1`. False when it is not.
pub fn update(c: &Conn<'_>, p: &Policy) -> Result<bool> {
    must_be_whole(c)?;
    let sql = sql!(
        "UPDATE policy SET description = $2, text = $3, enabled = $4, updated_at = $5, version = $6
         WHERE id = $1 AND version = $6 - 1 RETURNING *"
    );
    let values = args![p.id, p.description, p.text, p.enabled, p.updated_at, p.version];
    let done = genuine::amend(c, &POLICY, args![p.id], sql, values)?;
    genuine::keep_set(c, &POLICY)?;
    Ok(done)
}

/// Deletes it.
pub fn delete(c: &Conn<'_>, id: PolicyId) -> Result<bool> {
    must_be_whole(c)?;
    let sql = sql!("DELETE FROM policy WHERE id = $1 RETURNING *");
    let done = genuine::remove(c, &POLICY, sql, args![id])? > 0;
    genuine::keep_set(c, &POLICY)?;
    Ok(done)
}

/// By name.
pub fn find(c: &Conn<'_>, name: &str) -> Result<Option<Policy>> {
    c.genuine_opt(&POLICY, sql!("SELECT * FROM policy WHERE name = $1"), args![name])
}

/// All of them, by name.
pub fn all(c: &Conn<'_>) -> Result<Vec<Policy>> {
    c.genuine(&POLICY, sql!("SELECT * FROM policy ORDER BY name"), args![])
}

/// All of them, if they are what this house kept: none missing, none altered. What is
/// forged beside them is left out.
pub fn whole(c: &Conn<'_>) -> Result<Option<Vec<Policy>>> {
    Ok(match genuine::set_state(c, &POLICY)? {
        SetState::Whole => Some(all(c)?),
        SetState::Broken | SetState::Untold => None,
    })
}

/// Whether there was never any.
pub fn is_untouched(c: &Conn<'_>) -> Result<bool> {
    genuine::is_untouched(c, &POLICY)
}

/// Which policies a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name, the description or the text.
    pub q: Option<String>,
    /// In force, or not.
    pub enabled: Option<bool>,
}

sorts! {
    /// By what policies are sorted.
    PolicySort {
        /// The name.
        Name = "name",
        /// When it was made.
        CreatedAt = "created_at",
        /// When it was changed last.
        UpdatedAt = "updated_at",
    }
}

/// A page of those that fit.
pub fn search(
    c: &Conn<'_>,
    filter: &Filter,
    at: &Keyset<PolicySort>,
) -> Result<Vec<Keyed<Policy>>> {
    keyset!(
        c,
        at,
        r"* FROM policy
          WHERE (name LIKE $1 ESCAPE '\' OR LOWER(description) LIKE $1 ESCAPE '\'
                 OR LOWER(text) LIKE $1 ESCAPE '\')
            AND (enabled = $2 OR $2 IS NULL)",
        [crate::search_pattern(filter.q.as_deref()), filter.enabled],
        "$3",
        "$4",
        "$5",
        {
            PolicySort::Name => "name",
            PolicySort::CreatedAt => "created_at",
            PolicySort::UpdatedAt => "updated_at",
        }
    )
}
