//! Ends the sessions of those who may not be signed in any more, and forgets
//! what is long over.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use doorward_core::lifecycle::LiveSession;
use doorward_core::{Action, Actor, IdentityId, Timestamp};
use doorward_directory::Leaving;
use doorward_store::change::Change;
use doorward_store::{Conn, confirmation, device, one_time_link, session, signin, throttle};
use doorward_watch::{Reviewer, TIME};

use crate::error::Result;
use crate::{SignIn, sessions};

/// What is over is kept this long.
const KEEP: Duration = Duration::from_secs(30 * 24 * 3600);
/// Addresses and names that nobody has are remembered this long.
const QUIET: Duration = Duration::from_secs(24 * 3600);
/// Devices that nobody vouches for are remembered this long after their last sign-in.
const UNUSED: Duration = Duration::from_secs(400 * 24 * 3600);
/// How often what is over is forgotten.
const SWEEP: Duration = Duration::from_secs(10 * 60);

/// Whether this change, or the time, can take anybody's session away.
fn general(change: &Change) -> bool {
    match change.kind.as_str() {
        TIME => change.id == Action::SignIn.name(),
        kind => ["policy", "team", "role"].contains(&kind),
    }
}

/// Whether it is about this session's owner or device.
fn about(change: &Change, s: &LiveSession) -> bool {
    match change.kind.as_str() {
        "identity" => change.id == s.identity.to_string(),
        "device" => s.device.is_some_and(|d| change.id == d.to_string()),
        _ => false,
    }
}

#[async_trait]
impl Reviewer for SignIn {
    async fn review(&self, changes: &[Change]) {
        let touched = |kind: &str| changes.iter().any(|c| c.kind == kind);
        if !changes.iter().any(general) && !touched("identity") && !touched("device") {
            return;
        }
        if let Err(error) = self.sweep_sessions(changes).await {
            // The decider refuses these sessions already; only the rows linger.
            tracing::error!(%error, "cannot end the sessions of those who lost them");
        }
    }

    async fn tick(&self, now: Timestamp) {
        if let Err(error) = self.time_passed(now).await {
            tracing::warn!(%error, "cannot sweep sessions");
        }
    }
}

/// Whoever is disabled or removed is signed in nowhere, whatever comes after.
impl Leaving for SignIn {
    fn left(&self, c: &Conn<'_>, who: IdentityId, because: &str) -> doorward_store::Result<()> {
        let tools = &self.0.tools;
        let actor = Actor::system(because);
        let live = session::of_identity(c, who, tools.env.now())?;
        live.iter().try_for_each(|s| sessions::end(c, tools, &actor, s, because))
    }
}

impl SignIn {
    async fn sweep_sessions(&self, changes: &[Change]) -> Result<()> {
        let now = self.0.env.now();
        let live = self.0.db.read(move |c| session::live(c, now)).await?;
        let all = changes.iter().any(general);
        let lost: Vec<LiveSession> = live
            .into_iter()
            .filter(|s| all || changes.iter().any(|c| about(c, s)))
            .filter(|s| self.0.session_may(s, &s.network).is_err())
            .collect();
        self.end_all(lost, "may not be signed in any more").await
    }

    async fn time_passed(&self, now: Timestamp) -> Result<()> {
        let lost = self.0.db.read(move |c| session::of_the_absent(c, now)).await?;
        self.end_all(lost, "may not be signed in any more").await?;
        let last = self.0.swept_at.load(Ordering::Relaxed);
        if now.since(Timestamp::from_micros(last)) >= SWEEP {
            self.0.swept_at.store(now.micros(), Ordering::Relaxed);
            self.0
                .db
                .write(move |c| {
                    signin::sweep(c, now)?;
                    session::sweep(c, now - KEEP)?;
                    confirmation::sweep(c, now - KEEP)?;
                    one_time_link::sweep(c, now - KEEP)?;
                    device::sweep(c, now - UNUSED)?;
                    throttle::sweep(c, now - QUIET)
                })
                .await?;
        }
        Ok(())
    }

    async fn end_all(&self, lost: Vec<LiveSession>, because: &'static str) -> Result<()> {
        if lost.is_empty() {
            return Ok(());
        }
        let tools = self.0.tools.clone();
        Ok(self
            .0
            .db
            .write(move |c| {
                let actor = Actor::system("review of sessions");
                lost.iter().try_for_each(|s| sessions::end(c, &tools, &actor, s, because))
            })
            .await?)
    }
}
