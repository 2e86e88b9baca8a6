//! The audit log: search, export, proofs.

use axum::body::Body as HttpBody;
use axum::response::Response;
use doorward_audit::search::{self, FoundEvent};
use doorward_audit::verify;
use doorward_core::{EventId, PrivilegedSessionId, ReadAudit, Timestamp};
use doorward_store::event::{self, Filter};
use futures::StreamExt as _;
use http::{HeaderValue, header};

use super::prelude::*;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Search {
    actor: Option<String>,
    activity: Option<String>,
    target: Option<String>,
    privileged_session: Option<PrivilegedSessionId>,
    address: Option<String>,
    outcome: Option<String>,
    class: Option<i64>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    cursor: Option<String>,
    limit: Option<i64>,
}

impl Search {
    fn filter(&self, s: &AppState) -> Result<Filter, Problem> {
        let actor = match &self.actor {
            Some(name) => {
                Some(identity(s, name).map_err(|_| invalid("actor", "nobody has this name"))?)
            }
            None => None,
        };
        if self.outcome.as_deref().is_some_and(|o| o != "success" && o != "failure") {
            return Err(invalid("outcome", "use success or failure"));
        }
        // A name is looked up; anything else is an id as it stands.
        let target = self.target.as_ref().map(|t| {
            identity(s, t)
                .map(|id| id.to_string())
                .or_else(|_| about(s, t).map(|e| e.id))
                .unwrap_or_else(|_| t.clone())
        });
        Ok(Filter {
            actor,
            activity: self.activity.clone(),
            target,
            privileged_session: self.privileged_session,
            address: self.address.clone(),
            outcome: self.outcome.clone(),
            class: self.class,
            since: self.since,
            until: self.until,
        })
    }
}

fn shown(s: &AppState, found: &FoundEvent) -> Value {
    let e = &found.event;
    let actor = match &e.actor.who {
        doorward_core::Who::Identity(id) => name_of(s, *id),
        doorward_core::Who::System(why) => format!("doorward ({why})"),
        doorward_core::Who::Nobody => "nobody".to_owned(),
    };
    let target = e.target.as_ref().map(|t| format!("{} {}", t.kind, name_of_entity(s, t)));
    with(found, [("actor_name", json!(actor)), ("target_name", json!(target))])
}

pub(super) async fn events(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<Search>,
) -> Answer {
    let allowed = s.allow(&caller.actor, ReadAudit {})?;
    let limit = q.limit.unwrap_or(50);
    let found =
        search::search(&s.db, &allowed, &s.cursors, q.filter(&s)?, q.cursor.as_deref(), limit)
            .await?;
    page(found.items.iter().map(|f| shown(&s, f)).collect(), found.next)
}

/// JSON lines in OCSF's terms, newest first, as a stream.
pub(super) async fn export(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<Search>,
) -> Answer {
    let allowed = s.allow(&caller.actor, ReadAudit {})?;
    let filter = q.filter(&s)?;
    let record = doorward_core::Event::new(
        &s.env,
        doorward_core::Class::ApiActivity,
        "audit.exported",
        &caller.actor,
    )
    .by(allowed.policies());
    s.db.write(move |c| event::append(c, &record)).await?;
    let state = (s, allowed, filter, Some(None::<String>));
    let stream = futures::stream::unfold(state, |(s, allowed, filter, cursor)| async move {
        let at = cursor?;
        let found =
            search::search(&s.db, &allowed, &s.cursors, filter.clone(), at.as_deref(), 200).await;
        match found {
            Ok(page) => {
                let lines: String =
                    page.items.iter().map(|f| format!("{}\n", search::ocsf(f))).collect();
                Some((Ok(lines), (s, allowed, filter, page.next.map(Some))))
            }
            Err(e) => Some((Err(std::io::Error::other(e)), (s, allowed, filter, None))),
        }
    });
    let mut response = Response::new(HttpBody::from_stream(stream.boxed()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

pub(super) async fn checkpoint(State(s): State<AppState>, caller: Caller) -> Answer {
    s.allow(&caller.actor, ReadAudit {})?;
    let (size, note) = s.db.read(event::newest_checkpoint).await?.ok_or_else(missing)?;
    answer(json!({ "size": size, "note": note }))
}

pub(super) async fn proof(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<EventId>,
) -> Answer {
    s.allow(&caller.actor, ReadAudit {})?;
    match verify::prove(&s.db, id).await {
        Ok(proof) => answer(proof),
        Err(verify::ProofError::NotFound) => Err(missing()),
        Err(verify::ProofError::NotYet) => Err(Problem::new(
            crate::Code::Unavailable,
            "the event is not under a signed head yet; try again in a second",
        )),
        Err(verify::ProofError::Store(e)) => Err(e.into()),
    }
}
