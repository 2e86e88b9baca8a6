//! People, workloads, groups, roles.

use doorward_core::{
    CreateGroup, CreateIdentity, CreateRole, DisableIdentity, Entity, ManageAuthenticators,
    ReadGroup, ReadIdentity, ReadRole, Timestamp, WriteGroup, WriteIdentity, WriteRole,
};
use doorward_directory::{
    GroupChange, Holder, IdentityChange, IdentityFilter, Member, NewGroup, NewPerson, NewRole,
    NewWorkload, RoleChange,
};
use doorward_signin::LinkPurpose;
use http::HeaderMap;

use super::prelude::*;
use super::support::{group, role};

pub(super) async fn identities(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ListQuery>,
) -> Answer {
    let allowed = s.allow(&caller.actor, ReadIdentity {})?;
    let filter = IdentityFilter { q: q.q.clone(), ..IdentityFilter::default() };
    answer(s.directory.identities(&allowed, filter, &q.page()).await?)
}

/// A person, or a workload with the name of the person that answers for it.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum NewIdentity {
    Person(NewPerson),
    Workload(NamedWorkload),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedWorkload {
    name: String,
    #[serde(default)]
    display_name: Option<String>,
    owner: String,
    #[serde(default)]
    ends_at: Option<Timestamp>,
}

pub(super) async fn create_identity(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewIdentity>,
) -> Answer {
    let allowed = s.allow(&caller.actor, CreateIdentity {})?;
    match new {
        NewIdentity::Person(person) => created(s.directory.create_person(&allowed, person).await?),
        NewIdentity::Workload(new) => {
            let owner =
                identity(&s, &new.owner).map_err(|_| invalid("owner", "nobody has this name"))?;
            let workload = NewWorkload {
                name: new.name,
                display_name: new.display_name,
                owner: Entity::new("Person", owner),
                starts_at: None,
                ends_at: new.ends_at,
                attributes: Default::default(),
            };
            created(s.directory.create_workload(&allowed, workload).await?)
        }
    }
}

pub(super) async fn show_identity(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    let allowed = s.allow(&caller.actor, ReadIdentity {})?;
    let found = s.directory.identity(&allowed, identity(&s, &name)?).await?;
    let member = s.directory.membership(found.id).await?;
    answer(with(&found, [("membership", json!(member))]))
}

pub(super) async fn change_identity(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    Body(change): Body<IdentityChange>,
) -> Answer {
    let allowed = s.allow(&caller.actor, WriteIdentity { identity: identity(&s, &name)? })?;
    answer(s.directory.update_identity(&allowed, expected(&headers)?, change).await?)
}

pub(super) async fn delete_identity(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let allowed = s.allow(&caller.actor, WriteIdentity { identity: identity(&s, &name)? })?;
    s.directory.delete_identity(&allowed, expected(&headers)?).await?;
    nothing()
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Why {
    pub(super) reason: String,
}

pub(super) async fn disable(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(why): Body<Why>,
) -> Answer {
    let allowed = s.allow(&caller.actor, DisableIdentity { identity: identity(&s, &name)? })?;
    answer(s.directory.disable_identity(&allowed, &why.reason).await?)
}

pub(super) async fn enable(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(_): Body<Why>,
) -> Answer {
    let allowed = s.allow(&caller.actor, DisableIdentity { identity: identity(&s, &name)? })?;
    answer(s.directory.enable_identity(&allowed).await?)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Invite {
    /// Take away all authenticators that they have.
    reset: bool,
}

pub(super) async fn invite(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(invite): Body<Invite>,
) -> Answer {
    let id = identity(&s, &name)?;
    let allowed = s.allow(&caller.actor, ManageAuthenticators { identity: id })?;
    let purpose = if invite.reset { LinkPurpose::Reset } else { LinkPurpose::Invitation };
    let link = s.signin.create_link(&allowed, purpose).await?;
    created(json!({ "name": name_of(&s, id), "link": link.url(), "expires_at": link.expires_at }))
}

pub(super) async fn sessions_of(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    let allowed =
        s.allow(&caller.actor, ManageAuthenticators { identity: identity(&s, &name)? })?;
    page(s.signin.sessions_of(&allowed).await?, None)
}

pub(super) async fn end_sessions_of(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    let allowed =
        s.allow(&caller.actor, ManageAuthenticators { identity: identity(&s, &name)? })?;
    s.signin.revoke_sessions_of(&allowed).await?;
    nothing()
}

pub(super) async fn groups(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ListQuery>,
) -> Answer {
    let allowed = s.allow(&caller.actor, ReadGroup {})?;
    answer(s.directory.groups(&allowed, q.q.clone(), &q.page()).await?)
}

pub(super) async fn create_group(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewGroup>,
) -> Answer {
    created(s.directory.create_group(&s.allow(&caller.actor, CreateGroup {})?, new).await?)
}

pub(super) async fn show_group(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    let id = group(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, ReadGroup {})?;
    let found = s.directory.group(&allowed, id).await?;
    answer(with(found, [("members", json!(s.directory.members(&allowed, id).await?))]))
}

pub(super) async fn change_group(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    Body(change): Body<GroupChange>,
) -> Answer {
    let id = group(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteGroup { group: id })?;
    answer(s.directory.update_group(&allowed, expected(&headers)?, change).await?)
}

pub(super) async fn delete_group(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let id = group(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteGroup { group: id })?;
    s.directory.delete_group(&allowed, expected(&headers)?).await?;
    nothing()
}

/// `identities` or `groups`, in the path.
async fn member(s: &AppState, caller: &Caller, kind: &str, name: &str) -> Result<Member, Problem> {
    match kind {
        "identities" => identity(s, name).map(Member::Identity),
        "groups" => group(s, caller, name).await.map(Member::Group),
        _ => Err(missing()),
    }
}

pub(super) async fn add_member(
    State(s): State<AppState>,
    caller: Caller,
    Path((name, kind, who)): Path<(String, String, String)>,
) -> Answer {
    let id = group(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteGroup { group: id })?;
    s.directory.add_member(&allowed, member(&s, &caller, &kind, &who).await?).await?;
    nothing()
}

pub(super) async fn remove_member(
    State(s): State<AppState>,
    caller: Caller,
    Path((name, kind, who)): Path<(String, String, String)>,
) -> Answer {
    let id = group(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteGroup { group: id })?;
    s.directory.remove_member(&allowed, member(&s, &caller, &kind, &who).await?).await?;
    nothing()
}

pub(super) async fn roles(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<ListQuery>,
) -> Answer {
    let allowed = s.allow(&caller.actor, ReadRole {})?;
    answer(s.directory.roles(&allowed, q.q.clone(), &q.page()).await?)
}

pub(super) async fn create_role(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewRole>,
) -> Answer {
    created(s.directory.create_role(&s.allow(&caller.actor, CreateRole {})?, new).await?)
}

pub(super) async fn show_role(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    let id = role(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, ReadRole {})?;
    let found = s.directory.role(&allowed, id).await?;
    answer(with(found, [("holders", json!(s.directory.role_holders(&allowed, id).await?))]))
}

pub(super) async fn change_role(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    Body(change): Body<RoleChange>,
) -> Answer {
    let id = role(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteRole { role: id })?;
    answer(s.directory.update_role(&allowed, expected(&headers)?, change).await?)
}

pub(super) async fn delete_role(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let id = role(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteRole { role: id })?;
    s.directory.delete_role(&allowed, expected(&headers)?).await?;
    nothing()
}

async fn holder(s: &AppState, caller: &Caller, kind: &str, name: &str) -> Result<Holder, Problem> {
    match member(s, caller, kind, name).await? {
        Member::Identity(id) => Ok(Holder::Identity(id)),
        Member::Group(id) => Ok(Holder::Group(id)),
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Until {
    ends_at: Option<Timestamp>,
}

pub(super) async fn assign_role(
    State(s): State<AppState>,
    caller: Caller,
    Path((name, kind, who)): Path<(String, String, String)>,
    Body(until): Body<Until>,
) -> Answer {
    let id = role(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteRole { role: id })?;
    let holder = holder(&s, &caller, &kind, &who).await?;
    s.directory.assign_role(&allowed, holder, until.ends_at).await?;
    nothing()
}

pub(super) async fn unassign_role(
    State(s): State<AppState>,
    caller: Caller,
    Path((name, kind, who)): Path<(String, String, String)>,
) -> Answer {
    let id = role(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteRole { role: id })?;
    s.directory.unassign_role(&allowed, holder(&s, &caller, &kind, &who).await?).await?;
    nothing()
}
