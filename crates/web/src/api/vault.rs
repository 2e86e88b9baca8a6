//! Secrets and the seal.

use std::path::PathBuf;

use doorward_core::{
    Actor, CreateSecret, ListSecret, ManageSeal, Name, ReadSecret, ReadStatus, Secret, WriteSecret,
};
use doorward_store::order::Order;
use doorward_store::secret::{Filter, SecretSort};
use doorward_vault::secrets::{Kind, SecretInfo, VersionInfo};
use doorward_vault::{NewSeal, Status, secrets};

use super::prelude::*;

fn name(text: &str) -> Result<Name, Problem> {
    Name::parse(text).map_err(|e| invalid("name", e.to_string()))
}

listing! {
    /// Which secrets.
    SecretQuery sorted by SecretSort, Order::up(SecretSort::Name);
    {
        /// Part of the name or the description.
        q: String,
        /// What they are.
        kind: Kind,
    }
}

pub(super) async fn list(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<SecretQuery>,
) -> Answer<Listed<SecretInfo>> {
    let allowed = s.allow(&caller.actor, ListSecret {})?;
    let filter = Filter { q: q.q.clone(), kind: q.kind.map(|k| k.name().to_owned()) };
    Ok(secrets::list(&s.vault, &allowed, &s.cursors, filter, &q.page()).await?.into())
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewSecret")]
pub(super) struct Written {
    /// What it is; opaque when absent. Only of a new secret.
    #[serde(default)]
    kind: Option<Kind>,
    /// What people read. Only of a new secret.
    #[serde(default)]
    description: String,
    /// The value.
    value: Secret<String>,
}

/// A secret with its value.
#[derive(Serialize, JsonSchema)]
pub(super) struct SecretValue {
    #[serde(flatten)]
    info: SecretInfo,
    /// The value.
    value: String,
}

/// A new secret, or a new version of one.
pub(super) async fn write(
    State(s): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
    Body(written): Body<Written>,
) -> Answer<Kept<SecretInfo>> {
    let called = name(&text)?;
    let value = Secret::new(written.value.expose().clone().into_bytes());
    match secrets::resolve(&s.vault, &called).await {
        Ok(secret) => {
            let allowed = s.allow(&caller.actor, WriteSecret { secret })?;
            Ok(Kept::Changed(secrets::put_version(&s.vault, &allowed, &value).await?))
        }
        Err(secrets::SecretError::NotFound) => {
            let allowed = s.allow(&caller.actor, CreateSecret {})?;
            let kind = written.kind.unwrap_or(Kind::Opaque);
            let new =
                secrets::NewSecret { name: called, kind, description: written.description, value };
            Ok(Kept::Made(secrets::create(&s.vault, &allowed, new).await?))
        }
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn show(
    State(s): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
) -> Answer<Shown<SecretInfo>> {
    let allowed = s.allow(&caller.actor, ListSecret {})?;
    let secret = secrets::resolve(&s.vault, &name(&text)?).await?;
    answer(secrets::find(&s.vault, &allowed, secret).await?)
}

pub(super) async fn read(
    State(s): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
) -> Answer<Shown<SecretValue>> {
    let secret = secrets::resolve(&s.vault, &name(&text)?).await?;
    let allowed = s.allow(&caller.actor, ReadSecret { secret })?;
    let (info, value) = secrets::read(&s.vault, &allowed, None).await?;
    let text = String::from_utf8(value.expose().clone())
        .map_err(|_| Problem::internal("a secret is no text"))?;
    answer(SecretValue { info, value: text })
}

pub(super) async fn versions(
    State(s): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
) -> Answer<Listed<VersionInfo>> {
    let allowed = s.allow(&caller.actor, ListSecret {})?;
    let secret = secrets::resolve(&s.vault, &name(&text)?).await?;
    page(secrets::history(&s.vault, &allowed, secret).await?, None)
}

pub(super) async fn delete(
    State(s): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
) -> Answer<Nothing> {
    let secret = secrets::resolve(&s.vault, &name(&text)?).await?;
    secrets::delete(&s.vault, &s.allow(&caller.actor, WriteSecret { secret })?).await?;
    nothing()
}

pub(super) async fn seal_status(
    State(s): State<AppState>,
    caller: Caller,
) -> Answer<Shown<Status>> {
    s.allow(&caller.actor, ReadStatus {})?;
    answer(s.vault.status().await?)
}

pub(super) async fn seal(State(s): State<AppState>, caller: Caller) -> Answer<Shown<Status>> {
    answer(s.vault.seal(&s.allow(&caller.actor, ManageSeal {})?).await?)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "UnsealInput")]
pub(super) struct Input {
    /// The passphrase, or a share.
    input: Secret<String>,
}

/// Public: a sealed house cannot check who somebody is. What it accepts is the
/// passphrase or the shares themselves.
pub(super) async fn unseal(
    State(s): State<AppState>,
    Peer(network, ..): Peer,
    Body(given): Body<Input>,
) -> Answer<Shown<Status>> {
    answer(s.vault.unseal(&Actor::nobody(network), &given.input).await?)
}

pub(super) async fn reset_unseal(
    State(s): State<AppState>,
    caller: Caller,
) -> Answer<Shown<Status>> {
    answer(s.vault.reset_unseal(&s.allow(&caller.actor, ManageSeal {})?).await?)
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Rekey {
    /// In a file that opens it at start.
    Keyfile {},
    /// Under a passphrase.
    Passphrase {
        /// The new passphrase.
        passphrase: Secret<String>,
    },
    /// Under shares that several people keep.
    Shamir {
        /// How many shares to make.
        shares: u8,
        /// How many of them open it.
        threshold: u8,
    },
}

/// The root key is kept under something else.
#[derive(Serialize, JsonSchema)]
pub(super) struct Rekeyed {
    /// It is.
    #[schemars(extend("const" = true))]
    rekeyed: bool,
    /// The shares; they are shown this once.
    shares: Option<Vec<String>>,
    /// A key file that no longer opens this database, only older backups.
    unused_key_file: Option<PathBuf>,
}

pub(super) async fn rekey(
    State(s): State<AppState>,
    caller: Caller,
    Body(wanted): Body<Rekey>,
) -> Answer<Shown<Rekeyed>> {
    let allowed = s.allow(&caller.actor, ManageSeal {})?;
    let new = match wanted {
        Rekey::Keyfile {} => NewSeal::KeyFile,
        Rekey::Passphrase { passphrase } => NewSeal::Passphrase(passphrase),
        Rekey::Shamir { shares, threshold } => NewSeal::Shares { threshold, shares },
    };
    let done = s.vault.rekey(&allowed, new).await?;
    let shares: Vec<String> = done.shares.iter().map(|s| s.expose().clone()).collect();
    answer(Rekeyed {
        rekeyed: true,
        shares: Some(shares).filter(|s| !s.is_empty()),
        unused_key_file: done.unused_key_file,
    })
}
