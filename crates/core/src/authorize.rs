//! The one decision of the product.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Action, Actor, Context, IdentityId, Resource, Timestamp};

/// One question to the decider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Who asks.
    pub actor: Actor,
    /// For what.
    pub action: Action,
    /// On what.
    pub resource: Resource,
    /// Under which further facts.
    pub context: Context,
}

/// What would turn a denial into a permit.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Requirement {
    /// Prove yourself again, now, with at least AAL2.
    StepUp,
    /// Prove yourself now with a passkey.
    PhishingResistant,
    /// Say why.
    Reason,
    /// Have this many other people approve.
    Approvals {
        /// How many.
        count: u32,
    },
    /// Ask for no longer than this.
    MaxDuration {
        /// In seconds.
        seconds: u64,
    },
    /// Use a managed device.
    ManagedDevice,
}

impl Requirement {
    /// The sentence for a person.
    pub fn sentence(&self) -> String {
        match self {
            Self::StepUp => "confirm with a second factor again".to_owned(),
            Self::PhishingResistant => "confirm with a passkey".to_owned(),
            Self::Reason => "give a reason".to_owned(),
            Self::Approvals { count: 1 } => "have it approved by another person".to_owned(),
            Self::Approvals { count } => format!("have it approved by {count} other people"),
            Self::MaxDuration { seconds } => {
                format!("ask for at most {} minutes", Duration::from_secs(*seconds).as_secs() / 60)
            }
            Self::ManagedDevice => "use a managed device".to_owned(),
        }
    }
}

/// The decider's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, by these policies.
    Permit {
        /// The names of the policies that decided.
        policies: Vec<String>,
    },
    /// No.
    Deny(Denied),
}

/// No, and what would change it. Nothing would, when `requirements` is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("not permitted")]
pub struct Denied {
    /// The smallest set of facts, obtainable by the actor, that turns it to permit.
    pub requirements: Vec<Requirement>,
    /// The names of the policies that forbade it, or would permit it then.
    pub policies: Vec<String>,
}

impl Denied {
    /// A denial that nothing would change.
    pub fn flat() -> Self {
        Self::default()
    }

    /// How many approvals are missing, if it is only these and a reason, a
    /// shorter time or a fresh proof that stand between the actor and a yes.
    pub fn approvals(&self) -> Option<u32> {
        self.requirements.iter().find_map(|r| match r {
            Requirement::Approvals { count } => Some(*count),
            _ => None,
        })
    }

    /// Whether the requirement is named.
    pub fn needs(&self, requirement: &Requirement) -> bool {
        self.requirements.contains(requirement)
    }
}

/// What decides. There is one in the product (Cedar, in `policy`); anything
/// that goes wrong inside it is a denial.
pub trait Decider: Send + Sync {
    /// Decides, with the explanation of a denial.
    fn decide(&self, question: &Question) -> Verdict;
    /// When it decides: its clock.
    fn now(&self) -> Timestamp;
    /// Whether two identities are one person's: nobody's second identity is
    /// somebody else.
    fn same_person(&self, one: IdentityId, other: IdentityId) -> bool {
        one == other
    }
}

/// Something that can be asked for: one type for each act, so that the
/// permission for one is not a permission for another.
pub trait Act: Clone + Send + Sync + 'static {
    /// Its action.
    const ACTION: Action;
    /// What it is done to.
    fn resource(&self) -> Resource;
}

/// The permission to do `A`, which nothing but [`authorize`] can make. Domain
/// functions demand it, so that a forgotten check does not compile.
///
/// ```compile_fail
/// // INVARIANT: its fields are private and it has no other constructor.
/// let forged = doorward_core::Allowed { act: (), actor: (), context: (), policies: vec![], at: () };
/// ```
#[derive(Clone, Debug)]
pub struct Allowed<A> {
    act: A,
    actor: Actor,
    context: Context,
    policies: Vec<String>,
    at: Timestamp,
}

impl<A: Act> Allowed<A> {
    /// What is allowed.
    pub fn act(&self) -> &A {
        &self.act
    }
    /// To whom.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
    /// By which policies.
    pub fn policies(&self) -> &[String] {
        &self.policies
    }
    /// When it was decided.
    pub fn at(&self) -> Timestamp {
        self.at
    }
    /// The question that was answered, to be asked again when a fact changes.
    pub fn question(&self) -> Question {
        Question {
            actor: self.actor.clone(),
            action: A::ACTION,
            resource: self.act.resource(),
            context: self.context.clone(),
        }
    }
}

/// Asks whether `actor` may do `act` in `context`: the one way to an
/// [`Allowed`], and the same for a login, a token, an API call, a secret, an
/// approval, a shell.
pub fn authorize<A: Act>(
    decider: &dyn Decider,
    actor: &Actor,
    act: A,
    context: &Context,
) -> Result<Allowed<A>, Denied> {
    let question = Question {
        actor: actor.clone(),
        action: A::ACTION,
        resource: act.resource(),
        context: context.clone(),
    };
    match decider.decide(&question) {
        Verdict::Permit { policies } => Ok(Allowed {
            act,
            actor: question.actor,
            context: question.context,
            policies,
            at: decider.now(),
        }),
        Verdict::Deny(denied) => Err(denied),
    }
}
