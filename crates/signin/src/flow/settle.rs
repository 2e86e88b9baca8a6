//! What the proofs are good for: asked of the decider after each one.

use doorward_core::lifecycle::LiveSession;
use doorward_core::{
    Actor, Class, Context, Denied, DeviceId, Entity, Event, FactorClass, IdentityId, Network,
    Proof, Requirement, SessionId, SignIn as SignInAct, authorize,
};
use doorward_store::{
    Conn, authenticator, change, event, identity, one_time_link, session, signin,
};
use serde_json::Value;

use super::turn::Outcome;
use super::{Finished, Flow, Loaded, Purpose, Step, Turn};
use crate::devices::{self, recognise};
use crate::error::{Result, SignInError};
use crate::factors::note;
use crate::throttle::Throttle;
use crate::token::Token;
use crate::{Client, Inner};

impl Inner {
    /// Decides whether the proofs are enough; if not, goes on to what is missing.
    pub(super) async fn settle(&self, flow: &mut Flow, network: &Network) -> Result<Outcome> {
        let id = flow.identity.ok_or(SignInError::Over)?;
        match &flow.purpose {
            Purpose::Add { .. } => Ok(Outcome::Settled),
            Purpose::StepUp { phishing_resistant, .. } => {
                let enough = flow.proofs.iter().any(|p| {
                    p.class != FactorClass::Knowledge
                        && (p.phishing_resistant || !phishing_resistant)
                });
                if enough {
                    return Ok(Outcome::Settled);
                }
                self.go_on(flow, network).await
            }
            Purpose::SignIn => match self.may_sign_in(id, &flow.proofs, network, flow.device()) {
                Ok(_) => Ok(Outcome::Settled),
                Err(denied) if provable(&denied) => self.go_on(flow, network).await,
                Err(denied) => {
                    self.refused(id, &flow.proofs, network, &denied).await?;
                    flow.forget();
                    Ok(Outcome::On(Some(
                        "You cannot sign in at the moment. Ask an administrator.".to_owned(),
                    )))
                }
            },
            Purpose::Link { .. } => {
                match self.may_sign_in(id, &flow.proofs, network, flow.device()) {
                    Ok(_) => {
                        let has = |factor: &str| flow.pending.iter().any(|p| p.factor == factor);
                        // A recovery code stands in for a second factor beside a password.
                        if has("password") && !has("recovery") {
                            let factor = "recovery".to_owned();
                            flow.step = Step::Enrol { factor, state: Value::Null };
                            return Ok(Outcome::On(None));
                        }
                        Ok(Outcome::Settled)
                    }
                    Err(denied) if provable(&denied) => {
                        flow.step = Step::Choose;
                        Ok(Outcome::On(None))
                    }
                    Err(denied) => {
                        self.refused(id, &flow.proofs, network, &denied).await?;
                        Err(SignInError::Denied(denied))
                    }
                }
            }
        }
    }

    /// Asks for a further factor that the identity has.
    async fn go_on(&self, flow: &mut Flow, network: &Network) -> Result<Outcome> {
        if self.next_factor(flow, network).await? {
            return Ok(Outcome::On(None));
        }
        // INVARIANT: one factor alone never enrols a second one; else a stolen
        // password would be all that it takes.
        let error = "You need a second factor to sign in, and have none. Ask an administrator for an enrolment link.";
        flow.forget();
        Ok(Outcome::On(Some(error.to_owned())))
    }

    /// Moves to the first factor that the identity has and that adds something.
    pub(super) async fn next_factor(&self, flow: &mut Flow, network: &Network) -> Result<bool> {
        let candidates = self.candidates(flow, network).await?;
        let Some(first) = candidates.first() else { return Ok(false) };
        flow.step = Step::Factor { factor: (*first).to_owned(), state: Value::Null };
        Ok(true)
    }

    /// The factors that the identity has and that would add something.
    pub(super) async fn candidates(
        &self,
        flow: &Flow,
        network: &Network,
    ) -> Result<Vec<&'static str>> {
        let subject = self.subject(flow.identity, self.actor(flow, network)).await?;
        let only_resistant = match &flow.purpose {
            Purpose::StepUp { phishing_resistant, .. } => *phishing_resistant,
            _ => flow.identity.is_some_and(|id| {
                matches!(self.may_sign_in(id, &flow.proofs, network, flow.device()),
                    Err(d) if d.needs(&Requirement::PhishingResistant)
                        && !d.needs(&Requirement::StepUp))
            }),
        };
        Ok(self
            .factors
            .iter()
            .filter(|f| subject.of(f.name()).next().is_some())
            .filter(|f| !flow.proofs.iter().any(|p| p.factor == f.name()))
            .filter(|f| f.class() != FactorClass::Knowledge)
            .filter(|f| f.phishing_resistant() || !only_resistant)
            .map(|f| f.name())
            .collect())
    }

    pub(crate) fn may_sign_in(
        &self,
        id: IdentityId,
        proofs: &[Proof],
        network: &Network,
        device: Option<DeviceId>,
    ) -> std::result::Result<doorward_core::Allowed<SignInAct>, Denied> {
        let device = device.map(|d| d.to_string());
        let actor =
            Actor { network: network.clone(), device, ..Actor::identity(id, proofs.to_vec()) };
        authorize(&*self.decider, &actor, SignInAct {}, &Context::default())
    }

    async fn refused(
        &self,
        id: IdentityId,
        proofs: &[Proof],
        network: &Network,
        denied: &Denied,
    ) -> Result<()> {
        let actor = Actor { network: network.clone(), ..Actor::identity(id, proofs.to_vec()) };
        let happened = Event::new(&self.env, Class::Authentication, "sign-in.refused", &actor)
            .failed()
            .on(Entity::new("Identity", id))
            .by(&denied.policies);
        Ok(self.db.write(move |c| event::append(c, &happened)).await?)
    }

    /// Makes of the flow what it was for, in one transaction.
    pub(super) async fn finish(&self, loaded: Loaded, client: &Client) -> Result<Turn> {
        let id = loaded.flow.identity.ok_or(SignInError::Over)?;
        match loaded.flow.purpose.clone() {
            Purpose::SignIn => self.finish_sign_in(loaded, id, client, None).await,
            Purpose::Link { hash } => self.finish_sign_in(loaded, id, client, Some(hash)).await,
            Purpose::StepUp { session, .. } => {
                self.finish_step_up(loaded, id, session, client).await
            }
            Purpose::Add { session } => self.finish_add(loaded, id, session, client).await,
        }
    }

    async fn finish_sign_in(
        &self,
        loaded: Loaded,
        id: IdentityId,
        client: &Client,
        link: Option<Vec<u8>>,
    ) -> Result<Turn> {
        let Loaded { id: flow_id, version, flow } = loaded;
        // Asked again, since the answer may be some steps old.
        let allowed = self.may_sign_in(id, &flow.proofs, &client.network, flow.device())?;
        let opened = self.new_session(id, flow.kind, flow.proofs.clone(), client);
        let token = Token::new(&self.env);
        let actor = opened.actor(client.network.clone());
        let happened = Event::new(&self.env, Class::Authentication, "session.opened", &actor)
            .by(allowed.policies())
            .on(Entity::new("Identity", id))
            .with("session", opened.id.to_string());
        let (s, hash, tools, pending) =
            (opened.clone(), token.hash(), self.tools.clone(), flow.pending);
        let later = flow.later;
        let now = opened.created_at;
        let (keys, fresh) = (devices::shown(client.device.as_deref()), Token::new(&self.env));
        let (known, fresh_hash, label) = (keys.clone(), fresh.hash(), client.agent());
        let device = self
            .db
            .write(move |c| {
                // Asked once more where it counts: whoever was disabled since the last
                // proof, and perhaps enabled again, begins anew.
                let counts = identity::find(c, id)?.is_some_and(|i| i.active(now));
                if !counts || !signin::finish(c, flow_id, version)? {
                    return Err(SignInError::Over);
                }
                later.run(c)?;
                if let Some(link) = &link {
                    if !one_time_link::consume(c, link, now)? {
                        return Err(SignInError::Link);
                    }
                    // Whatever opened the door before, opens it no more.
                    let removed = authenticator::delete_all(c, id)?;
                    for old in session::of_identity(c, id, now)? {
                        session::revoke(c, old.id, now, "authenticators were set anew")?;
                        change::bump(c, "session", old.id, now)?;
                    }
                    let used = Event::new(&tools.env, Class::AccountChange, "link.used", &actor)
                        .on(Entity::new("Identity", id))
                        .with("authenticators_removed", removed);
                    event::append(c, &used)?;
                    replace(c, id, &pending, now)?;
                    for factor in factors_of(&pending) {
                        let text = format!("A new authenticator was set up: {factor}.");
                        note(c, &tools, &actor, id, "authenticator.enrolled", factor, text)?;
                    }
                }
                Throttle::forgive(c, id)?;
                let device = recognise(c, &tools, &s, &label, &known, &fresh_hash)?;
                let s = LiveSession { device: Some(device.id), ..s.clone() };
                session::insert(c, &s, &hash)?;
                let happened = happened.clone().with("device", device.id.to_string());
                event::append(c, &happened)?;
                change::bump(c, "session", s.id, now)?;
                Ok::<_, SignInError>(device)
            })
            .await?;
        let session = LiveSession { device: Some(device.id), ..opened };
        let device = Some(device.keep(&keys, &fresh));
        Ok(Turn::Done(Box::new(Finished { session, token, device, carry: flow.carry })))
    }

    async fn finish_step_up(
        &self,
        loaded: Loaded,
        id: IdentityId,
        session_id: SessionId,
        client: &Client,
    ) -> Result<Turn> {
        let Loaded { id: flow_id, version, flow } = loaded;
        let now = self.env.now();
        let mut live = self
            .db
            .read(move |c| session::find(c, session_id))
            .await?
            .filter(|s| s.identity == id && s.alive(self.config.limits, now))
            .ok_or(SignInError::Over)?;
        live.proofs.retain(|p| !flow.proofs.iter().any(|f| f.factor == p.factor));
        live.proofs.extend(flow.proofs.iter().cloned());
        live.last_seen_at = now;
        let allowed = self.may_sign_in(id, &live.proofs, &client.network, flow.device())?;
        let token = Token::new(&self.env);
        let happened = Event::new(
            &self.env,
            Class::Authentication,
            "session.strengthened",
            &live.actor(client.network.clone()),
        )
        .by(allowed.policies())
        .on(Entity::new("Identity", id))
        .with("session", session_id.to_string());
        let (proofs, hash, later) = (live.proofs.clone(), token.hash(), flow.later);
        self.db
            .write(move |c| {
                let first = signin::finish(c, flow_id, version)?
                    && session::strengthen(c, session_id, &proofs, &hash, now)?;
                if !first {
                    return Err(SignInError::Over);
                }
                later.run(c)?;
                Throttle::forgive(c, id)?;
                event::append(c, &happened)?;
                change::bump(c, "session", session_id, now)?;
                Ok(())
            })
            .await?;
        let carry = flow.carry;
        Ok(Turn::Done(Box::new(Finished { session: live, token, device: None, carry })))
    }

    async fn finish_add(
        &self,
        loaded: Loaded,
        id: IdentityId,
        session_id: SessionId,
        client: &Client,
    ) -> Result<Turn> {
        let Loaded { id: flow_id, version, flow } = loaded;
        let now = self.env.now();
        let actor = self.actor(&flow, &client.network);
        let (tools, limits, pending) =
            (self.tools.clone(), self.config.limits, flow.pending.clone());
        let later = flow.later.clone();
        self.db
            .write(move |c| {
                let live = session::find(c, session_id)?.is_some_and(|s| s.alive(limits, now));
                if !live || !signin::finish(c, flow_id, version)? {
                    return Err(SignInError::Over);
                }
                later.run(c)?;
                replace(c, id, &pending, now)?;
                for factor in factors_of(&pending) {
                    let text = format!("A new authenticator was added: {factor}.");
                    note(c, &tools, &actor, id, "authenticator.enrolled", factor, text)?;
                }
                Ok(())
            })
            .await?;
        let factor = flow.pending.first().map(|p| p.factor.clone()).unwrap_or_default();
        Ok(Turn::Changed { factor, carry: flow.carry })
    }
}

/// Whether further proofs, which can be asked for here, would help.
fn provable(denied: &Denied) -> bool {
    !denied.requirements.is_empty()
        && denied
            .requirements
            .iter()
            .all(|r| matches!(r, Requirement::StepUp | Requirement::PhishingResistant))
}

fn factors_of(pending: &[crate::factors::Pending]) -> Vec<&str> {
    let mut names: Vec<&str> = pending.iter().map(|p| p.factor.as_str()).collect();
    names.dedup();
    names
}

fn replace(
    c: &Conn<'_>,
    id: IdentityId,
    pending: &[crate::factors::Pending],
    now: doorward_core::Timestamp,
) -> Result<()> {
    for factor in factors_of(pending) {
        if pending.iter().any(|p| p.factor == factor && p.replaces) {
            authenticator::delete_factor(c, id, factor)?;
        }
    }
    for p in pending {
        authenticator::insert(c, &p.row(id, now)).map_err(|e| match e {
            doorward_store::Error::Unique { .. } => {
                SignInError::field("passkey", "it was registered in the meantime")
            }
            other => other.into(),
        })?;
    }
    Ok(())
}

impl Inner {
    pub(crate) fn new_session(
        &self,
        identity: IdentityId,
        kind: doorward_core::lifecycle::SessionKind,
        proofs: Vec<Proof>,
        client: &Client,
    ) -> LiveSession {
        let now = self.env.now();
        LiveSession {
            id: SessionId::new(&self.env),
            identity,
            kind,
            proofs,
            network: client.network.clone(),
            user_agent: client.agent(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + self.config.limits.absolute,
            device: None,
        }
    }
}
