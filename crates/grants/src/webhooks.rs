//! Webhooks as administrators keep them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_core::{Actor, Allowed, Class, Entity, Event, Name, Secret, WebhookId, WriteSettings};
use doorward_store::webhook::{self as rows, WebhookRow};
use doorward_store::{event, secret as secret_rows};
use doorward_vault::secrets::HouseSecret;
use doorward_vault::{Vault, VaultError};

use crate::notices::ACTIVITIES;
use crate::notices::webhook::HttpPost;
use crate::service::Grants;

/// The most webhooks that there are.
const MOST: usize = 50;

/// Why a webhook was refused.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is none.
    #[error("no such webhook")]
    NotFound,
    /// The name is taken.
    #[error("name: a webhook of this name exists")]
    Exists,
    /// The URL may not be called.
    #[error("url: {0}")]
    Url(String),
    /// There is no such activity.
    #[error("events: {0:?} is none; there are {all} and *", all = ACTIVITIES.join(", "))]
    Events(String),
    /// There are enough.
    #[error("there are {MOST} webhooks already")]
    TooMany,
    /// Somebody else was faster.
    #[error("the webhook was changed by somebody else in this moment; look and try again")]
    Conflict,
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Store(doorward_store::Error),
}

impl From<doorward_store::Error> for WebhookError {
    fn from(e: doorward_store::Error) -> Self {
        if e.is_unique("webhook_name") { Self::Exists } else { Self::Store(e) }
    }
}

/// What a webhook is made of.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Its name.
    pub name: Name,
    /// Where it is called.
    pub url: String,
    /// Of what it is told; `*` for everything.
    pub events: Vec<String>,
}

fn check(http: &dyn HttpPost, url: &str, events: &[String]) -> Result<(), WebhookError> {
    if url.len() > 2048 {
        return Err(WebhookError::Url("longer than 2048 bytes".to_owned()));
    }
    http.check(url).map_err(WebhookError::Url)?;
    if events.is_empty() {
        return Err(WebhookError::Events(String::new()));
    }
    match events.iter().find(|e| *e != "*" && !ACTIVITIES.contains(&e.as_str())) {
        Some(unknown) => Err(WebhookError::Events(unknown.chars().take(80).collect())),
        None => Ok(()),
    }
}

impl Grants {
    fn webhook_record(&self, activity: &str, actor: &Actor, row: &WebhookRow) -> Event {
        Event::new(self.env(), Class::EntityManagement, activity, actor)
            .on(Entity::new("Webhook", row.id))
            .with("name", row.name.to_string())
            .with("url", row.url.clone())
    }

    /// Makes a webhook; gives the secret that its receiver verifies signatures
    /// with (`whsec_…`), which is shown this once.
    pub async fn create_webhook(
        &self,
        allowed: &Allowed<WriteSettings>,
        vault: &Vault,
        http: &dyn HttpPost,
        new: NewWebhook,
    ) -> Result<(WebhookRow, Secret<String>), WebhookError> {
        check(http, &new.url, &new.events)?;
        let value = self.env().secret();
        let id = WebhookId::new(self.env());
        let kept = HouseSecret::webhook(vault, id, &Secret::new(value.expose().to_vec()))?;
        let row = WebhookRow {
            id,
            name: new.name,
            url: new.url,
            events: new.events,
            secret: kept.id(),
            enabled: true,
            created_at: self.env().now(),
            version: 1,
        };
        let record =
            self.webhook_record("webhook.created", allowed.actor(), &row).by(allowed.policies());
        let made = row.clone();
        self.db()
            .write(move |c| {
                if rows::all(c)?.len() >= MOST {
                    return Err(WebhookError::TooMany);
                }
                kept.insert(c)?;
                rows::insert(c, &row)?;
                event::append(c, &record)?;
                Ok(())
            })
            .await?;
        Ok((made, Secret::new(format!("whsec_{}", STANDARD.encode(value.expose())))))
    }

    /// Changes where it is called, of what it is told, and whether. `version` is
    /// the one that was shown.
    pub async fn update_webhook(
        &self,
        allowed: &Allowed<WriteSettings>,
        http: &dyn HttpPost,
        row: WebhookRow,
    ) -> Result<WebhookRow, WebhookError> {
        check(http, &row.url, &row.events)?;
        let record = self
            .webhook_record("webhook.changed", allowed.actor(), &row)
            .by(allowed.policies())
            .with("enabled", row.enabled);
        self.db()
            .write(move |c| {
                rows::find(c, row.id)?.ok_or(WebhookError::NotFound)?;
                if !rows::update(c, &row)? {
                    return Err(WebhookError::Conflict);
                }
                event::append(c, &record)?;
                rows::find(c, row.id)?.ok_or(WebhookError::NotFound)
            })
            .await
    }

    /// Deletes it with its secret.
    pub async fn delete_webhook(
        &self,
        allowed: &Allowed<WriteSettings>,
        id: WebhookId,
    ) -> Result<(), WebhookError> {
        let (me, allowed) = (self.clone(), allowed.clone());
        self.db()
            .write(move |c| {
                let row = rows::find(c, id)?.ok_or(WebhookError::NotFound)?;
                rows::delete(c, id)?;
                secret_rows::delete(c, row.secret)?;
                let record = me.webhook_record("webhook.deleted", allowed.actor(), &row);
                event::append(c, &record.by(allowed.policies()))?;
                Ok(())
            })
            .await
    }

    /// All, by name.
    pub async fn webhooks(
        &self,
        _allowed: &Allowed<WriteSettings>,
    ) -> Result<Vec<WebhookRow>, WebhookError> {
        Ok(self.db().read(rows::all).await?)
    }
}
