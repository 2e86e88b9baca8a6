//! Says when what a page shows has changed, so that it can fetch itself again.
//! A browser that comes back says what it saw last and learns whether that
//! still holds.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use doorward_store::{change, privileged_session};
use http::HeaderMap;

use crate::frame::guard::Caller;
use crate::{AppState, Problem};

/// How often the change feed is looked at.
const EVERY: Duration = Duration::from_secs(2);

/// What the pages show, as a number.
async fn fingerprint(state: &AppState, caller: &Caller) -> Result<u64, Problem> {
    let mut hasher = DefaultHasher::new();
    for r in super::requests::inbox(state, caller).await? {
        (r.id.to_string(), r.version).hash(&mut hasher);
    }
    for r in state.grants.requests(Some(caller.id()), None, None, 50).await? {
        (r.id.to_string(), r.version).hash(&mut hasher);
    }
    for g in state.grants.grants(Some(caller.id()), None, 50).await? {
        (g.grant.id.to_string(), g.version).hash(&mut hasher);
    }
    for g in super::grants::to_review(state, caller).await? {
        g.id.hash(&mut hasher);
    }
    let live =
        state.db.read(|c| privileged_session::list(c, Some("live"), None, None, 200)).await?;
    live.iter().for_each(|s| s.id.hash(&mut hasher));
    Ok(hasher.finish())
}

async fn newest(state: &AppState) -> Result<(i64, i64), Problem> {
    Ok(state.db.read(change::newest).await?)
}

struct Following {
    state: AppState,
    caller: Caller,
    seq: (i64, i64),
    seen: u64,
    over: bool,
}

impl Following {
    async fn next(&mut self) -> Result<Message, Problem> {
        loop {
            tokio::time::sleep(EVERY).await;
            if self.state.signin.live_session(self.caller.session.id).await?.is_none() {
                self.over = true;
                return Ok(Message::default().event("over").data("1"));
            }
            let seq = newest(&self.state).await?;
            if seq == self.seq {
                continue;
            }
            self.seq = seq;
            let now = fingerprint(&self.state, &self.caller).await?;
            if now != self.seen {
                self.seen = now;
                return Ok(Message::default().event("changed").id(now.to_string()).data("1"));
            }
        }
    }
}

pub(super) async fn follow(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last =
        headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let now = fingerprint(&state, &caller).await?;
    // Something happened while the browser was away: look again at once.
    let (seq, seen) = match last {
        Some(last) if last != now => ((-1, -1), last),
        _ => (newest(&state).await?, now),
    };
    let following = Following { state, caller, seq, seen, over: false };
    let stream = futures::stream::unfold(following, |mut f| async move {
        if f.over {
            return None;
        }
        let message = f.next().await.unwrap_or_else(|_| {
            f.over = true;
            Message::default().comment("later")
        });
        Some((Ok::<_, Infallible>(message), f))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}
