//! The sessions that are open on this node.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use doorward_core::lifecycle::EndCause;
use doorward_core::{PrivilegedSessionId, Timestamp};
use tokio::sync::mpsc;

use crate::recorder::Recorder;

/// What the kernel tells a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A sentence for the terminal.
    Say(String),
    /// It is over, now: not one byte more, then this sentence, then the end.
    End(EndCause),
}

impl Notice {
    /// The sentence of an end.
    pub fn farewell(cause: &EndCause) -> String {
        format!("Doorward ended this session: {}.", cause.sentence())
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
}

impl Open {
    pub fn new(
        recorder: Recorder,
        notices: mpsc::UnboundedSender<Notice>,
        ends_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        Self { recorder, notices, ends_at, warned: ends_at.map_or(0, |at| due(at, now)) }
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
pub(crate) struct Register(Mutex<HashMap<PrivilegedSessionId, Open>>);

impl Register {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PrivilegedSessionId, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    pub fn end(&self, id: PrivilegedSessionId, cause: EndCause) -> bool {
        self.lock().get(&id).is_some_and(|open| open.notices.send(Notice::End(cause)).is_ok())
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
