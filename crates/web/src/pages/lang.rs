//! English and German. The English sentence is the key; what has no
//! translation stays English.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, header};

use crate::AppState;

/// The languages that there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

static GERMAN: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    include_str!("../../assets/de.txt").lines().filter_map(|l| l.split_once(" = ")).collect()
});

impl Lang {
    /// What the browser prefers.
    pub fn of(headers: &HeaderMap) -> Self {
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
            Self::De => GERMAN.get(text).map_or(Cow::Borrowed(text), |t| Cow::Borrowed(*t)),
        }
    }
}

impl FromRequestParts<AppState> for Lang {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.headers))
    }
}
