//! The register of what is open on this node.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use doorward_core::lifecycle::EndCause;
use doorward_core::{Actor, IdentityId, Question, Timestamp};
use doorward_policy::{Engine, Standing};
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

/// Somebody who is there and has nothing open yet: it lasts as long as they count at
/// all, whatever policy says of what they may do.
pub struct Staying {
    /// Who.
    pub actor: Actor,
    /// When it ends in any case.
    pub until: Option<Timestamp>,
    /// Called once, when it must end.
    pub on_end: Box<dyn FnOnce(EndCause) + Send>,
}

/// What keeps something open.
#[derive(Clone)]
enum Ground {
    /// That this is answered with yes, asked first at that moment.
    Answer(Question, Timestamp),
    /// That they count.
    Presence(Actor),
}

impl Ground {
    fn actor(&self) -> &Actor {
        match self {
            Self::Answer(question, _) => &question.actor,
            Self::Presence(actor) => actor,
        }
    }

    fn stands(&self, engine: &Engine) -> Standing {
        match self {
            Self::Answer(question, began) => engine.stands(question, *began),
            Self::Presence(actor) => {
                Standing { permitted: engine.absence(actor).is_none(), timed: false }
            }
        }
    }
}

/// One of the register.
pub(crate) struct Entry {
    ground: Ground,
    until: Option<Timestamp>,
    on_end: Box<dyn FnOnce(EndCause) + Send>,
}

impl From<Lasting> for Entry {
    fn from(l: Lasting) -> Self {
        Self { ground: Ground::Answer(l.question, l.asked_at), until: l.until, on_end: l.on_end }
    }
}

impl From<Staying> for Entry {
    fn from(s: Staying) -> Self {
        Self { ground: Ground::Presence(s.actor), until: s.until, on_end: s.on_end }
    }
}

/// Keeps it registered; dropping it forgets it without ending it.
pub struct Registration {
    number: u64,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    all: BTreeMap<u64, Entry>,
    /// Those that may end although no fact changes.
    timed: BTreeSet<u64>,
    /// Those of these that this round has still to ask, and how many at once.
    round: VecDeque<u64>,
    at_once: usize,
}

impl Open {
    fn remove(&mut self, number: u64) -> Option<Entry> {
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
    pub(crate) fn add(&self, entry: Entry) -> Registration {
        let number = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        self.lock().all.insert(number, entry);
        Registration { number, open: self.open.clone() }
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().all.len()
    }

    pub(crate) fn decide_one(&self, number: u64, engine: &Engine, now: Timestamp, news: &[Change]) {
        let asked = self.lock().all.get(&number).map(|e| (e.ground.clone(), e.until));
        let Some((ground, until)) = asked else { return };
        if until.is_some_and(|at| at <= now) {
            return self.end(number, EndCause::Expired);
        }
        let standing = ground.stands(engine);
        if !standing.permitted {
            let because = because(engine, ground.actor(), news);
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
        let overdue = self.numbers(|e| e.until.is_some_and(|at| at <= now));
        for number in overdue {
            self.end(number, EndCause::Expired);
        }
    }

    /// Ends all that an identity has open, whatever the facts say now.
    pub(crate) fn end_of(&self, who: IdentityId, engine: &Engine) {
        for number in self.numbers(|e| e.ground.actor().id() == Some(who)) {
            let actor = self.lock().all.get(&number).map(|e| e.ground.actor().clone());
            let absence = actor.and_then(|a| engine.absence(&a));
            let because = absence.unwrap_or("the account was disabled").to_owned();
            self.end(number, EndCause::NoLongerPermitted { because });
        }
    }

    fn numbers(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<u64> {
        self.lock().all.iter().filter(|(_, e)| wanted(e)).map(|(number, _)| *number).collect()
    }

    fn end(&self, number: u64, cause: EndCause) {
        let ended = self.lock().remove(number);
        if let Some(entry) = ended {
            (entry.on_end)(cause);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a person is told: the fact about themselves when it is one, otherwise
/// what kind of thing changed.
fn because(engine: &Engine, actor: &Actor, news: &[Change]) -> String {
    if let Some(absence) = engine.absence(actor) {
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
