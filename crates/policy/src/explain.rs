//! What would turn a denial into a permit, found by asking the same policies
//! under stronger facts (`docs/adr/0001-requirements-by-asking-the-policy.md`).

use std::time::Duration;

use doorward_core::{Denied, Question, Requirement, Verdict};
use serde::Serialize;

use crate::engine::{Answer, Asked, Engine, Facts};
use doorward_core::Decider as _;

/// More approvals than this are not tried.
const MOST_APPROVALS: u32 = 3;
/// Durations that are tried, longest first.
const DURATIONS: [u64; 6] = [8 * 3600, 4 * 3600, 2 * 3600, 3600, 1800, 900];

/// A decision with all that can be said about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Explanation {
    /// permit or deny.
    #[schemars(extend("enum" = ["permit", "deny"]))]
    pub decision: &'static str,
    /// The policies that decided, or would permit.
    pub policies: Vec<String>,
    /// What would turn it to permit; none would, when this is empty.
    pub requirements: Vec<Requirement>,
    /// The same for a person.
    pub sentences: Vec<String>,
}

impl Engine {
    /// Decides and says why.
    pub fn explain(&self, question: &Question) -> Explanation {
        match self.decide(question) {
            Verdict::Permit { policies } => Explanation {
                decision: "permit",
                policies,
                requirements: Vec::new(),
                sentences: Vec::new(),
            },
            Verdict::Deny(Denied { requirements, policies }) => Explanation {
                decision: "deny",
                policies,
                sentences: requirements.iter().map(Requirement::sentence).collect(),
                requirements,
            },
        }
    }
}

/// Explains a denial. Asks once with everything that the actor could obtain; if
/// that is still a no, nothing helps. Otherwise takes each fact away again,
/// what costs people most first, and keeps it only where its absence is a no:
/// what remains is minimal.
pub(crate) fn denial(asked: &Asked, now: Facts, denied: Answer) -> Denied {
    let shortest = DURATIONS.last().copied().unwrap_or(900);
    let mut strong = Facts {
        aal: 2,
        phishing_resistant: true,
        proof_age: Some(0),
        context: now.context.clone(),
    };
    strong.context.reason = true;
    strong.context.managed_device = true;
    strong.context.approvals = MOST_APPROVALS.max(now.context.approvals);
    let wanted = now.context.duration;
    let short = Duration::from_secs(shortest);
    strong.context.duration = Some(wanted.map_or(short, |d| d.min(short)));

    let permit = |facts: &Facts| asked.ask(facts).permit;
    if !permit(&strong) {
        return Denied { requirements: Vec::new(), policies: denied.policies };
    }
    let mut requirements = Vec::new();

    // Other people's time first.
    let have = now.context.approvals;
    let enough = (have..MOST_APPROVALS).find(|n| {
        let mut weaker = strong.clone();
        weaker.context.approvals = *n;
        permit(&weaker)
    });
    strong.context.approvals = enough.unwrap_or(MOST_APPROVALS.max(have));
    let approvals = strong.context.approvals;

    // Then the proof: as it is, a fresh second factor, a fresh passkey.
    let mut as_is = strong.clone();
    (as_is.aal, as_is.phishing_resistant, as_is.proof_age) =
        (now.aal, now.phishing_resistant, now.proof_age);
    let mut fresh = strong.clone();
    fresh.phishing_resistant = now.phishing_resistant;
    if permit(&as_is) {
        strong = as_is;
    } else if permit(&fresh) {
        strong = fresh;
        requirements.push(Requirement::StepUp);
    } else {
        requirements.push(Requirement::PhishingResistant);
    }

    if !now.context.managed_device {
        let mut any = strong.clone();
        any.context.managed_device = false;
        if permit(&any) {
            strong = any;
        } else {
            requirements.push(Requirement::ManagedDevice);
        }
    }
    if !now.context.reason {
        let mut silent = strong.clone();
        silent.context.reason = false;
        if permit(&silent) {
            strong = silent;
        } else {
            requirements.push(Requirement::Reason);
        }
    }
    if approvals > have {
        requirements.push(Requirement::Approvals { count: approvals });
    }

    // Then the time: as long as was asked, or the longest that is permitted.
    let mut long = strong.clone();
    long.context.duration = wanted;
    if !permit(&long) {
        let longest = DURATIONS
            .into_iter()
            .filter(|s| wanted.is_none_or(|d| Duration::from_secs(*s) < d))
            .find(|s| {
                let mut shorter = strong.clone();
                shorter.context.duration = Some(Duration::from_secs(*s));
                permit(&shorter)
            });
        requirements.push(Requirement::MaxDuration { seconds: longest.unwrap_or(shortest) });
    }

    let policies =
        if denied.policies.is_empty() { asked.ask(&strong).policies } else { denied.policies };
    Denied { requirements, policies }
}

/// The facts once these requirements are met.
pub(crate) fn met(mut facts: Facts, requirements: &[Requirement]) -> Facts {
    for requirement in requirements {
        let prove = matches!(requirement, Requirement::StepUp | Requirement::PhishingResistant);
        if prove {
            (facts.aal, facts.proof_age) = (2, Some(0));
        }
        match requirement {
            Requirement::StepUp => {}
            Requirement::PhishingResistant => facts.phishing_resistant = true,
            Requirement::Reason => facts.context.reason = true,
            Requirement::Approvals { count } => facts.context.approvals = *count,
            Requirement::MaxDuration { seconds } => {
                facts.context.duration = Some(Duration::from_secs(*seconds));
            }
            Requirement::ManagedDevice => facts.context.managed_device = true,
        }
    }
    facts
}
