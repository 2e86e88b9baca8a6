//! One-time links: the first administrator's, invitations, resets.

use doorward_core::{Allowed, Class, Entity, Event, ManageAuthenticators, Timestamp};
use doorward_store::{authenticator, event, identity, one_time_link};
use serde::{Deserialize, Serialize};

use crate::SignIn;
use crate::error::{Result, SignInError};
use crate::notify::Notice;
use crate::throttle::Throttle;
use crate::token::Token;

/// Why a link is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// The first administrator, at the first start.
    FirstAdministrator,
    /// Somebody new.
    Invitation,
    /// Somebody who lost their authenticators; all that they had go.
    Reset,
}

impl LinkPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::FirstAdministrator => "first-administrator",
            Self::Invitation => "invitation",
            Self::Reset => "reset",
        }
    }
}

/// A link to be handed to its owner.
#[derive(Debug)]
pub struct Link {
    token: Token,
    origin: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl Link {
    /// The address, once. Built from the configured origin, never from what a
    /// request says of its host.
    pub fn url(&self) -> String {
        format!("{}/enrol/{}", self.origin, self.token.expose())
    }

    /// The bearer value alone.
    pub fn token(&self) -> &Token {
        &self.token
    }
}

impl SignIn {
    /// Opens the lock that failed attempts have put on somebody.
    pub async fn unlock(&self, allowed: &Allowed<ManageAuthenticators>) -> Result<()> {
        let id = allowed.act().identity;
        let happened =
            Event::new(&self.0.env, Class::AccountChange, "identity.unlocked", allowed.actor())
                .by(allowed.policies())
                .on(Entity::new("Identity", id));
        Ok(self
            .0
            .db
            .write(move |c| {
                Throttle::forgive(c, id)?;
                event::append(c, &happened)
            })
            .await?)
    }

    /// Makes a link with which the identity sets its authenticators, all anew.
    /// A link that it had before is good for nothing any more.
    pub async fn create_link(
        &self,
        allowed: &Allowed<ManageAuthenticators>,
        purpose: LinkPurpose,
    ) -> Result<Link> {
        let id = allowed.act().identity;
        let token = Token::new(&self.0.env);
        let now = self.0.env.now();
        let expires_at = now + self.0.config.link_life;
        let happened =
            Event::new(&self.0.env, Class::AccountChange, "link.created", allowed.actor())
                .by(allowed.policies())
                .on(Entity::new("Identity", id))
                .with("purpose", purpose.as_str());
        let (hash, tools) = (token.hash(), self.0.tools.clone());
        self.0
            .db
            .write(move |c| {
                let found = identity::find(c, id)?.ok_or(SignInError::NotFound("identity"))?;
                if found.kind != identity::IdentityKind::Person {
                    return Err(SignInError::field("identity", "only people sign in by a link"));
                }
                one_time_link::insert(c, &hash, purpose.as_str(), id, now, expires_at)?;
                event::append(c, &happened)?;
                // Whoever could sign in before must hear of it, whatever it is called.
                if !authenticator::of_identity(c, id)?.is_empty() {
                    let notice = Notice {
                        identity: id,
                        activity: "link.created".to_owned(),
                        text: "An administrator gave out a link to set your authenticators anew."
                            .to_owned(),
                        at: now,
                    };
                    tools.notify.tell(c, &tools.env, &notice)?;
                }
                Ok(())
            })
            .await?;
        Ok(Link { token, origin: self.0.config.origin.clone(), expires_at })
    }
}
