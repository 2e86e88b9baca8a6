//! Takes what is in the outbox to where it belongs.
//!
//! One node at a time, by a lease. A message that cannot be delivered is tried
//! again, later each time, and given up with an event after [`TRIES`].
//! Delivery is at least once: each message keeps its id, and receivers drop what
//! they have seen.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use doorward_core::{Actor, Class, Entity, Env, Event, NodeId};
use doorward_store::outbox::{self, OutboxRow};
use doorward_store::{Db, event, lease};
use tokio_util::sync::CancellationToken;

/// The channel of mails: the destination is an address.
pub const MAIL: &str = "mail";
/// The channel of webhooks: the destination is the id of one.
pub const WEBHOOK: &str = "webhook";

const LEASE: &str = "outbox";
/// Longer than one round takes.
const HOLD: Duration = Duration::from_secs(90);
const BEAT: Duration = Duration::from_secs(1);
const ROUND: i64 = 20;
/// The longest that one message may take.
const PATIENCE: Duration = Duration::from_secs(30);
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(3600);
/// With these pauses: about half a day.
const TRIES: i64 = 20;
const TIDY: Duration = Duration::from_secs(3600);
const KEEP: Duration = Duration::from_secs(7 * 24 * 3600);

/// Why a message did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// It may arrive later.
    #[error("{0}")]
    Later(String),
    /// It never will.
    #[error("{0}")]
    Never(String),
}

/// Carries messages of one kind.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Delivers one message.
    async fn deliver(&self, message: &OutboxRow) -> Result<(), DeliveryError>;
}

/// The postman.
pub struct Delivery {
    db: Db,
    env: Env,
    node: NodeId,
    channels: HashMap<String, Arc<dyn Channel>>,
}

impl Delivery {
    /// Without channels; see [`with`](Self::with).
    pub fn new(db: &Db, env: &Env) -> Self {
        Self { db: db.clone(), env: env.clone(), node: NodeId::new(env), channels: HashMap::new() }
    }

    /// Also carries messages of this kind.
    #[must_use]
    pub fn with(mut self, name: &str, channel: Arc<dyn Channel>) -> Self {
        self.channels.insert(name.to_owned(), channel);
        self
    }

    /// Goes round until `shutdown`, then gives the lease back.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut tidied_at = None;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = tokio::time::sleep(BEAT) => {}
            }
            if let Err(error) = self.round().await {
                tracing::warn!(%error, "cannot go through the outbox");
            }
            let now = self.env.now();
            if tidied_at.is_none_or(|at| now.since(at) >= TIDY) {
                tidied_at = Some(now);
                if let Err(error) = self.tidy().await {
                    tracing::warn!(%error, "cannot tidy the outbox");
                }
            }
        }
        let node = self.node;
        let _ = self.db.write(move |c| lease::release(c, LEASE, node)).await;
    }

    /// Tries what is due once; gives how many messages arrived. None when another
    /// node carries.
    pub async fn round(&self) -> Result<Option<usize>, doorward_store::Error> {
        let (node, now) = (self.node, self.env.now());
        // Look before taking the lease: an empty box costs a read.
        let due = self.db.read(move |c| outbox::due(c, now, ROUND)).await?;
        if due.is_empty() {
            return Ok(Some(0));
        }
        if !self.db.write(move |c| lease::acquire(c, LEASE, node, now, HOLD)).await? {
            return Ok(None);
        }
        // Somebody else may have carried them in between.
        let due = self.db.read(move |c| outbox::due(c, now, ROUND)).await?;
        let results = futures::future::join_all(due.iter().map(|m| self.carry(m))).await;
        let mut arrived = 0;
        for result in results {
            arrived += usize::from(result?);
        }
        Ok(Some(arrived))
    }

    /// Forgets what was delivered or given up a week ago.
    pub async fn tidy(&self) -> Result<u64, doorward_store::Error> {
        let before = self.env.now() - KEEP;
        self.db.write(move |c| outbox::trim(c, before)).await
    }

    async fn carry(&self, message: &OutboxRow) -> Result<bool, doorward_store::Error> {
        let (id, attempts) = (message.id, message.attempts);
        let Some(channel) = self.channels.get(&message.channel) else {
            tracing::debug!(channel = message.channel, "nobody here carries such messages");
            self.db.write(move |c| outbox::forget(c, id)).await?;
            return Ok(false);
        };
        let done = match tokio::time::timeout(PATIENCE, channel.deliver(message)).await {
            Ok(done) => done,
            Err(_) => Err(DeliveryError::Later("no answer in time".to_owned())),
        };
        let now = self.env.now();
        match done {
            Ok(()) => {
                self.db.write(move |c| outbox::delivered(c, id, now)).await?;
                Ok(true)
            }
            Err(DeliveryError::Later(why)) if attempts + 1 < TRIES => {
                tracing::warn!(channel = message.channel, %why, attempts, "a message waits");
                let next = now + pause(attempts);
                self.db.write(move |c| outbox::postponed(c, id, next, &why)).await?;
                Ok(false)
            }
            Err(DeliveryError::Later(why) | DeliveryError::Never(why)) => {
                self.give_up(message, why).await?;
                Ok(false)
            }
        }
    }

    async fn give_up(&self, message: &OutboxRow, why: String) -> Result<(), doorward_store::Error> {
        tracing::error!(channel = message.channel, %why, "a message is given up");
        let actor = Actor::system("deliver the outbox");
        let record = Event::new(&self.env, Class::ApplicationLifecycle, "notice.failed", &actor)
            .failed()
            .on(Entity::new("Notice", message.id))
            .with("channel", message.channel.clone())
            .with("destination", message.destination.clone())
            .with("why", why.clone());
        let (id, now) = (message.id, self.env.now());
        self.db
            .write(move |c| {
                outbox::failed(c, id, now, &why)?;
                event::append(c, &record)
            })
            .await
    }
}

/// 5 s, 10 s, 20 s, … an hour.
fn pause(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(0, 12)).unwrap_or(12);
    (FIRST * 2_u32.pow(doublings)).min(LONGEST)
}
