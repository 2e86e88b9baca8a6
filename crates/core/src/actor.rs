//! Who acts, and how strongly that is proven.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{IdentityId, SessionId, Timestamp};

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// A person or a workload.
    Identity(IdentityId),
    /// Doorward itself, for the reason given; recorded like everybody else.
    System(String),
    /// Nobody yet: a sign-in that has proven nothing.
    Nobody,
}

/// What a satisfied factor shows (NIST SP 800-63B-4 section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactorClass {
    /// Something that one knows: a password.
    Knowledge,
    /// Something that one has: a TOTP seed, an SSH key, a recovery code.
    Possession,
    /// Something that one has, unlocked by something that one knows or is: a
    /// passkey with user verification. Two factors in one.
    PossessionVerified,
}

/// One satisfied factor. Actors carry a set of these, never a combination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "ProvenFactor")]
pub struct Proof {
    /// The factor's registered name: `password`, `totp`, `passkey`, …
    pub factor: String,
    /// What it shows.
    pub class: FactorClass,
    /// Whether a relay could not have obtained it (63B-4 section 3.2.5).
    pub phishing_resistant: bool,
    /// When it was satisfied.
    pub at: Timestamp,
}

/// The authenticator assurance level that a set of proofs reaches.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Nothing is proven.
    None,
    /// One factor.
    Aal1,
    /// Two factors, or one that verifies its user.
    Aal2,
}

impl Assurance {
    /// What this set of proofs reaches. The only place that computes it: no
    /// caller, client or database row can state a level of its own.
    pub fn of(proofs: &[Proof]) -> Self {
        let any = |class| proofs.iter().any(|p| p.class == class);
        if any(FactorClass::PossessionVerified)
            || (any(FactorClass::Knowledge) && any(FactorClass::Possession))
        {
            Self::Aal2
        } else if proofs.is_empty() {
            Self::None
        } else {
            Self::Aal1
        }
    }

    /// 0, 1 or 2, for policies.
    pub fn level(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Aal1 => 1,
            Self::Aal2 => 2,
        }
    }
}

/// Where a request came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Network {
    /// The peer's address, after trusted proxies.
    pub address: Option<IpAddr>,
}

/// Who acts, how strongly proven, in which session, on what device, from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Actor {
    /// Who.
    pub who: Who,
    /// The satisfied factors.
    pub proofs: Vec<Proof>,
    /// The session that they were satisfied in.
    pub session: Option<SessionId>,
    /// The device that the session is bound to, when its key was shown.
    pub device: Option<String>,
    /// Where from.
    pub network: Network,
}

impl Actor {
    /// Doorward itself, acting for `reason`.
    pub fn system(reason: &str) -> Self {
        Self::bare(Who::System(reason.to_owned()))
    }

    /// Somebody who has proven nothing.
    pub fn nobody(network: Network) -> Self {
        Self { network, ..Self::bare(Who::Nobody) }
    }

    /// An identity with these proofs.
    pub fn identity(id: IdentityId, proofs: Vec<Proof>) -> Self {
        Self { proofs, ..Self::bare(Who::Identity(id)) }
    }

    fn bare(who: Who) -> Self {
        Self { who, proofs: Vec::new(), session: None, device: None, network: Network::default() }
    }

    /// The identity, when it is one.
    pub fn id(&self) -> Option<IdentityId> {
        match self.who {
            Who::Identity(id) => Some(id),
            Who::System(_) | Who::Nobody => None,
        }
    }

    /// The level that the proofs reach.
    pub fn assurance(&self) -> Assurance {
        Assurance::of(&self.proofs)
    }

    /// Whether one of the proofs is phishing-resistant and alone or together
    /// with the others reaches AAL2.
    pub fn phishing_resistant(&self) -> bool {
        self.proofs.iter().any(|p| p.phishing_resistant) && self.assurance() >= Assurance::Aal2
    }

    /// How long ago the youngest proof that shows possession was satisfied.
    pub fn proof_age(&self, now: Timestamp) -> Option<Duration> {
        self.proofs
            .iter()
            .filter(|p| p.class != FactorClass::Knowledge)
            .map(|p| now.since(p.at))
            .min()
    }
}
