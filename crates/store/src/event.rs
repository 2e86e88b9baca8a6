//! The rows of the audit record.

use doorward_core::{
    ApplicationId, Event, EventId, IdentityId, PrivilegedSessionId, Timestamp, Who,
};

use serde::{Deserialize, Serialize};

use crate::conn::{Conn, FromRow, Row};
use crate::error::{Error, Result};
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::{args, sql};

/// Appends the event in the transaction of its change. `body` is the exact text
/// that the log hashes; the columns beside it only serve the search.
pub fn append(c: &Conn<'_>, event: &Event) -> Result<()> {
    let body = serde_json::to_string(event).map_err(|e| Error::Other(e.to_string()))?;
    let outcome = match event.outcome {
        doorward_core::Outcome::Success => "success",
        doorward_core::Outcome::Failure => "failure",
    };
    let actor = match &event.actor.who {
        Who::Identity(id) => Some(*id),
        Who::System(_) | Who::Nobody => None,
    };
    c.execute(
        sql!(
            "INSERT INTO event (id, at, class, activity, outcome, actor, target_kind, target_id,
               privileged_session, address, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        args![
            event.id,
            event.at,
            event.class.uid(),
            &event.activity,
            outcome,
            actor,
            event.target.as_ref().map(|t| t.kind.clone()),
            event.target.as_ref().map(|t| t.id.clone()),
            event.privileged_session,
            event.actor.network.address.map(|a| a.to_string()),
            body
        ],
    )?;
    Ok(())
}

/// An event that waits for its leaf.
pub struct Waiting {
    /// Its id.
    pub id: EventId,
    /// The text that is hashed.
    pub body: String,
}

/// An event with its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Its id.
    pub id: EventId,
    /// Its place.
    pub leaf: i64,
    /// Its leaf hash as it was stored.
    pub hash: Vec<u8>,
    /// The text that is hashed.
    pub body: String,
}

/// Events without a leaf, oldest first.
pub fn waiting(c: &Conn<'_>, limit: i64) -> Result<Vec<Waiting>> {
    c.all_with(
        sql!("SELECT id, body FROM event WHERE leaf IS NULL ORDER BY id LIMIT $1"),
        args![limit],
        |r| Ok(Waiting { id: r.get("id")?, body: r.get("body")? }),
    )
}

/// Gives an event its leaf; false when it has one already.
pub fn place(c: &Conn<'_>, id: EventId, leaf: i64, hash: &[u8]) -> Result<bool> {
    let touched = c.execute(
        sql!("UPDATE event SET leaf = $2, hash = $3 WHERE id = $1 AND leaf IS NULL"),
        args![id, leaf, hash],
    )?;
    Ok(touched > 0)
}

/// How many leaves there are.
pub fn size(c: &Conn<'_>) -> Result<i64> {
    let last: Option<i64> = c.value(
        sql!("SELECT leaf FROM event WHERE leaf IS NOT NULL ORDER BY leaf DESC LIMIT 1"),
        args![],
    )?;
    Ok(last.map_or(0, |l| l + 1))
}

/// Events with their leaves from `from` on, in the log's order.
pub fn leaves(c: &Conn<'_>, from: i64, limit: i64) -> Result<Vec<Leaf>> {
    c.all_with(
        sql!("SELECT id, leaf, hash, body FROM event WHERE leaf >= $1 ORDER BY leaf LIMIT $2"),
        args![from, limit],
        |r| {
            Ok(Leaf {
                id: r.get("id")?,
                leaf: r.get("leaf")?,
                hash: r.get("hash")?,
                body: r.get("body")?,
            })
        },
    )
}

/// Leaf hashes alone, from `from` on.
pub fn hashes(c: &Conn<'_>, from: i64, limit: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    c.all_with(
        sql!("SELECT leaf, hash FROM event WHERE leaf >= $1 ORDER BY leaf LIMIT $2"),
        args![from, limit],
        |r| Ok((r.get("leaf")?, r.get("hash")?)),
    )
}

/// Keeps a signed checkpoint.
pub fn put_checkpoint(
    c: &Conn<'_>,
    size: i64,
    root: &[u8],
    note: &str,
    at: Timestamp,
) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO checkpoint (size, root, note, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (size) DO NOTHING"
        ),
        args![size, root, note, at],
    )?;
    Ok(())
}

/// The newest signed checkpoint: its size and its note.
pub fn newest_checkpoint(c: &Conn<'_>) -> Result<Option<(i64, String)>> {
    c.opt_with(sql!("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1"), args![], |r| {
        Ok((r.get("size")?, r.get("note")?))
    })
}

/// What to look for. What is absent is not asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Who.
    pub actor: Option<IdentityId>,
    /// The activity, or the beginning of it.
    pub activity: Option<String>,
    /// The id of what it was done to.
    pub target: Option<String>,
    /// In which privileged session.
    pub privileged_session: Option<PrivilegedSessionId>,
    /// From which address.
    pub address: Option<String>,
    /// `success` or `failure`.
    pub outcome: Option<String>,
    /// OCSF class.
    pub class: Option<i64>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Anything of this.
    pub any: Option<AnyOf>,
    /// What can change this.
    pub changes: Option<Changes>,
}

/// What events can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "EventChanges")]
pub enum Changes {
    /// Who reaches what: what was done to people, workloads, groups, roles, policies,
    /// targets, accounts and grants.
    Access,
}

/// What a person typed, and what it may be the name of.
#[derive(Clone, Debug, Default)]
pub struct AnyOf {
    /// Part of the activity, the address, the rest of the event, the name of who did
    /// it, or the account of the privileged session in which it was done.
    pub text: String,
    /// Whoever is called so.
    pub actor: Option<IdentityId>,
    /// What is called so.
    pub targets: Vec<doorward_core::Entity>,
}

sorts! {
    /// By what events are sorted.
    EventSort {
        /// When.
        At = "at",
    }
}

/// An event that was found: its place, and its text.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its id.
    pub id: EventId,
    /// Its place; none until it is sequenced.
    pub leaf: Option<i64>,
    /// Its text.
    pub body: String,
}

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { id: row.get("id")?, leaf: row.get("leaf")?, body: row.get("body")? })
    }
}

/// A page of those that fit.
pub fn search(c: &Conn<'_>, f: &Filter, at: &Keyset<EventSort>) -> Result<Vec<Keyed<Found>>> {
    // LIKE wildcards in what a person typed are letters.
    let beginning = f.activity.as_ref().map(|a| {
        let plain = a.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("{plain}%")
    });
    let any = f.any.as_ref();
    keyset!(
        c,
        at,
        r"id, leaf, body FROM event
          WHERE (actor = $1 OR $1 IS NULL) AND (activity LIKE $2 ESCAPE '\' OR $2 IS NULL)
            AND (target_id = $3 OR $3 IS NULL) AND (privileged_session = $4 OR $4 IS NULL)
            AND (address = $5 OR $5 IS NULL) AND (outcome = $6 OR $6 IS NULL)
            AND (class = $7 OR $7 IS NULL) AND (at >= $8 OR $8 IS NULL)
            AND (at < $9 OR $9 IS NULL)
            AND (activity LIKE $10 ESCAPE '\' OR address LIKE $10 ESCAPE '\'
                 OR actor = $11 OR $12 LIKE '%' || target_id || '%' OR $10 IS NULL
                 OR LOWER(body) LIKE $10 ESCAPE '\'
                 OR actor IN (SELECT i.id FROM identity i WHERE i.name LIKE $10 ESCAPE '\'
                  OR LOWER(i.display_name) LIKE $10 ESCAPE '\')
                 OR privileged_session IN (SELECT p.id FROM privileged_session p
                      WHERE LOWER(p.login) LIKE $10 ESCAPE '\'))
            AND (activity LIKE 'person.%' OR activity LIKE 'workload.%'
                 OR activity LIKE 'identity.%' OR activity LIKE 'group.%'
                 OR activity LIKE 'role.%' OR activity LIKE 'policy.%'
                 OR activity LIKE 'target.%' OR activity LIKE 'account.%'
                 OR activity LIKE 'grant.%' OR NOT $13)",
        [
            f.actor,
            beginning,
            f.target,
            f.privileged_session,
            f.address,
            f.outcome,
            f.class,
            f.since,
            f.until,
            any.map(|a| crate::search_pattern(Some(&a.text))),
            any.and_then(|a| a.actor),
            any.map(|a| crate::ids(&a.targets)),
            f.changes == Some(Changes::Access),
        ],
        "$14",
        "$15",
        "$16",
        { EventSort::At => "at" }
    )
}

/// One event.
pub fn find(c: &Conn<'_>, id: EventId) -> Result<Option<Found>> {
    c.opt(sql!("SELECT id, leaf, body FROM event WHERE id = $1"), args![id])
}

/// When the identity last opened the application, or got a token for it, since then.
pub fn last_opened(
    c: &Conn<'_>,
    identity: IdentityId,
    application: ApplicationId,
    since: Timestamp,
) -> Result<Option<Timestamp>> {
    let last: Option<Option<Timestamp>> = c.value(
        sql!(
            "SELECT MAX(at) FROM event
             WHERE actor = $1 AND at >= $2 AND outcome = 'success' AND target_id = $3
               AND target_kind = 'Application' AND activity IN ('application.opened', 'token.issued')"
        ),
        args![identity, since, application.to_string()],
    )?;
    Ok(last.flatten())
}
