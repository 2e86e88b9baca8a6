//! What changes, told to those whom it concerns for as long as they may know.

use axum::body::BodyDataStream;
use doorward_core::lifecycle::SessionKind;
use doorward_core::{Actor, Class, Event};
use doorward_store::event;
use futures::StreamExt as _;
use http::{Method, StatusCode};
use serde_json::json;
use tower::ServiceExt as _;

use super::house::{Guest, House, ask, each_house, signed};

struct Feed {
    body: BodyDataStream,
    text: String,
}

impl Feed {
    async fn open(house: &House, guest: &Guest, last: Option<&str>) -> Self {
        let mut request = signed(ask(Method::GET, "/api/v1/live", None), guest);
        if let Some(last) = last {
            request.headers_mut().insert("last-event-id", last.parse().unwrap());
        }
        let answer = house.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        Self { body: answer.into_body().into_data_stream(), text: String::new() }
    }

    /// Reads until this was sent.
    async fn until(&mut self, wanted: &str) {
        while !self.text.contains(wanted) {
            let Some(piece) = self.body.next().await else {
                panic!("it ended without {wanted:?}: {}", self.text)
            };
            self.text.push_str(&String::from_utf8_lossy(&piece.unwrap()));
        }
    }
}

/// One switch: what is being sent ends with the right to it, and with the session.
#[tokio::test]
async fn an_export_breaks_off_when_its_reader_may_not_have_it_any_more() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let mira = house.person("mira").await.id;
        house.role("administrator", mira).await;
        let mira = house.enter(mira, SessionKind::Browser).await;
        let env = house.env.env();
        let many = move |c: &doorward_store::Conn<'_>| {
            (0..2_000).try_for_each(|_| {
                let who = Actor::system("many");
                event::append(c, &Event::new(&env, Class::ApiActivity, "audit.exported", &who))
            })
        };
        house.state.db.write(many).await.unwrap();
        let role = format!("/roles/administrator/identities/{}", ada.id);
        for (method, path) in [
            (Method::DELETE, format!("/identities/{}/sessions", ada.id)),
            (Method::POST, format!("/identities/{}/disable", ada.id)),
            (Method::POST, format!("/identities/{}/enable", ada.id)),
            (Method::DELETE, role),
        ] {
            let enabling = path.ends_with("/enable");
            let reader = if enabling { mira.clone() } else { house.enter(ada.id, ada.kind).await };
            let request = signed(ask(Method::GET, "/api/v1/audit/export", None), &reader);
            let answer = house.router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            let mut body = answer.into_body().into_data_stream();
            assert!(!body.next().await.unwrap().unwrap().is_empty());
            let why =
                if method == Method::POST { json!({ "reason": "left" }) } else { json!(null) };
            house.done(&mira, method, &path, why).await;
            let standing = usize::from(enabling);
            for _ in 0..1_000 {
                if house.state.streams.standing() == standing {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            let next = body.next().await.unwrap();
            assert_eq!(next.is_ok(), enabling, "{path}");
            drop(body);
        }
    })
    .await;
}

#[tokio::test]
async fn changes_are_told_to_those_whom_they_concern_until_their_session_ends() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let ben = house.person("ben").await.id;
        let ben = house.enter(ben, SessionKind::Browser).await;
        let (mut hers, mut his) =
            (Feed::open(&house, &ada, None).await, Feed::open(&house, &ben, None).await);
        let body = Some(json!({ "name": "night-shift" }));
        let made = house.by(&ada, Method::POST, "/api/v1/groups", body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        hers.until(r#"data: {"kind":"team"}"#).await;
        assert!(hers.text.contains("event: change"));
        assert!(!hers.text.contains("night-shift"), "which one is not said: {}", hers.text);

        let path = "/api/v1/identities/ben/disable";
        let done = house.by(&ada, Method::POST, path, Some(json!({ "reason": "left" }))).await;
        assert!(done.status.is_success(), "{}", done.text);
        his.until("event: over").await;
        assert!(his.body.next().await.is_none(), "nothing comes after");
        assert!(!his.text.contains("team"), "no right to know of groups: {}", his.text);
        hers.until(r#"data: {"kind":"identity"}"#).await;

        // Whoever comes back is told what they missed.
        let last = hers.text.lines().find_map(|l| l.strip_prefix("id: ")).unwrap().to_owned();
        let mut again = Feed::open(&house, &ada, Some(&last)).await;
        again.until(r#"data: {"kind":"identity"}"#).await;
    })
    .await;
}
