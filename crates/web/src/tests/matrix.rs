//! Every route of the table: without credentials, without our origin, with
//! somebody else's ids.

use doorward_core::lifecycle::SessionKind;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::house::{Guest, House, ask, each_house, page, signed};
use crate::{Door, Operation, Web};

/// All that anybody may use. A route that is added here needs a reason.
const PUBLIC: &[&str] = &[
    // Public keys, for hosts that are being set up.
    "GET /.well-known/oauth-authorization-server",
    "GET /.well-known/openid-configuration",
    "GET /api/v1/health",
    "GET /api/v1/openapi.json",
    "GET /api/v1/ssh-ca",
    "GET /api/v1/ssh-ca.pub",
    "GET /assets/{file}",
    "GET /console/assets/{file}",
    "GET /enrol/{token}",
    "GET /oauth2/authorize",
    "GET /oauth2/jwks",
    "GET /oauth2/logout",
    "GET /oauth2/userinfo",
    "GET /sign-in",
    "GET /signed-out",
    "POST /api/v1/device/poll",
    "POST /api/v1/device/start",
    "POST /api/v1/seal/unseal",
    "POST /oauth2/authorize",
    "POST /oauth2/device_authorization",
    "POST /oauth2/introspect",
    "POST /oauth2/logout",
    "POST /oauth2/revoke",
    "POST /oauth2/token",
    "POST /oauth2/userinfo",
    "POST /sign-in",
    "POST /sign-in/strength",
];

fn closed() -> Vec<Operation> {
    Web::operations().into_iter().filter(|o| o.door == Door::Session).collect()
}

fn filled(operation: &Operation, with: &str) -> String {
    let part = |s: &str| if s.starts_with('{') { with.to_owned() } else { s.to_owned() };
    operation.path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn method(operation: &Operation) -> Method {
    operation.method.parse().unwrap()
}

const SOME_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

#[test]
fn public_routes_are_those_that_are_listed() {
    let mut public: Vec<String> = Web::operations()
        .iter()
        .filter(|o| o.door == Door::Public)
        .map(|o| format!("{} {}", o.method, o.path))
        .collect();
    public.sort();
    assert_eq!(public, PUBLIC);
}

/// abuse case F7: no credential, on every route.
/// abuse case A13: a malformed cookie is no credential.
#[tokio::test]
async fn no_route_lets_in_whoever_has_no_session() {
    each_house(|house| async move {
        for operation in closed() {
            let path = filled(&operation, SOME_ID);
            for cookie in [
                None,
                Some("__Host-sid=x"),
                Some("__Host-sid=%%%;;=;"),
                Some("__Host-sid=a; __Host-sid=b"),
            ] {
                let mut request = ask(method(&operation), &path, None);
                if let Some(cookie) = cookie {
                    request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
                }
                let answer = house.send(request).await;
                let to_sign_in = !operation.path.starts_with("/api/") && operation.method == "GET";
                if to_sign_in {
                    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{} {path}", operation.method);
                    assert!(answer.location().starts_with("/sign-in?"), "{}", answer.location());
                } else {
                    assert_eq!(
                        answer.status,
                        StatusCode::UNAUTHORIZED,
                        "{} {path}",
                        operation.method
                    );
                    assert_eq!(answer.json()["code"], "unauthenticated");
                }
            }
        }
    })
    .await;
}

/// abuse case F7: a write by cookie from another site, or from nowhere.
#[tokio::test]
async fn no_write_by_cookie_from_another_origin() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        for operation in closed().iter().filter(|o| o.method != "GET") {
            let path = filled(operation, SOME_ID);
            for (origin, site) in [
                (None, None),
                (Some("https://evil.example"), None),
                (Some("null"), None),
                (Some("https://door.example.org.evil.example"), None),
                (Some("https://door.example.org"), Some("cross-site")),
                (None, Some("same-site")),
            ] {
                let mut request = signed(ask(method(operation), &path, Some(json!({}))), &ada);
                let headers = request.headers_mut();
                headers.remove(header::ORIGIN);
                headers.remove("sec-fetch-site");
                origin.map(|o| headers.insert(header::ORIGIN, o.parse().unwrap()));
                site.map(|s| headers.insert("sec-fetch-site", s.parse().unwrap()));
                let answer = house.send(request).await;
                assert_eq!(
                    answer.status,
                    StatusCode::FORBIDDEN,
                    "{} {path} {origin:?} {site:?}",
                    operation.method
                );
                assert_eq!(answer.json()["code"], "cross_site");
            }
        }
    })
    .await;
}

/// abuse case F7: a write by cookie without the token of its session.
#[tokio::test]
async fn no_write_by_cookie_without_the_token_of_its_session() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let session = |guest: Guest| {
            let house = &house;
            async move { house.by(&guest, Method::GET, "/api/v1/session", None).await.json() }
        };
        let own = session(ada.clone()).await["csrf_token"].as_str().unwrap().to_owned();
        let other = house.enter(ada.id, SessionKind::Browser).await;
        let other = session(other).await["csrf_token"].as_str().unwrap().to_owned();
        let altered = format!("{own}=");
        let writes = closed().into_iter().filter(|o| o.method != "GET");
        for operation in writes.filter(|o| o.path.starts_with("/api/")) {
            let path = filled(&operation, SOME_ID);
            for token in [None, Some(""), Some(&own[1..]), Some(&altered), Some(&other)] {
                let mut request = signed(ask(method(&operation), &path, Some(json!({}))), &ada);
                let headers = request.headers_mut();
                headers.remove("x-csrf-token");
                token.map(|t| headers.insert("x-csrf-token", t.parse().unwrap()));
                let answer = house.send(request).await;
                assert_eq!(
                    (answer.status, answer.json()["code"].clone()),
                    (StatusCode::FORBIDDEN, json!("csrf_token")),
                    "{} {path} {token:?}",
                    operation.method
                );
            }
        }
        // With it, and by a bearer without it, the same is done.
        let group = |name: &str| Some(json!({ "name": name }));
        let mut request = signed(ask(Method::POST, "/api/v1/groups", group("core")), &ada);
        request.headers_mut().insert("x-csrf-token", own.parse().unwrap());
        assert_eq!(house.send(request).await.status, StatusCode::CREATED);
        let line = house.enter(ada.id, SessionKind::Cli).await;
        let made = house.by(&line, Method::POST, "/api/v1/groups", group("edge")).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        assert_eq!(session(line).await["csrf_token"], Value::Null);
    })
    .await;
}

/// abuse case F7: a form without the token of its session.
#[tokio::test]
async fn no_form_without_the_token_of_its_session() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let forms =
            closed().into_iter().filter(|o| o.method == "POST" && !o.path.starts_with("/api/"));
        for operation in forms {
            let path = filled(&operation, SOME_ID);
            let mut request = signed(ask(Method::POST, &path, None), &ada);
            request
                .headers_mut()
                .insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
            let answer = house.send(request).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
            assert_eq!(answer.json()["code"], "csrf_token", "{path}");
        }
    })
    .await;
}

async fn plain(house: &House, name: &str) -> Guest {
    let person = house.person(name).await;
    house.enter(person.id, SessionKind::Cli).await
}

/// abuse case 39: ids of others, on every route that takes one.
/// abuse case 38: the same, for things that are there.
#[tokio::test]
async fn somebody_elses_id_opens_nothing() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let eve = plain(&house, "eve").await;
        let with_id =
            closed().into_iter().filter(|o| o.path.contains('{') && o.path.starts_with("/api/"));
        for operation in with_id {
            for id in
                [ada.id.to_string(), ada.session.to_string(), SOME_ID.to_owned(), "ada".to_owned()]
            {
                let path = filled(&operation, &id);
                let answer = house.by(&eve, method(&operation), &path, Some(json!({}))).await;
                assert!(
                    matches!(answer.status.as_u16(), 400 | 403 | 404 | 409 | 422),
                    "{} {path} as eve: {} {}",
                    operation.method,
                    answer.status,
                    answer.text
                );
            }
        }
        let still = house.get("/api/v1/health").await;
        assert_eq!(still.status, StatusCode::OK);
        let me = house.by(&ada, Method::GET, "/api/v1/session", None).await;
        assert_eq!(me.status, StatusCode::OK, "ada's session stands: {}", me.text);
    })
    .await;
}

/// abuse case 35: a disabled person's next request is refused, on every route.
/// abuse case 34: whatever the storage.
#[tokio::test]
async fn a_disabled_person_is_nobody_on_every_route() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let again = house.enter(ada.id, SessionKind::Cli).await;
        let allowed = house.system(doorward_core::DisableIdentity { identity: ada.id });
        house.state.directory.disable_identity(&allowed, "test").await.unwrap();
        for operation in closed().iter().filter(|o| o.path.starts_with("/api/")) {
            for guest in [&ada, &again] {
                let answer =
                    house.by(guest, method(operation), &filled(operation, SOME_ID), None).await;
                assert_eq!(
                    answer.status,
                    StatusCode::UNAUTHORIZED,
                    "{} {}",
                    operation.method,
                    operation.path
                );
            }
        }
    })
    .await;
}

/// abuse case 36: a shortened or altered bearer is none.
#[tokio::test]
async fn no_prefix_and_no_altered_form_of_a_bearer_is_accepted() {
    each_house(|house| async move {
        let eve = plain(&house, "eve").await;
        let good = eve.token.clone();
        let mut bad: Vec<String> = (0..good.len()).map(|n| good[..n].to_owned()).collect();
        bad.extend((0..good.len()).map(|n| {
            let mut bytes = good.clone().into_bytes();
            bytes[n] = if bytes[n] == b'A' { b'B' } else { b'A' };
            String::from_utf8(bytes).unwrap()
        }));
        bad.push(format!("{good}="));
        bad.push(format!(" {good}"));
        for token in bad {
            let guest = Guest { token, ..eve.clone() };
            let answer = house.by(&guest, Method::GET, "/api/v1/session", None).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", guest.token);
        }
        // A command line's bearer is no cookie, and a cookie no bearer.
        let swapped = Guest { kind: SessionKind::Browser, ..eve.clone() };
        let answer = house.by(&swapped, Method::GET, "/api/v1/session", None).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

/// abuse case 55: a person without a role sees no session and no recording.
/// abuse case F8: list, metadata, live, download, end; known and unknown ids alike.
#[tokio::test]
async fn recordings_are_not_there_for_those_who_may_not_see_them() {
    each_house(|house| async move {
        let eve = plain(&house, "eve").await;
        for tail in ["", "/watch", "/recording", "/commands", "/files"] {
            let answer = house
                .by(
                    &eve,
                    Method::GET,
                    &format!("/api/v1/privileged-sessions/{SOME_ID}{tail}"),
                    None,
                )
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{tail}: {}", answer.text);
        }
        let list = house.by(&eve, Method::GET, "/api/v1/privileged-sessions", None).await;
        assert_eq!(list.json()["items"], json!([]));
        let browser = house.enter(eve.id, SessionKind::Browser).await;
        let answer = house.send(page(&browser, &format!("/sessions/{SOME_ID}"))).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    })
    .await;
}

/// Policies know groups, roles and targets by their names: who may change one may
/// not make it another.
#[tokio::test]
async fn a_delegate_gives_what_is_theirs_no_name_that_gives_more() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let eve = plain(&house, "eve").await;
        for (path, more) in [
            ("/groups", json!({})),
            ("/roles", json!({})),
            ("/targets", json!({ "kind": "ssh", "settings": {} })),
        ] {
            let mut new = more;
            new["name"] = json!("team-a");
            house.done(&ada, Method::POST, path, new).await;
        }
        for (kind, name) in [("Group", "groups"), ("Role", "roles"), ("Target", "targets")] {
            let may = format!(
                r#"permit (principal, action, resource == Doorward::{kind}::"team-a");
                   permit (principal, action == Doorward::Action::"{}:read", resource);"#,
                kind.to_lowercase()
            );
            let path = format!("/policies/delegate-{name}");
            house.done(&ada, Method::PUT, &path, json!({ "text": may })).await;
        }
        for path in ["/groups/team-a", "/roles/team-a", "/targets/team-a"] {
            let path = format!("/api/v1{path}");
            let change = |body: Value| house.by(&eve, Method::PATCH, &path, Some(body));
            let described = change(json!({ "name": "team-a", "description": "ours" })).await;
            assert_eq!(described.status, StatusCode::OK, "{path}: {}", described.text);
            let renamed = change(json!({ "name": "on-call" })).await;
            assert_eq!(renamed.status, StatusCode::FORBIDDEN, "{path}: {}", renamed.text);
        }
        let path = "/api/v1/groups/team-a";
        let renamed = house.by(&ada, Method::PATCH, path, Some(json!({ "name": "team-b" }))).await;
        assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.text);
    })
    .await;
}
