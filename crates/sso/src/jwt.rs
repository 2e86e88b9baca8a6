//! Our own tokens: signed by the vault, verified by its public keys; and the
//! assertions of clients.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_formats::jws::{self, Unverified};
use doorward_vault::{VaultError, keys};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use crate::{KEY_PURPOSE, Oidc};

/// The kinds of token that we sign; one is never taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Access,
    Id,
    Logout,
}

impl TokenKind {
    fn typ(self) -> &'static str {
        match self {
            Self::Access => "at+jwt",
            Self::Id => "jwt",
            Self::Logout => "logout+jwt",
        }
    }
}

/// Algorithms that are accepted in assertions of clients.
pub(crate) const ASSERTION_ALGORITHMS: &[(&str, Algorithm)] = &[
    ("EdDSA", Algorithm::EdDSA),
    ("ES256", Algorithm::ES256),
    ("PS256", Algorithm::PS256),
    ("RS256", Algorithm::RS256),
];

impl Oidc {
    /// Signs the claims with the key that is active now.
    pub(crate) fn sign(&self, kind: TokenKind, claims: &Value) -> Result<String, VaultError> {
        let key = keys::active(&self.vault, KEY_PURPOSE)?;
        let input = jws::signing_input(key.algorithm.name(), &key.kid(), kind.typ(), claims);
        let signature = key.sign(input.as_bytes())?;
        Ok(jws::compact(&input, &signature))
    }

    /// The claims of a token of this kind that we signed; not whether it is
    /// still good.
    pub(crate) fn verify(&self, kind: TokenKind, token: &str) -> Option<Map<String, Value>> {
        let parsed = jws::parse(token).ok()?;
        if parsed.kind.as_deref() != Some(kind.typ()) {
            return None;
        }
        let kid = parsed.key.as_deref()?;
        let key = keys::all(&self.vault, KEY_PURPOSE).ok()?.into_iter().find(|k| k.kid() == kid)?;
        // INVARIANT: the algorithm is the key's, never the token's.
        if parsed.algorithm != key.algorithm.name() {
            return None;
        }
        let jwk = key.jwk().ok()?;
        if !signed_by(&parsed, &jwk, &parsed.algorithm) {
            return None;
        }
        (parsed.claims.get("iss").and_then(Value::as_str) == Some(&*self.issuer))
            .then_some(parsed.claims)
    }
}

/// Whether the token is signed by this key with this algorithm.
pub(crate) fn signed_by(token: &Unverified<'_>, jwk: &Value, algorithm: &str) -> bool {
    let Some((_, algorithm)) = ASSERTION_ALGORITHMS.iter().find(|(name, _)| *name == algorithm)
    else {
        return false;
    };
    let Ok(jwk) = serde_json::from_value::<Jwk>(jwk.clone()) else { return false };
    let Ok(key) = DecodingKey::from_jwk(&jwk) else { return false };
    let signature = URL_SAFE_NO_PAD.encode(&token.signature);
    jsonwebtoken::crypto::verify(&signature, token.signed.as_bytes(), &key, *algorithm)
        .unwrap_or(false)
}
