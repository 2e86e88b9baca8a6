//! Targets that are slow, silent or loud, and disks that are full.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stderr, reason = "says why a test did nothing")]

mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use doorward_core::PlayRecording;
use doorward_gate::{FileError, Playback, SeeError};
use russh::keys::PrivateKey;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::server::{self, Auth};
use serde_json::json;
use support::host::root;
use support::{Gatehouse, finished, output, text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Something on a port, for each connection.
async fn serving<F>(what: impl Fn(TcpStream) -> F + Send + 'static) -> u16
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(what(stream));
        }
    });
    port
}

/// What ssh says of a target at this port that gets one second.
async fn said_of(port: u16) -> String {
    let house = Gatehouse::start("test", json!({"port": port, "connect_timeout": 1})).await;
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("echo in")).await;
    assert_eq!(out.status.code(), Some(255));
    assert!(out.stdout.is_empty());
    house.event("session.failed").await;
    house.ended(1).await;
    text(&out.stderr)
}

/// abuse case 62: stalled handshakes meet deadlines, and whoever waits is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_says_nothing_is_given_up_in_words() {
    let silent = serving(|mut stream| async move {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    });
    let said = said_of(silent.await).await;
    assert!(said.contains("did not answer within 1 seconds"), "{said}");
}

/// abuse case 62: after its greeting, or after half a packet.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_stops_in_the_handshake_is_given_up_in_words() {
    for words in [&b"SSH-2.0-stalled\r\n"[..], b"SSH-2.0-stalled\r\n\0\0\x04\0\x05\x14"] {
        let stalled = serving(move |mut stream| async move {
            stream.write_all(words).await.unwrap();
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
        });
        let said = said_of(stalled.await).await;
        assert!(said.contains("did not answer within 1 seconds"), "{said}");
    }
}

/// abuse case 62: a greeting without end, and a packet of four gigabytes, are
/// refused before anything of that size is made.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_says_too_much_before_anything_is_refused() {
    let poured = Arc::new(AtomicUsize::new(0));
    let count = poured.clone();
    let endless = serving(move |mut stream| {
        let count = count.clone();
        async move {
            let chunk = [b'x'; 64 << 10];
            while stream.write_all(&chunk).await.is_ok() {
                count.fetch_add(chunk.len(), Ordering::SeqCst);
            }
        }
    });
    let said = said_of(endless.await).await;
    assert!(said.contains("broke off") || said.contains("did not answer"), "{said}");
    assert!(poured.load(Ordering::SeqCst) < 64 << 20, "{}", poured.load(Ordering::SeqCst));
    let huge = serving(|mut stream| async move {
        stream.write_all(b"SSH-2.0-huge\r\n").await.unwrap();
        let _ = stream.write_all(&[0xff; 4096]).await;
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    });
    let said = said_of(huge.await).await;
    assert!(said.contains("broke off"), "{said}");
}

/// A target of our own making.
#[derive(Clone)]
struct Loud {
    /// How many bytes the gateway has taken.
    taken: Arc<AtomicUsize>,
    /// Never answers to a password.
    stalls: bool,
}

impl server::Handler for Loud {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, _: &str) -> Result<Auth, Self::Error> {
        if self.stalls {
            std::future::pending::<()>().await;
        }
        Ok(Auth::Accept)
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        _: server::VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        self.auth_password(user, "").await
    }

    async fn channel_open_session(
        &mut self,
        channel: russh::Channel<server::Msg>,
        reply: server::ChannelOpenHandle,
        _: &mut server::Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        let taken = self.taken.clone();
        tokio::spawn(async move {
            let chunk = bytes::Bytes::from(vec![b'y'; 32 << 10]);
            while channel.data_bytes(chunk.clone()).await.is_ok() {
                taken.fetch_add(chunk.len(), Ordering::SeqCst);
            }
        });
        Ok(())
    }
}

impl Loud {
    /// Its port and its host key.
    async fn serve(self) -> (u16, String) {
        let pair = Ed25519Keypair::from_seed(&[1; 32]);
        let key = PrivateKey::new(KeypairData::Ed25519(pair), "").unwrap();
        let line = key.public_key().to_openssh().unwrap();
        let config = Arc::new(server::Config { keys: vec![key], ..server::Config::default() });
        let port = serving(move |stream| {
            let (config, loud) = (config.clone(), self.clone());
            async move {
                if let Ok(running) = server::run_stream(config, stream, loud).await {
                    let _ = running.await;
                }
            }
        });
        (port.await, line)
    }
}

/// abuse case 62: the credential is given and no answer comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_does_not_answer_to_the_credential_is_given_up_in_words() {
    let loud = Loud { taken: Arc::default(), stalls: true };
    let (port, line) = loud.serve().await;
    let house =
        Gatehouse::start("test", json!({"port": port, "host_keys": [line], "connect_timeout": 1}))
            .await;
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("echo in")).await;
    let said = text(&out.stderr);
    assert!(said.contains("did not take the credential within 1 seconds"), "{said}");
}

/// abuse case 62: a target that floods a person who does not read fills bounded
/// memory and is slowed down; everybody else goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_held_back_while_nobody_reads() {
    let taken = Arc::new(AtomicUsize::new(0));
    let (port, line) = Loud { taken: taken.clone(), stalls: false }.serve().await;
    let house = Gatehouse::start("test", json!({"port": port, "host_keys": [line]})).await;
    let mut ssh = house.ssh();
    let mut child = ssh.arg(house.at()).arg("anything").spawn().unwrap();
    let mut before = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = taken.load(Ordering::SeqCst);
        // Held back: what still trickles is far from what it would send.
        if before > 0 && now - before < 1 << 20 {
            break;
        }
        before = now;
    }
    let held = taken.load(Ordering::SeqCst);
    assert!(held < 64 << 20, "{held} bytes were taken of which nobody has read any");
    // The person reads again, and it flows again.
    let mut stdout = child.stdout.take().unwrap();
    let mut buffer = vec![0; 1 << 20];
    let mut read = 0;
    while read < held + (16 << 20) {
        let n = stdout.read(&mut buffer).await.unwrap();
        assert!(n > 0 && buffer[..n].iter().all(|b| *b == b'y'));
        read += n;
    }
    child.kill().await.unwrap();
    house.ended(1).await;
}

/// A file system of one megabyte; gone when dropped.
struct Small(PathBuf);

impl Small {
    fn mount(path: PathBuf) -> Self {
        std::fs::create_dir_all(&path).unwrap();
        let done = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "none"])
            .arg(&path)
            .status()
            .unwrap();
        assert!(done.success(), "cannot mount a small file system");
        Self(path)
    }

    fn grow(&self) {
        let more = ["-o", "remount,size=8m"];
        let done = std::process::Command::new("mount").args(more).arg(&self.0).status().unwrap();
        assert!(done.success(), "cannot make room");
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_the_session_and_refuses_the_next_in_words() {
    if !root() {
        eprintln!("needs root: a file system that is full");
        return;
    }
    let house = Gatehouse::start("test", json!({})).await;
    let small = Small::mount(house.recordings.clone());
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("base64 /dev/urandom")).await;
    assert_eq!(out.status.code(), Some(255));
    let said = text(&out.stderr);
    assert!(said.contains("the recording cannot be written"), "{said}");
    house.ended(1).await;
    let states = house.texts("SELECT state FROM recording").await;
    assert_eq!(states, ["interrupted"]);
    // What fits is kept and can be played; it says where it breaks off.
    let played = house.played().await;
    assert!(
        played.ends_with("the gateway was interrupted here; what came after is not recorded\"]\n")
    );
    // Not even the head of another recording fits.
    std::fs::write(house.recordings.join("rest"), vec![0; 1 << 20]).unwrap_err();
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("echo in")).await;
    let said = text(&out.stderr);
    assert!(said.contains("cannot be recorded at the moment, so it is not opened"), "{said}");
    assert!(out.stdout.is_empty());
    small.grow();
    let mut ssh = house.ssh();
    let out = output(ssh.arg(house.at()).arg("echo in")).await;
    assert_eq!(text(&out.stdout), "in\n", "room was made: {}", text(&out.stderr));
}

async fn everything(mut playback: Playback) -> (String, Option<SeeError>) {
    let mut shown = String::new();
    loop {
        match playback.next().await {
            Ok(Some(lines)) => shown.push_str(std::str::from_utf8(&lines).unwrap()),
            Ok(None) => return (shown, None),
            Err(e) => return (shown, Some(e)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_recording_plays_up_to_its_end_and_says_so() {
    let house = Gatehouse::start("test", json!({})).await;
    let mut ssh = house.ssh();
    ssh.arg(house.at()).arg("cat").stdin(std::process::Stdio::piped());
    let mut child = ssh.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"the first chunk\n").await.unwrap();
    house.event("recording.chunk").await;
    stdin.write_all(b"the last chunk\n").await.unwrap();
    drop(stdin);
    finished(child).await;
    house.ended(1).await;
    let session = house.session().await;
    let play =
        PlayRecording { session: session.id, owner: session.identity, account: session.account };
    let play = house.allow(house.bob, play);
    let path = std::fs::read_dir(&house.recordings).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&path).unwrap();
    let (shown, error) = everything(house.gate.play(&play).await.unwrap()).await;
    assert!(error.is_none() && shown.contains("the last chunk"), "{shown}");
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let (shown, error) = everything(house.gate.play(&play).await.unwrap()).await;
    assert!(matches!(error, Some(SeeError::File(FileError::Truncated { .. }))), "{error:?}");
    assert!(shown.contains("the first chunk") && !shown.contains("the last chunk"), "{shown}");
    let last = shown.lines().last().unwrap();
    assert!(last.contains("\"m\", \"Doorward: the recording is cut off after chunk"), "{last}");
    // Nothing of it is left: an error at once.
    std::fs::write(&path, &whole[..30]).unwrap();
    let (shown, error) = everything(house.gate.play(&play).await.unwrap()).await;
    let cut = matches!(error, Some(SeeError::File(FileError::Truncated { after: 0 })));
    assert!(shown.is_empty() && cut);
}
