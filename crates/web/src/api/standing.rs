//! How much privilege stands, and stood: what was measured, day by day.

use doorward_core::{ReadAccess, Timestamp};
use doorward_store::order::Order;
use doorward_store::standing::{self, Day, DaySort};

use super::prelude::*;

/// How much privilege there was on a day, as it was measured last on that day.
#[derive(Serialize, JsonSchema)]
pub(super) struct AccessDay {
    /// The beginning of the day, in UTC.
    day: Timestamp,
    /// When it was measured.
    measured_at: Timestamp,
    /// People who reach some account without a request.
    people: u32,
    /// Workloads that do.
    workloads: u32,
    /// Accounts that somebody reaches without a request.
    accounts: u32,
    /// Who and what together: each is somebody on an account, without a request.
    pairs: u32,
    /// People and workloads that reach an account by a grant alone.
    granted_identities: u32,
    /// Accounts that are reached so.
    granted_accounts: u32,
    /// Both together: each is somebody on an account, by a grant in force.
    granted_pairs: u32,
    /// Those of them that stand on broken glass.
    broken_glass_pairs: u32,
    /// Whether everybody was asked about everything; if not, the numbers are the least
    /// that there was.
    complete: bool,
}

impl From<Day> for AccessDay {
    fn from(d: Day) -> Self {
        Self {
            day: d.day,
            measured_at: d.measured_at,
            people: d.people,
            workloads: d.workloads,
            accounts: d.accounts,
            pairs: d.pairs,
            granted_identities: d.granted_identities,
            granted_accounts: d.granted_accounts,
            granted_pairs: d.granted_pairs,
            broken_glass_pairs: d.broken_pairs,
            complete: d.complete,
        }
    }
}

listing! {
    /// Which days.
    AccessDayQuery sorted by DaySort, Order::down(DaySort::Day);
    {
        /// Days that begin not before.
        since: Timestamp,
        /// Days that begin before.
        until: Timestamp,
    }
}

pub(super) async fn history(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<AccessDayQuery>,
) -> Answer<Listed<AccessDay>> {
    s.allow(&caller.actor, ReadAccess {})?;
    let filter = standing::Filter { since: q.since, until: q.until };
    let read = move |c: &doorward_store::Conn<'_>, at: &_| standing::search(c, &filter, at);
    let found = s.cursors.sorted(&s.db, "access-history", &q.page(), read).await?;
    page(found.items.into_iter().map(AccessDay::from).collect(), found.next)
}
