//! The first look at a request: its path and where it really comes from.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use doorward_core::Network;
use doorward_runtime::config::Cidr;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::serve::Peer;
use crate::{AppState, Code, Problem};

/// Refuses addresses that two readers could read differently, and finds the
/// client's address.
pub(crate) async fn admit(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    if !path_is_plain(request.uri().path()) {
        return Problem::new(Code::BadPath, "write the path without . .. // or escapes of these")
            .into_response();
    }
    let peer = request.extensions().get::<Peer>().map(|p| p.0.ip());
    let address = match client(peer, request.headers(), &state.config.trusted_proxies) {
        Ok(address) => address,
        Err(problem) => return problem.into_response(),
    };
    // Identity headers of a proxy in front are nobody's proof here.
    for name in ["forwarded", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "x-remote-user"]
    {
        request.headers_mut().remove(name);
    }
    request.extensions_mut().insert(Network { address });
    next.run(request).await
}

/// One normal form: no empty, `.` or `..` segments, no escapes of these or of
/// separators, no backslash, no control character.
pub(crate) fn path_is_plain(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    path.starts_with('/')
        && !lower.contains("//")
        && !lower.contains('\\')
        && !["%2e", "%2f", "%5c", "%00", "%25", "%0a", "%0d"].iter().any(|e| lower.contains(e))
        && !lower.split('/').any(|s| s == "." || s == "..")
}

/// The client: the peer, or, behind proxies that we believe, the last hop that
/// is none of them. A header that cannot be read is a refusal, never a way in.
fn client(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    trusted: &[Cidr],
) -> Result<Option<IpAddr>, Problem> {
    let believed = |a: IpAddr| trusted.iter().any(|c| c.contains(a));
    let Some(mut address) = peer else { return Ok(None) };
    if !believed(address) {
        return Ok(Some(address));
    }
    let bad = || Problem::new(Code::BadForwarded, "X-Forwarded-For must hold addresses only");
    let mut hops = Vec::new();
    for value in headers.get_all("x-forwarded-for") {
        for hop in value.to_str().map_err(|_| bad())?.split(',') {
            hops.push(hop.trim().parse::<IpAddr>().map_err(|_| bad())?);
        }
    }
    for hop in hops.into_iter().rev() {
        address = hop;
        if !believed(address) {
            break;
        }
    }
    Ok(Some(address))
}

/// The headers of every answer. A page sets its own policy before.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let all: [(HeaderName, &'static str); 6] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in all {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(HeaderName::from_static("permissions-policy")).or_insert(HeaderValue::from_static(
        "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self), publickey-credentials-create=(self)",
    ));
    response
}
