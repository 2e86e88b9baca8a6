//! How much privilege stands, measured about once an hour and kept by day.
//!
//! Owns: the count of who reaches which account without a request, and of who
//! reaches one by a grant alone.
//! Promises: every count is the policy engine's answer to the question that
//! `GET /api/v1/access` asks; one node measures at a time; the questions are asked
//! in small parts with pauses between, so that decisions that somebody waits for
//! never wait for these.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use doorward_core::lifecycle::LiveGrant;
use doorward_core::{
    AccountId, Action, Context, Entity, Env, IdentityId, Network, NodeId, Timestamp,
};
use doorward_policy::{Engine, Reached, Reaching, Subject};
use doorward_store::grant::{self, GrantSort, GrantState};
use doorward_store::order::{Keyset, Order};
use doorward_store::standing::{self, Day};
use doorward_store::{Db, lease};
use tokio_util::sync::CancellationToken;

const LEASE: &str = "standing";
/// Longer than there is between two renewals.
const HOLD: Duration = Duration::from_secs(600);
/// The lease is renewed this often.
const RENEW: Duration = Duration::from_secs(120);
/// How often it is looked whether it is time.
const BEAT: Duration = Duration::from_secs(60);
/// What was measured is measured again after this.
const AGAIN: Duration = Duration::from_secs(3_600);
/// So many questions are asked in a row, and then others have their turn.
const SLICE: u64 = 64;
/// For so long: about twice what a slice takes.
const PAUSE: Duration = Duration::from_millis(15);
/// More are not asked; what is found then is the least that stands.
const MOST: u64 = 20_000_000;
/// Grants are read so many at once.
const BATCH: i64 = 1_000;
const DAY: i64 = 86_400;

/// Measures how much privilege stands.
pub struct Standing {
    db: Db,
    engine: Arc<Engine>,
    env: Env,
    node: NodeId,
    most: u64,
}

/// A measurement that is under way.
struct Turn {
    asked: u64,
    renewed_at: Timestamp,
}

impl Standing {
    /// Over this database and by this engine's answers.
    pub fn new(db: &Db, engine: Arc<Engine>, env: &Env) -> Self {
        Self { db: db.clone(), engine, env: env.clone(), node: NodeId::new(env), most: MOST }
    }

    /// Asks no more than this many questions.
    #[must_use]
    pub fn at_most(self, most: u64) -> Self {
        Self { most, ..self }
    }

    /// Measures whenever it is time, until `shutdown`; then gives the lease back.
    pub async fn run(self, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = tokio::time::sleep(BEAT) => {}
            }
            tokio::select! {
                () = shutdown.cancelled() => break,
                done = self.round() => if let Err(error) = done {
                    tracing::warn!(%error, "cannot measure how much privilege stands");
                },
            }
        }
        let node = self.node;
        let _ = self.db.write(move |c| lease::release(c, LEASE, node)).await;
    }

    /// Measures, when it is time and no other node does; gives what was kept.
    pub async fn round(&self) -> doorward_store::Result<Option<Day>> {
        let newest = self.db.read(standing::newest).await?;
        let now = self.env.now();
        if newest.is_some_and(|at| now.since(at) < AGAIN && day_of(at) == day_of(now)) {
            return Ok(None);
        }
        if !self.hold(now).await? {
            return Ok(None);
        }
        let found = self.measure().await?;
        if let Some(day) = found.clone() {
            let id = self.env.uuid();
            self.db.write(move |c| standing::keep(c, id, &day)).await?;
        }
        let node = self.node;
        self.db.write(move |c| lease::release(c, LEASE, node)).await?;
        Ok(found)
    }

    async fn hold(&self, now: Timestamp) -> doorward_store::Result<bool> {
        let node = self.node;
        self.db.write(move |c| lease::acquire(c, LEASE, node, now, HOLD)).await
    }

    /// Asks about everybody and every account; none, when another node has taken over.
    async fn measure(&self) -> doorward_store::Result<Option<Day>> {
        let now = self.env.now();
        let world = self.engine.world();
        let who: Vec<(IdentityId, bool)> = world.everybody().map(|(_, id, p)| (id, p)).collect();
        let what: Vec<AccountId> = world.accounts().map(|(a, _)| a.id).collect();
        drop(world);
        let mut turn = Turn { asked: 0, renewed_at: now };
        let (mut people, mut workloads, mut pairs) = (0, 0, 0);
        let mut accounts = HashSet::new();
        let mut complete = true;
        'all: for (id, person) in who {
            let mut any = false;
            for account in &what {
                if turn.asked >= self.most {
                    complete = false;
                    break 'all;
                }
                if !self.rest(&mut turn).await? {
                    return Ok(None);
                }
                if self.stands(&plain(id, *account)) {
                    any = true;
                    pairs += 1;
                    accounts.insert(*account);
                }
            }
            match (any, person) {
                (true, true) => people += 1,
                (true, false) => workloads += 1,
                (false, _) => {}
            }
        }
        let mut day = Day {
            day: day_of(now),
            measured_at: now,
            people,
            workloads,
            accounts: count(&accounts),
            pairs,
            granted_identities: 0,
            granted_accounts: 0,
            granted_pairs: 0,
            broken_pairs: 0,
            complete,
        };
        Ok(self.granted(&mut turn, &mut day).await?.then_some(day))
    }

    /// Counts what grants give that does not stand; false, when another node has
    /// taken over.
    async fn granted(&self, turn: &mut Turn, day: &mut Day) -> doorward_store::Result<bool> {
        let filter = grant::Filter {
            state: Some((GrantState::Live, day.measured_at)),
            ..grant::Filter::default()
        };
        let mut at = Keyset { order: Order::down(GrantSort::EndsAt), after: None, limit: BATCH };
        let (mut pairs, mut broken) = (HashSet::new(), HashSet::new());
        loop {
            let (wanted, from) = (filter.clone(), at.clone());
            let rows = self.db.read(move |c| grant::search(c, &wanted, &from)).await?;
            let full = i64::try_from(rows.len()).is_ok_and(|n| n == BATCH);
            for row in rows {
                at.after = Some(row.mark);
                let grant = row.item.grant;
                let Some(account) = account_of(&grant) else { continue };
                let pair = (grant.holder, account);
                if pairs.contains(&pair) && !grant.break_glass {
                    continue;
                }
                if turn.asked >= self.most {
                    day.complete = false;
                    break;
                }
                if !self.rest(turn).await? {
                    return Ok(false);
                }
                let asked = plain(grant.holder, account);
                let with = Reaching { context: grant.context(), ..asked.clone() };
                if !self.stands(&asked) && self.stands(&with) {
                    pairs.insert(pair);
                    if grant.break_glass {
                        broken.insert(pair);
                    }
                }
            }
            if !full || !day.complete {
                break;
            }
        }
        day.granted_identities = count(&pairs.iter().map(|(who, _)| *who).collect());
        day.granted_accounts = count(&pairs.iter().map(|(_, what)| *what).collect());
        (day.granted_pairs, day.broken_pairs) = (count(&pairs), count(&broken));
        Ok(true)
    }

    fn stands(&self, asked: &Reaching) -> bool {
        self.engine.reached(asked).as_ref().is_some_and(Reached::stands)
    }

    /// Counts a question and lets others have their turn; false, when the lease is lost.
    async fn rest(&self, turn: &mut Turn) -> doorward_store::Result<bool> {
        turn.asked += 1;
        if !turn.asked.is_multiple_of(SLICE) {
            return Ok(true);
        }
        tokio::time::sleep(PAUSE).await;
        let now = self.env.now();
        if now.since(turn.renewed_at) < RENEW {
            return Ok(true);
        }
        turn.renewed_at = now;
        self.hold(now).await
    }
}

/// By whoever proved two factors just now, from nowhere in particular.
fn plain(who: IdentityId, account: AccountId) -> Reaching {
    Reaching {
        subject: Subject::Identity(who),
        action: Action::OpenSession,
        about: Entity::new("Account", account),
        network: Network::default(),
        context: Context::default(),
    }
}

fn account_of(grant: &LiveGrant) -> Option<AccountId> {
    (grant.about.kind == "Account").then(|| grant.about.id.parse().ok())?
}

fn count<T>(set: &HashSet<T>) -> u32 {
    u32::try_from(set.len()).unwrap_or(u32::MAX)
}

/// Its beginning, in UTC.
fn day_of(at: Timestamp) -> Timestamp {
    Timestamp::from_secs(at.secs().div_euclid(DAY) * DAY)
}
