//! Redirect URIs: what may be registered, and what matches (RFC 9700 section
//! 2.1, RFC 8252 section 7).

use url::Url;

/// Why an address may not be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RedirectUriError(&'static str);

/// Checks an address that is to be registered: https; http to a loopback
/// address (native applications); or a private-use scheme with a dot in it.
pub fn check_redirect_uri(text: &str) -> Result<(), RedirectUriError> {
    let bad = |why| Err(RedirectUriError(why));
    if text.len() > 2_000 || text.bytes().any(|b| b <= b' ' || b >= 0x7f || b == b'\\') {
        return bad("use plain ASCII without spaces, control characters or backslashes");
    }
    if text.contains('*') {
        return bad("wildcards are not accepted; register each address");
    }
    let Ok(url) = Url::parse(text) else { return bad("it is no absolute URI") };
    if url.fragment().is_some() {
        return bad("it must not have a fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return bad("it must not carry a user name or password");
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return bad("http is for 127.0.0.1, [::1] and localhost only; use https"),
        scheme if scheme.contains('.') => return Ok(()),
        _ => return bad("use https, or a private scheme as com.example.app"),
    }
    // What a parser would change, two parsers may read differently.
    let path_added = url.path() == "/" && format!("{text}/") == url.as_str();
    if url.as_str() != text && !path_added {
        return bad(
            "write it in its normal form: lower-case host, no default port, no dot segments",
        );
    }
    Ok(())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(a)) => a.is_loopback(),
        Some(url::Host::Ipv6(a)) => a.is_loopback(),
        Some(url::Host::Domain(d)) => d == "localhost",
        None => false,
    }
}

/// Whether `asked` is `registered`: the same bytes, or, for a loopback IP
/// address, the same but for the port (RFC 8252 section 7.3).
pub fn redirect_matches(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    ["http://127.0.0.1", "http://[::1]"].iter().any(|loopback| {
        let (Some(registered), Some(asked)) =
            (registered.strip_prefix(loopback), asked.strip_prefix(loopback))
        else {
            return false;
        };
        let without_port = |rest: &str| match rest.strip_prefix(':') {
            Some(rest) => {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                let (port, path) = rest.split_at(digits);
                let good = port.parse::<u16>().is_ok_and(|p| p > 0) && !port.starts_with('0');
                good.then(|| path.to_owned())
            }
            None => Some(rest.to_owned()),
        };
        match (without_port(registered), without_port(asked)) {
            (Some(a), Some(b)) => a == b && (a.starts_with('/') || a.is_empty()),
            _ => false,
        }
    })
}
