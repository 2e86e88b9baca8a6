//! People, workloads, groups, roles.

use doorward_core::lifecycle::LiveSession;
use doorward_core::{
    CreateGroup, CreateIdentity, CreateRole, DisableIdentity, Entity, ManageAuthenticators,
    ReadGroup, ReadIdentity, ReadRole, Timestamp, WriteGroup, WriteIdentity, WriteRole,
};
use doorward_directory::{
    Assignment, Attributes, Group, GroupChange, GroupFilter, GroupMembers, GroupSort, Holder,
    Identity, IdentityChange, IdentityFilter, IdentityKind, IdentitySort, Member, Membership,
    NewGroup, NewPerson, NewRole, NewWorkload, Order, Relation, Role, RoleChange, RoleFilter,
    RoleSort,
};
use doorward_signin::LinkPurpose;

use super::prelude::*;
use super::support::{group, role, who};

listing! {
    /// Which people and workloads.
    IdentityQuery sorted by IdentitySort, Order::up(IdentitySort::Name);
    {
        /// Part of the name, display name or e-mail address.
        q: String,
        /// People, or workloads.
        kind: IdentityKind,
        /// What they are to the organisation.
        relation: Relation,
        /// Whether they are enabled.
        enabled: bool,
        /// Directly in this group, by name or id.
        group: String,
        /// Holding this role directly, by name or id.
        role: String,
    }
}

pub(super) async fn identities(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<IdentityQuery>,
) -> Answer<Listed<Identity>> {
    let allowed = s.allow(&caller.actor, ReadIdentity {})?;
    let mut filter = IdentityFilter {
        q: q.q.clone(),
        kind: q.kind,
        relation: q.relation,
        enabled: q.enabled,
        ..IdentityFilter::default()
    };
    if let Some(name) = &q.group {
        filter.group = Some(group(&s, &caller, name).await?);
    }
    if let Some(name) = &q.role {
        filter.role = Some(role(&s, &caller, name).await?);
    }
    Ok(s.directory.identities(&allowed, filter, &q.page()).await?.into())
}

/// An identity, what it is in and what it holds.
#[derive(Serialize, JsonSchema)]
pub(super) struct IdentityDetails {
    #[serde(flatten)]
    identity: Identity,
    /// Groups and roles, directly or through groups.
    membership: Membership,
}

/// A group and what is directly in it.
#[derive(Serialize, JsonSchema)]
pub(super) struct GroupDetails {
    #[serde(flatten)]
    group: Group,
    /// What is directly in it.
    members: GroupMembers,
}

/// A role and who holds it.
#[derive(Serialize, JsonSchema)]
pub(super) struct RoleDetails {
    #[serde(flatten)]
    role: Role,
    /// Who holds it, and until when.
    holders: Vec<Assignment>,
}

/// A link that works once.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneTimeLink {
    /// Whom it is for.
    name: String,
    /// The link; it is shown this once.
    link: String,
    /// Until when it works.
    expires_at: Timestamp,
}

/// A person, or a workload with the name of the person that answers for it.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum NewIdentity {
    Person(NewPerson),
    Workload(NamedWorkload),
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewWorkload")]
pub(super) struct NamedWorkload {
    /// Its name.
    name: String,
    /// What people read; the name when it is none.
    #[serde(default)]
    display_name: Option<String>,
    /// Who answers for it, by name.
    owner: String,
    /// From when it may act.
    #[serde(default)]
    starts_at: Option<Timestamp>,
    /// Until when.
    #[serde(default)]
    ends_at: Option<Timestamp>,
    /// Further facts for policies.
    #[serde(default)]
    attributes: Attributes,
}

pub(super) async fn create_identity(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewIdentity>,
) -> Answer<Created<Identity>> {
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
                starts_at: new.starts_at,
                ends_at: new.ends_at,
                attributes: new.attributes,
            };
            created(s.directory.create_workload(&allowed, workload).await?)
        }
    }
}

pub(super) async fn show_identity(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Shown<IdentityDetails>> {
    let allowed = s.allow(&caller.actor, ReadIdentity {})?;
    let found = s.directory.identity(&allowed, identity(&s, &name)?).await?;
    let membership = s.directory.membership(found.id).await?;
    answer(IdentityDetails { identity: found, membership })
}

pub(super) async fn change_identity(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    IfMatch(seen): IfMatch,
    Body(change): Body<IdentityChange>,
) -> Answer<Shown<Identity>> {
    let allowed = s.allow(&caller.actor, WriteIdentity { identity: identity(&s, &name)? })?;
    if change.name.as_deref().is_some_and(|other| other != name) {
        s.allow(&caller.actor, CreateIdentity {})?;
    }
    answer(s.directory.update_identity(&allowed, seen, change).await?)
}

pub(super) async fn delete_identity(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    IfMatch(seen): IfMatch,
) -> Answer<Nothing> {
    let allowed = s.allow(&caller.actor, WriteIdentity { identity: identity(&s, &name)? })?;
    s.directory.delete_identity(&allowed, seen).await?;
    nothing()
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Reason")]
pub(super) struct Why {
    /// Why.
    pub(super) reason: String,
}

pub(super) async fn disable(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(why): Body<Why>,
) -> Answer<Shown<Identity>> {
    let allowed = s.allow(&caller.actor, DisableIdentity { identity: identity(&s, &name)? })?;
    answer(s.directory.disable_identity(&allowed, &why.reason).await?)
}

pub(super) async fn enable(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(_): Body<Why>,
) -> Answer<Shown<Identity>> {
    let allowed = s.allow(&caller.actor, DisableIdentity { identity: identity(&s, &name)? })?;
    answer(s.directory.enable_identity(&allowed).await?)
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "NewInvitation")]
pub(super) struct Invite {
    /// Take away all authenticators that they have.
    reset: bool,
}

pub(super) async fn invite(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(invite): Body<Invite>,
) -> Answer<Created<OneTimeLink>> {
    let id = identity(&s, &name)?;
    let allowed = s.allow(&caller.actor, ManageAuthenticators { identity: id })?;
    let purpose = if invite.reset { LinkPurpose::Reset } else { LinkPurpose::Invitation };
    let link = s.signin.create_link(&allowed, purpose).await?;
    created(OneTimeLink {
        name: name_of(&s, id),
        link: link.url().to_owned(),
        expires_at: link.expires_at,
    })
}

pub(super) async fn sessions_of(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Listed<LiveSession>> {
    let allowed =
        s.allow(&caller.actor, ManageAuthenticators { identity: identity(&s, &name)? })?;
    page(s.signin.sessions_of(&allowed).await?, None)
}

pub(super) async fn end_sessions_of(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Nothing> {
    let allowed =
        s.allow(&caller.actor, ManageAuthenticators { identity: identity(&s, &name)? })?;
    s.signin.revoke_sessions_of(&allowed).await?;
    nothing()
}

listing! {
    /// Which groups.
    GroupQuery sorted by GroupSort, Order::up(GroupSort::Name);
    {
        /// Part of the name or the description.
        q: String,
        /// With this identity directly in them, by name or id.
        member: String,
    }
}

pub(super) async fn groups(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<GroupQuery>,
) -> Answer<Listed<Group>> {
    let allowed = s.allow(&caller.actor, ReadGroup {})?;
    let member = who(&s, "member", q.member.as_deref())?;
    let filter = GroupFilter { q: q.q.clone(), member };
    Ok(s.directory.groups(&allowed, filter, &q.page()).await?.into())
}

pub(super) async fn create_group(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewGroup>,
) -> Answer<Created<Group>> {
    created(s.directory.create_group(&s.allow(&caller.actor, CreateGroup {})?, new).await?)
}

pub(super) async fn show_group(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Shown<GroupDetails>> {
    let id = group(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, ReadGroup {})?;
    let found = s.directory.group(&allowed, id).await?;
    let members = s.directory.members(&allowed, id).await?;
    answer(GroupDetails { group: found, members })
}

pub(super) async fn change_group(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    IfMatch(seen): IfMatch,
    Body(change): Body<GroupChange>,
) -> Answer<Shown<Group>> {
    let id = group(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteGroup { group: id })?;
    if change.name.as_deref().is_some_and(|other| other != name) {
        // Policies know it by its name: another one is as good as a new one.
        s.allow(&caller.actor, CreateGroup {})?;
    }
    answer(s.directory.update_group(&allowed, seen, change).await?)
}

pub(super) async fn delete_group(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    IfMatch(seen): IfMatch,
) -> Answer<Nothing> {
    let id = group(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteGroup { group: id })?;
    s.directory.delete_group(&allowed, seen).await?;
    nothing()
}

/// What may be in a group or hold a role.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum MemberKind {
    Identities,
    Groups,
}

/// Whose group or role, the kind of the member or holder, and its name.
type Membered = (String, MemberKind, String);

async fn member(
    s: &AppState,
    caller: &Caller,
    kind: MemberKind,
    name: &str,
) -> Result<Member, Problem> {
    match kind {
        MemberKind::Identities => identity(s, name).map(Member::Identity),
        MemberKind::Groups => group(s, caller, name).await.map(Member::Group),
    }
}

pub(super) async fn add_member(
    State(s): State<AppState>,
    caller: Caller,
    Path((name, kind, who)): Path<Membered>,
) -> Answer<Nothing> {
    let id = group(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteGroup { group: id })?;
    s.directory.add_member(&allowed, member(&s, &caller, kind, &who).await?).await?;
    nothing()
}

pub(super) async fn remove_member(
    State(s): State<AppState>,
    caller: Caller,
    Path((name, kind, who)): Path<Membered>,
) -> Answer<Nothing> {
    let id = group(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteGroup { group: id })?;
    s.directory.remove_member(&allowed, member(&s, &caller, kind, &who).await?).await?;
    nothing()
}

listing! {
    /// Which roles.
    RoleQuery sorted by RoleSort, Order::up(RoleSort::Name);
    {
        /// Part of the name or the description.
        q: String,
        /// Held by this identity directly, by name or id.
        holder: String,
    }
}

pub(super) async fn roles(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<RoleQuery>,
) -> Answer<Listed<Role>> {
    let allowed = s.allow(&caller.actor, ReadRole {})?;
    let holder = who(&s, "holder", q.holder.as_deref())?;
    let filter = RoleFilter { q: q.q.clone(), holder };
    Ok(s.directory.roles(&allowed, filter, &q.page()).await?.into())
}

pub(super) async fn create_role(
    State(s): State<AppState>,
    caller: Caller,
    Body(new): Body<NewRole>,
) -> Answer<Created<Role>> {
    created(s.directory.create_role(&s.allow(&caller.actor, CreateRole {})?, new).await?)
}

pub(super) async fn show_role(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Shown<RoleDetails>> {
    let id = role(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, ReadRole {})?;
    let found = s.directory.role(&allowed, id).await?;
    let holders = s.directory.role_holders(&allowed, id).await?;
    answer(RoleDetails { role: found, holders })
}

pub(super) async fn change_role(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    IfMatch(seen): IfMatch,
    Body(change): Body<RoleChange>,
) -> Answer<Shown<Role>> {
    let id = role(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteRole { role: id })?;
    if change.name.as_deref().is_some_and(|other| other != name) {
        // Policies know it by its name: another one is as good as a new one.
        s.allow(&caller.actor, CreateRole {})?;
    }
    answer(s.directory.update_role(&allowed, seen, change).await?)
}

pub(super) async fn delete_role(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    IfMatch(seen): IfMatch,
) -> Answer<Nothing> {
    let id = role(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteRole { role: id })?;
    s.directory.delete_role(&allowed, seen).await?;
    nothing()
}

async fn holder(
    s: &AppState,
    caller: &Caller,
    kind: MemberKind,
    name: &str,
) -> Result<Holder, Problem> {
    match member(s, caller, kind, name).await? {
        Member::Identity(id) => Ok(Holder::Identity(id)),
        Member::Group(id) => Ok(Holder::Group(id)),
    }
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "NewAssignment")]
pub(super) struct Until {
    /// Until when; for good when it is none.
    ends_at: Option<Timestamp>,
}

pub(super) async fn assign_role(
    State(s): State<AppState>,
    caller: Caller,
    Path((name, kind, who)): Path<Membered>,
    Body(until): Body<Until>,
) -> Answer<Nothing> {
    let id = role(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteRole { role: id })?;
    let holder = holder(&s, &caller, kind, &who).await?;
    s.directory.assign_role(&allowed, holder, until.ends_at).await?;
    nothing()
}

pub(super) async fn unassign_role(
    State(s): State<AppState>,
    caller: Caller,
    Path((name, kind, who)): Path<Membered>,
) -> Answer<Nothing> {
    let id = role(&s, &caller, &name).await?;
    let allowed = s.allow(&caller.actor, WriteRole { role: id })?;
    s.directory.unassign_role(&allowed, holder(&s, &caller, kind, &who).await?).await?;
    nothing()
}
