//! A client of our own, for what the stock ones cannot be made to do.

use std::sync::Arc;

use russh::client::{self, AuthResult};
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg};

use super::Gatehouse;

/// Takes whatever host key it is shown: the gateway is the test's own.
pub struct Trusting;

impl client::Handler for Trusting {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        _: &russh::keys::PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

impl Gatehouse {
    /// Connected to the gateway, not authenticated.
    pub async fn stranger(&self) -> client::Handle<Trusting> {
        let config = Arc::new(client::Config::default());
        client::connect(config, self.address, Trusting).await.unwrap()
    }

    pub fn my_private_key(&self) -> Arc<PrivateKey> {
        let text = std::fs::read_to_string(self.my_key()).unwrap();
        Arc::new(PrivateKey::from_openssh(&text).unwrap())
    }

    /// As Alice, in.
    pub async fn alices_client(&self) -> client::Handle<Trusting> {
        self.client_to(&self.login()).await
    }

    /// As Alice, in by her key with this login.
    pub async fn client_to(&self, login: &str) -> client::Handle<Trusting> {
        let mut handle = self.stranger().await;
        let key = PrivateKeyWithHashAlg::new(self.my_private_key(), None);
        let result = handle.authenticate_publickey(login, key).await.unwrap();
        assert!(matches!(result, AuthResult::Success), "{result:?}");
        handle
    }
}

/// Whether a command still runs through this connection.
pub async fn runs(client: &client::Handle<Trusting>) -> bool {
    let Ok(mut channel) = client.channel_open_session().await else { return false };
    if channel.exec(true, "echo in").await.is_err() {
        return false;
    }
    heard(&mut channel).await.out == b"in\n"
}

/// Through the jump's own connection: one to the target behind it.
pub async fn jumped(
    outer: &client::Handle<Trusting>,
    account: &str,
) -> Option<client::Handle<Trusting>> {
    let channel = outer.channel_open_direct_tcpip("web-1", 22, "127.0.0.1", 1).await.ok()?;
    let config = Arc::new(client::Config::default());
    let mut inner = client::connect_stream(config, channel.into_stream(), Trusting).await.ok()?;
    let result = inner.authenticate_none(account).await.ok()?;
    matches!(result, AuthResult::Success).then_some(inner)
}

/// What the SSH server at the end of this channel says to who asks for this account.
pub async fn told(channel: russh::Channel<client::Msg>, account: &str) -> String {
    let config = Arc::new(client::Config::default());
    let mut inner = client::connect_stream(config, channel.into_stream(), Trusting).await.unwrap();
    let _ = inner.authenticate_none(account).await.unwrap();
    match inner.authenticate_keyboard_interactive_start(account, None).await.unwrap() {
        client::KeyboardInteractiveAuthResponse::InfoRequest { instructions, .. } => instructions,
        other => panic!("{other:?}"),
    }
}

/// Until the gateway has closed the connection.
pub async fn cut(client: &client::Handle<Trusting>) {
    for _ in 0..1_000 {
        if client.is_closed() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the connection is open");
}

/// A channel's output, extended output and exit status.
#[derive(Debug, Default)]
pub struct Said {
    pub out: Vec<u8>,
    pub err: Vec<u8>,
    pub status: Option<u32>,
    pub signal: Option<String>,
    /// How many requests were granted and refused.
    pub granted: usize,
    pub refused: usize,
}

/// Everything until the channel is closed.
pub async fn heard(channel: &mut russh::Channel<client::Msg>) -> Said {
    let mut said = Said::default();
    while let Some(message) = channel.wait().await {
        match message {
            russh::ChannelMsg::Data { data } => said.out.extend_from_slice(&data),
            russh::ChannelMsg::ExtendedData { data, .. } => said.err.extend_from_slice(&data),
            russh::ChannelMsg::ExitStatus { exit_status } => said.status = Some(exit_status),
            russh::ChannelMsg::ExitSignal { signal_name, .. } => {
                said.signal = Some(format!("{signal_name:?}"));
            }
            russh::ChannelMsg::Success => said.granted += 1,
            russh::ChannelMsg::Failure => said.refused += 1,
            russh::ChannelMsg::Close => break,
            _ => {}
        }
    }
    said
}
