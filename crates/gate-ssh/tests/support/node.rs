//! One node of the house: its rooms and its SSH gateway.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use doorward_core::{Env, NodeId};
use doorward_gate::house::House;
use doorward_gate::{Gate, GateConfig, Protocol as _, Sources};
use doorward_gate_ssh::{Ssh, SshSettings};
use doorward_grants::Grants;
use doorward_policy::Engine;
use doorward_signin::{SignIn, SignInConfig};
use doorward_store::Db;
use doorward_vault::Vault;
use doorward_watch::Watch;
use tokio_util::sync::CancellationToken;

use super::Plan;

const ORIGIN: &str = "https://door.example";

/// What a node's gateway stands on.
#[derive(Clone)]
pub struct Rooms {
    pub db: Db,
    pub env: Env,
    pub engine: Arc<Engine>,
    pub vault: Vault,
    pub signin: SignIn,
    pub grants: Grants,
    pub watch: Arc<Watch>,
}

pub struct Node {
    pub id: NodeId,
    pub rooms: Rooms,
    pub gate: Gate,
    /// Where its gateway listens.
    pub address: SocketAddr,
    pub recordings: PathBuf,
}

impl std::ops::Deref for Node {
    type Target = Rooms;
    fn deref(&self) -> &Rooms {
        &self.rooms
    }
}

impl Rooms {
    pub async fn new(db: Db, vault: Vault, env: &Env, shutdown: &CancellationToken) -> Self {
        let engine = Engine::new(env.clone());
        let watch =
            Watch::start(db.clone(), engine.clone(), env.clone(), shutdown.clone()).await.unwrap();
        let silent = Arc::new(doorward_signin::Silent);
        let config = SignInConfig::new(ORIGIN);
        let signin = SignIn::new(&db, env, &vault, engine.clone(), silent, config).unwrap();
        let grants = Grants::new(&db, env, engine.clone(), ORIGIN);
        Self { db, env: env.clone(), engine, vault, signin, grants, watch }
    }
}

impl Node {
    /// Over these rooms.
    pub async fn start(
        rooms: Rooms,
        recordings: PathBuf,
        plan: &Plan,
        shutdown: &CancellationToken,
    ) -> Self {
        let (db, env, watch) = (rooms.db.clone(), rooms.env.clone(), rooms.watch.clone());
        let house = House {
            db: db.clone(),
            env: env.clone(),
            signin: rooms.signin.clone(),
            grants: rooms.grants.clone(),
            vault: rooms.vault.clone(),
            decider: rooms.engine.clone(),
            sources: Sources::parse(&plan.sources).unwrap(),
        };
        let id = NodeId::new(&env);
        let name = format!("door-{}", recordings.file_name().unwrap().display());
        let config = GateConfig { node: id, name, recordings: recordings.clone() };
        let gate = Gate::new(db, env, watch, house.services(), config);
        let ssh = Arc::new(Ssh::new(SshSettings {
            listen: "127.0.0.1:0".parse().unwrap(),
            user_cas: plan.user_cas.clone(),
            origin: ORIGIN.to_owned(),
        }));
        let (serving, serve_gate, stop) = (ssh.clone(), gate.clone(), shutdown.clone());
        tokio::spawn(async move { serving.serve(serve_gate, stop).await.unwrap() });
        let address = ssh.address().await.unwrap();
        Self { id, rooms, gate, address, recordings }
    }
}
