//! The refusals of every domain, as problems.

use doorward_directory::Error as DirectoryError;
use doorward_gate::{OpenError, OrderError, SeeError};
use doorward_grants::{DecideError, FileError, GlassError, GrantError, RequestError, WebhookError};
use doorward_policy::TableError;
use doorward_policy::policies::PolicyError;
use doorward_signin::SignInError;
use doorward_sso::{ApplicationError, OAuthError};
use doorward_store::Error as StoreError;
use doorward_vault::secrets::SecretError;
use doorward_vault::{CredentialError, RekeyError, RotateError, UnsealError, VaultError};

use super::{Code, Problem};

impl From<StoreError> for Problem {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Cursor => Self::field("cursor", "use the value of `next` as it came"),
            StoreError::NotFound => Self::not_found("thing"),
            StoreError::Unavailable(_) | StoreError::Contention => {
                tracing::warn!(error = %e, "the database did not answer");
                Self {
                    retry_after: Some(2),
                    ..Self::new(Code::Unavailable, "the database does not answer; try again")
                }
            }
            StoreError::Sealed => Self::new(Code::Sealed, "unseal it with: doorward unseal"),
            StoreError::Full => {
                tracing::error!(error = %e, "the disk is full");
                Self::new(
                    Code::StorageFull,
                    "nothing can be recorded, so nothing is done; free some space",
                )
            }
            other => Self::internal(other),
        }
    }
}

impl From<VaultError> for Problem {
    fn from(e: VaultError) -> Self {
        match e {
            VaultError::Sealed => Self::new(Code::Sealed, "unseal it with: doorward unseal"),
            VaultError::Store(e) => e.into(),
            other => Self::internal(other),
        }
    }
}

impl From<DirectoryError> for Problem {
    fn from(e: DirectoryError) -> Self {
        let text = e.to_string();
        match e {
            DirectoryError::Field { field, problem } => {
                Self::field(field, format!("{field} {problem}"))
            }
            DirectoryError::NotFound(what) => Self::not_found(what),
            DirectoryError::Taken { field, .. } => {
                Self { field: Some(field.to_owned()), ..Self::new(Code::Taken, text) }
            }
            DirectoryError::Conflict(_) => Self::new(Code::VersionMismatch, text),
            DirectoryError::Cycle { .. } => Self::field("group", text),
            DirectoryError::InUse(_) => Self::new(Code::InUse, text),
            DirectoryError::Store(e) => e.into(),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(e: SignInError) -> Self {
        let text = e.to_string();
        match e {
            SignInError::Over | SignInError::Link => Self::new(Code::Over, text),
            SignInError::TooMany(wait) => {
                Self { retry_after: Some(wait.as_secs().max(1)), ..Self::new(Code::TooMany, text) }
            }
            SignInError::Field { field, problem } => {
                Self::field(field, format!("{field}: {problem}"))
            }
            SignInError::NotFound(what) => Self::not_found(what),
            SignInError::Needed(_) | SignInError::Conflict => Self::new(Code::Conflict, text),
            SignInError::Denied(denied) => denied.into(),
            SignInError::Vault(e) => e.into(),
            SignInError::Store(e) => e.into(),
            other => Self::internal(other),
        }
    }
}

impl From<SecretError> for Problem {
    fn from(e: SecretError) -> Self {
        let text = e.to_string();
        match e {
            SecretError::NotFound => Self::not_found("secret"),
            SecretError::NoVersion(_) => Self::not_found("version"),
            SecretError::Exists => {
                Self { field: Some("name".into()), ..Self::new(Code::Taken, text) }
            }
            SecretError::Reserved => Self::field("name", text),
            SecretError::Value(_) => Self::field("value", text),
            SecretError::Description => Self::field("description", text),
            SecretError::Conflict => Self::new(Code::VersionMismatch, text),
            SecretError::Injected => Self::new(Code::NotPermitted, text),
            SecretError::Vault(e) => e.into(),
        }
    }
}

impl From<CredentialError> for Problem {
    fn from(e: CredentialError) -> Self {
        let text = e.to_string();
        match e {
            CredentialError::NoAccount => Self::not_found("account"),
            CredentialError::NotSet
            | CredentialError::Rotating
            | CredentialError::Conflict
            | CredentialError::Certified
            | CredentialError::NotOpening => Self::new(Code::Conflict, text),
            CredentialError::Value(_) => Self::field("value", text),
            CredentialError::NotSsh(_) | CredentialError::Principal(_) => Self::field("kind", text),
            CredentialError::Vault(e) => e.into(),
        }
    }
}

impl From<RotateError> for Problem {
    fn from(e: RotateError) -> Self {
        let text = e.to_string();
        match e {
            RotateError::NoRotator(_) | RotateError::Name(_) => Self::field("account", text),
            RotateError::Busy => Self::new(Code::Conflict, text),
            RotateError::Kept(_) | RotateError::Undecided(_) => {
                tracing::warn!(error = %text, "a rotation failed");
                Self::new(Code::TargetFailed, text)
            }
            RotateError::Credential(e) => e.into(),
        }
    }
}

impl From<UnsealError> for Problem {
    fn from(e: UnsealError) -> Self {
        match e {
            UnsealError::Vault(e) => e.into(),
            other => Self {
                field: Some("input".into()),
                ..Self::new(Code::WrongShare, other.to_string())
            },
        }
    }
}

impl From<RekeyError> for Problem {
    fn from(e: RekeyError) -> Self {
        let text = e.to_string();
        match e {
            RekeyError::Passphrase => Self::field("passphrase", text),
            RekeyError::Shares => Self::field("shares", text),
            RekeyError::Conflict => Self::new(Code::Conflict, text),
            RekeyError::Vault(e) => e.into(),
        }
    }
}

impl From<PolicyError> for Problem {
    fn from(e: PolicyError) -> Self {
        let text = e.to_string();
        match e {
            PolicyError::Invalid(problems) => Self { problems, ..Self::field("text", text) },
            PolicyError::NameTaken => {
                Self { field: Some("name".into()), ..Self::new(Code::Taken, text) }
            }
            PolicyError::NotFound => Self::not_found("policy"),
            PolicyError::Conflict => Self::new(Code::VersionMismatch, text),
            PolicyError::LockOut => Self::new(Code::Conflict, text),
            PolicyError::Store(e) => e.into(),
        }
    }
}

impl From<TableError> for Problem {
    fn from(e: TableError) -> Self {
        Self::field("table", e.to_string())
    }
}

impl From<ApplicationError> for Problem {
    fn from(e: ApplicationError) -> Self {
        let text = e.to_string();
        match e {
            ApplicationError::Field { field, message } => {
                Self::field(field, format!("{field}: {message}"))
            }
            ApplicationError::NameTaken => {
                Self { field: Some("name".into()), ..Self::new(Code::Taken, text) }
            }
            ApplicationError::NotFound => Self::not_found("application"),
            ApplicationError::Conflict => Self::new(Code::VersionMismatch, text),
            ApplicationError::Store(e) => e.into(),
        }
    }
}

impl From<FileError> for Problem {
    fn from(e: FileError) -> Self {
        let text = e.to_string();
        match e {
            FileError::Denied(denied) => denied.into(),
            FileError::NotNeeded | FileError::Nobody => Self::new(Code::Conflict, text),
            FileError::Reason | FileError::ReasonForm => Self::field("reason", text),
            FileError::About => Self::field("about", text),
            FileError::TooMany => Self::new(Code::TooMany, text),
            FileError::Store(e) => e.into(),
        }
    }
}

impl From<DecideError> for Problem {
    fn from(e: DecideError) -> Self {
        let text = e.to_string();
        match e {
            DecideError::NotFound => Self::not_found("request"),
            DecideError::Over(_) | DecideError::Rule(_) => Self::new(Code::Conflict, text),
            DecideError::Denied(denied) => denied.into(),
            DecideError::Comment => Self::field("comment", text),
            DecideError::Store(e) => e.into(),
        }
    }
}

impl From<RequestError> for Problem {
    fn from(e: RequestError) -> Self {
        let text = e.to_string();
        match e {
            RequestError::NotFound => Self::not_found("request"),
            RequestError::Over(_) => Self::new(Code::Conflict, text),
            RequestError::Store(e) => e.into(),
        }
    }
}

impl From<GrantError> for Problem {
    fn from(e: GrantError) -> Self {
        let text = e.to_string();
        match e {
            GrantError::NotFound => Self::not_found("grant"),
            GrantError::Over => Self::new(Code::Conflict, text),
            GrantError::Reason => Self::field("reason", text),
            GrantError::Nobody => Self::new(Code::NotPermitted, text),
            GrantError::Store(e) => e.into(),
        }
    }
}

impl From<GlassError> for Problem {
    fn from(e: GlassError) -> Self {
        let text = e.to_string();
        match e {
            GlassError::Denied(denied) => denied.into(),
            GlassError::NoReason | GlassError::Reason => Self::field("reason", text),
            GlassError::NotFound => Self::not_found("grant"),
            GlassError::Nobody | GlassError::Own | GlassError::OtherFacts => {
                Self::new(Code::NotPermitted, text)
            }
            GlassError::Store(e) => e.into(),
        }
    }
}

impl From<WebhookError> for Problem {
    fn from(e: WebhookError) -> Self {
        Self::field("webhook", e.to_string())
    }
}

impl From<SeeError> for Problem {
    fn from(e: SeeError) -> Self {
        let text = e.to_string();
        match e {
            SeeError::Unknown => Self::not_found("privileged session"),
            SeeError::Over => Self::new(Code::Over, text),
            SeeError::NotYet => Self::new(Code::Conflict, text),
            SeeError::Silent { .. } | SeeError::Refused(_) => Self::new(Code::Elsewhere, text),
            SeeError::Store(e) => e.into(),
            other => Self::internal(other),
        }
    }
}

impl From<OpenError> for Problem {
    fn from(e: OpenError) -> Self {
        match e {
            OpenError::Store(e) => e.into(),
            other => Self::internal(other),
        }
    }
}

impl From<OrderError> for Problem {
    fn from(e: OrderError) -> Self {
        let text = e.to_string();
        match e {
            OrderError::Over => Self::new(Code::Over, text),
            OrderError::NotLive | OrderError::Frozen(_) | OrderError::NotFrozen => {
                Self::new(Code::Conflict, text)
            }
            OrderError::NoIdentity => Self::new(Code::NotPermitted, text),
            OrderError::Text(problem) => Self::field("text", problem),
            OrderError::Store(e) => e.into(),
        }
    }
}

impl From<doorward_audit::proofs::ProofError> for Problem {
    fn from(e: doorward_audit::proofs::ProofError) -> Self {
        use doorward_audit::proofs::ProofError;
        match e {
            ProofError::NotFound => Self::not_found("event"),
            ProofError::NotYet => Self {
                retry_after: Some(1),
                ..Self::new(
                    Code::Unavailable,
                    "the event is not in a signed checkpoint yet; try again",
                )
            },
            ProofError::Store(e) => e.into(),
        }
    }
}

impl From<OAuthError> for Problem {
    fn from(e: OAuthError) -> Self {
        if let Some(source) = &e.source {
            tracing::error!(cause = %source, "a request of an application failed");
            return Self::new(Code::Internal, e.description);
        }
        Self::new(Code::Invalid, e.description)
    }
}
