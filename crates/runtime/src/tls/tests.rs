use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn house() -> (tempfile::TempDir, Config) {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { data_dir: dir.path().join("data"), ..Config::default() };
    (dir, config)
}

#[test]
fn first_start_makes_a_ca_and_a_leaf_that_last() {
    let (_dir, config) = house();
    let env = crate::env();
    let first = server(&config, &env);
    assert!(first.is_ok(), "{:?}", first.err());
    let leaf = config.data_dir.join("tls/server.pem");
    let before = std::fs::read(&leaf).unwrap();
    server(&config, &env).unwrap();
    assert_eq!(before, std::fs::read(&leaf).unwrap(), "a good leaf is kept");
}

#[test]
fn new_name_makes_a_new_leaf_of_the_same_ca() {
    let (_dir, mut config) = house();
    let env = crate::env();
    server(&config, &env).unwrap();
    let ca = std::fs::read(ca_path(&config.data_dir)).unwrap();
    let leaf = std::fs::read(config.data_dir.join("tls/server.pem")).unwrap();
    config.http.names.push("door.example".to_owned());
    server(&config, &env).unwrap();
    assert_eq!(ca, std::fs::read(ca_path(&config.data_dir)).unwrap());
    assert_ne!(leaf, std::fs::read(config.data_dir.join("tls/server.pem")).unwrap());
}

#[test]
fn private_key_that_others_may_read_is_refused() {
    let (_dir, config) = house();
    let env = crate::env();
    server(&config, &env).unwrap();
    let key = config.data_dir.join("tls/server.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = server(&config, &env).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("chmod 600"), "{error}");
}
