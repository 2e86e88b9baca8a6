//! What people sign in with, over HTTP.

use doorward_core::lifecycle::SessionKind;
use doorward_core::{DeviceId, IdentityId};
use doorward_store::args;
use doorward_store::device::{self, Device};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::house::{Answer, Guest, House, ask, each_house, signed};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

impl House {
    /// A device of this guest's, without a key that anybody knows.
    pub async fn device(&self, of: &Guest) -> DeviceId {
        self.device_with(of, &self.env.env().bytes::<32>()).await
    }

    async fn device_with(&self, of: &Guest, hash: &[u8]) -> DeviceId {
        let (e, hash) = (self.env.env(), hash.to_vec());
        let row = Device {
            id: DeviceId::new(&e),
            identity: of.id,
            kind: of.kind,
            label: "Firefox on laptop-7".to_owned(),
            managed: false,
            created_at: e.now(),
            last_seen_at: e.now(),
            version: 1,
        };
        let id = row.id;
        self.state.db.write(move |c| device::insert(c, &row, &hash)).await.unwrap();
        id
    }

    /// Somebody whose session is on a device with [`KEY`].
    async fn on_device(&self, id: IdentityId, kind: SessionKind) -> (Guest, DeviceId) {
        let guest = self.enter(id, kind).await;
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, KEY.as_bytes());
        let device = self.device_with(&guest, hash.as_ref()).await;
        let session = guest.session;
        let bound = self.state.db.write(move |c| {
            c.execute("UPDATE session SET device = $2 WHERE id = $1", args![session, device])?;
            doorward_store::testing::own(c)
        });
        bound.await.unwrap();
        (guest, device)
    }

    async fn current(&self, guest: &Guest, shown: Option<(&'static str, String)>) -> Vec<Value> {
        let mut request = signed(ask(Method::GET, "/api/v1/own/devices", None), guest);
        if let Some((name, value)) = shown {
            if name == "cookie" {
                let both = format!("__Host-sid={}; {value}", guest.token);
                request.headers_mut().insert(header::COOKIE, both.parse().unwrap());
            } else {
                request.headers_mut().insert(name, value.parse().unwrap());
            }
        }
        let answer = self.send(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let items = answer.json()["items"].as_array().unwrap().clone();
        items.into_iter().filter(|i| i["current"] == true).collect()
    }
}

/// A browser shows its key as a cookie, a command line as a header; neither as the other,
/// and nobody's twice.
#[tokio::test]
async fn a_session_is_on_the_device_whose_key_comes_with_the_request() {
    each_house(|house| async move {
        let eve = house.person("eve").await;
        let (browser, device) = house.on_device(eve.id, SessionKind::Browser).await;
        let cookie = format!("__Host-device={KEY}");
        let here = house.current(&browser, Some(("cookie", cookie.clone()))).await;
        assert_eq!(here.len(), 1);
        assert_eq!(here[0]["id"], device.to_string());
        for (name, value) in [
            ("cookie", format!("{cookie}; {cookie}")),
            ("cookie", format!("device={KEY}")),
            ("cookie", format!("__Host-device={KEY}x")),
            ("doorward-device", KEY.to_owned()),
        ] {
            let here = house.current(&browser, Some((name, value.clone()))).await;
            assert!(here.is_empty(), "{name}: {value}");
        }
        assert!(house.current(&browser, None).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_command_line_shows_its_key_in_a_header() {
    each_house(|house| async move {
        let eve = house.person("eve").await;
        let (cli, device) = house.on_device(eve.id, SessionKind::Cli).await;
        let here = house.current(&cli, Some(("doorward-device", KEY.to_owned()))).await;
        assert_eq!(here[0]["id"], device.to_string());
        assert!(house.current(&cli, None).await.is_empty());
    })
    .await;
}

fn patch(managed: bool) -> Option<Value> {
    Some(json!({ "managed": managed }))
}

/// abuse case F7: devices of others, for everybody who is no administrator.
#[tokio::test]
async fn only_whom_policy_allows_marks_and_forgets_the_devices_of_others() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let audrey = house.guest("audrey", &["auditor"]).await;
        let eve = house.guest("eve", &[]).await;
        let bob = house.guest("bob", &[]).await;
        let device = house.device(&eve).await;
        let at = format!("/api/v1/devices/{device}");
        // Not even its owner says that it is managed.
        for (who, name) in [(&audrey, "audrey"), (&eve, "eve"), (&bob, "bob")] {
            let marked = house.by(who, Method::PATCH, &at, patch(true)).await;
            assert_eq!(marked.status, StatusCode::FORBIDDEN, "{name}: {}", marked.text);
            let gone = house.by(who, Method::DELETE, &at, None).await;
            assert_eq!(gone.status, StatusCode::FORBIDDEN, "{name}: {}", gone.text);
        }
        let own = format!("/api/v1/own/devices/{device}");
        let foreign = house.by(&bob, Method::DELETE, &own, None).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{}", foreign.text);
        let seen = async |who| house.by(who, Method::GET, "/api/v1/devices", None).await.status;
        assert_eq!(seen(&eve).await, StatusCode::FORBIDDEN);
        assert_eq!(seen(&audrey).await, StatusCode::OK);
        let marked = house.by(&ada, Method::PATCH, &at, patch(true)).await;
        assert_eq!(marked.status, StatusCode::OK, "{}", marked.text);
        let marked = marked.json();
        assert_eq!((&marked["managed"], &marked["owner"]), (&json!(true), &json!("eve")));
        let none = format!("/api/v1/devices/{}", DeviceId::new(&house.env.env()));
        let none = house.by(&ada, Method::PATCH, &none, patch(true)).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
        let stale = {
            let mut request = signed(ask(Method::PATCH, &at, patch(false)), &ada);
            request.headers_mut().insert(header::IF_MATCH, "\"v1\"".parse().unwrap());
            house.send(request).await
        };
        assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text);
        assert!(house.by(&eve, Method::DELETE, &own, None).await.status.is_success());
        assert!(items(&house.by(&eve, Method::GET, "/api/v1/own/devices", None).await).is_empty());
    })
    .await;
}

fn items(answer: &Answer) -> Vec<Value> {
    answer.json()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn devices_are_listed_page_by_page_and_found() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let eve = house.guest("eve", &[]).await;
        let mut made = Vec::new();
        for n in 0..5 {
            // Two in the same moment: the id decides.
            if n % 2 == 0 {
                house.env.advance(std::time::Duration::from_secs(1));
            }
            made.push(house.device(&eve).await.to_string());
        }
        made.sort();
        made.reverse();
        let (mut found, mut next) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/devices?limit=2{next}");
            let answer = house.by(&ada, Method::GET, &path, None).await.json();
            let ids = answer["items"].as_array().unwrap().iter().map(|i| i["id"].clone());
            found.extend(ids.map(|id| id.as_str().unwrap().to_owned()));
            match answer["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(found, made);
        for (query, count) in [
            ("q=laptop-7", 5),
            ("q=eve", 5),
            ("q=nothing", 0),
            ("q=%25", 0),
            ("identity=eve", 5),
            ("identity=ada", 0),
            ("managed=true", 0),
            ("managed=false", 5),
        ] {
            let path = format!("/api/v1/devices?{query}");
            let answer = house.by(&ada, Method::GET, &path, None).await;
            assert_eq!(items(&answer).len(), count, "{query}");
        }
        let path = format!("/api/v1/own/devices?limit=2{next}");
        let foreign = house.by(&eve, Method::GET, &path, None).await;
        assert!(foreign.status.is_client_error(), "a cursor of another list");
    })
    .await;
}
