//! Which tables, and which of their columns decide. A test reads the schema of both
//! databases and wants every column named here.

use std::sync::OnceLock;

/// How a column's value goes into what is signed, whichever database it is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Uuid,
    Int,
    Bool,
    Text,
    Bytes,
    Json,
}

/// A table whose rows are signed. Each has a column `mac`; `version`, where there is
/// one, only grows.
pub(crate) struct Table {
    /// Its name.
    pub name: &'static str,
    /// What a row of it is found by; among the columns too.
    pub key: &'static [&'static str],
    /// Every column that decides something.
    pub columns: &'static [(&'static str, Kind)],
    /// Columns that decide nothing and are written without a signature.
    #[cfg(test)]
    pub free: &'static [&'static str],
    /// A column that is set once the row gives nothing any more: to end something needs
    /// no key.
    pub over: Option<&'static str>,
    /// The first [`GENERATION`] that has it.
    pub since: u8,
    pub(super) statements: OnceLock<Statements>,
}

/// Counts the releases that sign more tables: a house adopts the rows of those that it
/// has not adopted yet.
pub const GENERATION: u8 = 1;

/// The statements over one table.
pub(super) struct Statements {
    /// One row, by its key.
    pub one: String,
    /// All of them.
    pub all: String,
    /// Puts the MAC, after the key.
    pub sign: String,
}

impl Table {
    /// Whether an older row can be told from a newer one.
    pub(super) fn is_versioned(&self) -> bool {
        self.columns.iter().any(|(column, _)| *column == "version")
    }

    pub(super) fn statements(&self) -> &Statements {
        self.statements.get_or_init(|| {
            let keys: Vec<String> =
                self.key.iter().enumerate().map(|(i, k)| format!("{k} = ${}", i + 1)).collect();
            let (name, keys, mac) = (self.name, keys.join(" AND "), self.key.len() + 1);
            Statements {
                one: format!("SELECT * FROM {name} WHERE {keys}"),
                all: format!("SELECT * FROM {name}"),
                sign: format!("UPDATE {name} SET mac = ${mac} WHERE {keys}"),
            }
        })
    }
}

macro_rules! tables {
    (@over) => { None };
    (@over $over:literal) => { Some($over) };
    ($(
        $(#[$doc:meta])*
        $place:ident $name:literal by [$($key:literal),+], { $($column:ident: $kind:ident),+ $(,)? }
        $(free [$($free:literal),+])? $(over $over:literal)? since $since:literal;
    )+) => {
        $(
            $(#[$doc])*
            pub(crate) static $place: Table = Table {
                name: $name,
                key: &[$($key),+],
                columns: &[$((stringify!($column), Kind::$kind)),+],
                #[cfg(test)]
                free: &[$($($free),+)?],
                over: tables!(@over $($over)?),
                since: $since,
                statements: OnceLock::new(),
            };
        )+
        /// All of them.
        pub(crate) static TABLES: &[&Table] = &[$(&$place),+];
    };
}

tables! {
    /// Policies.
    POLICY "policy" by ["id"], {
        id: Uuid, name: Text, description: Text, text: Text, enabled: Bool, created_at: Int,
        updated_at: Int, version: Int,
    } since 1;
    /// Which rows belong to a table.
    ROW_SET "row_set" by ["name"], { name: Text, digest: Bytes, version: Int } since 1;
    /// Groups: policies know them by name.
    TEAM "team" by ["id"], {
        id: Uuid, name: Text, description: Text, created_at: Int, version: Int,
    } since 1;
    /// Who is in a group.
    TEAM_IDENTITY "team_identity" by ["team", "identity"], {
        team: Uuid, identity: Uuid, version: Int,
    } since 1;
    /// Which group is in a group.
    TEAM_TEAM "team_team" by ["team", "member"], { team: Uuid, member: Uuid, version: Int } since 1;
    /// Roles: policies know them by name.
    ROLE "role" by ["id"], {
        id: Uuid, name: Text, description: Text, created_at: Int, version: Int,
    } since 1;
    /// Who holds a role.
    ROLE_HOLDER "role_holder" by ["role", "holder_kind", "holder"], {
        role: Uuid, holder_kind: Text, holder: Uuid, ends_at: Int, version: Int,
    } since 1;
    /// What proves an identity.
    AUTHENTICATOR "authenticator" by ["id"], {
        id: Uuid, identity: Uuid, factor: Text, label: Text, lookup: Text, data: Bytes,
        counter: Int, created_at: Int, version: Int,
    } free ["used_at"] since 1;
    /// Grants.
    ACCESS_GRANT "access_grant" by ["id"], {
        id: Uuid, request: Uuid, holder: Uuid, about_kind: Text, about_id: Text, reason: Text,
        approvals: Int, break_glass: Bool, reviewed_by: Uuid, reviewed_at: Int,
        review_comment: Text, starts_at: Int, ends_at: Int, ended_at: Int, end_cause: Json,
        version: Int,
    } over "ended_at" since 1;
    /// Requests: how many approvals one needs, and of whom.
    REQUEST "request" by ["id"], {
        id: Uuid, requester: Uuid, about_kind: Text, about_id: Text, reason: Text,
        duration: Int, needed: Int, state: Text, created_at: Int, expires_at: Int,
        decided_at: Int, version: Int,
    } over "decided_at" since 1;
    /// What was said to requests.
    APPROVAL "approval" by ["id"], {
        id: Uuid, request: Uuid, decided_by: Uuid, decision: Text, comment: Text, at: Int,
    } since 1;
    /// Sessions of browsers and command lines, and what was proven in them.
    SESSION "session" by ["id"], {
        id: Uuid, token_hash: Bytes, identity: Uuid, kind: Text, proofs: Json, address: Text,
        user_agent: Text, created_at: Int, expires_at: Int, revoked_at: Int,
        revoked_because: Text, device: Uuid,
    } free ["last_seen_at"] over "revoked_at" since 1;
    /// Links by which somebody enrols what proves them.
    ONE_TIME_LINK "one_time_link" by ["token_hash"], {
        token_hash: Bytes, purpose: Text, identity: Uuid, created_at: Int, expires_at: Int,
        used_at: Int,
    } over "used_at" since 1;
    /// Who confirmed what waits elsewhere.
    CONFIRMATION "confirmation" by ["id"], {
        id: Uuid, purpose: Text, user_code: Text, token_hash: Bytes, identity: Uuid,
        details: Json, state: Text, session: Uuid, created_at: Int, expires_at: Int,
        device: Uuid,
    } free ["tries", "polled_at"] since 1;
}
