//! What changes, as server-sent events: which kind of thing, never which one or
//! how. Who follows asks again for what they show, and is answered by policy.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use doorward_core::{
    ListSecret, ReadApplication, ReadGroup, ReadIdentity, ReadPolicy, ReadRole, ReadStatus,
    ReadTarget,
};
use doorward_store::change::{self, Seen};
use http::request::Parts;

use super::answers::Events;
use super::me::own;
use super::prelude::*;
use crate::describe::{Description, Takes};
use crate::streams::{Held, hold};

/// How often the feed is looked at.
const EVERY: Duration = Duration::from_millis(500);
/// How often something is sent, so that a connection that broke is noticed.
const BEAT: Duration = Duration::from_secs(15);
/// Further back than this nobody resumes: they are told to ask for everything.
const FAR: i64 = 10_000;

/// Whether the caller may know that something of this kind changed. Of some
/// kinds everybody has things of their own.
fn concerns(s: &AppState, caller: &Caller, kind: &str) -> bool {
    let may = &caller.actor;
    match kind {
        "identity" | change::LEFT => s.allow(may, ReadIdentity {}).is_ok(),
        "team" => s.allow(may, ReadGroup {}).is_ok(),
        "role" => s.allow(may, ReadRole {}).is_ok(),
        "target" | "account" => s.allow(may, ReadTarget {}).is_ok(),
        "application" => s.allow(may, ReadApplication {}).is_ok(),
        "policy" => s.allow(may, ReadPolicy {}).is_ok(),
        "secret" => s.allow(may, ListSecret {}).is_ok(),
        "seal" | "node" => s.allow(may, ReadStatus {}).is_ok(),
        "request" | "grant" | "privileged_session" | "session" | "authenticator" | "device" => true,
        _ => false,
    }
}

/// What the browser has seen last (`Last-Event-ID`), when it comes back.
pub(super) struct LastEventId(Option<i64>);

impl FromRequestParts<AppState> for LastEventId {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let last = parts.headers.get("last-event-id").and_then(|v| v.to_str().ok());
        Ok(Self(last.and_then(|v| v.parse().ok())))
    }
}

impl Takes for LastEventId {
    fn takes(d: &mut Description<'_>) {
        d.header("Last-Event-ID", "the id of the last event that was seen, to go on after it");
    }
}

struct Following {
    s: AppState,
    caller: Caller,
    seen: Seen,
    ready: Vec<Message>,
    held: Held,
    ended: bool,
}

impl Following {
    async fn next(&mut self) -> Option<Message> {
        while !self.ended {
            if let Some(message) = self.ready.pop() {
                return Some(message);
            }
            if self.held.unless_over(tokio::time::sleep(EVERY)).await.is_none() {
                self.ended = true;
                return Some(Message::default().event("over").data("{}"));
            }
            // A database that does not answer has no news; the next look may.
            let Ok(news) = self.news().await else { continue };
            let mut kinds: Vec<&str> = news.iter().map(|c| c.kind.as_str()).collect();
            kinds.sort_unstable();
            kinds.dedup();
            let through = self.seen.through().to_string();
            for kind in kinds.into_iter().filter(|k| concerns(&self.s, &self.caller, k)) {
                let data = serde_json::json!({ "kind": kind }).to_string();
                self.ready.push(Message::default().event("change").id(&through).data(data));
            }
        }
        None
    }

    async fn news(&mut self) -> doorward_store::Result<Vec<change::Change>> {
        let (after, now) = (self.seen.through(), self.s.env.now());
        let found = self.s.db.read(move |c| change::since(c, after, now)).await?;
        Ok(self.seen.news(found))
    }
}

/// Follows what changes for as long as the caller's session lasts.
pub(super) async fn follow(
    State(s): State<AppState>,
    caller: Caller,
    LastEventId(last): LastEventId,
) -> Answer<Events> {
    let allowed = own(&s, &caller)?;
    let (newest, _) = s.db.read(change::newest).await?;
    let last = last.filter(|n| *n <= newest);
    let held = hold(&s, &caller, &allowed).await;
    let far = last.is_some_and(|n| newest - n > FAR);
    let mut following = Following {
        s,
        caller,
        seen: Seen::after(last.filter(|_| !far).unwrap_or(newest)),
        ready: Vec::new(),
        held,
        ended: false,
    };
    // What is in the look-back was seen already by whoever begins now.
    if last.is_none() || far {
        following.news().await?;
    }
    let stream = futures::stream::unfold(following, |mut following| async move {
        let message = following.next().await?;
        Some((Ok::<_, Infallible>(message), following))
    });
    let response: Response =
        Sse::new(stream).keep_alive(KeepAlive::new().interval(BEAT)).into_response();
    Ok(Events(response))
}
