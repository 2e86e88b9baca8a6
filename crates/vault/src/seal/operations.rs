//! Seal, unseal, reset, rekey: what people do to the seal, each recorded.

use std::path::PathBuf;

use doorward_core::{Actor, Allowed, Class, Entity, Event, ManageSeal, Secret};
use doorward_store::{change, event, seal as rows};

use super::keyfile;
use super::shamir::{self, Share, ShareError};
use super::wrap::{self, Cost, NewSeal, Opened, Params, open_root, seal_root};
use crate::envelope::{Key, Tampered};
use crate::error::VaultError;
use crate::vault::{Status, Vault};

/// The shortest passphrase (63B-4 section 3.1.1.2: the only factor).
const SHORTEST: usize = 15;
const LONGEST: usize = 1024;

/// The shares that were given so far.
#[derive(Default)]
pub(crate) struct Progress {
    shares: Vec<Share>,
}

impl Progress {
    pub fn given(&self) -> u8 {
        u8::try_from(self.shares.len()).unwrap_or(u8::MAX)
    }
}

/// Why the vault stays sealed.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// The text is no share.
    #[error(transparent)]
    Share(#[from] ShareError),
    /// A share of an older rekey, or of another house.
    #[error("share {index} belongs to another set; use the shares of the last rekey")]
    OtherSet {
        /// Its index.
        index: u8,
    },
    /// A share that was never given out.
    #[error("share {index} is wrong; the right ones that were given are kept")]
    WrongShare {
        /// Its index.
        index: u8,
    },
    /// The same share twice.
    #[error("share {index} was given already; another one is needed")]
    GivenAlready {
        /// Its index.
        index: u8,
    },
    /// The passphrase is wrong.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// The key file is missing or not the right one.
    #[error("the key file at {0} is missing, or is not the one of this database")]
    WrongKeyFile(PathBuf),
    /// The input is too long to be anything.
    #[error("the input is longer than any passphrase or share")]
    TooLong,
    /// Anything else.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<doorward_store::Error> for UnsealError {
    fn from(e: doorward_store::Error) -> Self {
        Self::Vault(e.into())
    }
}

impl From<Tampered> for UnsealError {
    fn from(e: Tampered) -> Self {
        Self::Vault(e.into())
    }
}

/// Why the seal was not changed.
#[derive(Debug, thiserror::Error)]
pub enum RekeyError {
    /// The passphrase is too short or too long.
    #[error("a passphrase of the seal has between {SHORTEST} and {LONGEST} bytes")]
    Passphrase,
    /// The numbers make no sense.
    #[error(
        "shares: at least 2 are needed to open, at most {most} are made, and no more are needed than made",
        most = shamir::MOST
    )]
    Shares,
    /// Somebody else was faster.
    #[error("the seal was rekeyed by somebody else in this moment; look and try again")]
    Conflict,
    /// Anything else.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<doorward_store::Error> for RekeyError {
    fn from(e: doorward_store::Error) -> Self {
        Self::Vault(e.into())
    }
}

/// What a rekey made.
#[derive(Clone, Debug, Default)]
pub struct Rekeyed {
    /// The shares, shown this once.
    pub shares: Vec<Secret<String>>,
    /// A key file that no longer opens this database; it opens older backups,
    /// so it is left for somebody to delete.
    pub unused_key_file: Option<PathBuf>,
}

impl Vault {
    /// Takes every key out of memory, on every node.
    pub async fn seal(&self, allowed: &Allowed<ManageSeal>) -> Result<Status, VaultError> {
        let env = self.env().clone();
        let record = Event::new(&env, Class::ApplicationLifecycle, "vault.sealed", allowed.actor())
            .on(Entity::new("House", "doorward"))
            .by(allowed.policies());
        let now = env.now();
        self.db()
            .write(move |c| {
                event::append(c, &record)?;
                change::bump(c, "seal", "sealed", now)
            })
            .await?;
        self.forget();
        self.status().await
    }

    /// Gives what opens the seal: the passphrase, the text of the key file, or
    /// one share. The progress of right shares is kept when a wrong one comes.
    pub async fn unseal(
        &self,
        actor: &Actor,
        input: &Secret<String>,
    ) -> Result<Status, UnsealError> {
        if input.expose().len() > LONGEST {
            return Err(UnsealError::TooLong);
        }
        // One at a time: this is what a stranger may make us compute.
        let mut progress = self.progress().lock().await;
        if !self.is_sealed() {
            return Ok(self.status_with(progress.given()).await?);
        }
        let row = self.db().read(rows::find).await?.ok_or(VaultError::Sealed)?;
        let params: Params = serde_json::from_value(row.params).map_err(|_| Tampered)?;
        let tried = self.try_input(&params, &row.wrapped, input, &mut progress).await;
        match tried {
            Ok(Some(opened)) => {
                progress.shares.clear();
                self.load(opened, &params, row.version, Some(actor)).await?;
            }
            Ok(None) => {
                let given = progress.given();
                self.note(actor, "vault.share-given", |e| e.with("given", given)).await?;
            }
            Err(e) => {
                let why = e.to_string();
                self.note(actor, "vault.unseal-refused", |e| e.failed().with("why", why)).await?;
                return Err(e);
            }
        }
        Ok(self.status_with(progress.given()).await?)
    }

    /// The root key, when the input completes what is needed.
    async fn try_input(
        &self,
        params: &Params,
        wrapped: &[u8],
        input: &Secret<String>,
        progress: &mut Progress,
    ) -> Result<Option<Opened>, UnsealError> {
        match params {
            Params::KeyFile => {
                let file = self.key_file();
                let mut keys = file.candidates()?;
                keys.extend(keyfile::parse(input.expose()));
                keys.iter()
                    .find_map(|key| open_root(params, key, wrapped).ok())
                    .map(Some)
                    .ok_or_else(|| UnsealError::WrongKeyFile(file.path().to_owned()))
            }
            Params::Passphrase { salt, cost } => {
                let kek = stretched(input.clone(), *salt, *cost).await?;
                match open_root(params, &kek, wrapped) {
                    Ok(opened) => Ok(Some(opened)),
                    Err(Tampered) => Err(UnsealError::WrongPassphrase),
                }
            }
            Params::Shamir { threshold, set, checks } => {
                let share = Share::parse(input.expose())?;
                let index = share.index;
                if share.set != *set {
                    return Err(UnsealError::OtherSet { index });
                }
                let check = checks.get(usize::from(index).wrapping_sub(1));
                if check.is_none_or(|c| *c != share.check()) {
                    return Err(UnsealError::WrongShare { index });
                }
                // Shares of a set that was rekeyed in between are of no use.
                progress.shares.retain(|s| s.set == *set);
                if progress.shares.iter().any(|s| s.index == index) {
                    return Err(UnsealError::GivenAlready { index });
                }
                progress.shares.push(share);
                if progress.shares.len() < usize::from(*threshold) {
                    return Ok(None);
                }
                let kek = shamir::join(&progress.shares);
                Ok(Some(open_root(params, &kek, wrapped)?))
            }
        }
    }

    /// Forgets the shares that were given. Whoever may not manage the seal must
    /// not be able to disturb those who open it.
    pub async fn reset_unseal(&self, allowed: &Allowed<ManageSeal>) -> Result<Status, VaultError> {
        let mut progress = self.progress().lock().await;
        let given = progress.given();
        self.note(allowed.actor(), "vault.unseal-reset", |e| {
            e.by(allowed.policies()).with("given", given)
        })
        .await?;
        progress.shares.clear();
        self.status_with(0).await
    }

    /// Keeps the root key under something else from now on. Nothing that it
    /// protects is touched.
    pub async fn rekey(
        &self,
        allowed: &Allowed<ManageSeal>,
        new: NewSeal,
    ) -> Result<Rekeyed, RekeyError> {
        let keys = self.keys()?;
        let env = self.env().clone();
        let row = self.db().read(rows::find).await?.ok_or(VaultError::Sealed)?;
        let (kek, params, shares) = match new {
            NewSeal::KeyFile => (env.secret(), Params::KeyFile, Vec::new()),
            NewSeal::Passphrase(passphrase) => {
                if !(SHORTEST..=LONGEST).contains(&passphrase.expose().len()) {
                    return Err(RekeyError::Passphrase);
                }
                let (salt, cost) = (env.bytes(), self.cost());
                let kek = stretched(passphrase, salt, cost).await.map_err(VaultError::from)?;
                (kek, Params::Passphrase { salt, cost }, Vec::new())
            }
            NewSeal::Shares { threshold, shares } => {
                if threshold < 2 || shares < threshold || shares > shamir::MOST {
                    return Err(RekeyError::Shares);
                }
                wrap::share(&env, threshold, shares)
            }
        };
        let to_file = matches!(params, Params::KeyFile);
        if to_file {
            // Beside the old one until the database knows it: a crash on either
            // side of the commit leaves a file that opens.
            self.key_file().prepare(&kek)?;
        }
        let wrapped = seal_root(&env, &params, &kek, keys.root()).map_err(VaultError::from)?;
        let method = params.method();
        let record =
            Event::new(&env, Class::ApplicationLifecycle, "vault.rekeyed", allowed.actor())
                .on(Entity::new("House", "doorward"))
                .by(allowed.policies())
                .with("from", row.method.clone())
                .with("to", method.name());
        let text = serde_json::to_value(&params).map_err(|_| VaultError::Crypto)?;
        let (version, now) = (row.version, env.now());
        let replaced = self
            .db()
            .write(move |c| {
                let done = rows::replace(c, version, method.name(), &text, &wrapped, now)?;
                if done {
                    event::append(c, &record)?;
                    change::bump(c, "seal", "rekeyed", now)?;
                }
                Ok::<_, doorward_store::Error>(done)
            })
            .await?;
        if !replaced {
            return Err(RekeyError::Conflict);
        }
        let file = self.key_file();
        if to_file {
            file.promote(&kek)?;
        }
        let unused = !to_file && file.path().exists();
        let unused_key_file = unused.then(|| file.path().to_owned());
        Ok(Rekeyed { shares, unused_key_file })
    }

    /// Records something about the seal.
    pub(crate) async fn note(
        &self,
        actor: &Actor,
        activity: &str,
        facts: impl FnOnce(Event) -> Event,
    ) -> Result<(), VaultError> {
        let record = Event::new(self.env(), Class::ApplicationLifecycle, activity, actor)
            .on(Entity::new("House", "doorward"));
        let record = facts(record);
        Ok(self.db().write(move |c| event::append(c, &record)).await?)
    }
}

async fn stretched(
    passphrase: Secret<String>,
    salt: [u8; 16],
    cost: Cost,
) -> Result<Key, Tampered> {
    tokio::task::spawn_blocking(move || wrap::stretch(passphrase.expose(), &salt, cost))
        .await
        .map_err(|_| Tampered)?
}
