//! The sessions that are open on this node.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use doorward_core::lifecycle::EndCause;
use doorward_core::{PrivilegedSessionId, Timestamp};
use doorward_formats::line;
use doorward_store::session_order::{Kind, Order};
use tokio::sync::mpsc;

use crate::recorder::Recorder;

/// What the kernel tells a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A sentence for the terminal.
    Say(String),
    /// Not one byte more, in either direction, until it is thawed; and a sentence.
    Freeze(String),
    /// It goes on; and a sentence.
    Thaw(String),
    /// It is over, now: not one byte more, then this sentence, then the end.
    End(EndCause),
}

impl Notice {
    /// The sentence of an end.
    pub fn farewell(cause: &EndCause) -> String {
        format!("Doorward ended this session: {}.", line::plain(&cause.sentence()))
    }
}

/// When a person is warned before a grant ends.
const WARNINGS: [Duration; 2] = [Duration::from_secs(300), Duration::from_secs(60)];

pub(crate) struct Open {
    recorder: Recorder,
    notices: mpsc::UnboundedSender<Notice>,
    /// The end of its grant.
    ends_at: Option<Timestamp>,
    /// How many of the warnings are said, or were true before it began.
    warned: usize,
    /// The number of the last order that was followed.
    obeyed: i64,
    /// It was told to end.
    ending: bool,
}

impl Open {
    pub fn new(
        recorder: Recorder,
        notices: mpsc::UnboundedSender<Notice>,
        ends_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let warned = ends_at.map_or(0, |at| due(at, now));
        Self { recorder, notices, ends_at, warned, obeyed: 0, ending: false }
    }

    /// Follows an order, once; whoever is gone needs none.
    fn order(&mut self, order: &Order) {
        if order.number <= self.obeyed {
            return;
        }
        self.obeyed = order.number;
        let (who, text) = (line::plain(&order.by_name), &order.text);
        let dot = if text.ends_with(['.', '?', '!']) { "" } else { "." };
        let (remark, notice) = match order.kind {
            Kind::Freeze => (
                format!("Doorward: frozen by {who}: {text}"),
                Notice::Freeze(format!(
                    "Doorward: {who} froze this session: {text}{dot} Nothing passes until it is thawed; \
                     what you type meanwhile is not sent."
                )),
            ),
            Kind::Thaw => (
                format!("Doorward: thawed by {who}"),
                Notice::Thaw(format!("Doorward: {who} thawed this session; it goes on.")),
            ),
            Kind::Message => {
                let said = format!("Doorward: message from {who}: {text}");
                (said.clone(), Notice::Say(said))
            }
        };
        self.recorder.remark(remark);
        let _ = self.notices.send(notice);
    }

    fn warn(&mut self, now: Timestamp) {
        let Some(ends_at) = self.ends_at.filter(|at| *at > now) else { return };
        let due = due(ends_at, now);
        if due <= self.warned {
            return;
        }
        self.warned = due;
        let minutes = ends_at.since(now).as_secs().div_ceil(60);
        let plural = if minutes == 1 { "minute" } else { "minutes" };
        let text = format!("Doorward: your access ends in {minutes} {plural}.");
        // Whoever is gone needs no warning.
        let _ = self.notices.send(Notice::Say(text));
    }
}

/// How many warnings are due.
fn due(ends_at: Timestamp, now: Timestamp) -> usize {
    let left = ends_at.since(now);
    WARNINGS.iter().filter(|before| left <= **before).count()
}

/// The register; one for each node.
#[derive(Default)]
pub(crate) struct Register {
    open: Mutex<HashMap<PrivilegedSessionId, Open>>,
    /// What is wanted of some of them could not be read.
    behind: AtomicBool,
}

impl Register {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PrivilegedSessionId, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn add(&self, id: PrivilegedSessionId, open: Open) {
        self.lock().insert(id, open);
    }

    pub fn remove(&self, id: PrivilegedSessionId) {
        self.lock().remove(&id);
    }

    pub fn recorder(&self, id: PrivilegedSessionId) -> Option<Recorder> {
        self.lock().get(&id).map(|open| open.recorder.clone())
    }

    /// Ends it here, if it is here.
    pub fn end(&self, id: PrivilegedSessionId, cause: EndCause) {
        if let Some(open) = self.lock().get_mut(&id)
            && !open.ending
        {
            open.ending = true;
            let _ = open.notices.send(Notice::End(cause));
        }
    }

    /// Follows an order here, if it is here.
    pub fn order(&self, id: PrivilegedSessionId, order: &Order) {
        if let Some(open) = self.lock().get_mut(&id) {
            open.order(order);
        }
    }

    /// Those of these that are here and not told to end, and the number of the
    /// last order that each has followed.
    pub fn obeyed(&self, ids: &[PrivilegedSessionId]) -> Vec<(PrivilegedSessionId, i64)> {
        let open = self.lock();
        let here = |id: &PrivilegedSessionId| open.get(id).map(|o| (*id, o));
        ids.iter()
            .filter_map(here)
            .filter(|(_, o)| !o.ending)
            .map(|(id, o)| (id, o.obeyed))
            .collect()
    }

    /// Something that is wanted could not be read.
    pub fn behind(&self) {
        self.behind.store(true, Ordering::Release);
    }

    /// Whether something could not be read since this was asked before.
    pub fn was_behind(&self) -> bool {
        self.behind.swap(false, Ordering::AcqRel)
    }

    /// Warns those whose grants end soon; called about once a second.
    pub fn warn(&self, now: Timestamp) {
        for open in self.lock().values_mut() {
            open.warn(now);
        }
    }

    pub fn len(&self) -> usize {
        self.lock().len()
    }

    pub fn ids(&self) -> Vec<PrivilegedSessionId> {
        self.lock().keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reason of whoever ends it is shown on another's terminal.
    #[test]
    fn a_farewell_acts_on_no_terminal() {
        let because = "\u{1b}]0;owned\u{7}\u{202e}".to_owned();
        let text = Notice::farewell(&EndCause::NoLongerPermitted { because });
        assert!(!text.chars().any(line::acts), "{text:?}");
        assert!(text.contains("owned"), "{text:?}");
    }
}
