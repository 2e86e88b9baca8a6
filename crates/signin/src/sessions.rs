//! Sessions: found by their token, touched, listed, revoked.

use std::time::Duration;

use doorward_core::lifecycle::LiveSession;
use doorward_core::{
    Actor, Allowed, Class, Entity, Event, IdentityId, ManageAuthenticators, ManageOwn, Network,
    SessionId, SignIn as SignInAct,
};
use doorward_store::{Conn, change, event, session};

use crate::error::{Result, SignInError};
use crate::factors::Tools;
use crate::{Inner, SignIn, devices, token};

/// How exactly the last use is known.
const TOUCH: Duration = Duration::from_secs(60);

impl SignIn {
    /// Who presents this token: none when the session is revoked, over, idle for
    /// too long, or its owner may not be signed in at the moment. The session is on its
    /// device only if the keys shown as `device` have that device's among them.
    pub async fn authenticate(
        &self,
        token: &str,
        device: Option<&str>,
        network: &Network,
    ) -> Result<Option<(LiveSession, Allowed<SignInAct>)>> {
        let Some(hash) = token::presented(token) else { return Ok(None) };
        let keys = devices::shown(device);
        let found = self.0.db.read(move |c| {
            let Some(live) = session::by_token(c, &hash)? else { return Ok(None) };
            let device = if devices::holds(c, &live, &keys)? { live.device } else { None };
            Ok::<_, doorward_store::Error>(Some(LiveSession { device, ..live }))
        });
        let Some(mut live) = found.await? else { return Ok(None) };
        let now = self.0.env.now();
        if !live.alive(self.0.config.limits, now) {
            return Ok(None);
        }
        let Ok(allowed) = self.0.session_may(&live, network) else { return Ok(None) };
        if now.since(live.last_seen_at) >= TOUCH {
            let id = live.id;
            self.0.db.write(move |c| session::touch(c, id, now)).await?;
            live.last_seen_at = now;
        }
        Ok(Some((live, allowed)))
    }

    /// The session with this id, if it is alive and its owner may be signed in.
    pub async fn live_session(&self, id: SessionId) -> Result<Option<LiveSession>> {
        let now = self.0.env.now();
        let found = self.0.db.read(move |c| session::find(c, id)).await?;
        Ok(found.filter(|s| {
            s.alive(self.0.config.limits, now) && self.0.session_may(s, &s.network).is_ok()
        }))
    }

    /// One's own sessions, newest first.
    pub async fn sessions(&self, allowed: &Allowed<ManageOwn>) -> Result<Vec<LiveSession>> {
        self.0.sessions_of(allowed.act().of).await
    }

    /// Somebody's sessions, newest first.
    pub async fn sessions_of(
        &self,
        allowed: &Allowed<ManageAuthenticators>,
    ) -> Result<Vec<LiveSession>> {
        self.0.sessions_of(allowed.act().identity).await
    }

    /// Ends one of one's own sessions; signing out is ending the present one.
    pub async fn revoke_session(&self, allowed: &Allowed<ManageOwn>, id: SessionId) -> Result<()> {
        let because = match allowed.actor().session == Some(id) {
            true => "signed out",
            false => "ended by its owner",
        };
        self.0.revoke(allowed.act().of, Some(id), None, allowed.actor(), because).await.map(drop)
    }

    /// Ends all of one's own sessions but the present one; gives how many.
    pub async fn revoke_other_sessions(&self, allowed: &Allowed<ManageOwn>) -> Result<usize> {
        let keep = allowed.actor().session;
        self.0.revoke(allowed.act().of, None, keep, allowed.actor(), "ended by its owner").await
    }

    /// Ends all sessions of somebody; gives how many.
    pub async fn revoke_sessions_of(
        &self,
        allowed: &Allowed<ManageAuthenticators>,
    ) -> Result<usize> {
        let (of, actor) = (allowed.act().identity, allowed.actor());
        self.0.revoke(of, None, None, actor, "ended by an administrator").await
    }
}

impl Inner {
    pub(crate) fn session_may(
        &self,
        live: &LiveSession,
        network: &Network,
    ) -> std::result::Result<Allowed<SignInAct>, doorward_core::Denied> {
        doorward_core::authorize(
            &*self.decider,
            &live.actor(network.clone()),
            SignInAct {},
            &doorward_core::Context::default(),
        )
    }

    async fn sessions_of(&self, id: IdentityId) -> Result<Vec<LiveSession>> {
        let (now, limits) = (self.env.now(), self.config.limits);
        let mut found = self.db.read(move |c| session::of_identity(c, id, now)).await?;
        found.retain(|s| s.alive(limits, now));
        Ok(found)
    }

    async fn revoke(
        &self,
        of: IdentityId,
        one: Option<SessionId>,
        keep: Option<SessionId>,
        actor: &Actor,
        because: &'static str,
    ) -> Result<usize> {
        let (tools, actor) = (self.tools.clone(), actor.clone());
        let now = self.env.now();
        self.db
            .write(move |c| {
                // Only this owner's: another's id is as good as none.
                let mut doomed = session::of_identity(c, of, now)?;
                doomed.retain(|s| one.is_none_or(|id| id == s.id) && keep != Some(s.id));
                if one.is_some() && doomed.is_empty() {
                    return Err(SignInError::NotFound("session"));
                }
                for s in &doomed {
                    end(c, &tools, &actor, s, because)?;
                }
                Ok(doomed.len())
            })
            .await
    }
}

/// Revokes one session and records it.
pub(crate) fn end(
    c: &Conn<'_>,
    tools: &Tools,
    actor: &Actor,
    s: &LiveSession,
    because: &str,
) -> doorward_store::Result<()> {
    let now = tools.env.now();
    if !session::revoke(c, s.id, now, because)? {
        return Ok(());
    }
    let happened = Event::new(&tools.env, Class::Authentication, "session.ended", actor)
        .on(Entity::new("Identity", s.identity))
        .with("session", s.id.to_string())
        .with("because", because);
    event::append(c, &happened)?;
    change::bump(c, "session", s.id, now)
}
