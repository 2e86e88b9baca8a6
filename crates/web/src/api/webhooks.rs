//! Webhooks: who is told of what, elsewhere.

use doorward_core::{Name, WebhookId, WriteSettings};
use doorward_grants::NewWebhook;
use doorward_store::webhook::WebhookRow;

use super::prelude::*;

pub(super) async fn list(State(s): State<AppState>, caller: Caller) -> Answer<Listed<WebhookRow>> {
    page(s.grants.webhooks(&s.allow(&caller.actor, WriteSettings {})?).await?, None)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewWebhook")]
pub(super) struct Wanted {
    /// Its name.
    name: Name,
    /// Where it is called.
    url: String,
    /// Of which activities it is told; `*` for all.
    events: Vec<String>,
}

/// A webhook with the secret that its calls are signed with.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedWebhook")]
pub(super) struct NewWebhookShown {
    #[serde(flatten)]
    webhook: WebhookRow,
    /// The secret; it is shown this once.
    secret: String,
}

pub(super) async fn create(
    State(s): State<AppState>,
    caller: Caller,
    Body(wanted): Body<Wanted>,
) -> Answer<Created<NewWebhookShown>> {
    let allowed = s.allow(&caller.actor, WriteSettings {})?;
    let new = NewWebhook { name: wanted.name, url: wanted.url, events: wanted.events };
    let (row, secret) = s.grants.create_webhook(&allowed, &s.vault, &*s.http, new).await?;
    created(NewWebhookShown { webhook: row, secret: secret.expose().clone() })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WebhookChange")]
pub(super) struct Changed {
    /// Where it is called.
    #[serde(default)]
    url: Option<String>,
    /// Of which activities it is told; `*` for all.
    #[serde(default)]
    events: Option<Vec<String>>,
    /// Whether it is called.
    #[serde(default)]
    enabled: Option<bool>,
}

pub(super) async fn change(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<WebhookId>,
    Body(changed): Body<Changed>,
) -> Answer<Shown<WebhookRow>> {
    let allowed = s.allow(&caller.actor, WriteSettings {})?;
    let all = s.grants.webhooks(&allowed).await?;
    let mut row = all.into_iter().find(|w| w.id == id).ok_or_else(missing)?;
    row.url = changed.url.unwrap_or(row.url);
    row.events = changed.events.unwrap_or(row.events);
    row.enabled = changed.enabled.unwrap_or(row.enabled);
    answer(s.grants.update_webhook(&allowed, &*s.http, row).await?)
}

pub(super) async fn delete(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<WebhookId>,
) -> Answer<Nothing> {
    s.grants.delete_webhook(&s.allow(&caller.actor, WriteSettings {})?, id).await?;
    nothing()
}
