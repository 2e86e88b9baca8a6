//! Targets.

use doorward_core::{
    Allowed, Class, CreateTarget, Entity, Name, ReadTarget, TargetId, WriteTarget,
};
use doorward_store::order::Wanted;
use doorward_store::target::{self, Filter, Labels, Target, TargetSort};
use doorward_store::{Conn, Page};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::{Directory, field, record, touched, unchanged};

const LIST: &str = "targets";
const SETTINGS_BYTES: usize = 64 * 1_024;

/// A target that is to be added.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTarget {
    /// Its name.
    pub name: String,
    /// The registered name of its protocol: `ssh`.
    pub kind: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// As the protocol's settings schema says.
    pub settings: serde_json::Value,
    /// Labels for policies.
    #[serde(default)]
    pub labels: Labels,
}

/// A change of some fields. The kind of a target never changes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetChange {
    /// Another name.
    #[serde(default)]
    pub name: Option<String>,
    /// Another description.
    #[serde(default)]
    pub description: Option<String>,
    /// All settings anew.
    #[serde(default)]
    pub settings: Option<serde_json::Value>,
    /// All labels anew.
    #[serde(default)]
    pub labels: Option<Labels>,
    /// Whether it may be reached.
    #[serde(default)]
    pub enabled: Option<bool>,
}

impl Directory {
    fn settings(&self, kind: &str, settings: &serde_json::Value) -> Result<()> {
        if settings.to_string().len() > SETTINGS_BYTES {
            return Err(Error::field("settings", "must be at most 64 kB of JSON"));
        }
        self.settings.check(kind, settings).map_err(|e| Error::field("settings", e))
    }

    /// Adds a target.
    pub async fn create_target(
        &self,
        allowed: &Allowed<CreateTarget>,
        new: NewTarget,
    ) -> Result<Target> {
        Name::parse(&new.kind).map_err(|e| Error::field("kind", e.to_string()))?;
        self.settings(&new.kind, &new.settings)?;
        field::labels(&new.labels)?;
        let made = Target {
            id: TargetId::new(&self.env),
            name: field::name("name", &new.name)?,
            kind: new.kind,
            description: field::text("description", &new.description, 1_000)?,
            settings: new.settings,
            labels: new.labels,
            enabled: true,
            created_at: self.env.now(),
            version: 1,
        };
        let event = self
            .event(
                Class::EntityManagement,
                "target.created",
                allowed,
                Entity::new("Target", made.id),
            )
            .with("name", made.name.as_str())
            .with("kind", made.kind.as_str());
        self.db
            .write(move |c| {
                target::insert(c, &made).map_err(Error::taken(
                    "target_name",
                    "name",
                    made.name.as_str(),
                ))?;
                record(c, &event, "target", made.id)?;
                Ok(made.clone())
            })
            .await
    }

    /// Changes a target.
    pub async fn update_target(
        &self,
        allowed: &Allowed<WriteTarget>,
        expected: Option<i64>,
        change: TargetChange,
    ) -> Result<Target> {
        let id = allowed.act().target;
        // The kind never changes, so it may be read before the transaction.
        let kind = self.any_target(id).await?.kind;
        if let Some(settings) = &change.settings {
            self.settings(&kind, settings)?;
        }
        let base = self.event(
            Class::EntityManagement,
            "target.updated",
            allowed,
            Entity::new("Target", id),
        );
        self.db
            .write(move |c| {
                let mut found = target::find(c, id)?.ok_or(Error::NotFound("target"))?;
                unchanged("target", expected, found.version)?;
                let fields = apply(&mut found, &change)?;
                let done = target::update(c, &found).map_err(Error::taken(
                    "target_name",
                    "name",
                    found.name.as_str(),
                ))?;
                touched("target", done)?;
                found.version += 1;
                record(c, &base.clone().with("fields", fields), "target", id)?;
                Ok(found)
            })
            .await
    }

    /// Removes a target with its accounts.
    pub async fn delete_target(
        &self,
        allowed: &Allowed<WriteTarget>,
        expected: Option<i64>,
    ) -> Result<()> {
        let id = allowed.act().target;
        let base = self.event(
            Class::EntityManagement,
            "target.deleted",
            allowed,
            Entity::new("Target", id),
        );
        self.db
            .write(move |c| {
                let found = target::find(c, id)?.ok_or(Error::NotFound("target"))?;
                unchanged("target", expected, found.version)?;
                touched("target", target::delete(c, id, found.version)?)?;
                record(c, &base.clone().with("name", found.name.as_str()), "target", id)
            })
            .await
    }

    /// One target.
    pub async fn target(&self, _allowed: &Allowed<ReadTarget>, id: TargetId) -> Result<Target> {
        self.any_target(id).await
    }

    /// One target, for code that holds the permission for one of its accounts.
    pub async fn any_target(&self, id: TargetId) -> Result<Target> {
        self.db.read(move |c| target::find(c, id)).await?.ok_or(Error::NotFound("target"))
    }

    /// One target, by its name.
    pub async fn target_by_name(
        &self,
        _allowed: &Allowed<ReadTarget>,
        name: &str,
    ) -> Result<Target> {
        let name = name.to_owned();
        self.db.read(move |c| target::by_name(c, &name)).await?.ok_or(Error::NotFound("target"))
    }

    /// Targets, in pages.
    pub async fn targets(
        &self,
        _allowed: &Allowed<ReadTarget>,
        filter: Filter,
        page: &Wanted<TargetSort>,
    ) -> Result<Page<Target>> {
        let read = move |c: &Conn<'_>, at: &_| target::search(c, &filter, at);
        Ok(self.cursors.sorted(&self.db, LIST, page, read).await?)
    }
}

fn apply(found: &mut Target, change: &TargetChange) -> Result<Vec<&'static str>> {
    let mut fields = Vec::new();
    if let Some(name) = &change.name {
        found.name = field::name("name", name)?;
        fields.push("name");
    }
    if let Some(description) = &change.description {
        found.description = field::text("description", description, 1_000)?;
        fields.push("description");
    }
    if let Some(settings) = &change.settings {
        found.settings = settings.clone();
        fields.push("settings");
    }
    if let Some(labels) = &change.labels {
        field::labels(labels)?;
        found.labels = labels.clone();
        fields.push("labels");
    }
    if let Some(enabled) = change.enabled {
        found.enabled = enabled;
        fields.push("enabled");
    }
    Ok(fields)
}
