//! The register of every statement, so that one test prepares all of them on
//! both databases.

/// One SQL text, made by [`sql!`](crate::sql).
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    /// The text.
    pub text: &'static str,
    /// Where it stands.
    pub place: &'static str,
}

inventory::collect!(Sql);

/// Registers an SQL text and gives it back.
#[macro_export]
macro_rules! sql {
    ($text:expr) => {{
        $crate::inventory::submit! {
            $crate::Sql { text: $text, place: concat!(file!(), ":", line!()) }
        }
        const TEXT: &str = $text;
        TEXT
    }};
}

/// Arguments of a statement: `args![id, at, &name]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        &[$($crate::ToValue::to_value(&$value)),*] as &[$crate::Value]
    };
}

/// The LIKE pattern (with `\` as its escape) of text that contains `q`,
/// lower-cased; everything, when there is none.
pub(crate) fn search_pattern(q: Option<&str>) -> String {
    let mut pattern = String::from("%");
    for ch in q.unwrap_or_default().trim().chars().take(100).flat_map(char::to_lowercase) {
        if matches!(ch, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(ch);
    }
    if pattern.len() > 1 {
        pattern.push('%');
    }
    pattern
}

/// The ids of entities in one text, in which each is found by `LIKE`: a list that
/// both databases take.
pub(crate) fn ids(entities: &[doorward_core::Entity]) -> String {
    entities.iter().map(|e| e.id.as_str()).collect::<Vec<_>>().join(" ")
}
