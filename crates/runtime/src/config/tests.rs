use super::*;

fn none() -> std::iter::Empty<(String, String)> {
    std::iter::empty()
}

fn load(text: &str) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("doorward.toml");
    std::fs::write(&path, text).unwrap();
    Config::load(Some(&path), none())
}

#[test]
fn no_file_is_the_default_configuration() {
    let config = Config::load(None, none()).unwrap();
    assert_eq!(config.http.origin, "https://localhost:8443");
}

#[test]
fn unknown_field_is_refused_with_its_line() {
    let error = load("node = \"a\"\n\n[http]\norigni = \"https://x\"\n").unwrap_err().to_string();
    assert!(error.contains("line 4") && error.contains("origni"), "{error}");
}

#[test]
fn corrupt_file_is_refused_with_its_line() {
    let error = load("node = \"a\"\n\u{0}\u{1}").unwrap_err().to_string();
    assert!(error.contains("line 2"), "{error}");
}

#[test]
fn origin_with_path_is_refused_by_name() {
    let error = load("[http]\norigin = \"https://x.example/\"\n").unwrap_err().to_string();
    assert!(error.starts_with("http.origin: "), "{error}");
}

#[test]
fn environment_goes_over_the_file() {
    let vars = [
        ("DOORWARD_HTTP__ORIGIN".to_owned(), "https://door.example".to_owned()),
        ("DOORWARD_SIGNIN__IDLE_MINUTES".to_owned(), "10".to_owned()),
        ("DOORWARD_TOKEN".to_owned(), "of the command line".to_owned()),
        ("PATH".to_owned(), "/bin".to_owned()),
    ];
    let config = Config::load(None, vars.into_iter()).unwrap();
    assert_eq!(config.http.origin, "https://door.example");
    assert_eq!(config.signin.idle_minutes, 10);
}

#[test]
fn unknown_environment_field_is_refused() {
    let vars = [("DOORWARD_HTTP__ORIGNI".to_owned(), "x".to_owned())];
    let error = Config::load(None, vars.into_iter()).unwrap_err().to_string();
    assert!(error.contains("orign"), "{error}");
}

#[test]
fn plain_mail_is_for_loopback_only() {
    let text = "[mail]\nhost = \"mx.example\"\nport = 25\ntls = \"none\"\nfrom = \"a@b.example\"\n";
    assert!(load(text).unwrap_err().to_string().starts_with("mail.tls: "));
    assert!(load(&text.replace("mx.example", "127.0.0.1")).is_ok());
}

#[test]
fn block_contains_mapped_addresses() {
    let block = Cidr::parse("10.0.0.0/8").unwrap();
    assert!(block.contains("10.9.9.9".parse().unwrap()));
    assert!(block.contains("::ffff:10.9.9.9".parse().unwrap()));
    assert!(!block.contains("11.0.0.1".parse().unwrap()));
    assert!(Cidr::parse("0.0.0.0/0").unwrap().contains("1.2.3.4".parse().unwrap()));
    assert!(Cidr::parse("10.0.0.0/33").is_err());
}
