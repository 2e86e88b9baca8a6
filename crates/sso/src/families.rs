//! Families of tokens: how they begin and end, and who is told.
//!
//! INVARIANT: a family ends here and nowhere else, so that whatever ends it, its
//! application hears of it in the same transaction.

use std::collections::BTreeSet;

use doorward_core::lifecycle::LiveSession;
use doorward_core::{Actor, ApplicationId, Class, Event, TokenFamilyId};
use doorward_store::token::{self as rows, Family};
use doorward_store::{Conn, Error as StoreError, application, change, event, identity, session};
use serde_json::json;

use crate::Oidc;
use crate::applications::{ApplicationView, Kind};
use crate::error::{OAuthCode, OAuthError};
use crate::params::Params;
use crate::tokens::{ABSOLUTE, Facts};

/// Why families end, and how each end is recorded.
pub(crate) struct End<'a> {
    /// In the words of the record.
    pub because: &'a str,
    /// The record of one.
    pub record: &'a dyn Fn(&Family) -> Event,
}

impl Oidc {
    /// What an authorization in a browser begins with: its facts, and a family that
    /// nobody has kept yet.
    pub(crate) fn begun_by(
        &self,
        session: &LiveSession,
        actor: &Actor,
        params: &Params,
        application: ApplicationId,
        scopes: Vec<String>,
    ) -> (Facts, Family) {
        let facts = Facts {
            proofs: session.proofs.clone(),
            nonce: params.get("nonce").map(str::to_owned),
            address: actor.network.address,
            device: actor.device.clone(),
        };
        let now = self.env.now();
        let family = Family {
            id: TokenFamilyId::new(&self.env),
            application,
            identity: session.identity,
            session: Some(session.id),
            scopes,
            facts: json!(facts),
            created_at: now,
            expires_at: now + ABSOLUTE,
            revoked_at: None,
        };
        (facts, family)
    }

    /// Keeps a new family. Refused when, since it was decided, its person was
    /// disabled or its session ended: the decision is asked for again in the
    /// transaction that acts on it, as far as rows can tell.
    pub(crate) fn begin_family(&self, c: &Conn<'_>, family: &Family) -> Result<(), OAuthError> {
        self.still_there(c, family)?;
        Ok(rows::insert_family(c, family)?)
    }

    /// Whether a family, its person and its session still stand in this transaction.
    pub(crate) fn still_stands(&self, c: &Conn<'_>, id: TokenFamilyId) -> Result<(), OAuthError> {
        let family = rows::family(c, id)?.filter(|f| f.revoked_at.is_none());
        self.still_there(c, &family.ok_or_else(withdrawn)?)
    }

    fn still_there(&self, c: &Conn<'_>, family: &Family) -> Result<(), OAuthError> {
        let now = self.env.now();
        let person = identity::find(c, family.identity)?.filter(|i| i.active(now));
        let signed_in = match family.session {
            Some(id) => session::find(c, id)?.is_some_and(|s| now < s.expires_at),
            None => true,
        };
        if person.is_some() && signed_in { Ok(()) } else { Err(withdrawn()) }
    }

    /// Ends those of these families that have not ended, in the caller's
    /// transaction. One logout token goes to each application for each session,
    /// however many families it has of it.
    pub(crate) fn end_families(
        &self,
        c: &Conn<'_>,
        families: &[Family],
        end: &End<'_>,
    ) -> Result<usize, StoreError> {
        let now = self.env.now();
        let mut told = BTreeSet::new();
        let mut ended = 0;
        for family in families {
            if !rows::revoke_family(c, family.id, now, end.because)? {
                continue;
            }
            ended += 1;
            event::append(c, &(end.record)(family))?;
            change::bump(c, "token_family", family.id, now)?;
            if told.insert((family.application, family.identity, family.session)) {
                self.tell_logout(c, family)?;
            }
        }
        Ok(ended)
    }

    /// Puts the news of a family's end into the outbox, when its application wants it.
    fn tell_logout(&self, c: &Conn<'_>, family: &Family) -> Result<(), StoreError> {
        let Some(row) = application::find(c, family.application)? else { return Ok(()) };
        let application: ApplicationView = row.try_into()?;
        let settings = application.settings;
        match settings.backchannel_logout_uri {
            Some(to) if settings.kind != Kind::Workload => self.push_logout(c, &to, family),
            _ => Ok(()),
        }
    }

    /// A record of the end of a family.
    pub(crate) fn ended(&self, class: Class, actor: &Actor, f: &Family) -> Event {
        Event::new(&self.env, class, "token-family.revoked", actor)
            .on(doorward_core::Entity::new("Application", f.application))
            .with("family", f.id.to_string())
            .with("identity", f.identity.to_string())
    }
}

fn withdrawn() -> OAuthError {
    OAuthError::new(OAuthCode::InvalidGrant, "the access was withdrawn")
}
