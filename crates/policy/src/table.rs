//! Tables of expectations: what a set of policies must answer, in a file.

use std::time::Duration;

use doorward_core::{
    Action, Actor, Context, FactorClass, Proof, Question, Requirement, Resource, Timestamp, Who,
};
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use doorward_core::Decider as _;

/// A table in TOML: `[[expect]]` entries.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its rows.
    pub expect: Vec<Expectation>,
}

/// One row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// What it is about, for the report.
    #[serde(default)]
    pub name: String,
    /// Who, by sign-in name.
    pub principal: String,
    /// The action's name.
    pub action: String,
    /// `deploy@web-1`, an application's name, or absent for Doorward itself.
    #[serde(default)]
    pub resource: Option<String>,
    /// Factors: `password`, `totp`, `passkey`.
    #[serde(default)]
    pub factors: Vec<String>,
    /// How many people approved.
    #[serde(default)]
    pub approvals: u32,
    /// Whether a reason was given.
    #[serde(default)]
    pub reason: bool,
    /// For how many seconds.
    #[serde(default)]
    pub duration_seconds: Option<u64>,
    /// Whether the glass was broken.
    #[serde(default)]
    pub break_glass: bool,
    /// Whether it is on a managed device.
    #[serde(default)]
    pub managed_device: bool,
    /// `permit`, `deny` (nothing would help), or the requirements in words:
    /// `step-up reason approvals=1`.
    pub expect: String,
}

/// What came of a table.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PolicyTestReport")]
pub struct Report {
    /// Whether every row holds.
    pub holds: bool,
    /// Each row.
    pub results: Vec<RowResult>,
}

/// What came of a row.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PolicyTestResult")]
pub struct RowResult {
    /// Its name.
    pub name: String,
    /// Whether it holds.
    pub holds: bool,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// Why a table cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It is no TOML of this form.
    #[error("{0}")]
    Parse(String),
    /// A row names what does not exist.
    #[error("row {row}: {message}")]
    Row {
        /// Which, from 1.
        row: usize,
        /// What is wrong.
        message: String,
    },
}

impl Table {
    /// Reads it.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        toml::from_str(text).map_err(|e| TableError::Parse(e.to_string()))
    }

    /// Runs it against the policies and the world of this engine.
    pub fn run(&self, engine: &Engine) -> Result<Report, TableError> {
        let mut results = Vec::new();
        for (i, row) in self.expect.iter().enumerate() {
            let question =
                row.question(engine).map_err(|message| TableError::Row { row: i + 1, message })?;
            let explained = engine.explain(&question);
            let found = match (explained.decision, explained.requirements.as_slice()) {
                ("permit", _) => "permit".to_owned(),
                (_, []) => "deny".to_owned(),
                (_, needs) => needs.iter().map(word).collect::<Vec<_>>().join(" "),
            };
            let name = if row.name.is_empty() {
                format!(
                    "{} {} {}",
                    row.principal,
                    row.action,
                    row.resource.as_deref().unwrap_or("")
                )
            } else {
                row.name.clone()
            };
            let holds = found == row.expect;
            results.push(RowResult { name, holds, expected: row.expect.clone(), found });
        }
        Ok(Report { holds: results.iter().all(|r| r.holds), results })
    }
}

/// A requirement in one word.
pub(crate) fn word(requirement: &Requirement) -> String {
    match requirement {
        Requirement::StepUp => "step-up".to_owned(),
        Requirement::PhishingResistant => "phishing-resistant".to_owned(),
        Requirement::Reason => "reason".to_owned(),
        Requirement::Approvals { count } => format!("approvals={count}"),
        Requirement::MaxDuration { seconds } => format!("max-duration={seconds}"),
        Requirement::ManagedDevice => "managed-device".to_owned(),
    }
}

impl Expectation {
    fn question(&self, engine: &Engine) -> Result<Question, String> {
        let world = engine.world();
        let who = world
            .identity_named(&self.principal)
            .ok_or_else(|| format!("nobody is called {:?}", self.principal))?;
        let action: Action =
            self.action.parse().map_err(|e: doorward_core::UnknownAction| e.to_string())?;
        let resource = match &self.resource {
            None if action == Action::ManageOwn => Resource::own(who),
            None => Resource::house(),
            Some(name) => {
                let entity = world
                    .entity_named(name)
                    .ok_or_else(|| format!("nothing is called {name:?}"))?;
                Resource { entity, ..Resource::house() }
            }
        };
        let proofs: Result<Vec<Proof>, String> =
            self.factors.iter().map(|f| proof(f, engine.now())).collect();
        Ok(Question {
            actor: Actor { who: Who::Identity(who), ..Actor::identity(who, proofs?) },
            action,
            resource,
            context: Context {
                reason: self.reason,
                approvals: self.approvals,
                duration: self.duration_seconds.map(Duration::from_secs),
                managed_device: self.managed_device,
                break_glass: self.break_glass,
            },
        })
    }
}

/// A proof of this factor as tables and explanations name it.
pub fn proof(factor: &str, at: Timestamp) -> Result<Proof, String> {
    let (class, phishing_resistant) = match factor {
        "password" => (FactorClass::Knowledge, false),
        "totp" | "recovery" => (FactorClass::Possession, false),
        "ssh-key" => (FactorClass::Possession, true),
        "passkey" => (FactorClass::PossessionVerified, true),
        other => return Err(format!("no factor is called {other:?}")),
    };
    Ok(Proof { factor: factor.to_owned(), class, phishing_resistant, at })
}
