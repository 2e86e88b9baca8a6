//! The sessions that are open on this node.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use doorward_core::lifecycle::EndCause;
use doorward_core::{Env, PrivilegedSessionId, Timestamp};
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
    pub recorder: Recorder,
    pub notices: mpsc::UnboundedSender<Notice>,
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

    pub fn len(&self) -> usize {
        self.lock().len()
    }

    pub fn ids(&self) -> Vec<PrivilegedSessionId> {
        self.lock().keys().copied().collect()
    }
}

/// Warns before `ends_at`; ends when the session is gone.
pub(crate) async fn warn(env: Env, ends_at: Timestamp, notices: mpsc::UnboundedSender<Notice>) {
    for before in WARNINGS {
        let at = ends_at - before;
        loop {
            let now = env.now();
            if now > at {
                break;
            }
            // A clock that is set must not make the warning miss its moment.
            let pause = at.since(now).clamp(Duration::from_millis(50), Duration::from_secs(10));
            tokio::select! {
                () = notices.closed() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
        let left = ends_at.since(env.now());
        // Only what is about to come true is said: a grant of ten minutes is not
        // warned about at its beginning.
        if left <= before && left + Duration::from_secs(15) > before {
            let minutes = before.as_secs() / 60;
            let plural = if minutes == 1 { "minute" } else { "minutes" };
            let say = format!("Doorward: your access ends in {minutes} {plural}.");
            if notices.send(Notice::Say(say)).is_err() {
                return;
            }
        }
    }
}
