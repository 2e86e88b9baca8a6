//! The rows of the audit record.

use doorward_core::{Event, Who};

use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::{args, sql};

/// Appends the event in the transaction of its change. `body` is the exact text
/// that the log hashes; the columns beside it only serve the search.
pub fn append(c: &Conn<'_>, event: &Event) -> Result<()> {
    let body = serde_json::to_string(event).map_err(|e| Error::Other(e.to_string()))?;
    let outcome = match event.outcome {
        doorward_core::Outcome::Success => "success",
        doorward_core::Outcome::Failure => "failure",
    };
    let actor = match &event.actor.who {
        Who::Identity(id) => Some(*id),
        Who::System(_) | Who::Nobody => None,
    };
    c.execute(
        sql!(
            "INSERT INTO event (id, at, class, activity, outcome, actor, target_kind, target_id,
               privileged_session, address, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        args![
            event.id,
            event.at,
            event.class.uid(),
            &event.activity,
            outcome,
            actor,
            event.target.as_ref().map(|t| t.kind.clone()),
            event.target.as_ref().map(|t| t.id.clone()),
            event.privileged_session,
            event.actor.network.address.map(|a| a.to_string()),
            body
        ],
    )?;
    Ok(())
}
