//! The factors, each in a folder or file of its own, and their register.
//!
//! A factor asks with neutral fields and says whether the answer is right. It
//! keeps what a ceremony needs in a state that the flow seals. It never decides
//! what a proof is good for.

pub mod passkey;
pub mod password;
pub mod recovery;
pub mod ssh_key;
pub mod totp;

use std::sync::Arc;

use async_trait::async_trait;
use doorward_core::{Actor, AuthenticatorId};
use doorward_core::{Class, Entity, Env, Event, FactorClass, IdentityId, Proof, Timestamp};
use doorward_store::authenticator::Authenticator;
use doorward_store::identity::Identity;
use doorward_store::{Conn, Db, event};
use doorward_vault::Vault;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::SignInError;
use crate::notify::{Notice, Notify};
use crate::prompt::{Answer, Field};

/// What every factor works with.
#[derive(Clone)]
pub(crate) struct Tools {
    pub db: Db,
    pub env: Env,
    pub vault: Vault,
    pub notify: Arc<dyn Notify>,
}

/// Who is being asked.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// None for a name that nobody has, and for a passkey that says itself.
    pub identity: Option<Identity>,
    /// What they have.
    pub authenticators: Vec<Authenticator>,
    /// As what their acts are recorded.
    pub actor: Actor,
}

impl Subject {
    pub fn id(&self) -> Option<IdentityId> {
        self.identity.as_ref().map(|i| i.id)
    }

    pub fn of(&self, factor: &str) -> impl Iterator<Item = &Authenticator> {
        self.authenticators.iter().filter(move |a| a.factor == factor)
    }
}

/// What is to be written with the step that it belongs to, in one transaction.
type Work = dyn Fn(&Conn<'_>) -> Result<(), doorward_store::Error> + Send + Sync;

/// Writes that wait for the end of a step of a flow.
#[derive(Clone, Default)]
pub(crate) struct Later(Vec<Arc<Work>>);

impl Later {
    pub fn push(
        &mut self,
        work: impl Fn(&Conn<'_>) -> Result<(), doorward_store::Error> + Send + Sync + 'static,
    ) {
        self.0.push(Arc::new(work));
    }

    pub fn run(&self, c: &Conn<'_>) -> Result<(), doorward_store::Error> {
        self.0.iter().try_for_each(|work| work(c))
    }
}

impl std::fmt::Debug for Later {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to write", self.0.len())
    }
}

/// Why an answer is no proof.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FactorError {
    /// It is wrong. Counted.
    #[error("wrong")]
    Wrong,
    /// It cannot even be looked at, or cannot be enrolled; says what to do.
    #[error("{0}")]
    Unusable(String),
    /// Nothing can be said.
    #[error(transparent)]
    Failed(#[from] SignInError),
}

impl From<doorward_store::Error> for FactorError {
    fn from(e: doorward_store::Error) -> Self {
        Self::Failed(e.into())
    }
}
impl From<doorward_vault::VaultError> for FactorError {
    fn from(e: doorward_vault::VaultError) -> Self {
        Self::Failed(e.into())
    }
}

/// An authenticator on its way into the database: written only when the whole
/// enrolment is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub id: AuthenticatorId,
    pub factor: String,
    pub label: String,
    pub lookup: Option<String>,
    pub data: Vec<u8>,
    pub counter: i64,
    /// Whether it takes the place of all others of its factor.
    pub replaces: bool,
}

impl Pending {
    pub fn row(&self, identity: IdentityId, at: Timestamp) -> Authenticator {
        Authenticator {
            id: self.id,
            identity,
            factor: self.factor.clone(),
            label: self.label.clone(),
            lookup: self.lookup.clone(),
            data: self.data.clone(),
            counter: self.counter,
            created_at: at,
            used_at: None,
            version: 1,
        }
    }
}

/// What handles one kind of authenticator.
#[async_trait]
pub(crate) trait Factor: Send + Sync {
    /// Its registered name.
    fn name(&self) -> &'static str;
    /// What people call it.
    fn label(&self) -> &'static str;
    /// What it shows.
    fn class(&self) -> FactorClass;
    /// Whether a relay could not have obtained the proof.
    fn phishing_resistant(&self) -> bool {
        false
    }
    /// Whether answers can be guessed, and are therefore counted.
    fn guessable(&self) -> bool {
        true
    }

    /// What to fill in, and what to remember for the answer.
    async fn ask(&self, tools: &Tools, subject: &Subject) -> Result<Asked, FactorError>;

    /// Whether the answer is right, and whose proof it is. For somebody unknown
    /// it does the same work and says wrong. What need not be written before that is
    /// known goes to `later`.
    async fn check(
        &self,
        tools: &Tools,
        subject: &Subject,
        state: &Value,
        answer: &Answer,
        later: &mut Later,
    ) -> Result<IdentityId, FactorError>;

    /// What to fill in to get one, and what to remember. `before` is the state of
    /// the offer that was not answered well, null at first.
    async fn offer(
        &self,
        tools: &Tools,
        subject: &Subject,
        before: &Value,
    ) -> Result<Asked, FactorError>;

    /// The new authenticators, when the answer shows that its owner has them.
    async fn enrol(
        &self,
        tools: &Tools,
        subject: &Subject,
        state: &Value,
        answer: &Answer,
    ) -> Result<Vec<Pending>, FactorError>;

    /// The proof that a right answer is.
    fn proof(&self, at: Timestamp) -> Proof {
        Proof {
            factor: self.name().to_owned(),
            class: self.class(),
            phishing_resistant: self.phishing_resistant(),
            at,
        }
    }
}

/// A factor's question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub title: &'static str,
    pub message: Option<String>,
    pub fields: Vec<Field>,
    pub state: Value,
}

/// The field of the answer; an absent or empty one is an error, never a skip.
pub(crate) fn filled<'a>(answer: &'a Answer, field: &str) -> Result<&'a str, FactorError> {
    match answer.get(field).map(String::as_str) {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(FactorError::Unusable("Please fill in the field.".to_owned())),
    }
}

/// Records what became of an authenticator and tells its owner.
pub(crate) fn note(
    c: &Conn<'_>,
    tools: &Tools,
    actor: &Actor,
    identity: IdentityId,
    activity: &str,
    factor: &str,
    text: String,
) -> doorward_store::Result<()> {
    let happened = Event::new(&tools.env, Class::AccountChange, activity, actor)
        .on(Entity::new("Identity", identity))
        .with("factor", factor);
    event::append(c, &happened)?;
    let notice = Notice { identity, activity: activity.to_owned(), text, at: happened.at };
    tools.notify.tell(c, &tools.env, &notice)
}

/// The register: in the order in which they are offered.
pub(crate) struct Factors(Vec<Arc<dyn Factor>>);

impl Factors {
    pub fn new(factors: Vec<Arc<dyn Factor>>) -> Self {
        Self(factors)
    }

    pub fn find(&self, name: &str) -> Option<&Arc<dyn Factor>> {
        self.0.iter().find(|f| f.name() == name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Factor>> {
        self.0.iter()
    }
}
