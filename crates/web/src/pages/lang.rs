//! English and German. The English sentence is the key; `{}` in a key stands for
//! a part that is not known before, such as a number. What has no translation
//! stays English; a test finds it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, header};

use crate::AppState;
use crate::frame::cookie;

/// The languages that there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

/// A language: whole sentences, and those with a gap.
#[derive(Default)]
pub(super) struct Texts {
    whole: HashMap<&'static str, &'static str>,
    gapped: Vec<(Vec<&'static str>, Vec<&'static str>)>,
}

impl Texts {
    fn read(text: &'static str) -> Self {
        let mut texts = Self::default();
        for (key, said) in text.lines().filter_map(|l| l.split_once(" = ")) {
            if key.contains("{}") {
                texts.gapped.push((key.split("{}").collect(), said.split("{}").collect()));
            } else {
                texts.whole.insert(key, said);
            }
        }
        // The one that says more of the text says it better.
        let length = |key: &[&str]| key.iter().map(|piece| piece.len()).sum::<usize>();
        texts.gapped.sort_by_key(|(key, _)| std::cmp::Reverse(length(key)));
        texts
    }

    /// The keys, in no order.
    #[cfg(test)]
    pub fn keys(&self) -> impl Iterator<Item = String> {
        let whole = self.whole.keys().map(|k| (*k).to_owned());
        whole.chain(self.gapped.iter().map(|(key, _)| key.join("{}")))
    }

    fn say(&self, text: &str) -> Option<String> {
        if let Some(said) = self.whole.get(text) {
            return Some((*said).to_owned());
        }
        self.gapped.iter().find_map(|(key, said)| {
            let mut parts = gaps(key, text)?.into_iter();
            let mut out = String::new();
            for (i, piece) in said.iter().enumerate() {
                if i > 0 {
                    out.push_str(&self.part(parts.next().unwrap_or_default()));
                }
                out.push_str(piece);
            }
            Some(out)
        })
    }
}

impl Texts {
    /// What stands in a gap may be a sentence itself.
    fn part(&self, text: &str) -> String {
        let plain = text.trim_start();
        let (space, _) = text.split_at(text.len() - plain.len());
        let said = self.say(plain).unwrap_or_else(|| plain.to_owned());
        format!("{space}{said}")
    }
}

/// What stands in the gaps of `key` when it reads `text`.
fn gaps<'t>(key: &[&str], text: &'t str) -> Option<Vec<&'t str>> {
    let (first, rest) = key.split_first()?;
    let (last, middle) = rest.split_last()?;
    let mut left = text.strip_prefix(first)?.strip_suffix(last)?;
    let mut found = Vec::new();
    for piece in middle {
        let (part, after) = left.split_once(piece)?;
        found.push(part);
        left = after;
    }
    found.push(left);
    Some(found)
}

pub(super) static GERMAN: LazyLock<Texts> =
    LazyLock::new(|| Texts::read(include_str!("../../assets/de.txt")));

impl Lang {
    /// What the browser prefers.
    pub fn of(headers: &HeaderMap) -> Self {
        match cookie::find(headers, cookie::LANG) {
            Some("de") => return Self::De,
            Some("en") => return Self::En,
            _ => {}
        }
        let text =
            headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        for tag in text.split(',') {
            match tag.trim().get(..2) {
                Some("de") => return Self::De,
                Some("en") => return Self::En,
                _ => {}
            }
        }
        Self::En
    }

    /// BCP 47.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The sentence in this language.
    pub fn say<'t>(self, text: &'t str) -> Cow<'t, str> {
        match self {
            Self::En => Cow::Borrowed(text),
            Self::De => GERMAN.say(text).map_or(Cow::Borrowed(text), Cow::Owned),
        }
    }
}

impl FromRequestParts<AppState> for Lang {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests;
