//! Token families that no longer stand: their people were disabled, their
//! sessions ended, their applications taken away, the policy changed.

use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use doorward_core::{Actor, Class, Entity, Event, OpenApplication, SessionId, Timestamp};
use doorward_store::change::{self, Change};
use doorward_store::token::{self as rows, Family};
use doorward_store::{Error as StoreError, event, session};
use doorward_watch::Reviewer;

use crate::Oidc;
use crate::error::OAuthError;
use crate::tokens::Facts;

/// Revokes what no longer stands, and tells the clients.
pub struct SsoReviewer {
    oidc: Oidc,
    /// When what has long ended was last forgotten, in seconds.
    swept: AtomicI64,
}

/// How often that is, in seconds.
const SWEEP: i64 = 3600;

impl SsoReviewer {
    /// For this provider.
    pub fn new(oidc: Oidc) -> Self {
        Self { oidc, swept: AtomicI64::new(0) }
    }
}

/// Kinds of change that can take a token away.
const KINDS: &[&str] = &["identity", "team", "role", "policy", "application", "grant", "session"];

#[async_trait]
impl Reviewer for SsoReviewer {
    async fn review(&self, changes: &[Change]) {
        if !changes.iter().any(|c| KINDS.contains(&c.kind.as_str())) {
            return;
        }
        // Only sessions changed: only their families can be touched.
        let sessions: Option<Vec<SessionId>> = changes
            .iter()
            .filter(|c| KINDS.contains(&c.kind.as_str()))
            .map(|c| if c.kind == "session" { c.id.parse().ok() } else { None })
            .collect();
        if let Err(error) = self.oidc.revoke_what_fell(sessions).await {
            tracing::error!(%error, "token families could not be reviewed; each is asked again at its next use");
        }
    }

    async fn tick(&self, now: Timestamp) {
        // Forgetting is no hurry; dates take effect at the next use by themselves.
        let last = self.swept.load(Ordering::Relaxed);
        if now.secs() - last >= SWEEP {
            self.swept.store(now.secs(), Ordering::Relaxed);
            let before = now - crate::tokens::ABSOLUTE;
            let _ = self.oidc.db.write(move |c| rows::sweep(c, before)).await;
        }
    }
}

impl Oidc {
    async fn revoke_what_fell(&self, sessions: Option<Vec<SessionId>>) -> Result<(), OAuthError> {
        let now = self.env.now();
        let families = self
            .db
            .read(move |c| match &sessions {
                None => rows::live_families(c, None, now),
                Some(sessions) => {
                    let mut all = Vec::new();
                    for id in sessions {
                        all.extend(rows::families_of_session(c, *id)?);
                    }
                    Ok(all)
                }
            })
            .await?;
        for family in families {
            if let Some(because) = self.fallen(&family).await? {
                self.revoke_fallen(family, because).await?;
            }
        }
        Ok(())
    }

    async fn fallen(&self, family: &Family) -> Result<Option<&'static str>, OAuthError> {
        let facts = Facts::of(family)?;
        let actor = facts.actor(family);
        if let Some(absence) = self.engine.absence(&actor) {
            return Ok(Some(absence));
        }
        if let Some(id) = family.session {
            let alive = self.db.read(move |c| session::find(c, id)).await?;
            if alive.is_none() {
                return Ok(Some("the session was ended"));
            }
        }
        let act = OpenApplication { application: family.application };
        Ok(self.ask(&actor, act).await?.is_err().then_some("it is no longer permitted"))
    }

    async fn revoke_fallen(&self, family: Family, because: &'static str) -> Result<(), OAuthError> {
        let now = self.env.now();
        let actor = Actor::system("a fact of the decision changed");
        let event = Event::new(&self.env, Class::ApiActivity, "token-family.revoked", &actor)
            .on(Entity::new("Application", family.application))
            .with("family", family.id.to_string())
            .with("identity", family.identity.to_string())
            .with("because", because);
        let application = self.application(&family.application.to_string()).await.ok();
        let notice = application.and_then(|a| self.logout_notice(&a, &family));
        let env = self.env.clone();
        self.db
            .write(move |c| {
                if rows::revoke_family(c, family.id, now, because)? {
                    event::append(c, &event)?;
                    change::bump(c, "token_family", family.id, now)?;
                    if let Some(notice) = &notice {
                        notice.enqueue(c, &env)?;
                    }
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(())
    }
}
