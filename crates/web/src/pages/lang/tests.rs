//! Whatever people read has its German: the sentences are collected from the
//! sources that say them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{GERMAN, Lang};

/// Begins like a sentence, and is none: names of things that are the same in
/// every language, kinds of entities, words of the record and of notices by mail,
/// and what only callers of the API hear.
const NOT_SAID: &[&str] = &[
    "Account",
    "Android",
    "Chrome",
    "Edg",
    "Edge",
    "Firefox",
    "Identity",
    "Linux",
    "Mac OS",
    "Opera",
    "Safari",
    "Windows",
    "body: {}",
    "query: {}",
    "see /api/v1/openapi.json for what can be done",
    "send application/json",
    "send application/x-www-form-urlencoded",
    "sign in with: doorward login",
    "the JSON is nested too deeply",
    "use a new key for a new request",
    "wait for its answer",
    "A new authenticator was added: {}.",
    "A new authenticator was set up: {}.",
    "One of your recovery codes was used; {} are left.",
    "RSA keys need at least 3072 bits; better use ed25519",
    "Recovery code {}",
];

/// What a library says, or what is put together of parts.
const SAID_ELSEWHERE: &[&str] = &[
    "Too many attempts; try again in {} seconds.",
    "partial: {}",
    "{} (the same address as yours)",
    "A word by itself is easy to guess.",
    "Add another word or two. Uncommon words are better.",
    "All-uppercase is almost as easy to guess as all-lowercase.",
    "Avoid dates and years that are associated with you.",
    "Avoid recent years.",
    "Avoid repeated words and characters.",
    "Avoid sequences.",
    "Avoid years that are associated with you.",
    "Capitalization doesn't help very much.",
    "Common names and surnames are easy to guess.",
    "Dates are often easy to guess.",
    "Names and surnames by themselves are easy to guess.",
    "No need for symbols, digits, or uppercase letters.",
    "Predictable substitutions like '@' instead of 'a' don't help very much.",
    "Recent years are easy to guess.",
    "Repeats like \"{}\" are easy to guess.",
    "Repeats like \"{}\" are only slightly harder to guess than \"{}\".",
    "Reversed words aren't much harder to guess.",
    "Sequences like abc or 6543 are easy to guess.",
    "Short keyboard patterns are easy to guess.",
    "Straight rows of keys are easy to guess.",
    "This is a top-10 common password.",
    "This is a top-100 common password.",
    "This is a very common password.",
    "This is similar to a commonly used password.",
    "Use a few words, avoid common phrases.",
    "Use a longer keyboard pattern with more turns.",
];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files(dir: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![crates().join(dir)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == ending) && !path.ends_with("tests.rs") {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

fn file(path: &str) -> String {
    std::fs::read_to_string(crates().join(path)).unwrap()
}

/// The string literals of a source, each with the code before it. What is to be
/// formatted into them becomes `{}`.
fn literals(source: &str) -> Vec<(String, String)> {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let mut found = Vec::new();
    let (mut code, mut chars) = (String::new(), source.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                chars.by_ref().find(|c| *c == '\n');
            }
            '\'' => {
                // A character, or a lifetime.
                let mut ahead = chars.clone();
                let (first, second) = (ahead.next(), ahead.next());
                if first == Some('\\') || second == Some('\'') {
                    let length = if first == Some('\\') { 2 } else { 1 };
                    chars.by_ref().take(length).for_each(drop);
                    chars.by_ref().find(|c| *c == '\'');
                }
            }
            '"' => {
                let mut text = String::new();
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => match chars.next() {
                            Some('n') => text.push('\n'),
                            Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                            Some(c) => text.push(c),
                            None => {}
                        },
                        '{' => {
                            chars.by_ref().find(|c| *c == '}');
                            text.push_str("{}");
                        }
                        c => text.push(c),
                    }
                }
                found.push((text, code.trim_end().to_owned()));
                code.clear();
            }
            c => code.push(c),
        }
    }
    found
}

fn sentence(text: &str) -> bool {
    text.starts_with(|c: char| c.is_uppercase()) && text.contains(|c: char| c.is_lowercase())
}

/// What the templates say: the literals of `s.t("…")` and `s.fill("…", …)`.
fn of_templates(said: &mut BTreeSet<String>) {
    for template in files("web/templates", "html") {
        for call in ["s.t(\"", "s.fill(\"", "s.fill2(\""] {
            let calls = template.split(call).skip(1);
            said.extend(calls.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
}

/// The body of a function that gives words for values.
fn body<'s>(source: &'s str, function: &str) -> &'s str {
    let rest = source.split(&format!("fn {function}")).nth(1).unwrap();
    rest.split("\n    }\n").next().unwrap()
}

fn english() -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    of_templates(&mut said);
    let spoken = ["web/src/pages", "signin/src/flow", "signin/src/factors"];
    for source in spoken.iter().flat_map(|dir| files(dir, "rs")) {
        for (text, before) in literals(&source) {
            let lower = !sentence(&text) && text.contains(' ');
            let detail = before.ends_with("Code::NotPermitted,")
                || (before.ends_with(',') && lower && before.contains("Problem::field("));
            if sentence(&text) || detail || before.ends_with("not_found(") {
                said.insert(text);
            }
        }
    }
    for source in files("web/src/frame", "rs").into_iter().chain([file("web/src/error.rs")]) {
        let after = ["Problem::new(Code::", "Self::new(Code::", "return Err(Problem::new("];
        for (text, before) in literals(&source) {
            if after.iter().any(|a| before.rfind(a).is_some_and(|at| !before[at..].contains(';'))) {
                said.insert(text);
            }
        }
    }
    for path in [
        "signin/src/error.rs",
        "grants/src/requests.rs",
        "grants/src/grants.rs",
        "grants/src/glass.rs",
        "core/src/lifecycle/request.rs",
    ] {
        let errors = literals(&file(path));
        said.extend(errors.into_iter().filter(|(_, b)| b.ends_with("#[error(")).map(|(t, _)| t));
    }
    let words = [
        ("web/src/error.rs", "title"),
        ("core/src/authorize.rs", "sentence"),
        ("core/src/lifecycle/grant.rs", "sentence"),
    ];
    for (path, function) in words {
        said.extend(literals(body(&file(path), function)).into_iter().map(|(text, _)| text));
    }
    let views = file("web/src/pages/views.rs");
    said.extend(literals(body(&views, "state_name")).into_iter().map(|(text, _)| text));
    // Whole errors of others, and a field before its problem.
    said.retain(|t| !matches!(t.as_str(), "{}" | "{}: {}") && !NOT_SAID.contains(&t.as_str()));
    said
}

#[test]
fn whatever_people_read_has_its_german() {
    let missing: Vec<String> =
        english().into_iter().filter(|key| GERMAN.say(key).is_none()).collect();
    assert!(missing.is_empty(), "not in assets/de.txt:\n{}", missing.join("\n"));
}

#[test]
fn no_german_is_left_of_what_nobody_says_any_more() {
    let mut sources = files("web/src", "rs");
    for dir in ["signin/src", "grants/src", "core/src", "gate/src", "sso/src"] {
        sources.extend(files(dir, "rs"));
    }
    let mut said: BTreeSet<String> =
        sources.iter().flat_map(|s| literals(s)).map(|(text, _)| text).collect();
    of_templates(&mut said);
    said.extend(SAID_ELSEWHERE.iter().map(|s| (*s).to_owned()));
    let stale: Vec<String> = GERMAN.keys().filter(|key| !said.contains(key)).collect();
    assert!(stale.is_empty(), "in assets/de.txt, said nowhere:\n{}", stale.join("\n"));
}

#[test]
fn gaps_are_filled_in_either_language() {
    let de = |text| Lang::De.say(text).into_owned();
    assert_eq!(
        de("Too many attempts; try again in 7 seconds."),
        "Zu viele Versuche; versuchen Sie es in 7 Sekunden wieder."
    );
    // What stands in the gap is a sentence itself, or nothing.
    assert_eq!(
        de("This would be guessed quickly. Dates are often easy to guess. Choose another."),
        "Das wäre schnell erraten. Daten sind oft leicht zu erraten. Wählen Sie ein anderes."
    );
    assert_eq!(
        de("This would be guessed quickly. Choose another."),
        "Das wäre schnell erraten. Wählen Sie ein anderes."
    );
    assert_eq!(de("there is no such request"), "so etwas gibt es nicht: Antrag");
    assert_eq!(de("nobody ever said this"), "nobody ever said this");
    assert_eq!(Lang::En.say("Ask for {}"), "Ask for {}");
}
