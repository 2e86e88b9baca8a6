use super::*;

fn client(allow: &[&str]) -> Client {
    let config =
        OutboundConfig { allow: allow.iter().map(|s| (*s).to_owned()).collect(), ca_file: None };
    Client::new(&config, None).unwrap()
}

#[test]
fn addresses_inside_are_refused_by_default() {
    let client = client(&[]);
    for url in [
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[2002:7f00:1::]/",
        "http://127.1/",
        "https://2130706433/",
    ] {
        assert!(client.check(url).is_err(), "{url} was accepted");
    }
}

#[test]
fn plain_http_is_for_allowed_loopback_only() {
    let client = client(&["127.0.0.1", "10.0.0.0/8"]);
    assert!(client.check("http://127.0.0.1:9000/hook").is_ok());
    assert!(client.check("http://10.0.0.1/hook").is_err());
    assert!(client.check("https://10.0.0.1/hook").is_ok());
    for url in ["ftp://example.com", "file:///etc/passwd", "https://user:pw@example.com/", "x"] {
        assert!(client.check(url).is_err(), "{url} was accepted");
    }
}

#[tokio::test]
async fn name_that_resolves_inside_is_refused_when_connecting() {
    let answer = client(&[]).post("https://localhost:1/hook", &[], Vec::new()).await;
    let error = answer.unwrap_err();
    let mut chain = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(e) = cause {
        chain.push_str(&e.to_string());
        cause = e.source();
    }
    assert!(chain.contains("outbound.allow"), "{chain}");
}
