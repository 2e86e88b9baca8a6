//! The catalogue of everything that can be asked for. A policy names these;
//! so does the checked-in matrix of roles and actions.

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// One kind of thing that can be asked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $($(#[$doc])* $variant),+ }

        impl Action {
            /// Every action, in the order of the catalogue.
            pub const ALL: &'static [Action] = &[$(Action::$variant),+];

            /// The name that policies, events and the API use.
            pub const fn name(self) -> &'static str {
                match self { $(Action::$variant => $name),+ }
            }
        }

        impl std::str::FromStr for Action {
            type Err = UnknownAction;
            fn from_str(s: &str) -> Result<Self, UnknownAction> {
                match s { $($name => Ok(Action::$variant),)+ _ => Err(UnknownAction(s.to_owned())) }
            }
        }
    };
}

/// The name is not in the catalogue.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("no action is called {0:?}; `doorward policy actions` lists them")]
pub struct UnknownAction(String);

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl serde::Serialize for Action {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for Action {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Action {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Action".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = Self::ALL.iter().map(|a| a.name()).collect();
        schemars::json_schema!({ "type": "string", "enum": names })
    }
}

actions! {
    // Everyday.
    /// Sign in to Doorward itself (its portal and API).
    SignIn = "sign-in",
    /// Open an application through single sign-on, or get a token for it.
    OpenApplication = "application:open",
    // Privileged.
    /// Open a privileged session on an account.
    OpenSession = "session:open",
    /// Forward a port through a privileged session.
    ForwardPort = "session:forward-port",
    /// Take an account without waiting for approval.
    BreakGlass = "session:break-glass",
    /// Approve or deny a request.
    DecideRequest = "request:decide",
    /// See requests of others.
    ReadRequest = "request:read",
    /// See a grant.
    ReadGrant = "grant:read",
    /// End a grant before its time.
    RevokeGrant = "grant:revoke",
    /// See that a privileged session exists.
    ReadSession = "session:read",
    /// Watch a live privileged session.
    WatchSession = "session:watch",
    /// Cut a live privileged session.
    EndSession = "session:end",
    /// Hold everything that passes in a live privileged session, and let it go on.
    FreezeSession = "session:freeze",
    /// Write a line to the person in a live privileged session.
    MessageSession = "session:message",
    /// Replay or export a recording.
    PlayRecording = "recording:play",
    // Vault.
    /// See that a secret exists, never its value.
    ListSecret = "secret:list",
    /// Read a secret's value.
    ReadSecret = "secret:read",
    /// Create, change or delete a secret.
    WriteSecret = "secret:write",
    /// Rotate the credential of an account.
    RotateCredential = "credential:rotate",
    // Directory.
    /// See people and workloads.
    ReadIdentity = "identity:read",
    /// Create or change people and workloads.
    WriteIdentity = "identity:write",
    /// Disable or enable people and workloads.
    DisableIdentity = "identity:disable",
    /// Remove or re-issue somebody's authenticators, end their sessions.
    ManageAuthenticators = "identity:authenticators",
    /// See what people sign in with: browsers and command lines.
    ReadDevice = "device:read",
    /// Say whether a device is managed; forget one.
    ManageDevice = "device:manage",
    /// See groups.
    ReadGroup = "group:read",
    /// Create, change or delete groups and their members.
    WriteGroup = "group:write",
    /// See roles and who holds them.
    ReadRole = "role:read",
    /// Create, change, delete, assign or take roles.
    WriteRole = "role:write",
    // Applications and targets.
    /// See the registration of applications.
    ReadApplication = "application:read",
    /// Register, change or delete applications.
    WriteApplication = "application:write",
    /// See targets and accounts.
    ReadTarget = "target:read",
    /// Create, change or delete targets and accounts.
    WriteTarget = "target:write",
    // Doorward itself.
    /// See policies.
    ReadPolicy = "policy:read",
    /// Create, change or delete policies.
    WritePolicy = "policy:write",
    /// See who reaches what, and how.
    ReadAccess = "access:read",
    /// Search and export the audit log.
    ReadAudit = "audit:read",
    /// Seal, unseal, rekey; rotate keys.
    ManageSeal = "seal:manage",
    /// Take or restore a backup.
    Backup = "backup:take",
    /// See and change webhooks and other settings.
    WriteSettings = "settings:write",
    /// See the state of nodes, queues and keys.
    ReadStatus = "status:read",
    // One's own.
    /// See and manage what is one's own: sessions, authenticators, requests,
    /// grants, activity.
    ManageOwn = "own:manage",
}
