//! The node where somebody looks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use doorward_core::{Act, Allowed, NodeId, PrivilegedSessionId, RelayId};
use doorward_store::relay::{self as rows, Relay, Side};
use doorward_store::{change, node};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::frame::{Frame, Frames};
use super::{ANSWER, BEAT, CHANGE, POLL, STALE, key_aad};
use crate::kernel::Gate;
use crate::playback::SeeError;

/// How many frames are taken at once.
const TAKEN: i64 = 32;

/// What another node shows, frame by frame. Dropping it ends it there.
pub(crate) struct Viewed {
    gate: Gate,
    id: RelayId,
    node: NodeId,
    frames: Frames,
    /// Taken and not handed on yet.
    taken: VecDeque<Frame>,
    next: i64,
    /// When the other node was last heard of; none when it has given up.
    heard: Arc<Mutex<Option<Instant>>>,
    beating: JoinHandle<()>,
    over: bool,
}

impl Drop for Viewed {
    fn drop(&mut self) {
        self.beating.abort();
        let (gate, id) = (self.gate.clone(), self.id);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = gate.0.db.write(move |c| rows::delete(c, id)).await {
                    tracing::warn!(%error, "a look at another node could not be ended");
                }
            });
        }
    }
}

impl Viewed {
    /// Asks the node for it, and waits until it begins to show it.
    pub async fn begin<A: Act>(
        gate: &Gate,
        kind: &str,
        session: PrivilegedSessionId,
        node: NodeId,
        allowed: &Allowed<A>,
    ) -> Result<Self, SeeError> {
        let inner = &gate.0;
        let id = RelayId::new(&inner.env);
        let row = Relay {
            id,
            kind: kind.to_owned(),
            privileged_session: session,
            node,
            question: allowed.question(),
            ring_key: None,
            wrapped_key: None,
            asked_at: allowed.at(),
        };
        let now = inner.env.now();
        inner
            .db
            .write(move |c| {
                rows::insert(c, &row)?;
                change::bump(c, CHANGE, id, now)
            })
            .await?;
        match tokio::time::timeout(ANSWER, Self::answered(gate, id, node)).await {
            Ok(Ok(viewed)) => Ok(viewed),
            Ok(Err(e)) => {
                inner.db.write(move |c| rows::delete(c, id)).await?;
                Err(e)
            }
            Err(_) => {
                inner.db.write(move |c| rows::delete(c, id)).await?;
                Err(silent(gate, node).await?)
            }
        }
    }

    async fn answered(gate: &Gate, id: RelayId, node: NodeId) -> Result<Self, SeeError> {
        let (ring_key, wrapped) = loop {
            let found = gate.0.db.read(move |c| rows::find(c, id)).await?;
            match found.ok_or(SeeError::Over)? {
                Relay { ring_key: Some(key), wrapped_key: Some(wrapped), .. } => {
                    break (key, wrapped);
                }
                _ => tokio::time::sleep(POLL / 2).await,
            }
        };
        let aad = key_aad(id);
        let key = gate.credentials().open_recording_key(ring_key, &wrapped, &aad).await?;
        let heard = Arc::new(Mutex::new(Some(Instant::now())));
        let mut viewed = Self {
            gate: gate.clone(),
            id,
            node,
            frames: Frames::new(id, &key)?,
            taken: VecDeque::new(),
            next: 0,
            heard: heard.clone(),
            beating: tokio::spawn(beat(gate.clone(), id, heard)),
            over: false,
        };
        // A node that refuses says so first.
        let first = viewed.frame().await?;
        viewed.taken.push_front(first);
        if let Some(Frame::End(why)) = viewed.taken.front()
            && !why.is_empty()
        {
            return Err(SeeError::Refused(why.clone()));
        }
        Ok(viewed)
    }

    /// The next of it; none when it is over.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, SeeError> {
        if self.over {
            return Ok(None);
        }
        match self.frame().await {
            Ok(Frame::Some(bytes)) => Ok(Some(bytes)),
            Ok(Frame::End(why)) => {
                self.over = true;
                if why.is_empty() { Ok(None) } else { Err(SeeError::Refused(why)) }
            }
            Err(e) => {
                self.over = true;
                Err(e)
            }
        }
    }

    async fn frame(&mut self) -> Result<Frame, SeeError> {
        loop {
            if let Some(frame) = self.taken.pop_front() {
                return Ok(frame);
            }
            self.take().await?;
            if !self.taken.is_empty() {
                continue;
            }
            let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            match heard {
                // The row is gone: the node has begun anew, and what it had is over.
                None => return Err(SeeError::Over),
                Some(at) if at.elapsed() > STALE => {
                    return Err(silent(&self.gate, self.node).await?);
                }
                Some(_) => tokio::time::sleep(POLL).await,
            }
        }
    }

    async fn take(&mut self) -> Result<(), SeeError> {
        let (id, db) = (self.id, &self.gate.0.db);
        let found = db.read(move |c| rows::frames(c, id, TAKEN)).await?;
        let Some((last, _)) = found.last() else { return Ok(()) };
        let last = *last;
        for (number, sealed) in found {
            // In their order and without a gap, or somebody has had a hand in them.
            if number != self.next {
                return Err(SeeError::Forged);
            }
            self.next += 1;
            self.taken.push_back(self.frames.open(number, sealed).map_err(|_| SeeError::Forged)?);
        }
        Ok(db.write(move |c| rows::seen(c, id, last)).await?)
    }
}

/// Says that somebody still looks, and notes when the other node last said that it
/// is there: as long as somebody looks, however slowly they read.
async fn beat(gate: Gate, id: RelayId, heard: Arc<Mutex<Option<Instant>>>) {
    let mut count = -1;
    loop {
        match gate.0.db.write(move |c| rows::beat(c, id, Side::Viewer)).await {
            Ok(Some(beats)) if beats != count => {
                count = beats;
                *heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            }
            Ok(Some(_)) => {}
            Ok(None) => {
                *heard.lock().unwrap_or_else(PoisonError::into_inner) = None;
                return;
            }
            Err(error) => tracing::warn!(%error, "cannot say that somebody looks"),
        }
        tokio::time::sleep(BEAT).await;
    }
}

/// That the node does not answer, by its name.
async fn silent(gate: &Gate, id: NodeId) -> Result<SeeError, SeeError> {
    let found = gate.0.db.read(move |c| node::find(c, id)).await?;
    Ok(match found {
        Some(node) => SeeError::Silent { node: node.name, seen_at: node.seen_at.to_string() },
        None => SeeError::Silent { node: id.to_string(), seen_at: "never".to_owned() },
    })
}
