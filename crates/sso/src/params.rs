//! Request parameters as they came: in order, none twice, none huge.

use crate::error::{OAuthCode, OAuthError};

/// More parameters than this are refused.
const MOST: usize = 64;
/// A longer value is refused.
const LONGEST: usize = 8 * 1024;

/// Parameters of one request, each at most once (RFC 6749 section 3.1).
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Of these pairs, in their order.
    pub fn new(pairs: Vec<(String, String)>) -> Result<Self, OAuthError> {
        let bad = |what| Err(OAuthError::new(OAuthCode::InvalidRequest, what));
        if pairs.len() > MOST || pairs.iter().any(|(k, v)| k.len() > 128 || v.len() > LONGEST) {
            return bad("too many or too long parameters");
        }
        for (i, (name, _)) in pairs.iter().enumerate() {
            if name.ends_with(']') {
                return bad("array parameters are not accepted");
            }
            if pairs.iter().skip(i + 1).any(|(other, _)| other == name) {
                return bad("a parameter is there twice");
            }
        }
        Ok(Self(pairs))
    }

    /// The value; an empty one counts as absent (RFC 6749 section 3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// The value, or an error.
    pub fn need(&self, name: &str, what: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| OAuthError::new(OAuthCode::InvalidRequest, what))
    }

    /// A list separated by spaces.
    pub fn words(&self, name: &str) -> Vec<String> {
        self.get(name)
            .map(|v| v.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect())
            .unwrap_or_default()
    }

    /// The same with one parameter replaced, or taken away.
    pub fn with(&self, name: &str, value: Option<&str>) -> Self {
        let mut pairs: Vec<_> = self.0.iter().filter(|(k, _)| k != name).cloned().collect();
        if let Some(value) = value {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        Self(pairs)
    }

    /// As a query string.
    pub fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}
