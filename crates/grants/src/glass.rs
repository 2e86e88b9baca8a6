//! Break-glass: at once, loudly, and reviewed by somebody else afterwards.

use std::time::Duration;

use doorward_core::lifecycle::LiveGrant;
use doorward_core::{
    AccountId, Act as _, Actor, Allowed, BreakGlass, Class, Context, Denied, Entity, Event,
    GrantId, Question, RevokeGrant, authorize,
};
use doorward_store::grant::{self as rows, GrantRow};
use doorward_store::{change, event};

use crate::grants::record;
use crate::notices::Told;
use crate::requests::{LONGEST, MOST, is_prose};
use crate::service::Grants;

/// Why the glass was not broken, or a review not taken.
#[derive(Debug, thiserror::Error)]
pub enum GlassError {
    /// Policy says no.
    #[error("not permitted")]
    Denied(Denied),
    /// Nothing was said.
    #[error("reason: say why; it is the first thing that the review asks")]
    NoReason,
    /// Too much to say.
    #[error("reason: at most {LONGEST} characters, and no control characters")]
    Reason,
    /// Only people and workloads.
    #[error("sign in first")]
    Nobody,
    /// The permission was given for other facts.
    #[error("the permission is not for this duration, or not for break-glass")]
    OtherFacts,
    /// There is no such break-glass grant, or it is reviewed.
    #[error("no such break-glass grant waits for its review")]
    NotFound,
    /// Nobody reviews what they did themselves.
    #[error("nobody reviews their own break-glass")]
    Own,
    /// The database.
    #[error(transparent)]
    Store(#[from] doorward_store::Error),
}

impl Grants {
    /// Asks whether the actor may break the glass for this reason and time.
    pub fn ask_break_glass(
        &self,
        actor: &Actor,
        account: AccountId,
        reason: &str,
        duration: Duration,
    ) -> Result<Allowed<BreakGlass>, Denied> {
        let context = Context {
            reason: !reason.trim().is_empty(),
            duration: Some(duration.min(MOST)),
            break_glass: true,
            ..Context::default()
        };
        authorize(self.decider().as_ref(), actor, BreakGlass { account }, &context)
    }

    /// Takes the account at once. Everybody who could stop it is told, and
    /// somebody else has to review it.
    pub async fn break_glass(
        &self,
        allowed: &Allowed<BreakGlass>,
        reason: &str,
        duration: Duration,
    ) -> Result<LiveGrant, GlassError> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(GlassError::NoReason);
        }
        if !is_prose(reason) {
            return Err(GlassError::Reason);
        }
        let holder = allowed.actor().id().ok_or(GlassError::Nobody)?;
        let context = allowed.question().context;
        let duration = duration.min(MOST);
        if !context.break_glass || context.duration.is_none_or(|d| duration > d) {
            return Err(GlassError::OtherFacts);
        }
        let now = self.env().now();
        let grant = LiveGrant {
            id: GrantId::new(self.env()),
            request: None,
            holder,
            about: Entity::new("Account", allowed.act().account),
            reason: reason.to_owned(),
            approvals: 0,
            starts_at: now,
            ends_at: now + duration,
            break_glass: true,
        };
        let administrators = self.administrators(&grant).await?;
        let actor = allowed.actor().clone();
        let broken = record(self, "grant.break-glass", &actor, &grant)
            .by(allowed.policies())
            .with("reason", reason)
            .with("ends_at", grant.ends_at.to_string());
        let finding = Event::new(self.env(), Class::DetectionFinding, "break-glass.used", &actor)
            .on(grant.about.clone())
            .with("grant", grant.id.to_string())
            .with("reason", reason);
        let (me, kept) = (self.clone(), grant.clone());
        self.db()
            .write(move |c| {
                rows::insert(c, &kept)?;
                event::append(c, &broken)?;
                event::append(c, &finding)?;
                change::bump(c, "grant", kept.id, now)?;
                me.tell(c, &Told::Glass { grant: &kept, administrators: &administrators })
            })
            .await?;
        Ok(grant)
    }

    /// Those who could end the grant.
    async fn administrators(
        &self,
        grant: &LiveGrant,
    ) -> Result<Vec<doorward_core::IdentityId>, doorward_store::Error> {
        let act = RevokeGrant { grant: grant.id, holder: grant.holder, about: grant.about.clone() };
        let question = move |actor| Question {
            actor,
            action: RevokeGrant::ACTION,
            resource: act.resource(),
            context: Context::default(),
        };
        self.permitted(question, grant.holder).await
    }

    /// Break-glass grants that wait for their review, oldest first. Whoever shows
    /// them decides each with `ReadGrant`.
    pub async fn unreviewed(&self, limit: i64) -> Result<Vec<GrantRow>, doorward_store::Error> {
        self.db().read(move |c| rows::unreviewed(c, limit)).await
    }

    /// Somebody who could have ended it says what they found. Never its holder.
    pub async fn review(
        &self,
        allowed: &Allowed<RevokeGrant>,
        comment: &str,
    ) -> Result<(), GlassError> {
        let comment = comment.trim().to_owned();
        if comment.is_empty() {
            return Err(GlassError::NoReason);
        }
        if !is_prose(&comment) {
            return Err(GlassError::Reason);
        }
        let by = allowed.actor().id().ok_or(GlassError::Nobody)?;
        let (me, allowed, now) = (self.clone(), allowed.clone(), self.env().now());
        self.db()
            .write(move |c| {
                let act = allowed.act();
                let row = rows::find(c, act.grant)?
                    .filter(|g| g.grant.holder == act.holder && g.grant.break_glass)
                    .ok_or(GlassError::NotFound)?;
                if me.decider().same_person(row.grant.holder, by) {
                    return Err(GlassError::Own);
                }
                if !rows::review(c, act.grant, by, &comment, now)? {
                    return Err(GlassError::NotFound);
                }
                let event = record(&me, "grant.reviewed", allowed.actor(), &row.grant)
                    .by(allowed.policies())
                    .with("comment", comment.clone());
                event::append(c, &event)?;
                change::bump(c, "grant", act.grant, now)?;
                Ok(())
            })
            .await
    }
}
