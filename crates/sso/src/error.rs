//! OAuth's errors (RFC 6749 section 5.2; OpenID Connect Core section 3.1.2.6).

use doorward_store::Error as StoreError;
use doorward_vault::VaultError;

/// The codes that we answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OAuthCode {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    InvalidToken,
    InsufficientUserAuthentication,
    InsufficientScope,
    RequestNotSupported,
    RequestUriNotSupported,
    RegistrationNotSupported,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedResponseType,
    AccessDenied,
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    LoginRequired,
    ConsentRequired,
    InteractionRequired,
    ServerError,
    TemporarilyUnavailable,
}

impl OAuthCode {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientUserAuthentication => "insufficient_user_authentication",
            Self::InsufficientScope => "insufficient_scope",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::AccessDenied => "access_denied",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// The HTTP status at the token endpoint and its neighbours.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken | Self::InsufficientUserAuthentication => 401,
            Self::InsufficientScope => 403,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

/// An error as it goes to the client: never its cause.
#[derive(Debug, thiserror::Error)]
#[error("{}: {description}", .code.name())]
pub struct OAuthError {
    /// The code.
    pub code: OAuthCode,
    /// What to do, in ASCII (RFC 6749 appendix A.8).
    pub description: &'static str,
    /// The cause, for the log.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl OAuthError {
    pub(crate) fn new(code: OAuthCode, description: &'static str) -> Self {
        Self { code, description, source: None }
    }
}

impl From<StoreError> for OAuthError {
    fn from(e: StoreError) -> Self {
        let code =
            if e.is_passing() { OAuthCode::TemporarilyUnavailable } else { OAuthCode::ServerError };
        Self { code, description: "try again later", source: Some(Box::new(e)) }
    }
}

impl From<VaultError> for OAuthError {
    fn from(e: VaultError) -> Self {
        Self {
            code: OAuthCode::TemporarilyUnavailable,
            description: "tokens cannot be signed at the moment",
            source: Some(Box::new(e)),
        }
    }
}
