//! A house whose root key is not at hand.

use doorward::House;
use doorward_core::{Actor, Network, Secret};
use doorward_runtime::config::Config;
use tokio::io::AsyncReadExt as _;

fn config(dir: &std::path::Path) -> Config {
    let mut config = Config { data_dir: dir.join("data"), ..Config::default() };
    config.http.listen.set_port(0);
    config.ssh.listen.set_port(free_port());
    config
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// What a server says first; waits for it to listen.
async fn hello(at: std::net::SocketAddr) -> String {
    loop {
        let Ok(mut stream) = tokio::net::TcpStream::connect(at).await else {
            tokio::task::yield_now().await;
            continue;
        };
        let mut first = [0; 8];
        stream.read_exact(&mut first).await.unwrap();
        return String::from_utf8_lossy(&first).into_owned();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_house_starts_and_opens_its_gateway_once_it_is_unsealed() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    let house = House::start(config.clone(), doorward_runtime::env()).await.unwrap();
    assert!(house.first_administrator().await.unwrap().is_some());
    assert!(house.first_administrator().await.unwrap().is_none(), "there is one already");
    house.stop().await;

    let file = config.data_dir.join("seal.key");
    let key = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let house = House::start(config.clone(), doorward_runtime::env()).await.unwrap();
    assert!(house.state.vault.is_sealed());
    assert!(
        std::net::TcpStream::connect(config.ssh.listen).is_err(),
        "the gateway has no host key"
    );

    let stranger = Actor::nobody(Network::default());
    let vault = &house.state.vault;
    assert!(vault.unseal(&stranger, &Secret::new("0".repeat(64))).await.is_err());
    assert!(vault.is_sealed());
    vault.unseal(&stranger, &Secret::new(key)).await.unwrap();
    assert_eq!(hello(config.ssh.listen).await, "SSH-2.0-");
    house.stop().await;
}
