//! Mail by SMTP.

use async_trait::async_trait;
use doorward_core::Secret;
use doorward_runtime::config::{MailConfig, MailTls};
use doorward_store::outbox::OutboxRow;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::delivery::{Channel, DeliveryError};

/// Why mail cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender is no address.
    #[error("mail.from: {0}")]
    From(String),
    /// The server cannot be used.
    #[error("mail.host: {0}")]
    Host(String),
    /// Unprotected mail stays on this machine.
    #[error("mail.tls: none is for loopback only; use starttls or tls")]
    Plain,
    /// The password cannot be read.
    #[error("mail.password_file: {0}")]
    Password(String),
}

/// Where mail goes out.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The server's settings.
    pub config: MailConfig,
    /// The password, out of its file.
    pub password: Option<Secret<String>>,
}

impl Mail {
    /// The settings, with the password from its file, which nobody else may read.
    pub fn load(config: &MailConfig) -> Result<Self, MailError> {
        let refuse = |e: &dyn std::fmt::Display| MailError::Password(e.to_string());
        let password = match &config.password_file {
            Some(path) => {
                doorward_runtime::files::check_mode(path, 0o600).map_err(|e| refuse(&e))?;
                let text = std::fs::read_to_string(path).map_err(|e| refuse(&e))?;
                Some(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
            None => None,
        };
        Ok(Self { config: config.clone(), password })
    }
}

/// Sends mail.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// A mailer of these settings; nothing is connected yet.
    pub fn new(mail: &Mail) -> Result<Self, MailError> {
        let config = &mail.config;
        let from = config.from.parse().map_err(|e| MailError::From(format!("{e}")))?;
        let host = |e: lettre::transport::smtp::Error| MailError::Host(e.to_string());
        let mut builder = match config.tls {
            MailTls::Tls => {
                AsyncSmtpTransport::<Tokio1Executor>::relay(&config.host).map_err(host)?
            }
            MailTls::Starttls => {
                AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&config.host).map_err(host)?
            }
            MailTls::None => {
                let loopback = config.host == "localhost"
                    || config.host.parse::<std::net::IpAddr>().is_ok_and(|a| a.is_loopback());
                if !loopback {
                    return Err(MailError::Plain);
                }
                AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            }
        };
        builder = builder.port(config.port);
        if let (Some(user), Some(password)) = (&config.user, &mail.password) {
            builder =
                builder.credentials(Credentials::new(user.clone(), password.expose().clone()));
        }
        Ok(Self { transport: builder.build(), from })
    }
}

#[async_trait]
impl Channel for Mailer {
    async fn deliver(&self, message: &OutboxRow) -> Result<(), DeliveryError> {
        let never = |e: &dyn std::fmt::Display| DeliveryError::Never(e.to_string());
        let part = |name: &str| message.body.get(name).and_then(|v| v.as_str()).unwrap_or_default();
        let to: Address = message.destination.parse().map_err(|e| never(&e))?;
        let mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            // The same for each try, so that a second copy can be told.
            .message_id(Some(format!("<{}@doorward>", message.id)))
            .subject(part("subject"))
            .header(ContentType::TEXT_PLAIN)
            .body(part("text").to_owned())
            .map_err(|e| never(&e))?;
        match self.transport.send(mail).await {
            Ok(_) => Ok(()),
            Err(e) if e.is_permanent() => Err(never(&e)),
            Err(e) => Err(DeliveryError::Later(e.to_string())),
        }
    }
}
