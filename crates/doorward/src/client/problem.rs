//! Problem details (RFC 9457) as the server sends them.

use doorward_core::Requirement;
use serde::Deserialize;

/// What the server refused, and why.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// What kind of problem.
    pub title: String,
    /// What is wrong this time, and what to do.
    pub detail: String,
    /// Which field.
    pub field: Option<String>,
    /// What would turn a denial into a permit.
    pub requirements: Vec<Requirement>,
    /// The policies that decided.
    pub policies: Vec<String>,
}

impl Problem {
    /// Reads the body; one that is no problem document is named by its status.
    pub fn parse(status: u16, body: &[u8]) -> Self {
        let mut problem: Self = serde_json::from_slice(body).unwrap_or_default();
        problem.status = status;
        if problem.title.is_empty() && problem.detail.is_empty() {
            problem.title = format!("the server answered {status}");
        }
        problem
    }

    /// The sentence, with the field and the code.
    pub fn sentence(&self) -> String {
        let what = if self.detail.is_empty() { &self.title } else { &self.detail };
        let field = self.field.as_ref().map(|f| format!("{f}: ")).unwrap_or_default();
        let code = if self.code.is_empty() { String::new() } else { format!(" [{}]", self.code) };
        format!("{field}{what}{code}")
    }

    /// What would help, a line each.
    pub fn hints(&self) -> Vec<String> {
        let mut hints: Vec<String> = self
            .requirements
            .iter()
            .map(|r| format!("to be permitted: {}", r.sentence()))
            .collect();
        if self.requirements.contains(&Requirement::StepUp)
            || self.requirements.contains(&Requirement::PhishingResistant)
        {
            hints.push("run `doorward login` again to confirm who you are".to_owned());
        }
        if !self.policies.is_empty() {
            hints.push(format!("policies: {}", self.policies.join(", ")));
        }
        if self.status == 401 {
            hints.push("run `doorward login`".to_owned());
        }
        hints
    }
}
