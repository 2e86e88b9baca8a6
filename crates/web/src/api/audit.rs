//! The audit log: search, export, proofs.

use axum::body::Body as HttpBody;
use axum::response::Response;
use doorward_audit::checkpoint::verifier_key;
use doorward_audit::search::{self, FoundEvent};
use doorward_audit::{KEY_PURPOSE, ORIGIN, proofs};
use doorward_core::{Entity, EventId, Outcome, PrivilegedSessionId, ReadAudit, Timestamp, Who};
use doorward_store::cursor::LIMIT;
use doorward_store::event::{self, AnyOf, Changes, EventSort, Filter};
use doorward_store::order::{Order, Wanted};
use doorward_vault::keys;
use futures::StreamExt as _;
use http::{HeaderValue, header};

use super::answers::JsonLines;
use super::prelude::*;
use super::support::{called, who};
use crate::streams::{hold, no_longer};

listing! {
    /// Which events.
    Search sorted by EventSort, Order::down(EventSort::At);
    {
        /// Part of the activity, the address, the reason or another fact, of the name of who
        /// did it, or of the account; or the name of what it was done to.
        q: String,
        /// Who, by name or id.
        actor: String,
        /// What, or the beginning of it.
        activity: String,
        /// On what, by name or id.
        target: String,
        /// In which privileged session.
        privileged_session: PrivilegedSessionId,
        /// From which address.
        address: String,
        /// How it ended.
        outcome: Outcome,
        /// OCSF class_uid.
        class: i64,
        /// Not before.
        since: Timestamp,
        /// Before.
        until: Timestamp,
        /// Only what can change this.
        changes: Changes,
    }
    whole Exported
}

/// An event of the audit log, with the names that its ids have at present.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub(super) struct NamedEvent {
    #[serde(flatten)]
    found: FoundEvent,
    /// Who did it, by name.
    actor_name: String,
    /// To what, by kind and name.
    target_name: Option<String>,
}

/// A signed head of the log.
#[derive(Serialize, JsonSchema)]
pub(super) struct Checkpoint {
    /// How many leaves are under it.
    size: i64,
    /// The signed note (C2SP tlog-checkpoint).
    note: String,
    /// The log's verifier key (C2SP signed-note), while the vault is open. Keep
    /// it elsewhere: it is what proofs are checked with.
    key: Option<String>,
}

impl Search {
    fn filter(&self, s: &AppState) -> Result<Filter, Problem> {
        // A name is looked up; anything else is an id as it stands.
        let target = self.target.as_ref().map(|t| named_target(s, t).unwrap_or_else(|| t.clone()));
        Ok(Filter {
            actor: who(s, "actor", self.actor.as_deref())?,
            activity: self.activity.clone(),
            target,
            privileged_session: self.privileged_session,
            address: self.address.clone(),
            outcome: self.outcome.map(|o| match o {
                Outcome::Success => "success".to_owned(),
                Outcome::Failure => "failure".to_owned(),
            }),
            class: self.class,
            since: self.since,
            until: self.until,
            any: self.q.as_deref().map(str::trim).filter(|q| !q.is_empty()).map(|q| AnyOf {
                text: q.to_owned(),
                actor: identity(s, q).ok(),
                targets: called(s, Some(q))
                    .into_iter()
                    .chain(named_target(s, q).map(|id| Entity::new("", id)))
                    .collect(),
            }),
            changes: self.changes,
        })
    }
}

/// The id of what has this name.
fn named_target(s: &AppState, text: &str) -> Option<String> {
    if let Ok(id) = identity(s, text) {
        return Some(id.to_string());
    }
    let world = s.engine.world();
    let target = || world.accounts().find(|(_, t)| t.name.as_str() == text);
    world.entity_named(text).map(|e| e.id).or_else(|| target().map(|(_, t)| t.id.to_string()))
}

pub(super) fn named(s: &AppState, found: FoundEvent) -> NamedEvent {
    let e = &found.event;
    let actor_name = match &e.actor.who {
        Who::Identity(id) => name_of(s, *id),
        Who::System(why) => format!("doorward ({why})"),
        Who::Nobody => "nobody".to_owned(),
    };
    let target_name = e.target.as_ref().map(|t| format!("{} {}", t.kind, name_of_entity(s, t)));
    NamedEvent { found, actor_name, target_name }
}

pub(super) async fn events(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<Search>,
) -> Answer<Listed<NamedEvent>> {
    let allowed = s.allow(&caller.actor, ReadAudit {})?;
    let found = search::search(&s.db, &allowed, &s.cursors, q.filter(&s)?, &q.page()).await?;
    page(found.items.into_iter().map(|f| named(&s, f)).collect(), found.next)
}

/// All that fits as JSON lines in OCSF's terms, as a stream.
pub(super) async fn export(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<Exported>,
) -> Answer<JsonLines> {
    let allowed = s.allow(&caller.actor, ReadAudit {})?;
    let q = Search::from(q);
    let filter = q.filter(&s)?;
    let record = doorward_core::Event::new(
        &s.env,
        doorward_core::Class::ApiActivity,
        "audit.exported",
        &caller.actor,
    )
    .by(allowed.policies());
    s.db.write(move |c| event::append(c, &record)).await?;
    let order = q.page().order;
    let held = hold(&s, &caller, &allowed).await;
    let state = (s, allowed, filter, held, Some(None::<String>));
    let stream = futures::stream::unfold(state, move |(s, allowed, filter, held, at)| async move {
        let wanted = Wanted { order, cursor: at?, limit: Some(LIMIT) };
        let found = search::search(&s.db, &allowed, &s.cursors, filter.clone(), &wanted);
        let (lines, next) = match held.unless_over(found).await {
            Some(Ok(page)) => {
                let lines: String =
                    page.items.iter().map(|f| format!("{}\n", search::ocsf(f))).collect();
                (Ok(lines), page.next.map(Some))
            }
            Some(Err(e)) => (Err(std::io::Error::other(e)), None),
            None => (Err(no_longer()), None),
        };
        Some((lines, (s, allowed, filter, held, next)))
    });
    let mut response = Response::new(HttpBody::from_stream(stream.boxed()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(JsonLines(response))
}

pub(super) async fn checkpoint(
    State(s): State<AppState>,
    caller: Caller,
) -> Answer<Shown<Checkpoint>> {
    s.allow(&caller.actor, ReadAudit {})?;
    let (size, note) = s.db.read(event::newest_checkpoint).await?.ok_or_else(missing)?;
    let key = keys::active(&s.vault, KEY_PURPOSE).ok();
    let key = key.and_then(|k| k.public.as_slice().try_into().ok());
    answer(Checkpoint { size, note, key: key.map(|k| verifier_key(ORIGIN, &k)) })
}

pub(super) async fn proof(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<EventId>,
) -> Answer<Shown<proofs::Proof>> {
    s.allow(&caller.actor, ReadAudit {})?;
    answer(proofs::inclusion(&s.db, id).await?)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Since {
    /// The size of a checkpoint that was kept.
    from: u64,
}

pub(super) async fn consistency(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<Since>,
) -> Answer<Shown<proofs::Consistency>> {
    s.allow(&caller.actor, ReadAudit {})?;
    answer(proofs::consistency(&s.db, q.from).await?)
}
