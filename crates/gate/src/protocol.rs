//! What a protocol is to the house: a name, a form for its targets' settings,
//! and something that serves. Adding one is a crate, a dependency line and one
//! registry line in the binary.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::Gate;

/// A target's settings are not what its protocol wants.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{field}: {problem}")]
pub struct SettingsError {
    /// Which field.
    pub field: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// A key that a host shows of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKey {
    /// As settings have it: `ssh-ed25519 AAAA…`.
    pub line: String,
    /// `SHA256:…`, to be compared with the host's own.
    pub fingerprint: String,
}

/// It cannot serve.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ServeError(pub String);

/// One way to reach targets.
#[async_trait]
pub trait Protocol: Send + Sync {
    /// Its name, which targets carry as their kind: `ssh`.
    fn name(&self) -> &'static str;
    /// The JSON schema of its targets' settings.
    fn settings_schema(&self) -> serde_json::Value;
    /// Whether these settings can be used; said before they are saved.
    fn check_settings(&self, settings: &serde_json::Value) -> Result<(), SettingsError>;
    /// The keys that a host with these settings shows. Nothing is trusted by it:
    /// a person compares them with the host's own before they are pinned.
    async fn host_keys(
        &self,
        _settings: &serde_json::Value,
    ) -> Result<Vec<HostKey>, SettingsError> {
        Err(SettingsError {
            field: "kind".to_owned(),
            problem: "targets of this kind show no host keys".to_owned(),
        })
    }
    /// Serves until `shutdown`; returns when every session is over.
    async fn serve(&self, gate: Gate, shutdown: CancellationToken) -> Result<(), ServeError>;
}

/// The protocols of this house.
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<&'static str, Arc<dyn Protocol>>);

impl Registry {
    /// With none.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this one too.
    #[must_use]
    pub fn with(mut self, protocol: Arc<dyn Protocol>) -> Self {
        self.0.insert(protocol.name(), protocol);
        self
    }

    /// The one of this name.
    pub fn find(&self, name: &str) -> Option<&Arc<dyn Protocol>> {
        self.0.get(name)
    }

    /// All, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn Protocol>> {
        self.0.values()
    }

    /// Whether a target of this kind can have these settings.
    pub fn check(&self, kind: &str, settings: &serde_json::Value) -> Result<(), SettingsError> {
        match self.find(kind) {
            Some(protocol) => protocol.check_settings(settings),
            None => Err(SettingsError {
                field: "kind".to_owned(),
                problem: format!(
                    "no protocol is called {kind:?}; there is: {}",
                    self.0.keys().copied().collect::<Vec<_>>().join(", ")
                ),
            }),
        }
    }
}
