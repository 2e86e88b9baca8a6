//! The kinds of secrets and what a value of each must be.

use serde::{Deserialize, Serialize};

use super::LONGEST;
use crate::credentials::{OpenSshError, public_line};

const PASSWORD: usize = 1024;

/// What a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "SecretKind")]
pub enum Kind {
    /// A password: one line of text.
    Password,
    /// A private SSH key in OpenSSH's form, without passphrase.
    SshKey,
    /// Any bytes.
    Opaque,
}

impl Kind {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SshKey => "ssh-key",
            Self::Opaque => "opaque",
        }
    }

    /// Whether the bytes are a value of this kind.
    pub fn check(self, value: &[u8]) -> Result<(), ValueError> {
        if value.is_empty() {
            return Err(ValueError::Empty);
        }
        if value.len() > LONGEST {
            return Err(ValueError::TooLong);
        }
        let text = std::str::from_utf8(value);
        match self {
            Self::Opaque => Ok(()),
            Self::Password => {
                let fits = |t: &str| t.len() <= PASSWORD && !t.chars().any(char::is_control);
                if text.is_ok_and(fits) { Ok(()) } else { Err(ValueError::Password) }
            }
            Self::SshKey => {
                public_line(text.map_err(|_| ValueError::Key(OpenSshError::Form))?, "")?;
                Ok(())
            }
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        [Self::Password, Self::SshKey, Self::Opaque]
            .into_iter()
            .find(|k| k.name() == s)
            .ok_or(ValueError::Kind)
    }
}

/// Why a value is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// There is no such kind.
    #[error("kind: write password, ssh-key or opaque")]
    Kind,
    /// Nothing was given.
    #[error("value: nothing was given")]
    Empty,
    /// Too much was given.
    #[error("value: longer than 64 KiB")]
    TooLong,
    /// It is no password.
    #[error("value: a password is one line of at most {PASSWORD} bytes")]
    Password,
    /// It is no key.
    #[error("value: {0}")]
    Key(#[from] OpenSshError),
}
