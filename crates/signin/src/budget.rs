//! How much may happen in a minute, on all nodes together.
//!
//! Each node counts in memory and has one row of its own, which it writes at most
//! once a second or once for so many; what the others have written by then counts
//! with its own. So no row is anybody's bottleneck, and the sum is passed by no more
//! than what the nodes had not yet told each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorward_core::{Env, Network, Timestamp};
use doorward_store::Db;
use doorward_store::throttle::{self as rows, Failures};

use crate::error::{Result, SignInError};
use crate::throttle;

const WINDOW: Duration = Duration::from_secs(60);
/// After so many, or after so long, a node tells the others.
const TELL_AFTER: i64 = 20;
const TELL_EVERY: Duration = Duration::from_secs(1);

/// A budget of each minute.
#[derive(Clone)]
pub(crate) struct Budget {
    db: Db,
    name: &'static str,
    /// The key of this node's row.
    row: Arc<str>,
    limit: i64,
    count: Arc<Mutex<Count>>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    /// The beginning of the minute.
    since: Timestamp,
    mine: i64,
    /// What the others had told when this node looked.
    others: i64,
    told: i64,
    told_at: Timestamp,
}

impl Budget {
    pub fn new(db: &Db, env: &Env, name: &'static str, limit: i64) -> Self {
        let row = format!("{name}:{}", env.uuid()).into();
        Self { db: db.clone(), name, row, limit, count: Arc::default() }
    }

    /// Takes one. Refused when the minute's are used up, with the time until the next.
    pub async fn take(&self, now: Timestamp) -> Result<()> {
        let since = minute(now);
        let tell = {
            let mut count = self.lock();
            if count.since != since {
                *count = Count { since, ..Count::default() };
            }
            if count.mine + count.others >= self.limit {
                return Err(SignInError::TooMany((since + WINDOW).since(now)));
            }
            count.mine += 1;
            let due =
                count.mine - count.told >= TELL_AFTER || now.since(count.told_at) >= TELL_EVERY;
            if due {
                (count.told, count.told_at) = (count.mine, now);
            }
            due.then_some(*count)
        };
        match tell {
            Some(count) => self.tell(count, now).await,
            None => Ok(()),
        }
    }

    /// Gives one back that did not count.
    pub fn give_back(&self) {
        let mut count = self.lock();
        count.mine = (count.mine - 1).max(0);
    }

    async fn tell(&self, count: Count, now: Timestamp) -> Result<()> {
        let (row, name, since) = (self.row.clone(), self.name, count.since);
        let told =
            Failures { failures: count.mine, first_at: since, last_at: now, locked_until: None };
        let key = row.clone();
        self.db.write(move |c| rows::put(c, &key, &told)).await?;
        let others = self.db.read(move |c| rows::of_others(c, name, &row, since)).await?;
        let mut count = self.lock();
        if count.since == since {
            count.others = others;
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many addresses are remembered in a minute.
const ADDRESSES: usize = 100_000;

/// What one address may do in a minute at this node, where it costs us a write and
/// nothing is guessed. Counted in memory: it must cost less than what it spares.
#[derive(Clone)]
pub(crate) struct PerAddress {
    limit: u32,
    counts: Arc<Mutex<(Timestamp, HashMap<String, u32>)>>,
}

impl PerAddress {
    pub fn new(limit: u32) -> Self {
        Self { limit, counts: Arc::default() }
    }

    /// Takes one. Refused when the minute's are used up, with the time until the next.
    pub fn take(&self, network: &Network, now: Timestamp) -> Result<()> {
        let Some(address) = throttle::address(network) else { return Ok(()) };
        let since = minute(now);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.0 != since || counts.1.len() >= ADDRESSES {
            *counts = (since, HashMap::new());
        }
        let count = counts.1.entry(address).or_default();
        if *count >= self.limit {
            return Err(SignInError::TooMany((since + WINDOW).since(now)));
        }
        *count += 1;
        Ok(())
    }
}

/// The beginning of the minute.
fn minute(now: Timestamp) -> Timestamp {
    Timestamp::from_secs(now.secs().div_euclid(60) * 60)
}
