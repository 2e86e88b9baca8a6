//! What lasts, decided again whenever a fact changes.
//!
//! Owns: the register of everything open on this node (privileged sessions, live
//! streams, connections of people who are there), the loop that follows changes and time, the order in which a
//! change takes effect: first the decider's world, then what is open, then what
//! is kept in rows.
//! Promises: when a write that changes facts returns, this node decides by it
//! and has told everything open on it that no longer holds; other nodes follow
//! through the change feed. What only the time changes is asked again about once
//! a second. A clock set back revives nothing. How much privilege stands is measured
//! about once an hour.
//! Must not know: what a lasting thing is. It knows questions and how to end.

mod lasting;
mod standing;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use async_trait::async_trait;
use doorward_core::{Action, Actor, Class, Entity, Env, Event, IdentityId, Timestamp};
use doorward_policy::Engine;
use doorward_store::change::{self, Change, Seen};
use doorward_store::{ChangeListener, Db, clock, event};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use lasting::{Entry, Register};
pub use lasting::{Lasting, Registration, Staying};
pub use standing::Standing;

/// The kind of a change that is none: time has passed, and some policy that decides
/// about the action that `id` names looks at the time.
pub const TIME: &str = "time";

/// How often the time is looked at.
const BEAT: Duration = Duration::from_millis(250);
/// In so many beats, everything that the time alone may end is asked again.
const PARTS: usize = 3;
/// So many questions in a row before others get their turn.
const IN_A_ROW: usize = 64;
/// How often it is kept how far time has come.
const KEEP: Duration = Duration::from_secs(10);
/// What rows stand on: sessions, token families, grants.
const IN_ROWS: [Action; 3] = [Action::SignIn, Action::OpenApplication, Action::OpenSession];

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
    kept: Mutex<Kept>,
    /// A beat's work is under way.
    ticking: AtomicBool,
}

struct State {
    seen: Seen,
    acted_at: Timestamp,
    reviewed_at: Timestamp,
}

/// What is kept of the time.
#[derive(Default)]
struct Kept {
    /// How far it had come when it was kept the last time.
    through: Option<Timestamp>,
    /// Whether the clock was found set back, and that was recorded.
    set_back: bool,
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
            kept: Mutex::default(),
        });
        // Whoever keeps the watch keeps it following; the database does not.
        db.listen(Arc::new(Follower(Arc::downgrade(&watch))));
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
        self.add(lasting.into())
    }

    /// The same, of somebody who has nothing open yet.
    pub fn stay(&self, staying: Staying) -> Registration {
        self.add(staying.into())
    }

    fn add(&self, entry: Entry) -> Registration {
        let registration = self.register.add(entry);
        self.register.decide_one(registration.number(), &self.engine, self.env.now(), &[]);
        registration
    }

    /// How many things are registered.
    pub fn open(&self) -> usize {
        self.register.len()
    }

    /// Acts on what time alone has changed: ends and beginnings of people and
    /// roles, the `until` of what is registered, policies that look at the time.
    /// Called by a timer; tests that move the clock call it themselves.
    pub async fn tick(&self) {
        let now = self.env.now();
        let mut state = self.state.lock().await;
        let boundary =
            self.engine.world().next_boundary(state.acted_at).is_some_and(|at| at <= now);
        state.acted_at = now;
        self.register.end_overdue(now);
        if boundary {
            self.register.decide_all(&self.engine, now, &[passed(Action::SignIn, now)]);
        } else {
            self.decide_timed(now).await;
        }
        let due = boundary || now.since(state.reviewed_at) >= Duration::from_secs(1);
        if due {
            state.reviewed_at = now;
            drop(state);
            self.keep_time(now).await;
            let timed = if boundary { IN_ROWS.to_vec() } else { self.engine.timed_actions() };
            let news: Vec<Change> =
                timed.into_iter().filter(|a| IN_ROWS.contains(a)).map(|a| passed(a, now)).collect();
            for reviewer in self.reviewers() {
                reviewer.tick(now).await;
                if !news.is_empty() {
                    reviewer.review(&news).await;
                }
            }
        }
    }

    /// Asks a part of what the time alone may end.
    async fn decide_timed(&self, now: Timestamp) {
        let news = [passed(Action::SignIn, now)];
        for some in self.register.next_timed(PARTS).chunks(IN_A_ROW) {
            for number in some {
                self.register.decide_one(*number, &self.engine, now, &news);
            }
            tokio::task::yield_now().await;
        }
    }

    /// Keeps how far time has come, and records when the clock was set back and when
    /// it was put right.
    async fn keep_time(&self, now: Timestamp) {
        let mut kept = self.kept.lock().await;
        let set_back = self.env.set_back();
        let changed = set_back.is_some() != kept.set_back;
        if !changed && kept.through.is_some_and(|at| now.since(at) < KEEP) {
            return;
        }
        let actor = Actor::system("look at the clock");
        let happened = changed.then(|| {
            let house = Entity::new("House", "doorward");
            match set_back {
                Some(by) => {
                    Event::new(&self.env, Class::DetectionFinding, "clock.set-back", &actor)
                        .failed()
                        .on(house)
                        .with("seconds", by.as_secs())
                }
                None => {
                    Event::new(&self.env, Class::ApplicationLifecycle, "clock.put-right", &actor)
                        .on(house)
                }
            }
        });
        if let Some(by) = set_back.filter(|_| changed) {
            tracing::error!(seconds = by.as_secs(), "the clock was set back; put it right");
        }
        let written = self
            .db
            .write(move |c| {
                clock::keep(c, now)?;
                happened.iter().try_for_each(|e| event::append(c, e))
            })
            .await;
        match written {
            Ok(()) => *kept = Kept { through: Some(now), set_back: set_back.is_some() },
            Err(error) => tracing::warn!(%error, "cannot keep how far time has come"),
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
        // Whoever stopped counting, if only for a moment, has nothing open any more.
        for left in news.iter().filter(|c| c.kind == change::LEFT) {
            if let Ok(who) = left.id.parse::<IdentityId>() {
                self.register.end_of(who, &self.engine);
            }
        }
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

/// The news that time has passed.
fn passed(action: Action, now: Timestamp) -> Change {
    Change { seq: 0, kind: TIME.to_owned(), id: action.name().to_owned(), at: now }
}

/// What the database tells of changes, for as long as the watch is there.
struct Follower(Weak<Watch>);

#[async_trait]
impl ChangeListener for Follower {
    async fn changed(&self, _through: i64) {
        if let Some(watch) = self.0.upgrade() {
            watch.catch_up().await;
        }
    }
}

impl Watch {
    /// Reads what has changed until now, and acts on it.
    pub async fn catch_up(&self) {
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
