//! Secrets and the seal.

use doorward_core::{
    Actor, CreateSecret, ListSecret, ManageSeal, Name, ReadSecret, ReadStatus, Secret, WriteSecret,
};
use doorward_vault::{NewSeal, secrets};

use super::prelude::*;

fn name(text: &str) -> Result<Name, Problem> {
    Name::parse(text).map_err(|e| invalid("name", e.to_string()))
}

pub(super) async fn list(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ListQuery>,
) -> Answer {
    const LIST: &str = "secrets";
    let allowed = s.allow(&caller.actor, ListSecret {})?;
    let after: Option<String> =
        q.cursor.as_deref().map(|c| s.cursors.unseal(LIST, c)).transpose()?;
    let found = secrets::list(&s.vault, &allowed, after, q.most() + 1).await?;
    answer(s.cursors.page(LIST, q.most(), found, |i| i.name.clone())?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    description: String,
    value: Secret<String>,
}

/// A new secret, or a new version of one.
pub(super) async fn write(
    State(s): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
    Body(written): Body<Written>,
) -> Answer {
    let called = name(&text)?;
    let value = Secret::new(written.value.expose().clone().into_bytes());
    match secrets::resolve(&s.vault, &called).await {
        Ok(secret) => {
            let allowed = s.allow(&caller.actor, WriteSecret { secret })?;
            answer(secrets::put_version(&s.vault, &allowed, &value).await?)
        }
        Err(secrets::SecretError::NotFound) => {
            let allowed = s.allow(&caller.actor, CreateSecret {})?;
            let kind = written.kind.as_deref().unwrap_or("opaque");
            let kind =
                kind.parse().map_err(|_| invalid("kind", "use opaque, password or ssh-key"))?;
            let new =
                secrets::NewSecret { name: called, kind, description: written.description, value };
            created(secrets::create(&s.vault, &allowed, new).await?)
        }
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn read(
    State(s): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
) -> Answer {
    let secret = secrets::resolve(&s.vault, &name(&text)?).await?;
    let allowed = s.allow(&caller.actor, ReadSecret { secret })?;
    let (info, value) = secrets::read(&s.vault, &allowed, None).await?;
    let text = String::from_utf8(value.expose().clone())
        .map_err(|_| Problem::internal("a secret is no text"))?;
    answer(with(info, [("value", json!(text))]))
}

pub(super) async fn versions(
    State(s): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
) -> Answer {
    let allowed = s.allow(&caller.actor, ListSecret {})?;
    let secret = secrets::resolve(&s.vault, &name(&text)?).await?;
    page(secrets::history(&s.vault, &allowed, secret).await?, None)
}

pub(super) async fn delete(
    State(s): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
) -> Answer {
    let secret = secrets::resolve(&s.vault, &name(&text)?).await?;
    secrets::delete(&s.vault, &s.allow(&caller.actor, WriteSecret { secret })?).await?;
    nothing()
}

pub(super) async fn seal_status(State(s): State<AppState>, caller: Caller) -> Answer {
    s.allow(&caller.actor, ReadStatus {})?;
    answer(s.vault.status().await?)
}

pub(super) async fn seal(State(s): State<AppState>, caller: Caller) -> Answer {
    answer(s.vault.seal(&s.allow(&caller.actor, ManageSeal {})?).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    input: Secret<String>,
}

/// Public: a sealed house cannot check who somebody is. What it accepts is the
/// passphrase or the shares themselves.
pub(super) async fn unseal(
    State(s): State<AppState>,
    Peer(network, _): Peer,
    Body(given): Body<Input>,
) -> Answer {
    answer(s.vault.unseal(&Actor::nobody(network), &given.input).await?)
}

pub(super) async fn reset_unseal(State(s): State<AppState>, caller: Caller) -> Answer {
    answer(s.vault.reset_unseal(&s.allow(&caller.actor, ManageSeal {})?).await?)
}

#[derive(Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Rekey {
    Keyfile {},
    Passphrase { passphrase: Secret<String> },
    Shamir { shares: u8, threshold: u8 },
}

pub(super) async fn rekey(
    State(s): State<AppState>,
    caller: Caller,
    Body(wanted): Body<Rekey>,
) -> Answer {
    let allowed = s.allow(&caller.actor, ManageSeal {})?;
    let new = match wanted {
        Rekey::Keyfile {} => NewSeal::KeyFile,
        Rekey::Passphrase { passphrase } => NewSeal::Passphrase(passphrase),
        Rekey::Shamir { shares, threshold } => NewSeal::Shares { threshold, shares },
    };
    let done = s.vault.rekey(&allowed, new).await?;
    let shares: Vec<&String> = done.shares.iter().map(Secret::expose).collect();
    answer(json!({
        "rekeyed": true,
        "shares": if shares.is_empty() { Value::Null } else { json!(shares) },
        "unused_key_file": done.unused_key_file,
    }))
}
