//! What is sent for as long as its reader may have it: live screens, recordings,
//! exports, the feed.
//!
//! Owns: which streams are open on this node, and in whose sessions.
//! Promises: a stream is over within a second when policy no longer gives what it
//! sends, or when the session that asked for it is; on whichever node that happened.
//! Must not know: what is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use doorward_core::{Act, Allowed, SessionId, Timestamp};
use doorward_signin::SignIn;
use doorward_store::change::Change;
use doorward_watch::{Lasting, Registration, Reviewer, Watch};
use tokio_util::sync::CancellationToken;

use crate::AppState;
use crate::frame::guard::Caller;

/// How often every session is looked at, for its idle end.
const LOOK: Duration = Duration::from_secs(10);

/// The streams of this node; cheap to clone.
#[derive(Clone)]
pub struct Streams(Arc<Inner>);

struct Inner {
    signin: SignIn,
    open: Mutex<BTreeMap<u64, Open>>,
    next: AtomicU64,
    looked_at: Mutex<Timestamp>,
    /// A look that failed is made again.
    behind: AtomicBool,
}

struct Open {
    session: SessionId,
    over: CancellationToken,
}

/// Keeps a stream known for as long as it is sent.
pub(crate) struct Held {
    number: u64,
    streams: Streams,
    over: CancellationToken,
    _registration: Registration,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.streams.open().remove(&self.number);
    }
}

impl Held {
    /// What comes next, unless it is over before.
    pub async fn unless_over<T>(&self, next: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.over.cancelled() => None,
            next = next => Some(next),
        }
    }
}

impl Streams {
    /// They follow what `watch` follows.
    pub fn new(signin: &SignIn, watch: &Watch) -> Self {
        let streams = Self(Arc::new(Inner {
            signin: signin.clone(),
            open: Mutex::default(),
            next: AtomicU64::new(0),
            looked_at: Mutex::default(),
            behind: AtomicBool::new(false),
        }));
        watch.on_change(Arc::new(streams.clone()));
        streams
    }

    fn open(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Open>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are sent and not over.
    #[cfg(test)]
    pub fn standing(&self) -> usize {
        self.open().values().filter(|o| !o.over.is_cancelled()).count()
    }

    /// Ends those of these sessions that are over; of all when none are named.
    async fn look(&self, of: Option<&BTreeSet<SessionId>>) {
        let sessions: BTreeSet<SessionId> = self
            .open()
            .values()
            .map(|o| o.session)
            .filter(|s| of.is_none_or(|of| of.contains(s)))
            .collect();
        for session in sessions {
            match self.0.signin.live_session(session).await {
                Ok(Some(_)) => {}
                Ok(None) => {
                    self.open()
                        .values()
                        .filter(|o| o.session == session)
                        .for_each(|o| o.over.cancel());
                }
                Err(error) => {
                    self.0.behind.store(true, Ordering::Release);
                    tracing::error!(%error, "cannot look at the session of a stream");
                }
            }
        }
    }
}

#[async_trait]
impl Reviewer for Streams {
    async fn review(&self, changes: &[Change]) {
        let changed: BTreeSet<SessionId> = changes
            .iter()
            .filter(|c| c.kind == "session")
            .filter_map(|c| c.id.parse().ok())
            .collect();
        if !changed.is_empty() {
            self.look(Some(&changed)).await;
        }
    }

    async fn tick(&self, now: Timestamp) {
        let due = {
            let mut at = self.0.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
            let due = now.since(*at) >= LOOK || now < *at;
            if due {
                *at = now;
            }
            due
        };
        if self.0.behind.swap(false, Ordering::AcqRel) || due {
            self.look(None).await;
        }
    }
}

/// How a stream breaks off that is not whole.
pub(crate) fn no_longer() -> std::io::Error {
    std::io::Error::other("whoever asked for this may not have it any more")
}

/// Holds a stream that `caller` may have by `allowed`, until either ends.
pub(crate) async fn hold<A: Act>(state: &AppState, caller: &Caller, allowed: &Allowed<A>) -> Held {
    let streams = state.streams.clone();
    let over = CancellationToken::new();
    let number = streams.0.next.fetch_add(1, Ordering::Relaxed);
    let session = caller.session.id;
    streams.open().insert(number, Open { session, over: over.clone() });
    let end = over.clone();
    let registration = state.watch.register(Lasting {
        question: allowed.question(),
        asked_at: allowed.at(),
        until: Some(caller.session.expires_at),
        on_end: Box::new(move |_| end.cancel()),
    });
    let held = Held { number, streams, over, _registration: registration };
    // What ended before it was known here.
    held.streams.look(Some(&BTreeSet::from([session]))).await;
    held
}
