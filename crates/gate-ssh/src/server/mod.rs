//! The SSH server that people reach.

mod channel;
mod dialogue;
mod forward;
mod handler;
mod hop;
mod known;
mod strangers;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorward_core::Network;
use doorward_gate::{Destination, Gate, ServeError};
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{PrivateKey, PublicKey};
use russh::server;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::settings::PublicKeyLine;
use crate::transport::Cuttable;
use crate::{SshSettings, algorithms};
use handler::Person;
use hop::Hop;
use known::Known;
use strangers::{Place, Strangers};

/// How long somebody may take to begin to prove who they are.
const GRACE: Duration = Duration::from_secs(30);
/// How long somebody may take to prove it: a little longer than a code lasts.
const CODE: Duration = Duration::from_secs(11 * 60);
/// How many sessions are put away at once: when a thousand are ended, the last
/// sentence of each goes before what is kept of any.
const CLOSING: usize = 4;
/// How long a connection lives on after the last sentence.
const LINGER: Duration = Duration::from_millis(1_500);

/// What all connections share.
pub(crate) struct House {
    pub gate: Gate,
    pub origin: String,
    pub authorities: Vec<PublicKey>,
    config: Arc<server::Config>,
    strangers: Arc<Strangers>,
    closing: Semaphore,
    tasks: TaskTracker,
}

impl House {
    pub async fn new(gate: Gate, settings: &SshSettings) -> Result<Self, ServeError> {
        let seed = gate
            .credentials()
            .seed("ssh-host")
            .await
            .map_err(|e| ServeError(format!("the gateway's host key: {e}")))?;
        let pair = Ed25519Keypair::from_seed(seed.expose());
        let key = PrivateKey::new(KeypairData::Ed25519(pair), "doorward")
            .map_err(|e| ServeError(format!("the gateway's host key: {e}")))?;
        let mut authorities = Vec::new();
        for line in &settings.user_cas {
            let key = PublicKeyLine(line.clone()).key();
            let wrong = || ServeError(format!("ssh.user_cas: {line:?} is no public key"));
            authorities.push(key.ok_or_else(wrong)?);
        }
        Ok(Self {
            gate,
            origin: settings.origin.trim_end_matches('/').to_owned(),
            authorities,
            config: algorithms::server(key),
            strangers: Strangers::new(),
            closing: Semaphore::new(CLOSING),
            tasks: TaskTracker::new(),
        })
    }
}

/// The hop before, when somebody comes by `ssh -J`.
pub(crate) struct Jump {
    /// Who was proven there.
    pub known: Known,
    /// The host that they jump to: a target's name.
    pub target: String,
}

/// Who came in, and where to.
#[derive(Clone)]
pub(crate) struct Ready {
    pub known: Known,
    /// None: they only greet the gateway, as `ssh -J` does.
    pub destination: Option<Destination>,
}

/// One connection of a person.
pub(crate) struct Connection {
    pub house: Arc<House>,
    pub network: Network,
    pub jump: Option<Jump>,
    ready: Mutex<Option<Ready>>,
    pub hop: OnceCell<Result<Arc<Hop>, String>>,
    /// How many connections go through this one to targets behind it.
    pub jumps: AtomicUsize,
    /// Cancelled when the person is gone.
    pub gone: CancellationToken,
    /// Cancel it and the connection breaks.
    pub cut: CancellationToken,
    place: Mutex<Option<Place>>,
    engaged: AtomicBool,
}

impl Connection {
    /// They have begun to prove who they are: the grace period is over.
    pub fn engaged(&self) {
        self.engaged.store(true, Ordering::Release);
    }

    /// They are in.
    pub fn ready(&self, ready: Ready) {
        self.engaged();
        *self.ready.lock().unwrap_or_else(PoisonError::into_inner) = Some(ready);
    }

    /// Who is in, and where to.
    pub fn who(&self) -> Option<Ready> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same, if something new may stand on it. The error is a sentence for the person.
    pub async fn standing(&self) -> Result<Ready, String> {
        let ready = self.who().ok_or_else(|| "nobody is signed in".to_owned())?;
        ready.known.counts(self).await?;
        Ok(ready)
    }

    /// Whether something runs through it.
    pub fn busy(&self) -> bool {
        self.jumps.load(Ordering::Acquire) > 0 || matches!(self.hop.get(), Some(Ok(_)))
    }

    /// They are no stranger any more.
    pub fn proven(&self) {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn is_stranger(&self) -> bool {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// They wait for their browser. False when too many do; then the connection ends.
    pub fn waits(&self) -> bool {
        self.engaged();
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        // Who has none is known already, or comes by a jump.
        let Some(coming) = place.take() else { return true };
        *place = coming.waiting();
        let room = place.is_some();
        if !room {
            self.leave();
        }
        room
    }

    /// Breaks the connection, after a moment for the last sentence.
    pub fn leave(&self) {
        let (cut, gone) = (self.cut.clone(), self.gone.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = gone.cancelled() => {}
                () = tokio::time::sleep(LINGER) => cut.cancel(),
            }
        });
    }
}

/// Serves until `shutdown`.
pub(crate) async fn serve(
    house: Arc<House>,
    listen: SocketAddr,
    bound: &tokio::sync::watch::Sender<Option<SocketAddr>>,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|e| ServeError(format!("cannot listen on {listen} for SSH: {e}")))?;
    let address = listener.local_addr().map_err(|e| ServeError(e.to_string()))?;
    bound.send_replace(Some(address));
    tracing::info!(%address, "SSH gateway is ready");
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, peer)) => {
                let address = peer.ip().to_canonical();
                let Some(place) = house.strangers.admit(address) else {
                    tracing::warn!(%address, "too many unproven SSH connections");
                    continue;
                };
                let _ = socket.set_nodelay(true);
                let network = Network { address: Some(address) };
                let cut = shutdown.child_token();
                house.tasks.spawn(one(house.clone(), socket, network, None, Some(place), cut));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept an SSH connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    house.tasks.close();
    house.tasks.wait().await;
    Ok(())
}

/// One connection, from its first to its last byte.
pub(crate) async fn one<S>(
    house: Arc<House>,
    stream: S,
    network: Network,
    jump: Option<Jump>,
    place: Option<Place>,
    cut: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connection = Arc::new(Connection {
        house: house.clone(),
        network,
        jump,
        ready: Mutex::new(None),
        hop: OnceCell::new(),
        jumps: AtomicUsize::new(0),
        gone: CancellationToken::new(),
        cut: cut.clone(),
        place: Mutex::new(place),
        engaged: AtomicBool::new(false),
    });
    let gone = connection.gone.clone();
    let guard = gone.clone().drop_guard();
    let late = connection.clone();
    let grace = tokio::spawn(gone.run_until_cancelled_owned(async move {
        tokio::time::sleep(GRACE).await;
        if late.engaged.load(Ordering::Acquire) {
            if !late.is_stranger() {
                return;
            }
            tokio::time::sleep(CODE).await;
            if !late.is_stranger() {
                return;
            }
        }
        late.cut.cancel();
    }));
    let person = Person::new(connection.clone());
    let stream = Cuttable::new(stream, &cut);
    match server::run_stream(house.config.clone(), stream, person).await {
        Ok(running) => {
            if let Err(error) = running.await {
                tracing::debug!(%error, "an SSH connection ended");
            }
        }
        Err(error) => tracing::debug!(%error, "an SSH connection did not begin"),
    }
    drop(guard);
    grace.abort();
}
