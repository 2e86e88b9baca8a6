//! Effective access: who reaches what, by which path, at once or on request.
//!
//! Promises: every answer is the policy engine's (`doorward_policy::Reaching`), with
//! the grants that are in force; the work of one call is bounded.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use doorward_core::lifecycle::LiveGrant;
use doorward_core::{
    Action, Context, Entity, GrantId, IdentityId, Network, ReadAccess, Requirement, Timestamp,
};
use doorward_policy::{Path as AccessPath, Reached, Reaching, Subject};
use doorward_store::grant::{self, GrantSort, GrantState};
use doorward_store::order::{Keyset, Order};
use doorward_store::{event, privileged_session};

use super::prelude::*;

/// So many pairs and memberships one call asks about at most, or as many as the pair
/// needs that it is at.
const MOST_ASKED: usize = 4_000;
/// After so many others get their turn.
const TURN: usize = 32;
/// How far back it is looked for the last use of an application.
const LOOKED_BACK: Duration = Duration::from_secs(90 * 86_400);
/// Grants are read so many at once.
const BATCH: i64 = 1_000;

/// Whose, or to what. One of `who`, `group`, `what` and `standing` has to be there;
/// `what` may narrow the others.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AccessQuery {
    /// What this person or workload reaches, by name or id.
    who: Option<String>,
    /// What this group gives to an employee or workload in it, by name or id.
    group: Option<String>,
    /// Who reaches this: `deploy@web-1`, an application, or a target with all accounts.
    what: Option<String>,
    /// Only what is reached so.
    how: Option<AccessHow>,
    /// Only what policy gives without a request, or only what it does not.
    standing: Option<bool>,
    /// Only those who are this.
    who_kind: Option<AccessWho>,
    /// Only what is this.
    what_kind: Option<AccessWhat>,
    /// As from this address; from none when absent.
    address: Option<IpAddr>,
    /// The cursor of the page before; it is good for the same question only.
    cursor: Option<String>,
    /// At most this many, 1 to 200; 50 when absent.
    limit: Option<i64>,
}

/// How something is reached, by whoever signed in with a password and a second
/// factor just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AccessHow {
    /// At once.
    Now,
    /// After another proof.
    StepUp,
    /// When a request is approved, or at least filed.
    Request,
    /// By breaking the glass only.
    BreakGlass,
}

/// What something is that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) enum AccessWhat {
    /// An account on a target.
    Account,
    /// An application.
    Application,
}

/// What somebody is who reaches something.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub(super) enum AccessWho {
    /// A person.
    Person,
    /// A workload.
    Workload,
    /// Any employee in a group who is in nothing else.
    PersonInGroup,
    /// Any workload in a group that is in nothing else.
    WorkloadInGroup,
}

/// That somebody reaches something.
#[derive(Serialize, JsonSchema)]
pub(super) struct EffectiveAccess {
    /// The name of the person, workload or group.
    who: String,
    /// Which of these it is.
    who_kind: AccessWho,
    /// Its id.
    who_id: String,
    /// `deploy@web-1`, or the name of an application.
    what: String,
    /// `Account` or `Application`.
    what_kind: String,
    /// Its id.
    what_id: String,
    /// How.
    how: AccessHow,
    /// Whether policy gives it without a request; what a grant gives does not stand.
    standing: bool,
    /// What policy asks for before.
    requirements: Vec<Requirement>,
    /// The same for a person.
    sentences: Vec<String>,
    /// The policies that permit it.
    policies: Vec<String>,
    /// By what: each path is enough. Eight for one group or role at most.
    paths: Vec<AccessPath>,
    /// The grant in force that it stands on.
    grant: Option<GrantId>,
    /// When that grant ends.
    until: Option<Timestamp>,
    /// Whether the glass may be broken for it.
    break_glass: bool,
    /// When they last used it; of an application, in the last 90 days.
    last_used: Option<Timestamp>,
}

/// Somebody, in the order of the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Who {
    name: String,
    id: String,
    kind: AccessWho,
}

/// Something, in the order of the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct What {
    name: String,
    kind: String,
    id: String,
}

impl Who {
    fn subject(&self) -> Option<Subject> {
        Some(match self.kind {
            AccessWho::Person | AccessWho::Workload => Subject::Identity(self.id.parse().ok()?),
            AccessWho::PersonInGroup => Subject::PersonIn(self.id.parse().ok()?),
            AccessWho::WorkloadInGroup => Subject::WorkloadIn(self.id.parse().ok()?),
        })
    }

    fn identity(&self) -> Option<IdentityId> {
        match self.subject()? {
            Subject::Identity(id) => Some(id),
            Subject::PersonIn(_) | Subject::WorkloadIn(_) => None,
        }
    }
}

impl What {
    fn is(&self, kind: AccessWhat) -> bool {
        self.kind
            == match kind {
                AccessWhat::Account => "Account",
                AccessWhat::Application => "Application",
            }
    }

    fn entity(&self) -> Entity {
        Entity { kind: self.kind.clone(), id: self.id.clone() }
    }
}

pub(super) async fn list(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<AccessQuery>,
) -> Answer<Listed<EffectiveAccess>> {
    s.allow(&caller.actor, ReadAccess {})?;
    let (whos, whats) = (whos(&s, &q)?, whats(&s, &q)?);
    let place = format!(
        "access {:?}",
        (&q.who, &q.group, &q.what, q.how, q.address, q.standing, q.who_kind, q.what_kind)
    );
    let after: Option<(Who, What)> =
        q.cursor.as_deref().map(|c| s.cursors.unseal(&place, c)).transpose()?;
    let most = usize::try_from(q.limit.unwrap_or(50)).unwrap_or(1).clamp(1, 200);
    let whos = match &after {
        Some((who, _)) => whos.into_iter().filter(|w| w >= who).collect(),
        None => whos,
    };
    // Each of them takes a question at least.
    let whos = smallest(whos, MOST_ASKED + 1);
    let nobody = whats.is_empty() || whos.iter().all(|w| w.identity().is_none());
    let grants = if nobody { Held::new() } else { grants(&s, &whos, &whats).await? };
    let (mut items, mut asked) = (Vec::new(), 0_usize);
    for who in &whos {
        for what in &whats {
            if after.as_ref().is_some_and(|(w, t)| who == w && what <= t) {
                continue;
            }
            asked += 1;
            if asked.is_multiple_of(TURN) {
                tokio::task::yield_now().await;
            }
            let none = Vec::new();
            let held = who.identity().and_then(|id| grants.get(&(id, what.id.clone())));
            if let Some((mut item, way)) = way(&s, &q, who, what, held.unwrap_or(&none)) {
                let (paths, questions) = s.engine.paths(&way.0, &way.1);
                asked += questions;
                item.paths = paths;
                item.last_used = last_used(&s, who, what).await?;
                items.push(item);
            }
            if items.len() == most || asked >= MOST_ASKED {
                let next = s.cursors.seal(&place, &(who, what))?;
                return page(items, Some(next));
            }
        }
    }
    page(items, None)
}

fn whos(s: &AppState, q: &AccessQuery) -> Result<Vec<Who>, Problem> {
    let world = s.engine.world();
    let kind = |person| if person { AccessWho::Person } else { AccessWho::Workload };
    let everybody = || {
        world.everybody().map(|(name, id, person)| Who {
            name: name.to_string(),
            id: id.to_string(),
            kind: kind(person),
        })
    };
    let mut whos: Vec<Who> = match (&q.who, &q.group, &q.what) {
        (Some(_), Some(_), _) => {
            return Err(invalid("group", "ask for somebody or for a group"));
        }
        (Some(text), None, _) => {
            let id = identity(s, text).map_err(|_| invalid("who", "nobody has this name"))?;
            let id = id.to_string();
            everybody().filter(|w| w.id == id).collect()
        }
        (None, Some(text), _) => {
            let id = world.group_named(text);
            let id = id.ok_or_else(|| invalid("group", "no group has this name"))?;
            let name = world.name_of_entity(&Entity::new("Group", id)).unwrap_or_default();
            let of = |kind| Who { name: name.clone(), id: id.to_string(), kind };
            vec![of(AccessWho::PersonInGroup), of(AccessWho::WorkloadInGroup)]
        }
        (None, None, Some(_)) => everybody().collect(),
        (None, None, None) if q.standing.is_some() => everybody().collect(),
        (None, None, None) => return Err(invalid("who", "say who, which group, or what")),
    };
    whos.retain(|w| q.who_kind.is_none_or(|kind| kind == w.kind));
    Ok(whos)
}

/// In order; what may not be used at the moment is not there.
fn whats(s: &AppState, q: &AccessQuery) -> Result<Vec<What>, Problem> {
    let world = s.engine.world();
    let all = match &q.what {
        Some(text) => super::support::abouts(s, "what", text)?,
        None => {
            let accounts = world.accounts().map(|(a, _)| Entity::new("Account", a.id));
            let applications = world.applications().map(|(id, _)| Entity::new("Application", id));
            accounts.chain(applications).collect()
        }
    };
    let named = |e: Entity| {
        let name = world.name_of_entity(&e)?;
        Some(What { name, kind: e.kind, id: e.id })
    };
    let mut all: Vec<What> = all.into_iter().filter_map(named).collect();
    all.retain(|w| q.what_kind.is_none_or(|kind| w.is(kind)));
    all.sort_unstable();
    Ok(all)
}

/// The smallest of these, in order.
fn smallest<T: Ord>(mut all: Vec<T>, most: usize) -> Vec<T> {
    if all.len() > most {
        all.select_nth_unstable(most);
        all.truncate(most);
    }
    all.sort_unstable();
    all
}

type Held = HashMap<(IdentityId, String), Vec<LiveGrant>>;

/// The grants in force that may matter.
async fn grants(s: &AppState, whos: &[Who], whats: &[What]) -> Result<Held, Problem> {
    let one = match whos {
        [who] => who.identity(),
        _ => None,
    };
    let filter = grant::Filter {
        state: Some((GrantState::Live, s.env.now())),
        holder: one,
        about: one.is_none().then(|| whats.iter().map(What::entity).collect()),
        ..grant::Filter::default()
    };
    let mut at = Keyset { order: Order::down(GrantSort::EndsAt), after: None, limit: BATCH };
    let mut held = Held::new();
    loop {
        let (filter, from) = (filter.clone(), at.clone());
        let rows = s.db.read(move |c| grant::search(c, &filter, &from)).await?;
        let full = i64::try_from(rows.len()).is_ok_and(|n| n == BATCH);
        for row in rows {
            at.after = Some(row.mark);
            let grant = row.item.grant;
            held.entry((grant.holder, grant.about.id.clone())).or_default().push(grant);
        }
        if !full {
            return Ok(held);
        }
    }
}

/// Whether they reach it, and by what answer of the engine's.
fn way(
    s: &AppState,
    q: &AccessQuery,
    who: &Who,
    what: &What,
    held: &[LiveGrant],
) -> Option<(EffectiveAccess, (Reaching, Reached))> {
    let account = what.kind == "Account";
    let asked = Reaching {
        subject: who.subject()?,
        action: if account { Action::OpenSession } else { Action::OpenApplication },
        about: what.entity(),
        network: Network { address: q.address },
        context: Context::default(),
    };
    let plain = s.engine.reached(&asked);
    let standing = plain.as_ref().is_some_and(Reached::stands);
    let by_grant = |grant: &LiveGrant| {
        let asked = Reaching { context: grant.context(), ..asked.clone() };
        let reached = s.engine.reached(&asked).filter(Reached::stands)?;
        Some((grant.id, grant.ends_at, asked, reached))
    };
    let granted = if standing { None } else { held.iter().find_map(by_grant) };
    let glass = account.then(|| asked.by_glass());
    let waits = |r: &Requirement| matches!(r, Requirement::Approvals { .. });
    let glass = glass
        .and_then(|asked| s.engine.reached(&asked).map(|reached| (asked, reached)))
        .filter(|(_, reached)| !reached.requirements.iter().any(waits));
    let break_glass = glass.is_some();
    let over = |reached: &Reached| {
        if reached.requirements.is_empty() { AccessHow::Now } else { AccessHow::StepUp }
    };
    let (how, grant, until, way) = match (granted, plain, glass) {
        (Some((id, end, asked, reached)), _, _) => {
            (over(&reached), Some(id), Some(end), (asked, reached))
        }
        (None, Some(reached), _) => {
            let how = if standing { over(&reached) } else { AccessHow::Request };
            (how, None, None, (asked, reached))
        }
        (None, None, Some(glass)) => (AccessHow::BreakGlass, None, None, glass),
        (None, None, None) => return None,
    };
    if q.how.is_some_and(|wanted| wanted != how) || q.standing.is_some_and(|s| s != standing) {
        return None;
    }
    let requirements = way.1.requirements.clone();
    let item = EffectiveAccess {
        who: who.name.clone(),
        who_kind: who.kind,
        who_id: who.id.clone(),
        what: what.name.clone(),
        what_kind: what.kind.clone(),
        what_id: what.id.clone(),
        how,
        standing,
        sentences: requirements.iter().map(Requirement::sentence).collect(),
        requirements,
        policies: way.1.policies.clone(),
        paths: Vec::new(),
        grant,
        until,
        break_glass,
        last_used: None,
    };
    Some((item, way))
}

async fn last_used(s: &AppState, who: &Who, what: &What) -> Result<Option<Timestamp>, Problem> {
    let Some(identity) = who.identity() else { return Ok(None) };
    let since = s.env.now() - LOOKED_BACK;
    let what = what.clone();
    let found = s.db.read(move |c| match (what.id.parse(), what.id.parse()) {
        (Ok(account), _) if what.kind == "Account" => {
            privileged_session::last_on(c, identity, account)
        }
        (_, Ok(application)) => event::last_opened(c, identity, application, since),
        _ => Ok(None),
    });
    Ok(found.await?)
}
