use std::sync::Mutex;

use async_trait::async_trait;
use doorward_runtime::config::{MailConfig, MailTls};
use doorward_store::outbox::{self, OutboxRow};
use doorward_store::testing::{each_database, postgres};
use doorward_vault::{SealConfig, Vault};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use super::*;

/// Answers in turn, and remembers what came.
#[derive(Default)]
struct Receiver {
    answers: Mutex<Vec<Result<(), DeliveryError>>>,
    got: Mutex<Vec<OutboxRow>>,
}

#[async_trait]
impl Channel for Receiver {
    async fn deliver(&self, message: &OutboxRow) -> Result<(), DeliveryError> {
        self.got.lock().unwrap().push(message.clone());
        self.answers.lock().unwrap().pop().unwrap_or(Ok(()))
    }
}

async fn all(house: &House) -> Vec<(String, String, serde_json::Value)> {
    house
        .db
        .read(|c| {
            c.all_with("SELECT channel, destination, body FROM outbox ORDER BY id", &[], |r| {
                Ok((
                    r.get("channel")?,
                    r.get("destination")?,
                    r.get::<Json<serde_json::Value>>("body")?.0,
                ))
            })
        })
        .await
        .unwrap()
}

/// abuse case 22: links in notices begin with the configured origin.
#[tokio::test]
async fn approvers_and_requester_are_told_with_links_from_the_configured_origin() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let about = house.about("web-1");
        let reason = "click\nhttps://evil.example/ and\nDecide here:";
        let filed =
            house.grants.file_request(&house.actor("eve"), &about, reason, None).await.unwrap();
        let told = all(&house).await;
        let mut to: Vec<_> = told.iter().map(|t| t.1.as_str()).collect();
        to.sort_unstable();
        assert_eq!(to, ["abe@corp.example", "bob@corp.example", "cyd@corp.example"]);
        let text = told[0].2["text"].as_str().unwrap();
        assert!(
            text.contains(&format!("{ORIGIN}/console/requests/{}", filed.request.id)),
            "{text}"
        );
        for line in text.lines().filter(|l| l.contains("evil") || l.contains("click")) {
            assert!(line.starts_with("> "), "what a stranger wrote is marked: {line}");
        }
        assert_eq!(told[0].2["subject"], "eve asks for deploy@web-1");
        house.word(&filed, "abe", Decision::Approve).await.unwrap();
        let told = all(&house).await;
        assert_eq!(told.len(), 4);
        let last = told.iter().find(|t| t.1 == "eve@corp.example").unwrap();
        let text = last.2["text"].as_str().unwrap();
        assert!(text.contains("abe approved"), "{text}");
        assert!(text.contains(&format!("{ORIGIN}/console/requests\n")), "{text}");
    })
    .await;
}

#[tokio::test]
async fn message_is_tried_again_later_and_given_up_in_the_end() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let e = house.env.env();
        house.db.write(move |c| outbox::push(c, &e, "test", "x", &json!({"n": 1}))).await.unwrap();
        let receiver = Arc::new(Receiver::default());
        let later = || Err(DeliveryError::Later("busy".to_owned()));
        receiver.answers.lock().unwrap().extend((0..20).map(|_| later()));
        let postman = || Delivery::new(&house.db, &house.env.env()).with("test", receiver.clone());
        let first = postman();
        let mut pauses = Vec::new();
        for _ in 0..20 {
            assert_eq!(first.round().await.unwrap(), Some(0));
            let tried = receiver.got.lock().unwrap().len();
            // At once it is not tried again, by nobody.
            assert_eq!(first.round().await.unwrap(), Some(0));
            assert_eq!(receiver.got.lock().unwrap().len(), tried);
            let mut waited = 0;
            while receiver.got.lock().unwrap().len() == tried && waited < 4_000 {
                house.env.advance(Duration::from_secs(5));
                waited += 5;
                let now = house.env.now();
                if !house.db.read(move |c| outbox::due(c, now, 1)).await.unwrap().is_empty() {
                    break;
                }
            }
            pauses.push(waited);
        }
        assert_eq!(pauses[..4], [5, 10, 20, 40]);
        assert_eq!(receiver.got.lock().unwrap().len(), 20);
        let counts = house.db.read(outbox::counts).await.unwrap();
        assert_eq!((counts.waiting, counts.failed), (0, 1));
        assert!(house.activities().await.contains(&"notice.failed".to_owned()));
        house.env.advance(HOUR * 24 * 8);
        assert_eq!(first.tidy().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn outbox_survives_a_restart_and_one_node_carries_it() {
    let env = TestEnv::default();
    let shared = postgres(&env.env()).await;
    let house = House::new(shared.db.clone(), env.clone()).await;
    let e = env.env();
    house
        .db
        .write(move |c| {
            for n in 0..50 {
                outbox::push(c, &e, "test", "x", &json!({ "n": n }))?;
            }
            outbox::push(c, &e, "unknown", "x", &json!({}))?;
            Ok::<_, doorward_store::Error>(())
        })
        .await
        .unwrap();
    let second = Db::open(&shared.config, &env.env()).await.unwrap();
    let (one, two) = (Arc::new(Receiver::default()), Arc::new(Receiver::default()));
    let a = Delivery::new(&house.db, &env.env()).with("test", one.clone());
    let b = Delivery::new(&second, &env.env()).with("test", two.clone());
    for _ in 0..5 {
        let (x, y) = tokio::join!(a.round(), b.round());
        // The database makes one of two that collide try again.
        let _ = (x, y);
    }
    let mut seen: Vec<_> = one
        .got
        .lock()
        .unwrap()
        .iter()
        .chain(two.got.lock().unwrap().iter())
        .map(|m| m.id)
        .collect();
    let before = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((seen.len(), before), (50, 50), "each once");
    assert_eq!(house.db.read(outbox::counts).await.unwrap().waiting, 0);
}

/// The address, headers and body of a request.
type Got = (String, HashMap<String, String>, Vec<u8>);

/// What a webhook's receiver gets.
#[derive(Default)]
struct Post {
    status: Mutex<u16>,
    got: Mutex<Vec<Got>>,
}

#[async_trait]
impl HttpPost for Post {
    fn check(&self, url: &str) -> Result<(), String> {
        if url.starts_with("https://") { Ok(()) } else { Err("only https".to_owned()) }
    }
    async fn post(
        &self,
        url: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<u16, String> {
        let headers = headers.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        self.got.lock().unwrap().push((url.to_owned(), headers, body));
        Ok(*self.status.lock().unwrap())
    }
}

#[tokio::test]
async fn webhook_is_told_what_it_asked_for_signed_with_its_secret() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let dir = tempfile::tempdir().unwrap();
        let e = house.env.env();
        let vault =
            Vault::open(&house.db, &e, SealConfig::new(dir.path().join("key"))).await.unwrap();
        let post = Arc::new(Post::default());
        *post.status.lock().unwrap() = 204;
        let settings = house.ask("ada", WriteSettings {}).unwrap();
        let new = |name: &str, url: &str, events: &[&str]| NewWebhook {
            name: Name::parse(name).unwrap(),
            url: url.to_owned(),
            events: events.iter().map(|e| (*e).to_owned()).collect(),
        };
        let create = |n: NewWebhook| {
            let (g, s, v, p) =
                (house.grants.clone(), settings.clone(), vault.clone(), post.clone());
            async move { g.create_webhook(&s, &v, p.as_ref(), n).await }
        };
        assert!(matches!(create(new("a", "http://x", &["*"])).await, Err(WebhookError::Url(_))));
        assert!(matches!(
            create(new("a", "https://x", &["nonsense"])).await,
            Err(WebhookError::Events(_))
        ));
        assert!(matches!(create(new("a", "https://x", &[])).await, Err(WebhookError::Events(_))));
        let (row, secret) =
            create(new("chat", "https://chat.example/in", &["request.filed"])).await.unwrap();
        assert!(matches!(
            create(new("chat", "https://x", &["*"])).await,
            Err(WebhookError::Exists)
        ));
        house.file("web-1").await.unwrap();
        house.granted("web-1").await;
        let postman = Delivery::new(&house.db, &e)
            .with(WEBHOOK, Arc::new(Webhooks::new(&house.db, &e, &vault, post.clone())));
        assert_eq!(postman.round().await.unwrap(), Some(1));
        let (url, headers, body) = post.got.lock().unwrap().remove(0);
        assert_eq!(url, "https://chat.example/in");
        use base64::Engine as _;
        let key = base64::engine::general_purpose::STANDARD
            .decode(secret.expose().strip_prefix("whsec_").unwrap())
            .unwrap();
        let seconds = headers["webhook-timestamp"].parse().unwrap();
        assert_eq!(seconds, house.env.now().secs());
        assert_eq!(
            headers["webhook-signature"],
            signature(&key, &headers["webhook-id"], seconds, &body)
        );
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (&body["type"], &body["data"]["what"]),
            (&json!("request.filed"), &json!("deploy@web-1"))
        );
        let at = format!("{ORIGIN}/console/requests/{}", body["data"]["request"].as_str().unwrap());
        assert_eq!(body["data"]["url"], at);
        // Off, changed by two, gone.
        let off = doorward_store::webhook::WebhookRow { enabled: false, ..row.clone() };
        let off = house.grants.update_webhook(&settings, post.as_ref(), off).await.unwrap();
        let stale = house.grants.update_webhook(&settings, post.as_ref(), row.clone()).await;
        assert!(matches!(stale, Err(WebhookError::Conflict)));
        assert_eq!(house.grants.webhooks(&settings).await.unwrap(), [off]);
        house.grants.delete_webhook(&settings, row.id).await.unwrap();
        assert_eq!((house.count("webhook").await, house.count("secret").await), (0, 0));
        assert!(house.ask("abe", WriteSettings {}).is_err());
    })
    .await;
}

#[test]
fn signature_is_the_one_of_the_specification() {
    // The example of the Standard Webhooks specification.
    use base64::Engine as _;
    let key = base64::engine::general_purpose::STANDARD
        .decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        .unwrap();
    let body = br#"{"test": 2432232314}"#;
    let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

/// A mail server of one mail; gives what it was sent.
async fn mail_server(listener: tokio::net::TcpListener) -> String {
    let (stream, _) = listener.accept().await.unwrap();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test\r\n").await.unwrap();
    let (mut body, mut in_body) = (String::new(), false);
    while let Some(line) = lines.next_line().await.unwrap() {
        let answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            _ if in_body && line == "." => {
                in_body = false;
                "250 taken\r\n"
            }
            _ if in_body => {
                body.push_str(&line);
                body.push('\n');
                continue;
            }
            "DATA" => {
                in_body = true;
                "354 go\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        write.write_all(answer.as_bytes()).await.unwrap();
        if answer.starts_with("250 taken") {
            break;
        }
    }
    body
}

#[tokio::test]
async fn mail_goes_out_by_smtp_and_headers_cannot_be_injected() {
    let env = TestEnv::default();
    let shared = doorward_store::testing::sqlite(&env.env()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = MailConfig {
        host: "127.0.0.1".to_owned(),
        port: listener.local_addr().unwrap().port(),
        tls: MailTls::None,
        from: "Doorward <doorward@corp.example>".to_owned(),
        user: None,
        password_file: None,
    };
    let plain = MailConfig { host: "mail.corp.example".to_owned(), ..config.clone() };
    assert!(matches!(Mailer::new(&Mail::load(&plain).unwrap()), Err(MailError::Plain)));
    let server = tokio::spawn(mail_server(listener));
    let e = env.env();
    shared
        .db
        .write(move |c| {
            let body = json!({"subject": "Hi\r\nBcc: evil@corp.example", "text": "Grüße\n.\nend"});
            outbox::push(c, &e, MAIL, "eve@corp.example", &body)
        })
        .await
        .unwrap();
    let mailer = Mailer::new(&Mail::load(&config).unwrap()).unwrap();
    let postman = Delivery::new(&shared.db, &env.env()).with(MAIL, Arc::new(mailer));
    assert_eq!(postman.round().await.unwrap(), Some(1));
    let mail = server.await.unwrap();
    assert!(mail.contains("To: eve@corp.example") && mail.contains("Message-ID: <"), "{mail}");
    assert!(!mail.lines().any(|l| l.to_ascii_lowercase().starts_with("bcc")), "{mail}");
}
