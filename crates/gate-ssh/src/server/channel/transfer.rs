//! SFTP that is confined to a folder: requests are held until it is known where
//! their paths lead.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use russh::{ChannelWriteHalf, client};
use tokio::sync::{Mutex, oneshot};

use super::{Content, Out, Session, malformed};
use crate::sftp::{Confined, Malformed, Parser, Piece, Side, Verdict, confine};

/// How long a target may take to say where a path leads.
const PATIENCE: Duration = Duration::from_secs(10);
const PERMISSION_DENIED: u32 = 3;

/// One direction.
struct Way {
    parser: Parser,
    /// Whether the last packet went through; what follows its head goes with it.
    through: bool,
}

impl Way {
    fn of(side: Side) -> Mutex<Self> {
        Mutex::new(Self { parser: Parser::of(side), through: false })
    }
}

pub(in crate::server) struct Guarded {
    folder: Confined,
    up: Mutex<Way>,
    down: Mutex<Way>,
    questions: Mutex<HashMap<u32, oneshot::Sender<Option<String>>>>,
    number: std::sync::atomic::AtomicU32,
    root: tokio::sync::OnceCell<Option<String>>,
}

impl Guarded {
    pub fn new(folder: Confined) -> Self {
        Self {
            folder,
            up: Way::of(Side::Person),
            down: Way::of(Side::Target),
            questions: Mutex::default(),
            number: std::sync::atomic::AtomicU32::new(1),
            root: tokio::sync::OnceCell::new(),
        }
    }

    /// What the person sends: let through, checked or refused.
    pub async fn up(
        &self,
        session: &Session,
        bytes: &Bytes,
        target: &ChannelWriteHalf<client::Msg>,
        out: &Out,
    ) -> Result<Result<(), russh::Error>, String> {
        let mut way = self.up.lock().await;
        for piece in way.parser.push(bytes).map_err(malformed)? {
            let packet = match piece {
                Piece::Content(content) => {
                    if way.through
                        && let Err(e) = target.data_bytes(content).await
                    {
                        return Ok(Err(e));
                    }
                    continue;
                }
                Piece::Packet(packet) => packet,
            };
            let (send, id) = match self.folder.judge(&packet).map_err(malformed)? {
                Verdict::Pass => (Some(packet), 0),
                Verdict::Refuse { id } => (None, id),
                Verdict::Check { resolve, packet, id } => {
                    let good = self.all_inside(&resolve, target).await;
                    (good.then_some(packet), id)
                }
            };
            way.through = send.is_some();
            let sent = match send {
                Some(packet) => target.data_bytes(packet).await,
                None => {
                    self.refuse(session, id).await?;
                    let text = "outside the folder that this target is confined to";
                    let status = confine::refusal(id, PERMISSION_DENIED, text);
                    out.write.data_bytes(status).await
                }
            };
            if let Err(e) = sent {
                return Ok(Err(e));
            }
        }
        Ok(Ok(()))
    }

    /// What the target says, without the answers to our own questions.
    pub async fn down(&self, bytes: &Bytes) -> Result<Bytes, Malformed> {
        let mut way = self.down.lock().await;
        let mut out = Vec::with_capacity(bytes.len());
        for piece in way.parser.push(bytes)? {
            match piece {
                Piece::Content(content) if way.through => out.extend_from_slice(&content),
                Piece::Content(_) => {}
                Piece::Packet(packet) => {
                    let answered = confine::answered(&packet);
                    way.through = answered.is_none();
                    match answered {
                        Some((number, path)) => {
                            if let Some(asked) = self.questions.lock().await.remove(&number) {
                                let _ = asked.send(path);
                            }
                        }
                        None => out.extend_from_slice(&packet),
                    }
                }
            }
        }
        Ok(Bytes::from(out))
    }

    async fn refuse(&self, session: &Session, id: u32) -> Result<(), String> {
        let refused = match &mut *session.content.lock().await {
            Content::Sftp { tracker, .. } => tracker.refused(id),
            _ => None,
        };
        session.note_files(refused.into_iter().collect()).await
    }

    async fn all_inside(&self, paths: &[String], target: &ChannelWriteHalf<client::Msg>) -> bool {
        let root = self.root.get_or_init(|| self.resolve(self.folder.root(), target)).await;
        let Some(root) = root.as_deref() else { return false };
        for path in paths {
            match self.resolve(path, target).await {
                Some(resolved) if Confined::inside(root, &resolved) => {}
                _ => return false,
            }
        }
        true
    }

    async fn resolve(&self, path: &str, target: &ChannelWriteHalf<client::Msg>) -> Option<String> {
        let number = self.number.fetch_add(1, std::sync::atomic::Ordering::Relaxed) & 0x0FFF_FFFF;
        let (asked, answer) = oneshot::channel();
        self.questions.lock().await.insert(number, asked);
        target.data_bytes(confine::ask(number, path)).await.ok()?;
        tokio::time::timeout(PATIENCE, answer).await.ok()?.ok()?
    }
}
