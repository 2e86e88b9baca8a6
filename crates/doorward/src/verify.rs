//! `doorward audit verify`: the log and the recordings, without a server.

use std::collections::HashMap;

use doorward_audit::CheckpointSigner as _;
use doorward_audit::tiles::Tiles;
use doorward_audit::verify::{Report, verify as verify_log};
use doorward_core::Env;
use doorward_runtime::config::Config;
use doorward_store::{Db, recording};
use doorward_vault::{SealConfig, Vault};

use crate::house::{HouseError, database, key_file, log_dir, recordings};
use crate::keys::LogKey;

/// Where the log's public key comes from.
pub enum TrustedKey {
    /// The caller has it (32 bytes), from a place of their own.
    Given([u8; 32]),
    /// The vault of this machine.
    Vault,
}

/// Checks every row, leaf, tile, checkpoint and chunk of a recording.
pub async fn verify(config: &Config, env: &Env, key: TrustedKey) -> Result<Report, HouseError> {
    let db = Db::open(&database(config)?, env).await?;
    let public = match key {
        TrustedKey::Given(public) => public,
        TrustedKey::Vault => {
            let vault = Vault::open(&db, env, SealConfig::new(key_file(config))).await?;
            LogKey(vault).public().ok_or_else(|| {
                HouseError::Other(
                    "the vault is sealed: pass the log's public key with --key".to_owned(),
                )
            })?
        }
    };
    let dir = recordings(config);
    // One read of each file, however many chunks the log names.
    let mut hashes: HashMap<String, Result<HashMap<u64, [u8; 32]>, String>> = HashMap::new();
    let mut after = None;
    loop {
        let page = db.read(move |c| recording::list(c, after, 500)).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for row in page {
            let found = doorward_gate::chunk_hashes(&dir.join(&row.path));
            // What comes before a cut is still compared; what is behind it is missing.
            let read = found.map(|chunks| chunks.map_while(Result::ok).collect());
            hashes.insert(row.id.to_string(), read.map_err(|e| e.to_string()));
        }
    }
    let chunk = |recording: &str, number: i64| match hashes.get(recording) {
        None => Err("its recording is missing".to_owned()),
        Some(Err(e)) => Err(e.clone()),
        Some(Ok(all)) => u64::try_from(number)
            .ok()
            .and_then(|n| all.get(&n))
            .copied()
            .ok_or_else(|| "it is missing: the recording was cut off".to_owned()),
    };
    Ok(verify_log(&db, &Tiles::new(log_dir(config)), &public, &chunk).await?)
}
