//! What lasts, as types whose transitions consume themselves: a request that
//! was decided cannot be decided again, a grant that ended cannot be used.

mod grant;
mod privileged_session;
mod request;
mod session;

pub use grant::{EndCause, EndedGrant, LiveGrant};
pub use privileged_session::{EndedPrivilegedSession, LivePrivilegedSession, OpeningSession};
pub use request::{Approval, DecideError, Decided, Decision, PendingRequest, RequestState};
pub use session::{LiveSession, SessionKind, SessionLimits};

#[cfg(test)]
mod tests;
