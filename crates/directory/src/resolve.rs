//! From what somebody typed at the sign-in to one identity.

use doorward_core::IdentityId;
use doorward_store::identity;
use unicode_normalization::UnicodeNormalization as _;

use crate::{Directory, Result};

/// The longest text that is looked at: nothing longer is a name or an address.
const LONGEST: usize = 320;

/// The one spelling of what was typed: NFKC, trimmed, lower-case. None for what
/// can be no name or address.
///
/// Every counter and every look-up takes this and nothing else, so that a
/// lock-out cannot be walked around by another spelling.
pub fn canonical(typed: &str) -> Option<String> {
    // Compatibility forms only shrink on their way to ASCII; more than this is
    // an attempt to make us work.
    if typed.len() > LONGEST * 4 {
        return None;
    }
    let folded: String = typed.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let folded = folded.trim();
    (!folded.is_empty() && folded.len() <= LONGEST).then(|| folded.to_owned())
}

impl Directory {
    /// The identity that a sign-in name or an e-mail address means; the same
    /// one for each of its spellings. What it may do is another question.
    pub async fn resolve_name(&self, typed: &str) -> Result<Option<IdentityId>> {
        let Some(canonical) = canonical(typed) else { return Ok(None) };
        Ok(self
            .db
            .read(move |c| identity::by_name_or_email(c, &canonical))
            .await?
            .map(|found| found.id))
    }
}
