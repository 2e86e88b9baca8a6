//! People and workloads.

use doorward_core::{
    Allowed, Class, CreateIdentity, DisableIdentity, Entity, GroupId, IdentityId, ReadIdentity,
    Timestamp, WriteIdentity,
};
use doorward_store::identity::{
    self, Attributes, Filter, Identity, IdentityKind, IdentitySort, Relation,
};
use doorward_store::order::Wanted;
use doorward_store::{Conn, Page, role, team};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::field::{self, given};
use crate::{Directory, linked, ordered, record, touched, unchanged};

const LIST: &str = "identities";

/// A person who is to be added.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// The sign-in name.
    pub name: String,
    /// What others read; the name when it is none.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Where notices go; also signs in.
    #[serde(default)]
    pub email: Option<String>,
    /// What they are to the organisation; an employee when it is none.
    #[serde(default)]
    pub relation: Option<Relation>,
    /// From when they may sign in.
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
    /// Until when.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    /// Further facts for policies.
    #[serde(default)]
    pub attributes: Attributes,
}

/// A workload that is to be added.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkload {
    /// Its name.
    pub name: String,
    /// What others read; the name when it is none.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The person or group that answers for it: `{"kind": "Person", "id": …}`.
    pub owner: Entity,
    /// From when it may act.
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
    /// Until when.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    /// Further facts for policies.
    #[serde(default)]
    pub attributes: Attributes,
}

/// A change of some fields. What is absent stays; null clears what may be empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityChange {
    /// Another sign-in name.
    #[serde(default)]
    pub name: Option<String>,
    /// Another display name.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Another address, or none.
    #[serde(default, deserialize_with = "given")]
    pub email: Option<Option<String>>,
    /// Another relation; people only.
    #[serde(default)]
    pub relation: Option<Relation>,
    /// Another owner; workloads only.
    #[serde(default)]
    pub owner: Option<Entity>,
    /// Another beginning, or none.
    #[serde(default, deserialize_with = "given")]
    pub starts_at: Option<Option<Timestamp>>,
    /// Another end, or none.
    #[serde(default, deserialize_with = "given")]
    pub ends_at: Option<Option<Timestamp>>,
    /// All attributes anew.
    #[serde(default)]
    pub attributes: Option<Attributes>,
}

fn entity(i: &Identity) -> Entity {
    match i.kind {
        IdentityKind::Person => Entity::new("Person", i.id),
        IdentityKind::Workload => Entity::new("Workload", i.id),
    }
}

impl Directory {
    /// Adds a person.
    pub async fn create_person(
        &self,
        allowed: &Allowed<CreateIdentity>,
        new: NewPerson,
    ) -> Result<Identity> {
        let display = new.display_name.as_deref().unwrap_or(&new.name);
        let person = Identity {
            kind: IdentityKind::Person,
            email: new.email.as_deref().map(field::email).transpose()?,
            relation: Some(new.relation.unwrap_or(Relation::Employee)),
            owner: None,
            ..self.blank(&new.name, display, new.starts_at, new.ends_at, new.attributes)?
        };
        self.create(allowed, person).await
    }

    /// Adds a workload.
    pub async fn create_workload(
        &self,
        allowed: &Allowed<CreateIdentity>,
        new: NewWorkload,
    ) -> Result<Identity> {
        let display = new.display_name.as_deref().unwrap_or(&new.name);
        let workload = Identity {
            kind: IdentityKind::Workload,
            owner: Some(new.owner),
            ..self.blank(&new.name, display, new.starts_at, new.ends_at, new.attributes)?
        };
        self.create(allowed, workload).await
    }

    fn blank(
        &self,
        name: &str,
        display_name: &str,
        starts_at: Option<Timestamp>,
        ends_at: Option<Timestamp>,
        attributes: Attributes,
    ) -> Result<Identity> {
        ordered(starts_at, ends_at)?;
        field::attributes(&attributes)?;
        let now = self.env.now();
        Ok(Identity {
            id: IdentityId::new(&self.env),
            kind: IdentityKind::Person,
            name: field::name("name", name)?,
            display_name: field::line("display_name", display_name, 200)?,
            email: None,
            relation: None,
            owner: None,
            enabled: true,
            starts_at,
            ends_at,
            attributes,
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }

    async fn create(&self, allowed: &Allowed<CreateIdentity>, new: Identity) -> Result<Identity> {
        let activity = match new.kind {
            IdentityKind::Person => "person.created",
            IdentityKind::Workload => "workload.created",
        };
        let event = self
            .event(Class::AccountChange, activity, allowed, entity(&new))
            .with("name", new.name.as_str());
        self.db
            .write(move |c| {
                owner_exists(c, &new)?;
                let mut new = new.clone();
                linked::resolve(c, &mut new)?;
                identity::insert(c, &new).map_err(|e| clash(&new, e))?;
                record(c, &event, "identity", new.id)?;
                Ok(new)
            })
            .await
    }

    /// Changes a person or a workload.
    pub async fn update_identity(
        &self,
        allowed: &Allowed<WriteIdentity>,
        expected: Option<i64>,
        change: IdentityChange,
    ) -> Result<Identity> {
        let id = allowed.act().identity;
        let now = self.env.now();
        let base = self.event(
            Class::AccountChange,
            "identity.updated",
            allowed,
            Entity::new("Identity", id),
        );
        let me = self.clone();
        self.db
            .write(move |c| {
                let mut i = identity::find(c, id)?.ok_or(Error::NotFound("identity"))?;
                unchanged("identity", expected, i.version)?;
                let before = i.clone();
                let fields = apply(&mut i, &change)?;
                owner_exists(c, &i)?;
                linked::resolve(c, &mut i)?;
                i.updated_at = now;
                touched("identity", identity::update(c, &i).map_err(|e| clash(&i, e))?)?;
                i.version += 1;
                let event = base.clone().on(entity(&i)).with("fields", fields);
                record(c, &event, "identity", id)?;
                me.settle_leaving(c, &before, Some(&i), now)?;
                Ok(i)
            })
            .await
    }

    /// Lets an identity act again.
    pub async fn enable_identity(&self, allowed: &Allowed<DisableIdentity>) -> Result<Identity> {
        self.set_enabled(allowed, true, "").await
    }

    /// Stops an identity: from the return of this call on, nothing that it
    /// holds is good for anything, not even after it is enabled again.
    pub async fn disable_identity(
        &self,
        allowed: &Allowed<DisableIdentity>,
        reason: &str,
    ) -> Result<Identity> {
        self.set_enabled(allowed, false, reason).await
    }

    async fn set_enabled(
        &self,
        allowed: &Allowed<DisableIdentity>,
        enabled: bool,
        reason: &str,
    ) -> Result<Identity> {
        let id = allowed.act().identity;
        let now = self.env.now();
        let reason = field::text("reason", reason, 500)?;
        let mut base = self.event(Class::AccountChange, "", allowed, Entity::new("Identity", id));
        if !reason.is_empty() {
            base = base.with("reason", reason);
        }
        let me = self.clone();
        self.db
            .write(move |c| {
                let mut i = identity::find(c, id)?.ok_or(Error::NotFound("identity"))?;
                if i.enabled == enabled {
                    return Ok(i);
                }
                let before = i.clone();
                i.enabled = enabled;
                i.updated_at = now;
                touched("identity", identity::update(c, &i)?)?;
                i.version += 1;
                let mut event = base.clone().on(entity(&i));
                let noun = i.kind.as_str();
                let verb = if enabled { "enabled" } else { "disabled" };
                event.activity = format!("{noun}.{verb}");
                record(c, &event, "identity", id)?;
                me.settle_leaving(c, &before, Some(&i), now)?;
                Ok(i)
            })
            .await
    }

    /// Removes an identity that left no trace in requests, approvals or
    /// privileged sessions; others are disabled, so that the record keeps its
    /// people.
    pub async fn delete_identity(
        &self,
        allowed: &Allowed<WriteIdentity>,
        expected: Option<i64>,
    ) -> Result<()> {
        let id = allowed.act().identity;
        let base = self.event(
            Class::AccountChange,
            "identity.deleted",
            allowed,
            Entity::new("Identity", id),
        );
        let (me, now) = (self.clone(), self.env.now());
        self.db
            .write(move |c| {
                let i = identity::find(c, id)?.ok_or(Error::NotFound("identity"))?;
                unchanged("identity", expected, i.version)?;
                nothing_owned(c, "Person", id)?;
                me.settle_leaving(c, &i, None, now)?;
                role::unassign_all(c, role::Holder::Identity(id))?;
                let done = identity::delete(c, id, i.version).map_err(|e| match e {
                    doorward_store::Error::Reference => Error::InUse(format!(
                        "{} has requests or sessions on record; disable it instead",
                        i.name
                    )),
                    other => other.into(),
                })?;
                touched("identity", done)?;
                let event = base.clone().on(entity(&i)).with("name", i.name.as_str());
                record(c, &event, "identity", id)
            })
            .await
    }

    /// One identity.
    pub async fn identity(
        &self,
        _allowed: &Allowed<ReadIdentity>,
        id: IdentityId,
    ) -> Result<Identity> {
        self.any_identity(id).await
    }

    /// One identity, for code that acts for that identity itself.
    pub async fn any_identity(&self, id: IdentityId) -> Result<Identity> {
        self.db.read(move |c| identity::find(c, id)).await?.ok_or(Error::NotFound("identity"))
    }

    /// One identity, by its name or address.
    pub async fn identity_by_name(
        &self,
        _allowed: &Allowed<ReadIdentity>,
        name: &str,
    ) -> Result<Identity> {
        let text = crate::canonical(name).ok_or(Error::NotFound("identity"))?;
        self.db
            .read(move |c| identity::by_name_or_email(c, &text))
            .await?
            .ok_or(Error::NotFound("identity"))
    }

    /// People and workloads, in pages.
    pub async fn identities(
        &self,
        _allowed: &Allowed<ReadIdentity>,
        filter: Filter,
        page: &Wanted<IdentitySort>,
    ) -> Result<Page<Identity>> {
        let read = move |c: &Conn<'_>, at: &_| identity::search(c, &filter, at);
        Ok(self.cursors.sorted(&self.db, LIST, page, read).await?)
    }
}

fn clash(i: &Identity, e: doorward_store::Error) -> Error {
    let email = i.email.as_deref().unwrap_or_default();
    match Error::taken("identity_name", "name", i.name.as_str())(e) {
        Error::Store(e) => Error::taken("identity_email", "email", email)(e),
        taken => taken,
    }
}

fn owner_exists(c: &Conn<'_>, i: &Identity) -> Result<()> {
    let Some(owner) = &i.owner else { return Ok(()) };
    let ok = match owner.kind.as_str() {
        "Person" => match owner.id.parse::<IdentityId>() {
            Ok(id) => identity::find(c, id)?.is_some_and(|o| o.kind == IdentityKind::Person),
            Err(_) => false,
        },
        "Group" => match owner.id.parse::<GroupId>() {
            Ok(id) => team::find(c, id)?.is_some(),
            Err(_) => false,
        },
        _ => {
            return Err(Error::field("owner", "its kind must be Person or Group"));
        }
    };
    if ok { Ok(()) } else { Err(Error::field("owner", "there is no such person or group")) }
}

/// Refuses to take away an owner whose workloads would then be nobody's.
pub(crate) fn nothing_owned(c: &Conn<'_>, kind: &str, id: impl doorward_core::Id) -> Result<()> {
    let owned = identity::owned_by(c, kind, id.uuid())?;
    if owned.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = owned.iter().map(doorward_core::Name::as_str).collect();
    Err(Error::InUse(format!("owns {}; give them another owner first", names.join(", "))))
}

fn apply(i: &mut Identity, change: &IdentityChange) -> Result<Vec<&'static str>> {
    let mut fields = Vec::new();
    if let Some(name) = &change.name {
        i.name = field::name("name", name)?;
        fields.push("name");
    }
    if let Some(display_name) = &change.display_name {
        i.display_name = field::line("display_name", display_name, 200)?;
        fields.push("display_name");
    }
    if let Some(email) = &change.email {
        if i.kind == IdentityKind::Workload && email.is_some() {
            return Err(Error::field("email", "a workload has none; its owner is told instead"));
        }
        i.email = email.as_deref().map(field::email).transpose()?;
        fields.push("email");
    }
    if let Some(relation) = change.relation {
        if i.kind == IdentityKind::Workload {
            return Err(Error::field("relation", "only people have one"));
        }
        i.relation = Some(relation);
        fields.push("relation");
    }
    if let Some(owner) = &change.owner {
        if i.kind == IdentityKind::Person {
            return Err(Error::field("owner", "only workloads have one"));
        }
        i.owner = Some(owner.clone());
        fields.push("owner");
    }
    if let Some(starts_at) = change.starts_at {
        i.starts_at = starts_at;
        fields.push("starts_at");
    }
    if let Some(ends_at) = change.ends_at {
        i.ends_at = ends_at;
        fields.push("ends_at");
    }
    if let Some(attributes) = &change.attributes {
        field::attributes(attributes)?;
        i.attributes = attributes.clone();
        fields.push("attributes");
    }
    ordered(i.starts_at, i.ends_at)?;
    Ok(fields)
}
