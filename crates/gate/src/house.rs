//! The kernel's needs, met by the rooms of the house: signin, grants, vault.

use std::sync::Arc;

use async_trait::async_trait;
use doorward_core::{
    AccountId, Actor, Allowed, Decider, Denied, Entity, Env, FactorClass, ForwardPort, KeyId, Name,
    Network, OpenSession, PrivilegedSessionId, Proof, RequestId, Secret, authorize,
};
use doorward_grants::{Access as Granted, FileError as NotFiled, Grants};
use doorward_signin::{Client, ConfirmationPurpose, Details, Polled, SignIn};
use doorward_store::{Db, identity, session};
use doorward_vault::ssh_ca::{Ports, Sources, Terms};
use doorward_vault::{
    Aad, Credential as Stored, CredentialError, Injection, Purpose as Ring, Vault, keys,
};
use tokio::sync::oneshot;

use crate::kernel::Services;
use crate::services::{
    Access, Confirmation, ConfirmationAbout, Confirmed, Credential, Credentials, Entry, FileError,
    Filed, GrantFacts, Identify, Progress, Purpose, ServiceError, WrappedKey,
};

/// The rooms.
#[derive(Clone)]
pub struct House {
    /// The database.
    pub db: Db,
    /// Time and chance.
    pub env: Env,
    /// Who.
    pub signin: SignIn,
    /// May they.
    pub grants: Grants,
    /// With what.
    pub vault: Vault,
    /// The decider.
    pub decider: Arc<dyn Decider>,
    /// Where targets see this node's connections come from.
    pub sources: Sources,
}

impl House {
    /// As the kernel takes them.
    pub fn services(self) -> Services {
        let me = Arc::new(self);
        Services { identify: me.clone(), access: me.clone(), credentials: me }
    }

    async fn name(&self, id: doorward_core::IdentityId) -> Result<Option<Name>, ServiceError> {
        let found = self.db.read(move |c| identity::find(c, id)).await;
        Ok(found.map_err(ServiceError::of)?.map(|i| i.name))
    }
}

#[async_trait]
impl Identify for House {
    async fn knows_ssh_key(&self, fingerprint: &str) -> Result<bool, ServiceError> {
        let found = self.signin.identity_by_ssh_key(fingerprint).await;
        Ok(found.map_err(ServiceError::of)?.is_some())
    }

    async fn by_ssh_key(
        &self,
        fingerprint: &str,
        network: &Network,
    ) -> Result<Option<Actor>, ServiceError> {
        let found = self.signin.identity_by_ssh_key(fingerprint).await.map_err(ServiceError::of)?;
        let Some((identity, key)) = found else { return Ok(None) };
        let actor = self.signin.ssh_key_proven(key, identity, network).await;
        actor.map(Some).map_err(ServiceError::of)
    }

    async fn by_certificate(
        &self,
        name: &Name,
        network: &Network,
    ) -> Result<Option<Actor>, ServiceError> {
        let wanted = name.clone();
        let found = self.db.read(move |c| identity::by_name_or_email(c, wanted.as_str())).await;
        // An address is no name: only the name itself counts.
        let found = found.map_err(ServiceError::of)?.filter(|i| i.name == *name);
        Ok(found.map(|identity| {
            let proof = Proof {
                factor: "ssh-certificate".to_owned(),
                class: FactorClass::Possession,
                phishing_resistant: true,
                at: self.env.now(),
            };
            Actor { network: network.clone(), ..Actor::identity(identity.id, vec![proof]) }
        }))
    }

    async fn counts(&self, actor: &Actor, key: Option<&str>) -> Result<bool, ServiceError> {
        let Some(who) = actor.id() else { return Ok(false) };
        if let Some(key) = key {
            let found = self.signin.identity_by_ssh_key(key).await.map_err(ServiceError::of)?;
            if found.is_none_or(|(owner, _)| owner != who) {
                return Ok(false);
            }
        }
        // A browser that rests lends its proofs on; one that was signed out does not.
        let Some(session) = actor.session else { return Ok(true) };
        let found = self.db.read(move |c| session::find(c, session)).await;
        let found = found.map_err(ServiceError::of)?;
        Ok(found.is_some_and(|s| s.identity == who && self.env.now() < s.expires_at))
    }

    async fn confirm(&self, about: &ConfirmationAbout) -> Result<Confirmation, ServiceError> {
        let purpose = match about.purpose {
            Purpose::SignIn | Purpose::ManagedDevice => ConfirmationPurpose::Ssh,
            Purpose::StepUp | Purpose::PhishingResistant => ConfirmationPurpose::StepUp,
        };
        let details = Details {
            client: "ssh".to_owned(),
            address: about.network.address,
            target: Some(about.login.clone()),
            phishing_resistant: about.purpose == Purpose::PhishingResistant,
            ..Details::default()
        };
        let expected = about.actor.as_ref().and_then(Actor::id);
        let started = self.signin.start_confirmation(purpose, details, expected).await;
        let started = started.map_err(ServiceError::of)?;
        let (mut tell, outcome) = oneshot::channel();
        let confirmation = Confirmation {
            id: started.id,
            code: started.user_code.clone(),
            link: started.verification_uri_complete.clone(),
            expires_at: self.env.now() + started.expires_in,
            outcome,
        };
        let (me, network) = (self.clone(), about.network.clone());
        tokio::spawn(async move {
            let client = Client::browser(network.clone(), "ssh");
            let said = tokio::select! {
                () = tell.closed() => return,
                said = me.signin.wait_confirmation(started.token.expose(), &client) => said,
            };
            let outcome = match said {
                Ok(Polled::Confirmed(yes)) => {
                    let mut actor = Actor::identity(yes.identity, yes.proofs);
                    actor.session = Some(yes.by);
                    actor.device = yes.device.map(|d| d.to_string());
                    actor.network = network;
                    Ok(Confirmed::Yes(Box::new(actor)))
                }
                Ok(Polled::Refused) => Ok(Confirmed::Refused),
                Ok(_) => Ok(Confirmed::Expired),
                Err(e) => Err(ServiceError::of(e)),
            };
            // Whoever waited may have gone.
            let _ = tell.send(outcome);
        });
        Ok(confirmation)
    }

    async fn name_of(&self, actor: &Actor) -> Result<Option<Name>, ServiceError> {
        match actor.id() {
            Some(id) => self.name(id).await,
            None => Ok(None),
        }
    }
}

#[async_trait]
impl Access for House {
    async fn open(&self, actor: &Actor, account: AccountId) -> Result<Entry, ServiceError> {
        Ok(match self.grants.access(actor, account).await.map_err(ServiceError::of)? {
            Granted::Now { allowed, grant } => Entry::Now {
                allowed,
                grant: grant.map(|g| GrantFacts { id: g.id, ends_at: g.ends_at }),
            },
            Granted::Denied(denied) => Entry::Denied(denied),
        })
    }

    async fn forward(
        &self,
        standing: &Allowed<OpenSession>,
    ) -> Result<Result<Allowed<ForwardPort>, Denied>, ServiceError> {
        let question = standing.question();
        let act = ForwardPort { account: standing.act().account };
        Ok(authorize(&*self.decider, &question.actor, act, &question.context))
    }

    async fn request(
        &self,
        actor: &Actor,
        account: AccountId,
        _denied: &Denied,
        reason: &str,
    ) -> Result<Filed, FileError> {
        let about = Entity::new("Account", account);
        let filed = self.grants.file_request(actor, &about, reason, None).await;
        let filed = filed.map_err(|e| match e {
            NotFiled::Store(e) => FileError::Service(ServiceError::of(e)),
            refused => FileError::Refused(refused.to_string()),
        })?;
        let mut approvers = Vec::new();
        for id in filed.approvers.iter().take(5) {
            approvers.extend(self.name(*id).await?.map(String::from));
        }
        let missing = match filed.grant {
            Some(_) => 0,
            None => filed.request.needed.max(1),
        };
        Ok(Filed {
            id: filed.request.id,
            needed: missing,
            duration: filed.request.duration,
            approvers,
        })
    }

    async fn progress(&self, request: RequestId) -> Result<Progress, ServiceError> {
        let progress = self.grants.progress(request).await.map_err(ServiceError::of)?;
        let last = progress.approvals.last();
        let by = match last {
            Some(word) => self.name(word.by).await?.map(String::from),
            None => None,
        };
        Ok(Progress {
            state: progress.request.state,
            approvals: u32::try_from(progress.approvals.len()).unwrap_or(u32::MAX),
            by,
            comment: last.map(|word| word.comment.clone()),
        })
    }
}

/// Where a recording's key belongs.
fn place(aad: &[u8]) -> Aad {
    let hex: String = aad.iter().map(|b| format!("{b:02x}")).collect();
    Aad::new("recording", hex, "wrapped_key", 0)
}

#[async_trait]
impl Credentials for House {
    async fn inject(
        &self,
        allowed: &Allowed<OpenSession>,
        session: PrivilegedSessionId,
    ) -> Result<Option<Credential>, ServiceError> {
        // Whether the target is to let ports through is asked as it will be asked
        // of the gateway.
        let ports = match Access::forward(self, allowed).await? {
            Ok(_) => Ports::Forwarded,
            Err(_) => Ports::Closed,
        };
        let terms = Terms { sources: self.sources.clone(), ports };
        match self.vault.credential_for(allowed, session, &terms).await {
            Ok(Injection::Stored(Stored::Password(text))) => Ok(Some(Credential::Password(text))),
            Ok(Injection::Stored(Stored::PrivateKey(text))) => {
                Ok(Some(Credential::PrivateKey(text)))
            }
            Ok(Injection::Certificate(made)) => {
                Ok(Some(Credential::Certificate { key: made.key, certificate: made.line }))
            }
            Err(CredentialError::NotSet | CredentialError::NoAccount) => Ok(None),
            Err(e) => Err(ServiceError::of(e)),
        }
    }

    async fn recording_key(&self, aad: &[u8]) -> Result<WrappedKey, ServiceError> {
        let key = self.vault.data_key(Ring::Recordings, &place(aad)).map_err(ServiceError::of)?;
        Ok(WrappedKey { key: key.key, ring_key: key.ring_key, wrapped: key.wrapped })
    }

    async fn open_recording_key(
        &self,
        ring_key: KeyId,
        wrapped: &[u8],
        aad: &[u8],
    ) -> Result<Secret<[u8; 32]>, ServiceError> {
        let place = place(aad);
        let opened = self.vault.open_data_key(Ring::Recordings, &place, ring_key, wrapped);
        opened.await.map_err(ServiceError::of)
    }

    async fn seed(&self, purpose: &str) -> Result<Secret<[u8; 32]>, ServiceError> {
        let ready = keys::ensure(&self.vault, purpose, keys::Algorithm::EdDsa).await;
        ready.map_err(ServiceError::of)?;
        let key = keys::active(&self.vault, purpose).map_err(ServiceError::of)?;
        key.ed25519_seed().map_err(ServiceError::of)
    }
}
