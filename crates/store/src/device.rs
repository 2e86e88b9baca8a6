//! What people sign in with: browsers and command lines.

use doorward_core::lifecycle::SessionKind;
use doorward_core::{DeviceId, IdentityId, Timestamp};
use serde::Serialize;

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::{args, sql};

/// A browser or a command line of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Whose.
    pub identity: IdentityId,
    /// Browser or command line.
    pub kind: SessionKind,
    /// What it called itself when it was last signed in with.
    pub label: String,
    /// Whether an administrator said that it is managed.
    pub managed: bool,
    /// When it was first signed in with.
    pub created_at: Timestamp,
    /// When it was last signed in with.
    pub last_seen_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for Device {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            identity: row.get("identity")?,
            kind: crate::session::kind(&row.get::<String>("kind")?)?,
            label: row.get("label")?,
            managed: row.get("managed")?,
            created_at: row.get("created_at")?,
            last_seen_at: row.get("last_seen_at")?,
            version: row.get("version")?,
        })
    }
}

/// Which devices a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this person's.
    pub identity: Option<IdentityId>,
    /// Only those that are managed, or are not.
    pub managed: Option<bool>,
    /// Only those whose label or owner's name contains this.
    pub q: Option<String>,
}

/// Adds one.
pub fn insert(c: &Conn<'_>, d: &Device, token_hash: &[u8]) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO device (id, identity, token_hash, kind, label, managed, created_at,
               last_seen_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        args![
            d.id,
            d.identity,
            token_hash,
            crate::session::kind_column(d.kind),
            d.label,
            d.managed,
            d.created_at,
            d.last_seen_at,
            d.version
        ],
    )?;
    Ok(())
}

/// The one that has this key.
pub fn by_token(c: &Conn<'_>, token_hash: &[u8]) -> Result<Option<Device>> {
    c.opt(
        sql!(
            "SELECT id, identity, kind, label, managed, created_at, last_seen_at, version
             FROM device WHERE token_hash = $1"
        ),
        args![token_hash],
    )
}

/// The one with this id.
pub fn find(c: &Conn<'_>, id: DeviceId) -> Result<Option<Device>> {
    c.opt(
        sql!(
            "SELECT id, identity, kind, label, managed, created_at, last_seen_at, version
             FROM device WHERE id = $1"
        ),
        args![id],
    )
}

/// The hash of its key.
pub fn token_hash(c: &Conn<'_>, id: DeviceId, identity: IdentityId) -> Result<Option<Vec<u8>>> {
    c.value(
        sql!("SELECT token_hash FROM device WHERE id = $1 AND identity = $2"),
        args![id, identity],
    )
}

sorts! {
    /// By what devices are sorted.
    DeviceSort {
        /// When it was last signed in with.
        LastSeenAt = "last_seen_at",
        /// When it was first signed in with.
        CreatedAt = "created_at",
    }
}

/// A page of those that fit.
pub fn search(
    c: &Conn<'_>,
    filter: &Filter,
    at: &Keyset<DeviceSort>,
) -> Result<Vec<Keyed<Device>>> {
    keyset!(
        c,
        at,
        r"id, identity, kind, label, managed, created_at, last_seen_at, version
          FROM device
          WHERE (LOWER(label) LIKE $1 ESCAPE '\'
                 OR EXISTS (SELECT 1 FROM identity i
                      WHERE i.id = device.identity AND i.name LIKE $1 ESCAPE '\'))
            AND (identity = $2 OR $2 IS NULL) AND (managed = $3 OR $3 IS NULL)",
        [crate::search_pattern(filter.q.as_deref()), filter.identity, filter.managed],
        "$4",
        "$5",
        "$6",
        {
            DeviceSort::LastSeenAt => "last_seen_at",
            DeviceSort::CreatedAt => "created_at",
        }
    )
}

/// Notes its use, and what it calls itself now.
pub fn seen(c: &Conn<'_>, id: DeviceId, label: &str, at: Timestamp) -> Result<()> {
    c.execute(
        sql!("UPDATE device SET last_seen_at = $2, label = $3 WHERE id = $1"),
        args![id, at, label],
    )?;
    Ok(())
}

/// Says whether it is managed; gives it as it is then.
pub fn set_managed(
    c: &Conn<'_>,
    id: DeviceId,
    identity: IdentityId,
    managed: bool,
) -> Result<Option<Device>> {
    c.opt(
        sql!(
            "UPDATE device SET managed = $3, version = version + 1
             WHERE id = $1 AND identity = $2
             RETURNING id, identity, kind, label, managed, created_at, last_seen_at, version"
        ),
        args![id, identity, managed],
    )
}

/// Forgets it; false when there is none.
pub fn delete(c: &Conn<'_>, id: DeviceId, identity: IdentityId) -> Result<bool> {
    Ok(c.execute(sql!("DELETE FROM device WHERE id = $1 AND identity = $2"), args![id, identity])?
        == 1)
}

/// Forgets those that nobody vouches for and nobody has used since.
pub fn sweep(c: &Conn<'_>, before: Timestamp) -> Result<()> {
    c.execute(sql!("DELETE FROM device WHERE NOT managed AND last_seen_at < $1"), args![before])?;
    Ok(())
}
