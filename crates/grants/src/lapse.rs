//! What time and changes do to requests and grants.

use async_trait::async_trait;
use doorward_core::lifecycle::{EndCause, LiveGrant, RequestState};
use doorward_core::{Action, Actor, GrantId, IdentityId, Timestamp};
use doorward_directory::Leaving;
use doorward_store::change::{self, Change};
use doorward_store::{Conn, event, grant as rows, request as requests};
use doorward_watch::{Reviewer, TIME};

use crate::grants::record;
use crate::requests::{Still, record as told};
use crate::service::Grants;

/// Changes of these kinds can change what the policy says to a grant.
const FACTS: [&str; 7] = ["identity", "team", "role", "target", "account", "policy", "application"];
const PAGE: i64 = 200;

/// Whether this change, or the time, can change what the policy says to a grant.
fn matters(change: &Change) -> bool {
    let about = [Action::OpenSession, Action::OpenApplication];
    match change.kind.as_str() {
        TIME => about.iter().any(|a| a.name() == change.id),
        kind => FACTS.contains(&kind),
    }
}

/// Whoever is disabled or removed keeps no grant and no request, whatever comes after.
impl Leaving for Grants {
    fn left(
        &self,
        c: &Conn<'_>,
        who: IdentityId,
        because: &str,
    ) -> Result<(), doorward_store::Error> {
        let (now, actor) = (self.env().now(), Actor::system(because));
        let cause = EndCause::NoLongerPermitted { because: because.to_owned() };
        for row in rows::live(c, Some(who), None, i64::MAX)? {
            let event = record(self, "grant.ended", &actor, &row.grant);
            self.end_in(c, &row.grant, &cause, &event, now)?;
        }
        for row in requests::pending_of(c, who)? {
            if requests::advance(c, row.id, row.version, RequestState::Withdrawn, row.needed, now)?
            {
                event::append(c, &told(self, "request.withdrawn", &actor, &row))?;
                change::bump(c, "request", row.id, now)?;
            }
        }
        Ok(())
    }
}

impl Grants {
    /// Ends requests and grants whose time is over. Any node may do it; each is
    /// ended once.
    pub async fn expire(&self) -> Result<(), doorward_store::Error> {
        let now = self.env().now();
        self.expire_requests(now).await?;
        let overdue = self.db().read(move |c| rows::overdue(c, now, 100)).await?;
        for row in overdue {
            self.end_quietly(row.grant, EndCause::Expired, "grant.expired", "its time is over")
                .await?;
        }
        Ok(())
    }

    /// Asks the policy again for the live grants of one holder, or of all, and
    /// ends those that it no longer wants.
    async fn decide_again(&self, holder: Option<IdentityId>) -> Result<(), doorward_store::Error> {
        let mut after: Option<GrantId> = None;
        loop {
            let page = self.db().read(move |c| rows::live(c, holder, after, PAGE)).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.grant.id);
            for row in page {
                if self.still_wanted(&row.grant) != Still::Yes {
                    let why = "it is no longer permitted";
                    self.end_quietly(row.grant, Still::cause(), "grant.ended", why).await?;
                }
            }
        }
    }

    async fn end_quietly(
        &self,
        grant: LiveGrant,
        cause: EndCause,
        activity: &str,
        why: &str,
    ) -> Result<(), doorward_store::Error> {
        let event = record(self, activity, &Actor::system(why), &grant);
        let (me, now) = (self.clone(), self.env().now());
        self.db().write(move |c| me.end_in(c, &grant, &cause, &event, now)).await?;
        Ok(())
    }
}

#[async_trait]
impl Reviewer for Grants {
    async fn review(&self, changes: &[Change]) {
        let facts: Vec<&Change> = changes.iter().filter(|c| matters(c)).collect();
        if facts.is_empty() {
            return;
        }
        let people: Option<Vec<IdentityId>> = facts
            .iter()
            .map(|c| if c.kind == "identity" { c.id.parse().ok() } else { None })
            .collect();
        // Only people: only their grants. Anything else: all.
        let holders = match people {
            Some(people) => people.into_iter().map(Some).collect(),
            None => vec![None],
        };
        for holder in holders {
            if let Err(error) = self.decide_again(holder).await {
                tracing::error!(%error, "cannot decide the grants again");
            }
        }
    }

    async fn tick(&self, _now: Timestamp) {
        if let Err(error) = self.expire().await {
            tracing::error!(%error, "cannot end what is over");
        }
    }
}
