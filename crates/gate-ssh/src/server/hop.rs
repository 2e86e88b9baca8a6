//! From a permission to a live session, and its end.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorward_core::lifecycle::EndCause;
use doorward_core::{Allowed, Class, Entity, Event, OpenSession};
use doorward_gate::{Entry, Live, Notice, OpenError, Recorder};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::{Connection, Ready};
use crate::WIRE;
use crate::settings::TargetSettings;
use crate::target::{self, ConnectError, Target};

/// When many end at once, the last sentences of all go before the targets, whose
/// servers would be busy with it, are cut; no byte passes meanwhile, and it takes no
/// longer than this.
const CUT_WITHIN: Duration = Duration::from_millis(500);

/// A session that is connected: what its channels share.
pub(crate) struct Hop {
    pub target: Target,
    pub recorder: Recorder,
    pub settings: TargetSettings,
    pub allowed: Allowed<OpenSession>,
    /// Cancelled when it is over: not one byte more.
    pub stop: CancellationToken,
    farewell: Mutex<Option<String>>,
    sentences: broadcast::Sender<String>,
    gaps: Mutex<BTreeSet<&'static str>>,
}

impl Hop {
    /// Says a sentence on every terminal.
    pub fn say(&self, text: &str) {
        let _ = self.sentences.send(text.to_owned());
    }

    /// The sentences that are said from now on.
    pub fn listen(&self) -> broadcast::Receiver<String> {
        self.sentences.subscribe()
    }

    /// Something that the recording does not show.
    pub fn gap(&self, what: &'static str) {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner).insert(what);
    }

    /// The last sentence.
    pub fn farewell(&self) -> Option<String> {
        self.farewell.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn coverage(&self) -> String {
        let gaps = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        if gaps.is_empty() {
            "full".to_owned()
        } else {
            format!("partial: {}", gaps.iter().copied().collect::<Vec<_>>().join("; "))
        }
    }
}

impl Connection {
    /// The session, begun when it is first needed; whoever asks is looked at each
    /// time. The error is a sentence for the person.
    pub async fn begin(self: &Arc<Self>) -> Result<Arc<Hop>, String> {
        self.standing().await?;
        // A task of its own: who asked may go away in the middle of it.
        let connection = self.clone();
        self.hop
            .get_or_init(|| async move {
                match tokio::spawn(open(connection)).await {
                    Ok(done) => done,
                    Err(_) => Err("the session could not be opened".to_owned()),
                }
            })
            .await
            .clone()
    }
}

async fn open(connection: Arc<Connection>) -> Result<Arc<Hop>, String> {
    let gate = &connection.house.gate;
    let Some(Ready { known, destination: Some(destination) }) = connection.who() else {
        return Err("no target was named".to_owned());
    };
    let actor = known.actor.clone();
    // Asked again: what was permitted at the login may not be any more.
    let (allowed, grant) = match gate.ask(&actor, &destination).await {
        Ok(Entry::Now { allowed, grant }) => (*allowed, grant),
        Ok(Entry::Denied(_)) => return Err(format!("access to {destination} is over")),
        Err(e) => return Err(sorry(&e)),
    };
    let destination = match gate.afresh(&destination).await {
        Ok(destination) => destination,
        Err(e @ (OpenError::Unknown(_) | OpenError::Disabled(_))) => return Err(e.to_string()),
        Err(e) => return Err(sorry(&e)),
    };
    let settings = TargetSettings::read(&destination.target.settings)
        .map_err(|e| format!("the settings of {} cannot be used: {e}", destination.target.name))?;
    let mut opening = match gate.open(allowed, grant, &destination, WIRE).await {
        Ok(opening) => opening,
        Err(e @ (OpenError::NoCredential(_) | OpenError::Disabled(_) | OpenError::Over(_))) => {
            return Err(e.to_string());
        }
        Err(e @ OpenError::NotRecorded(_)) => {
            tracing::error!(error = %e, "a session cannot be recorded");
            return Err("the session cannot be recorded at the moment, so it is not opened; \
                        the reason is in Doorward's log"
                .to_owned());
        }
        Err(e) => return Err(sorry(&e)),
    };
    let Some(credential) = opening.take_credential() else {
        opening.failed("no credential").await;
        return Err(format!("the account {destination} has no credential in the vault"));
    };
    let now = gate.env().now();
    let account = destination.account.name.clone();
    let target = match target::connect(&settings, &account, credential, now).await {
        Ok(target) => target,
        Err(e) => {
            if let ConnectError::HostKey { shown, .. } = &e {
                let changed = Event::new(
                    gate.env(),
                    Class::EntityManagement,
                    "target.host-key-changed",
                    &actor,
                )
                .on(Entity::new("Target", destination.target.id))
                .with("shown", shown.clone())
                .failed();
                if let Err(error) = gate.record(changed).await {
                    tracing::error!(%error, "cannot record a changed host key");
                }
            }
            opening.failed(&e.to_string()).await;
            return Err(e.to_string());
        }
    };
    let allowed = opening.allowed().clone();
    let live = opening.connected().await.map_err(|e| sorry(&e))?;
    // Whoever leaves from now on is found in the register; this is for before.
    if let Some(cause) = known.gone().filter(|cause| *cause != EndCause::Expired) {
        let sentence = cause.sentence();
        live.finish(Some(cause), "full").await;
        return Err(sentence);
    }
    let hop = Arc::new(Hop {
        target,
        recorder: live.recorder().clone(),
        settings,
        allowed,
        stop: CancellationToken::new(),
        farewell: Mutex::new(None),
        sentences: broadcast::channel(16).0,
        gaps: Mutex::new(BTreeSet::new()),
    });
    connection.house.tasks.spawn(supervise(live, hop.clone(), connection.clone()));
    Ok(hop)
}

fn sorry(error: &dyn std::fmt::Display) -> String {
    tracing::error!(%error, "a session cannot begin");
    "Doorward cannot open the session at the moment; the reason is in its log".to_owned()
}

/// Stays with a session until it is over, whoever ends it.
async fn supervise(mut live: Live, hop: Arc<Hop>, connection: Arc<Connection>) {
    let cause = loop {
        tokio::select! {
            biased;
            notice = live.notice() => match notice {
                Notice::Say(text) => hop.say(&text),
                Notice::Freeze(text) => {
                    // INVARIANT: shut before it is said.
                    hop.target.valve.shut(text.clone());
                    hop.say(&text);
                }
                Notice::Thaw(text) => {
                    hop.say(&text);
                    hop.target.valve.open();
                }
                Notice::End(cause) => break Some(cause),
            },
            () = connection.gone.cancelled() => break None,
            () = hop.target.gone.cancelled() => break None,
        }
    };
    if let Some(cause) = &cause {
        let text = Notice::farewell(cause);
        *hop.farewell.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.clone());
        // INVARIANT: from here on no byte passes in either direction.
        hop.stop.cancel();
        hop.recorder.remark(text);
    }
    connection.leave();
    if cause.is_none() && !connection.gone.is_cancelled() {
        // The target left first: its last words may still be on their way.
        connection.gone.cancelled().await;
    }
    let closing = &connection.house.closing;
    let turn = tokio::time::timeout(CUT_WITHIN, closing.acquire()).await;
    hop.target.cut.cancel();
    let _turn = match turn {
        Ok(turn) => turn,
        Err(_) => closing.acquire().await,
    };
    // Boxed: the room for it would be kept as long as the session lasts.
    Box::pin(live.finish(cause, &hop.coverage())).await;
}
