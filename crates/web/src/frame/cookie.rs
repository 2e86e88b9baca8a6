//! Our cookies: `__Host-` prefix, `Secure`, `HttpOnly`, `SameSite=Lax`, whole
//! origin, and nothing in them but a bearer value. One is the console's: the language
//! that its reader chose.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

/// The session.
pub(crate) const SESSION: &str = "__Host-sid";
/// The sign-in in progress.
pub(crate) const FLOW: &str = "__Host-flow";
/// The keys by which the browser is known again.
pub(crate) const DEVICE: &str = "__Host-device";
/// The language that its reader chose in the console; set there.
pub(crate) const LANG: &str = "__Host-lang";
/// As long as browsers keep a cookie at most.
const KEPT: u32 = 400 * 24 * 3600;

/// The value of this cookie; none when it is there twice.
pub(crate) fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut found = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(n, _)| *n == name)
        .map(|(_, v)| v);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Sets it until the browser closes.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    put(headers, format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"));
}

/// Sets it for as long as browsers keep it.
pub(crate) fn keep(headers: &mut HeaderMap, name: &str, value: &str) {
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={KEPT}");
    put(headers, text);
}

/// Takes it away.
pub(crate) fn clear(headers: &mut HeaderMap, name: &str) {
    put(headers, format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"));
}

fn put(headers: &mut HeaderMap, text: String) {
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.append(SET_COOKIE, value);
    }
}
