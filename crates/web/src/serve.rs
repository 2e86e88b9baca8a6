//! The listener: TLS with deadlines and caps, then HTTP/1.1 or HTTP/2.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::{AppState, Web};

/// A peer that has not finished its handshake by then is dropped.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A peer that has not sent its headers by then is dropped.
const HEADERS: Duration = Duration::from_secs(10);
/// As many connections at once.
const CONNECTIONS: usize = 8_192;
/// As many of them from one IPv4 address or one IPv6 network of the size that one
/// customer has, unless a proxy that we believe is there.
const FROM_ONE: usize = 1_024;
/// So much is read to see that somebody speaks.
const FIRST: usize = 1_024;
/// How long open requests may go on after the shutdown began.
const DRAIN: Duration = Duration::from_secs(5);

/// The address at the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub SocketAddr);

/// How many connections there are from where.
#[derive(Default)]
struct Origins(Mutex<HashMap<IpAddr, usize>>);

/// One connection's place among those from the same origin.
struct Place {
    origins: Arc<Origins>,
    origin: IpAddr,
}

impl Origins {
    /// A place for one more, unless there are too many.
    fn place(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let origin = match peer.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
            v4 => v4,
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(origin).or_default();
        (*count < FROM_ONE).then(|| {
            *count += 1;
            Place { origins: self.clone(), origin }
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.origins.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.origin) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.origin);
            }
        }
    }
}

/// The stream once something has come; none when nothing does in time.
async fn once_spoken<S: AsyncRead + Unpin>(stream: S, within: Duration) -> Option<BufReader<S>> {
    let mut stream = BufReader::with_capacity(FIRST, stream);
    match tokio::time::timeout(within, stream.fill_buf()).await {
        Ok(Ok(first)) if !first.is_empty() => Some(stream),
        _ => None,
    }
}

/// Serves until `shutdown`, then lets open requests end.
pub async fn serve(
    state: AppState,
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    shutdown: CancellationToken,
) {
    let acceptor = TlsAcceptor::from(tls);
    let proxies = state.config.trusted_proxies.clone();
    let origins = Arc::new(Origins::default());
    let router = Web::router(state);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let tracker = tokio_util::task::TaskTracker::new();
    loop {
        let permit = tokio::select! {
            () = shutdown.cancelled() => break,
            permit = room.clone().acquire_owned() => permit,
        };
        let Ok(permit) = permit else { break };
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: wait for some to close.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let place = match origins.place(peer.ip()) {
            None if !proxies.iter().any(|p| p.contains(peer.ip())) => {
                tracing::debug!(%peer, "too many connections from there");
                continue;
            }
            place => place,
        };
        let (acceptor, router, shutdown) = (acceptor.clone(), router.clone(), shutdown.clone());
        tracker.spawn(async move {
            connection(acceptor, router, stream, peer, shutdown).await;
            drop((permit, place));
        });
    }
    tracker.close();
    if tokio::time::timeout(DRAIN, tracker.wait()).await.is_err() {
        tracing::info!(open = tracker.len(), "connections were cut at shutdown");
    }
}

async fn connection(
    acceptor: TlsAcceptor,
    router: axum::Router,
    stream: TcpStream,
    peer: SocketAddr,
    shutdown: CancellationToken,
) {
    let _ = stream.set_nodelay(true);
    let stream = match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%peer, %error, "no TLS handshake"),
        Err(_) => return tracing::debug!(%peer, "the TLS handshake took too long"),
    };
    let Some(stream) = once_spoken(stream, HEADERS).await else {
        return tracing::debug!(%peer, "nothing was asked");
    };
    let service =
        hyper::service::service_fn(move |mut request: http::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            router.clone().oneshot(request.map(axum::body::Body::new))
        });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS).max_headers(64);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(64)
        .max_header_list_size(32 * 1024)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10));
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn a_connection_that_says_nothing_is_dropped_and_one_that_speaks_loses_nothing() {
        let (silent, _kept) = tokio::io::duplex(64);
        assert!(once_spoken(silent, Duration::from_millis(5)).await.is_none());
        let (gone, other) = tokio::io::duplex(64);
        drop(other);
        assert!(once_spoken(gone, HEADERS).await.is_none());
        let (here, mut there) = tokio::io::duplex(64);
        there.write_all(b"GET / HTTP/1.1").await.unwrap();
        drop(there);
        let mut said = String::new();
        once_spoken(here, HEADERS).await.unwrap().read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "GET / HTTP/1.1");
    }

    #[test]
    fn one_origin_does_not_take_all_places() {
        let origins = Arc::new(Origins::default());
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut held: Vec<Place> = (0..FROM_ONE)
            .map(|n| origins.place(at(&format!("2001:db8::{:x}", n % 9 + 1))).unwrap())
            .collect();
        assert!(origins.place(at("2001:db8::1:2:3:4")).is_none(), "the same network");
        assert!(origins.place(at("2001:db8:0:1::1")).is_some());
        assert!(origins.place(at("192.0.2.1")).is_some());
        held.pop();
        assert!(origins.place(at("2001:db8::7")).is_some(), "one has gone");
        drop(held);
        assert!(origins.0.lock().unwrap().is_empty());
    }
}
