//! A thousand live sessions: what each of them holds in memory, and how long
//! their bytes flow on after their owner was disabled.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use russh::ChannelMsg;
use russh::client;
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate};
use tokio::sync::{Semaphore, mpsc};

use crate::figure::{Figure, Goal};
use crate::machine;
use crate::ssh::{PERSON, Yard};
use crate::stats::Times;
use doorward_core::lifecycle::SessionKind;
use doorward_testsuite::{Home, Served, home};

const SESSIONS: usize = 1_000;
/// Sessions that are opened at once.
const OPENING: usize = 8;

struct Trusting;

impl client::Handler for Trusting {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        _shown: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

struct Open {
    channel: russh::Channel<client::Msg>,
    _handle: client::Handle<Trusting>,
}

/// A terminal in which something stands and waits.
async fn open(port: u16, login: &str, key: Arc<PrivateKey>) -> anyhow::Result<Open> {
    let config = client::Config {
        window_size: 64 * 1024,
        channel_buffer_size: 4,
        ..client::Config::default()
    };
    let mut handle = client::connect(Arc::new(config), ("127.0.0.1", port), Trusting).await?;
    let key = PrivateKeyWithHashAlg::new(key, None);
    ensure!(
        handle.authenticate_publickey(login, key).await?.success(),
        "the gateway did not take the key"
    );
    let mut channel = handle.channel_open_session().await?;
    channel.request_pty(false, "xterm", 80, 24, 0, 0, &[]).await?;
    channel.exec(false, "echo up; exec cat").await?;
    let mut seen = Vec::new();
    while !seen.windows(2).any(|w| w == b"up") {
        match channel.wait().await.context("the session ended at once")? {
            ChannelMsg::Data { data } => seen.extend_from_slice(&data),
            ChannelMsg::Close | ChannelMsg::Eof => {
                anyhow::bail!("the session ended at once: {}", String::from_utf8_lossy(&seen))
            }
            _ => {}
        }
    }
    Ok(Open { channel, _handle: handle })
}

async fn open_all(yard: &Yard, served: &Served) -> anyhow::Result<Vec<Open>> {
    let key = Arc::new(PrivateKey::from_openssh(std::fs::read_to_string(&yard.key)?)?);
    let room = Arc::new(Semaphore::new(OPENING));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..SESSIONS {
        let (room, key, login, port) = (room.clone(), key.clone(), yard.login(), served.ssh());
        tasks.spawn(async move {
            let _turn = room.acquire().await?;
            open(port, &login, key).await
        });
    }
    let mut sessions = Vec::new();
    while let Some(done) = tasks.join_next().await {
        sessions.push(done??);
    }
    Ok(sessions)
}

/// When each session's last byte came.
async fn last_bytes(sessions: Vec<Open>) -> mpsc::UnboundedReceiver<Instant> {
    let (tell, told) = mpsc::unbounded_channel();
    for mut open in sessions {
        let tell = tell.clone();
        tokio::spawn(async move {
            while let Some(message) = open.channel.wait().await {
                if matches!(message, ChannelMsg::Close) {
                    break;
                }
            }
            let _ = tell.send(Instant::now());
        });
    }
    told
}

/// The figures.
pub async fn measure(program: &Path) -> anyhow::Result<Vec<Figure>> {
    let home = Home::new().await?;
    let yard = Yard::new(home.dir.path()).await?;
    yard.furnish(&home).await?;
    let bearer = home.administrator(SessionKind::Cli).await?;
    let served = home.serve(program).await?;
    let pid = served.child.id();
    let client = home::client(&served.config)?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = machine::resident(pid)?;
    let sessions = open_all(&yard, &served).await?;
    // Recordings are written within a second; then nothing moves any more.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = machine::resident(pid)?;
    let mut told = last_bytes(sessions).await;

    let origin = served.config.http.origin.clone();
    let begun = Instant::now();
    let answer = client
        .post(format!("{origin}/api/v1/identities/{PERSON}/disable"))
        .bearer_auth(bearer)
        .json(&serde_json::json!({ "reason": "left" }))
        .send()
        .await?;
    let answered = begun.elapsed();
    ensure!(
        answer.status().is_success(),
        "disable answered {}: {}",
        answer.status(),
        answer.text().await?
    );
    let mut times = Vec::new();
    while times.len() < SESSIONS {
        let next = tokio::time::timeout(Duration::from_secs(60), told.recv());
        let at =
            next.await.context("some sessions never ended")?.context("some sessions were lost")?;
        times.push(at.duration_since(begun).as_secs_f64());
    }
    let times = Times::new(times);
    #[allow(clippy::cast_precision_loss, reason = "KiB of a process")]
    let each = after.saturating_sub(before) as f64 * 1024.0 / 1e3 / SESSIONS as f64;
    Ok(vec![
        Figure::alone("memory of each idle SSH session", each, "kB", Goal::AtMost(200.0)),
        Figure::alone(
            "from disable to the last byte, 1,000 sessions, p99",
            times.p99(),
            "s",
            Goal::AtMost(1.0),
        ),
        Figure::alone("the same, median", times.median(), "s", Goal::Told),
        Figure::alone("disable answered after", answered.as_secs_f64(), "s", Goal::Told),
    ])
}
