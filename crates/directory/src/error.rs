//! What the directory refuses.

use doorward_core::Name;

/// Why a change or a look-up was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value cannot be used.
    #[error("{field}: {problem}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
    /// There is no such thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Another one has this name or address.
    #[error("{field}: {value:?} is taken; choose another")]
    Taken {
        /// Which field.
        field: &'static str,
        /// What was asked for.
        value: String,
    },
    /// Somebody else was quicker.
    #[error("this {0} was changed by somebody else in the meantime; load it and try again")]
    Conflict(&'static str),
    /// A group would contain itself.
    #[error("a group cannot contain itself: {}", .path.iter().map(Name::as_str).collect::<Vec<_>>().join(" > "))]
    Cycle {
        /// The way round, from the group to itself.
        path: Vec<Name>,
    },
    /// Something still stands on it.
    #[error("{0}")]
    InUse(String),
    /// The database.
    #[error(transparent)]
    Store(doorward_store::Error),
}

/// With [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn field(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Field { field, problem: problem.into() }
    }

    /// Turns the violation of a unique column into an error that names it.
    pub(crate) fn taken(
        constraint: &str,
        field: &'static str,
        value: &str,
    ) -> impl FnOnce(doorward_store::Error) -> Self {
        move |e| {
            if e.is_unique(constraint) {
                Self::Taken { field, value: value.to_owned() }
            } else {
                Self::Store(e)
            }
        }
    }
}

impl From<doorward_store::Error> for Error {
    fn from(e: doorward_store::Error) -> Self {
        match e {
            doorward_store::Error::Cursor => {
                Self::Field { field: "cursor", problem: e.to_string() }
            }
            other => Self::Store(other),
        }
    }
}
