//! The register of what is open on this node.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use doorward_core::lifecycle::EndCause;
use doorward_core::{Decider as _, Question, Timestamp, Verdict};
use doorward_policy::Engine;
use doorward_store::change::Change;

/// Something that lasts, and how it ends.
pub struct Lasting {
    /// The question whose yes it stands on.
    pub question: Question,
    /// When it ends in any case.
    pub until: Option<Timestamp>,
    /// Called once, when it must end.
    pub on_end: Box<dyn FnOnce(EndCause) + Send>,
}

/// Keeps it registered; dropping it forgets it without ending it.
pub struct Registration {
    number: u64,
    entries: Entries,
}

type Entries = Arc<Mutex<HashMap<u64, Lasting>>>;

impl Registration {
    pub(crate) fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

#[derive(Default)]
pub(crate) struct Register {
    entries: Entries,
    next: AtomicU64,
}

impl Register {
    pub(crate) fn add(&self, lasting: Lasting) -> Registration {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, lasting);
        Registration { number, entries: self.entries.clone() }
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn decide_one(&self, number: u64, engine: &Engine, now: Timestamp, news: &[Change]) {
        let asked = self.lock().get(&number).map(|l| (l.question.clone(), l.until));
        let Some((question, until)) = asked else { return };
        if until.is_some_and(|at| at <= now) {
            self.end(number, EndCause::Expired);
        } else if let Verdict::Deny(_) = engine.decide(&question) {
            let because = because(engine, &question, news);
            self.end(number, EndCause::NoLongerPermitted { because });
        }
    }

    pub(crate) fn decide_all(&self, engine: &Engine, now: Timestamp, news: &[Change]) {
        // The lock is not held while deciding: something that ends may drop the
        // registration of something else.
        let numbers: Vec<u64> = self.lock().keys().copied().collect();
        for number in numbers {
            self.decide_one(number, engine, now, news);
        }
    }

    pub(crate) fn end_overdue(&self, now: Timestamp) {
        let overdue: Vec<u64> = self
            .lock()
            .iter()
            .filter(|(_, l)| l.until.is_some_and(|at| at <= now))
            .map(|(number, _)| *number)
            .collect();
        for number in overdue {
            self.end(number, EndCause::Expired);
        }
    }

    fn end(&self, number: u64, cause: EndCause) {
        let ended = self.lock().remove(&number);
        if let Some(lasting) = ended {
            (lasting.on_end)(cause);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Lasting>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
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
    } else {
        "it is no longer permitted"
    };
    what.to_owned()
}
