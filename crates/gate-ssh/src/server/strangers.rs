//! Places for connections of people who have proven nothing.
//!
//! Promises: whoever only waits for their browser takes no place from those who come;
//! what belongs to one block of addresses never takes all places.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many there may be at once, of those who come and of those who wait, and how many
/// of both from one block.
const COMING: usize = 512;
const WAITING: usize = 512;
const PER_BLOCK: usize = 64;

pub(crate) struct Strangers {
    coming: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    blocks: Mutex<HashMap<IpAddr, usize>>,
}

impl Strangers {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            coming: Arc::new(Semaphore::new(COMING)),
            waiting: Arc::new(Semaphore::new(WAITING)),
            blocks: Mutex::default(),
        })
    }

    /// A place for who comes from there, if there is one.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let permit = self.coming.clone().try_acquire_owned().ok()?;
        let block = block(address);
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let count = blocks.entry(block).or_default();
        if *count >= PER_BLOCK {
            return None;
        }
        *count += 1;
        Some(Place { strangers: self.clone(), block, permit })
    }
}

/// A place; free again when dropped.
pub(crate) struct Place {
    strangers: Arc<Strangers>,
    block: IpAddr,
    permit: OwnedSemaphorePermit,
}

impl Place {
    /// The same among those who wait, if there is one.
    pub fn waiting(mut self) -> Option<Self> {
        self.permit = self.strangers.waiting.clone().try_acquire_owned().ok()?;
        Some(self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut blocks = self.strangers.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = blocks.get_mut(&self.block) {
            *count -= 1;
            if *count == 0 {
                blocks.remove(&self.block);
            }
        }
    }
}

/// What one subscriber has: an IPv4 address, or 64 bits of IPv6.
fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(a) => Ipv6Addr::from(u128::from(a) >> 64 << 64).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(strangers: &Arc<Strangers>, address: impl Fn(usize) -> String) -> Vec<Place> {
        (0..1_000).filter_map(|n| strangers.admit(address(n).parse().unwrap())).collect()
    }

    /// abuse case 62: the 2⁶⁴ addresses of one subscriber are one.
    #[test]
    fn one_block_does_not_take_all_places() {
        let strangers = Strangers::new();
        let here = many(&strangers, |n| format!("2001:db8::{n:x}"));
        assert_eq!(here.len(), PER_BLOCK);
        let there = many(&strangers, |_| "::ffff:192.0.2.1".to_owned());
        assert_eq!(there.len(), PER_BLOCK);
        assert!(strangers.admit("192.0.2.1".parse().unwrap()).is_none());
        assert!(strangers.admit("2001:db8:0:1::1".parse().unwrap()).is_some());
        drop((here, there));
        assert_eq!(strangers.blocks.lock().unwrap().len(), 0);
    }

    /// abuse case 62: those who wait for ten minutes keep nobody out.
    #[test]
    fn whoever_waits_leaves_their_place_to_others() {
        let strangers = Strangers::new();
        let each = |n| format!("198.51.{}.{}", n / 250, n % 250);
        let waiting: Vec<Place> =
            many(&strangers, each).into_iter().filter_map(Place::waiting).collect();
        assert_eq!(waiting.len(), WAITING);
        let mut coming = many(&strangers, each);
        assert_eq!(coming.len(), COMING);
        assert!(coming.pop().unwrap().waiting().is_none(), "more than may wait");
        drop(waiting);
        assert!(coming.pop().unwrap().waiting().is_some());
    }
}
