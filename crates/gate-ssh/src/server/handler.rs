//! What a person's client asks, and the first answer to it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use doorward_core::Timestamp;
use russh::keys::{Certificate, HashAlg, PublicKey};
use russh::server::{
    Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, MethodKind, MethodSet, Pty, Sig};

use super::channel::{self, Up};
use super::dialogue::Dialogue;
use super::known::Known;
use super::{Connection, forward};
use crate::certificate;
use crate::flow::{Feed, flow};

/// How many channels one connection may have open.
const CHANNELS: usize = 64;
/// The longest command, and the longest value of a variable.
const LONGEST: usize = 256 << 10;
const LONGEST_VALUE: usize = 4096;

/// One person's client.
pub(crate) struct Person {
    connection: Arc<Connection>,
    dialogue: Dialogue,
    channels: HashMap<ChannelId, Feed<Up>>,
}

impl Person {
    pub fn new(connection: Arc<Connection>) -> Self {
        Self { connection, dialogue: Dialogue::new(), channels: HashMap::new() }
    }

    /// A first factor was proven; either that is enough, or the conversation goes on.
    async fn proven(&mut self, known: Known) -> Result<Auth, russh::Error> {
        if !self.dialogue.is(known, &self.connection).await {
            return Ok(Auth::reject());
        }
        self.connection.engaged();
        if self.dialogue.at_once(&self.connection).await {
            return Ok(Auth::Accept);
        }
        Ok(Auth::Reject {
            proceed_with_methods: Some(MethodSet::from(&[MethodKind::KeyboardInteractive][..])),
            partial_success: true,
        })
    }

    async fn put(&self, id: ChannelId, up: Up) -> Result<(), russh::Error> {
        if let Some(feed) = self.channels.get(&id) {
            let weight = up.weight();
            feed.put(up, weight);
            feed.ease().await.map_err(|_| russh::Error::Disconnect)?;
        }
        Ok(())
    }

    async fn by_nothing(&mut self, user: &str) -> Result<Auth, russh::Error> {
        self.dialogue.bind(user, &self.connection);
        // Behind a jump the person is known already.
        if self.dialogue.knows() && self.dialogue.at_once(&self.connection).await {
            return Ok(Auth::Accept);
        }
        let methods = if self.dialogue.knows() || self.dialogue.senseless() {
            MethodSet::from(&[MethodKind::KeyboardInteractive][..])
        } else {
            MethodSet::from(&[MethodKind::PublicKey, MethodKind::KeyboardInteractive][..])
        };
        Ok(Auth::Reject { proceed_with_methods: Some(methods), partial_success: false })
    }

    async fn by_key(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, russh::Error> {
        self.dialogue.bind(user, &self.connection);
        let connection = self.connection.clone();
        let key = fingerprint(key.public_key);
        let found = connection.house.gate.identify().by_ssh_key(&key, &connection.network).await;
        match found {
            Ok(Some(actor)) => {
                let known = Known::by_key(actor, key, &connection);
                self.proven(known).await
            }
            Ok(None) => Ok(Auth::reject()),
            Err(error) => {
                tracing::error!(%error, "a key cannot be looked up");
                Ok(Auth::reject())
            }
        }
    }

    async fn by_certificate(
        &mut self,
        user: &str,
        certificate: &Certificate,
    ) -> Result<Auth, russh::Error> {
        self.dialogue.bind(user, &self.connection);
        let connection = self.connection.clone();
        let house = &connection.house;
        let address = connection.network.address;
        let now = house.gate.env().now();
        let name = match certificate::check(certificate, &house.authorities, address, now) {
            Ok(name) => name,
            Err(reason) => {
                tracing::info!(%reason, "an SSH certificate is refused");
                return Ok(Auth::reject());
            }
        };
        match house.gate.identify().by_certificate(&name, &connection.network).await {
            Ok(Some(actor)) => {
                let until = i64::try_from(certificate.valid_before()).unwrap_or(i64::MAX);
                let known = Known::until(Timestamp::from_secs(until), actor, &connection);
                self.proven(known).await
            }
            Ok(None) => Ok(Auth::reject()),
            Err(error) => {
                tracing::error!(%error, "a certificate's name cannot be looked up");
                Ok(Auth::reject())
            }
        }
    }

    async fn by_answer<'a>(
        &'a mut self,
        user: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        let answer = response.and_then(|mut r| r.next()).map(|bytes| {
            String::from_utf8_lossy(bytes.get(..LONGEST_VALUE).unwrap_or(&bytes)).into_owned()
        });
        self.dialogue.bind(user, &self.connection);
        let connection = self.connection.clone();
        Ok(self.dialogue.next(&connection, answer).await.auth())
    }
}

fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

impl Handler for Person {
    type Error = russh::Error;

    // russh keeps room for the largest of these futures twice, as long as a connection
    // lasts: those that do more than look at something are boxed.
    async fn auth_none(&mut self, user: &str) -> Result<Auth, Self::Error> {
        Box::pin(self.by_nothing(user)).await
    }

    /// An offer proves nothing and changes nothing; the answer only spares the
    /// client a signature (CVE-2023-43660, CVE-2024-45337).
    async fn auth_publickey_offered(
        &mut self,
        _user: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, Self::Error> {
        let house = &self.connection.house;
        if !house.authorities.is_empty() {
            return Ok(Auth::Accept);
        }
        let key = fingerprint(offer.public_key);
        let known = house.gate.identify().knows_ssh_key(&key).await.unwrap_or(false);
        Ok(if known { Auth::Accept } else { Auth::reject() })
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        Box::pin(self.by_key(user, key)).await
    }

    async fn auth_openssh_certificate(
        &mut self,
        user: &str,
        certificate: &Certificate,
    ) -> Result<Auth, Self::Error> {
        Box::pin(self.by_certificate(user, certificate)).await
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        Box::pin(self.by_answer(user, response)).await
    }

    async fn auth_succeeded(&mut self, _: &mut Session) -> Result<(), Self::Error> {
        self.connection.proven();
        // INVARIANT: nobody is in of whom it is not known who they are.
        if self.connection.who().is_none() {
            return Err(russh::Error::Inconsistent);
        }
        Ok(())
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.channels.len() >= CHANNELS {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        }
        let id = channel.id();
        // What the channel says comes by the callbacks below.
        let (_, write) = channel.split();
        let (feed, drain) = flow();
        self.channels.insert(id, feed);
        reply.accept().await;
        let out = channel::Out { handle: session.handle(), write };
        tokio::spawn(channel::run(self.connection.clone(), out, drain));
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _originator: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.channels.len() >= CHANNELS {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        }
        let id = channel.id();
        let (_, write) = channel.split();
        let (feed, drain) = flow();
        self.channels.insert(id, feed);
        let out = channel::Out { handle: session.handle(), write };
        let (connection, host) = (self.connection.clone(), host.to_owned());
        tokio::spawn(forward::run(connection, out, drain, reply, host, port));
        Ok(())
    }

    async fn data(
        &mut self,
        id: ChannelId,
        data: &[u8],
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        self.put(id, Up::Data(Bytes::copy_from_slice(data))).await
    }

    async fn channel_eof(&mut self, id: ChannelId, _: &mut Session) -> Result<(), Self::Error> {
        self.put(id, Up::Eof).await
    }

    async fn channel_close(&mut self, id: ChannelId, _: &mut Session) -> Result<(), Self::Error> {
        if let Some(feed) = self.channels.remove(&id) {
            feed.put(Up::Close, 0);
        }
        Ok(())
    }

    async fn pty_request(
        &mut self,
        id: ChannelId,
        term: &str,
        cols: u32,
        rows: u32,
        _: u32,
        _: u32,
        modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let term: String = term
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || "-._+".contains(*c))
            .take(64)
            .collect();
        let modes = modes.iter().take(128).copied().collect();
        self.put(id, Up::Terminal { term, cols, rows, modes }).await?;
        session.channel_success(id)
    }

    async fn env_request(
        &mut self,
        id: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if !harmless_variable(name) || value.len() > LONGEST_VALUE || value.contains('\0') {
            return session.channel_failure(id);
        }
        self.put(id, Up::Variable(name.to_owned(), value.to_owned())).await?;
        session.channel_success(id)
    }

    async fn shell_request(
        &mut self,
        id: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.put(id, Up::Shell).await?;
        session.channel_success(id)
    }

    async fn exec_request(
        &mut self,
        id: ChannelId,
        command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if command.len() > LONGEST {
            return session.channel_failure(id);
        }
        self.put(id, Up::Exec(command.to_vec())).await?;
        session.channel_success(id)
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        // No other subsystem can be recorded.
        if name != "sftp" {
            return session.channel_failure(id);
        }
        self.put(id, Up::Sftp).await?;
        session.channel_success(id)
    }

    async fn window_change_request(
        &mut self,
        id: ChannelId,
        cols: u32,
        rows: u32,
        _: u32,
        _: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.put(id, Up::Window { cols, rows }).await?;
        session.channel_success(id)
    }

    async fn signal(
        &mut self,
        id: ChannelId,
        signal: Sig,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        self.put(id, Up::Signal(signal)).await
    }

    async fn agent_request(&mut self, _: ChannelId, _: &mut Session) -> Result<bool, Self::Error> {
        // The agent would be at the target's mercy.
        Ok(false)
    }

    async fn x11_request(
        &mut self,
        id: ChannelId,
        _: bool,
        _: &str,
        _: &str,
        _: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(id)
    }

    async fn tcpip_forward(
        &mut self,
        address: &str,
        port: &mut u32,
        _: &mut Session,
    ) -> Result<bool, Self::Error> {
        if let Some(Ok(hop)) = self.connection.hop.get() {
            hop.say(&format!("Doorward: ports are not forwarded back to you ({address}:{port})."));
        }
        Ok(false)
    }
}

/// Variables that choose a language, and nothing else (OpenSSH's own default).
fn harmless_variable(name: &str) -> bool {
    name == "LANG"
        || name == "TERM"
        || name == "COLORTERM"
        || name.strip_prefix("LC_").is_some_and(|rest| {
            !rest.is_empty() && rest.len() <= 32 && rest.bytes().all(|b| b.is_ascii_uppercase())
        })
}
