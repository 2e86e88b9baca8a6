//! One figure beside its baseline.

use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::machine;

/// What a figure must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// The ratio to the baseline, at least.
    RatioAtLeast(f64),
    /// The ratio to the baseline, at most.
    RatioAtMost(f64),
    /// The value itself, at most.
    AtMost(f64),
    /// The value itself, at least.
    AtLeast(f64),
    /// It is told, and nothing is asked of it.
    Told,
}

/// A measured value.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// The same of what it is compared with; none where nothing compares.
    pub baseline: Option<f64>,
    /// What that is.
    pub against: &'static str,
    /// Value to baseline.
    pub ratio: Option<f64>,
    /// What it must reach, in words.
    pub goal: String,
    /// Whether it does; none where nothing is asked.
    pub holds: Option<bool>,
}

impl Figure {
    /// A value without a baseline.
    pub fn alone(name: impl Into<String>, value: f64, unit: &'static str, goal: Goal) -> Self {
        Self::new(name, value, unit, None, "", goal)
    }

    /// A value beside a baseline in the same unit.
    pub fn beside(
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        (baseline, against): (f64, &'static str),
        goal: Goal,
    ) -> Self {
        Self::new(name, value, unit, Some(baseline), against, goal)
    }

    fn new(
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        baseline: Option<f64>,
        against: &'static str,
        goal: Goal,
    ) -> Self {
        let ratio = baseline.map(|b| value / b);
        let (text, holds) = match goal {
            Goal::RatioAtLeast(least) => {
                (format!("ratio ≥ {least}"), Some(ratio.is_some_and(|r| r >= least)))
            }
            Goal::RatioAtMost(most) => {
                (format!("ratio ≤ {most}"), Some(ratio.is_some_and(|r| r <= most)))
            }
            Goal::AtMost(most) => (format!("≤ {most} {unit}"), Some(value <= most)),
            Goal::AtLeast(least) => (format!("≥ {least} {unit}"), Some(value >= least)),
            Goal::Told => (String::new(), None),
        };
        Self { name: name.into(), value, unit, baseline, against, ratio, goal: text, holds }
    }
}

fn short(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// For people.
pub fn table(figures: &[Figure]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["figure", "value", "unit", "baseline", "ratio", "goal", "holds", "against"]);
    for f in figures {
        let holds = match f.holds {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        table.add_row([
            f.name.clone(),
            short(f.value),
            f.unit.to_owned(),
            f.baseline.map(short).unwrap_or_default(),
            f.ratio.map(short).unwrap_or_default(),
            f.goal.clone(),
            holds.to_owned(),
            f.against.to_owned(),
        ]);
    }
    for column in [1, 3, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

#[derive(Serialize)]
struct Results<'a> {
    machine: machine::Machine,
    date: String,
    commit: String,
    figures: &'a [Figure],
}

/// For programs.
pub fn write(path: &Path, figures: &[Figure]) -> anyhow::Result<()> {
    let results = Results {
        machine: machine::describe(),
        date: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        commit: machine::commit(),
        figures,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, serde_json::to_string_pretty(&results)? + "\n")?;
    Ok(())
}
