//! The vault itself: open or sealed, and what it does while it is open.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use async_trait::async_trait;
use aws_lc_rs::hmac;
use doorward_core::{Actor, Env, KeyId, Secret, Timestamp};
use doorward_store::genuine::{self, Adopt, GENERATION};
use doorward_store::{Backend, ChangeListener, Db, change, ring_key, seal as rows, signing_key};
use tokio::sync::Notify;

use crate::envelope::{self, Aad, Key, Tampered};
use crate::error::VaultError;
use crate::keys::Loaded;
use crate::ring::{self, Keys, Purpose};
use crate::rotation::Rotator;
use crate::seal::{Cost, KeyFile, Method, Opened, Params, Progress, open_root, seal_root};

/// Where the key file is, and what a passphrase costs.
#[derive(Clone, Debug)]
pub struct SealConfig {
    /// The key file; it may be outside the data directory.
    pub key_file: PathBuf,
    /// The cost of a new passphrase.
    pub cost: Cost,
}

impl SealConfig {
    /// With this key file and the usual cost.
    pub fn new(key_file: impl Into<PathBuf>) -> Self {
        Self { key_file: key_file.into(), cost: Cost::default() }
    }
}

/// Where the seal stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "SealStatus")]
pub struct Status {
    /// Whether no key is in memory.
    pub sealed: bool,
    /// What opens it.
    pub method: Method,
    /// Shares: how many are needed.
    pub threshold: Option<u8>,
    /// Shares: how many there are.
    pub shares: Option<u8>,
    /// Shares: how many right ones were given so far.
    pub given: u8,
    /// When it was last rekeyed.
    pub changed_at: Timestamp,
}

/// A key for something that is sealed elsewhere, such as a recording.
#[derive(Clone, Debug)]
pub struct DataKey {
    /// The key of the ring that wraps it.
    pub ring_key: KeyId,
    /// Itself, wrapped, to be kept beside what it seals.
    pub wrapped: Vec<u8>,
    /// Itself.
    pub key: Secret<[u8; 32]>,
}

/// A handle to the vault; cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    db: Db,
    env: Env,
    key_file: KeyFile,
    cost: Cost,
    keys: RwLock<Option<Arc<Keys>>>,
    progress: tokio::sync::Mutex<Progress>,
    /// One reading of the keys at a time, so that an older one never replaces a
    /// newer one.
    reading: tokio::sync::Mutex<()>,
    rotators: RwLock<HashMap<String, Arc<dyn Rotator>>>,
    /// Tells the follower that other nodes changed something.
    moved: Arc<Notify>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The follower finds nobody and ends.
        self.moved.notify_one();
    }
}

impl Vault {
    /// Opens the vault of this database; a fresh one gets a root key under a new
    /// key file. With a key file it is open from then on, else sealed. A key file
    /// that others may read is refused.
    pub async fn open(db: &Db, env: &Env, config: SealConfig) -> Result<Self, VaultError> {
        let vault = Self(Arc::new(Inner {
            db: db.clone(),
            env: env.clone(),
            key_file: KeyFile::new(config.key_file),
            cost: config.cost,
            keys: RwLock::default(),
            progress: tokio::sync::Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            rotators: RwLock::default(),
            moved: Arc::default(),
        }));
        let row = match db.read(rows::find).await? {
            Some(row) => row,
            None => vault.found().await?,
        };
        let params: Params = serde_json::from_value(row.params).map_err(|_| Tampered)?;
        if params.method() == Method::KeyFile {
            let keys = vault.0.key_file.candidates()?;
            let opened = keys.iter().find_map(|key| open_root(&params, key, &row.wrapped).ok());
            match opened {
                Some(opened) => {
                    // A rekey may have been cut short between database and file.
                    vault.0.key_file.promote(&opened.kek)?;
                    vault.load(opened, &params, row.version, None).await?;
                }
                None => tracing::error!(
                    path = %vault.0.key_file.path().display(),
                    "the vault stays sealed: the key file is missing, or is not the one of this database"
                ),
            }
        }
        if db.backend() == Backend::Postgres {
            vault.follow().await?;
        }
        Ok(vault)
    }

    /// Makes the root key and its seal. Of several nodes that start at once, one
    /// wins.
    async fn found(&self) -> Result<rows::SealRow, VaultError> {
        let env = &self.0.env;
        let file = &self.0.key_file;
        let kek = match file.candidates()?.into_iter().next() {
            Some(key) => key,
            None => {
                let key = env.secret();
                file.write(&key)?;
                key
            }
        };
        let params = Params::KeyFile;
        let root = env.secret();
        let wrapped = seal_root(env, &params, &kek, &root)?;
        let row_key = ring::new_row(env, &root, Purpose::Rows)?;
        let keys = crate::rows::first(&root, &row_key)?;
        let text = serde_json::to_value(&params).map_err(|_| VaultError::Crypto)?;
        let now = env.now();
        let method = params.method().name();
        // A database that has rows and no seal is not new: whoever took the seal away
        // would have them signed.
        let new_anyway = self.0.db.is_vaultless();
        self.0
            .db
            .write(move |c| {
                if rows::find(c)?.is_some() {
                    return Ok(());
                }
                if !new_anyway && genuine::is_lived_in(c)? {
                    return Err(VaultError::SealGone);
                }
                rows::insert(c, method, &text, &wrapped, now)?;
                ring_key::insert_first(c, &row_key)?;
                genuine::adopt(c, &keys, Adopt::Since(0))?;
                Ok(())
            })
            .await?;
        self.0.db.read(rows::find).await?.ok_or(VaultError::Sealed)
    }

    /// Puts the keys into memory. Recorded before it is so, when somebody did it.
    pub(crate) async fn load(
        &self,
        opened: Opened,
        params: &Params,
        version: i64,
        by: Option<&Actor>,
    ) -> Result<(), VaultError> {
        if opened.rows_signed < GENERATION {
            self.adopt(&opened, params, version).await?;
        }
        let env = &self.0.env;
        let root = opened.root;
        let mut fresh = Vec::new();
        // The row key came with the mark that rows are signed, or it was taken away.
        for purpose in Purpose::ALL.into_iter().filter(|p| *p != Purpose::Rows) {
            fresh.push(ring::new_row(env, &root, purpose)?);
        }
        let have = self.0.db.read(ring_key::all).await?;
        fresh.retain(|f| !have.iter().any(|h| h.live && h.purpose == f.purpose));
        if !fresh.is_empty() {
            self.0
                .db
                .write(move |c| {
                    fresh.iter().try_for_each(|f| ring_key::insert_first(c, f).map(drop))
                })
                .await?;
        }
        let keys = self.gather(root).await?;
        self.arm(&keys)?;
        if let Some(actor) = by {
            self.note(actor, "vault.unsealed", |e| e).await?;
            // What could not be told genuine until now is read again, here.
            let now = env.now();
            self.0.db.write(move |c| change::bump(c, "seal", change::UNSEALED, now)).await?;
        }
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keys));
        Ok(())
    }

    async fn gather(&self, root: Key) -> Result<Keys, VaultError> {
        let now = self.0.env.now();
        let (ring, signing) = self
            .0
            .db
            .read(move |c| {
                Ok::<_, doorward_store::Error>((ring_key::all(c)?, signing_key::published(c, now)?))
            })
            .await?;
        let mut keys = Keys::load(root, &ring)?;
        for row in signing {
            let loaded = Loaded::open(&keys, row)?;
            keys.signing.push(loaded);
        }
        Ok(keys)
    }

    /// Reads ring and signing keys again. Nothing when sealed.
    pub(crate) async fn reload(&self) -> Result<(), VaultError> {
        let _turn = self.0.reading.lock().await;
        let Ok(keys) = self.keys() else { return Ok(()) };
        let fresh = Arc::new(self.gather(keys.root().clone()).await?);
        self.arm(&fresh)?;
        let mut held = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        // Sealed in between: it stays so.
        if held.is_some() {
            *held = Some(fresh);
        }
        Ok(())
    }

    pub(crate) fn forget(&self) {
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) fn keys(&self) -> Result<Arc<Keys>, VaultError> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(VaultError::Sealed)
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }
    pub(crate) fn env(&self) -> &Env {
        &self.0.env
    }
    pub(crate) fn cost(&self) -> Cost {
        self.0.cost
    }
    pub(crate) fn key_file(&self) -> &KeyFile {
        &self.0.key_file
    }
    pub(crate) fn progress(&self) -> &tokio::sync::Mutex<Progress> {
        &self.0.progress
    }

    /// Registers what changes credentials on targets of this kind.
    pub fn register(&self, kind: &str, rotator: Arc<dyn Rotator>) {
        let mut held = self.0.rotators.write().unwrap_or_else(PoisonError::into_inner);
        held.insert(kind.to_owned(), rotator);
    }

    pub(crate) fn rotator(&self, kind: &str) -> Option<Arc<dyn Rotator>> {
        self.0.rotators.read().unwrap_or_else(PoisonError::into_inner).get(kind).cloned()
    }

    /// Whether no key is in memory.
    pub fn is_sealed(&self) -> bool {
        self.keys().is_err()
    }

    /// Where the seal stands.
    pub async fn status(&self) -> Result<Status, VaultError> {
        let given = self.0.progress.lock().await.given();
        self.status_with(given).await
    }

    pub(crate) async fn status_with(&self, given: u8) -> Result<Status, VaultError> {
        let row = self.0.db.read(rows::find).await?.ok_or(VaultError::Sealed)?;
        let params: Params = serde_json::from_value(row.params).map_err(|_| Tampered)?;
        let (threshold, shares) = match &params {
            Params::Shamir { threshold, checks, .. } => {
                (Some(*threshold), Some(u8::try_from(checks.len()).unwrap_or(u8::MAX)))
            }
            Params::KeyFile | Params::Passphrase { .. } => (None, None),
        };
        Ok(Status {
            sealed: self.is_sealed(),
            method: params.method(),
            threshold,
            shares,
            given,
            changed_at: row.updated_at,
        })
    }

    /// Seals a value for its place. The result describes itself.
    pub fn encrypt(
        &self,
        purpose: Purpose,
        aad: &Aad,
        value: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let keys = self.keys()?;
        let (id, key) = keys.live(purpose).ok_or(VaultError::UnknownKey)?;
        Ok(envelope::seal(&self.0.env, id, key, aad, value)?)
    }

    /// Opens a value in its place. Does not touch the database, unless another
    /// node has rotated the ring in this moment.
    pub async fn decrypt(
        &self,
        purpose: Purpose,
        aad: &Aad,
        sealed: &[u8],
    ) -> Result<Secret<Vec<u8>>, VaultError> {
        self.keys()?;
        let id = envelope::ring_key_of(sealed)?;
        let keys = self.holding(purpose, id).await?;
        let key = keys.key(purpose, id).ok_or(VaultError::UnknownKey)?;
        Ok(envelope::open(key, aad, sealed)?)
    }

    /// A fresh key for something that is sealed elsewhere.
    pub fn data_key(&self, purpose: Purpose, aad: &Aad) -> Result<DataKey, VaultError> {
        let keys = self.keys()?;
        let (ring_key, ring) = keys.live(purpose).ok_or(VaultError::UnknownKey)?;
        let (key, wrapped) = envelope::new_record_key(&self.0.env, ring, aad)?;
        Ok(DataKey { ring_key, wrapped, key })
    }

    /// The key that [`data_key`](Self::data_key) made.
    pub async fn open_data_key(
        &self,
        purpose: Purpose,
        aad: &Aad,
        ring_key: KeyId,
        wrapped: &[u8],
    ) -> Result<Secret<[u8; 32]>, VaultError> {
        let keys = self.holding(purpose, ring_key).await?;
        let ring = keys.key(purpose, ring_key).ok_or(VaultError::UnknownKey)?;
        Ok(envelope::open_record_key(ring, aad, wrapped)?)
    }

    /// The keys, read again when they lack this one.
    async fn holding(&self, purpose: Purpose, id: KeyId) -> Result<Arc<Keys>, VaultError> {
        let keys = self.keys()?;
        if keys.key(purpose, id).is_some() {
            return Ok(keys);
        }
        self.reload().await?;
        self.keys()
    }

    /// A key that never changes and is nowhere in the database: for the HMAC
    /// over password hashes and the like.
    pub fn pepper(&self, name: &str) -> Result<Secret<[u8; 32]>, VaultError> {
        Ok(self.keys()?.derived(&["pepper", name])?)
    }

    /// A MAC that only this house can make, to know its own values again.
    pub fn mac(&self, purpose: Purpose, data: &[u8]) -> Result<[u8; 32], VaultError> {
        let key = self.keys()?.derived(&["mac", purpose.name()])?;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.expose()), data);
        tag.as_ref().try_into().map_err(|_| VaultError::Crypto)
    }

    /// Whether the MAC is ours, in constant time.
    pub fn verify_mac(
        &self,
        purpose: Purpose,
        data: &[u8],
        mac: &[u8],
    ) -> Result<bool, VaultError> {
        let key = self.keys()?.derived(&["mac", purpose.name()])?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        Ok(hmac::verify(&key, data, mac).is_ok())
    }

    /// Follows what other nodes do to the seal, the ring and the keys.
    async fn follow(&self) -> Result<(), VaultError> {
        let newest = self.0.db.read(change::newest).await?.0;
        self.0.db.listen(Arc::new(Follower(self.0.moved.clone())));
        let (weak, moved) = (Arc::downgrade(&self.0), self.0.moved.clone());
        tokio::spawn(async move {
            let mut seen = change::Seen::after(newest);
            loop {
                moved.notified().await;
                let Some(vault) = weak.upgrade().map(Self) else { return };
                if let Err(e) = vault.catch_up(&mut seen).await {
                    tracing::warn!(error = %e, "cannot follow the changes of the vault");
                }
            }
        });
        Ok(())
    }

    async fn catch_up(&self, seen: &mut change::Seen) -> Result<(), VaultError> {
        let (after, now) = (seen.through(), self.0.env.now());
        let found = self.0.db.read(move |c| change::since(c, after, now)).await?;
        let mut reload = false;
        for change in seen.news(found).iter().filter(|c| c.kind == "seal") {
            match change.id.as_str() {
                "sealed" => self.forget(),
                "ring" | "keys" => reload = true,
                _ => {}
            }
        }
        if reload { self.reload().await } else { Ok(()) }
    }

    pub(crate) fn downgrade(&self) -> WeakVault {
        WeakVault(Arc::downgrade(&self.0))
    }
}

/// A handle that does not keep the vault alive.
#[derive(Clone)]
pub(crate) struct WeakVault(Weak<Inner>);

impl WeakVault {
    pub fn upgrade(&self) -> Result<Vault, VaultError> {
        self.0.upgrade().map(Vault).ok_or(VaultError::Sealed)
    }
}

struct Follower(Arc<Notify>);

#[async_trait]
impl ChangeListener for Follower {
    async fn changed(&self, _through: i64) {
        self.0.notify_one();
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_sealed() { "Vault(sealed)" } else { "Vault(open)" })
    }
}
