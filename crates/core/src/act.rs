//! One type for each act. `Allowed<EndSession>` is no `Allowed<WatchSession>`.

use crate::{
    AccountId, Act, Action, ApplicationId, DeviceId, Entity, GrantId, GroupId, IdentityId,
    PolicyId, PrivilegedSessionId, RequestId, Resource, RoleId, SecretId, TargetId,
};

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $ty:ty),* } = $action:ident on |$self:ident| $resource:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $(#[allow(missing_docs)] pub $field: $ty),* }
        impl Act for $name {
            const ACTION: Action = Action::$action;
            fn resource(&self) -> Resource {
                let $self = self;
                $resource
            }
        }
    )+};
}

acts! {
    /// Sign in to Doorward.
    SignIn {} = SignIn on |_a| Resource::house();
    /// Open an application.
    OpenApplication { application: ApplicationId } = OpenApplication on |a| Resource::application(a.application);
    /// Open a privileged session.
    OpenSession { account: AccountId } = OpenSession on |a| Resource::account(a.account);
    /// Forward a port.
    ForwardPort { account: AccountId } = ForwardPort on |a| Resource::account(a.account);
    /// Break the glass.
    BreakGlass { account: AccountId } = BreakGlass on |a| Resource::account(a.account);
    /// Decide a request.
    DecideRequest { request: RequestId, requester: IdentityId, about: Entity } = DecideRequest
        on |a| Resource::request(a.request, a.requester, a.about.clone());
    /// See a request.
    ReadRequest { request: RequestId, requester: IdentityId, about: Entity } = ReadRequest
        on |a| Resource::request(a.request, a.requester, a.about.clone());
    /// See a grant.
    ReadGrant { grant: GrantId, holder: IdentityId, about: Entity } = ReadGrant
        on |a| Resource::grant(a.grant, a.holder, a.about.clone());
    /// End a grant.
    RevokeGrant { grant: GrantId, holder: IdentityId, about: Entity } = RevokeGrant
        on |a| Resource::grant(a.grant, a.holder, a.about.clone());
    /// See a privileged session.
    ReadSession { session: PrivilegedSessionId, owner: IdentityId, account: AccountId } = ReadSession
        on |a| Resource::privileged_session(a.session, a.owner, a.account);
    /// Watch a privileged session.
    WatchSession { session: PrivilegedSessionId, owner: IdentityId, account: AccountId } = WatchSession
        on |a| Resource::privileged_session(a.session, a.owner, a.account);
    /// End a privileged session.
    EndSession { session: PrivilegedSessionId, owner: IdentityId, account: AccountId } = EndSession
        on |a| Resource::privileged_session(a.session, a.owner, a.account);
    /// Freeze or thaw a privileged session.
    FreezeSession { session: PrivilegedSessionId, owner: IdentityId, account: AccountId } = FreezeSession
        on |a| Resource::privileged_session(a.session, a.owner, a.account);
    /// Write to the person in a privileged session.
    MessageSession { session: PrivilegedSessionId, owner: IdentityId, account: AccountId } = MessageSession
        on |a| Resource::privileged_session(a.session, a.owner, a.account);
    /// Replay a recording.
    PlayRecording { session: PrivilegedSessionId, owner: IdentityId, account: AccountId } = PlayRecording
        on |a| Resource::privileged_session(a.session, a.owner, a.account);
    /// See secrets, not their values.
    ListSecret {} = ListSecret on |_a| Resource::house();
    /// Create a secret.
    CreateSecret {} = WriteSecret on |_a| Resource::house();
    /// Read a secret.
    ReadSecret { secret: SecretId } = ReadSecret on |a| Resource::secret(a.secret);
    /// Change or delete a secret.
    WriteSecret { secret: SecretId } = WriteSecret on |a| Resource::secret(a.secret);
    /// Rotate an account's credential.
    RotateCredential { account: AccountId } = RotateCredential on |a| Resource::account(a.account);
    /// See identities.
    ReadIdentity {} = ReadIdentity on |_a| Resource::house();
    /// Create an identity.
    CreateIdentity {} = WriteIdentity on |_a| Resource::house();
    /// Change an identity.
    WriteIdentity { identity: IdentityId } = WriteIdentity on |a| Resource::identity(a.identity);
    /// Disable or enable an identity.
    DisableIdentity { identity: IdentityId } = DisableIdentity on |a| Resource::identity(a.identity);
    /// Manage somebody's authenticators and sessions.
    ManageAuthenticators { identity: IdentityId } = ManageAuthenticators on |a| Resource::identity(a.identity);
    /// See devices.
    ReadDevice {} = ReadDevice on |_a| Resource::house();
    /// Say whether a device of somebody's is managed, or forget it.
    ManageDevice { device: DeviceId, owner: IdentityId } = ManageDevice
        on |a| Resource::identity(a.owner);
    /// See groups.
    ReadGroup {} = ReadGroup on |_a| Resource::house();
    /// Create a group.
    CreateGroup {} = WriteGroup on |_a| Resource::house();
    /// Change a group.
    WriteGroup { group: GroupId } = WriteGroup on |a| Resource::group(a.group);
    /// See roles.
    ReadRole {} = ReadRole on |_a| Resource::house();
    /// Create a role.
    CreateRole {} = WriteRole on |_a| Resource::house();
    /// Change or assign a role.
    WriteRole { role: RoleId } = WriteRole on |a| Resource::role(a.role);
    /// See applications.
    ReadApplication {} = ReadApplication on |_a| Resource::house();
    /// Register an application.
    CreateApplication {} = WriteApplication on |_a| Resource::house();
    /// Change an application.
    WriteApplication { application: ApplicationId } = WriteApplication on |a| Resource::application(a.application);
    /// See targets.
    ReadTarget {} = ReadTarget on |_a| Resource::house();
    /// Create a target.
    CreateTarget {} = WriteTarget on |_a| Resource::house();
    /// Change a target or its accounts.
    WriteTarget { target: TargetId } = WriteTarget on |a| Resource::target(a.target);
    /// See policies.
    ReadPolicy {} = ReadPolicy on |_a| Resource::house();
    /// Create a policy.
    CreatePolicy {} = WritePolicy on |_a| Resource::house();
    /// Change a policy.
    WritePolicy { policy: PolicyId } = WritePolicy on |a| Resource::policy(a.policy);
    /// See who reaches what.
    ReadAccess {} = ReadAccess on |_a| Resource::house();
    /// Search the audit log.
    ReadAudit {} = ReadAudit on |_a| Resource::house();
    /// Seal and unseal.
    ManageSeal {} = ManageSeal on |_a| Resource::house();
    /// Take a backup.
    TakeBackup {} = Backup on |_a| Resource::house();
    /// Change settings.
    WriteSettings {} = WriteSettings on |_a| Resource::house();
    /// See the state of the house.
    ReadStatus {} = ReadStatus on |_a| Resource::house();
    /// Manage what is one's own.
    ManageOwn { of: IdentityId } = ManageOwn on |a| Resource::own(a.of);
}
