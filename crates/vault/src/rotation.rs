//! Changing an account's credential on its target, so that at every moment at
//! least one credential that works is in the vault.
//!
//! The steps, each durable before the next: the new one is kept as pending;
//! the target is told; the new one is proven to work; it becomes the live one.
//! Whatever cuts this short, [`Vault::resume_rotations`] asks the target which of
//! the two it takes and keeps that one.

use std::time::Duration;

use async_trait::async_trait;
use doorward_core::{
    AccountId, Actor, Allowed, Class, Entity, Event, NodeId, RotateCredential, TargetId,
};
use doorward_store::secret as rows;
use doorward_store::{change, event, lease};

use crate::credentials::{Credential, CredentialError, Held};
use crate::error::VaultError;
use crate::secrets::sealed_version;
use crate::ssh_ca::{self, SessionCertificate, Sources};
use crate::vault::Vault;

/// The longest that a target may take for one step.
const STEP: Duration = Duration::from_secs(60);
/// The longest that one rotation holds its account.
const TURN: Duration = Duration::from_secs(5 * 60);
const TEND: &str = "vault";
/// How old a signing key becomes.
const KEY_AGE: Duration = Duration::from_secs(90 * 24 * 3600);
/// How long a session waits for a rotation to end, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(200);

/// Where a credential is changed: an account on a target. Its name is one that a
/// rotator can put into a command or a file without harm.
#[derive(Clone, Debug, PartialEq)]
pub struct HostAccount {
    /// The account.
    pub account: AccountId,
    /// The target.
    pub target: TargetId,
    /// The target's settings.
    pub settings: serde_json::Value,
    /// The login name: portable file name characters, not beginning with a dash.
    pub name: String,
}

/// Why a target did not do its part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the target did not answer as it should: {0}")]
pub struct RotatorError(pub String);

/// Changes credentials on one kind of target.
#[async_trait]
pub trait Rotator: Send + Sync {
    /// Has the target take `new` instead of `current`. After an error it may take
    /// either.
    async fn change(
        &self,
        host: &HostAccount,
        current: &Credential,
        new: &Credential,
    ) -> Result<(), RotatorError>;
    /// Whether the target takes the credential; an error when it cannot be asked.
    async fn prove(
        &self,
        host: &HostAccount,
        credential: &Credential,
    ) -> Result<bool, RotatorError>;
    /// Where the target sees this node's connections come from.
    fn sources(&self) -> Sources {
        Sources::default()
    }
    /// The same as [`prove`](Self::prove) of a key that was born for this, and the
    /// certificate over it.
    async fn prove_certificate(
        &self,
        _host: &HostAccount,
        _made: SessionCertificate,
    ) -> Result<bool, RotatorError> {
        Err(RotatorError("targets of this kind take no certificates".to_owned()))
    }
}

/// What came of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The new credential, of this version, is the live one.
    New(i64),
    /// The old credential, of this version, is still the live one.
    Old(i64),
}

/// What a target said to the credential that the vault holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It takes it.
    Works,
    /// It does not take it.
    Refused,
    /// It cannot be asked.
    Unreachable(RotatorError),
}

/// Why a credential was not rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// Nothing knows how, for this kind of target.
    #[error("credentials on targets of kind {0:?} cannot be rotated")]
    NoRotator(String),
    /// The account's name could be taken for something else.
    #[error("the account's name {0:?} cannot be used in a rotation")]
    Name(String),
    /// It is being rotated at this moment.
    #[error("the credential is being rotated already")]
    Busy,
    /// The target keeps the old credential.
    #[error("the target kept the old credential, which still works: {0}")]
    Kept(RotatorError),
    /// The target cannot be asked; both credentials are kept until it can.
    #[error("the target cannot be asked which credential works; both are kept until it can: {0}")]
    Undecided(RotatorError),
    /// Anything else.
    #[error(transparent)]
    Credential(#[from] CredentialError),
}

impl From<VaultError> for RotateError {
    fn from(e: VaultError) -> Self {
        Self::Credential(e.into())
    }
}

impl From<doorward_store::Error> for RotateError {
    fn from(e: doorward_store::Error) -> Self {
        Self::Credential(e.into())
    }
}

impl HostAccount {
    fn new(row: rows::CredentialRow) -> Result<Self, RotateError> {
        let letters = |b: u8| b.is_ascii_alphanumeric() || b"._-@\\$".contains(&b);
        let good = (1..=64).contains(&row.name.len())
            && row.name.bytes().all(letters)
            // Only as the last letter (Samba's machine accounts), or once between
            // domain and name.
            && !row.name.trim_end_matches('$').contains('$')
            && row.name.matches('\\').count() <= 1
            && row.name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if !good {
            return Err(RotateError::Name(row.name));
        }
        Ok(Self {
            account: row.account,
            target: row.target,
            settings: row.settings,
            name: row.name,
        })
    }
}

/// Holds an account against every other rotation, on every node.
pub(crate) struct Turn {
    vault: Vault,
    name: String,
    holder: NodeId,
    over: bool,
}

impl Turn {
    pub async fn end(mut self) {
        self.over = true;
        let (name, holder) = (self.name.clone(), self.holder);
        if let Err(e) = self.vault.db().write(move |c| lease::release(c, &name, holder)).await {
            tracing::warn!(error = %e, "cannot give back a lease; it ends by itself");
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (vault, name, holder) = (self.vault.clone(), self.name.clone(), self.holder);
            runtime.spawn(async move {
                let _ = vault.db().write(move |c| lease::release(c, &name, holder)).await;
            });
        }
    }
}

fn said(proven: Result<bool, RotatorError>) -> Tried {
    match proven {
        Ok(true) => Tried::Works,
        Ok(false) => Tried::Refused,
        Err(e) => Tried::Unreachable(e),
    }
}

impl Vault {
    /// Takes the account for a change of its credential; none when somebody has it.
    pub(crate) async fn turn(&self, account: AccountId) -> Result<Option<Turn>, VaultError> {
        let name = format!("credential:{account}");
        let holder = NodeId::new(self.env());
        let now = self.env().now();
        let wanted = name.clone();
        let got = self.db().write(move |c| lease::acquire(c, &wanted, holder, now, TURN)).await?;
        Ok(got.then(|| Turn { vault: self.clone(), name, holder, over: false }))
    }

    /// Gives the account a new credential of the same kind, on its target and in
    /// the vault. Goes on when the caller goes away.
    pub async fn rotate_credential(
        &self,
        allowed: &Allowed<RotateCredential>,
    ) -> Result<Settled, RotateError> {
        let (vault, allowed) = (self.clone(), allowed.clone());
        let task = tokio::spawn(async move {
            let account = allowed.act().account;
            let turn = vault.turn(account).await?.ok_or(RotateError::Busy)?;
            let done = vault.rotate_held(&allowed).await;
            turn.end().await;
            done
        });
        task.await.map_err(|_| RotateError::from(VaultError::Crypto))?
    }

    /// Signs in to the target with the account's credential, and out again: what
    /// says before a night's call whether it works. It changes nothing. An account
    /// that opens with certificates gets one for this alone.
    pub async fn test_credential(
        &self,
        allowed: &Allowed<RotateCredential>,
    ) -> Result<Tried, RotateError> {
        let account = allowed.act().account;
        let row = self.account(account).await?;
        let kind = row.kind.clone();
        let host = HostAccount::new(row)?;
        let rotator = self.rotator(&kind).ok_or(RotateError::NoRotator(kind))?;
        // In between a rotation's steps, neither answer would say anything.
        let turn = self.turn(account).await?.ok_or(RotateError::Busy)?;
        let tried = match self.credential_kind(account).await {
            Ok(Some(kind)) if kind == ssh_ca::KIND => {
                self.try_certificate(allowed, &host, rotator.as_ref()).await
            }
            Ok(_) => self.try_held(allowed, &host, rotator.as_ref()).await,
            Err(e) => Err(e.into()),
        };
        turn.end().await;
        tried
    }

    async fn try_certificate(
        &self,
        allowed: &Allowed<RotateCredential>,
        host: &HostAccount,
        rotator: &dyn Rotator,
    ) -> Result<Tried, RotateError> {
        let made = ssh_ca::issue_test(self, allowed, &host.name, &rotator.sources()).await?;
        Ok(said(step(rotator.prove_certificate(host, made)).await))
    }

    async fn try_held(
        &self,
        allowed: &Allowed<RotateCredential>,
        host: &HostAccount,
        rotator: &dyn Rotator,
    ) -> Result<Tried, RotateError> {
        let held = self.held(host.account).await?;
        let record =
            Event::new(self.env(), Class::EntityManagement, "credential.tested", allowed.actor())
                .on(Entity::new("Account", host.account))
                .by(allowed.policies())
                .with("version", held.number);
        self.db().write(move |c| event::append(c, &record)).await?;
        Ok(said(step(rotator.prove(host, &held.credential)).await))
    }

    async fn rotate_held(
        &self,
        allowed: &Allowed<RotateCredential>,
    ) -> Result<Settled, RotateError> {
        let account = allowed.act().account;
        let actor = allowed.actor();
        let row = self.account(account).await?;
        let kind = row.kind.clone();
        let host = HostAccount::new(row)?;
        let rotator = self.rotator(&kind).ok_or(RotateError::NoRotator(kind))?;
        // What an earlier rotation left comes first.
        self.settle(&host, rotator.as_ref(), actor).await?;
        let held = self.held(account).await?;
        let new = held.credential.renewed(self.env(), &host.name)?;
        self.keep_pending(allowed, &held, &new).await?;
        let told = step(rotator.change(&host, &held.credential, &new)).await;
        if let Err(e) = &told {
            tracing::warn!(%account, error = %e, "a target did not change a credential");
        }
        match (self.settle(&host, rotator.as_ref(), actor).await?, told) {
            (Some(Settled::Old(_)), Err(e)) => Err(RotateError::Kept(e)),
            (Some(Settled::Old(_)), Ok(())) => {
                Err(RotateError::Kept(RotatorError("it does not take the new one".to_owned())))
            }
            (Some(settled), _) => Ok(settled),
            (None, _) => Err(RotateError::Busy),
        }
    }

    /// The first durable step: the new credential is in the vault.
    async fn keep_pending(
        &self,
        allowed: &Allowed<RotateCredential>,
        held: &Held,
        new: &Credential,
    ) -> Result<(), RotateError> {
        let id = held.row.id;
        let number = self.db().read(move |c| rows::newest(c, id)).await? + 1;
        let version = sealed_version(self, id, number, "pending", new.bytes())?;
        let record = Event::new(
            self.env(),
            Class::EntityManagement,
            "credential.rotation-started",
            allowed.actor(),
        )
        .on(Entity::new("Account", allowed.act().account))
        .by(allowed.policies())
        .with("version", number);
        self.db()
            .write(move |c| {
                rows::insert_version(c, &version)?;
                event::append(c, &record)
            })
            .await?;
        Ok(())
    }

    /// Asks the target which credential it takes and makes that one the live one.
    /// None when there was nothing to settle.
    async fn settle(
        &self,
        host: &HostAccount,
        rotator: &dyn Rotator,
        actor: &Actor,
    ) -> Result<Option<Settled>, RotateError> {
        let held = self.held(host.account).await?;
        let id = held.row.id;
        let Some(version) = self.db().read(move |c| rows::pending(c, id)).await? else {
            return Ok(None);
        };
        let pending = self.opened(held.row.clone(), &version).await?;
        let proof = step(rotator.prove(host, &pending.credential)).await;
        if proof.map_err(RotateError::Undecided)? {
            self.promote(host, &held, pending.number, actor).await?;
            return Ok(Some(Settled::New(pending.number)));
        }
        let proof = step(rotator.prove(host, &held.credential)).await;
        if !proof.map_err(RotateError::Undecided)? {
            let why = RotatorError("it takes neither the new nor the old one".to_owned());
            return Err(RotateError::Undecided(why));
        }
        self.discard(host, &held, pending.number, actor).await?;
        Ok(Some(Settled::Old(held.number)))
    }

    async fn promote(
        &self,
        host: &HostAccount,
        held: &Held,
        number: i64,
        actor: &Actor,
    ) -> Result<(), RotateError> {
        let record = Event::new(self.env(), Class::EntityManagement, "credential.rotated", actor)
            .on(Entity::new("Account", host.account))
            .with("version", number);
        let (row, now) = (held.row.clone(), self.env().now());
        self.db()
            .write(move |c| {
                if !rows::update(c, row.id, row.version, number, &row.description, now)?
                    || !rows::move_version(c, row.id, number, "pending", "live")?
                {
                    return Err(CredentialError::Conflict);
                }
                rows::move_version(c, row.id, row.current, "live", "retired")?;
                event::append(c, &record)?;
                change::bump(c, "secret", row.id, now)?;
                Ok(())
            })
            .await?;
        Ok(())
    }

    async fn discard(
        &self,
        host: &HostAccount,
        held: &Held,
        number: i64,
        actor: &Actor,
    ) -> Result<(), RotateError> {
        let record =
            Event::new(self.env(), Class::EntityManagement, "credential.rotation-failed", actor)
                .failed()
                .on(Entity::new("Account", host.account))
                .with("version", number)
                .with("why", "the target kept the old credential");
        let id = held.row.id;
        self.db()
            .write(move |c| {
                rows::destroy_version(c, id, number)?;
                event::append(c, &record)
            })
            .await?;
        Ok(())
    }

    /// Settles every rotation that did not end. To be called at start and now and
    /// then; gives how many were settled.
    pub async fn resume_rotations(&self) -> Result<usize, VaultError> {
        self.keys()?;
        let waiting = self.db().read(rows::unsettled).await?;
        let mut settled = 0;
        for account in waiting {
            match self.resume(account).await {
                Ok(Some(_)) => settled += 1,
                Ok(None) | Err(RotateError::Busy) => {}
                Err(e) => tracing::warn!(%account, error = %e, "a rotation cannot be settled yet"),
            }
        }
        Ok(settled)
    }

    /// What the vault needs now and then, by one node at a time: rotations that did
    /// not end are settled, credentials of accounts that are gone are deleted, and
    /// the signing keys of these purposes are replaced in time. Nothing while it is
    /// sealed.
    pub async fn tend(&self, purposes: &[&str]) -> Result<(), VaultError> {
        if self.is_sealed() {
            return Ok(());
        }
        let (holder, now) = (NodeId::new(self.env()), self.env().now());
        if !self.db().write(move |c| lease::acquire(c, TEND, holder, now, TURN)).await? {
            return Ok(());
        }
        let done = async {
            self.resume_rotations().await?;
            self.sweep_credentials().await?;
            for purpose in purposes {
                crate::keys::rotate_due(self, purpose, KEY_AGE).await?;
            }
            Ok(())
        };
        let done = done.await;
        self.db().write(move |c| lease::release(c, TEND, holder)).await?;
        done
    }

    async fn resume(&self, account: AccountId) -> Result<Option<Settled>, RotateError> {
        let turn = self.turn(account).await?.ok_or(RotateError::Busy)?;
        let done = self.resume_held(account).await;
        turn.end().await;
        done
    }

    async fn resume_held(&self, account: AccountId) -> Result<Option<Settled>, RotateError> {
        let row = self.account(account).await?;
        let kind = row.kind.clone();
        let host = HostAccount::new(row)?;
        let rotator = self.rotator(&kind).ok_or(RotateError::NoRotator(kind))?;
        self.settle(&host, rotator.as_ref(), &Actor::system("settle a rotation")).await
    }

    /// Before a credential is used: ends what a rotation left open, or waits for
    /// the one that runs.
    pub(crate) async fn settle_before_use(
        &self,
        account: AccountId,
    ) -> Result<(), CredentialError> {
        let whole = async {
            loop {
                match self.resume(account).await {
                    Ok(_) => return Ok(()),
                    Err(RotateError::Busy) => tokio::time::sleep(LOOK).await,
                    Err(RotateError::Credential(e)) => return Err(e),
                    Err(e) => {
                        tracing::warn!(%account, error = %e, "a rotation cannot be settled yet");
                        return Err(CredentialError::Rotating);
                    }
                }
            }
        };
        tokio::time::timeout(PATIENCE, whole).await.map_err(|_| CredentialError::Rotating)?
    }
}

async fn step<T>(future: impl Future<Output = Result<T, RotatorError>>) -> Result<T, RotatorError> {
    tokio::time::timeout(STEP, future)
        .await
        .unwrap_or_else(|_| Err(RotatorError(format!("no answer in {} seconds", STEP.as_secs()))))
}
