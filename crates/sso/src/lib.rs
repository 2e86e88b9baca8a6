//! What applications speak: OpenID Connect and OAuth, as a provider (OpenID
//! Connect Core 1.0; RFC 6749 as RFC 9700 leaves it; RFC 7009, 7523, 7636, 7662,
//! 8414, 8628, 9068, 9207).
//!
//! Owns: applications and their settings, authorization codes, token families.
//! Promises: no code or refresh token works twice, for another client, or
//! without its PKCE verifier; a token is active only while the decider would
//! give it again; nothing is redirected to an address that was not registered,
//! byte for byte.
//! Must not know: HTTP. It takes pairs of parameters and gives values.

mod applications;
mod authorize;
mod client;
mod device;
mod error;
mod families;
mod jwt;
mod logout;
mod metadata;
mod params;
mod redirect;
mod review;
mod token;
mod tokens;
mod trial;

use std::sync::Arc;

use doorward_core::Env;
use doorward_policy::Engine;
use doorward_signin::SignIn;
use doorward_store::Db;
use doorward_vault::Vault;

pub use applications::{
    ApplicationError, ApplicationView, ChangedApplication, ClientAuthentication, Kind,
    NewApplication, Registered, Settings,
};
pub use authorize::{AuthorizeOutcome, ConsentAsked};
pub use device::{DeviceAuthorization, DeviceOutcome};
pub use error::{OAuthCode, OAuthError};
pub use logout::{LOGOUT, LogoutOutcome, LogoutTokenError};
pub use params::Params;
pub use redirect::{RedirectUriError, check_redirect_uri, redirect_matches};
pub use review::SsoReviewer;
pub use token::TokenResponse;
pub use trial::{Mend, Told, Trial, TrialError, TrialOutcome, TrialResult};

/// The purpose of the keys that sign tokens.
pub const KEY_PURPOSE: &str = "oidc";

/// The provider; cheap to clone.
#[derive(Clone)]
pub struct Oidc {
    db: Db,
    env: Env,
    engine: Arc<Engine>,
    vault: Vault,
    signin: SignIn,
    issuer: Arc<str>,
}

impl Oidc {
    /// A provider at this issuer: the configured origin, as it stands.
    pub fn new(
        db: Db,
        env: Env,
        engine: Arc<Engine>,
        vault: Vault,
        signin: SignIn,
        issuer: &str,
    ) -> Self {
        Self { db, env, engine, vault, signin, issuer: issuer.into() }
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

#[cfg(test)]
mod tests;
