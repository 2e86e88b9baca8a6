//! Argon2id, as many at a time as there are cores, so that a storm of sign-ins
//! takes neither all memory nor every thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use doorward_core::{Env, Secret};
use tokio::sync::Semaphore;

use crate::error::{Result, SignInError};

/// What one verification costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for HashCost {
    /// 19 MiB, 2 passes, 1 lane (OWASP's password storage cheat sheet).
    fn default() -> Self {
        Self { memory_kib: 19 * 1_024, passes: 2, lanes: 1 }
    }
}

#[derive(Clone)]
pub(crate) struct Hasher {
    params: Params,
    turns: Arc<Semaphore>,
    /// What is verified for those who have no password.
    dummy: Arc<str>,
    verifications: Arc<AtomicU64>,
    waiting: Arc<AtomicU64>,
}

/// How many may wait for their turn.
const QUEUE: u64 = 1_000;

struct Waiting<'a>(&'a AtomicU64);

impl<'a> Waiting<'a> {
    fn join(count: &'a AtomicU64) -> Result<Self> {
        let place = Self(count);
        if count.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            return Err(SignInError::TooMany(Duration::from_secs(2)));
        }
        Ok(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Verified {
    pub right: bool,
    pub outdated: bool,
}

fn failed(e: impl std::fmt::Display) -> SignInError {
    SignInError::Internal(format!("cannot hash a password: {e}"))
}

impl Hasher {
    pub fn new(env: &Env, cost: HashCost) -> Result<Self> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(failed)?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let unknown: [u8; 32] = env.bytes();
        let dummy = argon2
            .hash_password_with_salt(&unknown, &env.bytes::<16>())
            .map_err(failed)?
            .to_string();
        Ok(Self {
            params,
            turns: Arc::new(Semaphore::new(cores)),
            dummy: dummy.into(),
            verifications: Arc::default(),
            waiting: Arc::default(),
        })
    }

    /// How many verifications there were.
    pub fn verifications(&self) -> u64 {
        self.verifications.load(Ordering::Relaxed)
    }

    /// Hashes into a PHC string.
    pub async fn hash(&self, env: &Env, input: Secret<Vec<u8>>) -> Result<String> {
        let salt: [u8; 16] = env.bytes();
        let params = self.params.clone();
        self.in_turn(move || {
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let phc = argon2.hash_password_with_salt(input.expose(), &salt).map_err(failed)?;
            Ok(phc.to_string())
        })
        .await?
    }

    /// Verifies against the PHC string; against one that nothing fits when there
    /// is none. INVARIANT: each call runs Argon2 exactly once.
    pub async fn verify(&self, input: Secret<Vec<u8>>, phc: Option<String>) -> Result<Verified> {
        let known = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.dummy.to_string());
        let params = self.params.clone();
        let count = self.verifications.clone();
        self.in_turn(move || {
            let parsed = PasswordHash::new(&phc).map_err(failed)?;
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
            count.fetch_add(1, Ordering::Relaxed);
            let right = argon2.verify_password(input.expose(), &parsed).is_ok() && known;
            let used = Params::try_from(&parsed).map_err(failed)?;
            let same = |a: &Params, b: &Params| {
                (a.m_cost(), a.t_cost(), a.p_cost()) == (b.m_cost(), b.t_cost(), b.p_cost())
            };
            Ok(Verified { right, outdated: right && !same(&used, &params) })
        })
        .await?
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        // A storm is told to come back, rather than kept waiting past its patience.
        let waiting = Waiting::join(&self.waiting)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(failed)?;
        drop(waiting);
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .map_err(failed)
    }
}
