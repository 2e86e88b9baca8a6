//! Asking after a confirmation, by what waits for it.

use std::time::Duration;

use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::{
    Actor, ApplicationId, Class, ConfirmationId, DeviceId, Entity, Event, IdentityId, Proof,
    Secret, SessionId,
};
use doorward_store::confirmation::{self as rows, Confirmation as Row};
use doorward_store::{Error as StoreError, change, event, session};

use super::{Confirmation, ConfirmationPurpose, INTERVAL, shown};
use crate::devices::{self, recognise};
use crate::error::Result;
use crate::token::{self, Token};
use crate::{Client, SignIn};

/// Other nodes' answers are looked for this often.
const LOOK: Duration = Duration::from_millis(500);
/// The pause between two questions grows no longer than this.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// How a confirmation stands.
#[derive(Debug)]
pub enum Polled {
    /// Nobody has answered.
    Waiting,
    /// Asked too often.
    SlowDown,
    /// Somebody said yes. Told once.
    Confirmed(Box<Confirmed>),
    /// Somebody said no.
    Refused,
    /// Nobody answered in time, or it was told already.
    Expired,
}

/// Who said yes, and how strongly they are proven.
#[derive(Debug)]
pub struct Confirmed {
    /// Who.
    pub identity: IdentityId,
    /// The proofs of the session that confirmed.
    pub proofs: Vec<Proof>,
    /// That session.
    pub by: SessionId,
    /// The device that it was confirmed on, if that is at the address of what waits.
    pub device: Option<DeviceId>,
    /// Of a command line: its new session.
    pub session: Option<SignedIn>,
}

/// A command line that was signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// Its session.
    pub session: LiveSession,
    /// The bearer value.
    pub token: Token,
    /// The keys by which it is known again, to be kept in the place of those it has.
    pub device: Secret<String>,
}

/// How an application's confirmation stands.
#[derive(Debug)]
pub enum PolledApplication {
    /// Nobody has answered.
    Waiting,
    /// Asked too often: the pause is five seconds longer from now on.
    SlowDown,
    /// Somebody said yes, and is still signed in. Whoever gives out tokens uses the
    /// confirmation up in the same transaction ([`doorward_store::confirmation::consume`]).
    Confirmed(Box<ConfirmedApplication>),
    /// Somebody said no, or is not signed in any more.
    Refused,
    /// Nobody answered in time.
    Expired,
    /// Tokens were given out for it before.
    Used(ConfirmationId),
    /// It is another application's; nobody gets anything for it any more.
    Foreign(ConfirmationId),
    /// There is none under this token.
    Unknown,
}

/// Who said yes to an application, and to what.
#[derive(Debug)]
pub struct ConfirmedApplication {
    /// What they confirmed.
    pub what: Confirmation,
    /// The session in which they did.
    pub by: LiveSession,
}

/// Whether a question came too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    Good,
    Hasty,
}

impl SignIn {
    /// How it stands, for a client that asks again and again. `client` is what
    /// asks: a command line's session is opened for it.
    pub async fn poll_confirmation(&self, token: &str, client: &Client) -> Result<Polled> {
        match self.asked_after(token, ConfirmationPurpose::Device).await? {
            None => Ok(Polled::Expired),
            Some((_, Pace::Hasty)) => Ok(Polled::SlowDown),
            Some((row, Pace::Good)) => self.stands(row, client).await,
        }
    }

    /// How it stands, for an application that asks again and again. A token that
    /// another application shows is worth nothing to anybody any more.
    pub async fn poll_application(
        &self,
        token: &str,
        application: ApplicationId,
    ) -> Result<PolledApplication> {
        let Some((row, pace)) = self.asked_after(token, ConfirmationPurpose::Application).await?
        else {
            return Ok(PolledApplication::Unknown);
        };
        let (state, id, by) = (row.state.clone(), row.id, row.session);
        let over = row.expires_at <= self.0.env.now();
        let what = shown(row)?;
        if what.details.application != Some(application) {
            self.stolen(&what).await?;
            return Ok(PolledApplication::Foreign(id));
        }
        Ok(match (state.as_str(), by) {
            ("used", _) => PolledApplication::Used(id),
            ("refused", _) => PolledApplication::Refused,
            _ if over => PolledApplication::Expired,
            ("confirmed", Some(by)) => match self.live_session(by).await? {
                Some(by) => {
                    PolledApplication::Confirmed(Box::new(ConfirmedApplication { what, by }))
                }
                None => PolledApplication::Refused,
            },
            _ if pace == Pace::Hasty => PolledApplication::SlowDown,
            _ => PolledApplication::Waiting,
        })
    }

    /// The one that this token asks after, and whether it was asked after in peace.
    /// Each hasty question makes the pause longer (RFC 8628 section 3.5).
    async fn asked_after(
        &self,
        token: &str,
        purpose: ConfirmationPurpose,
    ) -> Result<Option<(Row, Pace)>> {
        let Some(hash) = token::presented(token) else { return Ok(None) };
        let now = self.0.env.now();
        let found = self
            .0
            .db
            .write(move |c| {
                let row = rows::by_token(c, &hash)?.filter(|r| r.purpose == purpose.as_str());
                let Some(row) = row else { return Ok(None) };
                let pause = INTERVAL.saturating_mul(u32::try_from(row.hasty + 1).unwrap_or(1));
                let early = row.state == "waiting"
                    && now < row.expires_at
                    && row.polled_at.is_some_and(|at| now.since(at) < pause.min(LONGEST_INTERVAL));
                rows::polled(c, row.id, now, row.hasty + i64::from(early))?;
                let pace = if early { Pace::Hasty } else { Pace::Good };
                Ok::<_, StoreError>(Some((row, pace)))
            })
            .await?;
        Ok(found)
    }

    /// Somebody else's client has the token: what it stands for is over.
    async fn stolen(&self, what: &Confirmation) -> Result<()> {
        let actor = Actor::system("token replay");
        let happened =
            Event::new(&self.0.env, Class::DetectionFinding, "confirmation.cancelled", &actor)
                .failed()
                .with("confirmation", what.id.to_string())
                .with("application", what.details.application.map(|a| a.to_string()))
                .with("because", "a device code was presented by another client");
        let (id, now) = (what.id, self.0.env.now());
        self.0
            .db
            .write(move |c| {
                if rows::cancel(c, id)? {
                    event::append(c, &happened)?;
                    change::bump(c, "confirmation", id, now)?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(())
    }

    /// Waits until it is answered or over. For code of this house only: nothing
    /// slows it down.
    pub async fn wait_confirmation(&self, token: &str, client: &Client) -> Result<Polled> {
        let Some(hash) = token::presented(token) else { return Ok(Polled::Expired) };
        loop {
            let answered = self.0.answered.notified();
            tokio::pin!(answered);
            answered.as_mut().enable();
            let looked_for = hash.clone();
            let row = self.0.db.read(move |c| rows::by_token(c, &looked_for)).await?;
            let Some(row) = row else { return Ok(Polled::Expired) };
            match self.stands(row, client).await? {
                Polled::Waiting => {}
                done => return Ok(done),
            }
            tokio::select! {
                () = answered => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn stands(&self, row: Row, client: &Client) -> Result<Polled> {
        let now = self.0.env.now();
        match (row.state.as_str(), row.identity, row.session) {
            ("refused", ..) => Ok(Polled::Refused),
            _ if row.expires_at <= now => Ok(Polled::Expired),
            ("waiting", ..) => Ok(Polled::Waiting),
            ("confirmed", Some(identity), Some(by)) => {
                // Who confirmed must still be signed in now.
                let Some(live) = self.live_session(by).await? else { return Ok(Polled::Refused) };
                self.tell(row, identity, live, client).await
            }
            _ => Ok(Polled::Expired),
        }
    }

    async fn tell(
        &self,
        row: Row,
        identity: IdentityId,
        by: LiveSession,
        client: &Client,
    ) -> Result<Polled> {
        let (id, device) = (row.id, row.device);
        if ConfirmationPurpose::parse(&row.purpose)? != ConfirmationPurpose::Device {
            let first = self.0.db.write(move |c| rows::consume(c, id)).await?;
            return Ok(match first {
                true => Polled::Confirmed(Box::new(Confirmed {
                    identity,
                    proofs: by.proofs,
                    by: by.id,
                    device,
                    session: None,
                })),
                false => Polled::Expired,
            });
        }
        let proofs = by.proofs.clone();
        let opened = self.0.new_session(identity, SessionKind::Cli, proofs.clone(), client);
        let token = Token::new(&self.0.env);
        let happened = Event::new(
            &self.0.env,
            Class::Authentication,
            "session.opened",
            &opened.actor(client.network.clone()),
        )
        .on(Entity::new("Identity", identity))
        .with("session", opened.id.to_string())
        .with("confirmed_by", by.id.to_string());
        let (s, hash, confirmed_by) = (opened.clone(), token.hash(), by.id);
        let (keys, fresh) = (devices::shown(client.device.as_deref()), Token::new(&self.0.env));
        let (known, fresh_hash, tools) = (keys.clone(), fresh.hash(), self.0.tools.clone());
        let label = shown(row)?.details.client;
        let device = self
            .0
            .db
            .write(move |c| {
                // Whoever confirmed may have been signed out since.
                let stands = session::find(c, confirmed_by)?.is_some();
                if !stands || !rows::consume(c, id)? {
                    return Ok(None);
                }
                let device = recognise(c, &tools, &s, &label, &known, &fresh_hash)?;
                let s = LiveSession { device: Some(device.id), ..s.clone() };
                session::insert(c, &s, &hash)?;
                event::append(c, &happened.clone().with("device", device.id.to_string()))?;
                change::bump(c, "session", s.id, s.created_at)?;
                Ok::<_, StoreError>(Some(device))
            })
            .await?;
        Ok(match device {
            Some(device) => Polled::Confirmed(Box::new(Confirmed {
                identity,
                proofs,
                by: by.id,
                device: Some(device.id),
                session: Some(SignedIn {
                    session: LiveSession { device: Some(device.id), ..opened },
                    token,
                    device: device.keep(&keys, &fresh),
                }),
            })),
            None => Polled::Expired,
        })
    }
}
