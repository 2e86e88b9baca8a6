//! Requests: filed, decided, withdrawn, waited for.

use std::time::Duration;

use doorward_core::lifecycle::{
    self, Approval, Decided, Decision, EndCause, LiveGrant, PendingRequest, RequestState,
};
use doorward_core::{
    Act as _, Actor, Allowed, Class, Context, DecideRequest, Denied, Entity, Event, IdentityId,
    ManageOwn, Question, RequestId, Timestamp, Verdict,
};
use doorward_store::identity::{self, IdentityKind};
use doorward_store::{Conn, change, event, grant as grant_rows, request as rows};
use serde::Serialize;

pub use rows::RequestRow;

use crate::ask::{About, NoTerms, at_best, terms};
use crate::notices::Told;
use crate::service::Grants;

/// The longest reason or comment, in characters.
pub(crate) const LONGEST: usize = 500;
/// How long an access lasts when nobody says.
const USUAL: Duration = Duration::from_secs(3600);
/// How long it lasts at most.
pub(crate) const MOST: Duration = Duration::from_secs(8 * 3600);
const LEAST: Duration = Duration::from_secs(60);
/// How long a request waits for its decision.
const LAPSE: Duration = Duration::from_secs(24 * 3600);
/// How many requests one person may have open.
const OPEN: usize = 20;
/// How many approvers are told, and how many people are looked at for them.
const TOLD: usize = 20;
const LOOKED_AT: usize = 10_000;
const PAGE: i64 = 200;
/// How often somebody who waits looks by themselves.
const LOOK: Duration = Duration::from_millis(500);

/// Why a request was not filed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is open to them as things are.
    #[error("no request is needed: it is permitted as things are")]
    NotNeeded,
    /// No request would change the answer.
    #[error("not permitted, and a request would not change that")]
    Denied(Denied),
    /// Policy wants a reason.
    #[error("reason: say why it is needed")]
    Reason,
    /// Too much to say.
    #[error("reason: at most {LONGEST} characters, and no control characters")]
    ReasonForm,
    /// Only accounts and applications can be asked for.
    #[error("about: only an account or an application can be asked for")]
    About,
    /// Only people and workloads ask.
    #[error("sign in first")]
    Nobody,
    /// Too many are open.
    #[error("there are {OPEN} open requests already; withdraw some first")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Store(#[from] doorward_store::Error),
}

/// Why a decision was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such request.
    #[error("no such request")]
    NotFound,
    /// It is decided, withdrawn or lapsed.
    #[error("the request is not open any more")]
    Over(RequestState),
    /// The lifecycle's own rule.
    #[error(transparent)]
    Rule(#[from] lifecycle::DecideError),
    /// The approver may not any more.
    #[error("not permitted")]
    Denied(Denied),
    /// Too much to say.
    #[error("comment: at most {LONGEST} characters, and no control characters")]
    Comment,
    /// The database.
    #[error(transparent)]
    Store(#[from] doorward_store::Error),
}

/// Why something else with a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// There is no such request.
    #[error("no such request")]
    NotFound,
    /// It is decided, withdrawn or lapsed.
    #[error("the request is not open any more")]
    Over(RequestState),
    /// The database.
    #[error(transparent)]
    Store(#[from] doorward_store::Error),
}

/// A request that was filed.
#[derive(Clone, Debug)]
pub struct Filed {
    /// The request; with the duration that policy leaves of the one asked for.
    pub request: PendingRequest,
    /// The grant, when nobody's word was needed.
    pub grant: Option<LiveGrant>,
    /// Some of those who can approve it.
    pub approvers: Vec<IdentityId>,
}

/// What a decision made of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It waits for this many more.
    StillPending {
        /// How many.
        missing: u32,
    },
    /// It is a grant.
    Granted(LiveGrant),
    /// It is denied: by the approver, or by a policy that has changed since.
    Denied,
}

/// Where a request stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The request.
    pub request: RequestRow,
    /// What people said, oldest first.
    pub approvals: Vec<Approval>,
    /// The grant that came of it.
    pub grant: Option<LiveGrant>,
}

/// One line or several, of a bearable length, without what would steer a terminal.
pub(crate) fn is_prose(text: &str) -> bool {
    text.chars().count() <= LONGEST
        && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
}

pub(crate) fn about_request(id: RequestId) -> Entity {
    Entity::new("Request", id)
}

/// A record about a request.
pub(crate) fn record(g: &Grants, activity: &str, actor: &Actor, r: &RequestRow) -> Event {
    Event::new(g.env(), Class::UserAccessManagement, activity, actor)
        .on(about_request(r.id))
        .with("about", r.about.to_string())
        .with("requester", r.requester.to_string())
}

impl Grants {
    /// Asks for access to `about`. What policy needs is found by asking it; when
    /// it needs nobody's word, the request becomes a grant at once. One that is
    /// open for the same thing is given back instead of a second one.
    pub async fn file_request(
        &self,
        actor: &Actor,
        about: &Entity,
        reason: &str,
        duration: Option<Duration>,
    ) -> Result<Filed, FileError> {
        let requester = actor.id().ok_or(FileError::Nobody)?;
        let reason = reason.trim();
        if !is_prose(reason) {
            return Err(FileError::ReasonForm);
        }
        let asked = About::parse(about).ok_or(FileError::About)?;
        let duration = duration.unwrap_or(USUAL).clamp(LEAST, MOST);
        let terms = terms(self.decider().as_ref(), actor, &asked, !reason.is_empty(), duration)
            .map_err(|e| match e {
                NoTerms::NotNeeded => FileError::NotNeeded,
                NoTerms::Reason => FileError::Reason,
                NoTerms::Denied(denied) => FileError::Denied(denied),
            })?;
        let now = self.env().now();
        let request = PendingRequest {
            id: RequestId::new(self.env()),
            requester,
            about: about.clone(),
            reason: reason.to_owned(),
            duration: terms.duration,
            needed: terms.approvals,
            approvals: Vec::new(),
            at: now,
            expires_at: now + LAPSE,
        };
        let grant = request.grant_at_once(self.env());
        let approvers = match &grant {
            Some(_) => Vec::new(),
            None => self.approvers(&request).await?,
        };
        let state = match &grant {
            Some(_) => RequestState::Approved,
            None => RequestState::Pending,
        };
        let me = self.clone();
        let (actor, filed, granted, told) =
            (actor.clone(), request.clone(), grant.clone(), approvers.clone());
        let other = self
            .db()
            .write(move |c| {
                let open = rows::pending_of(c, requester)?;
                if let Some(same) = open.iter().find(|r| r.about == filed.about) {
                    return Ok(Some(same.clone()));
                }
                if open.len() >= OPEN {
                    return Err(FileError::TooMany);
                }
                rows::insert(c, &filed, state)?;
                let row = rows::find(c, filed.id)?.ok_or(doorward_store::Error::NotFound)?;
                let event = record(&me, "request.filed", &actor, &row)
                    .with("reason", row.reason.clone())
                    .with("seconds", row.duration.as_secs())
                    .with("needed", row.needed);
                event::append(c, &event)?;
                change::bump(c, "request", row.id, now)?;
                match &granted {
                    Some(grant) => me.keep_grant(c, grant, &actor)?,
                    None => {
                        let risk = me.risk_of(c, &row)?;
                        me.tell(c, &Told::Filed { request: &row, approvers: &told, risk: &risk })?;
                    }
                }
                Ok(None)
            })
            .await?;
        match other {
            None => Ok(Filed { request, grant, approvers }),
            Some(row) => {
                let id = row.id;
                let said = self.db().read(move |c| rows::approvals(c, id)).await?;
                let open = row.pending(said).ok_or(doorward_store::Error::NotFound)?;
                let approvers = self.approvers(&open).await?;
                Ok(Filed { request: open, grant: None, approvers })
            }
        }
    }

    /// One person's word. Whoever decides must still be permitted in this moment,
    /// and so must the requester, by the policy as it is now.
    pub async fn decide(
        &self,
        allowed: &Allowed<DecideRequest>,
        decision: Decision,
        comment: &str,
    ) -> Result<Counted, DecideError> {
        let comment = comment.trim().to_owned();
        if !is_prose(&comment) {
            return Err(DecideError::Comment);
        }
        let (me, allowed) = (self.clone(), allowed.clone());
        // Read, rule and write in one transaction: of words that come at the same
        // time, on whichever node, each is counted on top of the other.
        self.db()
            .write(move |c| {
                let act = allowed.act();
                let by = allowed.actor().id().ok_or(DecideError::NotFound)?;
                let row = rows::find(c, act.request)?
                    .filter(|r| r.requester == act.requester && r.about == act.about)
                    .ok_or(DecideError::NotFound)?;
                if let Verdict::Deny(denied) = me.decider().decide(&allowed.question()) {
                    return Err(DecideError::Denied(denied));
                }
                if row.state != RequestState::Pending {
                    return Err(DecideError::Over(row.state));
                }
                let said = rows::approvals(c, row.id)?;
                // Two identities of one person are one person: they neither decide for
                // themselves nor count twice.
                if me.decider().same_person(by, row.requester) {
                    return Err(lifecycle::DecideError::OwnRequest.into());
                }
                if said.iter().any(|a| me.decider().same_person(a.by, by)) {
                    return Err(lifecycle::DecideError::AlreadyDecided.into());
                }
                let counted = me.counted(act, said);
                let open = row.clone().pending(counted).ok_or(DecideError::Over(row.state))?;
                let (word, decided) = open.decide(by, decision, &comment, me.env())?;
                rows::insert_approval(c, row.id, &word)?;
                let activity = match decision {
                    Decision::Approve => "request.approved",
                    Decision::Deny => "request.denied",
                };
                let event = record(&me, activity, allowed.actor(), &row)
                    .by(allowed.policies())
                    .with("comment", comment.clone());
                event::append(c, &event)?;
                me.settle(c, &row, decided, allowed.actor(), &comment)
            })
            .await
    }

    /// The words that count in this moment: of those who may still decide, and of
    /// each person one.
    fn counted(&self, act: &DecideRequest, said: Vec<Approval>) -> Vec<Approval> {
        let now = self.env().now();
        let may = |by: IdentityId| {
            let question = Question {
                actor: at_best(&Actor::identity(by, Vec::new()), now),
                action: DecideRequest::ACTION,
                resource: act.resource(),
                context: Context::default(),
            };
            matches!(self.decider().decide(&question), Verdict::Permit { .. })
        };
        let mut counted: Vec<Approval> = Vec::new();
        for word in said {
            if may(word.by) && !counted.iter().any(|w| self.decider().same_person(w.by, word.by)) {
                counted.push(word);
            }
        }
        counted
    }

    /// Writes what a decision made of the request.
    fn settle(
        &self,
        c: &Conn<'_>,
        row: &RequestRow,
        decided: Decided,
        actor: &Actor,
        comment: &str,
    ) -> Result<Counted, DecideError> {
        let now = self.env().now();
        let advance = |state, needed| -> Result<(), DecideError> {
            // In one transaction this cannot fail; if it ever did, nothing is done.
            if !rows::advance(c, row.id, row.version, state, needed, now)? {
                return Err(DecideError::Over(row.state));
            }
            change::bump(c, "request", row.id, now)?;
            Ok(())
        };
        match decided {
            Decided::StillPending(open) => {
                advance(RequestState::Pending, row.needed)?;
                let have = u32::try_from(open.approvals.len()).unwrap_or(u32::MAX);
                Ok(Counted::StillPending { missing: row.needed.saturating_sub(have) })
            }
            Decided::Denied => {
                advance(RequestState::Denied, row.needed)?;
                self.tell(c, &Told::Denied { request: row, by: actor, comment })?;
                Ok(Counted::Denied)
            }
            Decided::Granted(grant) => match self.still_wanted(&grant) {
                Still::Yes => {
                    advance(RequestState::Approved, row.needed)?;
                    self.keep_grant(c, &grant, actor)?;
                    self.tell(
                        c,
                        &Told::Granted { request: row, by: actor, grant: &grant, comment },
                    )?;
                    Ok(Counted::Granted(grant))
                }
                Still::More(needed) => {
                    advance(RequestState::Pending, needed)?;
                    Ok(Counted::StillPending { missing: needed.saturating_sub(grant.approvals) })
                }
                Still::No => {
                    advance(RequestState::Denied, row.needed)?;
                    let because = "the policy no longer permits it";
                    let system = Actor::system("the policy has changed");
                    let event =
                        record(self, "request.denied", &system, row).failed().with("why", because);
                    event::append(c, &event)?;
                    self.tell(c, &Told::Denied { request: row, by: &system, comment: because })?;
                    Ok(Counted::Denied)
                }
            },
        }
    }

    /// Whether the policy as it is now would let the holder use the grant.
    pub(crate) fn still_wanted(&self, grant: &LiveGrant) -> Still {
        let Some(about) = About::parse(&grant.about) else { return Still::No };
        let holder = at_best(&Actor::identity(grant.holder, Vec::new()), self.env().now());
        let context = Context { managed_device: true, ..grant.context() };
        match about.ask(self.decider().as_ref(), &holder, context) {
            Verdict::Permit { .. } => Still::Yes,
            Verdict::Deny(denied) => match denied.approvals() {
                Some(more) if denied.requirements.len() == 1 && more > grant.approvals => {
                    Still::More(more)
                }
                _ => Still::No,
            },
        }
    }

    /// Takes back one's own request.
    pub async fn withdraw(
        &self,
        allowed: &Allowed<ManageOwn>,
        request: RequestId,
    ) -> Result<(), RequestError> {
        let (me, allowed) = (self.clone(), allowed.clone());
        let now = self.env().now();
        self.db()
            .write(move |c| {
                let row = rows::find(c, request)?
                    .filter(|r| r.requester == allowed.act().of)
                    .ok_or(RequestError::NotFound)?;
                let state = RequestState::Withdrawn;
                if !rows::advance(c, row.id, row.version, state, row.needed, now)? {
                    return Err(RequestError::Over(row.state));
                }
                event::append(c, &record(&me, "request.withdrawn", allowed.actor(), &row))?;
                change::bump(c, "request", row.id, now)?;
                Ok(())
            })
            .await
    }

    /// Where a request stands. Whoever shows it asks for `ReadRequest`, or shows
    /// people their own.
    pub async fn progress(&self, request: RequestId) -> Result<Progress, RequestError> {
        self.db()
            .read(move |c| {
                let row = rows::find(c, request)?.ok_or(RequestError::NotFound)?;
                let approvals = rows::approvals(c, request)?;
                let grant = grant_rows::of_request(c, request)?.map(|g| g.grant);
                Ok(Progress { request: row, approvals, grant })
            })
            .await
    }

    /// Waits until the request is not pending any more. A request that lapses
    /// while somebody waits is given as expired.
    pub async fn wait(&self, request: RequestId) -> Result<Progress, RequestError> {
        loop {
            let moved = self.moved().notified();
            let mut progress = self.progress(request).await?;
            if progress.request.state != RequestState::Pending {
                return Ok(progress);
            }
            if self.env().now() >= progress.request.expires_at {
                progress.request.state = RequestState::Expired;
                return Ok(progress);
            }
            tokio::select! {
                () = moved => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Requests, newest first: of one requester or of all. Whoever shows them
    /// decides each with `ReadRequest`, or shows people their own.
    pub async fn requests(
        &self,
        requester: Option<IdentityId>,
        state: Option<RequestState>,
        before: Option<RequestId>,
        limit: i64,
    ) -> Result<Vec<RequestRow>, doorward_store::Error> {
        self.db().read(move |c| rows::list(c, requester, state, before, limit)).await
    }

    /// Some of the people who may decide the request, if they prove themselves
    /// well enough: bounded, for notices and for the requester's patience.
    pub async fn approvers(
        &self,
        request: &PendingRequest,
    ) -> Result<Vec<IdentityId>, doorward_store::Error> {
        let act = DecideRequest {
            request: request.id,
            requester: request.requester,
            about: request.about.clone(),
        };
        let skip = request.requester;
        self.permitted(
            move |actor| Question {
                actor,
                action: DecideRequest::ACTION,
                resource: act.resource(),
                context: Context::default(),
            },
            skip,
        )
        .await
    }

    /// Some of the people whom the decider would permit this, except `skip`.
    pub(crate) async fn permitted(
        &self,
        question: impl Fn(Actor) -> Question + Send + Sync + 'static,
        skip: IdentityId,
    ) -> Result<Vec<IdentityId>, doorward_store::Error> {
        let filter = identity::Filter {
            kind: Some(IdentityKind::Person),
            enabled: Some(true),
            ..identity::Filter::default()
        };
        let now = self.env().now();
        let (mut found, mut seen, mut after) = (Vec::new(), 0, None::<String>);
        while found.len() < TOLD && seen < LOOKED_AT {
            let (filter, from) = (filter.clone(), after.clone());
            let page =
                self.db().read(move |c| identity::list(c, &filter, from.as_deref(), PAGE)).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.name.to_string());
            seen += page.len();
            for person in page.iter().filter(|p| p.id != skip && p.active(now)) {
                let actor = at_best(&Actor::identity(person.id, Vec::new()), now);
                let mut asked = question(actor);
                asked.context.managed_device = true;
                if let Verdict::Permit { .. } = self.decider().decide(&asked) {
                    found.push(person.id);
                }
            }
            // Deciding is work: let others in between.
            tokio::task::yield_now().await;
        }
        found.truncate(TOLD);
        Ok(found)
    }

    /// Ends what has lapsed; one request at a time, so that one that fails does
    /// not hold up the others.
    pub(crate) async fn expire_requests(
        &self,
        now: Timestamp,
    ) -> Result<(), doorward_store::Error> {
        let lapsed = self.db().read(move |c| rows::lapsed(c, now, 100)).await?;
        for row in lapsed {
            let me = self.clone();
            self.db()
                .write(move |c| {
                    let state = RequestState::Expired;
                    if rows::advance(c, row.id, row.version, state, row.needed, now)? {
                        let actor = Actor::system("nobody decided in time");
                        event::append(c, &record(&me, "request.expired", &actor, &row))?;
                        change::bump(c, "request", row.id, now)?;
                        me.tell(c, &Told::Lapsed { request: &row })?;
                    }
                    Ok::<_, doorward_store::Error>(())
                })
                .await?;
        }
        Ok(())
    }
}

/// What the policy of this moment says to a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Still {
    Yes,
    More(u32),
    No,
}

impl Still {
    /// Why a grant ends when it is a no.
    pub fn cause() -> EndCause {
        EndCause::NoLongerPermitted { because: "it is no longer permitted".to_owned() }
    }
}
