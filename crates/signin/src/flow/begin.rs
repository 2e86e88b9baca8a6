//! How flows begin.

use doorward_core::lifecycle::LiveSession;
use doorward_core::{Actor, Allowed, Assurance, Denied, ManageOwn, Requirement};
use doorward_store::one_time_link;
use serde_json::Value;
use std::time::Duration;

use super::{Flow, Purpose, Step, Turn};
use crate::error::{Result, SignInError};
use crate::{Client, SignIn, token};

/// How old a second proof may be to change one's own authenticators.
const FRESH: Duration = Duration::from_secs(15 * 60);

impl SignIn {
    /// Begins to sign in. `carry` comes back at the end.
    pub async fn begin(&self, client: &Client, carry: &str) -> Result<Turn> {
        self.0.flows.take(&client.network, self.0.env.now())?;
        let flow = Flow::new(Purpose::SignIn, client.kind, carry);
        self.open(flow, client).await
    }

    /// Begins to add a fresh proof to a session; with a passkey, when it must
    /// resist phishing.
    pub async fn begin_step_up(
        &self,
        session: &LiveSession,
        requirement: &Requirement,
        client: &Client,
        carry: &str,
    ) -> Result<Turn> {
        let phishing_resistant = matches!(requirement, Requirement::PhishingResistant);
        let purpose = Purpose::StepUp { session: session.id, phishing_resistant };
        let mut flow = Flow::new(purpose, session.kind, carry);
        flow.identity = Some(session.identity);
        let loaded = self.0.next_factor(&mut flow, &client.network).await?;
        if !loaded {
            return Err(SignInError::Needed(
                "none of your authenticators can give this proof; add a passkey or an authenticator app first",
            ));
        }
        self.open(flow, client).await
    }

    /// Begins to enrol by a one-time link. Looking at the page uses nothing up.
    pub async fn begin_link(&self, link: &str, client: &Client) -> Result<Turn> {
        let hash = token::presented(link).ok_or(SignInError::Link)?;
        let now = self.0.env.now();
        let looked_for = hash.clone();
        let found = self.0.db.read(move |c| one_time_link::find(c, &looked_for, now)).await?;
        let (_, identity) = found.ok_or(SignInError::Link)?;
        let person = self.0.subject(Some(identity), Actor::nobody(client.network.clone())).await?;
        if !person.identity.is_some_and(|i| i.active(now)) {
            return Err(SignInError::Link);
        }
        let mut flow = Flow::new(Purpose::Link { hash }, client.kind, "");
        flow.identity = Some(identity);
        flow.step = Step::Enrol { factor: "password".to_owned(), state: Value::Null };
        self.open(flow, client).await
    }

    /// Begins to add an authenticator (or to take a new password or new recovery
    /// codes) to the owner of a session, who proved themselves just now.
    pub async fn begin_add(
        &self,
        allowed: &Allowed<ManageOwn>,
        session: &LiveSession,
        factor: &str,
        client: &Client,
        carry: &str,
    ) -> Result<Turn> {
        self.0.fresh(allowed)?;
        if self.0.factors.find(factor).is_none() {
            return Err(SignInError::field(
                "factor",
                "is one of password, totp, passkey, recovery",
            ));
        }
        let mut flow = Flow::new(Purpose::Add { session: session.id }, session.kind, carry);
        flow.identity = Some(allowed.act().of);
        flow.proofs = allowed.actor().proofs.clone();
        flow.step = Step::Enrol { factor: factor.to_owned(), state: Value::Null };
        self.open(flow, client).await
    }

    async fn open(&self, mut flow: Flow, client: &Client) -> Result<Turn> {
        let prompt = self.0.present(&mut flow, &client.network, None).await?;
        let token = self.0.start(&flow).await?;
        Ok(Turn::Ask { token, prompt: Box::new(prompt) })
    }
}

impl crate::Inner {
    /// Refuses those who did not just show a second factor: a session left open
    /// must not be enough to change what opens the next.
    pub(crate) fn fresh(&self, allowed: &Allowed<ManageOwn>) -> Result<()> {
        let actor = allowed.actor();
        let young = actor.proof_age(self.env.now()).is_some_and(|age| age <= FRESH);
        let own = actor.id() == Some(allowed.act().of);
        if own && young && actor.assurance() >= Assurance::Aal2 {
            return Ok(());
        }
        Err(SignInError::Denied(Denied {
            requirements: vec![Requirement::StepUp],
            policies: Vec::new(),
        }))
    }
}
