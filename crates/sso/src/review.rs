//! Token families that no longer stand: their people were disabled, their
//! sessions ended, their applications taken away, the policy changed, time passed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use doorward_core::{Action, Actor, Class, IdentityId, OpenApplication, SessionId, Timestamp};
use doorward_directory::Leaving;
use doorward_store::change::Change;
use doorward_store::token::{self as rows, Family};
use doorward_store::{Conn, Error as StoreError};
use doorward_watch::{Reviewer, TIME};

use crate::Oidc;
use crate::error::OAuthError;
use crate::families::End;
use crate::tokens::Facts;

/// Ends what no longer stands, and tells the clients.
pub struct SsoReviewer {
    oidc: Oidc,
    /// When what has long ended was last forgotten, in seconds.
    swept: AtomicI64,
}

/// How often that is, in seconds.
const SWEEP: i64 = 3600;
/// How many families end in one transaction.
const BATCH: usize = 256;

impl SsoReviewer {
    /// For this provider.
    pub fn new(oidc: Oidc) -> Self {
        Self { oidc, swept: AtomicI64::new(0) }
    }
}

/// Which families changes can have touched.
#[derive(Debug, PartialEq, Eq)]
enum Touched {
    All,
    Some { identities: Vec<IdentityId>, sessions: Vec<SessionId> },
}

/// Kinds of change that can take a token away from anybody.
const GENERAL: &[&str] = &["team", "role", "policy", "application", "grant", "device"];

fn touched(changes: &[Change]) -> Touched {
    let (mut identities, mut sessions) = (Vec::new(), Vec::new());
    for change in changes {
        match change.kind.as_str() {
            "identity" => identities.extend(change.id.parse::<IdentityId>().ok()),
            "session" => sessions.extend(change.id.parse::<SessionId>().ok()),
            TIME if change.id == Action::OpenApplication.name() => return Touched::All,
            kind if GENERAL.contains(&kind) => return Touched::All,
            _ => {}
        }
    }
    Touched::Some { identities, sessions }
}

#[async_trait]
impl Reviewer for SsoReviewer {
    async fn review(&self, changes: &[Change]) {
        if let Err(error) = self.oidc.end_what_fell(touched(changes)).await {
            tracing::error!(%error, "token families could not be reviewed; each is asked again at its next use");
        }
    }

    async fn tick(&self, now: Timestamp) {
        // Sessions end by time too, and a node may have died between the end of a
        // session and the end of what came of it.
        if let Err(error) = self.oidc.end_with_their_sessions(now).await {
            tracing::error!(%error, "the families of sessions that ended could not be ended; trying again");
        }
        // Forgetting is no hurry.
        let last = self.swept.load(Ordering::Relaxed);
        if now.secs() - last >= SWEEP {
            self.swept.store(now.secs(), Ordering::Relaxed);
            let before = now - crate::tokens::ABSOLUTE;
            if let Err(error) = self.oidc.db.write(move |c| rows::sweep(c, before)).await {
                tracing::warn!(%error, "cannot forget tokens that have long ended");
            }
        }
    }
}

/// Whoever is disabled or removed keeps no token, whatever comes after.
impl Leaving for Oidc {
    fn left(&self, c: &Conn<'_>, who: IdentityId, because: &str) -> Result<(), StoreError> {
        let families = rows::live_families(c, Some(who), self.env.now())?;
        self.end_fallen(c, &families, because)
    }
}

impl Oidc {
    async fn end_what_fell(&self, touched: Touched) -> Result<(), OAuthError> {
        let now = self.env.now();
        let families = self
            .db
            .read(move |c| match &touched {
                Touched::All => rows::live_families(c, None, now),
                Touched::Some { identities, sessions } => {
                    let mut all = Vec::new();
                    for id in identities {
                        all.extend(rows::live_families(c, Some(*id), now)?);
                    }
                    for id in sessions {
                        all.extend(rows::families_of_session(c, *id)?);
                    }
                    Ok::<_, StoreError>(all)
                }
            })
            .await?;
        let mut fallen: BTreeMap<&'static str, Vec<Family>> = BTreeMap::new();
        for family in families {
            if let Some(because) = self.fallen(&family).await? {
                fallen.entry(because).or_default().push(family);
            }
        }
        for (because, families) in fallen {
            self.end_in_batches(families, because).await?;
        }
        Ok(())
    }

    async fn end_with_their_sessions(&self, now: Timestamp) -> Result<(), OAuthError> {
        const MOST: i64 = 1_000;
        let families =
            self.db.read(move |c| rows::families_of_ended_sessions(c, now, MOST)).await?;
        self.end_in_batches(families, SESSION_ENDED).await
    }

    /// Why it no longer stands, if it does not.
    async fn fallen(&self, family: &Family) -> Result<Option<&'static str>, OAuthError> {
        let facts = Facts::of(family)?;
        let actor = facts.actor(family);
        if let Some(absence) = self.engine.absence(&actor) {
            return Ok(Some(absence));
        }
        if !self.signed_in(family).await? {
            return Ok(Some(SESSION_ENDED));
        }
        let act = OpenApplication { application: family.application };
        Ok(self.ask(&actor, act).await?.is_err().then_some("it is no longer permitted"))
    }

    async fn end_in_batches(
        &self,
        mut families: Vec<Family>,
        because: &'static str,
    ) -> Result<(), OAuthError> {
        // Those of one session at one application are told of together.
        families.sort_by_key(|f| (f.identity, f.session, f.application));
        for batch in families.chunks(BATCH) {
            let (me, batch) = (self.clone(), batch.to_vec());
            self.db.write(move |c| me.end_fallen(c, &batch, because)).await?;
        }
        Ok(())
    }

    fn end_fallen(
        &self,
        c: &Conn<'_>,
        families: &[Family],
        because: &str,
    ) -> Result<(), StoreError> {
        let actor = Actor::system("a fact of the decision changed");
        let record =
            |f: &Family| self.ended(Class::ApiActivity, &actor, f).with("because", because);
        self.end_families(c, families, &End { because, record: &record }).map(drop)
    }
}

const SESSION_ENDED: &str = "the session was ended";
