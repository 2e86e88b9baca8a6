//! What was recorded about somebody, for themselves.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use doorward_core::{Entity, Event, Outcome, Timestamp};
use doorward_store::event::Filter;
use serde::Deserialize;

use super::lang::Lang;
use super::shell::Shell;
use super::views::Names;
use crate::frame::extract::Ask;
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

/// Entries of a page.
const PAGE: i64 = 50;

struct Entry {
    at: Timestamp,
    /// In words; the code of the record, where there are none.
    text: &'static str,
    code: String,
    target: String,
    address: String,
    failed: bool,
}

#[derive(Template)]
#[template(path = "activity.html")]
struct Activity {
    s: Shell,
    entries: Vec<Entry>,
    first: bool,
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct From {
    cursor: Option<String>,
}

pub(super) async fn show(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    Ask(from): Ask<From>,
) -> Result<Response, Problem> {
    let mut s = Shell::portal(&state, lang, &caller, "you", "Your activity").await?;
    s.live = false;
    let names = Names::of(&state);
    let me = names.identity(caller.id());
    let filter = Filter { actor: Some(caller.id()), ..Filter::default() };
    let cursor = from.cursor.as_deref();
    let found =
        doorward_audit::search::page(&state.db, &state.cursors, filter, cursor, PAGE).await?;
    let entries = found
        .items
        .into_iter()
        .map(|f| {
            let event = f.event;
            Entry {
                at: event.at,
                text: words(&event.activity, event.privileged_session.is_some()),
                target: about(&names, &event, &me),
                address: event.actor.network.address.map(|a| a.to_string()).unwrap_or_default(),
                failed: event.outcome == Outcome::Failure,
                code: event.activity,
            }
        })
        .collect();
    let page = Activity { s, entries, first: cursor.is_none(), next: found.next };
    page.s.page(&page)
}

/// What it was about, when that has a name and is not the reader.
fn about(names: &Names, event: &Event, me: &str) -> String {
    let told = event.details.get("about").and_then(serde_json::Value::as_str).and_then(parsed);
    let Some(entity) = told.as_ref().or(event.target.as_ref()) else { return String::new() };
    let name = names.entity(entity);
    if name == entity.id || name == me { String::new() } else { name }
}

/// A reference as the record writes it: `Account::"…"`.
fn parsed(text: &str) -> Option<Entity> {
    let (kind, id) = text.split_once("::")?;
    Some(Entity::new(kind, id.trim_matches('"')))
}

fn words(activity: &str, privileged: bool) -> &'static str {
    match activity {
        "session.opened" if !privileged => "Signed in",
        "session.ended" if !privileged => "Signed out",
        "session.strengthened" => "Confirmed with a fresh proof",
        "sign-in.failed" => "A sign-in failed",
        "sign-in.refused" => "A sign-in was refused",
        "authenticator.enrolled" => "An authenticator was added",
        "authenticator.removed" => "An authenticator was removed",
        "recovery-code.used" => "A recovery code was used",
        "link.used" => "A one-time link was used",
        "confirmation.confirmed" => "Confirmed a code from elsewhere",
        "consent.given" => "Allowed an application",
        "application.opened" => "Opened an application",
        "application.refused" => "An application was not opened",
        "token.issued" => "An application got its tokens",
        "token.revoked" => "An application's access ended",
        "request.filed" => "Asked for access",
        "request.approved" => "Approved a request",
        "request.denied" => "Denied a request",
        "request.withdrawn" => "Withdrew a request",
        "grant.created" => "Access was granted",
        "grant.returned" => "Gave access back",
        "grant.revoked" => "Ended somebody's access",
        "grant.break-glass" | "break-glass.used" => "Broke the glass",
        "grant.reviewed" => "Reviewed broken glass",
        "session.opening" => "Began a privileged session",
        "session.opened" => "Opened a privileged session",
        "session.ended" => "A privileged session ended",
        "session.failed" => "A privileged session did not open",
        "session.refused" => "A privileged session was refused",
        "session.command" => "Ran a command",
        "session.file" => "Touched a file",
        "session.watched" => "Watched a privileged session",
        "session.end-requested" => "Cut a privileged session",
        "session.port-forward" => "Forwarded a port",
        "session.frozen" => "Froze a privileged session",
        "session.thawed" => "Thawed a privileged session",
        "session.message" => "Wrote into a privileged session",
        "session.watch-ended" => "Stopped watching a privileged session",
        "device.registered" => "Signed in from a new device",
        "device.forgotten" => "A device was forgotten",
        "device.managed" => "Said that a device is managed",
        "device.unmanaged" => "Said that a device is no longer managed",
        "application.tested" => "Tried out the sign-in of an application",
        "recording.played" => "Replayed a recording",
        "credential.used" => "A credential was brought by the gateway",
        "secret.read" => "Read a secret",
        _ => "",
    }
}
