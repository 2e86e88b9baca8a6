//! Confirmations in a signed-in browser of what waits elsewhere: a command line
//! (RFC 8628), an SSH connection, a step-up in one.

use std::time::Duration;

use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::{
    Class, ConfirmationId, Denied, Entity, Event, FactorClass, IdentityId, Network, Proof,
    Requirement, SessionId, Timestamp,
};
use doorward_store::confirmation::{self as rows, Confirmation as Row};
use doorward_store::{change, event, session};
use serde::{Deserialize, Serialize};

use crate::error::{Result, SignInError};
use crate::throttle::Keys;
use crate::token::{self, Token};
use crate::{Client, SignIn};

/// Twenty consonants: no vowels, hence no words, and nothing to be taken for
/// something else (RFC 8628 section 6.1). Eight of them are 34 bits.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const INTERVAL: Duration = Duration::from_secs(5);
/// How fresh the proof of a step-up must be.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// Other nodes' answers are looked for this often.
const LOOK: Duration = Duration::from_millis(500);

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
}

impl ConfirmationPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Ssh => "ssh",
            Self::StepUp => "step-up",
        }
    }

    fn parse(s: &str) -> Result<Self> {
        match s {
            "device" => Ok(Self::Device),
            "ssh" => Ok(Self::Ssh),
            "step-up" => Ok(Self::StepUp),
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
    /// Of a command line: its new session and bearer value.
    pub session: Option<(LiveSession, Token)>,
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
            created_at: now,
            expires_at: now + self.0.config.confirmation_life,
            polled_at: None,
        };
        let (id, code, hash) = (row.id, row.user_code.clone(), token.hash());
        self.0.db.write(move |c| rows::insert(c, &row, &hash)).await?;
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

    /// Says yes. A step-up demands that the session's proof is fresh.
    pub async fn confirm(
        &self,
        by: &LiveSession,
        id: ConfirmationId,
        network: &Network,
    ) -> Result<()> {
        self.reply(by, id, network, "confirmed").await
    }

    /// Says no.
    pub async fn refuse(
        &self,
        by: &LiveSession,
        id: ConfirmationId,
        network: &Network,
    ) -> Result<()> {
        self.reply(by, id, network, "refused").await
    }

    async fn reply(
        &self,
        by: &LiveSession,
        id: ConfirmationId,
        network: &Network,
        state: &'static str,
    ) -> Result<()> {
        let now = self.0.env.now();
        let row = self
            .0
            .db
            .read(move |c| rows::find(c, id))
            .await?
            .filter(|r| r.identity.is_none_or(|id| id == by.identity))
            .filter(|r| r.state == "waiting" && now < r.expires_at)
            .ok_or(SignInError::NotFound("confirmation"))?;
        let what = shown(row)?;
        let yes = state == "confirmed";
        if yes {
            self.0.session_may(by, network)?;
            if what.purpose == ConfirmationPurpose::StepUp {
                fresh(by, now, what.details.phishing_resistant)?;
            }
        }
        let mut happened = Event::new(
            &self.0.env,
            Class::Authentication,
            &format!("confirmation.{state}"),
            &by.actor(network.clone()),
        )
        .on(Entity::new("Identity", by.identity))
        .with("purpose", what.purpose.as_str())
        .with("client", what.details.client.as_str())
        .with("address", what.details.address.map(|a| a.to_string()))
        .with("target", what.details.target.clone());
        if !yes {
            happened = happened.failed();
        }
        let (who, session) = (by.identity, by.id);
        self.0
            .db
            .write(move |c| {
                if !rows::answer(c, id, state, who, Some(session), now)? {
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

    /// How it stands, for a client that asks again and again. `client` is what
    /// asks: a command line's session is opened for it.
    pub async fn poll_confirmation(&self, token: &str, client: &Client) -> Result<Polled> {
        let Some(hash) = token::presented(token) else { return Ok(Polled::Expired) };
        let now = self.0.env.now();
        let row = self
            .0
            .db
            .write(move |c| {
                let Some(row) = rows::by_token(c, &hash)? else { return Ok(None) };
                rows::polled(c, row.id, now)?;
                Ok::<_, doorward_store::Error>(Some(row))
            })
            .await?;
        let Some(row) = row else { return Ok(Polled::Expired) };
        let early = row.polled_at.is_some_and(|at| now.since(at) < INTERVAL);
        if early && row.state == "waiting" && now < row.expires_at {
            return Ok(Polled::SlowDown);
        }
        self.stands(row, client).await
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
        let id = row.id;
        if ConfirmationPurpose::parse(&row.purpose)? != ConfirmationPurpose::Device {
            let first = self.0.db.write(move |c| rows::consume(c, id)).await?;
            return Ok(match first {
                true => Polled::Confirmed(Box::new(Confirmed {
                    identity,
                    proofs: by.proofs,
                    by: by.id,
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
        let (s, hash) = (opened.clone(), token.hash());
        let first = self
            .0
            .db
            .write(move |c| {
                if !rows::consume(c, id)? {
                    return Ok(false);
                }
                session::insert(c, &s, &hash)?;
                event::append(c, &happened)?;
                change::bump(c, "session", s.id, s.created_at)?;
                Ok::<_, doorward_store::Error>(true)
            })
            .await?;
        Ok(match first {
            true => Polled::Confirmed(Box::new(Confirmed {
                identity,
                proofs,
                by: by.id,
                session: Some((opened, token)),
            })),
            false => Polled::Expired,
        })
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

fn user_code(env: &doorward_core::Env) -> String {
    let mut code = String::with_capacity(9);
    while code.len() < 9 {
        let [byte] = env.bytes::<1>();
        // 240 is a multiple of 20: what is beyond would favour some letters.
        if byte < 240
            && let Some(letter) = LETTERS.get(usize::from(byte % 20))
        {
            code.push(char::from(*letter));
            if code.len() == 4 {
                code.push('-');
            }
        }
    }
    code
}

/// The code in its one spelling: lower case, spaces and a missing dash do no harm.
fn canonical_code(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let letters: String =
        typed.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_uppercase()).collect();
    let ok = letters.len() == 8 && letters.bytes().all(|b| LETTERS.contains(&b));
    ok.then(|| format!("{}-{}", letters.get(..4).unwrap_or(""), letters.get(4..).unwrap_or("")))
}
