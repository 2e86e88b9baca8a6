//! Argon2id, as many at a time as there are cores.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use doorward_core::{Env, Secret};

use super::turns::{Memory, Turns};
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
    turns: Arc<Turns>,
    /// What is verified for those who have no password.
    dummy: Arc<str>,
    verifications: Arc<AtomicU64>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Verified {
    pub right: bool,
    pub outdated: bool,
}

fn failed(e: impl std::fmt::Display) -> SignInError {
    SignInError::Internal(format!("cannot hash a password: {e}"))
}

/// A PHC string, taken apart.
struct Phc {
    params: Params,
    version: Version,
    salt: Salt,
    output: Output,
}

impl Phc {
    fn parse(text: &str) -> Result<Self> {
        let parsed = PasswordHash::new(text).map_err(failed)?;
        let params = Params::try_from(&parsed).map_err(failed)?;
        let (Some(salt), Some(output)) = (parsed.salt, parsed.hash) else {
            return Err(failed("a kept hash is not whole"));
        };
        if parsed.algorithm != Algorithm::Argon2id.ident() {
            return Err(failed("a kept hash is not of Argon2id"));
        }
        let version = parsed.version.unwrap_or_else(|| Version::V0x13.into());
        Ok(Self { params, version: version.try_into().map_err(failed)?, salt, output })
    }

    /// Hashes the input as this one was hashed.
    fn again(&self, input: &[u8], memory: &mut Memory) -> Result<Output> {
        run(&self.params, self.version, input, &self.salt, memory)
    }
}

fn run(
    params: &Params,
    version: Version,
    input: &[u8],
    salt: &[u8],
    memory: &mut Memory,
) -> Result<Output> {
    let argon2 = Argon2::new(Algorithm::Argon2id, version, params.clone());
    let mut out = [0; Output::MAX_LENGTH];
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let out = out.get_mut(..length).ok_or_else(|| failed("its output is too long"))?;
    let blocks = memory.blocks(params.block_count()).ok_or_else(|| failed("no memory"))?;
    argon2.hash_password_into_with_memory(input, salt, out, blocks).map_err(failed)?;
    Output::new(out).map_err(failed)
}

/// Hashes into a PHC string.
fn phc(params: &Params, input: &[u8], salt: &[u8], memory: &mut Memory) -> Result<String> {
    let output = run(params, Version::V0x13, input, salt, memory)?;
    let whole = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(failed)?,
        salt: Some(Salt::new(salt).map_err(failed)?),
        hash: Some(output),
    };
    Ok(whole.to_string())
}

impl Hasher {
    pub fn new(env: &Env, cost: HashCost) -> Result<Self> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(failed)?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let unknown: [u8; 32] = env.bytes();
        let dummy = phc(&params, &unknown, &env.bytes::<16>(), &mut Memory::default())?;
        Ok(Self {
            params,
            turns: Arc::new(Turns::new(cores)?),
            dummy: dummy.into(),
            verifications: Arc::default(),
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
        self.turns.take(move |memory| phc(&params, input.expose(), &salt, memory)).await?
    }

    /// Verifies against the PHC string; against one that nothing fits when there
    /// is none. INVARIANT: each call runs Argon2 exactly once.
    pub async fn verify(&self, input: Secret<Vec<u8>>, phc: Option<String>) -> Result<Verified> {
        let known = phc.is_some();
        let kept = Phc::parse(phc.as_deref().unwrap_or(&self.dummy))?;
        let params = self.params.clone();
        let count = self.verifications.clone();
        self.turns
            .take(move |memory| {
                count.fetch_add(1, Ordering::Relaxed);
                // Outputs are compared in constant time.
                let right = kept.again(input.expose(), memory)? == kept.output && known;
                let cost = |p: &Params| (p.m_cost(), p.t_cost(), p.p_cost());
                let outdated = right && cost(&kept.params) != cost(&params);
                Ok(Verified { right, outdated })
            })
            .await?
    }
}
