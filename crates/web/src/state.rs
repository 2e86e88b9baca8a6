//! What the handlers work with.

use std::sync::Arc;

use doorward_core::{Act, Actor, Allowed, Context, Denied, Env, authorize};
use doorward_directory::Directory;
use doorward_gate::{Gate, Registry};
use doorward_grants::{Grants, HttpPost};
use doorward_policy::Engine;
use doorward_runtime::config::Cidr;
use doorward_signin::SignIn;
use doorward_sso::Oidc;
use doorward_store::Db;
use doorward_store::cursor::Cursors;
use doorward_vault::Vault;
use doorward_watch::Watch;

use crate::streams::Streams;

/// What HTTP itself needs to know.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// `https://host[:port]`: where people reach this house. Links, redirects
    /// and the check of a request's origin use this, never a header.
    pub origin: String,
    /// What the house is called.
    pub house: String,
    /// Where stock SSH clients connect: host and port, when this node has a gateway.
    pub ssh: Option<(String, u16)>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// The public key of the log's checkpoints.
    pub version: &'static str,
}

/// The services; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub db: Db,
    /// Time and chance.
    pub env: Env,
    /// The decider.
    pub engine: Arc<Engine>,
    /// What lasts.
    pub watch: Arc<Watch>,
    /// People, groups, roles, targets.
    pub directory: Directory,
    /// Who somebody is.
    pub signin: SignIn,
    /// OpenID Connect.
    pub oidc: Oidc,
    /// Secrets and keys.
    pub vault: Vault,
    /// Requests and grants.
    pub grants: Grants,
    /// The kinds of target.
    pub protocols: Registry,
    /// Privileged sessions.
    pub gate: Gate,
    /// What is sent for as long as its reader may have it.
    pub streams: Streams,
    /// What calls webhooks, and says which addresses may be called.
    pub http: Arc<dyn HttpPost>,
    /// Seals and opens the cursors of lists.
    pub cursors: Cursors,
    /// What HTTP itself needs to know.
    pub config: Arc<WebConfig>,
}

impl AppState {
    /// Asks whether `actor` may do `act`: the only way from here to a permission.
    pub fn allow<A: Act>(&self, actor: &Actor, act: A) -> Result<Allowed<A>, Denied> {
        authorize(&*self.engine, actor, act, &Context::default())
    }
}
