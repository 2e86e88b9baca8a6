//! What can go wrong with a database, in the few kinds that callers tell apart.

/// Why a statement, a transaction or a connection failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row with this key exists already.
    #[error("a row with the same {constraint} exists")]
    Unique {
        /// The constraint, or `table.column` list, that refused it.
        constraint: String,
    },
    /// A row that is referred to does not exist, or is still referred to.
    #[error("a row that is referred to is missing")]
    Reference,
    /// No such row.
    #[error("no such row")]
    NotFound,
    /// The database cannot be reached at the moment.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The disk is full. Nothing was changed.
    #[error("the disk is full; nothing was changed")]
    Full,
    /// Another transaction was in the way too often.
    #[error("too many conflicting changes at once; try again")]
    Contention,
    /// A value is not what the code expects: the schema and the code disagree.
    #[error("cannot read a row: {0}")]
    Decode(String),
    /// A page cursor was altered or belongs elsewhere.
    #[error("the page cursor is not one that this list gave out; start again without it")]
    Cursor,
    /// The database's own schema cannot be used.
    #[error("{0}")]
    Migration(String),
    /// A row that decides something can be neither signed nor known again: no key is
    /// in memory.
    #[error("the vault is sealed; unseal it: doorward unseal")]
    Sealed,
    /// Rows of this table are not as this house left them.
    #[error("the table {0} was changed outside of Doorward; see doorward doctor")]
    Forged(&'static str),
    /// Anything else.
    #[error("database: {0}")]
    Other(String),
}

/// With [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        use rusqlite::ffi;
        if let rusqlite::Error::SqliteFailure(code, message) = &e {
            let text = message.clone().unwrap_or_else(|| code.to_string());
            return match (code.code, code.extended_code) {
                (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
                    // "UNIQUE constraint failed: identity.name"
                    let constraint = text.rsplit(": ").next().unwrap_or_default().replace('.', "_");
                    Self::Unique { constraint }
                }
                (_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Self::Reference,
                (ErrorCode::DiskFull, _) => Self::Full,
                (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Self::Contention,
                (ErrorCode::CannotOpen | ErrorCode::SystemIoFailure, _) => Self::Unavailable(text),
                _ => Self::Other(text),
            };
        }
        Self::Other(e.to_string())
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(e: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState as S;
        let Some(db) = e.as_db_error() else {
            let closed = e.is_closed()
                || std::error::Error::source(&e).is_some_and(|s| s.is::<std::io::Error>());
            let text = match std::error::Error::source(&e) {
                Some(source) => format!("{e}: {source}"),
                None => e.to_string(),
            };
            return if closed { Self::Unavailable(text) } else { Self::Other(text) };
        };
        match db.code() {
            &S::UNIQUE_VIOLATION => {
                // PostgreSQL names constraints `table_column_key`, indexes as they are called.
                let name = db.constraint().unwrap_or_default();
                let constraint = name.strip_suffix("_key").unwrap_or(name).to_owned();
                Self::Unique { constraint }
            }
            &S::FOREIGN_KEY_VIOLATION => Self::Reference,
            &S::T_R_SERIALIZATION_FAILURE | &S::T_R_DEADLOCK_DETECTED => Self::Contention,
            &S::DISK_FULL => Self::Full,
            &S::ADMIN_SHUTDOWN | &S::CRASH_SHUTDOWN | &S::CANNOT_CONNECT_NOW => {
                Self::Unavailable(db.message().to_owned())
            }
            _ => Self::Other(format!("{} ({})", db.message(), db.code().code())),
        }
    }
}

impl Error {
    /// Whether the same call may succeed a little later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full | Self::Contention)
    }

    /// Whether it is the violation of this unique column: `identity_name`.
    pub fn is_unique(&self, constraint: &str) -> bool {
        matches!(self, Self::Unique { constraint: c } if c == constraint)
    }
}
