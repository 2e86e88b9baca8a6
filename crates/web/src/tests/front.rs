//! The frame: addresses, headers, proxies, bodies, what is reflected.

use std::net::SocketAddr;

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::json;

use super::house::{House, ORIGIN, ask, each_house, page, signed};
use crate::serve::Peer;
use crate::{Door, Web};

/// abuse case A15: one normal form of a path, before anything is routed by it.
#[tokio::test]
async fn a_path_that_could_be_read_twice_is_refused() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        for path in [
            "/api/v1/./session",
            "/api/v1/../v1/session",
            "/api/v1/%2e%2e/v1/session",
            "/api/v1/%2E/session",
            "/api//v1/session",
            "//api/v1/session",
            "/api/v1/session%2f..",
            "/api/v1%5csession",
            "/api/v1/identities/%2500",
            "/api/v1/identities/a%00b",
        ] {
            let answer = house.by(&ada, Method::GET, path, None).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
            assert_eq!(answer.json()["code"], "bad_path", "{path}");
        }
    })
    .await;
}

async fn from(house: &House, peer: &str, forwarded: &[&str]) -> (StatusCode, String) {
    let mut request = ask(Method::POST, "/api/v1/device/start", Some(json!({ "client": "test" })));
    request.extensions_mut().insert(Peer(peer.parse::<SocketAddr>().unwrap()));
    for value in forwarded {
        request.headers_mut().append("x-forwarded-for", value.parse().unwrap());
    }
    let started = house.send(request).await;
    if started.status != StatusCode::OK {
        return (started.status, started.json()["code"].to_string());
    }
    let ada = house.administrator_again().await;
    let code = started.json()["user_code"].as_str().unwrap().to_owned();
    let shown = house.send(page(&ada, &format!("/device?code={code}"))).await;
    let address = shown.text.split("<dt>From</dt><dd>").nth(1).and_then(|t| t.split('<').next());
    (started.status, address.unwrap_or_default().to_owned())
}

/// abuse case A14: the header is honoured from configured proxies only, and the last
/// hop that is none of them wins.
/// abuse case 20: what cannot be read is a refusal, never a way around.
#[tokio::test]
async fn the_clients_address_comes_from_proxies_that_are_believed() {
    each_house(|house| async move {
        let ok = |a: &str| (StatusCode::OK, a.to_owned());
        assert_eq!(from(&house, "192.0.2.7:1", &["203.0.113.9"]).await, ok("192.0.2.7"));
        assert_eq!(from(&house, "10.1.1.1:1", &["203.0.113.9"]).await, ok("203.0.113.9"));
        assert_eq!(
            from(&house, "10.1.1.1:1", &["1.2.3.4, 203.0.113.9, 10.2.2.2"]).await,
            ok("203.0.113.9")
        );
        assert_eq!(
            from(&house, "10.1.1.1:1", &["1.2.3.4", "203.0.113.9"]).await,
            ok("203.0.113.9")
        );
        for bad in ["unknown", "1.2.3.4, x", "", "203.0.113.9:443"] {
            let (status, code) = from(&house, "10.1.1.1:1", &[bad]).await;
            assert_eq!(
                (status, code.as_str()),
                (StatusCode::BAD_REQUEST, "\"bad_forwarded\""),
                "{bad:?}"
            );
        }
    })
    .await;
}

/// abuse case 22: links come from the configured origin, whatever a request says.
#[tokio::test]
async fn links_are_built_from_the_configured_origin() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let poison = |mut request: Request<Body>| {
            for (name, value) in [
                ("host", "evil.example"),
                ("forwarded", "host=evil.example"),
                ("x-forwarded-host", "evil.example"),
                ("x-forwarded-proto", "http"),
            ] {
                request.headers_mut().insert(name, value.parse().unwrap());
            }
            request
        };
        let invite = poison(signed(
            ask(Method::POST, "/api/v1/identities/ada/invite", Some(json!({}))),
            &ada,
        ));
        let link = house.send(invite).await;
        assert_eq!(link.status, StatusCode::CREATED, "{}", link.text);
        assert!(
            link.text.contains(&format!("{ORIGIN}/enrol/")) && !link.text.contains("evil"),
            "{}",
            link.text
        );
        let start =
            poison(ask(Method::POST, "/api/v1/device/start", Some(json!({ "client": "x" }))));
        let started = house.send(start).await;
        assert!(
            !started.text.contains("evil") && started.text.contains(ORIGIN),
            "{}",
            started.text
        );
        let discovery =
            house.send(poison(ask(Method::GET, "/.well-known/openid-configuration", None))).await;
        assert!(!discovery.text.contains("evil") && discovery.text.contains(ORIGIN));
    })
    .await;
}

/// abuse case 46: depth and size are capped, and what is unknown is named.
#[tokio::test]
async fn bodies_have_caps_and_unknown_fields_are_named() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let raw = |body: String| {
            let mut request = signed(ask(Method::POST, "/api/v1/groups", None), &ada);
            request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
            *request.body_mut() = Body::from(body);
            request
        };
        let deep = house.send(raw(format!("{}{}", "[".repeat(200_000), "]".repeat(200_000)))).await;
        assert_eq!(deep.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", deep.text);
        let big =
            house.send(raw(format!("{{\"name\":\"{}\"}}", "x".repeat(2 * 1024 * 1024)))).await;
        assert_eq!(big.status, StatusCode::PAYLOAD_TOO_LARGE);
        let unknown = house.send(raw(r#"{"name":"a","colour":"red"}"#.to_owned())).await;
        assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(unknown.json()["field"], "colour");
        let query = house.by(&ada, Method::GET, "/api/v1/groups?colour=red", None).await;
        assert_eq!(
            (query.status, query.json()["field"].clone()),
            (StatusCode::UNPROCESSABLE_ENTITY, json!("colour"))
        );
        let cursor = house.by(&ada, Method::GET, "/api/v1/groups?cursor=forged", None).await;
        assert_eq!(
            (cursor.status, cursor.json()["field"].clone()),
            (StatusCode::UNPROCESSABLE_ENTITY, json!("cursor"))
        );
        let mut text = raw("name=a".to_owned());
        text.headers_mut().insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
        assert_eq!(house.send(text).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    })
    .await;
}

/// abuse case A11: nothing that a request brings comes back as markup.
#[tokio::test]
async fn no_page_reflects_markup() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let evil = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E%27";
        for operation in
            Web::operations().iter().filter(|o| o.method == "GET" && !o.path.starts_with("/api/"))
        {
            let path: String = operation
                .path
                .replace("{file}", evil)
                .replace("{token}", evil)
                .replace("{id}", evil);
            for name in [
                "",
                "next",
                "hint",
                "code",
                "done",
                "cursor",
                "redirect_uri",
                "client_id",
                "state",
                "error",
                "kind",
                "about",
            ] {
                let path =
                    if name.is_empty() { path.clone() } else { format!("{path}?{name}={evil}") };
                if operation.path == "/live" {
                    continue;
                }
                let answer = house.send(page(&ada, &path)).await;
                assert!(!answer.text.contains("<script>alert"), "{path}: {}", answer.text);
                assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
                assert!(
                    !answer.location().starts_with("//") && !answer.location().contains("evil"),
                    "{path}"
                );
            }
        }
    })
    .await;
}

/// abuse case 56: where to go on is a path of ours.
#[tokio::test]
async fn no_answer_leaves_for_another_site() {
    for next in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\nb",
        "",
        "\\\\evil",
    ] {
        assert_eq!(crate::pages::local(next), "/", "{next:?}");
    }
    assert_eq!(crate::pages::local("/oauth2/authorize?a=b"), "/oauth2/authorize?a=b");
}

#[test]
fn who_asks_for_no_place_lands_at_the_console_when_there_is_one() {
    assert_eq!(crate::pages::landing("/", true), "/console/");
    assert_eq!(crate::pages::landing("/", false), "/");
    assert_eq!(crate::pages::landing("/you", true), "/you");
    assert_eq!(crate::pages::landing("/oauth2/authorize?a=b", true), "/oauth2/authorize?a=b");
}

/// A notice leads over the sign-in to the request, with and without scripts.
#[tokio::test]
async fn a_notice_leads_to_the_request() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let id = doorward_core::RequestId::new(&house.env.env());
        let path = format!("/console/requests/{id}");
        let mut asked = ask(Method::GET, &path, None);
        asked.headers_mut().insert(header::ACCEPT, "text/html".parse().unwrap());
        let stranger = house.send(asked).await;
        assert_eq!(stranger.status, StatusCode::SEE_OTHER);
        let next = url::Url::parse(ORIGIN).unwrap().join(stranger.location()).unwrap();
        let next = next.query_pairs().find(|(name, _)| name == "next").unwrap().1.into_owned();
        assert_eq!(next, path);
        assert_eq!(crate::pages::landing(crate::pages::local(&next), true), path);
        let answer = house.send(page(&ada, &path)).await;
        let plain = format!("/requests/{id}");
        match answer.status {
            StatusCode::OK => assert!(answer.text.contains(&format!("<a href=\"{plain}\">"))),
            // The console is not built.
            StatusCode::SEE_OTHER => assert_eq!(answer.location(), plain),
            other => unreachable!("{other}"),
        }
    })
    .await;
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        for operation in Web::operations().iter().filter(|o| o.method == "GET" && o.path != "/live") {
            let path = operation.path.split('/').map(|s| if s.starts_with('{') { "x" } else { s }).collect::<Vec<_>>().join("/");
            let answer = house.send(page(&ada, &path)).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
            assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
            assert!(answer.headers.get("access-control-allow-origin").is_none() || operation.door == Door::Public);
        }
        let home = house.send(page(&ada, "/")).await;
        let policy = home.header("content-security-policy");
        let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert_eq!(
            policy,
            format!(
                "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'nonce-{nonce}'; \
                 connect-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
                 require-trusted-types-for 'script'; trusted-types 'none'"
            )
        );
        let again = house.send(page(&ada, "/")).await;
        assert!(!again.header("content-security-policy").contains(nonce), "a nonce is used once");
        assert_eq!(home.header("cache-control"), "no-store");
    })
    .await;
}

#[tokio::test]
async fn assets_are_named_after_their_content_and_kept() {
    each_house(|house| async move {
        let page = house.get("/sign-in").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        for kind in ["css", "js", "svg", "woff2"] {
            let at = page
                .text
                .split('"')
                .find(|p| p.starts_with("/assets/") && p.ends_with(kind))
                .unwrap();
            let file = house.get(at).await;
            assert_eq!(file.status, StatusCode::OK);
            assert!(file.header("cache-control").contains("immutable"));
        }
        assert!(
            !page.text.contains("http://") && !page.text.contains("src=\"https://"),
            "no third party"
        );
    })
    .await;
}
