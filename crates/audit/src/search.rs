//! Who did what, to what, when, from where; and the export that a SIEM reads.

use doorward_core::Event;
use doorward_core::{Allowed, ReadAudit};
use doorward_store::cursor::Cursors;
use doorward_store::event::{self, EventSort, Filter};
use doorward_store::order::{Order, Wanted};
use doorward_store::{Conn, Db, Error as StoreError, Page};
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

/// A page of what fits the filter.
pub async fn search(
    db: &Db,
    _allowed: &Allowed<ReadAudit>,
    cursors: &Cursors,
    filter: Filter,
    page: &Wanted<EventSort>,
) -> Result<Page<FoundEvent>, StoreError> {
    own(db, cursors, filter, page).await
}

/// The newest first of what is somebody's own, as [`own`].
pub async fn page(
    db: &Db,
    cursors: &Cursors,
    filter: Filter,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<FoundEvent>, StoreError> {
    let cursor = cursor.map(str::to_owned);
    let wanted = Wanted { order: Order::down(EventSort::At), cursor, limit: Some(limit) };
    own(db, cursors, filter, &wanted).await
}

/// The same of what is somebody's own; the caller has set `filter.actor`.
pub async fn own(
    db: &Db,
    cursors: &Cursors,
    filter: Filter,
    page: &Wanted<EventSort>,
) -> Result<Page<FoundEvent>, StoreError> {
    let read = move |c: &Conn<'_>, at: &_| event::search(c, &filter, at);
    let found = cursors.sorted(db, "events", page, read).await?;
    let events: Result<Vec<FoundEvent>, StoreError> = found
        .items
        .into_iter()
        .map(|f| {
            let event = serde_json::from_str(&f.body)
                .map_err(|e| StoreError::Decode(format!("event {}: {e}", f.id)))?;
            Ok(FoundEvent { leaf: f.leaf, event })
        })
        .collect();
    Ok(Page { items: events?, next: found.next })
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
