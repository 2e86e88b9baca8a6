//! How far time has come in this house: kept over restarts, so that a clock that
//! was set back meanwhile revives nothing.

use doorward_core::Timestamp;

use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::{args, setting, sql};

const NAME: &str = "clock";

/// The newest moment that was kept.
pub fn seen(c: &Conn<'_>) -> Result<Option<Timestamp>> {
    let Some(bytes) = setting::find(c, NAME)? else { return Ok(None) };
    let bytes = <[u8; 8]>::try_from(bytes.as_slice())
        .map_err(|_| Error::Decode("clock: eight bytes".to_owned()))?;
    Ok(Some(Timestamp::from_micros(i64::from_be_bytes(bytes))))
}

/// Keeps `at`, unless a newer moment is kept.
pub fn keep(c: &Conn<'_>, at: Timestamp) -> Result<()> {
    // Moments after 1970 sort by their bytes.
    c.execute(
        sql!(
            "INSERT INTO setting (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value
             WHERE setting.value < excluded.value"
        ),
        args![NAME, at.micros().to_be_bytes().as_slice()],
    )?;
    Ok(())
}

/// Keeps `at`, even when a newer moment is kept: somebody who may says that the
/// clock was wrong then and is right now.
fn put_right(c: &Conn<'_>, at: Timestamp) -> Result<()> {
    setting::put(c, NAME, &at.micros().to_be_bytes())
}

/// What was ended so that it does not begin again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// People and workloads, by name, who are disabled now: their end had come.
    pub identities: Vec<String>,
    /// How many holders lost a role: its end had come.
    pub roles: u64,
}

/// Takes the clock for right although a later moment was seen: whatever lasts is
/// ended, and whatever had ended by a date is ended for good, since its date lies
/// ahead again. To be called while no node runs.
pub fn accept(c: &Conn<'_>, wall: Timestamp) -> Result<Ended> {
    let seen = seen(c)?.unwrap_or(wall);
    let over = c.all_with(
        sql!("SELECT name FROM identity WHERE enabled AND ends_at > $1 AND ends_at <= $2"),
        args![wall, seen],
        |row| row.get::<String>("name"),
    )?;
    c.execute(
        sql!(
            "UPDATE identity SET enabled = FALSE, version = version + 1
             WHERE enabled AND ends_at > $1 AND ends_at <= $2"
        ),
        args![wall, seen],
    )?;
    let roles = c.execute(
        sql!("DELETE FROM role_holder WHERE ends_at > $1 AND ends_at <= $2"),
        args![wall, seen],
    )?;
    for end in [
        sql!(
            "UPDATE session SET revoked_at = $1, revoked_because = 'the clock was put right', mac = NULL WHERE revoked_at IS NULL"
        ),
        sql!(
            "UPDATE token_family SET revoked_at = $1, revoked_because = 'the clock was put right' WHERE revoked_at IS NULL"
        ),
        sql!(
            "UPDATE access_grant SET ended_at = $1, version = version + 1, mac = NULL WHERE ended_at IS NULL"
        ),
        sql!(
            "UPDATE request SET state = 'expired', decided_at = $1, version = version + 1, mac = NULL WHERE state = 'pending'"
        ),
        sql!("DELETE FROM confirmation WHERE expires_at > $1"),
        sql!("DELETE FROM one_time_link WHERE expires_at > $1"),
        sql!("UPDATE signin SET expires_at = $1 WHERE expires_at > $1"),
        sql!("UPDATE lease SET expires_at = $1 WHERE expires_at > $1"),
        // What waits for a moment of the wrong clock waits no longer.
        sql!("UPDATE outbox SET next_at = $1 WHERE next_at > $1"),
        sql!("UPDATE throttle SET first_at = $1, last_at = $1 WHERE last_at > $1"),
    ] {
        c.execute(end, args![wall])?;
    }
    put_right(c, wall)?;
    Ok(Ended { identities: over, roles })
}
