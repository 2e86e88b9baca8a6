//! Who did what, to what, when, from where; and the export that a SIEM reads.

use doorward_core::{Allowed, ReadAudit};
use doorward_core::{Event, EventId};
use doorward_store::cursor::{Cursors, LIMIT};
use doorward_store::event::{self, Filter};
use doorward_store::{Db, Error as StoreError, Page};
use serde::Serialize;
use serde_json::{Value, json};

/// An event as a search finds it.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct FoundEvent {
    /// Its place in the log; none until it is sequenced.
    pub leaf: Option<i64>,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

/// A page of what fits the filter, newest first.
pub async fn search(
    db: &Db,
    _allowed: &Allowed<ReadAudit>,
    cursors: &Cursors,
    filter: Filter,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<FoundEvent>, StoreError> {
    page(db, cursors, filter, cursor, limit).await
}

/// The same for what is somebody's own; the caller has set `filter.actor`.
pub async fn page(
    db: &Db,
    cursors: &Cursors,
    filter: Filter,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<FoundEvent>, StoreError> {
    const LIST: &str = "events";
    let before: Option<EventId> = cursor.map(|c| cursors.unseal(LIST, c)).transpose()?;
    let limit = limit.clamp(1, LIMIT);
    let found = db.read(move |c| event::search(c, &filter, before, limit + 1)).await?;
    let events: Result<Vec<FoundEvent>, StoreError> = found
        .into_iter()
        .map(|f| {
            let event = serde_json::from_str(&f.body)
                .map_err(|e| StoreError::Decode(format!("event {}: {e}", f.id)))?;
            Ok(FoundEvent { leaf: f.leaf, event })
        })
        .collect();
    cursors.page(LIST, limit, events?, |e| e.event.id)
}

/// An event in OCSF's terms (schema 1.3), one JSON object.
pub fn ocsf(found: &FoundEvent) -> Value {
    let e = &found.event;
    let uid = e.class.uid();
    json!({
        "class_uid": uid,
        "category_uid": uid / 1000,
        "activity_name": e.activity,
        "time": e.at.millis(),
        "time_dt": e.at,
        "status_id": match e.outcome { doorward_core::Outcome::Success => 1, doorward_core::Outcome::Failure => 2 },
        "severity_id": if uid == 2004 { 4 } else { 1 },
        "metadata": {
            "uid": e.id,
            "sequence": found.leaf,
            "version": "1.3.0",
            "product": { "name": "Doorward", "vendor_name": "Doorward" },
        },
        "actor": {
            "user": e.actor.id().map(|id| json!({ "uid": id })),
            "session": e.actor.session.map(|id| json!({ "uid": id })),
            "process": match &e.actor.who { doorward_core::Who::System(why) => json!({ "name": why }), _ => Value::Null },
        },
        "src_endpoint": { "ip": e.actor.network.address },
        "resources": e.target.iter().map(|t| json!({ "type": t.kind, "uid": t.id })).collect::<Vec<_>>(),
        "policies": e.policies,
        "unmapped": {
            "privileged_session": e.privileged_session,
            "proofs": e.actor.proofs.iter().map(|p| &p.factor).collect::<Vec<_>>(),
            "details": e.details,
        },
    })
}
