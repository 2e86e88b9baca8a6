//! The register of what is open on this node.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use doorward_core::lifecycle::EndCause;
use doorward_core::{IdentityId, Question, Timestamp};
use doorward_policy::Engine;
use doorward_store::change::Change;

/// Something that lasts, and how it ends.
pub struct Lasting {
    /// The question whose yes it stands on.
    pub question: Question,
    /// When that was answered.
    pub asked_at: Timestamp,
    /// When it ends in any case.
    pub until: Option<Timestamp>,
    /// Called once, when it must end.
    pub on_end: Box<dyn FnOnce(EndCause) + Send>,
}

/// Keeps it registered; dropping it forgets it without ending it.
pub struct Registration {
    number: u64,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    all: BTreeMap<u64, Lasting>,
    /// Those that may end although no fact changes.
    timed: BTreeSet<u64>,
    /// Those of these that this round has still to ask, and how many at once.
    round: VecDeque<u64>,
    at_once: usize,
}

impl Open {
    fn remove(&mut self, number: u64) -> Option<Lasting> {
        self.timed.remove(&number);
        self.all.remove(&number)
    }
}

impl Registration {
    pub(crate) fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(self.number);
    }
}

#[derive(Default)]
pub(crate) struct Register {
    open: Arc<Mutex<Open>>,
    next: AtomicU64,
}

impl Register {
    pub(crate) fn add(&self, lasting: Lasting) -> Registration {
        let number = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        self.lock().all.insert(number, lasting);
        Registration { number, open: self.open.clone() }
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().all.len()
    }

    pub(crate) fn decide_one(&self, number: u64, engine: &Engine, now: Timestamp, news: &[Change]) {
        let asked = self.lock().all.get(&number).map(|l| (l.question.clone(), l.asked_at, l.until));
        let Some((question, began, until)) = asked else { return };
        if until.is_some_and(|at| at <= now) {
            return self.end(number, EndCause::Expired);
        }
        let standing = engine.stands(&question, began);
        if !standing.permitted {
            let because = because(engine, &question, news);
            return self.end(number, EndCause::NoLongerPermitted { because });
        }
        let mut open = self.lock();
        if standing.timed && open.all.contains_key(&number) {
            open.timed.insert(number);
        } else {
            open.timed.remove(&number);
        }
    }

    pub(crate) fn decide_all(&self, engine: &Engine, now: Timestamp, news: &[Change]) {
        // The lock is not held while deciding: something that ends may drop the
        // registration of something else.
        let numbers: Vec<u64> = self.lock().all.keys().copied().collect();
        for number in numbers {
            self.decide_one(number, engine, now, news);
        }
    }

    /// The next of those that may end by the time alone: each is among the answers of
    /// `parts` calls in a row.
    pub(crate) fn next_timed(&self, parts: usize) -> Vec<u64> {
        let mut open = self.lock();
        if open.round.is_empty() {
            open.round = open.timed.iter().copied().collect();
            open.at_once = open.round.len().div_ceil(parts.max(1));
        }
        let count = open.at_once.min(open.round.len());
        open.round.drain(..count).collect()
    }

    pub(crate) fn end_overdue(&self, now: Timestamp) {
        let overdue = self.numbers(|l| l.until.is_some_and(|at| at <= now));
        for number in overdue {
            self.end(number, EndCause::Expired);
        }
    }

    /// Ends all that an identity has open, whatever the facts say now.
    pub(crate) fn end_of(&self, who: IdentityId, engine: &Engine) {
        for number in self.numbers(|l| l.question.actor.id() == Some(who)) {
            let actor = self.lock().all.get(&number).map(|l| l.question.actor.clone());
            let absence = actor.and_then(|a| engine.absence(&a));
            let because = absence.unwrap_or("the account was disabled").to_owned();
            self.end(number, EndCause::NoLongerPermitted { because });
        }
    }

    fn numbers(&self, wanted: impl Fn(&Lasting) -> bool) -> Vec<u64> {
        self.lock().all.iter().filter(|(_, l)| wanted(l)).map(|(number, _)| *number).collect()
    }

    fn end(&self, number: u64, cause: EndCause) {
        let ended = self.lock().remove(number);
        if let Some(lasting) = ended {
            (lasting.on_end)(cause);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a person is told: the fact about themselves when it is one, otherwise
/// what kind of thing changed.
fn because(engine: &Engine, question: &Question, news: &[Change]) -> String {
    if let Some(absence) = engine.absence(&question.actor) {
        return absence.to_owned();
    }
    let changed = |kind: &str| news.iter().any(|c| c.kind == kind);
    let what = if changed("policy") {
        "the policy changed"
    } else if changed("role") {
        "a role was changed or taken away"
    } else if changed("team") {
        "the membership of a group changed"
    } else if changed("target") || changed("account") || changed("application") {
        "what it leads to was changed or taken away"
    } else if changed("device") {
        "the device is no longer managed"
    } else if changed(crate::TIME) {
        "the time for which it was permitted is over"
    } else {
        "it is no longer permitted"
    };
    what.to_owned()
}
