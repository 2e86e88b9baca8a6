//! Targets, accounts and their credentials; applications.

use doorward_core::{
    CreateApplication, CreateTarget, ReadApplication, ReadTarget, RotateCredential, Secret,
    WriteApplication, WriteTarget,
};
use doorward_directory::{
    Account, AccountChange, NewAccount, NewTarget, Order, Target, TargetChange, TargetFilter,
    TargetSort,
};
use doorward_sso::{
    ApplicationView, ChangedApplication, NewApplication, Registered, Trial, TrialResult,
};
use doorward_store::application::{self, ApplicationSort};
use doorward_vault::{Credential, Settled, Tried};

use super::prelude::*;
use super::support::target;

/// A target and the accounts on it.
#[derive(Serialize, JsonSchema)]
pub(super) struct TargetDetails {
    #[serde(flatten)]
    target: Target,
    /// The accounts on it.
    accounts: Vec<AccountDetails>,
}

/// An account, and whether it can be used.
#[derive(Serialize, JsonSchema)]
pub(super) struct AccountDetails {
    #[serde(flatten)]
    account: Account,
    /// Whether sessions can be opened on it.
    has_credential: bool,
    /// What opens it.
    credential: Option<CredentialKind>,
}

/// What a target said to the credential that the vault holds.
#[derive(Serialize, JsonSchema)]
pub(super) struct TestedCredential {
    /// It takes it.
    works: bool,
    /// Why the target could not be asked.
    problem: Option<String>,
}

/// What came of a rotation.
#[derive(Serialize, JsonSchema)]
pub(super) struct Rotated {
    /// Which credential is the live one now.
    settled: WhichCredential,
    /// Its version.
    version: i64,
}

/// The one that the rotation made, or the one before.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum WhichCredential {
    New,
    Old,
}

listing! {
    /// Which targets.
    TargetQuery sorted by TargetSort, Order::up(TargetSort::Name);
    {
        /// Part of the name, the description, the host or a label; a label as `env=prod`.
        q: String,
        /// The protocol: `ssh`.
        kind: String,
        /// Whether they may be reached.
        enabled: bool,
    }
}

pub(super) async fn targets(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<TargetQuery>,
) -> Answer<Listed<Target>> {
    let allowed = s.allow(&caller.actor, ReadTarget {})?;
    let filter = TargetFilter { q: q.q.clone(), kind: q.kind.clone(), enabled: q.enabled };
    Ok(s.directory.targets(&allowed, filter, &q.page()).await?.into())
}

pub(super) async fn create_target(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewTarget>,
) -> Answer<Created<Target>> {
    created(s.directory.create_target(&s.allow(&caller.actor, CreateTarget {})?, new).await?)
}

pub(super) async fn show_target(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Shown<TargetDetails>> {
    let found = target(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, ReadTarget {})?;
    let mut accounts = Vec::new();
    for account in s.directory.accounts(&allowed, found.id).await? {
        let kind = s.vault.credential_kind(account.id).await?;
        let credential = kind.as_deref().and_then(CredentialKind::of);
        accounts.push(AccountDetails { account, has_credential: kind.is_some(), credential });
    }
    answer(TargetDetails { target: found, accounts })
}

pub(super) async fn change_target(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    IfMatch(seen): IfMatch,
    Body(change): Body<TargetChange>,
) -> Answer<Shown<Target>> {
    let found = target(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteTarget { target: found.id })?;
    if change.name.as_deref().is_some_and(|other| other != name) {
        // Policies know it by its name: another one is as good as a new one.
        s.allow(&caller.actor, CreateTarget {})?;
    }
    answer(s.directory.update_target(&allowed, seen, change).await?)
}

pub(super) async fn delete_target(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    IfMatch(seen): IfMatch,
) -> Answer<Nothing> {
    let found = target(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteTarget { target: found.id })?;
    s.directory.delete_target(&allowed, seen).await?;
    nothing()
}

pub(super) async fn create_account(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(new): Body<NewAccount>,
) -> Answer<Created<Account>> {
    let found = target(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteTarget { target: found.id })?;
    created(s.directory.create_account(&allowed, new).await?)
}

async fn account(s: &AppState, caller: &Caller, on: &str, name: &str) -> Result<Account, Problem> {
    let found = target(s, caller, on).await?;
    s.directory.find_account(found.name.as_str(), name).await?.ok_or_else(missing)
}

pub(super) async fn change_account(
    State(s): State<AppState>,
    caller: Caller,
    Path((on, name)): Path<(String, String)>,
    IfMatch(seen): IfMatch,
    Body(change): Body<AccountChange>,
) -> Answer<Shown<Account>> {
    let found = account(&s, &caller, &on, &name).await?;
    let allowed = s.allow(&caller.actor, WriteTarget { target: found.target })?;
    answer(s.directory.update_account(&allowed, found.id, seen, change).await?)
}

pub(super) async fn delete_account(
    State(s): State<AppState>,
    caller: Caller,
    Path((on, name)): Path<(String, String)>,
    IfMatch(seen): IfMatch,
) -> Answer<Nothing> {
    let found = account(&s, &caller, &on, &name).await?;
    let allowed = s.allow(&caller.actor, WriteTarget { target: found.target })?;
    s.directory.delete_account(&allowed, found.id, seen).await?;
    nothing()
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewCredential")]
pub(super) struct GivenCredential {
    /// What it is.
    kind: CredentialKind,
    /// The credential; it is never shown again. A certificate has none.
    #[serde(default)]
    value: Option<Secret<String>>,
}

/// What opens an account.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum CredentialKind {
    /// A password.
    Password,
    /// A private SSH key.
    PrivateKey,
    /// Nothing that is kept: each session gets an SSH certificate of its own.
    Certificate,
}

impl CredentialKind {
    /// By the vault's own name.
    fn of(kind: &str) -> Option<Self> {
        match kind {
            "password" => Some(Self::Password),
            "ssh-key" => Some(Self::PrivateKey),
            "certificate" => Some(Self::Certificate),
            _ => None,
        }
    }
}

pub(super) async fn set_credential(
    State(s): State<AppState>,
    caller: Caller,
    Path((on, name)): Path<(String, String)>,
    Body(given): Body<GivenCredential>,
) -> Answer<Nothing> {
    let found = account(&s, &caller, &on, &name).await?;
    let allowed = s.allow(&caller.actor, WriteTarget { target: found.target })?;
    let credential = match (given.kind, given.value) {
        (CredentialKind::Password, Some(value)) => Credential::Password(value),
        (CredentialKind::PrivateKey, Some(value)) => Credential::PrivateKey(value),
        (CredentialKind::Certificate, None) => {
            s.vault.set_certificate(&allowed, found.id).await?;
            return nothing();
        }
        (CredentialKind::Certificate, Some(_)) => {
            return Err(invalid("value", "a certificate has no value; leave it out"));
        }
        (_, None) => return Err(invalid("value", "write the password or the private key")),
    };
    s.vault.set_credential(&allowed, found.id, &credential).await?;
    nothing()
}

pub(super) async fn rotate(
    State(s): State<AppState>,
    caller: Caller,
    Path((on, name)): Path<(String, String)>,
) -> Answer<Shown<Rotated>> {
    let found = account(&s, &caller, &on, &name).await?;
    let allowed = s.allow(&caller.actor, RotateCredential { account: found.id })?;
    let (settled, version) = match s.vault.rotate_credential(&allowed).await? {
        Settled::New(version) => (WhichCredential::New, version),
        Settled::Old(version) => (WhichCredential::Old, version),
    };
    answer(Rotated { settled, version })
}

pub(super) async fn test_credential(
    State(s): State<AppState>,
    caller: Caller,
    Path((on, name)): Path<(String, String)>,
) -> Answer<Shown<TestedCredential>> {
    let found = account(&s, &caller, &on, &name).await?;
    let allowed = s.allow(&caller.actor, RotateCredential { account: found.id })?;
    let (works, problem) = match s.vault.test_credential(&allowed).await? {
        Tried::Works => (true, None),
        Tried::Refused => (false, None),
        Tried::Unreachable(e) => (false, Some(e.to_string())),
    };
    answer(TestedCredential { works, problem })
}

listing! {
    /// Which applications.
    ApplicationQuery sorted by ApplicationSort, Order::up(ApplicationSort::Name);
    {
        /// Part of the name, the title or the description.
        q: String,
        /// Whether they may be used.
        enabled: bool,
    }
}

pub(super) async fn applications(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ApplicationQuery>,
) -> Answer<Listed<ApplicationView>> {
    let allowed = s.allow(&caller.actor, ReadApplication {})?;
    let filter = application::Filter { q: q.q.clone(), enabled: q.enabled };
    Ok(s.oidc.applications(&allowed, &s.cursors, filter, &q.page()).await?.into())
}

pub(super) async fn create_application(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewApplication>,
) -> Answer<Created<Registered>> {
    created(s.oidc.create_application(&s.allow(&caller.actor, CreateApplication {})?, new).await?)
}

pub(super) async fn show_application(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Shown<ApplicationView>> {
    s.allow(&caller.actor, ReadApplication {})?;
    answer(s.oidc.application(&name).await?)
}

pub(super) async fn change_application(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    IfMatch(seen): IfMatch,
    Body(mut change): Body<ChangedApplication>,
) -> Answer<Shown<ApplicationView>> {
    s.allow(&caller.actor, ReadApplication {})?;
    let id = s.oidc.application(&name).await?.id;
    let allowed = s.allow(&caller.actor, WriteApplication { application: id })?;
    change.version = seen.or(change.version);
    answer(s.oidc.change_application(&allowed, change).await?)
}

pub(super) async fn test_sign_in(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(trial): Body<Trial>,
) -> Answer<Shown<TrialResult>> {
    s.allow(&caller.actor, ReadApplication {})?;
    let id = s.oidc.application(&name).await?.id;
    let allowed = s.allow(&caller.actor, WriteApplication { application: id })?;
    let network = &caller.actor.network;
    answer(s.oidc.try_sign_in(&allowed, &trial, &caller.session, network).await?)
}

pub(super) async fn rotate_application_secret(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Shown<Registered>> {
    s.allow(&caller.actor, ReadApplication {})?;
    let id = s.oidc.application(&name).await?.id;
    let allowed = s.allow(&caller.actor, WriteApplication { application: id })?;
    answer(s.oidc.rotate_secret(&allowed).await?)
}

pub(super) async fn delete_application(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Nothing> {
    s.allow(&caller.actor, ReadApplication {})?;
    let id = s.oidc.application(&name).await?.id;
    let allowed = s.allow(&caller.actor, WriteApplication { application: id })?;
    s.oidc.delete_application(&allowed).await?;
    nothing()
}
