//! Policies: kept, checked, tested, explained.

use doorward_core::{
    Action, Actor, Context, CreatePolicy, Name, Question, ReadPolicy, Resource, WritePolicy,
};
use doorward_policy::policies::{self, PolicyChange, PolicyError};
use doorward_policy::{Explanation, Problem as PolicyProblem, Report, Table, validate};
use doorward_store::order::Order;
use doorward_store::policy::{Filter, Policy, PolicySort};

use super::prelude::*;

listing! {
    /// Which policies.
    PolicyQuery sorted by PolicySort, Order::up(PolicySort::Name);
    {
        /// Part of the name, the description or the text.
        q: String,
        /// Whether they are in force.
        enabled: bool,
    }
}

pub(super) async fn list(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<PolicyQuery>,
) -> Answer<Listed<Policy>> {
    let allowed = s.allow(&caller.actor, ReadPolicy {})?;
    let filter = Filter { q: q.q.clone(), enabled: q.enabled };
    Ok(policies::list(&s.db, &allowed, &s.cursors, filter, &q.page()).await?.into())
}

pub(super) async fn show(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Shown<Policy>> {
    s.allow(&caller.actor, ReadPolicy {})?;
    answer(policies::find(&s.db, &name).await?)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewPolicy")]
pub(super) struct Written {
    /// Cedar.
    text: String,
    /// What it is for; as it is when absent or empty.
    #[serde(default)]
    description: Option<String>,
}

/// A new policy, or a new text of one.
pub(super) async fn write(
    State(s): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
    IfMatch(seen): IfMatch,
    Body(written): Body<Written>,
) -> Answer<Kept<Policy>> {
    let name = Name::parse(&text).map_err(|e| invalid("name", e.to_string()))?;
    match policies::find(&s.db, name.as_str()).await {
        Ok(policy) => {
            let allowed = s.allow(&caller.actor, WritePolicy { policy: policy.id })?;
            let change = PolicyChange {
                description: written.description.filter(|d| !d.is_empty()),
                text: Some(written.text),
                enabled: None,
                version: seen,
            };
            Ok(Kept::Changed(policies::update(&s.engine, &s.db, &allowed, change).await?))
        }
        Err(PolicyError::NotFound) => {
            let allowed = s.allow(&caller.actor, CreatePolicy {})?;
            let description = written.description.unwrap_or_default();
            let made =
                policies::create(&s.engine, &s.db, &allowed, name, description, written.text)
                    .await?;
            Ok(Kept::Made(made))
        }
        Err(e) => Err(e.into()),
    }
}

async fn switch(
    s: &AppState,
    caller: &Caller,
    name: &str,
    on: Option<bool>,
) -> Answer<Shown<Policy>> {
    let policy = policies::find(&s.db, name).await?;
    let allowed = s.allow(&caller.actor, WritePolicy { policy: policy.id })?;
    let change = PolicyChange { enabled: on, ..PolicyChange::default() };
    answer(policies::update(&s.engine, &s.db, &allowed, change).await?)
}

pub(super) async fn enable(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Shown<Policy>> {
    switch(&s, &caller, &name, Some(true)).await
}

pub(super) async fn disable(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Shown<Policy>> {
    switch(&s, &caller, &name, Some(false)).await
}

pub(super) async fn delete(
    State(s): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Nothing> {
    let policy = policies::find(&s.db, &name).await?;
    let allowed = s.allow(&caller.actor, WritePolicy { policy: policy.id })?;
    policies::delete(&s.engine, &s.db, &allowed).await?;
    nothing()
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PolicyText")]
pub(super) struct Text {
    /// Cedar.
    text: String,
}

/// Whether a text is a policy.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicyCheck")]
pub(super) struct Checked {
    /// It is.
    valid: bool,
    /// Why it is not.
    problems: Vec<PolicyProblem>,
}

pub(super) async fn check(
    State(s): State<AppState>,
    caller: Caller,
    Body(text): Body<Text>,
) -> Answer<Shown<Checked>> {
    s.allow(&caller.actor, ReadPolicy {})?;
    let problems = validate(&text.text).err().unwrap_or_default();
    answer(Checked { valid: problems.is_empty(), problems })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Expectations {
    /// `[[expect]]` entries, in TOML.
    table: String,
}

pub(super) async fn test(
    State(s): State<AppState>,
    caller: Caller,
    Body(given): Body<Expectations>,
) -> Answer<Shown<Report>> {
    s.allow(&caller.actor, ReadPolicy {})?;
    let report = Table::parse(&given.table)
        .and_then(|table| table.run(&s.engine))
        .map_err(|e| invalid("table", e.to_string()))?;
    answer(report)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WhyQuestion")]
pub(super) struct WhyAsked {
    /// Who, by name.
    principal: String,
    /// What.
    action: Action,
    /// On what, such as `deploy@web-1`; Doorward itself when absent.
    #[serde(default)]
    resource: Option<String>,
    /// What was proven: `password`, `totp`, `passkey`.
    #[serde(default)]
    factors: Vec<String>,
    /// What else is so.
    #[serde(default)]
    context: Context,
}

pub(super) async fn explain(
    State(s): State<AppState>,
    caller: Caller,
    Body(asked): Body<WhyAsked>,
) -> Answer<Shown<Explanation>> {
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
