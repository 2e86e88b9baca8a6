//! The kinds of target that there can be, and what a host shows before it is one.

use doorward_core::{Class, CreateTarget, Event, ReadTarget};
use doorward_gate::HostKey;
use doorward_store::event;

use super::prelude::*;

/// A kind of target: what its protocol is called and asks for.
#[derive(Serialize, JsonSchema)]
pub(super) struct Protocol {
    /// The registered name of the protocol, which is the kind of its targets.
    name: &'static str,
    /// The JSON schema of a target's settings.
    settings_schema: serde_json::Value,
}

pub(super) async fn list(State(s): State<AppState>, caller: Caller) -> Answer<Listed<Protocol>> {
    s.allow(&caller.actor, ReadTarget {})?;
    let kind = |p: &std::sync::Arc<dyn doorward_gate::Protocol>| Protocol {
        name: p.name(),
        settings_schema: p.settings_schema(),
    };
    page(s.protocols.all().map(kind).collect(), None)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TargetPlace")]
pub(super) struct Place {
    /// The settings as far as they are known: where it is.
    settings: serde_json::Value,
}

/// A key that a host shows of itself; it is not trusted by that.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HostKey")]
pub(super) struct ShownKey {
    /// As settings have it: `ssh-ed25519 AAAA…`.
    line: String,
    /// `SHA256:…`, to be compared with the host's own.
    fingerprint: String,
}

pub(super) async fn host_keys(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(place): Body<Place>,
) -> Answer<Shown<ShownKeys>> {
    let allowed = s.allow(&caller.actor, CreateTarget {})?;
    let protocol = s.protocols.find(&name).ok_or_else(missing)?;
    let record = Event::new(&s.env, Class::EntityManagement, "target.looked-at", &caller.actor)
        .by(allowed.policies())
        .with("kind", protocol.name())
        .with("host", place.settings.get("host").cloned().unwrap_or_default())
        .with("port", place.settings.get("port").cloned().unwrap_or_default());
    s.db.write(move |c| event::append(c, &record)).await?;
    let found = protocol
        .host_keys(&place.settings)
        .await
        .map_err(|e| invalid(&format!("settings.{}", e.field), e.problem))?;
    let shown = |k: HostKey| ShownKey { line: k.line, fingerprint: k.fingerprint };
    answer(ShownKeys { keys: found.into_iter().map(shown).collect() })
}

/// What a host showed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HostKeys")]
pub(super) struct ShownKeys {
    /// One of each kind that it has.
    keys: Vec<ShownKey>,
}
