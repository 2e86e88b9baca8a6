//! Policies: kept, checked, tested, explained.

use doorward_core::{
    Action, Actor, Context, CreatePolicy, Name, Question, ReadPolicy, Resource, WritePolicy,
};
use doorward_policy::policies::{self, PolicyChange, PolicyError};
use doorward_policy::{Table, validate};
use http::HeaderMap;

use super::prelude::*;

pub(super) async fn list(State(s): State<AppState>, caller: Caller) -> Answer {
    page(policies::list(&s.db, &s.allow(&caller.actor, ReadPolicy {})?).await?, None)
}

pub(super) async fn show(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    s.allow(&caller.actor, ReadPolicy {})?;
    answer(policies::find(&s.db, &name).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    text: String,
    #[serde(default)]
    description: Option<String>,
}

/// A new policy, or a new text of one.
pub(super) async fn write(
    State(s): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
    headers: HeaderMap,
    Body(written): Body<Written>,
) -> Answer {
    let name = Name::parse(&text).map_err(|e| invalid("name", e.to_string()))?;
    match policies::find(&s.db, name.as_str()).await {
        Ok(policy) => {
            let allowed = s.allow(&caller.actor, WritePolicy { policy: policy.id })?;
            let change = PolicyChange {
                description: written.description.filter(|d| !d.is_empty()),
                text: Some(written.text),
                enabled: None,
                version: expected(&headers)?,
            };
            answer(policies::update(&s.engine, &s.db, &allowed, change).await?)
        }
        Err(PolicyError::NotFound) => {
            let allowed = s.allow(&caller.actor, CreatePolicy {})?;
            let description = written.description.unwrap_or_default();
            created(
                policies::create(&s.engine, &s.db, &allowed, name, description, written.text)
                    .await?,
            )
        }
        Err(e) => Err(e.into()),
    }
}

async fn switch(s: &AppState, caller: &Caller, name: &str, on: Option<bool>) -> Answer {
    let policy = policies::find(&s.db, name).await?;
    let allowed = s.allow(&caller.actor, WritePolicy { policy: policy.id })?;
    let change = PolicyChange { enabled: on, ..PolicyChange::default() };
    answer(policies::update(&s.engine, &s.db, &allowed, change).await?)
}

pub(super) async fn enable(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    switch(&s, &caller, &name, Some(true)).await
}

pub(super) async fn disable(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    switch(&s, &caller, &name, Some(false)).await
}

pub(super) async fn delete(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    let policy = policies::find(&s.db, &name).await?;
    let allowed = s.allow(&caller.actor, WritePolicy { policy: policy.id })?;
    policies::delete(&s.engine, &s.db, &allowed).await?;
    nothing()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    text: String,
}

pub(super) async fn check(
    State(s): State<AppState>,
    caller: Caller,
    Body(text): Body<Text>,
) -> Answer {
    s.allow(&caller.actor, ReadPolicy {})?;
    match validate(&text.text) {
        Ok(()) => answer(json!({ "valid": true, "problems": [] })),
        Err(problems) => answer(json!({ "valid": false, "problems": problems })),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expectations {
    table: String,
}

pub(super) async fn test(
    State(s): State<AppState>,
    caller: Caller,
    Body(given): Body<Expectations>,
) -> Answer {
    s.allow(&caller.actor, ReadPolicy {})?;
    let report = Table::parse(&given.table)
        .and_then(|table| table.run(&s.engine))
        .map_err(|e| invalid("table", e.to_string()))?;
    answer(report)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhyAsked {
    principal: String,
    action: Action,
    #[serde(default)]
    resource: Option<String>,
    #[serde(default)]
    factors: Vec<String>,
    #[serde(default)]
    context: Context,
}

pub(super) async fn explain(
    State(s): State<AppState>,
    caller: Caller,
    Body(asked): Body<WhyAsked>,
) -> Answer {
    s.allow(&caller.actor, ReadPolicy {})?;
    let who =
        identity(&s, &asked.principal).map_err(|_| invalid("principal", "nobody has this name"))?;
    let resource = match &asked.resource {
        None if asked.action == Action::ManageOwn => Resource::own(who),
        None => Resource::house(),
        Some(name) => Resource { entity: about(&s, name)?, ..Resource::house() },
    };
    let proofs: Result<Vec<_>, Problem> = asked
        .factors
        .iter()
        .map(|f| doorward_policy::proof(f, s.env.now()).map_err(|e| invalid("factors", e)))
        .collect();
    let question = Question {
        actor: Actor::identity(who, proofs?),
        action: asked.action,
        resource,
        context: asked.context,
    };
    answer(s.engine.explain(&question))
}
