//! Bearer values: 256 random bits for whoever holds them, a SHA-256 for us.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::{Env, Secret};

const BYTES: usize = 32;

/// A bearer value.
#[derive(Clone, Debug)]
pub struct Token(Secret<String>);

impl Token {
    pub(crate) fn new(env: &Env) -> Self {
        Self(Secret::new(URL_SAFE_NO_PAD.encode(env.secret().expose())))
    }

    /// The text to hand out, once.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, self.0.expose().as_bytes()).as_ref().to_vec()
    }
}

/// The hash of a value that somebody presents; none for what cannot be one of
/// ours, so that neither a prefix nor a padded or altered form is looked up.
pub(crate) fn presented(token: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    if bytes.len() != BYTES {
        return None;
    }
    Some(digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec())
}
