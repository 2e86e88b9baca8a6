//! What the kernel needs of the rooms below it, as small traits: who somebody
//! is, whether they may, what opens the account, and the keys of recordings.
//! [`crate::house`] implements them over signin, grants and vault.

use std::time::Duration;

use async_trait::async_trait;
use doorward_core::lifecycle::RequestState;
use doorward_core::{
    AccountId, Actor, Allowed, ConfirmationId, Denied, ForwardPort, GrantId, KeyId, Name, Network,
    OpenSession, RequestId, Secret, Timestamp,
};
use tokio::sync::oneshot;

/// Something below could not answer. Said to the operator; the person is told
/// to try again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ServiceError(pub String);

impl ServiceError {
    /// Of any error.
    pub fn of(e: impl std::fmt::Display) -> Self {
        Self(e.to_string())
    }
}

/// A short code that waits for its browser.
#[derive(Debug)]
pub struct Confirmation {
    /// Its id.
    pub id: ConfirmationId,
    /// The code that the person compares.
    pub code: String,
    /// Where they confirm.
    pub link: String,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// What the person says, once. Drop it to stop waiting.
    pub outcome: oneshot::Receiver<Result<Confirmed, ServiceError>>,
}

/// What became of a confirmation.
#[derive(Clone, Debug)]
pub enum Confirmed {
    /// By this person, with the proofs of their browser's session.
    Yes(Box<Actor>),
    /// They said that it is not theirs.
    Refused,
    /// It lapsed.
    Expired,
}

/// What a person who confirms is shown.
#[derive(Clone, Debug)]
pub struct ConfirmationAbout {
    /// `sign-in` when nobody is known yet, `step-up` when a fresh proof is wanted.
    pub purpose: Purpose,
    /// The login that was asked for: `deploy@web-1`.
    pub login: String,
    /// From where.
    pub network: Network,
    /// Who it must be, when that is known.
    pub actor: Option<Actor>,
}

/// Why a browser is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Nobody is known yet.
    SignIn,
    /// A fresh proof is wanted.
    StepUp,
    /// A fresh proof with a passkey is wanted.
    PhishingResistant,
    /// The browser of a managed device is wanted.
    ManagedDevice,
}

/// Who somebody is.
#[async_trait]
pub trait Identify: Send + Sync {
    /// Whether the key of this fingerprint (`SHA256:…`) belongs to somebody: an answer to an offer, which proves
    /// nothing and changes nothing.
    async fn knows_ssh_key(&self, fingerprint: &str) -> Result<bool, ServiceError>;
    /// Whose key it is. INVARIANT: called only after a signature by it was verified.
    async fn by_ssh_key(
        &self,
        fingerprint: &str,
        network: &Network,
    ) -> Result<Option<Actor>, ServiceError>;
    /// Who carries this name, for a certificate of a trusted authority that
    /// names them. INVARIANT: called only after certificate and signature were
    /// verified.
    async fn by_certificate(
        &self,
        name: &Name,
        network: &Network,
    ) -> Result<Option<Actor>, ServiceError>;
    /// Whether what an actor proved still counts for something new: the key that they
    /// signed with, if they did, is still theirs, and the session that confirmed them,
    /// if one did, has not been ended.
    async fn counts(&self, actor: &Actor, key: Option<&str>) -> Result<bool, ServiceError>;
    /// Begins a confirmation in the browser.
    async fn confirm(&self, about: &ConfirmationAbout) -> Result<Confirmation, ServiceError>;
    /// How a person calls themselves.
    async fn name_of(&self, actor: &Actor) -> Result<Option<Name>, ServiceError>;
}

/// May they.
#[derive(Debug)]
pub enum Entry {
    /// Yes, by these facts.
    Now {
        /// The permission.
        allowed: Box<Allowed<OpenSession>>,
        /// The grant that it stands on.
        grant: Option<GrantFacts>,
    },
    /// Not as things are.
    Denied(Denied),
}

/// What a session needs to know of its grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantFacts {
    /// Its id.
    pub id: GrantId,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// A request that was filed.
#[derive(Clone, Debug)]
pub struct Filed {
    /// Its id.
    pub id: RequestId,
    /// How many people must approve; none when it became a grant at once.
    pub needed: u32,
    /// For how long it asks.
    pub duration: Duration,
    /// The names of some of those who can approve.
    pub approvers: Vec<String>,
}

/// Where a request stands.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Pending, approved, denied, withdrawn or expired.
    pub state: RequestState,
    /// How many have approved.
    pub approvals: u32,
    /// Who decided last, by name.
    pub by: Option<String>,
    /// What they wrote.
    pub comment: Option<String>,
}

/// A request could not be filed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// What was asked for is not possible; the sentence is for the person.
    #[error("{0}")]
    Refused(String),
    /// Something below failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// What may be opened, by whom, on whose word.
#[async_trait]
pub trait Access: Send + Sync {
    /// Whether `actor` may open the account now.
    async fn open(&self, actor: &Actor, account: AccountId) -> Result<Entry, ServiceError>;
    /// Whether `actor` may forward a port through a session that stands on
    /// this permission.
    async fn forward(
        &self,
        standing: &Allowed<OpenSession>,
    ) -> Result<Result<Allowed<ForwardPort>, Denied>, ServiceError>;
    /// Files a request.
    async fn request(
        &self,
        actor: &Actor,
        account: AccountId,
        denied: &Denied,
        reason: &str,
    ) -> Result<Filed, FileError>;
    /// Where a request stands.
    async fn progress(&self, request: RequestId) -> Result<Progress, ServiceError>;
}

/// What opens an account. It stays inside the gateway.
pub enum Credential {
    /// A password.
    Password(Secret<String>),
    /// A private key, in OpenSSH's format.
    PrivateKey(Secret<String>),
    /// A key born for this session and a certificate over it, minutes long.
    Certificate {
        /// The private key, in OpenSSH's format.
        key: Secret<String>,
        /// The certificate, as a line.
        certificate: String,
    },
}

/// The vault, as far as sessions need it.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The account's credential. INVARIANT: demands the permission, and the
    /// event that tells of it is durable before this returns.
    async fn inject(
        &self,
        allowed: &Allowed<OpenSession>,
        session: doorward_core::PrivilegedSessionId,
    ) -> Result<Option<Credential>, ServiceError>;
    /// A new key for a recording.
    async fn recording_key(&self, aad: &[u8]) -> Result<WrappedKey, ServiceError>;
    /// The key of a recording that exists.
    async fn open_recording_key(
        &self,
        ring_key: KeyId,
        wrapped: &[u8],
        aad: &[u8],
    ) -> Result<Secret<[u8; 32]>, ServiceError>;
    /// The seed of the gateway's own Ed25519 key of this purpose (`ssh-host`).
    async fn seed(&self, purpose: &str) -> Result<Secret<[u8; 32]>, ServiceError>;
}

/// A data key and its wrapping.
pub struct WrappedKey {
    /// The key.
    pub key: Secret<[u8; 32]>,
    /// Under which key of the ring it is wrapped.
    pub ring_key: KeyId,
    /// The wrapping.
    pub wrapped: Vec<u8>,
}
