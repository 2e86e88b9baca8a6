//! Who somebody is: the sign-in, its factors, sessions, step-up, confirmations
//! and one-time links.
//!
//! Owns: authenticators, the state machine that collects proofs, the counters of
//! wrong ones, sessions, device and SSH confirmations, enrolment.
//! Promises: a level of assurance comes from proofs alone; a proof belongs to
//! one identity and one flow; each step has a new token; a name that nobody has
//! is answered like a name with a wrong password, with the same work; whoever is
//! disabled is signed in nowhere.
//! Must not know: HTTP, HTML, SSH (it gives neutral prompts), who may do what
//! (it asks the decider).

mod budget;
mod confirmations;
mod devices;
mod error;
mod factors;
mod flow;
mod links;
mod notify;
mod own;
mod prompt;
mod review;
mod sessions;
mod throttle;
mod token;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use doorward_core::lifecycle::{LiveSession, SessionKind, SessionLimits};
use doorward_core::{Actor, Context, Decider, Env, IdentityId, Network, Proof, authorize};
use doorward_core::{FactorClass, SignIn as SignInAct};
use doorward_store::Db;
use doorward_vault::Vault;

pub use confirmations::{
    Confirmation, ConfirmationPurpose, Confirmed, ConfirmedApplication, Details, Polled,
    PolledApplication, SignedIn, Started,
};
pub use devices::Managed;
pub use doorward_store::device::{Device, DeviceSort, Filter as DeviceFilter};
pub use error::{Result, SignInError};
pub use factors::password::{HashCost, Strength};
pub use factors::ssh_key::{self, SshKey};
pub use flow::{Finished, Turn};
pub use links::{Link, LinkPurpose};
pub use notify::{Notice, Notify, Silent};
pub use own::AuthenticatorInfo;
pub use prompt::{Answer, Ceremony, Field, Other, Prompt};
pub use token::Token;

use budget::{Budget, PerAddress};
use factors::{Factor, Factors, Tools};
use throttle::Throttle;

/// How the house signs people in.
#[derive(Clone, Debug)]
pub struct SignInConfig {
    /// `https://host[:port]`: links are built from it, passkeys are bound to it.
    pub origin: String,
    /// What the house is called.
    pub house: String,
    /// How long sessions live.
    pub limits: SessionLimits,
    /// A sorted list of SHA-1 hashes of breached passwords.
    pub breach_list: Option<PathBuf>,
    /// What a password's verification costs.
    pub cost: HashCost,
    /// How long a one-time link is good (63B-4: 24 hours at most).
    pub link_life: Duration,
    /// How long a device or SSH confirmation waits.
    pub confirmation_life: Duration,
}

impl SignInConfig {
    /// Of this origin, with the usual limits.
    pub fn new(origin: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            house: "Doorward".to_owned(),
            limits: SessionLimits::default(),
            breach_list: None,
            cost: HashCost::default(),
            link_life: Duration::from_secs(24 * 3600),
            confirmation_life: Duration::from_secs(10 * 60),
        }
    }
}

/// Who is at the other end.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where from.
    pub network: Network,
    /// What it calls itself.
    pub user_agent: String,
    /// What the session will be.
    pub kind: SessionKind,
    /// The keys by which its device is known again, as they were given to it.
    pub device: Option<String>,
}

impl Client {
    /// A browser.
    pub fn browser(network: Network, user_agent: &str) -> Self {
        let kind = SessionKind::Browser;
        Self { network, user_agent: user_agent.to_owned(), kind, device: None }
    }

    fn agent(&self) -> String {
        self.user_agent.chars().filter(|c| !c.is_control()).take(256).collect()
    }
}

/// The sign-in; cheap to clone.
#[derive(Clone)]
pub struct SignIn(Arc<Inner>);

pub(crate) struct Inner {
    pub db: Db,
    pub env: Env,
    pub vault: Vault,
    pub decider: Arc<dyn Decider>,
    pub tools: Tools,
    pub factors: Factors,
    pub passkey: Option<Arc<factors::passkey::Passkey>>,
    pub hasher: factors::password::Hasher,
    pub throttle: Throttle,
    /// Confirmations that are begun in a minute.
    pub begun: Budget,
    /// Sign-ins that an address begins in a minute.
    pub flows: PerAddress,
    /// Passkeys of an address that did not work, in a minute.
    pub misses: PerAddress,
    pub config: SignInConfig,
    /// When what is over was last forgotten, in microseconds.
    pub swept_at: AtomicI64,
    /// Woken when a confirmation was answered.
    pub answered: Arc<tokio::sync::Notify>,
}

impl SignIn {
    /// Over this database and vault.
    pub fn new(
        db: &Db,
        env: &Env,
        vault: &Vault,
        decider: Arc<dyn Decider>,
        notify: Arc<dyn Notify>,
        config: SignInConfig,
    ) -> Result<Self> {
        let origin = url::Url::parse(&config.origin)
            .map_err(|e| SignInError::Config(format!("http.origin: {e}")))?;
        if origin.origin().ascii_serialization() != config.origin {
            return Err(SignInError::Config(format!(
                "http.origin: {:?} is no origin; write it as https://host[:port]",
                config.origin
            )));
        }
        let hasher = factors::password::Hasher::new(env, config.cost)?;
        let alone = {
            let decider = decider.clone();
            move |id: IdentityId| {
                let password = Proof {
                    factor: "password".to_owned(),
                    class: FactorClass::Knowledge,
                    phishing_resistant: false,
                    at: decider.now(),
                };
                let actor = Actor::identity(id, vec![password]);
                authorize(&*decider, &actor, SignInAct {}, &Context::default()).is_ok()
            }
        };
        let password = factors::password::Password::new(
            hasher.clone(),
            config.breach_list.clone(),
            Box::new(alone),
        );
        let passkey = factors::passkey::Passkey::new(&origin, &config.house)?.map(Arc::new);
        let mut register: Vec<Arc<dyn Factor>> = Vec::new();
        if let Some(passkey) = &passkey {
            register.push(passkey.clone());
        }
        register.push(Arc::new(factors::totp::Totp::new(&config.house)));
        register.push(Arc::new(factors::recovery::Recovery));
        register.push(Arc::new(password));
        Ok(Self(Arc::new(Inner {
            db: db.clone(),
            env: env.clone(),
            vault: vault.clone(),
            decider,
            tools: Tools { db: db.clone(), env: env.clone(), vault: vault.clone(), notify },
            factors: Factors::new(register),
            passkey,
            hasher,
            throttle: Throttle::new(db, env),
            begun: Budget::new(db, env, "begin", confirmations::BEGUN),
            flows: PerAddress::new(flow::BEGUN),
            misses: PerAddress::new(flow::MISSED),
            config,
            swept_at: AtomicI64::new(0),
            answered: Arc::default(),
        })))
    }

    /// How many passwords were verified, whether anybody had them or not.
    pub fn password_verifications(&self) -> u64 {
        self.0.hasher.verifications()
    }

    /// How strong a new password of this identity would be.
    pub async fn password_strength(
        &self,
        session: Option<&LiveSession>,
        password: &str,
    ) -> Result<Strength> {
        let subject =
            self.0.subject(session.map(|s| s.identity), Actor::nobody(Network::default())).await?;
        factors::password::strength(password, &subject).await
    }
}

#[cfg(test)]
mod tests;
