//! Clients that do not keep to the protocol.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use doorward_core::Timestamp;
use russh::client::AuthResult;
use russh::keys::agent::AgentIdentity;
use russh::keys::ssh_key::certificate::Builder;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{HashAlg, PrivateKey, PublicKey};
use serde_json::json;
use support::own::heard;
use support::{Gatehouse, Plan, output};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// SSH_MSG_KEXINIT (RFC 4253 section 12).
const KEXINIT: u8 = 20;
/// SSH_MSG_IGNORE (RFC 4253 section 12).
const IGNORE: u8 = 2;
/// SSH_MSG_CHANNEL_OPEN (RFC 4254 section 9).
const CHANNEL_OPEN: u8 = 90;

/// An unencrypted packet (RFC 4253 section 6).
fn packet(payload: &[u8]) -> Vec<u8> {
    let mut padding = 8 - (payload.len() + 5) % 8;
    if padding < 4 {
        padding += 8;
    }
    let mut out = u32::try_from(payload.len() + padding + 1).unwrap().to_be_bytes().to_vec();
    out.push(u8::try_from(padding).unwrap());
    out.extend_from_slice(payload);
    out.extend(std::iter::repeat_n(0, padding));
    out
}

fn text(value: &str) -> Vec<u8> {
    let mut out = u32::try_from(value.len()).unwrap().to_be_bytes().to_vec();
    out.extend_from_slice(value.as_bytes());
    out
}

/// Says hello, and gives the payload of the server's KEXINIT.
async fn greeted(house: &Gatehouse) -> (BufReader<TcpStream>, Vec<u8>) {
    let mut stream = BufReader::new(TcpStream::connect(house.address).await.unwrap());
    stream.get_mut().write_all(b"SSH-2.0-hostile\r\n").await.unwrap();
    let mut hello = String::new();
    stream.read_line(&mut hello).await.unwrap();
    assert!(hello.starts_with("SSH-2.0-"), "{hello}");
    let length = usize::try_from(stream.read_u32().await.unwrap()).unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let padding = usize::from(body[0]);
    let payload = body[1..length - padding].to_vec();
    assert_eq!(payload[0], KEXINIT);
    (stream, payload)
}

/// Reads until the other side has closed; what is asserted is that it does.
async fn closed(mut stream: BufReader<TcpStream>) {
    let mut rest = Vec::new();
    // A reset is as good an end as a close.
    let _ = stream.read_to_end(&mut rest).await;
}

/// abuse case 54: the counter-measure to prefix truncation (strict key exchange)
/// is offered, so that a client which has it keeps to it.
#[tokio::test(flavor = "multi_thread")]
async fn strict_key_exchange_is_offered() {
    let house = Gatehouse::start("test", json!({})).await;
    let (_stream, offer) = greeted(&house).await;
    let offer = String::from_utf8_lossy(&offer).into_owned();
    assert!(offer.contains("kex-strict-s-v00@openssh.com"), "{offer}");
    assert!(offer.contains("mlkem768x25519-sha256"), "{offer}");
}

/// abuse case F9: channel open before auth.
/// abuse case 54: a channel that is opened before anybody is authenticated ends
/// the connection.
#[tokio::test(flavor = "multi_thread")]
async fn channel_before_authentication_ends_the_connection() {
    let house = Gatehouse::start("test", json!({})).await;
    let (mut stream, _) = greeted(&house).await;
    let mut open = vec![CHANNEL_OPEN];
    open.extend(text("session"));
    for number in [0_u32, 1 << 20, 1 << 15] {
        open.extend(number.to_be_bytes());
    }
    stream.get_mut().write_all(&packet(&open)).await.unwrap();
    closed(stream).await;
    assert!(house.texts("SELECT state FROM privileged_session").await.is_empty());
}

/// abuse case F9: packet length 2^32-1.
/// abuse case 62: a packet that says that it is four gigabytes long is refused
/// before anything of that size is made.
#[tokio::test(flavor = "multi_thread")]
async fn packet_of_four_gigabytes_ends_the_connection() {
    let house = Gatehouse::start("test", json!({})).await;
    let (mut stream, _) = greeted(&house).await;
    stream.get_mut().write_all(&[0xff; 64]).await.unwrap();
    closed(stream).await;
}

/// A KEXINIT that agrees with the gateway's, strict or not.
fn kexinit(kex: &str) -> Vec<u8> {
    let mut out = vec![KEXINIT];
    out.extend([7; 16]);
    for names in [kex, "ssh-ed25519", "aes256-gcm@openssh.com", "aes256-gcm@openssh.com"] {
        out.extend(text(names));
    }
    for names in ["hmac-sha2-256", "hmac-sha2-256", "none", "none", "", ""] {
        out.extend(text(names));
    }
    out.extend([0; 5]);
    out
}

const STRICT: &str = "curve25519-sha256,kex-strict-c-v00@openssh.com";

/// abuse case F9: a message that is slipped in between the messages of the first
/// key exchange, which Terrapin needs, ends the connection.
#[tokio::test(flavor = "multi_thread")]
async fn message_slipped_into_the_first_key_exchange_ends_the_connection() {
    let house = Gatehouse::start("test", json!({})).await;
    let ignore = [&[IGNORE][..], &text("nothing")].concat();
    let orders: [&[Vec<u8>]; 3] = [
        &[kexinit(STRICT), ignore.clone()],
        &[ignore, kexinit(STRICT)],
        &[kexinit(STRICT), kexinit(STRICT)],
    ];
    for order in orders {
        let (mut stream, _) = greeted(&house).await;
        for payload in order {
            let _ = stream.get_mut().write_all(&packet(payload)).await;
        }
        closed(stream).await;
    }
}

/// abuse case F9: strict key exchange, in which sequence numbers begin anew, is
/// what the stock client and the gateway speak with each other.
#[tokio::test(flavor = "multi_thread")]
async fn stock_client_and_gateway_begin_their_numbers_anew() {
    let house = Gatehouse::start("test", json!({})).await;
    let mut ssh = house.ssh();
    let out = output(ssh.arg("-vvv").arg(house.at()).arg("true")).await;
    let said = support::text(&out.stderr);
    assert_eq!(out.status.code(), Some(0), "{said}");
    assert!(said.contains("will use strict KEX ordering"), "{said}");
    assert!(
        said.contains("resetting read seqnr") || said.contains("resetting send seqnr"),
        "{said}"
    );
}

/// Signs with one key what is said of another.
struct Impostor(PrivateKey);

impl russh::Signer for Impostor {
    type Error = russh::AgentAuthError;

    async fn auth_sign(
        &mut self,
        _: &AgentIdentity,
        _: Option<HashAlg>,
        to_sign: Vec<u8>,
    ) -> Result<Vec<u8>, Self::Error> {
        use russh::keys::signature::Signer as _;
        let signature = self.0.try_sign(&to_sign).unwrap();
        let mut inner = text("ssh-ed25519");
        inner.extend(u32::try_from(signature.as_bytes().len()).unwrap().to_be_bytes());
        inner.extend_from_slice(signature.as_bytes());
        let mut signed = to_sign;
        signed.extend(u32::try_from(inner.len()).unwrap().to_be_bytes());
        signed.extend(inner);
        Ok(signed)
    }
}

fn made(seed: u8) -> PrivateKey {
    let pair = Ed25519Keypair::from_seed(&[seed; 32]);
    PrivateKey::new(KeypairData::Ed25519(pair), "").unwrap()
}

/// abuse case F9: a signature by another key than the one that is authorised
/// (x/crypto CVE-2024-45337), whichever of the two was offered last.
#[tokio::test(flavor = "multi_thread")]
async fn signature_by_another_key_opens_nothing() {
    let house = Gatehouse::start("test", json!({})).await;
    let mine = house.my_private_key();
    let alice = PublicKey::new(mine.public_key().key_data().clone(), "");
    let mut handle = house.stranger().await;
    let mut other = Impostor(made(3));
    let result =
        handle.authenticate_publickey_with(house.login(), alice.clone(), None, &mut other).await;
    assert!(!matches!(result, Ok(AuthResult::Success)), "{result:?}");
    // The way round: her key signs, another one is named.
    let mut handle = house.stranger().await;
    let stranger = PublicKey::new(made(3).public_key().key_data().clone(), "");
    let mut hers = Impostor((*mine).clone());
    let result = handle.authenticate_publickey_with(house.login(), stranger, None, &mut hers).await;
    assert!(!matches!(result, Ok(AuthResult::Success)), "{result:?}");
    assert!(house.texts("SELECT state FROM privileged_session").await.is_empty());
    // And the signer is as good as any when it tells the truth.
    let mut handle = house.stranger().await;
    let result = handle.authenticate_publickey_with(house.login(), alice, None, &mut hers).await;
    assert!(matches!(result, Ok(AuthResult::Success)), "{result:?}");
}

/// A certificate for Alice over this key.
fn certificate(
    key: &PrivateKey,
    authority: &PrivateKey,
    now: Timestamp,
    change: impl FnOnce(&mut Builder),
) -> russh::keys::Certificate {
    let now = u64::try_from(now.secs()).unwrap();
    let public = key.public_key().key_data().clone();
    let mut builder = Builder::new(vec![7; 16], public, now - 60, now + 3600).unwrap();
    change(&mut builder);
    builder.sign(authority).unwrap()
}

/// abuse case F9: a certificate signed by a certified key, with a forced command,
/// with an unknown option, for nobody, for several: asked of the gateway itself.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_plain_certificate_of_a_trusted_authority_lets_alice_in() {
    let authority = made(9);
    let line = authority.public_key().to_openssh().unwrap();
    let house = Gatehouse::with(Plan { user_cas: vec![line], ..Plan::default() }).await;
    let (key, middle, now) = (made(4), made(5), house.env.now());
    let alice = |b: &mut Builder| drop(b.valid_principal("alice"));
    let tried = async |certificate: russh::keys::Certificate| {
        let mut handle = house.stranger().await;
        let key = std::sync::Arc::new(key.clone());
        let result = handle.authenticate_openssh_cert(house.login(), key, certificate).await;
        matches!(result, Ok(AuthResult::Success))
    };
    assert!(tried(certificate(&key, &authority, now, alice)).await);
    // The authority certified the key in the middle; that makes it no authority.
    let _chain = certificate(&middle, &authority, now, alice);
    assert!(!tried(certificate(&key, &middle, now, alice)).await);
    assert!(!tried(certificate(&middle, &authority, now, alice)).await, "over another key");
    let bad: [fn(&mut Builder); 7] = [
        |b| drop(b.all_principals_valid()),
        |b| drop(b.valid_principal("deploy,alice")),
        |b| drop(b.valid_principal("alice\0")),
        |b| drop(b.valid_principal("alice\n")),
        |b| {
            b.valid_principal("alice").unwrap();
            b.valid_principal("bob").unwrap();
        },
        |b| {
            b.valid_principal("alice").unwrap();
            b.critical_option("force-command", "internal-sftp").unwrap();
        },
        |b| {
            b.valid_principal("alice").unwrap();
            b.critical_option("no-such-option@example.com", "").unwrap();
        },
    ];
    for (i, change) in bad.into_iter().enumerate() {
        assert!(!tried(certificate(&key, &authority, now, change)).await, "number {i}");
    }
    assert!(house.texts("SELECT state FROM privileged_session").await.is_empty());
}

/// abuse case F9: 10,000 channels; a few are given, the connection lives on, and
/// a place that becomes free is given again.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_channels_get_a_few_places() {
    let house = Gatehouse::start("test", json!({})).await;
    let handle = house.alices_client().await;
    let (mut open, mut refused) = (Vec::new(), 0);
    for _ in 0..10_000 {
        match handle.channel_open_session().await {
            Ok(channel) => open.push(channel),
            Err(_) => refused += 1,
        }
    }
    assert_eq!((open.len(), refused), (64, 9_936));
    let mut one = open.swap_remove(7);
    one.exec(true, "echo still here").await.unwrap();
    assert_eq!(heard(&mut one).await.out, b"still here\n");
    for channel in &open {
        channel.close().await.unwrap();
    }
    // Places that come and go are no leak: a thousand more, one at a time.
    for _ in 0..1_000 {
        let channel = handle.channel_open_session().await.unwrap();
        channel.close().await.unwrap();
    }
    let mut last = handle.channel_open_session().await.unwrap();
    last.exec(true, "echo and here").await.unwrap();
    assert_eq!(heard(&mut last).await.out, b"and here\n");
    assert_eq!(house.gate.open_here(), 1);
}
