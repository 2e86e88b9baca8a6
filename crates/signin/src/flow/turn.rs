//! One step of a flow: the answer in, the next question out.

use doorward_core::Network;
use doorward_directory::canonical;
use doorward_store::identity;
use serde_json::Value;

use super::{Flow, Loaded, MISSES, Purpose, Step, Turn};
use crate::error::{Result, SignInError};
use crate::factors::{Asked, FactorError};
use crate::prompt::{Answer, Field, Other, Prompt};
use crate::throttle::Keys;
use crate::{Client, Inner, SignIn, devices};

/// What the answer led to.
pub(super) enum Outcome {
    /// The flow goes on; with what was wrong, if anything was.
    On(Option<String>),
    /// Everything that was asked for is proven.
    Settled,
}

impl SignIn {
    /// Takes the answer to the question that `token` came with. The token is
    /// good once, whatever the answer was.
    pub async fn answer(&self, token: &str, answer: &Answer, client: &Client) -> Result<Turn> {
        let mut loaded = self.0.load(token).await?;
        let network = &client.network;
        let keys = devices::shown(client.device.as_deref());
        loaded.flow.held = self.0.held(keys, loaded.flow.kind).await?;
        match self.0.step(&mut loaded.flow, answer, network).await? {
            Outcome::Settled => self.0.finish(loaded, client).await,
            Outcome::On(error) => {
                let prompt = self.0.present(&mut loaded.flow, network, error).await?;
                let token = self.0.advance(&loaded).await?;
                Ok(Turn::Ask { token, prompt: Box::new(prompt) })
            }
        }
    }

    /// Gives the flow up.
    pub async fn abandon(&self, token: &str) -> Result<()> {
        let Loaded { id, version, .. } = self.0.load(token).await?;
        self.0.db.write(move |c| doorward_store::signin::finish(c, id, version)).await?;
        Ok(())
    }
}

impl Inner {
    async fn step(&self, flow: &mut Flow, answer: &Answer, network: &Network) -> Result<Outcome> {
        if let (Purpose::SignIn, Some(name)) = (&flow.purpose, answer.get("name")) {
            let other = flow.typed.is_some() && canonical(name) != flow.typed;
            if other {
                // Another name: nothing that was proven before is worth anything.
                flow.forget();
                return self.named(flow, name).await;
            }
        }
        match flow.step.clone() {
            Step::Name { state } => {
                if answer.get("passkey").is_some_and(|p| !p.is_empty()) {
                    return self.checked(flow, "passkey", &state, answer, network).await;
                }
                match answer.get("name").map(|n| n.trim()) {
                    Some(name) if !name.is_empty() => self.named(flow, name).await,
                    _ if answer.get("use").map(String::as_str) == Some("passkey") => {
                        self.switch(flow, "passkey", network).await
                    }
                    _ => Ok(Outcome::On(Some("Enter your name or e-mail address.".to_owned()))),
                }
            }
            Step::Factor { factor, state } => match answer.get("use") {
                Some(other) if !other.is_empty() => self.switch(flow, other, network).await,
                _ => self.checked(flow, &factor, &state, answer, network).await,
            },
            Step::Choose => match answer.get("use") {
                Some(factor) if !factor.is_empty() => self.switch(flow, factor, network).await,
                _ => Ok(Outcome::On(Some("Choose one of these.".to_owned()))),
            },
            Step::Enrol { factor, state } => match answer.get("use") {
                Some(other) if !other.is_empty() => self.switch(flow, other, network).await,
                _ => self.enrolled(flow, &factor, &state, answer, network).await,
            },
        }
    }

    /// Somebody says who they are. Whether they are known changes nothing that
    /// they can see.
    async fn named(&self, flow: &mut Flow, name: &str) -> Result<Outcome> {
        // What can be no name is a name that nobody has.
        let typed = canonical(name).unwrap_or_default();
        let looked_for = typed.clone();
        let found = self.db.read(move |c| identity::by_name_or_email(c, &looked_for)).await?;
        flow.typed = Some(typed);
        flow.identity = found.map(|i| i.id);
        flow.step = Step::Factor { factor: "password".to_owned(), state: Value::Null };
        Ok(Outcome::On(None))
    }

    /// Another factor, if it is one of those that were offered.
    async fn switch(&self, flow: &mut Flow, to: &str, network: &Network) -> Result<Outcome> {
        let offered = self.others(flow, network).await?;
        if !offered.iter().any(|o| o.factor == to) {
            return Ok(Outcome::On(Some("Choose one of those offered.".to_owned())));
        }
        let (factor, state) = (to.to_owned(), Value::Null);
        flow.step = match flow.step {
            Step::Name { .. } | Step::Factor { .. } => Step::Factor { factor, state },
            Step::Choose | Step::Enrol { .. } => Step::Enrol { factor, state },
        };
        Ok(Outcome::On(None))
    }

    async fn checked(
        &self,
        flow: &mut Flow,
        factor: &str,
        state: &Value,
        answer: &Answer,
        network: &Network,
    ) -> Result<Outcome> {
        let handler = self.factors.find(factor).ok_or(SignInError::Over)?.clone();
        let keys = match (flow.identity, &flow.typed) {
            (Some(id), _) => Keys::identity(id, network),
            (None, typed) => Keys::stranger(typed.as_deref().unwrap_or_default(), network),
        };
        if handler.guessable()
            && let Err(e) = self.throttle.reserve(&keys, self.env.now()).await
        {
            return match e {
                SignInError::TooMany(_) => Ok(Outcome::On(Some(sentence(&e)))),
                other => Err(other),
            };
        }
        // A passkey says itself whose it is, so before one no name counts.
        let known = if factor == "passkey" && matches!(flow.purpose, Purpose::SignIn) {
            flow.proofs.first().and(flow.identity)
        } else {
            flow.identity
        };
        let subject = self.subject(known, self.actor(flow, network)).await?;
        match handler.check(&self.tools, &subject, state, answer, &mut flow.later).await {
            Ok(id) => {
                if handler.guessable() {
                    self.throttle.is_right(keys, &mut flow.later);
                }
                if flow.identity != Some(id) {
                    flow.proofs.clear();
                    flow.identity = Some(id);
                }
                flow.prove(handler.proof(self.env.now()));
                flow.misses = 0;
                self.settle(flow, network).await
            }
            Err(FactorError::Unusable(problem)) => {
                if handler.guessable() {
                    self.throttle.is_right(keys, &mut flow.later);
                }
                Ok(Outcome::On(Some(problem)))
            }
            Err(FactorError::Wrong) => {
                self.failed(flow, network, factor).await?;
                flow.misses += 1;
                if flow.misses >= MISSES && matches!(flow.purpose, Purpose::SignIn) {
                    flow.forget();
                }
                let text = match factor {
                    "password" => "That name or password is not right.",
                    "passkey" => "That passkey did not work here. Try again, or use another way.",
                    _ => "That code is not right. Each code works once.",
                };
                Ok(Outcome::On(Some(text.to_owned())))
            }
            Err(FactorError::Failed(e)) => Err(e),
        }
    }

    async fn enrolled(
        &self,
        flow: &mut Flow,
        factor: &str,
        state: &Value,
        answer: &Answer,
        network: &Network,
    ) -> Result<Outcome> {
        let handler = self.factors.find(factor).ok_or(SignInError::Over)?.clone();
        let subject = self.subject(flow.identity, self.actor(flow, network)).await?;
        match handler.enrol(&self.tools, &subject, state, answer).await {
            Ok(made) => {
                flow.pending.retain(|p| p.factor != factor);
                flow.pending.extend(made);
                // Codes that were only shown prove nothing; the rest was just used.
                if matches!(flow.purpose, Purpose::Link { .. }) && factor != "recovery" {
                    flow.prove(handler.proof(self.env.now()));
                }
                self.settle(flow, network).await
            }
            Err(FactorError::Unusable(problem)) => Ok(Outcome::On(Some(problem))),
            Err(FactorError::Wrong) => {
                Ok(Outcome::On(Some("That did not work. Try again.".to_owned())))
            }
            Err(FactorError::Failed(e)) => Err(e),
        }
    }

    /// The question of the flow's step, with a fresh challenge.
    pub(super) async fn present(
        &self,
        flow: &mut Flow,
        network: &Network,
        error: Option<String>,
    ) -> Result<Prompt> {
        let mut prompt = match flow.step.clone() {
            Step::Name { .. } => {
                let mut prompt = Prompt::new("name", "Sign in").field(Field::Text {
                    name: "name",
                    label: "Name or e-mail address".to_owned(),
                    autocomplete: "username webauthn",
                    value: String::new(),
                });
                if let Some(passkey) = &self.passkey {
                    let (field, state) = passkey.challenge(true).map_err(broken)?;
                    prompt = prompt.field(field);
                    flow.step = Step::Name { state };
                }
                prompt
            }
            Step::Choose => {
                let options = self.others(flow, network).await?;
                Prompt::new("choose", "Add a second factor")
                    .message(
                        "A password alone can be stolen without a trace. Choose what else shows that it is you.",
                    )
                    .field(Field::Choice { name: "use", label: "Second factor".to_owned(), options })
            }
            Step::Factor { factor, .. } => {
                let handler = self.factors.find(&factor).ok_or(SignInError::Over)?.clone();
                let subject = self.subject(flow.identity, self.actor(flow, network)).await?;
                let asked = handler.ask(&self.tools, &subject).await.map_err(broken)?;
                flow.step = Step::Factor { factor: factor.clone(), state: asked.state.clone() };
                prompt_of(&factor, asked)
            }
            Step::Enrol { factor, state } => {
                let handler = self.factors.find(&factor).ok_or(SignInError::Over)?.clone();
                let subject = self.subject(flow.identity, self.actor(flow, network)).await?;
                let asked = handler.offer(&self.tools, &subject, &state).await.map_err(broken)?;
                flow.step = Step::Enrol { factor: factor.clone(), state: asked.state.clone() };
                let mut prompt = prompt_of(&format!("enrol-{factor}"), asked);
                if let (Purpose::Link { .. }, Some(i)) = (&flow.purpose, &subject.identity) {
                    prompt.name = Some(i.name.as_str().to_owned());
                }
                prompt
            }
        };
        if !matches!(flow.step, Step::Choose) {
            prompt.others = self.others(flow, network).await?;
        }
        if prompt.name.is_none() {
            prompt.name = flow.typed.clone();
        }
        prompt.error = error;
        Ok(prompt)
    }

    /// The other ways to go on from here.
    async fn others(&self, flow: &Flow, network: &Network) -> Result<Vec<Other>> {
        let current = match &flow.step {
            Step::Factor { factor, .. } | Step::Enrol { factor, .. } => factor.as_str(),
            Step::Name { .. } | Step::Choose => "",
        };
        let names: Vec<&'static str> = match (&flow.purpose, &flow.step) {
            (Purpose::SignIn, Step::Name { .. }) => vec!["passkey"],
            // Nothing is proven: the same for everybody.
            (Purpose::SignIn, Step::Factor { .. }) if flow.proofs.is_empty() => match flow.typed {
                Some(_) => vec!["password", "passkey"],
                None => Vec::new(),
            },
            (Purpose::SignIn | Purpose::StepUp { .. }, _) => self.candidates(flow, network).await?,
            (Purpose::Link { .. }, _) if current == "recovery" => Vec::new(),
            (Purpose::Link { .. }, _) if flow.pending.is_empty() => vec!["password", "passkey"],
            (Purpose::Link { .. }, _) => vec!["passkey", "totp"],
            (Purpose::Add { .. }, _) => Vec::new(),
        };
        Ok(names
            .into_iter()
            .filter(|n| *n != current)
            .filter_map(|n| self.factors.find(n))
            .map(|f| Other { factor: f.name().to_owned(), label: f.label().to_owned() })
            .collect())
    }
}

fn prompt_of(step: &str, asked: Asked) -> Prompt {
    let mut prompt = Prompt::new(step, asked.title);
    prompt.message = asked.message;
    prompt.fields = asked.fields;
    prompt
}

fn broken(e: FactorError) -> SignInError {
    match e {
        FactorError::Failed(e) => e,
        other => SignInError::Internal(other.to_string()),
    }
}

/// An error as a sentence for people.
fn sentence(e: &SignInError) -> String {
    let text = e.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => text,
    }
}
