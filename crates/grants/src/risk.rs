//! The risk of a request: facts that speak for a second look, by a table of rules.
//!
//! Promises: each reason is a fact of the record, named with what makes it one; the
//! level follows from the reasons alone (`docs/guide.md` has the table). It decides
//! nothing: policies do.
//!
//! It is worked out whenever it is read. How the request was filed stands in the
//! event `request.filed`, which nobody can change; what happened before it stands in
//! the log and in the grants. Sign-ins that fail and authenticators that change while
//! a request waits count too, until it is decided.

use std::net::IpAddr;
use std::time::Duration;

use doorward_core::{Actor, Entity, IdentityId, RequestId, Timestamp};
use doorward_store::identity::{self, IdentityKind};
use doorward_store::request::RequestRow;
use doorward_store::{Conn, account, facts, request as rows, risk, target};
use schemars::JsonSchema;
use serde::Serialize;

use crate::requests::RequestError;
use crate::service::Grants;

const DAY: Duration = Duration::from_secs(86_400);
/// How far back habits are looked for.
const HABITS: Duration = Duration::from_secs(90 * 86_400);
/// How far back trouble is looked for.
const TROUBLE: Duration = Duration::from_secs(7 * 86_400);
/// How far back broken glass is looked for.
const GLASS: Duration = Duration::from_secs(30 * 86_400);
/// So many sign-ins make a habit.
const HABIT: usize = 10;
/// A time of the day is usual when a sign-in was so near to it.
const NEAR: i64 = 90 * 60;
/// So many failed sign-ins are trouble.
const FAILURES: u32 = 3;
/// Accounts that can do everything, by their names.
const CRITICAL: &[&str] = &["root", "administrator", "admin", "sa", "sys", "postgres"];
/// Labels of accounts and targets that say so.
const MARKS: &[(&str, &[&str])] = &[("critical", &["true", "yes", "1"]), ("tier", &["0"])];

/// What speaks for a second look at a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Risk {
    /// How much.
    pub level: RiskLevel,
    /// Why; nothing, when nothing does.
    pub reasons: Vec<RiskReason>,
}

/// How much speaks for a second look: `high` with two major reasons, or with a major
/// and two minor ones; `medium` with a major one or two minor ones; else `low`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// Little.
    Low,
    /// Something.
    Medium,
    /// Much.
    High,
}

/// How much one reason says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskWeight {
    /// Something that happens every day.
    Minor,
    /// Something that should be rare.
    Major,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RiskReason {
    /// The fact.
    pub fact: RiskFact,
    /// How much it says.
    pub weight: RiskWeight,
    /// The same for a person.
    pub sentence: String,
}

/// A fact that speaks for a second look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum RiskFact {
    /// They were never there; in an application, not in 90 days.
    FirstTime,
    /// Asked at a time of the day at which they never signed in, in 90 days.
    UnusualHour {
        /// Of so many sign-ins.
        sign_ins: u32,
    },
    /// Asked from a network that they did not come from in the 90 days before.
    NewNetwork {
        /// From which address.
        address: IpAddr,
    },
    /// Asked from a device that nobody manages, where others are managed.
    UnmanagedDevice {
        /// Whether it is a device that was seen before at all.
        known: bool,
    },
    /// The account can do everything, or is marked as critical.
    CriticalAccount {
        /// By what: its name, or a label.
        by: String,
    },
    /// For longer than they ever had this.
    LongerThanBefore {
        /// The longest so far.
        before_seconds: u64,
    },
    /// They broke the glass in the last 30 days.
    BrokeGlass {
        /// How often.
        times: u32,
    },
    /// Asked in a session without a phishing-resistant factor.
    WeakProof {
        /// What was proven.
        factors: Vec<String>,
    },
    /// Signing in as them failed several times in 7 days.
    FailedSignIns {
        /// How often.
        times: u32,
    },
    /// One of their authenticators was added or removed in the last 7 days.
    ChangedAuthenticators {
        /// When last.
        at: Timestamp,
    },
}

/// What is known of a request and of who asks.
#[derive(Clone, Debug, Default)]
struct Facts {
    person: bool,
    been_there: bool,
    asked_at: Timestamp,
    sign_ins: Vec<Timestamp>,
    actor: Option<Actor>,
    networks: Vec<IpAddr>,
    managed: bool,
    any_managed: bool,
    critical: Option<String>,
    asked_for: Duration,
    longest: Option<Duration>,
    glass: u32,
    failures: u32,
    changed: Option<Timestamp>,
}

impl RiskFact {
    fn weight(&self) -> RiskWeight {
        match self {
            Self::NewNetwork { .. }
            | Self::CriticalAccount { .. }
            | Self::FailedSignIns { .. }
            | Self::ChangedAuthenticators { .. } => RiskWeight::Major,
            Self::FirstTime
            | Self::UnusualHour { .. }
            | Self::UnmanagedDevice { .. }
            | Self::LongerThanBefore { .. }
            | Self::BrokeGlass { .. }
            | Self::WeakProof { .. } => RiskWeight::Minor,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::FirstTime => "they were not there before".to_owned(),
            Self::UnusualHour { sign_ins } => {
                format!("none of their {sign_ins} sign-ins in 90 days was at this time of the day")
            }
            Self::NewNetwork { address } => {
                format!("asked from {address}, a network that is new with them")
            }
            Self::UnmanagedDevice { known: true } => "asked from an unmanaged device".to_owned(),
            Self::UnmanagedDevice { known: false } => "asked from an unknown device".to_owned(),
            Self::CriticalAccount { by } => format!("the account is critical ({by})"),
            Self::LongerThanBefore { before_seconds } => {
                format!("longer than ever before (so far {} min at most)", before_seconds / 60)
            }
            Self::BrokeGlass { times } => format!("broke the glass {times} times in 30 days"),
            Self::WeakProof { factors } => {
                format!("signed in without a phishing-resistant factor ({})", factors.join(", "))
            }
            Self::FailedSignIns { times } => {
                format!("signing in as them failed {times} times in 7 days")
            }
            Self::ChangedAuthenticators { at } => {
                format!("their authenticators were changed at {at}")
            }
        }
    }
}

impl Facts {
    fn gather(c: &Conn<'_>, r: &RequestRow, now: Timestamp) -> doorward_store::Result<Self> {
        let (who, asked_at) = (r.requester, r.created_at);
        let until = r.decided_at.unwrap_or(now);
        // What came with the sign-in that asks is no habit.
        let (since, before) = (asked_at - HABITS, asked_at - DAY);
        let actor = risk::filing(c, r.id)?.map(|e| e.actor);
        let device = actor.as_ref().and_then(|a| a.device.as_ref()?.parse().ok());
        let managed = match device {
            Some(device) => facts::managed_device(c, device)? == Some(who),
            None => false,
        };
        let networks = risk::addresses(c, who, since, before)?;
        Ok(Self {
            person: identity::find(c, who)?.is_some_and(|i| i.kind == IdentityKind::Person),
            been_there: been_there(c, who, &r.about, asked_at)?,
            asked_at,
            sign_ins: risk::sign_ins(c, who, since, before)?,
            actor,
            networks: networks.iter().filter_map(|a| a.parse().ok()).collect(),
            managed,
            any_managed: risk::any_managed(c)?,
            critical: critical(c, &r.about)?,
            asked_for: r.duration,
            longest: risk::longest_grant(c, who, &r.about, asked_at)?,
            glass: risk::broken_glass(c, who, asked_at - GLASS, until)?,
            failures: risk::failures(c, who, asked_at - TROUBLE, until)?,
            changed: risk::authenticators_changed(c, who, asked_at - TROUBLE, until)?,
        })
    }

    /// Whether they never signed in near to this time of the day.
    fn unusual_hour(&self) -> Option<RiskFact> {
        let of_day = |at: Timestamp| at.secs().rem_euclid(86_400);
        let near = |at: &Timestamp| {
            let apart = (of_day(*at) - of_day(self.asked_at)).abs();
            apart.min(86_400 - apart) <= NEAR
        };
        let strange = self.sign_ins.len() >= HABIT && !self.sign_ins.iter().any(near);
        strange.then(|| RiskFact::UnusualHour { sign_ins: count(self.sign_ins.len()) })
    }

    fn new_network(&self) -> Option<RiskFact> {
        let address = self.actor.as_ref()?.network.address?;
        let here = network(address);
        let known = self.networks.iter().any(|a| network(*a) == here);
        (!known).then_some(RiskFact::NewNetwork { address })
    }

    fn unmanaged_device(&self) -> Option<RiskFact> {
        let actor = self.actor.as_ref()?;
        let tells = self.person && self.any_managed && !self.managed;
        tells.then(|| RiskFact::UnmanagedDevice { known: actor.device.is_some() })
    }

    fn weak_proof(&self) -> Option<RiskFact> {
        let actor = self.actor.as_ref()?;
        let weak = self.person && !actor.phishing_resistant();
        let factors = || actor.proofs.iter().map(|p| p.factor.clone()).collect();
        weak.then(|| RiskFact::WeakProof { factors: factors() })
    }

    fn longer(&self) -> Option<RiskFact> {
        let longest = self.longest.filter(|l| self.asked_for > *l)?;
        Some(RiskFact::LongerThanBefore { before_seconds: longest.as_secs() })
    }

    fn weigh(&self) -> Risk {
        let found = [
            self.critical.clone().map(|by| RiskFact::CriticalAccount { by }),
            (self.failures >= FAILURES).then_some(RiskFact::FailedSignIns { times: self.failures }),
            self.changed.map(|at| RiskFact::ChangedAuthenticators { at }),
            self.new_network(),
            (!self.been_there).then_some(RiskFact::FirstTime),
            self.unusual_hour(),
            self.unmanaged_device(),
            self.weak_proof(),
            self.longer(),
            (self.glass > 0).then_some(RiskFact::BrokeGlass { times: self.glass }),
        ];
        let reasons: Vec<RiskReason> = found
            .into_iter()
            .flatten()
            .map(|fact| RiskReason { weight: fact.weight(), sentence: fact.sentence(), fact })
            .collect();
        Risk { level: level(&reasons), reasons }
    }
}

fn level(reasons: &[RiskReason]) -> RiskLevel {
    let major = reasons.iter().filter(|r| r.weight == RiskWeight::Major).count();
    match (major, reasons.len() - major) {
        (2.., _) | (1, 2..) => RiskLevel::High,
        (1, _) | (0, 2..) => RiskLevel::Medium,
        (0, _) => RiskLevel::Low,
    }
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

/// What belongs together: a /24 of IPv4, a /48 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(a) => IpAddr::V4((a.to_bits() & !0xff).into()),
        IpAddr::V6(a) => IpAddr::V6((a.to_bits() & (u128::MAX << 80)).into()),
    }
}

fn been_there(
    c: &Conn<'_>,
    who: IdentityId,
    about: &Entity,
    before: Timestamp,
) -> doorward_store::Result<bool> {
    match (about.id.parse(), about.id.parse()) {
        (Ok(account), _) if about.kind == "Account" => risk::was_on(c, who, account, before),
        (_, Ok(application)) => risk::opened(c, who, application, before - HABITS, before),
        _ => Ok(false),
    }
}

/// By what the account is critical, if it is.
fn critical(c: &Conn<'_>, about: &Entity) -> doorward_store::Result<Option<String>> {
    let id = about.id.parse().ok().filter(|_| about.kind == "Account");
    let Some(account) = id.map(|id| account::find(c, id)).transpose()?.flatten() else {
        return Ok(None);
    };
    let name = account.name.to_lowercase();
    if CRITICAL.contains(&name.as_str()) {
        return Ok(Some(account.name));
    }
    let mut labels = target::find(c, account.target)?.map(|t| t.labels).unwrap_or_default();
    labels.extend(account.labels);
    let mark = MARKS.iter().find_map(|(name, values)| {
        let value = labels.get(*name).filter(|v| values.contains(&v.as_str()))?;
        Some(format!("{name}={value}"))
    });
    Ok(mark)
}

impl Grants {
    /// What speaks for a second look at the request.
    pub async fn risk(&self, id: RequestId) -> Result<Risk, RequestError> {
        let now = self.env().now();
        let found = self.db().read(move |c| {
            let row = rows::find(c, id)?;
            row.map(|r| Facts::gather(c, &r, now)).transpose()
        });
        Ok(found.await?.ok_or(RequestError::NotFound)?.weigh())
    }

    /// The same in a transaction that filed it.
    pub(crate) fn risk_of(
        &self,
        c: &Conn<'_>,
        row: &RequestRow,
    ) -> Result<Risk, doorward_store::Error> {
        Ok(Facts::gather(c, row, self.env().now())?.weigh())
    }
}
