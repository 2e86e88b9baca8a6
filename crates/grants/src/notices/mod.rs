//! What is told, to whom: rows in the outbox, in the transaction of what they
//! tell of.

pub(crate) mod delivery;
pub(crate) mod mail;
mod text;
pub(crate) mod webhook;

use doorward_core::lifecycle::{EndCause, LiveGrant};
use doorward_core::{Actor, Entity, IdentityId, Who};
use doorward_store::{Conn, identity, outbox, request as request_rows, webhook as hooks};
use serde_json::json;

use self::delivery::{MAIL, WEBHOOK};
use crate::requests::RequestRow;
use crate::risk::Risk;
use crate::service::Grants;

/// What happened.
pub(crate) enum Told<'a> {
    /// To those who can approve.
    Filed { request: &'a RequestRow, approvers: &'a [IdentityId], risk: &'a Risk },
    /// To the requester.
    Granted { request: &'a RequestRow, by: &'a Actor, grant: &'a LiveGrant, comment: &'a str },
    /// To the requester.
    Denied { request: &'a RequestRow, by: &'a Actor, comment: &'a str },
    /// To the requester.
    Lapsed { request: &'a RequestRow },
    /// To the holder, unless it was them.
    Ended { grant: &'a LiveGrant, cause: &'a EndCause },
    /// To everybody who can end it.
    Glass { grant: &'a LiveGrant, administrators: &'a [IdentityId] },
}

impl Told<'_> {
    /// The name that webhooks subscribe to.
    pub fn activity(&self) -> &'static str {
        match self {
            Self::Filed { .. } => "request.filed",
            Self::Granted { .. } => "request.approved",
            Self::Denied { .. } => "request.denied",
            Self::Lapsed { .. } => "request.expired",
            Self::Ended { .. } => "grant.ended",
            Self::Glass { .. } => "grant.break-glass",
        }
    }

    /// Where to look at it, in the portal that everybody has.
    fn place(&self) -> String {
        match self {
            Self::Filed { request, .. }
            | Self::Denied { request, .. }
            | Self::Lapsed { request } => {
                format!("/console/requests/{}", request.id)
            }
            Self::Granted { .. } | Self::Ended { .. } => "/console/requests".to_owned(),
            // It can be ended and reviewed there by those who may use nothing else of it.
            Self::Glass { grant, .. } => format!("/grants/{}", grant.id),
        }
    }
}

/// Every activity that a webhook can subscribe to.
pub(crate) const ACTIVITIES: [&str; 6] = [
    "request.filed",
    "request.approved",
    "request.denied",
    "request.expired",
    "grant.ended",
    "grant.break-glass",
];

/// The names that a notice speaks of.
pub(crate) struct Names {
    /// Whom it is about.
    pub who: String,
    /// What it is about.
    pub what: String,
    /// Who did it.
    pub by: String,
}

impl Grants {
    /// Puts what happened into the outbox.
    pub(crate) fn tell(&self, c: &Conn<'_>, told: &Told<'_>) -> Result<(), doorward_store::Error> {
        let (whom, about, by, receivers) = match told {
            Told::Filed { request, approvers, .. } => {
                (request.requester, &request.about, None, approvers.to_vec())
            }
            Told::Granted { request, by, .. } | Told::Denied { request, by, .. } => {
                (request.requester, &request.about, Some(*by), vec![request.requester])
            }
            Told::Lapsed { request } => {
                (request.requester, &request.about, None, vec![request.requester])
            }
            Told::Ended { grant, cause } => {
                let own = matches!(cause, EndCause::Returned);
                let receivers = if own { Vec::new() } else { vec![grant.holder] };
                (grant.holder, &grant.about, None, receivers)
            }
            Told::Glass { grant, administrators } => {
                (grant.holder, &grant.about, None, administrators.to_vec())
            }
        };
        let names = names(c, whom, about, by)?;
        let url = format!("{}{}", self.origin(), told.place());
        let (subject, text) = text::of(told, &names, &url);
        for id in receivers {
            let address = identity::find(c, id)?.filter(|i| i.enabled).and_then(|i| i.email);
            if let Some(address) = address {
                let body = json!({ "subject": subject, "text": text });
                outbox::push(c, self.env(), MAIL, &address, &body)?;
            }
        }
        let activity = told.activity();
        for hook in hooks::all(c)?.iter().filter(|h| h.enabled && wants(&h.events, activity)) {
            let body = json!({
                "type": activity,
                "timestamp": self.env().now(),
                "data": data(told, &names, &url),
            });
            outbox::push(c, self.env(), WEBHOOK, &hook.id.to_string(), &body)?;
        }
        Ok(())
    }
}

fn wants(events: &[String], activity: &str) -> bool {
    events.iter().any(|e| e == "*" || e == activity)
}

fn names(
    c: &Conn<'_>,
    whom: IdentityId,
    about: &Entity,
    by: Option<&Actor>,
) -> Result<Names, doorward_store::Error> {
    let person = |id: IdentityId| -> Result<String, doorward_store::Error> {
        let found = identity::find(c, id)?;
        Ok(found.map_or_else(|| id.to_string(), |i| i.name.to_string()))
    };
    let by = match by.map(|a| &a.who) {
        Some(Who::Identity(id)) => person(*id)?,
        Some(Who::System(_) | Who::Nobody) | None => "doorward".to_owned(),
    };
    let what = request_rows::about_name(c, about)?.unwrap_or_else(|| about.to_string());
    Ok(Names { who: person(whom)?, what, by })
}

/// The facts for a machine.
fn data(told: &Told<'_>, names: &Names, url: &str) -> serde_json::Value {
    let mut data = json!({ "who": names.who, "what": names.what, "url": url });
    let more = match told {
        Told::Filed { request, risk, .. } => json!({
            "request": request.id,
            "reason": request.reason,
            "duration_seconds": request.duration.as_secs(),
            "needed": request.needed,
            "risk": risk,
        }),
        Told::Granted { request, grant, comment, .. } => json!({
            "request": request.id,
            "grant": grant.id,
            "by": names.by,
            "comment": comment,
            "ends_at": grant.ends_at,
        }),
        Told::Denied { request, comment, .. } => json!({
            "request": request.id,
            "by": names.by,
            "comment": comment,
        }),
        Told::Lapsed { request } => json!({ "request": request.id }),
        Told::Ended { grant, cause } => json!({ "grant": grant.id, "why": cause.sentence() }),
        Told::Glass { grant, .. } => json!({
            "grant": grant.id,
            "reason": grant.reason,
            "ends_at": grant.ends_at,
        }),
    };
    if let (Some(data), Some(more)) = (data.as_object_mut(), more.as_object()) {
        data.extend(more.clone());
    }
    data
}
