//! Confirmations in a signed-in browser of what waits elsewhere: a command line,
//! an application on another device (RFC 8628), an SSH connection, a step-up in one.

mod code;
mod poll;

use std::time::Duration;

use doorward_core::lifecycle::LiveSession;
use doorward_core::{
    Allowed, ApplicationId, Class, ConfirmationId, Denied, Entity, Event, FactorClass, IdentityId,
    Network, OpenApplication, Requirement, Timestamp,
};
use doorward_store::confirmation::{self as rows, Confirmation as Row};
use doorward_store::{change, event, throttle as counters};
use serde::{Deserialize, Serialize};

use crate::SignIn;
use crate::error::{Result, SignInError};
use crate::throttle::{self, Keys};
use crate::token::Token;
use code::{canonical_code, user_code};

pub use poll::{Confirmed, ConfirmedApplication, Polled, PolledApplication, SignedIn};

const INTERVAL: Duration = Duration::from_secs(5);
/// How many may be begun in a minute, on all nodes together: a guess at a code stays
/// as hopeless as it is (RFC 8628 section 5.1), and the table as small.
pub(crate) const BEGUN: i64 = 600;
/// And from one address.
const BEGUN_HERE: i64 = 60;
/// How fresh the proof of a step-up must be.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// What is to be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfirmationPurpose {
    /// A command line signs in.
    Device,
    /// An SSH connection: who is it?
    Ssh,
    /// A fresh second factor for an SSH connection.
    StepUp,
    /// An application on another device gets tokens.
    Application,
}

impl ConfirmationPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Ssh => "ssh",
            Self::StepUp => "step-up",
            Self::Application => "application",
        }
    }

    fn parse(s: &str) -> Result<Self> {
        match s {
            "device" => Ok(Self::Device),
            "ssh" => Ok(Self::Ssh),
            "step-up" => Ok(Self::StepUp),
            "application" => Ok(Self::Application),
            other => Err(SignInError::Internal(format!("confirmation purpose {other:?}"))),
        }
    }
}

/// What the person is shown before they confirm, so that somebody else's code
/// stands out (RFC 8628 section 5.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What asks: `doorward on laptop-7`, `OpenSSH_9.2`.
    pub client: String,
    /// From where.
    pub address: Option<std::net::IpAddr>,
    /// For what: `deploy@web-1`.
    pub target: Option<String>,
    /// Which proof a step-up must bring.
    #[serde(default)]
    pub phishing_resistant: bool,
    /// Which application gets tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    /// And which scopes they have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

/// A confirmation as its person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confirmation {
    /// Its id.
    pub id: ConfirmationId,
    /// For what.
    pub purpose: ConfirmationPurpose,
    /// The code.
    pub user_code: String,
    /// What to look at.
    pub details: Details,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A confirmation that was begun.
#[derive(Debug)]
pub struct Started {
    /// Its id.
    pub id: ConfirmationId,
    /// What the person types: `BCDF-GHJK`.
    pub user_code: String,
    /// Where they type it.
    pub verification_uri: String,
    /// The same with the code filled in; they still have to compare and confirm.
    pub verification_uri_complete: String,
    /// What asks after it.
    pub token: Token,
    /// How often to ask.
    pub interval: Duration,
    /// How long it waits.
    pub expires_in: Duration,
}

impl SignIn {
    /// Begins one. `expected` is whom it must be, when that is known.
    pub async fn start_confirmation(
        &self,
        purpose: ConfirmationPurpose,
        details: Details,
        expected: Option<IdentityId>,
    ) -> Result<Started> {
        let env = &self.0.env;
        let now = env.now();
        self.0.begun.take(now).await?;
        let clean =
            |s: &str| -> String { s.chars().filter(|c| !c.is_control()).take(128).collect() };
        let details = Details {
            client: clean(&details.client),
            target: details.target.as_deref().map(clean),
            ..details
        };
        let shown =
            serde_json::to_value(&details).map_err(|e| SignInError::Internal(e.to_string()))?;
        let token = Token::new(env);
        let row = Row {
            id: ConfirmationId::new(env),
            purpose: purpose.as_str().to_owned(),
            user_code: user_code(env),
            identity: expected,
            details: shown,
            state: "waiting".to_owned(),
            session: None,
            device: None,
            created_at: now,
            expires_at: now + self.0.config.confirmation_life,
            polled_at: None,
            hasty: 0,
        };
        let (id, code, hash) = (row.id, row.user_code.clone(), token.hash());
        let here = throttle::address(&Network { address: details.address });
        let minute = Timestamp::from_secs(now.secs().div_euclid(60) * 60);
        let begun = self
            .0
            .db
            .write(move |c| {
                if let Some(here) = &here {
                    let key = format!("begin-{here}");
                    if counters::one_more(c, &key, minute, now)? > BEGUN_HERE {
                        let wait = (minute + Duration::from_secs(60)).since(now);
                        return Err(SignInError::TooMany(wait));
                    }
                }
                Ok(rows::insert(c, &row, &hash)?)
            })
            .await;
        if begun.is_err() {
            self.0.begun.give_back();
        }
        begun?;
        let uri = format!("{}/device", self.0.config.origin);
        Ok(Started {
            id,
            verification_uri_complete: format!("{uri}?code={code}"),
            verification_uri: uri,
            user_code: code,
            token,
            interval: INTERVAL,
            expires_in: self.0.config.confirmation_life,
        })
    }

    /// What waits under the code that somebody typed in their session. Guesses
    /// are counted.
    pub async fn find_confirmation(
        &self,
        by: &LiveSession,
        typed: &str,
        network: &Network,
    ) -> Result<Confirmation> {
        let now = self.0.env.now();
        let keys = Keys::code(by.identity, network);
        self.0.throttle.reserve(&keys, now).await?;
        let missing = || SignInError::field("code", "nothing waits under this code; check it");
        let code = canonical_code(typed).ok_or_else(missing)?;
        let row = self.0.db.read(move |c| rows::waiting(c, &code, now)).await?;
        // Another person's is as good as none.
        let row =
            row.filter(|r| r.identity.is_none_or(|id| id == by.identity)).ok_or_else(missing)?;
        self.0.throttle.was_right(&keys).await?;
        shown(row)
    }

    /// What waits under this id, for the person in this session.
    pub async fn confirmation(&self, by: &LiveSession, id: ConfirmationId) -> Result<Confirmation> {
        let now = self.0.env.now();
        let row = self.0.db.read(move |c| rows::find(c, id)).await?;
        row.filter(|r| r.identity.is_none_or(|id| id == by.identity))
            .filter(|r| r.state == "waiting" && now < r.expires_at)
            .map(shown)
            .ok_or(SignInError::NotFound("confirmation"))?
    }

    /// Says yes. A step-up demands that the session's proof is fresh.
    pub async fn confirm(
        &self,
        by: &LiveSession,
        id: ConfirmationId,
        network: &Network,
    ) -> Result<()> {
        let what = self.confirmation(by, id).await?;
        match what.purpose {
            // What an application gets is decided first, see below.
            ConfirmationPurpose::Application => return Err(SignInError::NotFound("confirmation")),
            ConfirmationPurpose::StepUp => {
                fresh(by, self.0.env.now(), what.details.phishing_resistant)?;
            }
            ConfirmationPurpose::Device | ConfirmationPurpose::Ssh => {}
        }
        self.0.session_may(by, network)?;
        self.reply(by, &what, network, "confirmed", &[]).await
    }

    /// Says yes to an application on another device, which policy lets the person
    /// in this session open.
    pub async fn confirm_application(
        &self,
        by: &LiveSession,
        id: ConfirmationId,
        network: &Network,
        allowed: &Allowed<OpenApplication>,
    ) -> Result<()> {
        let what = self.confirmation(by, id).await?;
        let theirs = allowed.actor().id() == Some(by.identity)
            && what.purpose == ConfirmationPurpose::Application
            && what.details.application == Some(allowed.act().application);
        if !theirs {
            return Err(SignInError::NotFound("confirmation"));
        }
        self.0.session_may(by, network)?;
        self.reply(by, &what, network, "confirmed", allowed.policies()).await
    }

    /// Says no.
    pub async fn refuse(
        &self,
        by: &LiveSession,
        id: ConfirmationId,
        network: &Network,
    ) -> Result<()> {
        let what = self.confirmation(by, id).await?;
        self.reply(by, &what, network, "refused", &[]).await
    }

    async fn reply(
        &self,
        by: &LiveSession,
        what: &Confirmation,
        network: &Network,
        state: &'static str,
        policies: &[String],
    ) -> Result<()> {
        let (now, id) = (self.0.env.now(), what.id);
        let details = &what.details;
        let mut happened = Event::new(
            &self.0.env,
            Class::Authentication,
            &format!("confirmation.{state}"),
            &by.actor(network.clone()),
        )
        .on(Entity::new("Identity", by.identity))
        .by(policies)
        .with("purpose", what.purpose.as_str())
        .with("client", details.client.as_str())
        .with("address", details.address.map(|a| a.to_string()))
        .with("target", details.target.clone());
        if let Some(application) = details.application {
            happened = happened
                .with("application", application.to_string())
                .with("scopes", details.scopes.clone());
        }
        if state != "confirmed" {
            happened = happened.failed();
        }
        let (who, session) = (by.identity, by.id);
        // What waits is elsewhere, and has no key to show. Confirmed from the same
        // address, on a device of the person's, it counts as on that device.
        let device =
            by.device.filter(|_| details.address.is_some() && details.address == network.address);
        self.0
            .db
            .write(move |c| {
                if !rows::answer(c, id, state, who, Some(session), device, now)? {
                    return Err(SignInError::NotFound("confirmation"));
                }
                event::append(c, &happened)?;
                change::bump(c, "confirmation", id, now)?;
                Ok(())
            })
            .await?;
        self.0.answered.notify_waiters();
        Ok(())
    }
}

fn fresh(by: &LiveSession, now: Timestamp, phishing_resistant: bool) -> Result<()> {
    let enough = by.proofs.iter().any(|p| {
        p.class != FactorClass::Knowledge
            && now.since(p.at) <= FRESH
            && (p.phishing_resistant || !phishing_resistant)
    });
    if enough {
        return Ok(());
    }
    let requirement = match phishing_resistant {
        true => Requirement::PhishingResistant,
        false => Requirement::StepUp,
    };
    Err(SignInError::Denied(Denied { requirements: vec![requirement], policies: Vec::new() }))
}

fn shown(row: Row) -> Result<Confirmation> {
    Ok(Confirmation {
        id: row.id,
        purpose: ConfirmationPurpose::parse(&row.purpose)?,
        user_code: row.user_code,
        details: serde_json::from_value(row.details)
            .map_err(|e| SignInError::Internal(e.to_string()))?,
        created_at: row.created_at,
        expires_at: row.expires_at,
    })
}
