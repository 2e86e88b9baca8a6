//! What is known of somebody who asks for access: read for the risk of a request.

use doorward_core::{AccountId, ApplicationId, Entity, Event, IdentityId, RequestId, Timestamp};
use std::time::Duration;

use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::{args, sql};

/// More of somebody's sign-ins and addresses are not looked at.
const MOST: i64 = 500;

/// The record of the filing: from where, on what, how proven.
pub fn filing(c: &Conn<'_>, request: RequestId) -> Result<Option<Event>> {
    let body: Option<String> = c.value(
        sql!(
            "SELECT body FROM event
             WHERE target_kind = 'Request' AND target_id = $1 AND activity = 'request.filed'
             ORDER BY at, id LIMIT 1"
        ),
        args![request.to_string()],
    )?;
    body.map(|b| serde_json::from_str(&b).map_err(|e| Error::Decode(e.to_string()))).transpose()
}

/// The addresses that somebody came from in this time.
pub fn addresses(
    c: &Conn<'_>,
    who: IdentityId,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<String>> {
    c.all_with(
        sql!(
            "SELECT DISTINCT address FROM event
             WHERE actor = $1 AND at >= $2 AND at < $3 AND address IS NOT NULL LIMIT $4"
        ),
        args![who, since, until, MOST],
        |r| r.get("address"),
    )
}

/// When somebody signed in during this time, the newest first.
pub fn sign_ins(
    c: &Conn<'_>,
    who: IdentityId,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<Timestamp>> {
    c.all_with(
        sql!(
            "SELECT at FROM event
             WHERE actor = $1 AND at >= $2 AND at < $3 AND activity = 'session.opened'
               AND target_kind = 'Identity'
             ORDER BY at DESC LIMIT $4"
        ),
        args![who, since, until, MOST],
        |r| r.get("at"),
    )
}

/// How often signing in as somebody failed in this time.
pub fn failures(c: &Conn<'_>, who: IdentityId, since: Timestamp, until: Timestamp) -> Result<u32> {
    let found: Option<i64> = c.value(
        sql!(
            "SELECT COUNT(*) AS n FROM event
             WHERE target_kind = 'Identity' AND target_id = $1 AND at >= $2 AND at <= $3
               AND activity = 'sign-in.failed'"
        ),
        args![who.to_string(), since, until],
    )?;
    Ok(found.and_then(|n| u32::try_from(n).ok()).unwrap_or(0))
}

/// When an authenticator of somebody's was last added or removed in this time.
pub fn authenticators_changed(
    c: &Conn<'_>,
    who: IdentityId,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<Timestamp>> {
    let last: Option<Option<Timestamp>> = c.value(
        sql!(
            "SELECT MAX(at) AS at FROM event
             WHERE target_kind = 'Identity' AND target_id = $1 AND at >= $2 AND at <= $3
               AND activity IN ('authenticator.enrolled', 'authenticator.removed')"
        ),
        args![who.to_string(), since, until],
    )?;
    Ok(last.flatten())
}

/// Whether somebody was on the account before.
pub fn was_on(c: &Conn<'_>, who: IdentityId, on: AccountId, before: Timestamp) -> Result<bool> {
    let first: Option<Option<Timestamp>> = c.value(
        sql!("SELECT MIN(started_at) AS at FROM privileged_session WHERE account = $1 AND identity = $2"),
        args![on, who],
    )?;
    Ok(first.flatten().is_some_and(|at| at < before))
}

/// Whether somebody opened the application in this time.
pub fn opened(
    c: &Conn<'_>,
    who: IdentityId,
    application: ApplicationId,
    since: Timestamp,
    before: Timestamp,
) -> Result<bool> {
    let found: Option<i64> = c.value(
        sql!(
            "SELECT 1 AS one FROM event
             WHERE actor = $1 AND at >= $2 AND at < $3 AND outcome = 'success'
               AND target_kind = 'Application' AND target_id = $4
               AND activity IN ('application.opened', 'token.issued')
             LIMIT 1"
        ),
        args![who, since, before, application.to_string()],
    )?;
    Ok(found.is_some())
}

/// The longest that somebody was granted this for, before.
pub fn longest_grant(
    c: &Conn<'_>,
    who: IdentityId,
    about: &Entity,
    before: Timestamp,
) -> Result<Option<Duration>> {
    let longest: Option<Option<Duration>> = c.value(
        sql!(
            "SELECT MAX(ends_at - starts_at) AS longest FROM access_grant
             WHERE holder = $1 AND about_kind = $2 AND about_id = $3 AND starts_at < $4"
        ),
        args![who, &about.kind, &about.id, before],
    )?;
    Ok(longest.flatten())
}

/// How often somebody broke the glass in this time.
pub fn broken_glass(
    c: &Conn<'_>,
    who: IdentityId,
    since: Timestamp,
    until: Timestamp,
) -> Result<u32> {
    let found: Option<i64> = c.value(
        sql!(
            "SELECT COUNT(*) AS n FROM access_grant
             WHERE holder = $1 AND break_glass AND starts_at >= $2 AND starts_at <= $3"
        ),
        args![who, since, until],
    )?;
    Ok(found.and_then(|n| u32::try_from(n).ok()).unwrap_or(0))
}

/// Whether anybody's device is managed: where none is, none says anything.
pub fn any_managed(c: &Conn<'_>) -> Result<bool> {
    let found: Option<i64> =
        c.value(sql!("SELECT 1 AS one FROM device WHERE managed LIMIT 1"), args![])?;
    Ok(found.is_some())
}
