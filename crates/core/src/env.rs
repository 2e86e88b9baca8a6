//! Time and chance, always passed in: the product takes them from the machine,
//! a test from its own hand.

use std::sync::Arc;
use std::time::Duration;

use crate::steady::Steady;
use crate::{Secret, Timestamp};

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// What the clock shows. It can be set, back too.
    fn now(&self) -> Timestamp;
    /// How long it has been running, which nobody can set.
    fn running(&self) -> Duration;
}

/// Where random bytes come from. The product's source is the operating
/// system's CSPRNG and nothing else.
pub trait Rng: Send + Sync {
    /// Fills `out` with random bytes.
    fn fill(&self, out: &mut [u8]);
}

/// Time and chance together: the first argument of what needs either.
#[derive(Clone)]
pub struct Env {
    time: Arc<Steady>,
    rng: Arc<dyn Rng>,
}

impl Env {
    /// An environment of these two sources.
    pub fn new(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { time: Arc::new(Steady::new(clock)), rng }
    }

    /// The present moment. It never goes back, whatever happens to the clock: what
    /// has ended stays ended.
    pub fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// What the machine's clock shows: for values that others compare with clocks
    /// of their own, and never for an end.
    pub fn wall(&self) -> Timestamp {
        self.time.wall()
    }

    /// How far the machine's clock was set back behind the present moment, when it
    /// was.
    pub fn set_back(&self) -> Option<Duration> {
        self.time.set_back()
    }

    /// Time has come at least as far as `seen`: what a house remembers over its
    /// restarts.
    pub fn raise(&self, seen: Timestamp) {
        self.time.raise(seen);
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.rng.fill(&mut out);
        out
    }

    /// A bearer value of 256 random bits.
    pub fn secret(&self) -> Secret<[u8; 32]> {
        Secret::new(self.bytes())
    }

    /// A UUID version 7 (RFC 9562 section 5.7). The twelve bits after the
    /// milliseconds are the fraction of the millisecond (section 6.2, method 3),
    /// so that events of one moment keep their order.
    pub fn uuid(&self) -> uuid::Uuid {
        let micros = u64::try_from(self.now().micros()).unwrap_or(0);
        let fraction = u16::try_from((micros % 1_000) * 4_096 / 1_000).unwrap_or(0).to_be_bytes();
        let mut random: [u8; 10] = self.bytes();
        let [high, low, ..] = &mut random;
        [*high, *low] = fraction;
        uuid::Builder::from_unix_timestamp_millis(micros / 1_000, &random).into_uuid()
    }
}

impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Env")
    }
}
