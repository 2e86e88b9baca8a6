//! The state machine of signing in, stepping up and enrolling.
//!
//! A flow collects proofs of one identity, step by step; its state lives sealed
//! in our database, and its token changes with every step. What the proofs are
//! good for is asked of the decider, never decided here.

mod begin;
mod settle;
mod turn;

use std::time::Duration;

use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::{
    Actor, Class, DeviceId, Entity, Event, IdentityId, Network, Proof, Secret, SessionId, SignInId,
};
use doorward_store::{authenticator, event, identity, signin};
use doorward_vault::{Aad, Purpose as Ring};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Inner;
use crate::error::{Result, SignInError};
use crate::factors::{Later, Pending, Subject};
use crate::prompt::Prompt;
use crate::token::{self, Token};

/// How long a flow may take.
const LIFE: Duration = Duration::from_secs(30 * 60);
/// Wrong answers after which a flow begins anew.
const MISSES: u32 = 5;
/// How many sign-ins one address begins in a minute, and how many of its passkeys do
/// not work.
pub(crate) const BEGUN: u32 = 300;
pub(crate) const MISSED: u32 = 60;

/// What comes after a step.
#[derive(Debug)]
pub enum Turn {
    /// The next question, under a new token.
    Ask {
        /// To be presented with the answer.
        token: Token,
        /// What is asked.
        prompt: Box<Prompt>,
    },
    /// It is done.
    Done(Box<Finished>),
    /// An authenticator was added to a session's owner.
    Changed {
        /// Of which factor.
        factor: String,
        /// What the caller gave at the beginning.
        carry: String,
    },
}

/// A session that was opened, or made stronger.
#[derive(Debug)]
pub struct Finished {
    /// The session.
    pub session: LiveSession,
    /// Its new bearer value.
    pub token: Token,
    /// The keys by which the browser is known again: to be kept in the place of those
    /// that it has. None when it keeps them as they are.
    pub device: Option<Secret<String>>,
    /// What the caller gave at the beginning, such as where to go on.
    pub carry: String,
}

/// What the flow is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// A new session.
    SignIn,
    /// A fresh proof for a session.
    StepUp { session: SessionId, phishing_resistant: bool },
    /// First authenticators, by a one-time link.
    Link { hash: Vec<u8> },
    /// Another authenticator for the owner of a session.
    Add { session: SessionId },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Step {
    /// Whom? Or a passkey that says it.
    Name { state: Value },
    /// One factor's question.
    Factor { factor: String, state: Value },
    /// Which factor to enrol?
    Choose,
    /// One factor's enrolment.
    Enrol { factor: String, state: Value },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Flow {
    pub purpose: Purpose,
    pub kind: SessionKind,
    /// The name in its one spelling, once it was typed.
    pub typed: Option<String>,
    /// Whose proofs these are.
    pub identity: Option<IdentityId>,
    pub proofs: Vec<Proof>,
    pub step: Step,
    pub misses: u32,
    /// Authenticators that are written when all is done.
    pub pending: Vec<Pending>,
    pub carry: String,
    /// The devices whose keys came with this step.
    #[serde(skip)]
    pub held: Vec<(IdentityId, DeviceId)>,
    /// What is written with this step.
    #[serde(skip)]
    pub later: Later,
}

/// A flow as it was loaded.
pub(crate) struct Loaded {
    pub id: SignInId,
    pub version: i64,
    pub flow: Flow,
}

fn aad(id: SignInId) -> Aad {
    Aad::new("signin", id, "state", 0)
}

impl Flow {
    /// A flow that has proven nothing.
    pub fn new(purpose: Purpose, kind: SessionKind, carry: &str) -> Self {
        Self {
            purpose,
            kind,
            typed: None,
            identity: None,
            proofs: Vec::new(),
            step: Step::Name { state: Value::Null },
            misses: 0,
            pending: Vec::new(),
            carry: carry.chars().take(4_096).collect(),
            held: Vec::new(),
            later: Later::default(),
        }
    }

    /// The device that whoever signs in is on, if it is theirs.
    pub fn device(&self) -> Option<DeviceId> {
        self.held.iter().find(|(of, _)| Some(*of) == self.identity).map(|(_, id)| *id)
    }

    /// INVARIANT: proofs never outlive the name that they were given for.
    pub fn forget(&mut self) {
        self.typed = None;
        self.identity = None;
        self.proofs.clear();
        self.pending.clear();
        self.misses = 0;
        self.step = Step::Name { state: Value::Null };
    }

    /// Adds a proof; a factor proves once, the last time counts.
    pub fn prove(&mut self, proof: Proof) {
        self.proofs.retain(|p| p.factor != proof.factor);
        self.proofs.push(proof);
    }
}

impl Inner {
    pub(crate) async fn subject(&self, id: Option<IdentityId>, actor: Actor) -> Result<Subject> {
        let Some(id) = id else {
            return Ok(Subject { identity: None, authenticators: Vec::new(), actor });
        };
        let (identity, authenticators) = self
            .db
            .read(move |c| {
                Ok::<_, doorward_store::Error>((
                    identity::find(c, id)?,
                    authenticator::of_identity(c, id)?,
                ))
            })
            .await?;
        Ok(Subject { identity, authenticators, actor })
    }

    /// As what a flow's acts are recorded: nobody, until it is done.
    fn actor(&self, flow: &Flow, network: &Network) -> Actor {
        match (&flow.purpose, flow.identity) {
            (Purpose::StepUp { session, .. } | Purpose::Add { session }, Some(id)) => Actor {
                session: Some(*session),
                network: network.clone(),
                ..Actor::identity(id, flow.proofs.clone())
            },
            _ => Actor::nobody(network.clone()),
        }
    }

    async fn load(&self, presented: &str) -> Result<Loaded> {
        let hash = token::presented(presented).ok_or(SignInError::Over)?;
        let now = self.env.now();
        let found = self.db.read(move |c| signin::find(c, &hash, now)).await?;
        let (id, sealed, version) = found.ok_or(SignInError::Over)?;
        let open = self.vault.decrypt(Ring::Sessions, &aad(id), &sealed).await?;
        let flow = serde_json::from_slice(open.expose())
            .map_err(|e| SignInError::Internal(e.to_string()))?;
        Ok(Loaded { id, version, flow })
    }

    fn seal(&self, id: SignInId, flow: &Flow) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(flow).map_err(|e| SignInError::Internal(e.to_string()))?;
        Ok(self.vault.encrypt(Ring::Sessions, &aad(id), &plain)?)
    }

    async fn start(&self, flow: &Flow) -> Result<Token> {
        let id = SignInId::new(&self.env);
        let token = Token::new(&self.env);
        let (hash, sealed) = (token.hash(), self.seal(id, flow)?);
        let until = self.env.now() + LIFE;
        self.db.write(move |c| signin::insert(c, id, &hash, &sealed, until)).await?;
        Ok(token)
    }

    async fn advance(&self, loaded: &Loaded) -> Result<Token> {
        let token = Token::new(&self.env);
        let (hash, sealed) = (token.hash(), self.seal(loaded.id, &loaded.flow)?);
        let (id, version) = (loaded.id, loaded.version);
        let later = loaded.flow.later.clone();
        let first = self
            .db
            .write(move |c| {
                let first = signin::advance(c, id, version, &hash, &sealed)?;
                // Whoever answers twice at once has used one answer.
                if first {
                    later.run(c)?;
                }
                Ok::<_, doorward_store::Error>(first)
            })
            .await?;
        if first { Ok(token) } else { Err(SignInError::Over) }
    }

    /// Records a failure. The typed name is not part of it: people type
    /// passwords there.
    async fn failed(&self, flow: &Flow, network: &Network, factor: &str) -> Result<()> {
        if !self.factors.find(factor).is_some_and(|f| f.guessable()) {
            // What cannot be guessed is not counted with guesses.
            self.misses.take(network, self.env.now())?;
        }
        let mut happened = Event::new(
            &self.env,
            Class::Authentication,
            "sign-in.failed",
            &self.actor(flow, network),
        )
        .failed()
        .with("factor", factor);
        happened = match flow.identity {
            Some(id) => happened.on(Entity::new("Identity", id)),
            None => happened.with("known", false),
        };
        Ok(self.db.write(move |c| event::append(c, &happened)).await?)
    }
}
