//! Authenticators as their owner and administrators see them, and SSH keys.

use doorward_core::{
    Actor, Allowed, AuthenticatorId, IdentityId, ManageAuthenticators, ManageOwn, Network, Proof,
    Timestamp,
};
use doorward_store::authenticator::{self, Authenticator};
use serde::Serialize;

use crate::error::{Result, SignInError};
use crate::factors::{Pending, note, ssh_key};
use crate::{Inner, SignIn};

/// An authenticator, without what it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Authenticator")]
pub struct AuthenticatorInfo {
    /// Its id.
    pub id: AuthenticatorId,
    /// Its factor: `password`, `totp`, `passkey`, `recovery`, `ssh-key`.
    pub factor: String,
    /// What its owner calls it.
    pub label: String,
    /// An SSH key's fingerprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// When it was enrolled.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

impl From<Authenticator> for AuthenticatorInfo {
    fn from(a: Authenticator) -> Self {
        let fingerprint = (a.factor == ssh_key::NAME).then_some(a.lookup).flatten();
        Self {
            id: a.id,
            factor: a.factor,
            label: a.label,
            fingerprint,
            created_at: a.created_at,
            used_at: a.used_at,
        }
    }
}

impl SignIn {
    /// One's own authenticators.
    pub async fn authenticators(
        &self,
        allowed: &Allowed<ManageOwn>,
    ) -> Result<Vec<AuthenticatorInfo>> {
        self.0.infos(allowed.act().of).await
    }

    /// Somebody's authenticators.
    pub async fn authenticators_of(
        &self,
        allowed: &Allowed<ManageAuthenticators>,
    ) -> Result<Vec<AuthenticatorInfo>> {
        self.0.infos(allowed.act().identity).await
    }

    /// Removes one of one's own, unless what is left could not sign in. Demands a
    /// fresh second factor.
    pub async fn remove_authenticator(
        &self,
        allowed: &Allowed<ManageOwn>,
        id: AuthenticatorId,
    ) -> Result<()> {
        self.0.fresh(allowed)?;
        let of = allowed.act().of;
        let subject = self.0.subject(Some(of), allowed.actor().clone()).await?;
        let now = self.0.env.now();
        let left: Vec<Proof> = subject
            .authenticators
            .iter()
            .filter(|a| a.id != id)
            .filter(|a| a.factor != "recovery")
            .filter_map(|a| self.0.factors.find(&a.factor))
            .map(|f| f.proof(now))
            .collect();
        if self.0.may_sign_in(of, &left, &allowed.actor().network, None).is_err() {
            return Err(SignInError::Needed(
                "you could not sign in without it; add another authenticator first",
            ));
        }
        self.0.remove(of, id, allowed.actor()).await
    }

    /// Removes one of somebody's.
    pub async fn remove_authenticator_of(
        &self,
        allowed: &Allowed<ManageAuthenticators>,
        id: AuthenticatorId,
    ) -> Result<()> {
        self.0.remove(allowed.act().identity, id, allowed.actor()).await
    }

    /// Enrols an SSH public key of one's own. Demands a fresh second factor.
    pub async fn add_ssh_key(
        &self,
        allowed: &Allowed<ManageOwn>,
        label: &str,
        text: &str,
    ) -> Result<AuthenticatorInfo> {
        self.0.fresh(allowed)?;
        let key = ssh_key::parse(text)?;
        let label = match label.trim() {
            "" if key.comment.is_empty() => "SSH key".to_owned(),
            "" => key.comment.clone(),
            given => given.chars().filter(|c| !c.is_control()).take(64).collect(),
        };
        let of = allowed.act().of;
        let now = self.0.env.now();
        let row = Pending {
            id: AuthenticatorId::new(&self.0.env),
            factor: ssh_key::NAME.to_owned(),
            label,
            lookup: Some(key.fingerprint),
            data: key.line.into_bytes(),
            counter: 0,
            replaces: false,
        }
        .row(of, now);
        let (tools, actor, added) = (self.0.tools.clone(), allowed.actor().clone(), row.clone());
        self.0
            .db
            .write(move |c| {
                authenticator::insert(c, &added).map_err(|e| match e {
                    // Whose it is already is nobody else's business.
                    doorward_store::Error::Unique { .. } => {
                        SignInError::field("key", "this key is already enrolled")
                    }
                    other => other.into(),
                })?;
                let text = format!("An SSH key was added: {}.", added.label);
                note(c, &tools, &actor, of, "authenticator.enrolled", ssh_key::NAME, text)?;
                Ok::<_, SignInError>(())
            })
            .await?;
        Ok(row.into())
    }

    /// Whose enrolled SSH key has this fingerprint (`SHA256:…`). It proves
    /// nothing: the proof is a verified signature, for which see
    /// [`SignIn::ssh_key_proven`].
    pub async fn identity_by_ssh_key(
        &self,
        fingerprint: &str,
    ) -> Result<Option<(IdentityId, AuthenticatorId)>> {
        let lookup = fingerprint.to_owned();
        let found =
            self.0.db.read(move |c| authenticator::by_lookup(c, ssh_key::NAME, &lookup)).await?;
        Ok(found.map(|a| (a.identity, a.id)))
    }

    /// The actor that a *verified* signature by this enrolled key makes. The
    /// caller has verified it over the session identifier.
    pub async fn ssh_key_proven(
        &self,
        key: AuthenticatorId,
        identity: IdentityId,
        network: &Network,
    ) -> Result<Actor> {
        let now = self.0.env.now();
        let all = self.0.db.read(move |c| authenticator::of_identity(c, identity)).await?;
        if !all.iter().any(|a| a.id == key && a.factor == ssh_key::NAME) {
            return Err(SignInError::NotFound("key"));
        }
        self.0.db.write(move |c| authenticator::used(c, key, now)).await?;
        let actor = Actor::identity(identity, vec![ssh_key::proof(now)]);
        Ok(Actor { network: network.clone(), ..actor })
    }
}

impl Inner {
    async fn infos(&self, id: IdentityId) -> Result<Vec<AuthenticatorInfo>> {
        let found = self.db.read(move |c| authenticator::of_identity(c, id)).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    async fn remove(&self, of: IdentityId, id: AuthenticatorId, actor: &Actor) -> Result<()> {
        let (tools, actor) = (self.tools.clone(), actor.clone());
        self.db
            .write(move |c| {
                let found = authenticator::of_identity(c, of)?.into_iter().find(|a| a.id == id);
                let found = found.ok_or(SignInError::NotFound("authenticator"))?;
                if !authenticator::delete(c, of, id)? {
                    return Err(SignInError::NotFound("authenticator"));
                }
                let text = format!("An authenticator was removed: {}.", found.label);
                note(c, &tools, &actor, of, "authenticator.removed", &found.factor, text)?;
                Ok(())
            })
            .await
    }
}
