//! Privileged sessions, their commands and the files that they touched.

use doorward_core::lifecycle::EndCause;
use doorward_core::{
    AccountId, GrantId, IdentityId, NodeId, PrivilegedSessionId, Question, TargetId, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::conn::{Conn, FromRow, Row};
use crate::error::Result;
use crate::order::{Keyed, Keyset, keyset, sorts};
use crate::value::Json;
use crate::{args, sql};

/// Who froze a session, when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Frozen {
    /// Who.
    pub by: IdentityId,
    /// What they were called then.
    pub by_name: String,
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// One privileged session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivilegedSession {
    /// Its id.
    pub id: PrivilegedSessionId,
    /// Whose it is.
    pub identity: IdentityId,
    /// On which account.
    pub account: AccountId,
    /// On which target.
    pub target: TargetId,
    /// `deploy@web-1`, as it was called when the session began.
    pub login: String,
    /// The protocol's registered name.
    pub protocol: String,
    /// By which grant, if it took one.
    pub grant: Option<GrantId>,
    /// On which node it runs.
    pub node: NodeId,
    /// Where the person comes from.
    pub address: Option<String>,
    /// The facts of its decision.
    pub question: Question,
    /// `opening`, `live` or `ended`.
    pub state: String,
    /// Since when.
    pub started_at: Timestamp,
    /// Until when.
    pub ended_at: Option<Timestamp>,
    /// Why it ended, when it was not its owner who left.
    pub end_cause: Option<EndCause>,
    /// Somebody wants it ended, and why.
    pub end_requested: Option<EndCause>,
    /// Nothing passes, by whose order and why.
    pub frozen: Option<Frozen>,
    /// `full`, or `partial: ` and what the recording does not show.
    pub coverage: String,
    /// Bytes from the person.
    pub bytes_in: u64,
    /// Bytes from the target.
    pub bytes_out: u64,
    /// Counts its changes.
    pub version: i64,
}

impl FromRow for PrivilegedSession {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            identity: row.get("identity")?,
            account: row.get("account")?,
            target: row.get("target")?,
            login: row.get("login")?,
            protocol: row.get("protocol")?,
            grant: row.get("access_grant")?,
            node: row.get("node")?,
            address: row.get("address")?,
            question: row.get::<Json<Question>>("question")?.0,
            state: row.get("state")?,
            started_at: row.get("started_at")?,
            ended_at: row.get("ended_at")?,
            end_cause: row.get::<Option<Json<EndCause>>>("end_cause")?.map(|j| j.0),
            end_requested: row.get::<Option<Json<EndCause>>>("end_requested")?.map(|j| j.0),
            frozen: row.get::<Option<Json<Frozen>>>("frozen")?.map(|j| j.0),
            coverage: row.get("coverage")?,
            bytes_in: row.get("bytes_in")?,
            bytes_out: row.get("bytes_out")?,
            version: row.get("version")?,
        })
    }
}

/// Adds one that opens.
pub fn insert(c: &Conn<'_>, s: &PrivilegedSession) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO privileged_session
               (id, identity, account, target, login, protocol, access_grant, node, address,
                question, state, started_at, coverage, bytes_in, bytes_out, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, 1)"
        ),
        args![
            s.id,
            s.identity,
            s.account,
            s.target,
            s.login,
            s.protocol,
            s.grant,
            s.node,
            s.address,
            Json(&s.question),
            s.state,
            s.started_at,
            s.coverage
        ],
    )?;
    Ok(())
}

/// It is connected. False when it is not opening any more, or somebody wants it
/// ended.
pub fn connected(c: &Conn<'_>, id: PrivilegedSessionId, at: Timestamp) -> Result<bool> {
    Ok(c.execute(
        sql!(
            "UPDATE privileged_session SET state = 'live', started_at = $2, version = version + 1
             WHERE id = $1 AND state = 'opening' AND end_requested IS NULL"
        ),
        args![id, at],
    )? == 1)
}

/// What a session leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// Why, when it was not its owner who left.
    pub cause: Option<EndCause>,
    /// What the recording shows.
    pub coverage: String,
    /// Bytes from the person.
    pub bytes_in: u64,
    /// Bytes from the target.
    pub bytes_out: u64,
}

/// It is over. False when it was already.
pub fn ended(c: &Conn<'_>, id: PrivilegedSessionId, end: &End) -> Result<bool> {
    Ok(c.execute(
        sql!(
            "UPDATE privileged_session SET state = 'ended', frozen = NULL, ended_at = $2,
               end_cause = $3, coverage = $4, bytes_in = $5, bytes_out = $6, version = version + 1
             WHERE id = $1 AND state <> 'ended'"
        ),
        args![id, end.at, end.cause.as_ref().map(Json), end.coverage, end.bytes_in, end.bytes_out],
    )? == 1)
}

/// Asks its node to end it. False when it is over.
pub fn request_end(c: &Conn<'_>, id: PrivilegedSessionId, cause: &EndCause) -> Result<bool> {
    Ok(c.execute(
        sql!(
            "UPDATE privileged_session SET end_requested = $2, version = version + 1
             WHERE id = $1 AND state <> 'ended'"
        ),
        args![id, Json(cause)],
    )? == 1)
}

/// Asks their nodes to end all of an identity's; gives which.
pub fn request_ends(
    c: &Conn<'_>,
    identity: IdentityId,
    cause: &EndCause,
) -> Result<Vec<PrivilegedSessionId>> {
    c.all_with(
        sql!(
            "UPDATE privileged_session SET end_requested = $2, version = version + 1
             WHERE identity = $1 AND state <> 'ended' AND end_requested IS NULL
             RETURNING id"
        ),
        args![identity, Json(cause)],
        |row| row.get("id"),
    )
}

/// Asks their nodes to end all that stand on a grant; gives which.
pub fn request_ends_under(
    c: &Conn<'_>,
    grant: GrantId,
    cause: &EndCause,
) -> Result<Vec<PrivilegedSessionId>> {
    c.all_with(
        sql!(
            "UPDATE privileged_session SET end_requested = $2, version = version + 1
             WHERE access_grant = $1 AND state IN ('opening', 'live') AND end_requested IS NULL
             RETURNING id"
        ),
        args![grant, Json(cause)],
        |row| row.get("id"),
    )
}

/// Why somebody wants it ended, if somebody does.
pub fn end_requested(c: &Conn<'_>, id: PrivilegedSessionId) -> Result<Option<EndCause>> {
    let found: Option<Option<Json<EndCause>>> =
        c.value(sql!("SELECT end_requested FROM privileged_session WHERE id = $1"), args![id])?;
    Ok(found.flatten().map(|json| json.0))
}

/// Nothing passes in it any more. The number of the change; none when it is not
/// live, about to end, or frozen already.
pub fn freeze(c: &Conn<'_>, id: PrivilegedSessionId, frozen: &Frozen) -> Result<Option<i64>> {
    c.value(
        sql!(
            "UPDATE privileged_session SET frozen = $2, version = version + 1
             WHERE id = $1 AND state = 'live' AND end_requested IS NULL AND frozen IS NULL
             RETURNING version"
        ),
        args![id, Json(frozen)],
    )
}

/// It goes on. The number of the change; none when it is not frozen.
pub fn thaw(c: &Conn<'_>, id: PrivilegedSessionId) -> Result<Option<i64>> {
    c.value(
        sql!(
            "UPDATE privileged_session SET frozen = NULL, version = version + 1
             WHERE id = $1 AND state = 'live' AND frozen IS NOT NULL
             RETURNING version"
        ),
        args![id],
    )
}

/// Counts something that is said to it. None when it is not live.
pub fn said(c: &Conn<'_>, id: PrivilegedSessionId) -> Result<Option<i64>> {
    c.value(
        sql!(
            "UPDATE privileged_session SET version = version + 1
             WHERE id = $1 AND state = 'live' AND end_requested IS NULL
             RETURNING version"
        ),
        args![id],
    )
}

/// Those of this node that are not over: at its start, what a crash left.
pub fn unfinished(c: &Conn<'_>, node: NodeId) -> Result<Vec<PrivilegedSession>> {
    c.all(
        sql!(
            "SELECT id, identity, account, target, login, protocol, access_grant, node, address,
               question, state, started_at, ended_at, end_cause, end_requested, frozen, coverage,
               bytes_in, bytes_out, version
             FROM privileged_session WHERE state <> 'ended' AND node = $1"
        ),
        args![node],
    )
}

/// The one with this id.
pub fn find(c: &Conn<'_>, id: PrivilegedSessionId) -> Result<Option<PrivilegedSession>> {
    c.opt(
        sql!(
            "SELECT id, identity, account, target, login, protocol, access_grant, node, address,
               question, state, started_at, ended_at, end_cause, end_requested, frozen, coverage,
               bytes_in, bytes_out, version
             FROM privileged_session WHERE id = $1"
        ),
        args![id],
    )
}

/// Newest first, after `before`; only of `state` and `identity` where given.
pub fn list(
    c: &Conn<'_>,
    state: Option<&str>,
    identity: Option<IdentityId>,
    before: Option<PrivilegedSessionId>,
    limit: i64,
) -> Result<Vec<PrivilegedSession>> {
    c.all(
        sql!(
            "SELECT id, identity, account, target, login, protocol, access_grant, node, address,
               question, state, started_at, ended_at, end_cause, end_requested, frozen, coverage,
               bytes_in, bytes_out, version
             FROM privileged_session
             WHERE (state = $1 OR $1 IS NULL) AND (identity = $2 OR $2 IS NULL)
               AND (id < $3 OR $3 IS NULL)
             ORDER BY id DESC LIMIT $4"
        ),
        args![state, identity, before, limit],
    )
}

/// Which privileged sessions a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the account's name as it was, of the address, or of whose it is.
    pub q: Option<String>,
    /// `opening`, `live` or `ended`.
    pub state: Option<&'static str>,
    /// Of this identity.
    pub identity: Option<IdentityId>,
    /// On this account.
    pub account: Option<AccountId>,
    /// On this target.
    pub target: Option<TargetId>,
    /// Over this protocol.
    pub protocol: Option<String>,
    /// By this grant.
    pub grant: Option<GrantId>,
    /// Begun not before.
    pub since: Option<Timestamp>,
    /// Begun before.
    pub until: Option<Timestamp>,
    /// Only those that are frozen, or that are not.
    pub frozen: Option<bool>,
}

sorts! {
    /// By what privileged sessions are sorted.
    PrivilegedSessionSort {
        /// When it began.
        StartedAt = "started_at",
        /// On which account.
        AccountName = "account_name",
    }
}

/// A page of those that fit.
pub fn search(
    c: &Conn<'_>,
    filter: &Filter,
    at: &Keyset<PrivilegedSessionSort>,
) -> Result<Vec<Keyed<PrivilegedSession>>> {
    keyset!(
        c,
        at,
        r"id, identity, account, target, login, protocol, access_grant, node, address, question,
            state, started_at, ended_at, end_cause, end_requested, frozen, coverage, bytes_in, bytes_out,
            version
          FROM privileged_session
          WHERE (LOWER(login) LIKE $1 ESCAPE '\' OR address LIKE $1 ESCAPE '\'
                 OR identity IN (SELECT i.id FROM identity i WHERE i.name LIKE $1 ESCAPE '\'
                  OR LOWER(i.display_name) LIKE $1 ESCAPE '\'))
            AND (state = $2 OR $2 IS NULL) AND (identity = $3 OR $3 IS NULL)
            AND (account = $4 OR $4 IS NULL) AND (target = $5 OR $5 IS NULL)
            AND (protocol = $6 OR $6 IS NULL) AND (access_grant = $7 OR $7 IS NULL)
            AND (started_at >= $8 OR $8 IS NULL) AND (started_at < $9 OR $9 IS NULL)
            AND ((frozen IS NOT NULL) = $10 OR $10 IS NULL)",
        [
            crate::search_pattern(filter.q.as_deref()),
            filter.state,
            filter.identity,
            filter.account,
            filter.target,
            filter.protocol,
            filter.grant,
            filter.since,
            filter.until,
            filter.frozen,
        ],
        "$11",
        "$12",
        "$13",
        {
            PrivilegedSessionSort::StartedAt => "started_at",
            PrivilegedSessionSort::AccountName => "login",
        }
    )
}

/// When the identity last began a privileged session on the account.
pub fn last_on(
    c: &Conn<'_>,
    identity: IdentityId,
    account: AccountId,
) -> Result<Option<Timestamp>> {
    let last: Option<Option<Timestamp>> = c.value(
        sql!("SELECT MAX(started_at) FROM privileged_session WHERE account = $1 AND identity = $2"),
        args![account, identity],
    )?;
    Ok(last.flatten())
}

/// One command of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Command {
    /// Counts from 1 within the session.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// What was run.
    pub text: String,
    /// False when it was read from the screen and may be incomplete.
    pub certain: bool,
}

impl FromRow for Command {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            number: row.get("number")?,
            at: row.get("at")?,
            text: row.get("text")?,
            certain: row.get("certain")?,
        })
    }
}

/// Adds a command.
pub fn add_command(c: &Conn<'_>, id: PrivilegedSessionId, command: &Command) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO session_command (privileged_session, number, at, text, certain)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        args![id, command.number, command.at, command.text, command.certain],
    )?;
    Ok(())
}

/// The commands of a session after number `after`.
pub fn commands(
    c: &Conn<'_>,
    id: PrivilegedSessionId,
    after: i64,
    limit: i64,
) -> Result<Vec<Command>> {
    c.all(
        sql!(
            "SELECT number, at, text, certain FROM session_command
             WHERE privileged_session = $1 AND number > $2 ORDER BY number LIMIT $3"
        ),
        args![id, after, limit],
    )
}

/// One thing that a session did to a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FileOperation {
    /// Counts from 1 within the session.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// `read`, `write`, `rename`, `remove`, `mkdir`, …
    pub operation: String,
    /// The file, as the client named it.
    pub path: String,
    /// The other file, of a rename or link.
    pub other_path: Option<String>,
    /// How many bytes were moved.
    pub bytes: u64,
    /// `ok`, `refused` or what the target answered.
    pub outcome: String,
}

impl FromRow for FileOperation {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            number: row.get("number")?,
            at: row.get("at")?,
            operation: row.get("operation")?,
            path: row.get("path")?,
            other_path: row.get("other_path")?,
            bytes: row.get("bytes")?,
            outcome: row.get("outcome")?,
        })
    }
}

/// Adds a file operation.
pub fn add_file(c: &Conn<'_>, id: PrivilegedSessionId, f: &FileOperation) -> Result<()> {
    c.execute(
        sql!(
            "INSERT INTO session_file
               (privileged_session, number, at, operation, path, other_path, bytes, outcome)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        args![id, f.number, f.at, f.operation, f.path, f.other_path, f.bytes, f.outcome],
    )?;
    Ok(())
}

/// The file operations of a session after number `after`.
pub fn files(
    c: &Conn<'_>,
    id: PrivilegedSessionId,
    after: i64,
    limit: i64,
) -> Result<Vec<FileOperation>> {
    c.all(
        sql!(
            "SELECT number, at, operation, path, other_path, bytes, outcome FROM session_file
             WHERE privileged_session = $1 AND number > $2 ORDER BY number LIMIT $3"
        ),
        args![id, after, limit],
    )
}
