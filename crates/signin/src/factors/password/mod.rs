//! Passwords: NIST SP 800-63B-4 rules, Argon2id over a keyed digest.

mod breach;
mod hasher;
mod rules;
mod turns;

use std::path::PathBuf;

use async_trait::async_trait;
use doorward_core::{AuthenticatorId, FactorClass, IdentityId, Secret};
use doorward_store::authenticator;
use doorward_vault::Purpose;
use serde::Serialize;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use super::{Asked, Factor, FactorError, Later, Pending, Subject, Tools, filled};
use crate::error::SignInError;
use crate::prompt::{Answer, Field};

pub use hasher::HashCost;
pub(crate) use hasher::Hasher;
pub use rules::Strength;

/// With a second factor (63B-4 section 3.1.1.2).
pub(crate) const SHORTEST: usize = 8;
/// As the only one.
pub(crate) const SHORTEST_ALONE: usize = 15;
pub(crate) const LONGEST: usize = 256;

/// Whether a password alone signs in, by the policies in force.
pub(crate) type Alone = Box<dyn Fn(IdentityId) -> bool + Send + Sync>;

pub(crate) struct Password {
    pub hasher: Hasher,
    breach_list: Option<PathBuf>,
    alone: Alone,
}

impl Password {
    pub fn new(hasher: Hasher, breach_list: Option<PathBuf>, alone: Alone) -> Self {
        Self { hasher, breach_list, alone }
    }

    /// One spelling of what was typed, whole: nothing is cut off or trimmed.
    fn normal(text: &str) -> Secret<String> {
        Secret::new(text.nfkc().collect())
    }

    /// What Argon2 gets: a MAC under a key outside the database, over the
    /// password and whose it is, length-prefixed. Any length in, 32 bytes out.
    fn peppered(
        tools: &Tools,
        id: IdentityId,
        password: &Secret<String>,
    ) -> Result<Secret<Vec<u8>>, FactorError> {
        let text = password.expose();
        let mut input = Secret::new(format!("password\0{id}\0{}\0", text.len()).into_bytes());
        let mut bytes = input.expose().clone();
        bytes.extend_from_slice(text.as_bytes());
        input = Secret::new(bytes);
        Ok(Secret::new(tools.vault.mac(Purpose::Factors, input.expose())?.to_vec()))
    }

    fn words(subject: &Subject) -> Vec<String> {
        let mut words = vec!["doorward".to_owned()];
        if let Some(i) = &subject.identity {
            words.push(i.name.as_str().to_owned());
            words.extend(i.display_name.split_whitespace().map(str::to_lowercase));
            if let Some(email) = &i.email {
                words.push(email.clone());
                words.extend(email.split(['@', '.']).map(str::to_owned));
            }
        }
        words
    }

    /// Whether a new password may be used; the error says why not.
    async fn acceptable(
        &self,
        subject: &Subject,
        password: &Secret<String>,
    ) -> Result<(), FactorError> {
        let alone = subject.id().is_some_and(|id| (self.alone)(id));
        let shortest = if alone { SHORTEST_ALONE } else { SHORTEST };
        let (text, words) = (password.clone(), Self::words(subject));
        blocking(move || rules::check(text.expose(), &words, shortest))
            .await?
            .map_err(FactorError::Unusable)?;
        let Some(list) = self.breach_list.clone() else { return Ok(()) };
        let password = password.clone();
        let found = blocking(move || breach::contains(&list, password.expose())).await?;
        match found {
            Ok(false) => Ok(()),
            Ok(true) => Err(FactorError::Unusable(
                "This password is in a list of stolen passwords. Choose another.".to_owned(),
            )),
            // INVARIANT: a list that is configured and cannot be read accepts nothing.
            Err(e) => Err(FactorError::Failed(SignInError::Config(format!(
                "the list of breached passwords cannot be read: {e}"
            )))),
        }
    }
}

/// How strong a password would be, for the meter beside the field.
pub(crate) async fn strength(password: &str, subject: &Subject) -> Result<Strength, SignInError> {
    let (text, words) = (Password::normal(password), Password::words(subject));
    blocking(move || rules::strength(text.expose(), &words)).await
}

/// Runs what takes long where it holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, SignInError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| SignInError::Internal(e.to_string()))
}

#[async_trait]
impl Factor for Password {
    fn name(&self) -> &'static str {
        "password"
    }
    fn label(&self) -> &'static str {
        "Password"
    }
    fn class(&self) -> FactorClass {
        FactorClass::Knowledge
    }

    async fn ask(&self, _: &Tools, _: &Subject) -> Result<Asked, FactorError> {
        Ok(Asked {
            title: "Enter your password",
            message: None,
            fields: vec![Field::Secret {
                name: "password",
                label: "Password".to_owned(),
                autocomplete: "current-password",
                fresh: false,
            }],
            state: Value::Null,
        })
    }

    async fn check(
        &self,
        tools: &Tools,
        subject: &Subject,
        _: &Value,
        answer: &Answer,
        later: &mut Later,
    ) -> Result<IdentityId, FactorError> {
        let password = Self::normal(filled(answer, "password")?);
        if password.expose().chars().count() > LONGEST * 4 {
            return Err(FactorError::Wrong);
        }
        let row = subject.of(self.name()).next().cloned();
        let known = subject.id().zip(row);
        let (id, row) = match known {
            Some((id, row)) => (id, Some(row)),
            // Nobody has this name, or they have no password: the same work.
            None => (IdentityId::new(&tools.env), None),
        };
        let peppered = Self::peppered(tools, id, &password)?;
        let phc = row.as_ref().map(|r| String::from_utf8_lossy(&r.data).into_owned());
        let verified = self.hasher.verify(peppered.clone(), phc).await?;
        let (true, Some(row)) = (verified.right, row) else { return Err(FactorError::Wrong) };
        let now = tools.env.now();
        let fresh = match verified.outdated {
            true => Some(self.hasher.hash(&tools.env, peppered).await?),
            false => None,
        };
        later.push(move |c| {
            if let Some(fresh) = &fresh {
                // Somebody else may have been quicker; theirs is as good.
                authenticator::rewrite(c, row.id, row.version, fresh.as_bytes(), row.counter)?;
            }
            authenticator::used(c, row.id, now)
        });
        Ok(id)
    }

    async fn offer(&self, _: &Tools, subject: &Subject, _: &Value) -> Result<Asked, FactorError> {
        let alone = subject.id().is_some_and(|id| (self.alone)(id));
        let shortest = if alone { SHORTEST_ALONE } else { SHORTEST };
        Ok(Asked {
            title: "Choose a password",
            message: Some(format!(
                "At least {shortest} characters. A few unrelated words make a good one; spaces and every script are fine."
            )),
            fields: vec![Field::Secret {
                name: "new_password",
                label: "New password".to_owned(),
                autocomplete: "new-password",
                fresh: true,
            }],
            state: Value::Null,
        })
    }

    async fn enrol(
        &self,
        tools: &Tools,
        subject: &Subject,
        _: &Value,
        answer: &Answer,
    ) -> Result<Vec<Pending>, FactorError> {
        let password = Self::normal(filled(answer, "new_password")?);
        self.acceptable(subject, &password).await?;
        let id = subject.id().ok_or(FactorError::Failed(SignInError::Over))?;
        let peppered = Self::peppered(tools, id, &password)?;
        let phc = self.hasher.hash(&tools.env, peppered).await?;
        Ok(vec![Pending {
            id: AuthenticatorId::new(&tools.env),
            factor: self.name().to_owned(),
            label: "Password".to_owned(),
            lookup: None,
            data: phc.into_bytes(),
            counter: 0,
            replaces: true,
        }])
    }
}

impl Serialize for Strength {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut out = s.serialize_struct("Strength", 2)?;
        out.serialize_field("score", &self.score)?;
        out.serialize_field("advice", &self.advice)?;
        out.end()
    }
}
