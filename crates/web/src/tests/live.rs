//! What changes, told to those whom it concerns for as long as they may know.

use axum::body::BodyDataStream;
use doorward_core::lifecycle::SessionKind;
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
