//! Webhooks, signed as the Standard Webhooks specification has it.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_core::Env;
use doorward_runtime::outbound::Client;
use doorward_store::outbox::OutboxRow;
use doorward_store::{Db, webhook as rows};
use doorward_vault::Vault;
use doorward_vault::secrets::HouseSecret;

use super::delivery::{Channel, DeliveryError};

/// Sends requests to where an administrator said, and nowhere inside.
#[async_trait]
pub trait HttpPost: Send + Sync {
    /// Refuses a URL that may not be called, before anything is kept.
    fn check(&self, url: &str) -> Result<(), String>;
    /// Sends; gives the status.
    async fn post(
        &self,
        url: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<u16, String>;
}

#[async_trait]
impl HttpPost for Client {
    fn check(&self, url: &str) -> Result<(), String> {
        Client::check(self, url).map(drop).map_err(|e| e.to_string())
    }

    async fn post(
        &self,
        url: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<u16, String> {
        Client::post(self, url, headers, body).await.map_err(|e| e.to_string())
    }
}

/// The `webhook-signature` of a message.
pub fn signature(secret: &[u8], id: &str, seconds: i64, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    context.update(format!("{id}.{seconds}.").as_bytes());
    context.update(body);
    format!("v1,{}", STANDARD.encode(context.sign().as_ref()))
}

/// The channel of webhooks.
pub struct Webhooks {
    db: Db,
    env: Env,
    vault: Vault,
    http: Arc<dyn HttpPost>,
}

impl Webhooks {
    /// With the secrets of this vault.
    pub fn new(db: &Db, env: &Env, vault: &Vault, http: Arc<dyn HttpPost>) -> Self {
        Self { db: db.clone(), env: env.clone(), vault: vault.clone(), http }
    }
}

#[async_trait]
impl Channel for Webhooks {
    async fn deliver(&self, message: &OutboxRow) -> Result<(), DeliveryError> {
        let later = |e: &dyn std::fmt::Display| DeliveryError::Later(e.to_string());
        let never = |why: &str| DeliveryError::Never(why.to_owned());
        let id = message.destination.parse().map_err(|_| never("no webhook is called that"))?;
        let hook = self.db.read(move |c| rows::find(c, id)).await.map_err(|e| later(&e))?;
        let hook = hook.filter(|h| h.enabled).ok_or_else(|| never("the webhook is gone or off"))?;
        // Sealed: it waits until the vault is open.
        let secret = HouseSecret::value(&self.vault, hook.secret).await.map_err(|e| later(&e))?;
        let body = serde_json::to_vec(&message.body).map_err(|e| later(&e))?;
        let (id, seconds) = (message.id.to_string(), self.env.now().secs());
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-signature", signature(secret.expose(), &id, seconds, &body)),
            ("webhook-id", id),
            ("webhook-timestamp", seconds.to_string()),
        ];
        let status =
            self.http.post(&hook.url, &headers, body).await.map_err(DeliveryError::Later)?;
        match status {
            200..=299 => Ok(()),
            // The receiver says that it is gone for good.
            410 => Err(never("the receiver answered 410 Gone")),
            other => Err(DeliveryError::Later(format!("the receiver answered {other}"))),
        }
    }
}
