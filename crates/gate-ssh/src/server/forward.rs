//! `direct-tcpip`: the way of `ssh -J` through the gateway, and forwarded ports.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use doorward_core::{Class, Entity, Event, Name};
use russh::ChannelOpenFailure;
use russh::server::ChannelOpenHandle;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

use super::channel::{Out, Up};
use super::{Connection, Jump, one};
use crate::flow::Drain;
use crate::target::Down;

/// What is held between the hop before and the one behind.
const PIPE: usize = 256 << 10;

pub(crate) async fn run(
    connection: Arc<Connection>,
    out: Out,
    drain: Drain<Up>,
    reply: ChannelOpenHandle,
    host: String,
    port: u32,
) {
    match connection.who() {
        Some(ready) if ready.destination.is_none() => {
            jump(connection, out, drain, reply, Jump { known: ready.known, target: host }).await;
        }
        Some(_) => port_forward(connection, out, drain, reply, host, port).await,
        None => reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await,
    }
}

/// `ssh -J gateway account@target`: no raw bytes to the target, but a second SSH
/// server at the end of this channel, so that the session behind it is decided,
/// injected and recorded like any other.
async fn jump(
    connection: Arc<Connection>,
    out: Out,
    mut drain: Drain<Up>,
    reply: ChannelOpenHandle,
    jump: Jump,
) {
    if connection.standing().await.is_err() {
        reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        return;
    }
    // Nothing is dialled for it. Whether there is such a target is answered behind it, in
    // the words for all that is not for them; what can be no target's name is no secret.
    if Name::parse(&jump.target).is_err() {
        reply.reject(ChannelOpenFailure::ConnectFailed).await;
        return;
    }
    reply.accept().await;
    let (ours, theirs) = tokio::io::duplex(PIPE);
    let cut = connection.cut.child_token();
    let house = connection.house.clone();
    let inner = one(house, theirs, connection.network.clone(), Some(jump), None, cut.clone());
    let (mut read, mut write) = tokio::io::split(ours);
    let up = async {
        while let Some(step) = drain.next().await {
            match step {
                Up::Data(bytes) => {
                    let written = write.write_all(&bytes).await;
                    if written.is_err() {
                        break;
                    }
                }
                Up::Eof => {
                    let _ = write.shutdown().await;
                }
                Up::Close => break,
                _ => {}
            }
        }
    };
    let down = async {
        let mut buffer = vec![0; 32 << 10];
        while let Ok(n @ 1..) = read.read(&mut buffer).await {
            let bytes = Bytes::copy_from_slice(buffer.get(..n).unwrap_or_default());
            if out.write.data_bytes(bytes).await.is_err() {
                break;
            }
        }
        let _ = out.write.eof().await;
    };
    let task = tokio::spawn(inner);
    connection.jumps.fetch_add(1, Ordering::AcqRel);
    tokio::select! {
        () = up => {}
        () = down => {}
        () = connection.gone.cancelled() => {}
    }
    connection.jumps.fetch_sub(1, Ordering::AcqRel);
    cut.cancel();
    let _ = out.write.close().await;
    let _ = task.await;
}

async fn port_forward(
    connection: Arc<Connection>,
    out: Out,
    mut drain: Drain<Up>,
    reply: ChannelOpenHandle,
    host: String,
    port: u32,
) {
    let gate = connection.house.gate.clone();
    let Ok(hop) = connection.begin().await else {
        reply.reject(ChannelOpenFailure::ConnectFailed).await;
        return;
    };
    let place: String = host.chars().filter(|c| !c.is_control()).take(255).collect();
    let decided = gate.access().forward(&hop.allowed).await;
    let permission = match decided {
        Ok(Ok(allowed)) if hop.settings.sftp_root.is_none() => Some(allowed),
        _ => None,
    };
    let mut event =
        Event::new(gate.env(), Class::SshActivity, "session.port-forward", hop.allowed.actor())
            .on(Entity::new("Account", hop.allowed.act().account))
            .with("host", place.clone())
            .with("port", port);
    if permission.is_none() {
        event = event.failed();
    }
    let recorded = gate.record(event).await.is_ok();
    let Some(allowed) = permission.filter(|_| recorded) else {
        hop.say(&format!("Doorward: forwarding to {place}:{port} is not permitted by policy."));
        reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        return;
    };
    let over = CancellationToken::new();
    let end = over.clone();
    let _held = gate.hold(&allowed, move |_| end.cancel());
    hop.target.valve.passable().await;
    let opened = hop.target.handle.channel_open_direct_tcpip(host, port, "127.0.0.1", 0).await;
    let Ok(channel) = opened else {
        reply.reject(ChannelOpenFailure::ConnectFailed).await;
        return;
    };
    reply.accept().await;
    hop.gap("the content of forwarded ports is not recorded");
    let _ = hop.recorder.marker(&format!("forward {place}:{port}")).await;
    let (_, target) = channel.split();
    let Some(mut says) = hop.target.router.take(target.id()) else { return };
    let up = async {
        while let Some(step) = drain.next().await {
            if !matches!(step, Up::Close) {
                hop.target.valve.passable().await;
            }
            let sent = match step {
                Up::Data(bytes) => {
                    if hop.recorder.passed(bytes.len() as u64, 0).await.is_err() {
                        break;
                    }
                    target.data_bytes(bytes).await
                }
                Up::Eof => target.eof().await,
                Up::Close => break,
                _ => Ok(()),
            };
            if sent.is_err() {
                break;
            }
        }
    };
    let down = async {
        while let Some(step) = says.next().await {
            hop.target.valve.passable().await;
            let sent = match step {
                Down::Data(bytes) => {
                    if hop.recorder.passed(0, bytes.len() as u64).await.is_err() {
                        break;
                    }
                    out.write.data_bytes(bytes).await
                }
                Down::Eof => out.write.eof().await,
                Down::Close => break,
                _ => Ok(()),
            };
            if sent.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        biased;
        () = hop.stop.cancelled() => {}
        () = over.cancelled() => {
            hop.say(&format!("Doorward: forwarding to {place}:{port} is not permitted any more."));
        }
        () = up => {}
        () = down => {}
    }
    let _ = target.close().await;
    let _ = out.write.close().await;
}
