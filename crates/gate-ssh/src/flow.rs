//! Steps on their way from one connection to the other, in order.
//!
//! russh grants a channel's window when bytes arrive, not when they are taken, so
//! whoever receives must be able to hold what comes while the other side is
//! slow, without stopping its own connection: a connection that waits for
//! another that waits for it would stand still for ever. So a receiver that is
//! far behind is only slowed down, more and more, and given up in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use futures::channel::mpsc;
use tokio::sync::{Notify, watch};

/// From here on the sender is slowed down.
const HIGH: usize = 8 << 20;
/// Here it is given up.
const FULL: usize = 96 << 20;

#[derive(Default)]
struct Load {
    bytes: AtomicUsize,
    moved: Notify,
}

// Most flows stand still most of the time: the channel of `futures` holds nothing then,
// where that of tokio keeps room for 32 steps.
/// The end where steps are put in.
pub(crate) struct Feed<T> {
    steps: mpsc::UnboundedSender<(T, usize)>,
    load: Arc<Load>,
}

impl<T> Clone for Feed<T> {
    fn clone(&self) -> Self {
        Self { steps: self.steps.clone(), load: self.load.clone() }
    }
}

/// The end where steps are taken out.
pub(crate) struct Drain<T> {
    steps: mpsc::UnboundedReceiver<(T, usize)>,
    load: Arc<Load>,
    held: usize,
}

/// Too much waits to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

/// Both ends.
pub(crate) fn flow<T>() -> (Feed<T>, Drain<T>) {
    let (steps, receiver) = mpsc::unbounded();
    let load = Arc::new(Load::default());
    (Feed { steps, load: load.clone() }, Drain { steps: receiver, load, held: 0 })
}

impl<T> Feed<T> {
    /// Puts a step in; `weight` is what it holds in bytes.
    pub fn put(&self, step: T, weight: usize) {
        self.load.bytes.fetch_add(weight, Ordering::AcqRel);
        if self.steps.unbounded_send((step, weight)).is_err() {
            self.load.bytes.fetch_sub(weight, Ordering::AcqRel);
        }
    }

    /// Whether so much waits that whoever sends is slowed down.
    pub fn high(&self) -> bool {
        self.load.bytes.load(Ordering::Acquire) > HIGH
    }

    /// Slows the caller down while much waits.
    pub async fn ease(&self) -> Result<(), Overflow> {
        let waiting = self.load.bytes.load(Ordering::Acquire);
        if waiting <= HIGH {
            return Ok(());
        }
        if waiting > FULL {
            return Err(Overflow);
        }
        let step = (waiting - HIGH) / (4 << 20);
        let pause = Duration::from_millis(20 << step.min(6));
        let moved = self.load.moved.notified();
        if self.load.bytes.load(Ordering::Acquire) > HIGH {
            let _ = tokio::time::timeout(pause, moved).await;
        }
        Ok(())
    }
}

impl<T> Drain<T> {
    /// The next step; the one before it counts as taken now.
    pub async fn next(&mut self) -> Option<T> {
        let before = self.load.bytes.fetch_sub(self.held, Ordering::AcqRel);
        if before > HIGH && before - self.held <= HIGH {
            self.load.moved.notify_waiters();
        }
        self.held = 0;
        let (step, weight) = self.steps.next().await?;
        self.held = weight;
        Some(step)
    }
}

/// Whether anything may pass; while it is shut, why it is.
#[derive(Clone)]
pub(crate) struct Valve(Arc<watch::Sender<Option<String>>>);

impl Valve {
    /// An open one.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }

    /// From now on nothing passes.
    pub fn shut(&self, why: String) {
        self.0.send_replace(Some(why));
    }

    /// It may go on.
    pub fn open(&self) {
        self.0.send_replace(None);
    }

    /// Why it is shut, if it is.
    pub fn why(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    pub fn is_shut(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Waits until it is open.
    pub async fn passable(&self) {
        if self.is_shut() {
            let _ = self.0.subscribe().wait_for(Option::is_none).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn steps_keep_their_order_and_too_many_are_given_up() {
        let (feed, mut drain) = flow();
        feed.put(1, 0);
        feed.put(2, 10);
        assert_eq!(drain.next().await, Some(1));
        assert_eq!(drain.next().await, Some(2));
        assert_eq!(feed.ease().await, Ok(()));
        feed.put(3, FULL + 1);
        assert_eq!(feed.ease().await, Err(Overflow));
        assert_eq!(drain.next().await, Some(3));
        drop(feed);
        assert_eq!(drain.next().await, None);
    }
}
