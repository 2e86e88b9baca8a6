//! What the policy wants for an access, found by asking it.

use std::time::Duration;

use doorward_core::{
    Act as _, Action, Actor, Context, Decider, Denied, Entity, FactorClass, OpenApplication,
    OpenSession, Proof, Question, Requirement, Resource, Timestamp, Verdict,
};

/// What can be asked for, as the question that opens it.
#[derive(Clone, Debug)]
pub(crate) struct About {
    action: Action,
    resource: Resource,
}

impl About {
    /// Accounts and applications; nothing else can be asked for.
    pub fn parse(about: &Entity) -> Option<Self> {
        let (action, resource) = match about.kind.as_str() {
            "Account" => {
                let act = OpenSession { account: about.id.parse().ok()? };
                (OpenSession::ACTION, act.resource())
            }
            "Application" => {
                let act = OpenApplication { application: about.id.parse().ok()? };
                (OpenApplication::ACTION, act.resource())
            }
            _ => return None,
        };
        // The canonical spelling of the id, or the grant would be for another thing.
        (resource.entity == *about).then_some(Self { action, resource })
    }

    pub fn ask(&self, decider: &dyn Decider, actor: &Actor, context: Context) -> Verdict {
        decider.decide(&Question {
            actor: actor.clone(),
            action: self.action,
            resource: self.resource.clone(),
            context,
        })
    }
}

/// The actor with the strongest proof there is. Requests and grants are about
/// who somebody is; how well they have proven it, and on which device they are, is
/// asked when they come.
pub(crate) fn at_best(actor: &Actor, now: Timestamp) -> Actor {
    let mut best = actor.clone();
    best.proofs.push(Proof {
        factor: "passkey".to_owned(),
        class: FactorClass::PossessionVerified,
        phishing_resistant: true,
        at: now,
    });
    best
}

/// What a grant has to bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub approvals: u32,
    pub duration: Duration,
}

/// Why there are no terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoTerms {
    /// It is permitted as things are.
    NotNeeded,
    /// Nothing that a request can bring would permit it.
    Denied(Denied),
    /// It needs a reason.
    Reason,
}

/// The terms of a grant for at most `duration`.
pub(crate) fn terms(
    decider: &dyn Decider,
    actor: &Actor,
    about: &About,
    reason: bool,
    duration: Duration,
) -> Result<Terms, NoTerms> {
    let best = at_best(actor, decider.now());
    let plain = Context { managed_device: true, ..Context::default() };
    if let Verdict::Permit { .. } = about.ask(decider, &best, plain) {
        return Err(NoTerms::NotNeeded);
    }
    let mut terms = Terms { approvals: 0, duration };
    // Each round meets one more wish of the policy; it has but few.
    for _ in 0..4 {
        let context = Context {
            managed_device: true,
            reason,
            approvals: terms.approvals,
            duration: Some(terms.duration),
            ..Context::default()
        };
        let denied = match about.ask(decider, &best, context) {
            Verdict::Permit { .. } => return Ok(terms),
            Verdict::Deny(denied) => denied,
        };
        let before = terms;
        for requirement in &denied.requirements {
            match requirement {
                Requirement::Reason => return Err(NoTerms::Reason),
                Requirement::Approvals { count } => terms.approvals = *count,
                Requirement::MaxDuration { seconds } => {
                    terms.duration = terms.duration.min(Duration::from_secs(*seconds));
                }
                Requirement::StepUp
                | Requirement::PhishingResistant
                | Requirement::ManagedDevice => {}
            }
        }
        if terms == before {
            return Err(NoTerms::Denied(denied));
        }
    }
    Err(NoTerms::Denied(Denied::flat()))
}
