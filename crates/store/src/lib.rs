//! All SQL: a thin front over SQLite and PostgreSQL, and one module for each
//! aggregate above it.
//!
//! Owns: connections, transactions, migrations, the change feed, the audit
//! record's rows, leases, cursors.
//! Promises: an acknowledged write is durable; a job that fails takes only its
//! own changes back; one SQL text serves both databases; a write returns only
//! after this node's listeners have seen its changes.
//! Must not know: any rule about who may do what.
//!
//! ```text
//! pub fn revoke(c: &Conn, id: SessionId, at: Timestamp) -> Result<u64> {
//!     c.execute(sql!("UPDATE session SET revoked_at = $2 WHERE id = $1"), args![id, at])
//! }
//! db.write(move |c| {
//!     session::revoke(c, id, now)?;
//!     event::append(c, &event)?;
//!     change::bump(c, "session", id, now)
//! }).await?;
//! ```

mod conn;
mod db;
mod error;
mod migrate;
mod postgres;
mod sql;
mod sqlite;
mod value;

pub mod account;
pub mod application;
pub mod authenticator;
pub mod backup;
pub mod change;
pub mod clock;
pub mod confirmation;
pub mod cursor;
pub mod device;
pub mod event;
pub mod facts;
pub mod genuine;
pub mod grant;
pub mod idempotency;
pub mod identity;
pub mod lease;
pub mod node;
pub mod one_time_link;
pub mod order;
pub mod outbox;
pub mod policy;
pub mod privileged_session;
pub mod recording;
pub mod relay;
pub mod request;
pub mod ring_key;
pub mod risk;
pub mod role;
pub mod seal;
pub mod secret;
pub mod session;
pub mod session_order;
pub mod session_watcher;
pub mod setting;
pub mod signin;
pub mod signing_key;
pub mod ssh_certificate;
pub mod standing;
pub mod target;
pub mod team;
#[cfg(feature = "testing")]
pub mod testing;
pub mod throttle;
pub mod token;
pub mod webhook;

pub use conn::{Conn, FromRow, Row};
pub use cursor::Page;
pub use db::{Backend, ChangeListener, Db, DbConfig, outlives_its_machine};
pub use error::{Error, Result};
pub use sql::Sql;
pub(crate) use sql::{ids, search_pattern};
pub use value::{FromValue, Json, ToValue, Value};

#[doc(hidden)]
pub use inventory;

#[cfg(test)]
mod tests;
