//! The log's key, out of the vault.

pub(crate) use doorward_audit::KEY_PURPOSE as AUDIT;

use doorward_audit::CheckpointSigner;
use doorward_vault::{Vault, keys};

/// Signs checkpoints while the vault is open.
pub(crate) struct LogKey(pub(crate) Vault);

impl CheckpointSigner for LogKey {
    fn public(&self) -> Option<[u8; 32]> {
        keys::active(&self.0, AUDIT).ok()?.public.as_slice().try_into().ok()
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        keys::active(&self.0, AUDIT).ok()?.sign(message).ok()
    }
}
