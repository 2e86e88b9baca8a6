//! The SSH authority: what targets must trust, for whoever sets one up.

use axum::response::{IntoResponse, Response};
use doorward_core::ManageSeal;
use doorward_vault::keys::{self, When};
use doorward_vault::ssh_ca::{self, AuthorityKey};
use http::header;

use super::prelude::*;
use crate::describe::{Description, Gives};

/// The keys whose certificates open accounts on targets.
#[derive(Serialize, JsonSchema)]
pub(super) struct SshAuthority {
    /// All that targets must trust: the one that signs now, one that will, and
    /// those whose certificates may still be under way.
    keys: Vec<AuthorityKey>,
}

fn authority(s: &AppState) -> Result<Vec<AuthorityKey>, Problem> {
    // A public key is no secret, and a host that is being set up has no session.
    Ok(ssh_ca::authority(&s.vault)?)
}

pub(super) async fn show(State(s): State<AppState>) -> Answer<Shown<SshAuthority>> {
    answer(SshAuthority { keys: authority(&s)? })
}

/// The file that `TrustedUserCAKeys` names.
pub(super) struct TrustedKeys(String);

impl IntoResponse for TrustedKeys {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], self.0).into_response()
    }
}

impl Gives for TrustedKeys {
    fn gives(d: &mut Description<'_>) {
        d.gives::<String>(200, "Lines for the file that TrustedUserCAKeys names", &["text/plain"]);
    }
}

pub(super) async fn file(State(s): State<AppState>) -> Answer<TrustedKeys> {
    Ok(TrustedKeys(authority(&s)?.iter().map(|k| format!("{}\n", k.line)).collect()))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "RotateSshAuthority")]
pub(super) struct Rotate {
    /// The key leaked: the new one signs at once, and the old one is no longer
    /// listed. Else it takes over after a day in which targets can learn of it.
    leaked: bool,
}

pub(super) async fn rotate(
    State(s): State<AppState>,
    caller: Caller,
    Body(how): Body<Rotate>,
) -> Answer<Shown<SshAuthority>> {
    let allowed = s.allow(&caller.actor, ManageSeal {})?;
    let when = if how.leaked { When::Now } else { When::Published };
    ssh_ca::ensure(&s.vault).await?;
    keys::rotate(&s.vault, &allowed, ssh_ca::PURPOSE, when).await?;
    answer(SshAuthority { keys: authority(&s)? })
}
