//! The state of the house.

use doorward_core::{NodeId, ReadStatus, Timestamp};
use doorward_store::{Backend, event, node, outbox};
use doorward_vault::Status as SealStatus;

use super::prelude::*;

/// Whether it answers.
#[derive(Serialize, JsonSchema)]
pub(super) struct Health {
    /// It does.
    ready: bool,
    /// Whether it is sealed.
    sealed: bool,
    /// Which version it is.
    version: &'static str,
    /// By how many seconds the clock was set back, when it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_set_back: Option<u64>,
}

/// The state of the house.
#[derive(Serialize, JsonSchema)]
pub(super) struct Status {
    /// Which version it is.
    version: &'static str,
    /// Which database it uses.
    database: Database,
    /// Where the seal stands.
    seal: SealStatus,
    /// How many leaves the log has.
    log_leaves: i64,
    /// How many events wait to be sequenced, up to 1000.
    log_waiting: usize,
    /// How many rows were met that this house did not write; they do not count.
    forged_rows: usize,
    /// Mail and webhooks.
    outbox: outbox::Counts,
    /// Privileged sessions on this node.
    open_here: usize,
}

/// A kind of database.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Database {
    Sqlite,
    Postgres,
}

/// Whether it answers, and whether it is sealed: all that a stranger learns.
pub(super) async fn health(State(s): State<AppState>) -> Answer<Shown<Health>> {
    s.db.read(|c| c.value::<i64>("SELECT 1 AS one", &[])).await?;
    answer(Health {
        ready: true,
        sealed: s.vault.is_sealed(),
        version: s.config.version,
        clock_set_back: s.env.set_back().map(|by| by.as_secs()),
    })
}

pub(super) async fn status(State(s): State<AppState>, caller: Caller) -> Answer<Shown<Status>> {
    s.allow(&caller.actor, ReadStatus {})?;
    let (log_leaves, log_waiting, outbox) =
        s.db.read(|c| {
            let waiting = event::waiting(c, 1_000)?.len();
            Ok::<_, doorward_store::Error>((event::size(c)?, waiting, outbox::counts(c)?))
        })
        .await?;
    answer(Status {
        version: s.config.version,
        database: match s.db.backend() {
            Backend::Sqlite => Database::Sqlite,
            Backend::Postgres => Database::Postgres,
        },
        seal: s.vault.status().await?,
        log_leaves,
        log_waiting,
        forged_rows: s.db.forged().len(),
        outbox,
        open_here: s.gate.open_here(),
    })
}

/// A running process of the house, or one that ran.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Node")]
pub(super) struct ShownNode {
    /// Its id.
    id: NodeId,
    /// What its configuration calls it.
    name: String,
    /// Which version it runs.
    version: String,
    /// When it was started.
    started_at: Timestamp,
    /// When it was last there, by its own clock.
    seen_at: Timestamp,
    /// Whether it is the one that answers.
    here: bool,
}

pub(super) async fn nodes(State(s): State<AppState>, caller: Caller) -> Answer<Listed<ShownNode>> {
    s.allow(&caller.actor, ReadStatus {})?;
    let here = s.gate.node();
    let shown = |n: node::Node| ShownNode {
        here: n.id == here,
        id: n.id,
        name: n.name,
        version: n.version,
        started_at: n.started_at,
        seen_at: n.seen_at,
    };
    page(s.db.read(node::all).await?.into_iter().map(shown).collect(), None)
}
