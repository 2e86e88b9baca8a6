//! Time that never goes back (`docs/adr/0005-time-never-goes-back.md`).
//!
//! Whatever ended by a date stays ended when the machine's clock is set back.
//! While the clock shows less than the house has seen, time goes on by the running
//! time of the process, so that neither a frozen nor a repeated hour lengthens
//! anything; when the clock has caught up, it counts again.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::{Clock, Timestamp};

/// A smaller step back is the unrest of clocks that are kept in step: time stands
/// still until it is made up.
const UNREST: Duration = Duration::from_secs(1);

pub(crate) struct Steady {
    clock: Arc<dyn Clock>,
    /// The newest moment that was told, in microseconds.
    latest: AtomicI64,
    /// Whether the clock shows less than that.
    behind: AtomicBool,
    anchor: Mutex<Option<Anchor>>,
}

/// Where time was when the clock was found set back.
#[derive(Clone, Copy)]
struct Anchor {
    at: Timestamp,
    running: Duration,
}

impl Steady {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            latest: AtomicI64::new(i64::MIN),
            behind: AtomicBool::new(false),
            anchor: Mutex::new(None),
        }
    }

    pub fn wall(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn now(&self) -> Timestamp {
        if !self.behind.load(Ordering::Acquire) {
            let wall = self.clock.now();
            let before = self.told(wall);
            if before.since(wall) < UNREST {
                return wall.max(before);
            }
        }
        self.behind()
    }

    /// Time has come at least this far.
    pub fn raise(&self, to: Timestamp) {
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        self.told(to);
        if anchor.is_some_and(|a| self.since(a) < to) {
            *anchor = Some(Anchor { at: to, running: self.clock.running() });
        }
    }

    pub fn set_back(&self) -> Option<Duration> {
        let now = self.now();
        if !self.behind.load(Ordering::Acquire) {
            return None;
        }
        let by = now.since(self.clock.now());
        (by >= UNREST).then_some(by)
    }

    /// The moment, when the clock may be behind.
    fn behind(&self) -> Timestamp {
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        // Read again: whoever waited for the lock holds an old reading.
        let wall = self.clock.now();
        let latest = Timestamp::from_micros(self.latest.load(Ordering::Acquire));
        let at = match *anchor {
            Some(a) => self.since(a),
            None if latest.since(wall) < UNREST => latest,
            None => {
                *anchor = Some(Anchor { at: latest, running: self.clock.running() });
                latest
            }
        };
        if wall >= at {
            *anchor = None;
        }
        self.behind.store(anchor.is_some(), Ordering::Release);
        let now = wall.max(at);
        now.max(self.told(now))
    }

    fn since(&self, a: Anchor) -> Timestamp {
        a.at + self.clock.running().saturating_sub(a.running)
    }

    /// Notes that this moment was told; gives the newest before it.
    fn told(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_micros(self.latest.fetch_max(at.micros(), Ordering::AcqRel))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use super::*;

    /// A clock that can be set, and a running time that cannot.
    #[derive(Default)]
    struct Hand {
        wall: AtomicI64,
        running: AtomicI64,
    }

    impl Hand {
        fn set(&self, secs: i64) {
            self.wall.store(secs, Ordering::SeqCst);
        }
        fn pass(&self, secs: i64) {
            self.wall.fetch_add(secs, Ordering::SeqCst);
            self.running.fetch_add(secs, Ordering::SeqCst);
        }
    }

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(self.wall.load(Ordering::SeqCst))
        }
        fn running(&self) -> Duration {
            Duration::from_secs(self.running.load(Ordering::SeqCst).unsigned_abs())
        }
    }

    fn at(secs: i64) -> (Arc<Hand>, Steady) {
        let hand = Arc::new(Hand::default());
        hand.set(secs);
        (hand.clone(), Steady::new(hand))
    }

    #[test]
    fn clock_that_goes_on_is_the_time() {
        let (hand, steady) = at(1_000);
        assert_eq!(steady.now().secs(), 1_000);
        hand.pass(10);
        assert_eq!(steady.now().secs(), 1_010);
        hand.set(5_000);
        assert_eq!(steady.now().secs(), 5_000);
        assert_eq!(steady.set_back(), None);
    }

    #[test]
    fn hour_that_is_repeated_passes_once() {
        let (hand, steady) = at(10_000);
        assert_eq!(steady.now().secs(), 10_000);
        hand.set(6_400);
        assert_eq!(steady.now().secs(), 10_000);
        assert_eq!(steady.set_back(), Some(Duration::from_secs(3_600)));
        hand.pass(1_800);
        assert_eq!(steady.now().secs(), 11_800);
        hand.set(5_000);
        hand.pass(200);
        assert_eq!(steady.now().secs(), 12_000, "set back again");
        hand.pass(3_000);
        assert_eq!(steady.now().secs(), 15_000);
    }

    #[test]
    fn clock_that_is_put_right_counts_again() {
        let (hand, steady) = at(10_000);
        steady.now();
        hand.set(6_400);
        steady.now();
        hand.pass(100);
        hand.set(10_100);
        assert_eq!(steady.now().secs(), 10_100);
        assert_eq!(steady.set_back(), None);
        hand.set(20_000);
        assert_eq!(steady.now().secs(), 20_000);
    }

    #[test]
    fn what_was_seen_before_this_process_counts() {
        let (hand, steady) = at(1_000);
        steady.raise(Timestamp::from_secs(4_600));
        assert_eq!(steady.now().secs(), 4_600);
        hand.pass(60);
        assert_eq!(steady.now().secs(), 4_660);
        assert_eq!(steady.set_back(), Some(Duration::from_secs(3_600)));
        steady.raise(Timestamp::from_secs(5_000));
        hand.pass(1);
        assert_eq!(steady.now().secs(), 5_001);
        steady.raise(Timestamp::from_secs(2_000));
        assert_eq!(steady.now().secs(), 5_001);
    }

    #[test]
    fn unrest_of_less_than_a_second_is_no_setting_back() {
        let (hand, steady) = at(1_000);
        steady.now();
        hand.set(1_000);
        steady.raise(Timestamp::from_micros(1_000_900_000));
        assert_eq!(steady.now().micros(), 1_000_900_000);
        assert_eq!(steady.set_back(), None);
        hand.pass(1);
        assert_eq!(steady.now().secs(), 1_001);
    }

    #[test]
    fn threads_that_read_at_once_never_see_time_go_back() {
        let (hand, steady) = at(0);
        let steady = Arc::new(steady);
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    let mut last = steady.now();
                    for _ in 0..5_000 {
                        let now = steady.now();
                        assert!(now >= last);
                        last = now;
                    }
                });
            }
            for n in 0..2_000 {
                hand.set(if n % 3 == 0 { n } else { n * 7 % 1_000 });
            }
        });
    }
}
