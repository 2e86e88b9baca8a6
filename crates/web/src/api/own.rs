//! What I can open, reach and do: what a portal shows to whoever is signed in.

use std::collections::HashSet;

use doorward_core::lifecycle::RequestState;
use doorward_core::{
    AccountId, Action, ApplicationId, Context, DecideRequest, Decider as _, Entity, Name,
    PrivilegedSessionId, Question, ReadSession, Requirement, Resource, Timestamp, Verdict,
};
use doorward_grants::Risk;
use doorward_sso::{ApplicationView, Kind};
use doorward_store::application::{self, ApplicationSort};
use doorward_store::grant::{self, GrantState};
use doorward_store::identity::{self, Relation};
use doorward_store::order::{Keyset, Order, Sort, Wanted};
use doorward_store::privileged_session::{self as rows, PrivilegedSessionSort};
use doorward_store::request::{self, RequestRow, RequestSort};
use doorward_store::target::{self, Labels};
use doorward_store::{Conn, account};

use super::access::{self, Grant, GrantQuery, Request, RequestQuery};
use super::listing::sifted;
use super::prelude::*;
use super::sessions::{self, SessionQuery, ShownSession};
use crate::pages::{provable, reach};

/// One call asks about so many accounts or applications at most.
const MOST: usize = 1_000;
/// After so many others get their turn.
const TURN: usize = 32;
/// Applications are read so many at once.
const BATCH: i64 = 200;

/// How something can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum How {
    /// At once.
    Now,
    /// After a fresh proof.
    StepUp,
    /// From a managed device.
    ManagedDevice,
    /// When a request is approved.
    Request,
}

impl From<reach::How> for How {
    fn from(how: reach::How) -> Self {
        match how {
            reach::How::Now => Self::Now,
            reach::How::StepUp => Self::StepUp,
            reach::How::ManagedDevice => Self::ManagedDevice,
            reach::How::Request => Self::Request,
        }
    }
}

/// An account on a target that I reach, or could.
#[derive(Serialize, JsonSchema)]
pub(super) struct Reach {
    /// The account.
    account: AccountId,
    /// `deploy@web-1`.
    name: String,
    /// The name of the target.
    target: String,
    /// The kind of the target.
    kind: String,
    /// How.
    how: How,
    /// What policy asks for before.
    requirements: Vec<Requirement>,
    /// Whether the glass may be broken for it.
    break_glass: bool,
    /// What to run in one's own terminal; none where the node has no gateway.
    command: Option<String>,
}

/// An application that I can open, or could.
#[derive(Serialize, JsonSchema)]
pub(super) struct OwnApplication {
    /// Its id.
    id: ApplicationId,
    /// Its name.
    name: String,
    /// What people read.
    title: String,
    /// What it is for.
    description: String,
    /// Where it begins.
    launch_url: Option<String>,
    /// How.
    how: How,
    /// What policy asks for before.
    requirements: Vec<Requirement>,
}

/// When somebody was last where they ask to go.
#[derive(Serialize, JsonSchema)]
pub(super) struct LastThere {
    /// When that began.
    started_at: Timestamp,
    /// Which privileged session; none for those who may not look into it.
    session: Option<PrivilegedSessionId>,
}

/// A request that waits for my word, and what its decision needs to know.
#[derive(Serialize, JsonSchema)]
pub(super) struct PendingApproval {
    #[serde(flatten)]
    request: Request,
    /// Who asks, as people know them.
    requester_display_name: String,
    /// What they are to the organisation; people only.
    requester_relation: Option<Relation>,
    /// What they are in, directly or through groups.
    requester_groups: Vec<Name>,
    /// What the target or application is.
    about_description: String,
    /// The labels of the account and its target.
    about_labels: Labels,
    /// When they were last there.
    last_there: Option<LastThere>,
    /// What speaks for a second look at it.
    risk: Option<Risk>,
}

/// What I may do.
#[derive(Serialize, JsonSchema)]
pub(super) struct Permissions {
    /// At once.
    now: Vec<Action>,
    /// After a fresh proof.
    step_up: Vec<Action>,
}

impl Permissions {
    /// Which of these the caller may do to this, as the decider says.
    pub(super) fn over(s: &AppState, caller: &Caller, on: &Resource, actions: &[Action]) -> Self {
        let (mut now, mut step_up) = (Vec::new(), Vec::new());
        for action in actions {
            let question = Question {
                actor: caller.actor.clone(),
                action: *action,
                resource: on.clone(),
                context: Context::default(),
            };
            match s.engine.decide(&question) {
                Verdict::Permit { .. } => now.push(*action),
                Verdict::Deny(denied) if provable(&denied) => step_up.push(*action),
                Verdict::Deny(_) => {}
            }
        }
        Self { now, step_up }
    }
}

/// What can be asked about the house itself.
const OF_HOUSE: &[Action] = &[
    Action::ListSecret,
    Action::WriteSecret,
    Action::ReadIdentity,
    Action::DisableIdentity,
    Action::ManageAuthenticators,
    Action::WriteIdentity,
    Action::ReadDevice,
    Action::ManageDevice,
    Action::ReadGroup,
    Action::WriteGroup,
    Action::ReadRole,
    Action::WriteRole,
    Action::ReadApplication,
    Action::WriteApplication,
    Action::ReadTarget,
    Action::WriteTarget,
    Action::ReadPolicy,
    Action::WritePolicy,
    Action::ReadAccess,
    Action::ReadAudit,
    Action::ManageSeal,
    Action::WriteSettings,
    Action::ReadStatus,
];

pub(super) async fn permissions(
    State(s): State<AppState>,
    caller: Caller,
) -> Answer<Shown<Permissions>> {
    answer(Permissions::over(&s, &caller, &Resource::house(), OF_HOUSE))
}

listing! {
    /// Which of the applications that I can open or ask for.
    OwnApplicationQuery sorted by ApplicationSort, Order::up(ApplicationSort::Title);
    {
        /// Part of the name, the title or the description.
        q: String,
        /// Only what opens so.
        how: How,
    }
}

pub(super) async fn applications(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<OwnApplicationQuery>,
) -> Answer<Listed<OwnApplication>> {
    const LIST: &str = "own-applications";
    let wanted = q.page();
    let filter = application::Filter { q: q.q.clone(), enabled: Some(true) };
    let mut at = s.cursors.begin(LIST, &wanted)?;
    at.limit = BATCH;
    let most = usize::try_from(wanted.most()).unwrap_or(1);
    let (mut items, mut looked) = (Vec::new(), 0);
    loop {
        let (filter, from) = (filter.clone(), at.clone());
        let rows = s.db.read(move |c| application::search(c, &filter, &from)).await?;
        let full = i64::try_from(rows.len()).is_ok_and(|n| n == BATCH);
        for row in rows {
            if items.len() == most || looked >= MOST {
                let next = at.after.as_ref();
                let next = next.map(|mark| s.cursors.after(LIST, wanted.order, mark));
                return page(items, next.transpose()?);
            }
            looked += 1;
            at.after = Some(row.mark);
            items.extend(openable(&s, &caller, row.item, q.how).await?);
        }
        if !full {
            return page(items, None);
        }
    }
}

/// The application, if the caller could open it in this way.
async fn openable(
    s: &AppState,
    caller: &Caller,
    row: application::Application,
    wanted: Option<How>,
) -> Result<Option<OwnApplication>, Problem> {
    let a = ApplicationView::try_from(row)?;
    if a.settings.kind == Kind::Workload {
        return Ok(None);
    }
    let way = reach::thing(s, caller, &Entity::new("Application", a.id)).await?;
    let way = way.map(|way| (How::from(way.how), way.needs));
    Ok(way.filter(|(how, _)| wanted.is_none_or(|w| w == *how)).map(|(how, requirements)| {
        OwnApplication {
            how,
            requirements,
            launch_url: a.launch_url.filter(|u| is_web(u)),
            id: a.id,
            name: a.name.to_string(),
            title: a.title,
            description: a.description,
        }
    }))
}

/// An address that a browser may be led to.
fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "https" | "http"))
}

/// By what accounts that I reach are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnTargetSort {
    Name,
}

impl Sort for OwnTargetSort {
    const ALL: &'static [(&'static str, Self)] = &[("name", Self::Name)];
    fn name(self) -> &'static str {
        "name"
    }
}

listing! {
    /// Which of the accounts that I reach or can ask for.
    OwnTargetQuery sorted by OwnTargetSort, Order::up(OwnTargetSort::Name);
    {
        /// Part of `account@target`, or of the kind.
        q: String,
        /// Only what is reached so.
        how: How,
    }
}

/// An account by its name, in the order of the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    name: String,
    id: String,
    target: String,
    kind: String,
}

/// The accounts that fit, in order.
fn named(s: &AppState, q: &OwnTargetQuery) -> Vec<Named> {
    let needle = q.q.as_deref().unwrap_or_default().trim().to_lowercase();
    let world = s.engine.world();
    let mut all: Vec<Named> = world
        .accounts()
        .filter(|(_, t)| t.enabled)
        .map(|(a, t)| Named {
            name: format!("{}@{}", a.name, t.name),
            id: a.id.to_string(),
            target: t.name.to_string(),
            kind: t.kind.clone(),
        })
        .filter(|n| n.name.to_lowercase().contains(&needle) || n.kind.contains(&needle))
        .collect();
    all.sort_unstable();
    if q.page().order.descending {
        all.reverse();
    }
    all
}

pub(super) async fn targets(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<OwnTargetQuery>,
) -> Answer<Listed<Reach>> {
    let wanted = q.page();
    let place = format!("own-targets?sort={}", wanted.order.name());
    let after: Option<(String, String)> =
        q.cursor.as_deref().map(|c| s.cursors.unseal(&place, c)).transpose()?;
    let most = usize::try_from(wanted.most()).unwrap_or(1);
    let now = s.env.now();
    let held: HashSet<String> = s
        .grants
        .live_grants(Some(caller.id()), None, 200)
        .await?
        .into_iter()
        .filter(|g| g.grant.in_force(now) && g.grant.about.kind == "Account")
        .map(|g| g.grant.about.id)
        .collect();
    let past = |n: &Named| {
        after.as_ref().is_none_or(|(name, id)| {
            let (here, there) = ((&n.name, &n.id), (name, id));
            if wanted.order.descending { here < there } else { here > there }
        })
    };
    let (mut items, mut looked) = (Vec::new(), 0_usize);
    let mut last: Option<(String, String)> = None;
    for n in named(&s, &q).into_iter().filter(past) {
        if items.len() == most || looked >= MOST {
            let next = last.map(|place_of| s.cursors.seal(&place, &place_of)).transpose()?;
            return page(items, next);
        }
        looked += 1;
        if looked.is_multiple_of(TURN) {
            tokio::task::yield_now().await;
        }
        last = Some((n.name.clone(), n.id.clone()));
        let Ok(account) = n.id.parse::<AccountId>() else { continue };
        let way = reach::account(&s, &caller, account, held.contains(&n.id)).await?;
        let Some(way) = way.filter(|w| q.how.is_none_or(|how| how == w.how.into())) else {
            continue;
        };
        items.push(Reach {
            command: command(&s, &n.name, &n.kind),
            how: way.how.into(),
            requirements: way.needs,
            break_glass: reach::glass(&s, &caller, account).is_some(),
            account,
            name: n.name,
            target: n.target,
            kind: n.kind,
        });
    }
    page(items, None)
}

fn command(s: &AppState, name: &str, kind: &str) -> Option<String> {
    let (host, port) = s.config.ssh.as_ref().filter(|_| kind == "ssh")?;
    Some(match port {
        22 => format!("ssh {name}@{host}"),
        port => format!("ssh -p {port} {name}@{host}"),
    })
}

/// Whether this waits for the caller: pending, somebody else's, theirs to decide,
/// at once or after a fresh proof.
fn waits(s: &AppState, caller: &Caller, row: &RequestRow) -> bool {
    if row.requester == caller.id() || s.env.now() >= row.expires_at {
        return false;
    }
    let act = DecideRequest { request: row.id, requester: row.requester, about: row.about.clone() };
    s.allow(&caller.actor, act).map_or_else(|denied| provable(&denied), |_| true)
}

async fn last_there(
    s: &AppState,
    caller: &Caller,
    row: &RequestRow,
) -> Result<Option<LastThere>, Problem> {
    let Some(account) = row.about.id.parse().ok().filter(|_| row.about.kind == "Account") else {
        return Ok(None);
    };
    let who = row.requester;
    let filter =
        rows::Filter { identity: Some(who), account: Some(account), ..rows::Filter::default() };
    let at = Keyset { order: Order::down(PrivilegedSessionSort::StartedAt), after: None, limit: 1 };
    let found = s.db.read(move |c| rows::search(c, &filter, &at)).await?;
    Ok(found.into_iter().next().map(|p| p.item).map(|p| {
        let act = ReadSession { session: p.id, owner: p.identity, account: p.account };
        LastThere {
            started_at: p.started_at,
            session: s.allow(&caller.actor, act).is_ok().then_some(p.id),
        }
    }))
}

/// What a thing that is asked for is, in words and labels.
fn described(c: &Conn<'_>, about: &Entity) -> doorward_store::Result<(String, Labels)> {
    if let Some(id) = about.id.parse().ok().filter(|_| about.kind == "Account") {
        let Some(account) = account::find(c, id)? else { return Ok(Default::default()) };
        let Some(target) = target::find(c, account.target)? else {
            return Ok(Default::default());
        };
        let labels = target.labels.into_iter().chain(account.labels).collect();
        return Ok((target.description, labels));
    }
    let id = about.id.parse().ok().filter(|_| about.kind == "Application");
    let found = id.map(|id| application::find(c, id)).transpose()?.flatten();
    Ok((found.map(|a| a.description).unwrap_or_default(), Labels::new()))
}

pub(super) async fn approvals(
    State(s): State<AppState>,
    caller: Caller,
) -> Answer<Listed<PendingApproval>> {
    let me = caller.id();
    let said = s.db.read(move |c| request::decided_by(c, me)).await?;
    let filter =
        request::Filter { state: Some(RequestState::Pending), ..request::Filter::default() };
    let wanted = Wanted {
        order: Order::up(RequestSort::CreatedAt),
        cursor: None,
        limit: Some(doorward_store::cursor::LIMIT),
    };
    let read = move |c: &Conn<'_>, at: &_| request::search(c, &filter, at);
    let waiting = sifted(&s, "own-approvals", &wanted, read, |found: request::Counted| {
        (waits(&s, &caller, &found.request) && !said.contains(&found.request.id)).then_some(found)
    })
    .await?;
    let mut items = Vec::new();
    for found in waiting.items {
        let (who, about) = (found.request.requester, found.request.about.clone());
        let read = move |c: &Conn<'_>| {
            Ok::<_, doorward_store::Error>((identity::find(c, who)?, described(c, &about)?))
        };
        let (who, (about_description, about_labels)) = s.db.read(read).await?;
        let (requester_groups, _) =
            s.engine.world().memberships(found.request.requester, s.env.now());
        items.push(PendingApproval {
            requester_display_name: who
                .as_ref()
                .map(|i| i.display_name.clone())
                .unwrap_or_default(),
            requester_relation: who.and_then(|i| i.relation),
            requester_groups,
            about_description,
            about_labels,
            last_there: last_there(&s, &caller, &found.request).await?,
            risk: access::risk_for(&s, &caller, &found.request).await?,
            request: access::shown_request(&s, &found.request, found.approvals),
        });
    }
    page(items, None)
}

pub(super) async fn requests(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<RequestQuery>,
) -> Answer<Listed<Request>> {
    let filter = request::Filter { requester: Some(caller.id()), ..q.filter(&s)? };
    let read = move |c: &Conn<'_>, at: &_| request::search(c, &filter, at);
    let found = s.cursors.sorted(&s.db, "own-requests", &q.page(), read).await?;
    let shown = |f: &request::Counted| access::shown_request(&s, &f.request, f.approvals);
    page(found.items.iter().map(shown).collect(), found.next)
}

/// Those in force, unless others are asked for.
pub(super) async fn grants(
    State(s): State<AppState>,
    caller: Caller,
    Params(mut q): Params<GrantQuery>,
) -> Answer<Listed<Grant>> {
    q.state = q.state.or(Some(GrantState::Live));
    let filter = grant::Filter { holder: Some(caller.id()), ..q.filter(&s)? };
    let read = move |c: &Conn<'_>, at: &_| grant::search(c, &filter, at);
    let found = s.cursors.sorted(&s.db, "own-grants", &q.page(), read).await?;
    page(found.items.iter().map(|g| access::shown_grant(&s, g)).collect(), found.next)
}

pub(super) async fn privileged_sessions(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<SessionQuery>,
) -> Answer<Listed<ShownSession>> {
    let filter = rows::Filter { identity: Some(caller.id()), ..q.filter(&s)? };
    let read = move |c: &Conn<'_>, at: &_| rows::search(c, &filter, at);
    let found = s.cursors.sorted(&s.db, "own-privileged-sessions", &q.page(), read).await?;
    page(found.items.iter().map(|p| sessions::shown(&s, p)).collect(), found.next)
}
