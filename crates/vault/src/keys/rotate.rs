//! New keys in the place of old ones.

use std::time::Duration;

use doorward_core::{Actor, Allowed, Class, Entity, Event, KeyId, ManageSeal};
use doorward_store::signing_key::SigningKeyRow;
use doorward_store::{change, event, ring_key, signing_key};

use super::algorithm::{self, Algorithm};
use super::{active, place};
use crate::error::VaultError;
use crate::ring::{self, Purpose};
use crate::vault::Vault;

/// How long a key is known before it signs.
const EARLY: Duration = Duration::from_secs(24 * 3600);
/// How long a key is known after it signed: longer than any token lives.
const LATE: Duration = Duration::from_secs(24 * 3600);

/// When a new key takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// After a day in which everybody can learn of it.
    Published,
    /// Now, and the old ones are no longer published: they leaked.
    Now,
}

/// Makes the first key of the purpose, which signs at once, unless there is one.
pub async fn ensure(vault: &Vault, purpose: &str, algorithm: Algorithm) -> Result<(), VaultError> {
    if active(vault, purpose).is_ok() {
        return Ok(());
    }
    let row = fresh(vault, purpose, algorithm).await?;
    let record = Event::new(
        vault.env(),
        Class::ApplicationLifecycle,
        "signing-key.created",
        &Actor::system("first signing key"),
    )
    .on(Entity::new("House", "doorward"))
    .with("purpose", purpose)
    .with("kid", row.id.to_string());
    let now = vault.env().now();
    vault
        .db()
        .write(move |c| {
            // Of several nodes that start at once, one makes it.
            if signing_key::standing(c, &row.purpose)? == 0 {
                signing_key::insert(c, &row)?;
                event::append(c, &record)?;
                change::bump(c, "seal", "keys", now)?;
            }
            Ok::<_, doorward_store::Error>(())
        })
        .await?;
    vault.reload().await
}

/// Replaces the key of the purpose by one of the same algorithm.
pub async fn rotate(
    vault: &Vault,
    allowed: &Allowed<ManageSeal>,
    purpose: &str,
    when: When,
) -> Result<KeyId, VaultError> {
    renew(vault, allowed.actor(), allowed.policies(), purpose, when).await
}

/// Replaces the key of the purpose when it is older than `age` and nothing has
/// replaced it yet. To be called now and then by one node.
pub async fn rotate_due(vault: &Vault, purpose: &str, age: Duration) -> Result<(), VaultError> {
    let now = vault.env().now();
    let newest = super::all(vault, purpose)?.into_iter().next_back();
    match newest {
        Some(key) if now.since(key.activates_at) + EARLY >= age => {
            renew(vault, &Actor::system("regular rotation"), &[], purpose, When::Published).await?;
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn renew(
    vault: &Vault,
    actor: &Actor,
    policies: &[String],
    purpose: &str,
    when: When,
) -> Result<KeyId, VaultError> {
    let old = active(vault, purpose)?;
    let mut row = fresh(vault, purpose, old.algorithm).await?;
    let now = vault.env().now();
    let retire_others = match when {
        When::Now => now,
        When::Published => {
            row.activates_at = now + EARLY;
            row.activates_at + LATE
        }
    };
    let id = row.id;
    let record = Event::new(vault.env(), Class::ApplicationLifecycle, "signing-key.rotated", actor)
        .on(Entity::new("House", "doorward"))
        .by(policies)
        .with("purpose", purpose)
        .with("kid", id.to_string())
        .with("activates_at", row.activates_at.to_string())
        .with("old_published_until", retire_others.to_string());
    vault
        .db()
        .write(move |c| {
            signing_key::retire_others(c, &row.purpose, row.id, retire_others)?;
            signing_key::insert(c, &row)?;
            event::append(c, &record)?;
            change::bump(c, "seal", "keys", now)
        })
        .await?;
    vault.reload().await?;
    Ok(id)
}

/// A new key that signs at once.
async fn fresh(
    vault: &Vault,
    purpose: &str,
    algorithm: Algorithm,
) -> Result<SigningKeyRow, VaultError> {
    let env = vault.env().clone();
    // RSA takes its time.
    let made = tokio::task::spawn_blocking(move || algorithm::generate(&env, algorithm)).await;
    let (public, private) = made.map_err(|_| VaultError::Crypto)??;
    let id = KeyId::new(vault.env());
    let now = vault.env().now();
    Ok(SigningKeyRow {
        id,
        purpose: purpose.to_owned(),
        algorithm: algorithm.name().to_owned(),
        public,
        sealed: vault.encrypt(Purpose::Signing, &place(id), private.expose())?,
        created_at: now,
        activates_at: now,
        retires_at: None,
    })
}

/// Puts a new key at the head of the ring of the purpose; older records keep the
/// one that they were sealed under.
pub async fn rotate_ring(
    vault: &Vault,
    allowed: &Allowed<ManageSeal>,
    purpose: Purpose,
) -> Result<(), VaultError> {
    let keys = vault.keys()?;
    let row = ring::new_row(vault.env(), keys.root(), purpose)?;
    let record =
        Event::new(vault.env(), Class::ApplicationLifecycle, "key-ring.rotated", allowed.actor())
            .on(Entity::new("House", "doorward"))
            .by(allowed.policies())
            .with("purpose", purpose.name())
            .with("key", row.id.to_string());
    let now = vault.env().now();
    vault
        .db()
        .write(move |c| {
            ring_key::rotate(c, &row)?;
            event::append(c, &record)?;
            change::bump(c, "seal", "ring", now)
        })
        .await?;
    vault.reload().await
}
