//! The state of the house.

use doorward_core::ReadStatus;
use doorward_store::{event, outbox};

use super::prelude::*;

/// Whether it answers, and whether it is sealed: all that a stranger learns.
pub(super) async fn health(State(s): State<AppState>) -> Answer {
    s.db.read(|c| c.value::<i64>("SELECT 1 AS one", &[])).await?;
    answer(json!({ "ready": true, "sealed": s.vault.is_sealed(), "version": s.config.version }))
}

pub(super) async fn status(State(s): State<AppState>, caller: Caller) -> Answer {
    s.allow(&caller.actor, ReadStatus {})?;
    let (leaves, waiting, mail) =
        s.db.read(|c| {
            let waiting = event::waiting(c, 1_000)?.len();
            Ok::<_, doorward_store::Error>((event::size(c)?, waiting, outbox::counts(c)?))
        })
        .await?;
    answer(json!({
        "version": s.config.version,
        "database": format!("{:?}", s.db.backend()).to_lowercase(),
        "seal": s.vault.status().await?,
        "log_leaves": leaves,
        "log_waiting": waiting,
        "outbox": mail,
        "open_here": s.gate.open_here(),
    }))
}
