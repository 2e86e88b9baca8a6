//! The service that the rooms above call.

use std::sync::Arc;

use async_trait::async_trait;
use doorward_core::{Decider, Env};
use doorward_store::{ChangeListener, Db};
use tokio::sync::Notify;

/// Requests and grants. Cheap to clone.
#[derive(Clone)]
pub struct Grants(Arc<Inner>);

struct Inner {
    db: Db,
    env: Env,
    decider: Arc<dyn Decider>,
    origin: String,
    moved: Arc<Notify>,
}

impl Grants {
    /// Over this database and this decider. `origin` is what links in notices
    /// begin with: the configured one, never one that a request brought.
    pub fn new(db: &Db, env: &Env, decider: Arc<dyn Decider>, origin: &str) -> Self {
        let moved = Arc::new(Notify::new());
        db.listen(Arc::new(Waker(moved.clone())));
        Self(Arc::new(Inner {
            db: db.clone(),
            env: env.clone(),
            decider,
            origin: origin.trim_end_matches('/').to_owned(),
            moved,
        }))
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }
    pub(crate) fn env(&self) -> &Env {
        &self.0.env
    }
    pub(crate) fn decider(&self) -> &Arc<dyn Decider> {
        &self.0.decider
    }
    pub(crate) fn origin(&self) -> &str {
        &self.0.origin
    }
    /// Is notified when anything changed.
    pub(crate) fn moved(&self) -> &Notify {
        &self.0.moved
    }
}

/// Wakes those who wait for a decision.
struct Waker(Arc<Notify>);

#[async_trait]
impl ChangeListener for Waker {
    async fn changed(&self, _through: i64) {
        self.0.notify_waiters();
    }
}

impl std::fmt::Debug for Grants {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Grants")
    }
}
