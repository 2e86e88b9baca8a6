//! What a value may be, with errors that name its field.

use doorward_core::Name;
use doorward_store::identity::Attributes;
use doorward_store::target::Labels;
use serde::{Deserialize, Deserializer};

use crate::error::{Error, Result};

const ATTRIBUTES: usize = 64;
const ATTRIBUTE_BYTES: usize = 1_024;
const LABELS: usize = 32;

/// Reads a field of a change: absent leaves as it is, null clears.
pub(crate) fn given<'de, T, D>(d: D) -> std::result::Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(d).map(Some)
}

/// A name.
pub(crate) fn name(field: &'static str, s: &str) -> Result<Name> {
    Name::parse(s).map_err(|e| Error::field(field, e.to_string()))
}

/// One line for people to read: trimmed, 1 to `most` characters, none of them
/// a control character or a mark that turns the direction of the text.
pub(crate) fn line(field: &'static str, s: &str, most: usize) -> Result<String> {
    let s = s.trim();
    if s.is_empty() {
        return Err(Error::field(field, "must not be empty"));
    }
    text(field, s, most)
}

/// As [`line`], but may be empty.
pub(crate) fn text(field: &'static str, s: &str, most: usize) -> Result<String> {
    let s = s.trim();
    if s.chars().count() > most {
        return Err(Error::field(field, format!("must be at most {most} characters long")));
    }
    let bad =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if s.chars().any(bad) {
        return Err(Error::field(field, "must not contain control characters"));
    }
    Ok(s.to_owned())
}

/// An e-mail address in its one spelling: lower-case ASCII, one `@`, a domain
/// with a dot or `localhost`.
pub(crate) fn email(s: &str) -> Result<String> {
    let s = s.trim().to_ascii_lowercase();
    let problem = || Error::field("email", "must be an address like ada@example.org");
    let (local, domain) = s.split_once('@').ok_or_else(problem)?;
    let local_ok = (1..=64).contains(&local.len())
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b))
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let label_ok = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    let domain_ok = domain.len() <= 253
        && domain.split('.').all(label_ok)
        && (domain.contains('.') || domain == "localhost");
    if local_ok && domain_ok { Ok(s) } else { Err(problem()) }
}

/// Attributes: at most 64, named like `cost_center`, each a string of at most
/// 1 kB, a whole number or a truth value (what policies can compare).
pub(crate) fn attributes(given: &Attributes) -> Result<()> {
    if given.len() > ATTRIBUTES {
        return Err(Error::field("attributes", format!("at most {ATTRIBUTES} are kept")));
    }
    for (name, value) in given {
        let shown: String = name.chars().take(80).collect();
        let ok = (1..=64).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !ok {
            return Err(Error::field(
                "attributes",
                format!("{shown:?} is no attribute name: use lower-case letters, digits and '_'"),
            ));
        }
        let problem = match value {
            serde_json::Value::String(s) if s.len() <= ATTRIBUTE_BYTES => continue,
            serde_json::Value::String(_) => "must be at most 1024 bytes long",
            serde_json::Value::Number(n) if n.is_i64() => continue,
            serde_json::Value::Bool(_) => continue,
            _ => "must be a string, a whole number, true or false",
        };
        return Err(Error::field("attributes", format!("{shown}: {problem}")));
    }
    Ok(())
}

/// Labels: at most 32, `key = value`, keys like names, values of 1 to 128
/// characters.
pub(crate) fn labels(given: &Labels) -> Result<()> {
    if given.len() > LABELS {
        return Err(Error::field("labels", format!("at most {LABELS} are kept")));
    }
    for (key, value) in given {
        name("labels", key)?;
        line("labels", value, 128)?;
    }
    Ok(())
}
