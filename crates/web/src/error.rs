//! Problem details (RFC 9457): what every refusal looks like outside, and the
//! one place where the errors of all domains get their status and code.

use axum::response::{IntoResponse, Response};
use doorward_core::{Denied, Requirement};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

mod domains;

/// The stable codes of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Code {
    Unauthenticated,
    NotPermitted,
    CrossSite,
    CsrfToken,
    NotFound,
    MethodNotAllowed,
    Invalid,
    BadAuthorization,
    BadPath,
    BadForwarded,
    TooLarge,
    UnsupportedMediaType,
    Conflict,
    VersionMismatch,
    Taken,
    InUse,
    KeyReused,
    InProgress,
    Over,
    TooMany,
    Sealed,
    WrongShare,
    TargetFailed,
    Elsewhere,
    Unavailable,
    StorageFull,
    Internal,
}

impl Code {
    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::NotPermitted | Self::CrossSite | Self::CsrfToken => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Invalid | Self::WrongShare | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::BadPath | Self::BadForwarded | Self::BadAuthorization => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Conflict | Self::Taken | Self::InUse | Self::InProgress => StatusCode::CONFLICT,
            Self::VersionMismatch => StatusCode::PRECONDITION_FAILED,
            Self::Over => StatusCode::GONE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::TargetFailed => StatusCode::BAD_GATEWAY,
            Self::Elsewhere => StatusCode::MISDIRECTED_REQUEST,
            Self::Sealed | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The heading for a person.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unauthenticated => "Sign in first",
            Self::NotPermitted => "Not permitted",
            Self::CrossSite => "The request came from another site",
            Self::CsrfToken => "The page is older than your sign-in",
            Self::NotFound => "There is nothing here",
            Self::MethodNotAllowed => "This cannot be done here",
            Self::Invalid | Self::BadAuthorization => "Something in the request is not right",
            Self::BadPath => "The address is not acceptable",
            Self::BadForwarded => "A proxy sent a header that cannot be read",
            Self::TooLarge => "The request is too large",
            Self::UnsupportedMediaType => "The request has the wrong content type",
            Self::Conflict => "Somebody else was quicker",
            Self::VersionMismatch => "It was changed in the meantime",
            Self::Taken => "The name is taken",
            Self::InUse => "Something still needs it",
            Self::KeyReused => "The idempotency key was used for something else",
            Self::InProgress => "The same request is still being worked on",
            Self::Over => "This is over",
            Self::TooMany => "Too many attempts",
            Self::Sealed => "Doorward is sealed",
            Self::WrongShare => "This does not open the seal",
            Self::TargetFailed => "The target did not do it",
            Self::Elsewhere => "Another node has it",
            Self::Unavailable => "Doorward cannot do this at the moment",
            Self::StorageFull => "The disk is full",
            Self::Internal => "Something went wrong here",
        }
    }
}

/// A refusal. Carries what a client may know; the cause went to the log.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Problem {
    /// A stable code.
    pub code: Code,
    /// The heading.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened, and what to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Which field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What would turn the answer into a yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirements: Option<Vec<Requirement>>,
    /// By which policies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// Where in a policy's text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<doorward_policy::Problem>,
    /// After how many seconds to come again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A refusal with this code.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            title: code.title(),
            status: code.status().as_u16(),
            detail: detail.into(),
            field: None,
            requirements: None,
            policies: Vec::new(),
            problems: Vec::new(),
            retry_after: None,
        }
    }

    /// A field has a value that cannot be used.
    pub fn field(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(Code::Invalid, detail) }
    }

    /// There is no such thing, or it is not for this client to know of.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
    }

    /// Something that should always work did not; the cause goes to the log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(Code::Internal, "the operators can find the cause in the log")
    }

    /// The same, where it must not be known whether the thing exists.
    pub fn hidden(self, what: &str) -> Self {
        if self.code == Code::NotPermitted { Self::not_found(what) } else { self }
    }

    /// As a body; for streams that have begun already.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let detail = if denied.requirements.is_empty() {
            "policy does not permit this".to_owned()
        } else {
            let words: Vec<_> = denied.requirements.iter().map(Requirement::sentence).collect();
            format!("policy permits this only if you {}", words.join(" and "))
        };
        Self {
            requirements: Some(denied.requirements),
            policies: denied.policies,
            ..Self::new(Code::NotPermitted, detail)
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.code.status(), self.json()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == Code::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // The pages draw it as HTML.
        response.extensions_mut().insert(self);
        response
    }
}
