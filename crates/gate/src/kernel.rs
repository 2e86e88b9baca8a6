//! The kernel: what every protocol goes through, in this order.
//!
//! resolve → (identify, ask, file a request, wait) → [`Gate::open`] →
//! [`Opening::connected`] → bytes through the [`Recorder`] → [`Live::finish`].

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use doorward_core::lifecycle::{EndCause, LivePrivilegedSession, OpeningSession};
use doorward_core::{
    Actor, Allowed, Class, Entity, Env, Event, GrantId, Id as _, NodeId, OpenSession,
    PrivilegedSessionId, RecordingId, Timestamp,
};
use doorward_store::account::{self, Account};
use doorward_store::grant as grants;
use doorward_store::node::{self, Node};
use doorward_store::privileged_session::{self as sessions, End, PrivilegedSession};
use doorward_store::recording::{self, Recording};
use doorward_store::relay as relays;
use doorward_store::target::{self, Target};
use doorward_store::{Db, change, event, session_watcher};
use doorward_watch::{Lasting, Registration, Watch};
use tokio::sync::mpsc;

use crate::control::Follower;
use crate::live::{self, Notice, Register};
use crate::login::Login;
use crate::recorder::file::{Writer, key_aad};
use crate::recorder::{self, Recorder, RecorderStopped, Sink};
use crate::services::{Access, Credential, Credentials, Entry, GrantFacts, Identify, ServiceError};

/// What the gateway is told by its node.
#[derive(Clone, Debug)]
pub struct GateConfig {
    /// This node; the same after a restart.
    pub node: NodeId,
    /// What its configuration calls it.
    pub name: String,
    /// Where recordings go.
    pub recordings: PathBuf,
}

/// The rooms that the kernel stands on.
#[derive(Clone)]
pub struct Services {
    /// Who.
    pub identify: Arc<dyn Identify>,
    /// May they.
    pub access: Arc<dyn Access>,
    /// With what.
    pub credentials: Arc<dyn Credentials>,
}

/// The session kernel of this node. Cheap to clone.
#[derive(Clone)]
pub struct Gate(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub db: Db,
    pub env: Env,
    pub watch: Arc<Watch>,
    pub services: Services,
    pub config: GateConfig,
    pub live: Register,
    /// When the node last said that it is there.
    pub(crate) seen: Mutex<Timestamp>,
}

/// Where somebody wants to go: both exist.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The target.
    pub target: Target,
    /// The account on it.
    pub account: Account,
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.account.name, self.target.name)
    }
}

/// Why a session cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No such account on such a target, as far as this protocol goes.
    #[error("no account {0} is known here")]
    Unknown(String),
    /// The target is switched off.
    #[error("the target {0} is disabled")]
    Disabled(String),
    /// The permission is not for this.
    #[error("the permission is for another account")]
    Elsewhere,
    /// Nobody but an identity has sessions.
    #[error("only an identity can open a session")]
    NoIdentity,
    /// What gave it ended in this moment.
    #[error("access to {0} is over")]
    Over(String),
    /// The account has no credential.
    #[error("the account {0} has no credential in the vault")]
    NoCredential(String),
    /// It cannot be recorded, so it does not happen.
    #[error("the session cannot be recorded: {0}")]
    NotRecorded(String),
    /// Something below failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] doorward_store::Error),
}

impl Gate {
    /// The kernel over these rooms.
    pub fn new(
        db: Db,
        env: Env,
        watch: Arc<Watch>,
        services: Services,
        config: GateConfig,
    ) -> Self {
        let live = Register::default();
        let seen = Mutex::new(env.now());
        let inner = Arc::new(Inner { db, env, watch: watch.clone(), services, config, live, seen });
        watch.on_change(Arc::new(Follower(Arc::downgrade(&inner))));
        Self(inner)
    }

    /// Time and chance.
    pub fn env(&self) -> &Env {
        &self.0.env
    }

    /// Who.
    pub fn identify(&self) -> &dyn Identify {
        &*self.0.services.identify
    }

    /// May they.
    pub fn access(&self) -> &dyn Access {
        &*self.0.services.access
    }

    /// The gateway's keys.
    pub fn credentials(&self) -> &dyn Credentials {
        &*self.0.services.credentials
    }

    /// This node.
    pub fn node(&self) -> NodeId {
        self.0.config.node
    }

    /// How many sessions are open on this node.
    pub fn open_here(&self) -> usize {
        self.0.live.len()
    }

    /// Which sessions are open on this node.
    pub fn ids_here(&self) -> Vec<PrivilegedSessionId> {
        self.0.live.ids()
    }

    /// The account that a login names, among targets of this protocol.
    pub async fn resolve(&self, login: &Login, kind: &str) -> Result<Destination, OpenError> {
        let unknown = || OpenError::Unknown(login.to_string());
        let Some((account_name, target_name)) = login.destination.clone() else {
            return Err(unknown());
        };
        let found = self
            .0
            .db
            .read(move |c| {
                let Some(target) = target::by_name(c, &target_name)? else { return Ok(None) };
                let account = account::by_name(c, target.id, &account_name)?;
                Ok::<_, doorward_store::Error>(account.map(|a| (target, a)))
            })
            .await?;
        let (target, account) = found.ok_or_else(unknown)?;
        if target.kind != kind {
            return Err(unknown());
        }
        if !target.enabled {
            return Err(OpenError::Disabled(target.name.to_string()));
        }
        Ok(Destination { target, account })
    }

    /// Whether `actor` may open the account now.
    pub async fn ask(&self, actor: &Actor, to: &Destination) -> Result<Entry, ServiceError> {
        self.0.services.access.open(actor, to.account.id).await
    }

    /// Records that somebody was not let in.
    pub async fn refused(
        &self,
        actor: &Actor,
        to: Option<&Destination>,
        protocol: Wire,
        why: &str,
    ) -> Result<(), OpenError> {
        let mut event = Event::new(&self.0.env, Class::AuthorizeSession, "session.refused", actor)
            .with("protocol", protocol.name)
            .with("reason", why)
            .failed();
        if let Some(to) = to {
            event = event.on(Entity::new("Account", to.account.id));
        }
        Ok(self.0.db.write(move |c| event::append(c, &event)).await?)
    }

    /// Makes an event durable, for what a protocol does within a session.
    pub async fn record(&self, event: Event) -> Result<(), OpenError> {
        Ok(self.0.db.write(move |c| event::append(c, &event)).await?)
    }

    /// Begins a session: its row and event, its recording, its credential. Only
    /// a permission for this very account opens it.
    pub async fn open(
        &self,
        allowed: Allowed<OpenSession>,
        grant: Option<GrantFacts>,
        to: &Destination,
        protocol: Wire,
    ) -> Result<Opening, OpenError> {
        let inner = &self.0;
        if allowed.act().account != to.account.id {
            return Err(OpenError::Elsewhere);
        }
        let id = PrivilegedSessionId::new(&inner.env);
        let session =
            OpeningSession::of(&allowed, id, grant.map(|g| g.id)).ok_or(OpenError::NoIdentity)?;
        let now = inner.env.now();
        let actor = allowed.actor().clone();
        let row = PrivilegedSession {
            id,
            identity: actor.id().ok_or(OpenError::NoIdentity)?,
            account: to.account.id,
            target: to.target.id,
            login: to.to_string(),
            protocol: protocol.name.to_owned(),
            grant: grant.map(|g| g.id),
            node: inner.config.node,
            address: actor.network.address.map(|a| a.to_string()),
            question: allowed.question(),
            state: "opening".to_owned(),
            started_at: now,
            ended_at: None,
            end_cause: None,
            end_requested: None,
            frozen: None,
            coverage: "full".to_owned(),
            bytes_in: 0,
            bytes_out: 0,
            version: 1,
        };
        let recording = RecordingId::new(&inner.env);
        let key = inner.services.credentials.recording_key(&key_aad(recording)).await?;
        let path = format!("{}.dwrec", recording.uuid().simple());
        let recorded = Recording {
            id: recording,
            privileged_session: id,
            path: path.clone(),
            ring_key: key.ring_key,
            wrapped_key: key.wrapped,
            format: "asciicast-v2".to_owned(),
            chunks: 0,
            bytes: 0,
            state: "open".to_owned(),
            created_at: now,
            closed_at: None,
        };
        let told = self
            .event("session.opening", &actor, to, id, protocol)
            .by(allowed.policies())
            .with("recording", recording.to_string())
            .with("grant", grant.map(|g| g.id.to_string()));
        let begun = inner.db.write(move |c| {
            // Whoever ends the grant after this finds the row.
            if let Some(grant) = row.grant
                && !grants::stands(c, grant, now)?
            {
                return Ok(false);
            }
            sessions::insert(c, &row)?;
            recording::insert(c, &recorded)?;
            event::append(c, &told)?;
            change::bump(c, "privileged_session", id, now)?;
            Ok::<_, doorward_store::Error>(true)
        });
        if !begun.await? {
            return Err(OpenError::Over(to.to_string()));
        }
        let file = inner.config.recordings.join(&path);
        let secret = key.key;
        let writer = tokio::task::spawn_blocking(move || Writer::create(&file, recording, &secret))
            .await
            .map_err(|e| OpenError::NotRecorded(e.to_string()))?
            .map_err(|e| OpenError::NotRecorded(e.to_string()));
        let mut opening = Opening {
            gate: self.clone(),
            session: Some(session),
            grant,
            to: to.clone(),
            protocol,
            actor: actor.clone(),
            allowed,
            credential: None,
            recorder: None,
        };
        let writer = match writer {
            Ok(writer) => writer,
            Err(e) => {
                opening.failed(&e.to_string()).await;
                return Err(e);
            }
        };
        opening.recorder = Some(recorder::start(
            Sink {
                db: inner.db.clone(),
                env: inner.env.clone(),
                session: id,
                recording,
                actor,
                account: Entity::new("Account", to.account.id),
                title: to.to_string(),
            },
            writer,
        ));
        let credential = inner.services.credentials.inject(&opening.allowed, id).await;
        match credential {
            Ok(Some(credential)) => opening.credential = Some(credential),
            Ok(None) => {
                let e = OpenError::NoCredential(to.to_string());
                opening.failed(&e.to_string()).await;
                return Err(e);
            }
            Err(e) => {
                opening.failed(&e.to_string()).await;
                return Err(e.into());
            }
        }
        Ok(opening)
    }

    fn event(
        &self,
        activity: &str,
        actor: &Actor,
        to: &Destination,
        id: PrivilegedSessionId,
        protocol: Wire,
    ) -> Event {
        Event::new(&self.0.env, protocol.class, activity, actor)
            .on(Entity::new("Account", to.account.id))
            .within(id)
            .with("login", to.to_string())
            .with("protocol", protocol.name)
    }

    /// What a crash of this node left: its sessions are over, their recordings
    /// end where they end. Call it once, before serving.
    pub async fn recover(&self) -> Result<usize, OpenError> {
        let inner = &self.0;
        let (node, now) = (inner.config.node, inner.env.now());
        let row = Node {
            id: node,
            name: inner.config.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: now,
            seen_at: now,
        };
        inner
            .db
            .write(move |c| {
                node::started(c, &row)?;
                relays::delete_of(c, node)?;
                session_watcher::delete_of(c, node)
            })
            .await?;
        let left = inner.db.read(move |c| sessions::unfinished(c, node)).await?;
        let count = left.len();
        let actor = Actor::system("recovery after an interruption");
        for session in left {
            let now = inner.env.now();
            let end = End {
                at: now,
                cause: Some(EndCause::NoLongerPermitted {
                    because: "the gateway was interrupted".to_owned(),
                }),
                coverage: "partial: the gateway was interrupted".to_owned(),
                bytes_in: session.bytes_in,
                bytes_out: session.bytes_out,
            };
            let event = Event::new(&inner.env, Class::SshActivity, "session.interrupted", &actor)
                .on(Entity::new("Account", session.account))
                .within(session.id)
                .failed();
            inner
                .db
                .write(move |c| {
                    sessions::ended(c, session.id, &end)?;
                    if let Some(recording) = recording::of_session(c, session.id)? {
                        recording::close(c, recording.id, "interrupted", now)?;
                    }
                    event::append(c, &event)?;
                    change::bump(c, "privileged_session", session.id, now)
                })
                .await?;
        }
        Ok(count)
    }
}

/// A protocol, as the kernel names it in rows and events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Its registered name.
    pub name: &'static str,
    /// The class of its events.
    pub class: Class,
}

/// A session that is permitted and recorded and not yet connected.
pub struct Opening {
    gate: Gate,
    session: Option<OpeningSession>,
    grant: Option<GrantFacts>,
    to: Destination,
    protocol: Wire,
    actor: Actor,
    allowed: Allowed<OpenSession>,
    credential: Option<Credential>,
    recorder: Option<Recorder>,
}

impl Opening {
    /// Where it goes.
    pub fn destination(&self) -> &Destination {
        &self.to
    }

    /// The permission that it stands on.
    pub fn allowed(&self) -> &Allowed<OpenSession> {
        &self.allowed
    }

    /// What opens the account, once.
    pub fn take_credential(&mut self) -> Option<Credential> {
        self.credential.take()
    }

    /// The target answered and took the credential.
    pub async fn connected(mut self) -> Result<Live, OpenError> {
        let inner = self.gate.0.clone();
        let now = inner.env.now();
        let (Some(session), Some(recorder)) = (self.session.take(), self.recorder.take()) else {
            return Err(OpenError::NotRecorded("the recording has ended".to_owned()));
        };
        let session = session.connected(now);
        let id = session.id;
        let event = self
            .gate
            .event("session.opened", &self.actor, &self.to, id, self.protocol)
            .by(self.allowed.policies());
        let (notices, receiver) = mpsc::unbounded_channel();
        let ends_at = self.grant.map(|g| g.ends_at);
        // In the register before its row says so: what anybody wants of it from
        // then on finds it.
        inner.live.add(id, live::Open::new(recorder.clone(), notices.clone(), ends_at, now));
        let begun = inner
            .db
            .write(move |c| {
                if !sessions::connected(c, id, now)? {
                    return Err(doorward_store::Error::NotFound);
                }
                event::append(c, &event)?;
                change::bump(c, "privileged_session", id, now)
            })
            .await;
        if let Err(e) = begun {
            inner.live.remove(id);
            return Err(e.into());
        }
        let told = notices;
        let registration = inner.watch.register(Lasting {
            question: self.allowed.question(),
            asked_at: self.allowed.at(),
            until: ends_at,
            on_end: Box::new(move |cause| {
                let _ = told.send(Notice::End(cause));
            }),
        });
        Ok(Live {
            gate: self.gate.clone(),
            session,
            to: self.to.clone(),
            protocol: self.protocol,
            allowed: self.allowed.clone(),
            recorder,
            notices: receiver,
            _registration: registration,
        })
    }

    /// The target did not answer, or did not take the credential.
    pub async fn failed(&mut self, why: &str) {
        let Some(session) = self.session.take() else { return };
        if let Some(recorder) = self.recorder.take() {
            let _ = recorder.close().await;
        }
        let id = session.id();
        let now = self.gate.0.env.now();
        let event = self
            .gate
            .event("session.failed", &self.actor, &self.to, id, self.protocol)
            .with("reason", why)
            .failed();
        let end =
            End { at: now, cause: None, coverage: "full".to_owned(), bytes_in: 0, bytes_out: 0 };
        if let Err(error) = self.gate.end_row(id, end, event).await {
            tracing::error!(%error, session = %id, "cannot record that a session failed");
        }
    }
}

impl Gate {
    async fn end_row(
        &self,
        id: PrivilegedSessionId,
        end: End,
        event: Event,
    ) -> Result<(), doorward_store::Error> {
        let now = end.at;
        self.0
            .db
            .write(move |c| {
                if sessions::ended(c, id, &end)? {
                    if let Some(open) = recording::of_session(c, id)? {
                        // The recorder closes its own; this is for one that never began.
                        recording::close(c, open.id, "closed", now)?;
                    }
                    event::append(c, &event)?;
                    change::bump(c, "privileged_session", id, now)?;
                }
                Ok(())
            })
            .await
    }
}

/// A session that is connected.
pub struct Live {
    gate: Gate,
    session: LivePrivilegedSession,
    to: Destination,
    protocol: Wire,
    allowed: Allowed<OpenSession>,
    recorder: Recorder,
    notices: mpsc::UnboundedReceiver<Notice>,
    _registration: Registration,
}

impl Live {
    /// Its id.
    pub fn id(&self) -> PrivilegedSessionId {
        self.session.id
    }

    /// Where it goes.
    pub fn destination(&self) -> &Destination {
        &self.to
    }

    /// The permission that it stands on.
    pub fn allowed(&self) -> &Allowed<OpenSession> {
        &self.allowed
    }

    /// By which grant, if any.
    pub fn grant(&self) -> Option<GrantId> {
        self.session.grant
    }

    /// Its recorder.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// What the kernel has to say next. An end is said too when the recorder
    /// cannot write.
    pub async fn notice(&mut self) -> Notice {
        tokio::select! {
            biased;
            notice = self.notices.recv() => match notice {
                Some(notice) => notice,
                None => std::future::pending().await,
            },
            () = self.recorder.until_stopped() => Notice::End(EndCause::NoLongerPermitted {
                because: RecorderStopped.to_string(),
            }),
        }
    }

    /// It is over; `cause` is none when its owner left. `coverage` says what the
    /// recording shows.
    pub async fn finish(self, cause: Option<EndCause>, coverage: &str) {
        let inner = &self.gate.0;
        inner.live.remove(self.session.id);
        if self.recorder.close().await.is_err() {
            tracing::error!(session = %self.session.id, "the end of a recording is missing");
        }
        let (bytes_in, bytes_out) = self.recorder.bytes();
        let now: Timestamp = inner.env.now();
        let ended = self.session.clone().end(cause.clone(), now);
        let mut event = self
            .gate
            .event("session.ended", self.allowed.actor(), &self.to, self.session.id, self.protocol)
            .with("bytes_in", bytes_in)
            .with("bytes_out", bytes_out)
            .with("seconds", now.since(self.session.started_at).as_secs());
        if let Some(cause) = &cause {
            event = event.with("because", cause.sentence());
        }
        let end = End {
            at: ended.at,
            cause: ended.cause,
            coverage: coverage.to_owned(),
            bytes_in,
            bytes_out,
        };
        if let Err(error) = self.gate.end_row(self.session.id, end, event).await {
            tracing::error!(%error, session = %self.session.id, "cannot record the end of a session");
        }
    }
}
