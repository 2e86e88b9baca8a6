//! Targets, accounts and their credentials; applications.

use doorward_core::{
    CreateApplication, CreateTarget, ReadApplication, ReadTarget, RotateCredential, Secret,
    WriteApplication, WriteTarget,
};
use doorward_directory::{Account, NewAccount, NewTarget, TargetChange, TargetFilter};
use doorward_sso::{ChangedApplication, NewApplication};
use doorward_vault::Credential;
use http::HeaderMap;

use super::prelude::*;
use super::support::target;

pub(super) async fn targets(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ListQuery>,
) -> Answer {
    let allowed = s.allow(&caller.actor, ReadTarget {})?;
    let filter = TargetFilter { q: q.q.clone(), ..TargetFilter::default() };
    answer(s.directory.targets(&allowed, filter, &q.page()).await?)
}

pub(super) async fn create_target(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewTarget>,
) -> Answer {
    created(s.directory.create_target(&s.allow(&caller.actor, CreateTarget {})?, new).await?)
}

pub(super) async fn show_target(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    let found = target(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, ReadTarget {})?;
    let mut accounts = Vec::new();
    for account in s.directory.accounts(&allowed, found.id).await? {
        let has = s.vault.has_credential(account.id).await?;
        accounts.push(with(&account, [("has_credential", json!(has))]));
    }
    answer(with(found, [("accounts", json!(accounts))]))
}

pub(super) async fn change_target(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    Body(change): Body<TargetChange>,
) -> Answer {
    let found = target(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteTarget { target: found.id })?;
    answer(s.directory.update_target(&allowed, expected(&headers)?, change).await?)
}

pub(super) async fn delete_target(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let found = target(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteTarget { target: found.id })?;
    s.directory.delete_target(&allowed, expected(&headers)?).await?;
    nothing()
}

pub(super) async fn create_account(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(new): Body<NewAccount>,
) -> Answer {
    let found = target(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteTarget { target: found.id })?;
    created(s.directory.create_account(&allowed, new).await?)
}

async fn account(s: &AppState, caller: &Caller, on: &str, name: &str) -> Result<Account, Problem> {
    let found = target(s, caller, on).await?;
    s.directory.find_account(found.name.as_str(), name).await?.ok_or_else(missing)
}

pub(super) async fn delete_account(
    State(s): State<AppState>,
    caller: Caller,
    Path((on, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let found = account(&s, &caller, &on, &name).await?;
    let allowed = s.allow(&caller.actor, WriteTarget { target: found.target })?;
    s.directory.delete_account(&allowed, found.id, expected(&headers)?).await?;
    nothing()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenCredential {
    kind: CredentialKind,
    value: Secret<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum CredentialKind {
    Password,
    PrivateKey,
}

pub(super) async fn set_credential(
    State(s): State<AppState>,
    caller: Caller,
    Path((on, name)): Path<(String, String)>,
    Body(given): Body<GivenCredential>,
) -> Answer {
    let found = account(&s, &caller, &on, &name).await?;
    let allowed = s.allow(&caller.actor, WriteTarget { target: found.target })?;
    let credential = match given.kind {
        CredentialKind::Password => Credential::Password(given.value),
        CredentialKind::PrivateKey => Credential::PrivateKey(given.value),
    };
    s.vault.set_credential(&allowed, found.id, &credential).await?;
    nothing()
}

pub(super) async fn rotate(
    State(s): State<AppState>,
    caller: Caller,
    Path((on, name)): Path<(String, String)>,
) -> Answer {
    let found = account(&s, &caller, &on, &name).await?;
    let allowed = s.allow(&caller.actor, RotateCredential { account: found.id })?;
    let settled = s.vault.rotate_credential(&allowed).await?;
    answer(json!({ "settled": format!("{settled:?}").to_lowercase() }))
}

pub(super) async fn applications(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ListQuery>,
) -> Answer {
    let allowed = s.allow(&caller.actor, ReadApplication {})?;
    answer(s.oidc.applications(&allowed, &s.cursors, q.cursor.as_deref(), q.most()).await?)
}

pub(super) async fn create_application(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewApplication>,
) -> Answer {
    created(s.oidc.create_application(&s.allow(&caller.actor, CreateApplication {})?, new).await?)
}

pub(super) async fn show_application(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    s.allow(&caller.actor, ReadApplication {})?;
    answer(s.oidc.application(&name).await?)
}

pub(super) async fn change_application(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    Body(mut change): Body<ChangedApplication>,
) -> Answer {
    s.allow(&caller.actor, ReadApplication {})?;
    let id = s.oidc.application(&name).await?.id;
    let allowed = s.allow(&caller.actor, WriteApplication { application: id })?;
    change.version = expected(&headers)?.or(change.version);
    answer(s.oidc.change_application(&allowed, change).await?)
}

pub(super) async fn rotate_application_secret(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    s.allow(&caller.actor, ReadApplication {})?;
    let id = s.oidc.application(&name).await?.id;
    let allowed = s.allow(&caller.actor, WriteApplication { application: id })?;
    answer(s.oidc.rotate_secret(&allowed).await?)
}

pub(super) async fn delete_application(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    s.allow(&caller.actor, ReadApplication {})?;
    let id = s.oidc.application(&name).await?.id;
    let allowed = s.allow(&caller.actor, WriteApplication { application: id })?;
    s.oidc.delete_application(&allowed).await?;
    nothing()
}
