//! Which policies can matter for a question. Scope constraints are conjuncts,
//! so a policy whose scope does not fit can neither permit nor forbid; leaving
//! it out changes nothing but the time that it takes.

use std::collections::HashMap;

use cedar_policy::{
    ActionConstraint, EntityUid, Policy, PolicySet, PrincipalConstraint, ResourceConstraint,
};
use doorward_core::Action;

use crate::timed::{self, Timed};

/// Policies by what their scopes say.
pub(crate) struct Index {
    policies: Vec<Policy>,
    /// What each one's scope demands of the resource. Kept apart: to ask the policy
    /// is to copy the name, and threads wait for each other's counts of copies.
    resources: Vec<Option<EntityUid>>,
    timed: Vec<Timed>,
    by_action: HashMap<EntityUid, Lanes>,
    any_action: Lanes,
}

/// Policies of one action, by principal.
#[derive(Default)]
struct Lanes {
    by_principal: HashMap<EntityUid, Vec<u32>>,
    any_principal: Vec<u32>,
}

impl Lanes {
    fn add(&mut self, number: u32, policy: &Policy) {
        match policy.principal_constraint() {
            PrincipalConstraint::Eq(uid)
            | PrincipalConstraint::In(uid)
            | PrincipalConstraint::IsIn(_, uid) => {
                self.by_principal.entry(uid).or_default().push(number);
            }
            PrincipalConstraint::Any | PrincipalConstraint::Is(_) => {
                self.any_principal.push(number)
            }
        }
    }

    fn collect<'a>(&self, principals: impl Iterator<Item = &'a EntityUid>, out: &mut Vec<u32>) {
        out.extend(&self.any_principal);
        for uid in principals {
            out.extend(self.by_principal.get(uid).into_iter().flatten());
        }
    }
}

impl Index {
    pub(crate) fn new(policies: Vec<Policy>) -> Self {
        let mut index = Self {
            policies: Vec::new(),
            resources: policies.iter().map(resource).collect(),
            timed: policies.iter().map(Timed::of).collect(),
            by_action: HashMap::new(),
            any_action: Lanes::default(),
        };
        for (number, policy) in (0_u32..).zip(&policies) {
            match policy.action_constraint() {
                ActionConstraint::Any => index.any_action.add(number, policy),
                ActionConstraint::Eq(uid) => {
                    index.by_action.entry(uid).or_default().add(number, policy);
                }
                ActionConstraint::In(uids) => {
                    for uid in uids {
                        index.by_action.entry(uid).or_default().add(number, policy);
                    }
                }
            }
        }
        index.policies = policies;
        index
    }

    /// The numbers of the policies that can matter, sorted.
    pub(crate) fn candidates(
        &self,
        principal_and_above: &[EntityUid],
        action: &EntityUid,
        resource_and_above: &[EntityUid],
    ) -> Vec<u32> {
        let mut found = Vec::new();
        self.any_action.collect(principal_and_above.iter(), &mut found);
        if let Some(lanes) = self.by_action.get(action) {
            lanes.collect(principal_and_above.iter(), &mut found);
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|n| self.fits(*n, resource_and_above));
        found
    }

    fn fits(&self, number: u32, resource_and_above: &[EntityUid]) -> bool {
        let wanted = usize::try_from(number).ok().and_then(|n| self.resources.get(n));
        wanted.is_some_and(|w| w.as_ref().is_none_or(|uid| resource_and_above.contains(uid)))
    }

    /// Whether one of these policies asks for the present moment.
    pub(crate) fn any_moment(&self, numbers: &[u32]) -> bool {
        let timed = |n: &u32| self.timed.get(usize::try_from(*n).ok()?).copied();
        numbers.iter().filter_map(timed).any(|t| t.moment)
    }

    /// The actions that policies which look at the time speak of, sorted.
    pub(crate) fn timed_actions(&self) -> Vec<Action> {
        let all = self.policies.iter().zip(&self.timed);
        let mut found: Vec<Action> = all
            .filter(|(_, t)| t.moment || t.age)
            .flat_map(|(policy, _)| timed::actions(policy))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn get(&self, number: u32) -> Option<&Policy> {
        self.policies.get(usize::try_from(number).ok()?)
    }

    /// A set of these policies; none if it cannot be built.
    pub(crate) fn set(&self, numbers: &[u32]) -> Option<PolicySet> {
        PolicySet::from_policies(numbers.iter().filter_map(|n| self.get(*n)).cloned()).ok()
    }
}

/// The entity that the resource must be or be in; none when the scope names none.
fn resource(policy: &Policy) -> Option<EntityUid> {
    match policy.resource_constraint() {
        ResourceConstraint::Any | ResourceConstraint::Is(_) => None,
        ResourceConstraint::Eq(uid)
        | ResourceConstraint::In(uid)
        | ResourceConstraint::IsIn(_, uid) => Some(uid),
    }
}
