//! How often may be guessed.
//!
//! Each guess is counted before it is looked at and taken back when it was
//! right, so that a hundred at once find the same limit as a hundred in a row.
//! Counters are kept by the one canonical identity (or, for names that nobody
//! has, by the name's hash, so that both answer alike), by network address, and
//! over all. Passkeys are exempt: there is nothing to guess.

use std::net::IpAddr;
use std::time::Duration;

use aws_lc_rs::digest;
use doorward_core::{Env, IdentityId, Network, Timestamp};
use doorward_store::throttle::{self as rows, Failures};
use doorward_store::{Conn, Db};

use crate::budget::Budget;
use crate::error::{Result, SignInError};
use crate::factors::Later;

/// Failures without consequence.
const FREE: i64 = 5;
/// Failures after which nothing is tried for a while.
const SOFT: i64 = 10;
/// Failures in a row after which only a passkey or an administrator helps
/// (NIST SP 800-63B-4 section 3.2.2).
const HARD: i64 = 100;
const SOFT_FOR: Duration = Duration::from_secs(30 * 60);
/// In effect for good; an administrator's link ends it.
const HARD_FOR: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// An address stands for many people.
const ADDRESS_FREE: i64 = 50;
const ADDRESS_SOFT: i64 = 200;
/// Quiet for this long, an address begins anew.
const ADDRESS_QUIET: Duration = Duration::from_secs(3600);
/// Failures over all in a minute, on all nodes together.
const ALL: i64 = 600;

/// Whose guesses are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    subject: String,
    address: Option<String>,
}

impl Keys {
    /// Of somebody known.
    pub fn identity(id: IdentityId, network: &Network) -> Self {
        Self { subject: format!("identity:{id}"), address: address(network) }
    }

    /// Of somebody signed in who types confirmation codes: other guesses than
    /// those at their own authenticators.
    pub fn code(id: IdentityId, network: &Network) -> Self {
        Self { subject: format!("code:{id}"), address: address(network) }
    }

    /// Of a name that nobody has.
    pub fn stranger(canonical: &str, network: &Network) -> Self {
        let hash = digest::digest(&digest::SHA256, canonical.as_bytes());
        Self { subject: format!("name:{}", hex::encode(hash)), address: address(network) }
    }
}

/// One IPv4 address, or one IPv6 network of the size that one customer has.
pub(crate) fn address(network: &Network) -> Option<String> {
    match network.address?.to_canonical() {
        IpAddr::V4(v4) => Some(format!("address:{v4}/32")),
        IpAddr::V6(v6) => {
            let prefix = u128::from(v6) >> 64 << 64;
            Some(format!("address:{}/64", std::net::Ipv6Addr::from(prefix)))
        }
    }
}

/// Counts guesses.
#[derive(Clone)]
pub(crate) struct Throttle {
    db: Db,
    all: Budget,
}

impl Throttle {
    pub fn new(db: &Db, env: &Env) -> Self {
        Self { db: db.clone(), all: Budget::new(db, env, "all", ALL) }
    }

    /// Counts a guess, before anybody looks at it. Refused when there were too
    /// many; then it was not counted.
    pub async fn reserve(&self, keys: &Keys, now: Timestamp) -> Result<()> {
        self.all.take(now).await?;
        let k = keys.clone();
        let outcome = self
            .db
            .write(move |c| {
                if let Some(wait) = look(c, &k.subject, now, FREE, SOFT, None)? {
                    return Ok(Some(wait));
                }
                if let Some(address) = &k.address {
                    let quiet = Some(ADDRESS_QUIET);
                    if let Some(wait) = look(c, address, now, ADDRESS_FREE, ADDRESS_SOFT, quiet)? {
                        return Ok(Some(wait));
                    }
                    count(c, address, now, ADDRESS_SOFT, quiet)?;
                }
                count(c, &k.subject, now, SOFT, None)?;
                Ok::<_, doorward_store::Error>(None)
            })
            .await;
        // Whoever is refused uses up nothing that others need.
        if !matches!(outcome, Ok(None)) {
            self.all.give_back();
        }
        match outcome {
            Ok(None) => Ok(()),
            Ok(Some(wait)) => Err(SignInError::TooMany(wait)),
            // So many at once that the database gave up on ours: one too many.
            Err(doorward_store::Error::Contention) => {
                Err(SignInError::TooMany(Duration::from_secs(1)))
            }
            Err(e) => Err(e.into()),
        }
    }

    /// The guess was right, but is not the last that is asked for: takes back
    /// its own count and no other, so that a known password buys no guesses at
    /// the second factor.
    pub async fn was_right(&self, keys: &Keys) -> Result<()> {
        let keys = keys.clone();
        self.all.give_back();
        Ok(self.db.write(move |c| Self::take_back(c, &keys)).await?)
    }

    /// The same in the transaction of the step that it was right for.
    pub fn is_right(&self, keys: Keys, later: &mut Later) {
        self.all.give_back();
        later.push(move |c| Self::take_back(c, &keys));
    }

    fn take_back(c: &Conn<'_>, keys: &Keys) -> doorward_store::Result<()> {
        rows::refund(c, &keys.subject)?;
        keys.address.as_deref().map_or(Ok(()), |address| rows::refund(c, address))
    }

    /// All that was asked for was proven, or an administrator opens the lock: in
    /// the transaction that makes use of it.
    pub fn forgive(c: &Conn<'_>, id: IdentityId) -> doorward_store::Result<()> {
        rows::clear(c, &format!("identity:{id}"))
    }
}

/// How long to wait, if at all.
fn look(
    c: &Conn<'_>,
    key: &str,
    now: Timestamp,
    free: i64,
    soft: i64,
    quiet: Option<Duration>,
) -> doorward_store::Result<Option<Duration>> {
    let Some(f) = rows::find(c, key)? else { return Ok(None) };
    if let Some(until) = f.locked_until
        && now < until
    {
        return Ok(Some(until.since(now)));
    }
    if quiet.is_some_and(|q| now.since(f.last_at) >= q) || f.failures < free || f.failures >= soft {
        return Ok(None);
    }
    let exponent = u32::try_from(f.failures - free).unwrap_or(0).min(16);
    let next = f.last_at + Duration::from_secs(1_u64 << exponent);
    Ok((now < next).then(|| next.since(now)))
}

fn count(
    c: &Conn<'_>,
    key: &str,
    now: Timestamp,
    soft: i64,
    quiet: Option<Duration>,
) -> doorward_store::Result<()> {
    let before = rows::find(c, key)?.filter(|f| quiet.is_none_or(|q| now.since(f.last_at) < q));
    let failures = before.map_or(0, |f| f.failures) + 1;
    let locked_until = match failures {
        n if n >= HARD && quiet.is_none() => Some(now + HARD_FOR),
        n if n >= soft => Some(now + SOFT_FOR),
        _ => None,
    };
    let first_at = before.map_or(now, |f| f.first_at);
    rows::put(c, key, &Failures { failures, first_at, last_at: now, locked_until })
}
