//! Typed ids: UUID version 7 (RFC 9562), so that they sort by birth and are
//! never used twice.

use crate::Env;

/// What every typed id can do; implemented by the types of this module alone.
pub trait Id: Copy + Eq + std::hash::Hash + std::fmt::Display + Send + Sync + 'static {
    /// The id of these sixteen bytes.
    fn from_uuid(uuid: uuid::Uuid) -> Self;
    /// The sixteen bytes of this id.
    fn uuid(self) -> uuid::Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A new id: the clock's milliseconds, then random bits.
            pub fn new(env: &Env) -> Self {
                Self(env.uuid())
            }
        }

        impl Id for $name {
            fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }
            fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "format": "uuid" })
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::try_parse(s).map(Self)
            }
        }
    )+};
}

ids! {
    /// A person or a workload.
    IdentityId,
    /// A group of identities.
    GroupId,
    /// A role.
    RoleId,
    /// One authenticator of one identity.
    AuthenticatorId,
    /// A sign-in in progress.
    SignInId,
    /// A signed-in browser or command line.
    SessionId,
    /// A browser or a command line that somebody signs in with.
    DeviceId,
    /// What people sign in to.
    ApplicationId,
    /// All tokens that came from one authorization of one application.
    TokenFamilyId,
    /// A system that privileged sessions go to.
    TargetId,
    /// A login on a target.
    AccountId,
    /// A value in the vault.
    SecretId,
    /// A Cedar policy.
    PolicyId,
    /// A wish for access.
    RequestId,
    /// A yes or no to a request.
    ApprovalId,
    /// A time-bound permission.
    GrantId,
    /// One connection through the gateway to one account.
    PrivilegedSessionId,
    /// What happened in a privileged session.
    RecordingId,
    /// One look at what another node has.
    RelayId,
    /// An audit record.
    EventId,
    /// A signing key.
    KeyId,
    /// A message to be delivered.
    NoticeId,
    /// A webhook.
    WebhookId,
    /// One running process.
    NodeId,
    /// A device-flow or SSH confirmation that waits for its browser.
    ConfirmationId,
}
