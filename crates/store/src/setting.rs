//! Values that belong to the database and not to a node.

use crate::conn::Conn;
use crate::error::Result;
use crate::{args, sql};

/// The value, if it is set.
pub fn find(c: &Conn<'_>, name: &str) -> Result<Option<Vec<u8>>> {
    c.value(sql!("SELECT value FROM setting WHERE name = $1"), args![name])
}

/// Sets it.
pub fn put(c: &Conn<'_>, name: &str, value: &[u8]) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO setting (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        ),
        args![name, value],
    )?;
    Ok(())
}

/// Sets it unless it is set; gives what is set then.
pub fn ensure(c: &Conn<'_>, name: &str, value: &[u8]) -> Result<Vec<u8>> {
    c.execute(
        sql!("INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"),
        args![name, value],
    )?;
    Ok(find(c, name)?.unwrap_or_default())
}
