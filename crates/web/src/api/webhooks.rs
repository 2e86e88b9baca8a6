//! Webhooks: who is told of what, elsewhere.

use doorward_core::{Name, WebhookId, WriteSettings};
use doorward_grants::NewWebhook;

use super::prelude::*;

pub(super) async fn list(State(s): State<AppState>, caller: Caller) -> Answer {
    page(s.grants.webhooks(&s.allow(&caller.actor, WriteSettings {})?).await?, None)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    name: Name,
    url: String,
    events: Vec<String>,
}

pub(super) async fn create(
    State(s): State<AppState>,
    caller: Caller,
    Body(wanted): Body<Wanted>,
) -> Answer {
    let allowed = s.allow(&caller.actor, WriteSettings {})?;
    let new = NewWebhook { name: wanted.name, url: wanted.url, events: wanted.events };
    let (row, secret) = s.grants.create_webhook(&allowed, &s.vault, &*s.http, new).await?;
    created(with(row, [("secret", json!(secret.expose()))]))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changed {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    events: Option<Vec<String>>,
    #[serde(default)]
    enabled: Option<bool>,
}

pub(super) async fn change(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<WebhookId>,
    Body(changed): Body<Changed>,
) -> Answer {
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
) -> Answer {
    s.grants.delete_webhook(&s.allow(&caller.actor, WriteSettings {})?, id).await?;
    nothing()
}
