//! The page and its files.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, header};

use super::{Built, RULE, fill, found, policy, without_scripts};

fn file(text: &'static str) -> Built {
    let mut hash = [0; 32];
    hash.iter_mut().zip(text.bytes()).for_each(|(h, b)| *h = b);
    Built { data: Cow::Borrowed(text.as_bytes()), hash }
}

fn files(name: &str) -> Option<Built> {
    match name {
        "assets/a-1.js" => Some(file("plain")),
        "assets/a-1.js.br" => Some(file("br")),
        "assets/a-1.js.gz" => Some(file("gz")),
        "assets/b-1.css" => Some(file("css")),
        _ => None,
    }
}

fn asking(name: header::HeaderName, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
}

#[test]
fn a_file_comes_in_the_best_form_that_the_browser_takes() {
    for (takes, coding) in [
        ("gzip, deflate, br", Some("br")),
        ("gzip;q=1.0", Some("gzip")),
        ("identity", None),
        ("brotli", None),
    ] {
        let answer = found("a-1.js", &asking(header::ACCEPT_ENCODING, takes), files).unwrap();
        let got = answer.headers().get(header::CONTENT_ENCODING).map(|v| v.to_str().unwrap());
        assert_eq!(got, coding, "{takes}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert!(answer.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    }
    // What has no compressed form comes as it is.
    let plain = found("b-1.css", &asking(header::ACCEPT_ENCODING, "br"), files).unwrap();
    assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
}

#[test]
fn a_file_that_the_browser_has_is_not_sent_again() {
    let first = found("a-1.js", &HeaderMap::new(), files).unwrap();
    let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
    let again = found("a-1.js", &asking(header::IF_NONE_MATCH, &tag), files).unwrap();
    assert_eq!(again.status(), http::StatusCode::NOT_MODIFIED);
}

/// abuse case A15: only what the console is made of can be asked for.
#[test]
fn nothing_but_built_files_is_served() {
    for name in ["", "a-1", "a-1.js.br", "index.html", "..", "../index.html", "x.js", "a-1.js.map"]
    {
        assert!(found(name, &HeaderMap::new(), files).is_err(), "{name}");
    }
}

#[test]
fn words_are_escaped_where_they_are_filled_in() {
    let filled = fill("<p a=\"{{house}}\">{{house}}{{other}}", &[("house", "<b> & \"c\"")]);
    assert_eq!(
        filled,
        "<p a=\"&lt;b&gt; &amp; &quot;c&quot;\">&lt;b&gt; &amp; &quot;c&quot;{{other}}"
    );
}

/// What leads on is made of an id that was read, not of the address.
#[test]
fn whoever_has_no_scripts_is_led_to_the_same_request() {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (path, page) in [
        (format!("/console/requests/{id}"), format!("/requests/{id}")),
        ("/console/requests".to_owned(), "/grants".to_owned()),
        ("/console/approvals".to_owned(), "/requests".to_owned()),
        ("/console/requests/evil.example".to_owned(), "/".to_owned()),
        (format!("/console/requests/{id}/x"), "/".to_owned()),
        ("/console/".to_owned(), "/".to_owned()),
        ("/console/manage".to_owned(), "/".to_owned()),
    ] {
        assert_eq!(without_scripts(&path), page, "{path}");
    }
}

#[test]
fn the_policy_lets_nothing_in_from_elsewhere() {
    let policy = policy("n");
    assert!(policy.starts_with("default-src 'none'; script-src 'nonce-n' 'strict-dynamic';"));
    for word in ["unsafe", "http:", "https:", "data:", "*"] {
        assert!(!policy.contains(word), "{word}");
    }
}

#[test]
fn the_typeface_is_the_one_that_the_pages_have_loaded_already() {
    assert!(RULE.starts_with("@font-face {") && RULE.ends_with('}'), "{}", *RULE);
    assert!(RULE.contains(&format!("url({})", crate::pages::TYPEFACE.url)));
    // It stands in the page unescaped.
    assert!(!RULE.contains('<'));
}
