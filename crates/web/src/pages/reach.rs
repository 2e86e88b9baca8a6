//! What somebody can reach, and how: now, after a proof, on a managed device, on
//! request, or by breaking the glass.

use std::time::Duration;

use doorward_core::{AccountId, Denied, Entity, OpenSession, Requirement};
use doorward_grants::Access;

use super::views::minutes;
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

/// The lengths that are offered, in seconds.
const LENGTHS: [u64; 8] = [900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400];
/// What is asked for when nobody says otherwise.
const USUAL: u64 = 3_600;

/// How something opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// As things are.
    Now,
    /// A fresh proof is all that is missing.
    StepUp,
    /// From a device that is managed, and this one is not.
    ManagedDevice,
    /// Somebody has to be asked.
    Request,
}

/// The way to something.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub how: How,
    pub needs: Vec<Requirement>,
}

impl Way {
    /// None, when nothing would open it.
    pub fn of(asked: Result<(), Denied>) -> Option<Self> {
        let proof =
            |r: &Requirement| matches!(r, Requirement::StepUp | Requirement::PhishingResistant);
        match asked {
            Ok(()) => Some(Self { how: How::Now, needs: Vec::new() }),
            Err(denied) if denied.requirements.is_empty() => None,
            Err(Denied { requirements: needs, .. }) => {
                let device = |r: &Requirement| *r == Requirement::ManagedDevice;
                let how = if needs.iter().all(proof) {
                    How::StepUp
                } else if needs.iter().all(|r| proof(r) || device(r)) {
                    How::ManagedDevice
                } else {
                    How::Request
                };
                Some(Self { how, needs })
            }
        }
    }

    pub fn now(&self) -> bool {
        self.how == How::Now
    }
    pub fn step_up(&self) -> bool {
        self.how == How::StepUp
    }
    pub fn managed_device(&self) -> bool {
        self.how == How::ManagedDevice
    }
    pub fn request(&self) -> bool {
        self.how == How::Request
    }

    /// What to do for it, in words. How long it lasts is chosen from a list.
    pub fn words(&self) -> Vec<String> {
        let said = self.needs.iter().filter(|r| !matches!(r, Requirement::MaxDuration { .. }));
        said.map(Requirement::sentence).collect()
    }

    /// The lengths that policy leaves: seconds, words, whether it is the usual one.
    pub fn lengths(&self) -> Vec<(u64, String, bool)> {
        let most = self.needs.iter().find_map(|r| match r {
            Requirement::MaxDuration { seconds } => Some(*seconds),
            _ => None,
        });
        lengths(most.unwrap_or(8 * 3_600))
    }
}

/// The lengths up to `most` seconds.
pub(super) fn lengths(most: u64) -> Vec<(u64, String, bool)> {
    let mut open: Vec<u64> = LENGTHS.into_iter().filter(|d| *d <= most).collect();
    if open.last().is_none_or(|d| *d < most.min(USUAL)) {
        open.push(most);
    }
    let usual = open.iter().copied().filter(|d| *d <= USUAL).max();
    open.into_iter().map(|d| (d, minutes(d), Some(d) == usual)).collect()
}

/// May the caller open the account, with what they were granted?
pub(crate) async fn account(
    state: &AppState,
    caller: &Caller,
    id: AccountId,
    granted: bool,
) -> Result<Option<Way>, Problem> {
    if !granted {
        return Ok(Way::of(state.allow(&caller.actor, OpenSession { account: id }).map(drop)));
    }
    Ok(Way::of(settled(state.grants.access(&caller.actor, id).await?)))
}

fn settled<A>(access: Access<A>) -> Result<(), Denied> {
    match access {
        Access::Now { .. } => Ok(()),
        Access::Denied(denied) => Err(denied),
    }
}

/// The way to an account or application.
pub(crate) async fn thing(
    state: &AppState,
    caller: &Caller,
    about: &Entity,
) -> Result<Option<Way>, Problem> {
    match (about.kind.as_str(), about.id.parse(), about.id.parse()) {
        ("Account", Ok(id), _) => account(state, caller, id, true).await,
        ("Application", _, Ok(application)) => {
            let access = state.grants.access_application(&caller.actor, application).await?;
            Ok(Way::of(settled(access)))
        }
        _ => Ok(None),
    }
}

/// What breaking the glass for an account takes: a fresh proof first, or nothing
/// but a reason, for so many seconds at most. None, when it is not for them.
pub(crate) enum Glass {
    Proof(Denied),
    Reason { most: u64 },
}

pub(crate) fn glass(state: &AppState, caller: &Caller, account: AccountId) -> Option<Glass> {
    const WHY: &str = "asked beforehand";
    let most = Duration::from_secs(8 * 3_600);
    let ask = |length| state.grants.ask_break_glass(&caller.actor, account, WHY, length);
    let denied = match ask(most) {
        Ok(_) => return Some(Glass::Reason { most: most.as_secs() }),
        Err(denied) => denied,
    };
    let shorter = denied.requirements.iter().find_map(|r| match r {
        Requirement::MaxDuration { seconds } => Some(*seconds),
        _ => None,
    });
    let rest = |d: &Denied| {
        !d.requirements.is_empty()
            && d.requirements.iter().all(|r| {
                matches!(
                    r,
                    Requirement::StepUp
                        | Requirement::PhishingResistant
                        | Requirement::MaxDuration { .. }
                )
            })
    };
    if !rest(&denied) {
        return None;
    }
    match shorter.map(|s| (s, ask(Duration::from_secs(s)))) {
        Some((seconds, Ok(_))) => Some(Glass::Reason { most: seconds }),
        Some((_, Err(denied))) => rest(&denied).then_some(Glass::Proof(denied)),
        None => Some(Glass::Proof(denied)),
    }
}

/// Where a stock client goes for it; empty when none does.
pub(super) fn command(state: &AppState, name: &str, kind: &str) -> String {
    match &state.config.ssh {
        Some((host, port)) if kind == "ssh" => match port {
            22 => format!("ssh {name}@{host}"),
            port => format!("ssh -p {port} {name}@{host}"),
        },
        _ => String::new(),
    }
}
