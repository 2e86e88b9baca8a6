//! The console and the portal: one page and the files that it is made of.
//!
//! Owns: how `console/dist` is served, out of the binary in a release and from
//! the folder in a debug build.
//! Promises: the page has a fresh nonce in every answer; a file is named after
//! its content, kept by browsers for good and compressed beforehand; a binary
//! that was built without the console says so and how to build it, or leads to the page
//! that needs none.
//! Must not know: anything about the reader. The page learns it from the API.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::RequestId;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use rust_embed::RustEmbed;

use crate::frame::guard::Caller;
use crate::pages::{ICON, Lang, TYPEFACE};
use crate::table::Table;
use crate::{AppState, Problem};

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Dist;

const INDEX: &str = "index.html";
/// Where it begins.
pub(crate) const START: &str = "/console/";
/// Where the pages begin that need no scripts.
const HOME: &str = "/";
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// The routes of the console.
pub(crate) fn table() -> Table {
    Table::under("/console")
        .get("", "To the console", slash)
        .get("/", "The portal and the console", page)
        .get("/{*place}", "A place in them", page)
        .public_get("/assets/{file}", "What they are made of", asset)
}

/// Whether the binary has it.
pub(crate) fn built() -> bool {
    Dist::get(INDEX).is_some()
}

async fn slash(_: Caller) -> Redirect {
    Redirect::permanent(START)
}

async fn page(
    State(s): State<AppState>,
    lang: Lang,
    _: Caller,
    uri: Uri,
) -> Result<Response, Problem> {
    let plain = without_scripts(uri.path());
    let nonce = URL_SAFE_NO_PAD.encode(s.env.bytes::<18>());
    let mut response = match Dist::get(INDEX) {
        Some(file) => {
            let text = String::from_utf8_lossy(&file.data);
            let icon = &ICON.url;
            let filled = fill(
                &text.replace("{{typeface}}", &RULE),
                &[
                    ("nonce", &nonce),
                    ("lang", lang.code()),
                    ("house", &s.config.house),
                    ("icon", icon),
                    ("font", &TYPEFACE.url),
                    ("no-script", lang.say("This page needs scripts.").as_ref()),
                    ("plain", lang.say("Go on without scripts").as_ref()),
                    ("plain-at", &plain),
                ],
            );
            Html(filled).into_response()
        }
        None if plain != HOME => Redirect::to(&plain).into_response(),
        None => not_built(lang),
    };
    let policy = policy(&nonce);
    let policy = HeaderValue::from_str(&policy).map_err(Problem::internal)?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// The page that needs no scripts for a place to which notices lead; the first page
/// for any other.
fn without_scripts(path: &str) -> String {
    let place = path.strip_prefix(START).unwrap_or_default();
    let request = place.strip_prefix("requests/").and_then(|id| id.parse::<RequestId>().ok());
    match (place, request) {
        (_, Some(id)) => format!("/requests/{id}"),
        ("requests", _) => "/grants".to_owned(),
        ("approvals", _) => "/requests".to_owned(),
        _ => HOME.to_owned(),
    }
}

/// The rule for the typeface, from the stylesheet of the pages: both load one file.
static RULE: LazyLock<String> = LazyLock::new(|| {
    let style = include_str!("../assets/doorward.css");
    let rule = style.split("@font-face").nth(1).and_then(|rest| rest.split_inclusive('}').next());
    rule.map(|r| format!("@font-face{}", r.replace("inter.woff2", &TYPEFACE.url)))
        .unwrap_or_default()
});

/// The words in double braces, escaped, for what is known here.
fn fill(text: &str, words: &[(&str, &str)]) -> String {
    let mut filled = text.to_owned();
    for (name, value) in words {
        let escaped = value
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;");
        filled = filled.replace(&format!("{{{{{name}}}}}"), &escaped);
    }
    filled
}

/// What the page may do: run its own scripts, talk to its own server.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'nonce-{nonce}'; \
         connect-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

fn not_built(lang: Lang) -> Response {
    let (title, text) = match lang {
        Lang::De => (
            "Die Konsole ist nicht gebaut",
            "Dieses Programm wurde ohne die Konsole gebaut. <code>cargo xtask console</code> \
             baut sie; danach Doorward neu bauen. Das Portal steht auch <a href=\"/\">hier</a>.",
        ),
        Lang::En => (
            "The console is not built",
            "This binary was built without the console. <code>cargo xtask console</code> builds \
             it; build Doorward again after that. The portal is <a href=\"/\">here</a> too.",
        ),
    };
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" \
         content=\"light dark\"><title>{title}</title></head><body><main><h1>{title}</h1>\
         <p>{text}</p></main></body></html>",
        lang.code()
    );
    (StatusCode::NOT_FOUND, Html(html)).into_response()
}

async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    found(&file, &headers, |name| {
        let file = Dist::get(name)?;
        Some(Built { data: file.data, hash: file.metadata.sha256_hash() })
    })
}

/// One built file.
struct Built {
    data: Cow<'static, [u8]>,
    hash: [u8; 32],
}

/// The file, in the best form that the browser takes.
fn found(
    file: &str,
    headers: &HeaderMap,
    files: impl Fn(&str) -> Option<Built>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("file");
    let kind = kind(file).ok_or_else(missing)?;
    let name = format!("assets/{file}");
    let takes = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    let takes =
        |coding: &str| takes.split(',').any(|t| t.split(';').next().map(str::trim) == Some(coding));
    let (coding, body) = [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(coding, _)| takes(coding))
        .find_map(|(coding, ending)| Some((Some(coding), files(&format!("{name}.{ending}"))?)))
        .or_else(|| Some((None, files(&name)?)))
        .ok_or_else(missing)?;
    let digest: String = body.hash.iter().take(12).map(|b| format!("{b:02x}")).collect();
    let tag = format!("\"{digest}\"");
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body.data.into_owned().into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_GOOD));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(Problem::internal)?);
    if let Some(coding) = coding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Ok(response)
}

/// The content type, for what a console is made of.
fn kind(file: &str) -> Option<&'static str> {
    Some(match file.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
