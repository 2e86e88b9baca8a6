//! Grants: kept, given back, revoked.

use doorward_core::lifecycle::{EndCause, LiveGrant};
use doorward_core::{
    Actor, Allowed, Class, Entity, Event, GrantId, IdentityId, ManageOwn, RevokeGrant, Timestamp,
};
use doorward_store::grant::{self as rows, GrantRow};
use doorward_store::{Conn, change, event, privileged_session};

use crate::notices::Told;
use crate::requests::{LONGEST, is_prose};
use crate::service::Grants;

/// Why something with a grant was refused.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// There is no such grant.
    #[error("no such grant")]
    NotFound,
    /// It has ended.
    #[error("the grant has ended already")]
    Over,
    /// Too much to say.
    #[error("reason: at most {LONGEST} characters, and no control characters")]
    Reason,
    /// Only an identity can do this.
    #[error("sign in first")]
    Nobody,
    /// The database.
    #[error(transparent)]
    Store(#[from] doorward_store::Error),
}

/// A record about a grant.
pub(crate) fn record(g: &Grants, activity: &str, actor: &Actor, grant: &LiveGrant) -> Event {
    Event::new(g.env(), Class::UserAccessManagement, activity, actor)
        .on(Entity::new("Grant", grant.id))
        .with("about", grant.about.to_string())
        .with("holder", grant.holder.to_string())
}

impl Grants {
    /// Writes a new grant.
    pub(crate) fn keep_grant(
        &self,
        c: &Conn<'_>,
        grant: &LiveGrant,
        actor: &Actor,
    ) -> Result<(), doorward_store::Error> {
        rows::insert(c, grant)?;
        let event = record(self, "grant.created", actor, grant)
            .with("ends_at", grant.ends_at.to_string())
            .with("approvals", grant.approvals);
        event::append(c, &event)?;
        change::bump(c, "grant", grant.id, grant.starts_at)
    }

    /// The grants of `holder` on `about` that are in force, the longest first.
    pub async fn live_for(
        &self,
        holder: IdentityId,
        about: &Entity,
    ) -> Result<Vec<LiveGrant>, doorward_store::Error> {
        let (about, now) = (about.clone(), self.env().now());
        let found = self.db().read(move |c| rows::in_force(c, holder, &about, now)).await?;
        Ok(found.into_iter().map(|g| g.grant).collect())
    }

    /// One grant. Whoever shows it asks for `ReadGrant`, or shows people their own.
    pub async fn grant(&self, id: GrantId) -> Result<GrantRow, GrantError> {
        self.db().read(move |c| rows::find(c, id)).await?.ok_or(GrantError::NotFound)
    }

    /// Grants, newest first, ended ones too: of one holder or of all.
    pub async fn grants(
        &self,
        holder: Option<IdentityId>,
        before: Option<GrantId>,
        limit: i64,
    ) -> Result<Vec<GrantRow>, doorward_store::Error> {
        self.db().read(move |c| rows::list(c, holder, before, limit)).await
    }

    /// Grants that have not ended, oldest first: of one holder or of all.
    pub async fn live_grants(
        &self,
        holder: Option<IdentityId>,
        after: Option<GrantId>,
        limit: i64,
    ) -> Result<Vec<GrantRow>, doorward_store::Error> {
        self.db().read(move |c| rows::live(c, holder, after, limit)).await
    }

    /// Gives one's own grant back.
    pub async fn return_grant(
        &self,
        allowed: &Allowed<ManageOwn>,
        id: GrantId,
    ) -> Result<(), GrantError> {
        let grant = self.grant(id).await?.grant;
        if grant.holder != allowed.act().of {
            return Err(GrantError::NotFound);
        }
        let event = record(self, "grant.returned", allowed.actor(), &grant);
        self.end(grant, EndCause::Returned, event).await
    }

    /// Ends somebody's grant now.
    pub async fn revoke(
        &self,
        allowed: &Allowed<RevokeGrant>,
        reason: &str,
    ) -> Result<(), GrantError> {
        let reason = reason.trim();
        if !is_prose(reason) {
            return Err(GrantError::Reason);
        }
        let by = allowed.actor().id().ok_or(GrantError::Nobody)?;
        let act = allowed.act();
        let grant = self.grant(act.grant).await?.grant;
        if grant.holder != act.holder || grant.about != act.about {
            return Err(GrantError::NotFound);
        }
        let event = record(self, "grant.revoked", allowed.actor(), &grant)
            .by(allowed.policies())
            .with("reason", reason);
        self.end(grant, EndCause::Revoked { by, reason: reason.to_owned() }, event).await
    }

    /// Ends it, once.
    async fn end(&self, grant: LiveGrant, cause: EndCause, event: Event) -> Result<(), GrantError> {
        let (me, now) = (self.clone(), self.env().now());
        self.db()
            .write(move |c| {
                if me.end_in(c, &grant, &cause, &event, now)? {
                    Ok(())
                } else {
                    Err(GrantError::Over)
                }
            })
            .await
    }

    /// Ends it in this transaction, and what stands on it; false when it has ended
    /// already.
    pub(crate) fn end_in(
        &self,
        c: &Conn<'_>,
        grant: &LiveGrant,
        cause: &EndCause,
        event: &Event,
        now: Timestamp,
    ) -> Result<bool, doorward_store::Error> {
        if !rows::end(c, grant.id, now, cause)? {
            return Ok(false);
        }
        event::append(c, event)?;
        change::bump(c, "grant", grant.id, now)?;
        for session in privileged_session::request_ends_under(c, grant.id, cause)? {
            change::bump(c, "privileged_session", session, now)?;
        }
        self.tell(c, &Told::Ended { grant, cause })?;
        Ok(true)
    }
}
