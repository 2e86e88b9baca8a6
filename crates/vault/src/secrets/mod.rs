//! Secrets with versions: what people and machines keep in the vault.
//!
//! A value is handed out only after the event that says so is durable.

mod generate;
mod kind;

use doorward_core::{
    Allowed, Class, CreateSecret, Entity, Event, ListSecret, Name, ReadSecret, Secret, SecretId,
    Timestamp, WebhookId, WriteSecret,
};
use doorward_store::cursor::Cursors;
use doorward_store::order::Wanted;
use doorward_store::secret::{self as rows, SecretRow, VersionRow};
use doorward_store::{Conn, Page, change, event};
use serde::Serialize;

pub use generate::{PasswordError, PasswordRule, generate_password};
pub use kind::{Kind, ValueError};

use crate::envelope::Aad;
use crate::error::VaultError;
use crate::ring::Purpose;
use crate::vault::Vault;

/// The longest value.
pub const LONGEST: usize = 64 * 1024;
const DESCRIPTION: usize = 500;
/// Names that the house keeps for itself: credentials of accounts, signing
/// secrets of webhooks.
const RESERVED: [&str; 2] = ["account.", WEBHOOK];
const WEBHOOK: &str = "webhook.";

/// Why something with a secret was refused.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// There is none.
    #[error("no such secret")]
    NotFound,
    /// The name is taken.
    #[error("a secret of this name exists; put a new version instead")]
    Exists,
    /// The name belongs to the house.
    #[error("names that begin with account. or webhook. belong to doorward itself")]
    Reserved,
    /// The value is not one of its kind.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// Too much to say.
    #[error("the description is longer than {DESCRIPTION} characters")]
    Description,
    /// The version has no value any more, or has none yet.
    #[error("version {0} does not exist or was destroyed")]
    NoVersion(i64),
    /// Somebody else was faster.
    #[error("the secret was changed by somebody else in this moment; look and try again")]
    Conflict,
    /// It is the credential of an account.
    #[error("this is the credential of an account: it is injected, never shown")]
    Injected,
    /// Anything else.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<doorward_store::Error> for SecretError {
    fn from(e: doorward_store::Error) -> Self {
        if e.is_unique("secret_name") { Self::Exists } else { Self::Vault(e.into()) }
    }
}

/// A secret as it may be shown: without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct SecretInfo {
    /// Its id.
    pub id: SecretId,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// What people read.
    pub description: String,
    /// The number of its live version; 0 when it was destroyed.
    pub current: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One version as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "SecretVersion")]
pub struct VersionInfo {
    /// 1, 2, 3, …
    pub number: i64,
    /// `pending`, `live`, `retired` or `destroyed`.
    #[schemars(extend("enum" = ["pending", "live", "retired", "destroyed"]))]
    pub state: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a new secret is made of.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// Its canonical name.
    pub name: Name,
    /// Its kind.
    pub kind: Kind,
    /// What people read.
    pub description: String,
    /// Its first value.
    pub value: Secret<Vec<u8>>,
}

fn info(row: SecretRow) -> Result<SecretInfo, SecretError> {
    Ok(SecretInfo {
        id: row.id,
        name: row.name,
        kind: row.kind.parse()?,
        description: row.description,
        current: row.current,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

pub(crate) fn place(id: SecretId, number: i64) -> Aad {
    Aad::new("secret_version", id, "sealed", number)
}

/// A sealed version, as a row.
pub(crate) fn sealed_version(
    vault: &Vault,
    id: SecretId,
    number: i64,
    state: &str,
    value: &[u8],
) -> Result<VersionRow, VaultError> {
    Ok(VersionRow {
        secret: id,
        number,
        state: state.to_owned(),
        sealed: vault.encrypt(Purpose::Secrets, &place(id, number), value)?,
        created_at: vault.env().now(),
    })
}

fn reserved(name: &str) -> bool {
    RESERVED.iter().any(|p| name.starts_with(p))
}

fn about(id: SecretId) -> Entity {
    Entity::new("Secret", id)
}

/// Which secret has this name, to ask for permission on it. Those of the house
/// itself are not found.
pub async fn resolve(vault: &Vault, name: &Name) -> Result<SecretId, SecretError> {
    if reserved(name.as_str()) {
        return Err(SecretError::NotFound);
    }
    let name = name.clone();
    let found = vault.db().read(move |c| rows::by_name(c, name.as_str())).await?;
    found.map(|row| row.id).ok_or(SecretError::NotFound)
}

/// Makes a secret with its first version.
pub async fn create(
    vault: &Vault,
    allowed: &Allowed<CreateSecret>,
    new: NewSecret,
) -> Result<SecretInfo, SecretError> {
    if reserved(new.name.as_str()) {
        return Err(SecretError::Reserved);
    }
    if new.description.chars().count() > DESCRIPTION {
        return Err(SecretError::Description);
    }
    new.kind.check(new.value.expose())?;
    let env = vault.env();
    let now = env.now();
    let row = SecretRow {
        id: SecretId::new(env),
        name: new.name.to_string(),
        kind: new.kind.name().to_owned(),
        description: new.description,
        current: 1,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let version = sealed_version(vault, row.id, 1, "live", new.value.expose())?;
    let record = Event::new(env, Class::EntityManagement, "secret.created", allowed.actor())
        .on(about(row.id))
        .by(allowed.policies())
        .with("name", row.name.clone())
        .with("kind", row.kind.clone());
    let made = row.clone();
    vault
        .db()
        .write(move |c| {
            rows::insert(c, &row)?;
            rows::insert_version(c, &version)?;
            recorded(c, &record, row.id, now)
        })
        .await?;
    info(made)
}

fn recorded(c: &Conn<'_>, record: &Event, id: SecretId, now: Timestamp) -> Result<(), SecretError> {
    event::append(c, record)?;
    change::bump(c, "secret", id, now)?;
    Ok(())
}

/// Reads a value: that of the live version, or of the one asked for. It is
/// handed out after the event is durable.
pub async fn read(
    vault: &Vault,
    allowed: &Allowed<ReadSecret>,
    number: Option<i64>,
) -> Result<(SecretInfo, Secret<Vec<u8>>), SecretError> {
    vault.keys()?;
    let id = allowed.act().secret;
    let record = Event::new(vault.env(), Class::ApiActivity, "secret.read", allowed.actor())
        .on(about(id))
        .by(allowed.policies());
    let (row, version) = vault
        .db()
        .write(move |c| {
            let row = rows::find(c, id)?.ok_or(SecretError::NotFound)?;
            if reserved(&row.name) {
                return Err(SecretError::Injected);
            }
            let number = number.unwrap_or(row.current);
            let version = rows::version(c, id, number)?
                .filter(|v| v.state == "live" || v.state == "retired")
                .ok_or(SecretError::NoVersion(number))?;
            let record = record.clone().with("name", row.name.clone()).with("version", number);
            event::append(c, &record)?;
            Ok((row, version))
        })
        .await?;
    let place = place(id, version.number);
    let value = vault.decrypt(Purpose::Secrets, &place, &version.sealed).await?;
    Ok((info(row)?, value))
}

/// Gives it a new version, which is the live one from now on.
pub async fn put_version(
    vault: &Vault,
    allowed: &Allowed<WriteSecret>,
    value: &Secret<Vec<u8>>,
) -> Result<SecretInfo, SecretError> {
    let id = allowed.act().secret;
    let (row, newest) = vault
        .db()
        .read(move |c| {
            let row = rows::find(c, id)?.ok_or(SecretError::NotFound)?;
            Ok::<_, SecretError>((row, rows::newest(c, id)?))
        })
        .await?;
    if reserved(&row.name) {
        return Err(SecretError::Injected);
    }
    let kind: Kind = row.kind.parse()?;
    kind.check(value.expose())?;
    let number = newest + 1;
    let version = sealed_version(vault, id, number, "live", value.expose())?;
    let now = vault.env().now();
    let record =
        Event::new(vault.env(), Class::EntityManagement, "secret.changed", allowed.actor())
            .on(about(id))
            .by(allowed.policies())
            .with("name", row.name.clone())
            .with("version", number);
    let mut shown = info(row.clone())?;
    (shown.current, shown.updated_at) = (number, now);
    vault
        .db()
        .write(move |c| {
            if !rows::update(c, id, row.version, number, &row.description, now)? {
                return Err(SecretError::Conflict);
            }
            rows::move_version(c, id, row.current, "live", "retired")?;
            rows::insert_version(c, &version)?;
            recorded(c, &record, id, now)
        })
        .await?;
    Ok(shown)
}

/// A page of secrets; never their values.
pub async fn list(
    vault: &Vault,
    _allowed: &Allowed<ListSecret>,
    cursors: &Cursors,
    filter: rows::Filter,
    page: &Wanted<rows::SecretSort>,
) -> Result<Page<SecretInfo>, SecretError> {
    let read = move |c: &Conn<'_>, at: &_| rows::search(c, &filter, at);
    let found = cursors.sorted(vault.db(), "secrets", page, read).await?;
    let items: Result<_, _> = found.items.into_iter().map(info).collect();
    Ok(Page { items: items?, next: found.next })
}

/// One secret, without its value.
pub async fn find(
    vault: &Vault,
    _allowed: &Allowed<ListSecret>,
    id: SecretId,
) -> Result<SecretInfo, SecretError> {
    let found = vault.db().read(move |c| rows::find(c, id)).await?;
    info(found.filter(|row| !reserved(&row.name)).ok_or(SecretError::NotFound)?)
}

/// Its versions, newest first; never their values.
pub async fn history(
    vault: &Vault,
    _allowed: &Allowed<ListSecret>,
    id: SecretId,
) -> Result<Vec<VersionInfo>, SecretError> {
    let found = vault
        .db()
        .read(move |c| {
            let row = rows::find(c, id)?.filter(|row| !reserved(&row.name));
            row.ok_or(SecretError::NotFound)?;
            Ok::<_, SecretError>(rows::versions(c, id)?)
        })
        .await?;
    let shown =
        |v: VersionRow| VersionInfo { number: v.number, state: v.state, created_at: v.created_at };
    Ok(found.into_iter().map(shown).collect())
}

/// Overwrites the value of one version for ever.
pub async fn destroy(
    vault: &Vault,
    allowed: &Allowed<WriteSecret>,
    number: i64,
) -> Result<(), SecretError> {
    let id = allowed.act().secret;
    let now = vault.env().now();
    let record = Event::new(
        vault.env(),
        Class::EntityManagement,
        "secret.version-destroyed",
        allowed.actor(),
    )
    .on(about(id))
    .by(allowed.policies())
    .with("version", number);
    vault
        .db()
        .write(move |c| {
            let row = rows::find(c, id)?.ok_or(SecretError::NotFound)?;
            if reserved(&row.name) {
                return Err(SecretError::Injected);
            }
            if !rows::destroy_version(c, id, number)? {
                return Err(SecretError::NoVersion(number));
            }
            let current = if row.current == number { 0 } else { row.current };
            if !rows::update(c, id, row.version, current, &row.description, now)? {
                return Err(SecretError::Conflict);
            }
            recorded(c, &record.clone().with("name", row.name), id, now)
        })
        .await
}

/// Deletes it with all its versions.
pub async fn delete(vault: &Vault, allowed: &Allowed<WriteSecret>) -> Result<(), SecretError> {
    let id = allowed.act().secret;
    let now = vault.env().now();
    let record =
        Event::new(vault.env(), Class::EntityManagement, "secret.deleted", allowed.actor())
            .on(about(id))
            .by(allowed.policies());
    vault
        .db()
        .write(move |c| {
            let row = rows::find(c, id)?.ok_or(SecretError::NotFound)?;
            if reserved(&row.name) {
                return Err(SecretError::Injected);
            }
            rows::delete(c, id)?;
            recorded(c, &record.clone().with("name", row.name), id, now)
        })
        .await
}

/// A secret of the house itself, such as the signing secret of a webhook, made
/// in the transaction of what needs it.
pub struct HouseSecret {
    row: SecretRow,
    version: VersionRow,
}

impl HouseSecret {
    /// Seals the signing secret of a webhook.
    pub fn webhook(
        vault: &Vault,
        webhook: WebhookId,
        value: &Secret<Vec<u8>>,
    ) -> Result<Self, VaultError> {
        let now = vault.env().now();
        let id = SecretId::new(vault.env());
        let row = SecretRow {
            id,
            name: format!("{WEBHOOK}{webhook}"),
            kind: Kind::Opaque.name().to_owned(),
            description: String::new(),
            current: 1,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let version = sealed_version(vault, id, 1, "live", value.expose())?;
        Ok(Self { row, version })
    }

    /// Its id.
    pub fn id(&self) -> SecretId {
        self.row.id
    }

    /// Writes it.
    pub fn insert(&self, c: &Conn<'_>) -> Result<(), doorward_store::Error> {
        rows::insert(c, &self.row)?;
        rows::insert_version(c, &self.version)
    }

    /// Its value, for the code of the house that uses it and shows it to nobody.
    pub async fn value(vault: &Vault, id: SecretId) -> Result<Secret<Vec<u8>>, SecretError> {
        let version = vault
            .db()
            .read(move |c| {
                // Credentials of accounts have a way of their own.
                let row = rows::find(c, id)?.filter(|row| row.name.starts_with(WEBHOOK));
                let row = row.ok_or(SecretError::NotFound)?;
                rows::version(c, id, row.current)?.ok_or(SecretError::NoVersion(row.current))
            })
            .await?;
        Ok(vault.decrypt(Purpose::Secrets, &place(id, version.number), &version.sealed).await?)
    }
}
