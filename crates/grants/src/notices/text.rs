//! The words of the mails.

use std::time::Duration;

use super::{Names, Told};
use crate::risk::{Risk, RiskLevel};

/// Subject and text; `url` is where to look at it.
pub(super) fn of(told: &Told<'_>, names: &Names, url: &str) -> (String, String) {
    let Names { who, what, by } = names;
    match told {
        Told::Filed { request, risk, .. } => (
            format!("{who} asks for {what}"),
            format!(
                "{who} asks for access to {what} for {}.\n\nReason:\n{}\n\n{}\nDecide here:\n{url}\n",
                span(request.duration),
                quoted(&request.reason),
                looked_at(risk)
            ),
        ),
        Told::Granted { grant, comment, .. } => (
            format!("You have access to {what}"),
            format!(
                "{by} approved your request for {what}. The access ends at {}.\n{}\nYour grants:\n{url}\n",
                grant.ends_at,
                said(comment)
            ),
        ),
        Told::Denied { comment, .. } => (
            format!("Your request for {what} was denied"),
            format!(
                "{by} denied your request for {what}.\n{}\nThe request:\n{url}\n",
                said(comment)
            ),
        ),
        Told::Lapsed { .. } => (
            format!("Your request for {what} lapsed"),
            format!("Nobody decided your request for {what} in time.\n\nThe request:\n{url}\n"),
        ),
        Told::Ended { cause, .. } => (
            format!("Your access to {what} ended"),
            format!("Your access to {what} ended: {}.\n\nYour grants:\n{url}\n", cause.sentence()),
        ),
        Told::Glass { grant, .. } => (
            format!("BREAK-GLASS: {who} took {what}"),
            format!(
                "{who} broke the glass and has access to {what} until {}.\n\nReason:\n{}\n\nLook at it, end it, review it:\n{url}\n",
                grant.ends_at,
                quoted(&grant.reason)
            ),
        ),
    }
}

/// What a stranger wrote, marked on every line, so that it cannot pass for ours.
fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

/// The level, and each reason on a line of its own.
fn looked_at(risk: &Risk) -> String {
    let level = match risk.level {
        RiskLevel::Low => "low",
        RiskLevel::Medium => "medium",
        RiskLevel::High => "high",
    };
    let reasons: String = risk.reasons.iter().map(|r| format!("- {}\n", r.sentence)).collect();
    format!("Risk: {level}\n{reasons}")
}

fn said(comment: &str) -> String {
    if comment.is_empty() { String::new() } else { format!("\nThey wrote:\n{}\n", quoted(comment)) }
}

/// "1 h 30 min".
fn span(duration: Duration) -> String {
    let minutes = duration.as_secs().div_ceil(60);
    match (minutes / 60, minutes % 60) {
        (0, m) => format!("{m} min"),
        (h, 0) => format!("{h} h"),
        (h, m) => format!("{h} h {m} min"),
    }
}
