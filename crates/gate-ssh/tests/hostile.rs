//! Clients that do not keep to the protocol.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use serde_json::json;
use support::Gatehouse;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// SSH_MSG_KEXINIT (RFC 4253 section 12).
const KEXINIT: u8 = 20;
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

/// abuse case 62: a packet that says that it is four gigabytes long is refused
/// before anything of that size is made.
#[tokio::test(flavor = "multi_thread")]
async fn packet_of_four_gigabytes_ends_the_connection() {
    let house = Gatehouse::start("test", json!({})).await;
    let (mut stream, _) = greeted(&house).await;
    stream.get_mut().write_all(&[0xff; 64]).await.unwrap();
    closed(stream).await;
}
