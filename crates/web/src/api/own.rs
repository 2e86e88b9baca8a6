//! What I can open, reach and do: what a portal shows to whoever is signed in.

use doorward_core::lifecycle::RequestState;
use doorward_core::{
    AccountId, Action, ApplicationId, Context, DecideRequest, Decider as _, Entity,
    PrivilegedSessionId, Question, ReadSession, Requirement, Resource, Timestamp, Verdict,
};
use doorward_grants::Risk;
use doorward_store::Conn;
use doorward_store::grant::{self, GrantState};
use doorward_store::order::{Keyset, Order, Wanted};
use doorward_store::privileged_session::{self as rows, PrivilegedSessionSort};
use doorward_store::request::{self, RequestRow, RequestSort};

use super::access::{self, Grant, GrantQuery, Request, RequestQuery};
use super::listing::sifted;
use super::prelude::*;
use super::sessions::{self, SessionQuery, ShownSession};
use crate::pages::{provable, reach};

/// More accounts than this are not listed; the search of the targets finds them.
const MOST: usize = 500;

/// How something can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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

/// A request that waits for my word.
#[derive(Serialize, JsonSchema)]
pub(super) struct PendingApproval {
    #[serde(flatten)]
    request: Request,
    /// When they were last there.
    last_there: Option<LastThere>,
    /// What speaks for a second look at it.
    risk: Option<Risk>,
}

/// What I may do over the whole house.
#[derive(Serialize, JsonSchema)]
pub(super) struct Permissions {
    /// At once.
    now: Vec<Action>,
    /// After a fresh proof.
    step_up: Vec<Action>,
}

/// What can be asked about the house itself.
const OF_HOUSE: &[Action] = &[
    Action::ListSecret,
    Action::WriteSecret,
    Action::ReadIdentity,
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
    let (mut now, mut step_up) = (Vec::new(), Vec::new());
    for action in OF_HOUSE {
        let question = Question {
            actor: caller.actor.clone(),
            action: *action,
            resource: Resource::house(),
            context: Context::default(),
        };
        match s.engine.decide(&question) {
            Verdict::Permit { .. } => now.push(*action),
            Verdict::Deny(denied) if provable(&denied) => step_up.push(*action),
            Verdict::Deny(_) => {}
        }
    }
    answer(Permissions { now, step_up })
}

pub(super) async fn applications(
    State(s): State<AppState>,
    caller: Caller,
) -> Answer<Listed<OwnApplication>> {
    let mut items = Vec::new();
    for (a, _) in s.oidc.openable(&caller.actor).await? {
        let about = Entity::new("Application", a.id);
        let Some(way) = reach::thing(&s, &caller, &about).await? else { continue };
        items.push(OwnApplication {
            how: way.how.into(),
            requirements: way.needs,
            launch_url: a.launch_url.filter(|u| is_web(u)),
            id: a.id,
            name: a.name.to_string(),
            title: a.title,
            description: a.description,
        });
    }
    page(items, None)
}

/// An address that a browser may be led to.
fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "https" | "http"))
}

pub(super) async fn targets(State(s): State<AppState>, caller: Caller) -> Answer<Listed<Reach>> {
    let now = s.env.now();
    let held: Vec<Entity> = s
        .grants
        .live_grants(Some(caller.id()), None, 200)
        .await?
        .into_iter()
        .filter(|g| g.grant.in_force(now))
        .map(|g| g.grant.about)
        .collect();
    let mut accounts: Vec<_> = {
        let world = s.engine.world();
        world
            .accounts()
            .filter(|(_, t)| t.enabled)
            .map(|(a, t)| {
                (format!("{}@{}", a.name, t.name), t.name.to_string(), t.kind.clone(), a.id)
            })
            .collect()
    };
    accounts.sort();
    let mut items = Vec::new();
    for (name, target, kind, account) in accounts {
        let held = held.contains(&Entity::new("Account", account));
        let way = reach::account(&s, &caller, account, held).await?;
        let break_glass = reach::glass(&s, &caller, account).is_some();
        let Some(way) = way else { continue };
        items.push(Reach {
            command: command(&s, &name, &kind),
            how: way.how.into(),
            requirements: way.needs,
            break_glass,
            account,
            name,
            target,
            kind,
        });
        if items.len() >= MOST {
            break;
        }
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

pub(super) async fn approvals(
    State(s): State<AppState>,
    caller: Caller,
) -> Answer<Listed<PendingApproval>> {
    let me = caller.id();
    let said = s.db.read(move |c| request::decided_by(c, me)).await?;
    let filter =
        request::Filter { state: Some(RequestState::Pending), ..request::Filter::default() };
    let wanted = Wanted {
        order: Order::down(RequestSort::CreatedAt),
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
        items.push(PendingApproval {
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
