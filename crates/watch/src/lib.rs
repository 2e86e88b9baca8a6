//! What lasts, decided again whenever a fact changes.
//!
//! Owns: the register of everything open on this node (privileged sessions,
//! live streams), the loop that follows changes and time, the order in which a
//! change takes effect: first the decider's world, then what is open, then what
//! is kept in rows.
//! Promises: when a write that changes facts returns, this node decides by it
//! and has told everything open on it that no longer holds; other nodes follow
//! through the change feed. A clock set back revives nothing.
//! Must not know: what a lasting thing is. It knows questions and how to end.

mod lasting;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use doorward_core::{Env, Timestamp};
use doorward_policy::Engine;
use doorward_store::change::{self, Change, Seen};
use doorward_store::{ChangeListener, Db};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use lasting::Register;
pub use lasting::{Lasting, Registration};

/// How often the time is looked at.
const BEAT: Duration = Duration::from_millis(250);

/// Reviews what is kept in rows: sessions, token families, grants. Called after
/// the world is up to date, on a task of its own, so it may write.
#[async_trait]
pub trait Reviewer: Send + Sync {
    /// These things changed.
    async fn review(&self, changes: &[Change]);
    /// It is `now`; called about once a second, on every node.
    async fn tick(&self, now: Timestamp);
}

/// Follows changes and time.
pub struct Watch {
    db: Db,
    env: Env,
    engine: Arc<Engine>,
    register: Register,
    reviewers: RwLock<Vec<Arc<dyn Reviewer>>>,
    /// What was seen of the feed, and the newest moment that was acted upon.
    state: Mutex<State>,
    /// A beat's work is under way.
    ticking: AtomicBool,
}

struct State {
    seen: Seen,
    acted_at: Timestamp,
    reviewed_at: Timestamp,
}

impl Watch {
    /// Loads the world and follows it until `shutdown`.
    pub async fn start(
        db: Db,
        engine: Arc<Engine>,
        env: Env,
        shutdown: CancellationToken,
    ) -> doorward_store::Result<Arc<Self>> {
        // Read the feed's head first: what changes while the world is loaded is
        // then seen again, which does no harm.
        let (through, _) = db.read(change::newest).await?;
        engine.load(&db).await?;
        let now = env.now();
        let watch = Arc::new(Self {
            db: db.clone(),
            env,
            engine,
            register: Register::default(),
            reviewers: RwLock::default(),
            ticking: AtomicBool::new(false),
            state: Mutex::new(State {
                seen: Seen::after(through),
                acted_at: now,
                reviewed_at: now,
            }),
        });
        db.listen(watch.clone());
        let beating = Arc::downgrade(&watch);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = tokio::time::sleep(BEAT) => {}
                }
                let Some(watch) = beating.upgrade() else { return };
                // What is overdue ends even while a review hangs on a database
                // that does not answer.
                watch.register.end_overdue(watch.env.now());
                if !watch.ticking.swap(true, Ordering::AcqRel) {
                    tokio::spawn(async move {
                        watch.tick().await;
                        watch.ticking.store(false, Ordering::Release);
                    });
                }
            }
        });
        Ok(watch)
    }

    /// The decider.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Adds a reviewer.
    pub fn on_change(&self, reviewer: Arc<dyn Reviewer>) {
        self.reviewers.write().unwrap_or_else(PoisonError::into_inner).push(reviewer);
    }

    /// Registers something that lasts. It is decided here once more, after it is
    /// in the register, so that no change can fall between its decision and its
    /// registration; on a no it is ended as by any later change.
    pub fn register(&self, lasting: Lasting) -> Registration {
        let registration = self.register.add(lasting);
        self.register.decide_one(registration.number(), &self.engine, self.env.now(), &[]);
        registration
    }

    /// How many things are registered.
    pub fn open(&self) -> usize {
        self.register.len()
    }

    /// Acts on what time alone has changed: ends and beginnings of people and
    /// roles, the `until` of what is registered. Called by a timer; tests that
    /// move the clock call it themselves.
    pub async fn tick(&self) {
        let now = self.env.now();
        let mut state = self.state.lock().await;
        // INVARIANT: only time that goes forward ends things; a clock set back
        // changes no row and revives nothing that was ended.
        let boundary =
            self.engine.world().next_boundary(state.acted_at).is_some_and(|at| at <= now);
        if now > state.acted_at {
            state.acted_at = now;
        }
        self.register.end_overdue(now);
        if boundary {
            self.register.decide_all(&self.engine, now, &[]);
        }
        let due = boundary
            || now.since(state.reviewed_at) >= Duration::from_secs(1)
            || now < state.reviewed_at;
        if due {
            state.reviewed_at = now;
            drop(state);
            for reviewer in self.reviewers() {
                reviewer.tick(now).await;
            }
        }
    }

    fn reviewers(&self) -> Vec<Arc<dyn Reviewer>> {
        self.reviewers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn follow(&self) -> doorward_store::Result<()> {
        let mut state = self.state.lock().await;
        let (after, now) = (state.seen.through(), self.env.now());
        let found = self.db.read(move |c| change::since(c, after, now)).await?;
        let news = state.seen.news(found);
        if news.is_empty() {
            return Ok(());
        }
        self.engine.refresh(&self.db, &news).await?;
        self.register.decide_all(&self.engine, now, &news);
        drop(state);
        let reviewers = self.reviewers();
        // Reviewers write, and a write waits for its listeners: a task of its own.
        tokio::spawn(async move {
            for reviewer in reviewers {
                reviewer.review(&news).await;
            }
        });
        Ok(())
    }
}

#[async_trait]
impl ChangeListener for Watch {
    async fn changed(&self, _through: i64) {
        let mut pause = Duration::from_millis(20);
        // A world that may be old must not go on deciding: stay until it is read.
        while let Err(error) = self.follow().await {
            tracing::error!(%error, "cannot read what changed; trying again");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }
}

#[cfg(test)]
mod tests;
