//! Strict validation of a policy text, with problems that point at the line.

use std::str::FromStr as _;
use std::sync::OnceLock;

use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};
use serde::Serialize;

/// The longest text that one policy may have.
const LONGEST: usize = 64 * 1024;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PolicyProblem")]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do, when Cedar has an idea.
    pub help: Option<String>,
}

pub(crate) fn schema() -> Option<&'static Schema> {
    static PARSED: OnceLock<Option<Schema>> = OnceLock::new();
    PARSED
        .get_or_init(|| Schema::from_cedarschema_str(crate::SCHEMA).ok().map(|(schema, _)| schema))
        .as_ref()
}

/// Parses the text and checks it against the schema.
pub fn validate(text: &str) -> Result<(), Vec<Problem>> {
    parse(text).map(|_| ())
}

pub(crate) fn parse(text: &str) -> Result<PolicySet, Vec<Problem>> {
    let at_start = |message: &str| {
        vec![Problem { line: 1, column: 1, message: message.to_owned(), help: None }]
    };
    if text.len() > LONGEST {
        return Err(at_start("the text is longer than 64 KiB; split it into several policies"));
    }
    let set = PolicySet::from_str(text)
        .map_err(|errors| errors.iter().map(|e| problem(text, e)).collect::<Vec<_>>())?;
    if set.templates().next().is_some() {
        return Err(at_start(
            "templates (?principal, ?resource) are not linked here; write the policy out",
        ));
    }
    if set.policies().next().is_none() {
        return Err(at_start("there is no policy here; write permit (…) or forbid (…)"));
    }
    let Some(schema) = schema() else { return Err(at_start("the schema cannot be read")) };
    let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
    let problems: Vec<Problem> = result.validation_errors().map(|e| problem(text, e)).collect();
    if problems.is_empty() { Ok(set) } else { Err(problems) }
}

fn problem(text: &str, error: &dyn miette::Diagnostic) -> Problem {
    let offset =
        error.labels().and_then(|mut l| l.next()).map_or(0, |l| l.offset()).min(text.len());
    let before = text.get(..offset).unwrap_or_default();
    Problem {
        line: before.matches('\n').count() + 1,
        column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
        message: error.to_string(),
        help: error.help().map(|h| h.to_string()),
    }
}
