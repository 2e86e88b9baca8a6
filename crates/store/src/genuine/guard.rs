//! What a node knows about rows: the keys, the least version that each row must have,
//! and which rows were found to be nobody's of this house.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws_lc_rs::hmac;
use doorward_core::{Env, Id as _, KeyId, Secret};
use tokio::sync::Notify;

use super::tables::Table;
use crate::conn::Conn;

const TAG: usize = 32;
const ID: usize = 16;

/// The keys that sign rows and know them again.
pub struct RowKeys {
    live: KeyId,
    keys: HashMap<KeyId, hmac::Key>,
}

impl RowKeys {
    /// Of these keys, of which `live` signs.
    pub fn new(live: KeyId, keys: impl IntoIterator<Item = (KeyId, Secret<[u8; 32]>)>) -> Self {
        let hmac = |key: Secret<[u8; 32]>| hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        Self { live, keys: keys.into_iter().map(|(id, key)| (id, hmac(key))).collect() }
    }

    /// The id of the key, then the MAC.
    pub(super) fn sign(&self, data: &[u8]) -> Option<Vec<u8>> {
        let tag = hmac::sign(self.keys.get(&self.live)?, data);
        Some([self.live.uuid().as_bytes().as_slice(), tag.as_ref()].concat())
    }

    /// Whether the MAC is ours, in constant time. None when it names a key that is
    /// not here.
    pub(super) fn verify(&self, data: &[u8], mac: &[u8]) -> Option<bool> {
        let Some((id, tag)) = mac.split_first_chunk::<ID>() else { return Some(false) };
        let key = self.keys.get(&KeyId::from_uuid(uuid::Uuid::from_bytes(*id)))?;
        Some(tag.len() == TAG && hmac::verify(key, data, tag).is_ok())
    }
}

/// Where the keys come from, when a row names one that another node made just now.
pub trait RowKeySource: Send + Sync {
    /// The keys as this transaction sees them; none when the vault is sealed.
    fn read(&self, c: &Conn<'_>) -> Option<RowKeys>;
}

/// Why a row is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// It has no MAC.
    Unsigned,
    /// Its MAC is over something else.
    Altered,
    /// It was good once: a newer one, or none, stood in its place.
    Older,
    /// It was there once and is not there any more, where that matters.
    Missing,
}

impl Why {
    /// For people and the record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Altered => "altered",
            Self::Older => "older",
            Self::Missing => "missing",
        }
    }
}

/// A row that this house did not write, or not so.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Forged {
    /// In which table.
    pub table: &'static str,
    /// What it is found by.
    pub row: String,
    /// Why it does not count.
    pub why: Why,
}

#[derive(Clone)]
pub(super) enum Mode {
    /// No key was here yet: nothing is accepted, nothing is signed.
    Sealed,
    Keys(Arc<RowKeys>, Arc<dyn RowKeySource>),
    /// A test without a vault: every row counts.
    #[cfg(feature = "testing")]
    Vaultless,
}

/// The least version that counts, for transactions that began after `since`.
struct Floor {
    version: i64,
    since: u64,
}

#[derive(Default)]
struct Found {
    known: BTreeMap<(&'static str, String), Why>,
    waiting: Vec<Forged>,
}

/// One for each database handle.
pub(crate) struct Guard {
    mode: RwLock<Mode>,
    ticks: AtomicU64,
    floors: Mutex<HashMap<&'static str, HashMap<Vec<u8>, Floor>>>,
    found: Mutex<Found>,
    any: AtomicBool,
    pub(crate) news: Notify,
    pub(crate) env: Env,
}

/// A row that a transaction wrote or took away, for when it is committed.
pub(crate) struct Kept {
    pub(super) table: &'static str,
    pub(super) key: Vec<u8>,
    pub(super) version: i64,
}

impl Guard {
    pub fn new(env: Env) -> Self {
        Self {
            mode: RwLock::new(Mode::Sealed),
            ticks: AtomicU64::new(0),
            floors: Mutex::default(),
            found: Mutex::default(),
            any: AtomicBool::new(false),
            news: Notify::new(),
            env,
        }
    }

    pub fn arm(&self, keys: RowKeys, source: Arc<dyn RowKeySource>) {
        *self.mode.write().unwrap_or_else(PoisonError::into_inner) =
            Mode::Keys(Arc::new(keys), source);
    }

    #[cfg(feature = "testing")]
    pub fn vaultless(&self) {
        *self.mode.write().unwrap_or_else(PoisonError::into_inner) = Mode::Vaultless;
    }

    /// Whether rows count without a key: in tests, before their vault is opened.
    pub fn is_vaultless(&self) -> bool {
        #[cfg(feature = "testing")]
        return matches!(self.mode(), Mode::Vaultless);
        #[cfg(not(feature = "testing"))]
        false
    }

    pub(super) fn mode(&self) -> Mode {
        self.mode.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next moment, of those that order transactions and what is known.
    pub fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Remembers versions that are committed: what is older does not count in any
    /// transaction that begins from now on.
    pub fn raise(&self, kept: Vec<Kept>) {
        if kept.is_empty() {
            return;
        }
        let since = self.tick();
        let mut floors = self.floors.lock().unwrap_or_else(PoisonError::into_inner);
        for Kept { table, key, version } in kept {
            let floor =
                floors.entry(table).or_default().entry(key).or_insert(Floor { version, since });
            if floor.version < version {
                *floor = Floor { version, since };
            }
        }
    }

    /// Whether a transaction that began at `tick` should have seen a newer one.
    pub(super) fn is_older(&self, table: &Table, key: &[u8], version: i64, tick: u64) -> bool {
        let floors = self.floors.lock().unwrap_or_else(PoisonError::into_inner);
        let floor = floors.get(table.name).and_then(|f| f.get(key));
        floor.is_some_and(|f| version < f.version && tick > f.since)
    }

    /// What is known of a table and was not there, in a whole reading of it that began
    /// at `tick`, was taken away.
    pub(super) fn absent(&self, table: &Table, present: &HashSet<Vec<u8>>, tick: u64) {
        let since = self.tick();
        let mut floors = self.floors.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, floor) in floors.get_mut(table.name).into_iter().flatten() {
            if tick > floor.since && !present.contains(key) {
                *floor = Floor { version: floor.version + 1, since };
            }
        }
    }

    /// The version of a row that is put where one may have been.
    pub(super) fn next_version(&self, table: &Table, key: &[u8]) -> i64 {
        let floors = self.floors.lock().unwrap_or_else(PoisonError::into_inner);
        let floor = floors.get(table.name).and_then(|f| f.get(key));
        self.env.now().micros().max(floor.map_or(0, |f| f.version) + 1)
    }

    pub(super) fn forged(&self, table: &Table, row: String, why: Why) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let before = found.known.insert((table.name, row.clone()), why);
        self.any.store(true, Ordering::Relaxed);
        if before.is_none() {
            tracing::error!(
                table = table.name,
                row,
                why = why.name(),
                "a row of the database was not written by this house; it does not count"
            );
            found.waiting.push(Forged { table: table.name, row, why });
            drop(found);
            self.news.notify_one();
        }
    }

    /// It was mended.
    pub(super) fn genuine(&self, table: &Table, row: impl FnOnce() -> String) {
        if self.any.load(Ordering::Relaxed) {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.known.remove(&(table.name, row()));
            self.any.store(!found.known.is_empty(), Ordering::Relaxed);
        }
    }

    pub fn known(&self) -> Vec<Forged> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let all = found.known.iter();
        all.map(|((table, row), why)| Forged { table, row: row.clone(), why: *why }).collect()
    }

    /// Those that nobody was told of yet.
    pub fn take_waiting(&self) -> Vec<Forged> {
        std::mem::take(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner).waiting)
    }

    /// They could not be told.
    pub fn give_back(&self, untold: Vec<Forged>) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).waiting.extend(untold);
    }
}
