//! What people and scripts read: tables, `--json`, errors.

use std::io::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use crate::client::ClientError;

/// How to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Tables and sentences.
    People,
    /// JSON, one document.
    Json,
}

/// A column: its heading and the JSON pointer of its value.
pub type Column = (&'static str, &'static str);

/// Writes a line to standard output; a reader that went away is no error.
pub fn line(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes a line to standard error: progress, and what only people read.
pub fn note(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes rows as a table, or as JSON.
pub fn rows(format: Format, items: &[Value], columns: &[Column]) {
    if format == Format::Json {
        line(Value::Array(items.to_vec()));
        return;
    }
    if items.is_empty() {
        note("nothing to show");
        return;
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(columns.iter().map(|(heading, _)| heading.to_uppercase()));
    for item in items {
        table.add_row(columns.iter().map(|(_, pointer)| cell(item, pointer)));
    }
    line(table);
}

/// Writes one object as lines of `name: value`, or as JSON.
pub fn object(format: Format, value: &Value) {
    match (format, value) {
        (Format::People, Value::Object(map)) => {
            let width = map.keys().map(String::len).max().unwrap_or(0);
            for (name, value) in map {
                let text = plain(value);
                if !text.is_empty() {
                    line(format_args!("{:width$}  {text}", name.replace('_', " ")));
                }
            }
        }
        _ => line(serde_json::to_string_pretty(value).unwrap_or_default()),
    }
}

fn cell(item: &Value, pointer: &str) -> String {
    let text = item.pointer(pointer).map(plain).unwrap_or_default();
    match text.len() {
        // Microseconds of a time stamp tell a person nothing.
        20.. if text.ends_with('Z') && text.contains('T') => text
            .split('.')
            .next()
            .unwrap_or(&text)
            .replace('T', " ")
            .trim_end_matches('Z')
            .to_owned(),
        _ => text,
    }
}

/// A value as a person reads it. Control characters of whatever a target or a
/// user wrote must not reach the terminal.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(s) => s.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(map) if map.is_empty() => String::new(),
        Value::Object(map) => {
            map.iter().map(|(k, v)| format!("{k}={}", plain(v))).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    clean(&text)
}

/// Replaces control characters by their visible names.
pub fn clean(text: &str) -> String {
    doorward_formats::line::plain(text)
}

/// Says what went wrong and what to do.
pub fn problem(error: &anyhow::Error) {
    if let Some(ClientError::Refused(problem)) = error.downcast_ref() {
        note(format_args!("doorward: {}", clean(&problem.sentence())));
        for hint in problem.hints() {
            note(format_args!("  {}", clean(&hint)));
        }
        return;
    }
    note(format_args!("doorward: {error}"));
    for cause in error.chain().skip(1) {
        note(format_args!("  because: {cause}"));
    }
}

#[cfg(test)]
mod tests;
