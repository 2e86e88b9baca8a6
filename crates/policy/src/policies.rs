//! Policies as they are kept: made, changed and taken away by those whom the
//! policies permit.

use doorward_core::{Action, Actor, Context, Decider as _, FactorClass, Proof, Verdict};
use std::sync::Arc;

use doorward_core::{
    Allowed, Class, CreatePolicy, Entity, Env, Event, Name, PolicyId, Question, ReadPolicy,
    Resource, WritePolicy,
};
use doorward_store::cursor::Cursors;
use doorward_store::order::Wanted;
use doorward_store::policy::{self as rows, Policy};
use doorward_store::{Conn, Db, Error as StoreError, Page, change, event};

use crate::engine::Engine;
use crate::validate::{Problem, validate};

/// Why a policy was not kept.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It does not parse or does not fit the schema.
    #[error("the policy is not valid")]
    Invalid(Vec<Problem>),
    /// The name is taken.
    #[error("a policy of this name exists")]
    NameTaken,
    /// No such policy.
    #[error("no such policy")]
    NotFound,
    /// Somebody changed it meanwhile.
    #[error("the policy was changed meanwhile; read it again")]
    Conflict,
    /// Nobody could mend it afterwards.
    #[error("after this change nobody could change policies any more")]
    LockOut,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps a new policy, in force at once.
pub async fn create(
    engine: &Arc<Engine>,
    db: &Db,
    allowed: &Allowed<CreatePolicy>,
    name: Name,
    description: String,
    text: String,
) -> Result<Policy, PolicyError> {
    validate(&text).map_err(PolicyError::Invalid)?;
    let (env, now) = (db.env().clone(), db.env().now());
    let policy = Policy {
        id: PolicyId::new(&env),
        name,
        description,
        text,
        enabled: true,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let event = record(&env, allowed.actor(), allowed.policies(), "policy.created", &policy);
    let (engine, by) = (engine.clone(), allowed.actor().clone());
    db.write(move |c| {
        rows::insert(c, &policy).map_err(|e| match e {
            StoreError::Unique { .. } => PolicyError::NameTaken,
            other => other.into(),
        })?;
        // In the transaction: two changes at once must not both pass the guard.
        if lock_out(&engine, &rows::all(c)?, &by) {
            return Err(PolicyError::LockOut);
        }
        recorded(c, &event, &policy)?;
        Ok(policy.clone())
    })
    .await
}

/// What of a policy is to change.
#[derive(Clone, Debug, Default)]
pub struct PolicyChange {
    /// A new description.
    pub description: Option<String>,
    /// A new text.
    pub text: Option<String>,
    /// In force or not.
    pub enabled: Option<bool>,
    /// The version that the caller has seen.
    pub version: Option<i64>,
}

/// Changes a policy.
pub async fn update(
    engine: &Arc<Engine>,
    db: &Db,
    allowed: &Allowed<WritePolicy>,
    wanted: PolicyChange,
) -> Result<Policy, PolicyError> {
    if let Some(text) = &wanted.text {
        validate(text).map_err(PolicyError::Invalid)?;
    }
    let env = db.env().clone();
    let mut all = db.read(rows::all).await?;
    let policy =
        all.iter_mut().find(|p| p.id == allowed.act().policy).ok_or(PolicyError::NotFound)?;
    if wanted.version.is_some_and(|v| v != policy.version) {
        return Err(PolicyError::Conflict);
    }
    policy.description = wanted.description.unwrap_or_else(|| policy.description.clone());
    policy.text = wanted.text.unwrap_or_else(|| policy.text.clone());
    policy.enabled = wanted.enabled.unwrap_or(policy.enabled);
    policy.updated_at = env.now();
    policy.version += 1;
    let policy = policy.clone();
    let event = record(&env, allowed.actor(), allowed.policies(), "policy.changed", &policy);
    let (engine, by) = (engine.clone(), allowed.actor().clone());
    db.write(move |c| {
        if !rows::update(c, &policy)? {
            return Err(PolicyError::Conflict);
        }
        if lock_out(&engine, &rows::all(c)?, &by) {
            return Err(PolicyError::LockOut);
        }
        recorded(c, &event, &policy)?;
        Ok(policy.clone())
    })
    .await
}

/// Takes a policy away.
pub async fn delete(
    engine: &Arc<Engine>,
    db: &Db,
    allowed: &Allowed<WritePolicy>,
) -> Result<(), PolicyError> {
    let env = db.env().clone();
    let mut all = db.read(rows::all).await?;
    let at = all.iter().position(|p| p.id == allowed.act().policy).ok_or(PolicyError::NotFound)?;
    let policy = all.remove(at);
    let event = record(&env, allowed.actor(), allowed.policies(), "policy.deleted", &policy);
    let (engine, by) = (engine.clone(), allowed.actor().clone());
    db.write(move |c| {
        if !rows::delete(c, policy.id)? {
            return Err(PolicyError::NotFound);
        }
        if lock_out(&engine, &rows::all(c)?, &by) {
            return Err(PolicyError::LockOut);
        }
        recorded(c, &event, &policy)?;
        Ok(())
    })
    .await
}

/// A page of policies.
pub async fn list(
    db: &Db,
    _allowed: &Allowed<ReadPolicy>,
    cursors: &Cursors,
    filter: rows::Filter,
    page: &Wanted<rows::PolicySort>,
) -> Result<Page<Policy>, PolicyError> {
    let read = move |c: &Conn<'_>, at: &_| rows::search(c, &filter, at);
    Ok(cursors.sorted(db, "policies", page, read).await?)
}

/// The policy of this name, to be authorised by whoever asks for it.
pub async fn find(db: &Db, name: &str) -> Result<Policy, PolicyError> {
    let name = name.to_owned();
    db.read(move |c| rows::find(c, &name)).await?.ok_or(PolicyError::NotFound)
}

/// Puts the starter policies in, when there are none at all.
pub async fn install_starter(db: &Db) -> Result<bool, PolicyError> {
    let env = db.env().clone();
    db.write(move |c| {
        if !rows::is_untouched(c)? {
            return Ok(false);
        }
        let now = env.now();
        for (name, description, text) in crate::STARTER {
            let name = Name::parse(name).map_err(|e| StoreError::Other(e.to_string()))?;
            let policy = Policy {
                id: PolicyId::new(&env),
                name,
                description: (*description).to_owned(),
                text: (*text).to_owned(),
                enabled: true,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            rows::insert(c, &policy)?;
            let actor = Actor::system("first start");
            recorded(c, &record(&env, &actor, &[], "policy.created", &policy), &policy)?;
        }
        Ok(true)
    })
    .await
}

fn record(env: &Env, actor: &Actor, by: &[String], activity: &str, policy: &Policy) -> Event {
    Event::new(env, Class::EntityManagement, activity, actor)
        .on(Entity::new("Policy", policy.id))
        .by(by)
        .with("name", policy.name.as_str())
        .with("text", policy.text.as_str())
        .with("enabled", policy.enabled)
}

fn recorded(c: &Conn<'_>, e: &Event, policy: &Policy) -> Result<(), StoreError> {
    event::append(c, e)?;
    change::bump(c, "policy", policy.id, e.at)
}

/// Whether, under these policies, nobody could both come in and write every
/// policy any more, not even with the strongest proof. Doorward itself may do as
/// it is told.
fn lock_out(engine: &Engine, after: &[Policy], by: &Actor) -> bool {
    if by.id().is_none() {
        return false;
    }
    let then = engine.with_policies(after);
    let now = then.now();
    let proof = Proof {
        factor: "passkey".to_owned(),
        class: FactorClass::PossessionVerified,
        phishing_resistant: true,
        at: now,
    };
    let may = |id, action, resource| {
        let question = Question {
            actor: Actor::identity(id, vec![proof.clone()]),
            action,
            resource,
            context: Context::default(),
        };
        matches!(then.decide(&question), Verdict::Permit { .. })
    };
    let could = |id| {
        may(id, Action::SignIn, Resource::house())
            && may(id, Action::WritePolicy, Resource::house())
            && after.iter().all(|p| may(id, Action::WritePolicy, Resource::policy(p.id)))
    };
    // The one who asks is the likeliest of all.
    !by.id().is_some_and(could) && !then.world().identities().any(could)
}
