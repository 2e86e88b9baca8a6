//! Who and what Doorward knows: people, workloads, groups, roles, targets and
//! the accounts on them.
//!
//! Owns: what a valid identity, group, role, target or account is, and every
//! change to one.
//! Promises: each change demands its permission, is recorded in its own
//! transaction, and is refused when somebody else changed the row in between.
//! Must not know: how anybody proves who they are, what a target speaks (its
//! settings are checked by whoever registered a [`SettingsCheck`]).

use std::sync::{Arc, RwLock};

use doorward_core::{Act, Allowed, Class, Entity, Env, Event, Timestamp};
use doorward_store::cursor::Cursors;
use doorward_store::{Conn, Db, change, event};

mod accounts;
mod error;
mod field;
mod groups;
mod identities;
mod leaving;
mod linked;
mod membership;
mod resolve;
mod roles;
mod targets;

pub use accounts::{AccountChange, NewAccount};
pub use doorward_store::Page;
pub use doorward_store::account::Account;
pub use doorward_store::identity::{
    Attributes, Filter as IdentityFilter, Identity, IdentityKind, IdentitySort, Relation,
};
pub use doorward_store::order::{Order, Wanted};
pub use doorward_store::role::{Assignment, Filter as RoleFilter, Holder, Role, RoleSort};
pub use doorward_store::target::{Filter as TargetFilter, Labels, Target, TargetSort};
pub use doorward_store::team::{Filter as GroupFilter, Group, GroupSort};
pub use error::{Error, Result};
pub use groups::{GroupChange, GroupMembers, Member, NamedGroup, NamedIdentity, NewGroup};
pub use identities::{IdentityChange, NewPerson, NewWorkload};
pub use leaving::Leaving;
pub use membership::Membership;
pub use resolve::canonical;
pub use roles::{NewRole, RoleChange};
pub use targets::{NewTarget, TargetChange};

/// What knows the settings of each kind of target.
pub trait SettingsCheck: Send + Sync {
    /// Whether this kind of target exists and these are settings of it; the
    /// error says which setting is wrong and what to do.
    fn check(&self, kind: &str, settings: &serde_json::Value) -> std::result::Result<(), String>;
}

/// The directory; cheap to clone.
#[derive(Clone)]
pub struct Directory {
    db: Db,
    env: Env,
    cursors: Cursors,
    settings: Arc<dyn SettingsCheck>,
    leaving: Arc<RwLock<Vec<Arc<dyn Leaving>>>>,
}

impl Directory {
    /// Over this database.
    pub async fn open(db: &Db, env: &Env, settings: Arc<dyn SettingsCheck>) -> Result<Self> {
        let cursors = Cursors::open(db, env).await?;
        let leaving = Arc::default();
        Ok(Self { db: db.clone(), env: env.clone(), cursors, settings, leaving })
    }

    fn event<A: Act>(
        &self,
        class: Class,
        activity: &str,
        allowed: &Allowed<A>,
        on: Entity,
    ) -> Event {
        Event::new(&self.env, class, activity, allowed.actor()).by(allowed.policies()).on(on)
    }
}

/// Writes the record of a change and tells of it.
fn record(c: &Conn<'_>, event: &Event, kind: &str, id: impl std::fmt::Display) -> Result<()> {
    event::append(c, event)?;
    change::bump(c, kind, id, event.at)?;
    Ok(())
}

/// Refuses when the caller saw another version than the row has.
fn unchanged(what: &'static str, expected: Option<i64>, found: i64) -> Result<()> {
    match expected {
        Some(version) if version != found => Err(Error::Conflict(what)),
        _ => Ok(()),
    }
}

/// Refuses when no row was touched.
fn touched(what: &'static str, done: bool) -> Result<()> {
    if done { Ok(()) } else { Err(Error::Conflict(what)) }
}

/// Refuses an end that does not come after its beginning.
fn ordered(starts_at: Option<Timestamp>, ends_at: Option<Timestamp>) -> Result<()> {
    match (starts_at, ends_at) {
        (Some(start), Some(end)) if end <= start => {
            Err(Error::field("ends_at", "must be after starts_at"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
