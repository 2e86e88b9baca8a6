//! Requests, approvals, grants, break-glass, and the notices that tell of them.
//!
//! Owns: the way from a wish to a permission with an end, and the outbox.
//! Promises: nobody decides their own request; however many decide at once, each
//! word counts once and one grant comes of it; a grant is asked of the policy
//! again when it is born and when it is used; what is told is written in the
//! transaction of what it tells of, and survives restarts.
//! Must not know: sessions, protocols, Cedar.

mod access;
mod ask;
mod glass;
mod grants;
mod lapse;
mod notices;
mod requests;
mod risk;
mod service;
mod webhooks;

pub use access::Access;
pub use glass::GlassError;
pub use grants::GrantError;
pub use notices::delivery::{Channel, Delivery, DeliveryError, MAIL, WEBHOOK};
pub use notices::mail::{Mail, MailError, Mailer};
pub use notices::webhook::{HttpPost, Webhooks, signature};
pub use requests::{Counted, DecideError, FileError, Filed, Progress, RequestError};
pub use risk::{Risk, RiskFact, RiskLevel, RiskReason, RiskWeight};
pub use service::Grants;
pub use webhooks::{NewWebhook, WebhookError};

#[cfg(test)]
mod tests;
