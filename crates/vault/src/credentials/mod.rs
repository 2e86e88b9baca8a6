//! The credentials of accounts: set, injected, never shown.

pub(crate) mod openssh;

use doorward_core::{
    AccountId, Allowed, Class, Entity, Env, Event, OpenSession, PrivilegedSessionId, Secret,
    SecretId, WriteTarget,
};
use doorward_store::secret::{self as rows, CredentialRow, SecretRow};
use doorward_store::{change, event};

pub use openssh::{OpenSshError, generate_ed25519, public_line};

use crate::error::VaultError;
use crate::ring::Purpose;
use crate::secrets::{Kind, PasswordRule, ValueError, generate_password, place, sealed_version};
use crate::ssh_ca::{self, SessionCertificate, Terms};
use crate::vault::Vault;

/// What opens an account on its target.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A password.
    Password(Secret<String>),
    /// A private key in OpenSSH's form.
    PrivateKey(Secret<String>),
}

/// What one session is given to open its account with.
#[derive(Debug)]
pub enum Injection {
    /// What the vault keeps.
    Stored(Credential),
    /// A certificate that was issued for it.
    Certificate(SessionCertificate),
}

/// Why a credential was not set or not handed out.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// There is no such account on the target.
    #[error("no such account")]
    NoAccount,
    /// Nobody has set one.
    #[error("the account has no credential; set one first")]
    NotSet,
    /// It is being rotated, and which one works is not known at the moment.
    #[error("the credential is being rotated; try again in a moment")]
    Rotating,
    /// Its sessions open with certificates: there is nothing to keep or rotate.
    #[error("each session of this account gets a certificate of its own; nothing is kept")]
    Certified,
    /// Its target does not know SSH certificates.
    #[error("certificates open accounts on targets of kind ssh; this one is of kind {0:?}")]
    NotSsh(String),
    /// Its name cannot stand in a certificate.
    #[error(
        "the account's name {0:?} cannot stand in a certificate: it must be 1 to 255 visible ASCII \
         characters without commas, quotes and wildcards"
    )]
    Principal(String),
    /// The session is not one that is being opened for this permission.
    #[error("a certificate is issued once, for a session that is being opened")]
    NotOpening,
    /// It is no password or key.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// Somebody else was faster.
    #[error("the credential was changed by somebody else in this moment; look and try again")]
    Conflict,
    /// Anything else.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<doorward_store::Error> for CredentialError {
    fn from(e: doorward_store::Error) -> Self {
        Self::Vault(e.into())
    }
}

impl Credential {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Password(_) => Kind::Password,
            Self::PrivateKey(_) => Kind::SshKey,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Password(text) | Self::PrivateKey(text) => text.expose().as_bytes(),
        }
    }

    pub(crate) fn of(kind: Kind, value: &Secret<Vec<u8>>) -> Result<Self, VaultError> {
        let text = std::str::from_utf8(value.expose()).map_err(|_| VaultError::Crypto)?;
        let text = Secret::new(text.to_owned());
        Ok(match kind {
            Kind::SshKey => Self::PrivateKey(text),
            Kind::Password | Kind::Opaque => Self::Password(text),
        })
    }

    /// A new one of the same kind.
    pub(crate) fn renewed(&self, env: &Env, account: &str) -> Result<Self, VaultError> {
        match self {
            Self::Password(_) => generate_password(env, &PasswordRule::default())
                .map(Self::Password)
                .map_err(|_| VaultError::Crypto),
            Self::PrivateKey(_) => {
                generate_ed25519(env, &format!("doorward {account}")).map(Self::PrivateKey)
            }
        }
    }
}

/// One version of an account's credential.
pub(crate) struct Held {
    pub row: SecretRow,
    pub number: i64,
    pub credential: Credential,
}

impl Vault {
    /// Sets the credential of an account on the target.
    pub async fn set_credential(
        &self,
        allowed: &Allowed<WriteTarget>,
        account: AccountId,
        credential: &Credential,
    ) -> Result<(), CredentialError> {
        let kind = credential.kind();
        kind.check(credential.bytes())?;
        let found = self.db().read(move |c| rows::credential(c, account)).await?;
        let found =
            found.filter(|f| f.target == allowed.act().target).ok_or(CredentialError::NoAccount)?;
        // A rotation that goes on at this moment must not be overtaken.
        let turn = self.turn(account).await?.ok_or(CredentialError::Rotating)?;
        let done = self.set_held(allowed, found, credential).await;
        turn.end().await;
        done
    }

    async fn set_held(
        &self,
        allowed: &Allowed<WriteTarget>,
        found: CredentialRow,
        credential: &Credential,
    ) -> Result<(), CredentialError> {
        let (account, kind) = (found.account, credential.kind());
        let own = format!("account.{account}");
        let env = self.env();
        let now = env.now();
        let old = match found.secret {
            Some(id) => {
                self.db()
                    .read(move |c| {
                        Ok::<_, doorward_store::Error>((rows::find(c, id)?, rows::newest(c, id)?))
                    })
                    .await?
            }
            None => (None, 0),
        };
        // Houses from before could give an account a secret of somebody's: that is
        // left as it is.
        let old = if old.0.as_ref().is_some_and(|row| row.name != own) { (None, 0) } else { old };
        let (id, number) = match &old {
            (Some(row), newest) => (row.id, newest + 1),
            (None, _) => (SecretId::new(env), 1),
        };
        let version = sealed_version(self, id, number, "live", credential.bytes())?;
        let record = Event::new(env, Class::EntityManagement, "credential.set", allowed.actor())
            .on(Entity::new("Account", account))
            .by(allowed.policies())
            .with("kind", kind.name())
            .with("version", number);
        self.db()
            .write(move |c| {
                match &old.0 {
                    // One secret holds one kind: another kind is another secret.
                    Some(row) if row.kind == kind.name() => {
                        if !rows::update(c, id, row.version, number, &row.description, now)? {
                            return Err(CredentialError::Conflict);
                        }
                        rows::move_version(c, id, row.current, "live", "retired")?;
                        // What a rotation left undecided is void now.
                        if let Some(pending) = rows::pending(c, id)? {
                            rows::destroy_version(c, id, pending.number)?;
                        }
                    }
                    stale => {
                        if let Some(row) = stale {
                            rows::delete(c, row.id)?;
                        }
                        rows::insert(
                            c,
                            &SecretRow {
                                id,
                                name: own.clone(),
                                kind: kind.name().to_owned(),
                                description: String::new(),
                                current: number,
                                created_at: now,
                                updated_at: now,
                                version: 1,
                            },
                        )?;
                        rows::attach(c, account, id)?;
                    }
                }
                rows::insert_version(c, &version)?;
                event::append(c, &record)?;
                change::bump(c, "secret", id, now)?;
                Ok(())
            })
            .await
    }

    /// From now on the sessions of the account open with certificates. What was
    /// kept for it is deleted.
    pub async fn set_certificate(
        &self,
        allowed: &Allowed<WriteTarget>,
        account: AccountId,
    ) -> Result<(), CredentialError> {
        let found = self.db().read(move |c| rows::credential(c, account)).await?;
        let found =
            found.filter(|f| f.target == allowed.act().target).ok_or(CredentialError::NoAccount)?;
        if found.kind != "ssh" {
            return Err(CredentialError::NotSsh(found.kind));
        }
        ssh_ca::principal(&found.name)?;
        let turn = self.turn(account).await?.ok_or(CredentialError::Rotating)?;
        let done = self.certify(allowed, found).await;
        turn.end().await;
        done
    }

    async fn certify(
        &self,
        allowed: &Allowed<WriteTarget>,
        found: CredentialRow,
    ) -> Result<(), CredentialError> {
        let (env, account) = (self.env(), found.account);
        let (id, now) = (SecretId::new(env), env.now());
        let own = format!("account.{account}");
        let record = Event::new(env, Class::EntityManagement, "credential.set", allowed.actor())
            .on(Entity::new("Account", account))
            .by(allowed.policies())
            .with("kind", ssh_ca::KIND);
        self.db()
            .write(move |c| {
                if let Some(old) = found.secret.and_then(|id| rows::find(c, id).transpose()) {
                    let old = old?;
                    if old.name == own {
                        rows::delete(c, old.id)?;
                    }
                }
                rows::insert(
                    c,
                    &SecretRow {
                        id,
                        name: own.clone(),
                        kind: ssh_ca::KIND.to_owned(),
                        description: String::new(),
                        current: 0,
                        created_at: now,
                        updated_at: now,
                        version: 1,
                    },
                )?;
                rows::attach(c, account, id)?;
                event::append(c, &record)?;
                change::bump(c, "secret", id, now)?;
                Ok(())
            })
            .await
    }

    /// What opens the account in a session that is permitted, after the event in
    /// the session's own record is durable. Read from the database each time, so
    /// that the next connection uses what is right then. `terms` bind a
    /// certificate.
    pub async fn credential_for(
        &self,
        allowed: &Allowed<OpenSession>,
        session: PrivilegedSessionId,
        terms: &Terms,
    ) -> Result<Injection, CredentialError> {
        self.keys()?;
        let account = allowed.act().account;
        let (found, kind) = self.account_and_kind(account).await?;
        if kind.as_deref() == Some(ssh_ca::KIND) {
            let issued = ssh_ca::issue(self, allowed, session, &found.name, terms).await?;
            return Ok(Injection::Certificate(issued));
        }
        if self.unsettled(account).await? {
            self.settle_before_use(account).await?;
        }
        let held = self.held(account).await?;
        let record = Event::new(self.env(), Class::ApiActivity, "credential.used", allowed.actor())
            .on(Entity::new("Account", account))
            .within(session)
            .by(allowed.policies())
            .with("kind", held.credential.kind().name())
            .with("version", held.number);
        self.db().write(move |c| event::append(c, &record)).await?;
        Ok(Injection::Stored(held.credential))
    }

    /// Whether the account has a credential.
    pub async fn has_credential(&self, account: AccountId) -> Result<bool, CredentialError> {
        let found = self.db().read(move |c| rows::credential(c, account)).await?;
        Ok(found.ok_or(CredentialError::NoAccount)?.secret.is_some())
    }

    /// The kind of the account's credential: `password`, `ssh-key` or
    /// `certificate`.
    pub async fn credential_kind(
        &self,
        account: AccountId,
    ) -> Result<Option<String>, CredentialError> {
        Ok(self.account_and_kind(account).await?.1)
    }

    async fn account_and_kind(
        &self,
        account: AccountId,
    ) -> Result<(CredentialRow, Option<String>), CredentialError> {
        let found = self
            .db()
            .read(move |c| {
                let Some(row) = rows::credential(c, account)? else { return Ok(None) };
                let secret = row.secret.map(|id| rows::find(c, id)).transpose()?.flatten();
                Ok::<_, doorward_store::Error>(Some((row, secret.map(|s| s.kind))))
            })
            .await?;
        found.ok_or(CredentialError::NoAccount)
    }

    /// Deletes the credentials of accounts that are gone.
    pub async fn sweep_credentials(&self) -> Result<u64, VaultError> {
        Ok(self.db().write(rows::delete_orphans).await?)
    }

    pub(crate) async fn account(
        &self,
        account: AccountId,
    ) -> Result<CredentialRow, CredentialError> {
        let found = self.db().read(move |c| rows::credential(c, account)).await?;
        found.ok_or(CredentialError::NoAccount)
    }

    /// Whether a rotation has not ended.
    async fn unsettled(&self, account: AccountId) -> Result<bool, CredentialError> {
        let secret = self.account(account).await?.secret.ok_or(CredentialError::NotSet)?;
        Ok(self.db().read(move |c| rows::pending(c, secret)).await?.is_some())
    }

    /// The live version.
    pub(crate) async fn held(&self, account: AccountId) -> Result<Held, CredentialError> {
        let secret = self.account(account).await?.secret.ok_or(CredentialError::NotSet)?;
        let found = self
            .db()
            .read(move |c| {
                let row = rows::find(c, secret)?;
                let current = row.as_ref().map_or(0, |r| r.current);
                Ok::<_, doorward_store::Error>((row, rows::version(c, secret, current)?))
            })
            .await?;
        match found {
            (Some(row), _) if row.kind == ssh_ca::KIND => Err(CredentialError::Certified),
            (Some(row), Some(version)) => self.opened(row, &version).await,
            _ => Err(CredentialError::NotSet),
        }
    }

    pub(crate) async fn opened(
        &self,
        row: SecretRow,
        version: &rows::VersionRow,
    ) -> Result<Held, CredentialError> {
        let place = place(row.id, version.number);
        let value = self.decrypt(Purpose::Secrets, &place, &version.sealed).await?;
        let credential = Credential::of(row.kind.parse()?, &value)?;
        Ok(Held { row, number: version.number, credential })
    }
}
