//! Pages as somebody walks through them.

use axum::body::Body;
use doorward_core::lifecycle::SessionKind;
use http::{Method, Request, StatusCode, header};

use super::house::{Answer, Guest, House, ORIGIN, each_house, page};

async fn post(house: &House, path: &str, cookie: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, ORIGIN)
        .header(header::ACCEPT, "text/html")
        .header(header::COOKIE, cookie)
        .body(Body::from(body.to_owned()))
        .unwrap();
    house.send(request).await
}

fn cookies(answer: &Answer) -> Vec<String> {
    answer
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|v| v.to_str().unwrap().to_owned())
        .collect()
}

fn flow(answer: &Answer) -> String {
    let found =
        cookies(answer).into_iter().find(|c| c.starts_with("__Host-flow=")).expect("a flow");
    found.split(';').next().unwrap().to_owned()
}

/// abuse case 10: cookies hold a bearer value and nothing that was sent.
/// abuse case 19: each step has a new token.
#[tokio::test]
async fn each_step_has_a_new_cookie_that_says_nothing() {
    each_house(|house| async move {
        house.person("bob").await;
        let begin = house.get("/sign-in?next=/requests").await;
        assert_eq!(begin.status, StatusCode::OK);
        let first = flow(&begin);
        let next = post(&house, "/sign-in", &first, "name=bob").await;
        assert_eq!(next.status, StatusCode::OK, "{}", next.text);
        let second = flow(&next);
        assert_ne!(first, second);
        for cookie in cookies(&begin).iter().chain(&cookies(&next)) {
            assert!(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
            assert!(!cookie.contains("bob") && !cookie.contains("requests"), "{cookie}");
        }
        // The step before cannot be answered again.
        let replay = post(&house, "/sign-in", &first, "name=bob").await;
        assert_eq!(replay.status, StatusCode::GONE);
    })
    .await;
}

/// abuse case 20: an empty answer skips nothing.
#[tokio::test]
async fn an_empty_answer_stays_where_it_is() {
    each_house(|house| async move {
        house.person("bob").await;
        let mut at = house.get("/sign-in").await;
        for body in ["", "name=", "name=bob", "", "password=", "use=", "passkey="] {
            at = post(&house, "/sign-in", &flow(&at), body).await;
            assert!(cookies(&at).iter().all(|c| !c.starts_with("__Host-sid=")), "{body}");
            assert!(matches!(at.status, StatusCode::OK), "{body}: {} {}", at.status, at.text);
        }
    })
    .await;
}

/// abuse case 18: a name that nobody has is answered like one that somebody has.
#[tokio::test]
async fn known_and_unknown_names_get_the_same_page() {
    each_house(|house| async move {
        house.person("bob").await;
        let mut pages = Vec::new();
        for name in ["bob", "nob"] {
            let begin = house.get("/sign-in").await;
            let answer = post(&house, "/sign-in", &flow(&begin), &format!("name={name}")).await;
            let nonce = answer
                .header("content-security-policy")
                .split("'nonce-")
                .nth(1)
                .unwrap()
                .split('\'')
                .next()
                .unwrap()
                .to_owned();
            // What differs by chance or by what was typed.
            let text: String = answer.text.replace(&nonce, "").replace(name, "");
            pages.push((answer.status, text));
        }
        assert_eq!(pages.first(), pages.last());
    })
    .await;
}

async fn at_browser(house: &House, name: &str) -> Guest {
    let person = house.person(name).await;
    house.enter(person.id, SessionKind::Browser).await
}

/// abuse case A32: a command line is signed in by an explicit yes alone.
#[tokio::test]
async fn a_command_line_is_signed_in_by_a_yes() {
    each_house(|house| async move {
        let eve = at_browser(&house, "eve").await;
        let start = || async {
            let body = serde_json::json!({ "client": "doorward on laptop" });
            house
                .send(super::house::ask(Method::POST, "/api/v1/device/start", Some(body)))
                .await
                .json()
        };
        let house = &house;
        let poll = |token: String| async move {
            let body = serde_json::json!({ "device_token": token });
            house
                .send(super::house::ask(Method::POST, "/api/v1/device/poll", Some(body)))
                .await
                .json()
        };
        for (word, state) in
            [("yes", serde_json::Value::Null), ("no", serde_json::json!("refused"))]
        {
            let started = start().await;
            let code = started["user_code"].as_str().unwrap();
            let shown = house.send(page(&eve, &format!("/device?code={code}"))).await;
            assert!(shown.text.contains("doorward on laptop"), "{}", shown.text);
            let id =
                shown.text.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
            let waiting = poll(started["device_token"].as_str().unwrap().to_owned()).await;
            assert_eq!(waiting["state"], "waiting", "looking at it is no yes");
            let answered =
                house.form(&eve, "/device", &[("id", id), ("answer", word), ("code", code)]).await;
            assert_eq!(answered.status, StatusCode::SEE_OTHER, "{}", answered.text);
            house.env.advance(std::time::Duration::from_secs(10));
            let done = poll(started["device_token"].as_str().unwrap().to_owned()).await;
            assert_eq!(done["state"], state, "{done}");
            if word == "yes" {
                let guest = Guest {
                    token: done["token"].as_str().unwrap().to_owned(),
                    kind: SessionKind::Cli,
                    ..eve.clone()
                };
                let me = house.by(&guest, Method::GET, "/api/v1/session", None).await;
                assert_eq!(me.json()["name"], "eve", "{}", me.text);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    each_house(|house| async move {
        let eve = at_browser(&house, "eve").await;
        let out = house.form(&eve, "/sign-out", &[]).await;
        assert_eq!(out.status, StatusCode::OK, "{}", out.text);
        assert!(cookies(&out).iter().any(|c| c.starts_with("__Host-sid=;")));
        assert_eq!(house.send(page(&eve, "/")).await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn pages_speak_german_to_those_who_prefer_it() {
    each_house(|house| async move {
        let mut request = super::house::ask(Method::GET, "/sign-in", None);
        request
            .headers_mut()
            .insert(header::ACCEPT_LANGUAGE, "de-CH,de;q=0.9,en;q=0.5".parse().unwrap());
        let answer = house.send(request).await;
        assert!(
            answer.text.contains("<html lang=\"de\">") && answer.text.contains("Weiter"),
            "{}",
            answer.text
        );
        // What was chosen in the console goes before what the browser prefers.
        let mut request = super::house::ask(Method::GET, "/sign-in", None);
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT_LANGUAGE, "en".parse().unwrap());
        headers.insert(header::COOKIE, "__Host-lang=de".parse().unwrap());
        let answer = house.send(request).await;
        assert!(answer.text.contains("<html lang=\"de\">"), "{}", answer.text);
    })
    .await;
}
