//! The three signature algorithms.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::{Env, Secret};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::VaultError;

/// A signature algorithm, by its JOSE name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA over P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 and 3072 bits: only for those who know
    /// nothing else.
    #[serde(rename = "RS256")]
    Rs256,
}

impl Algorithm {
    /// Its JOSE name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    pub(crate) fn jwk(self, kid: &str, public: &[u8]) -> Result<serde_json::Value, VaultError> {
        let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match self {
            Self::EdDsa => json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(public) }),
            Self::Es256 => {
                let point = public.strip_prefix(&[4]).filter(|p| p.len() == 64);
                let (x, y) = point.ok_or(VaultError::Crypto)?.split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": b64(x), "y": b64(y) })
            }
            Self::Rs256 => {
                let (n, e) = rsa_numbers(public).ok_or(VaultError::Crypto)?;
                json!({ "kty": "RSA", "n": b64(n), "e": b64(e) })
            }
        };
        if let Some(map) = jwk.as_object_mut() {
            map.insert("alg".to_owned(), self.name().into());
            map.insert("use".to_owned(), "sig".into());
            map.insert("kid".to_owned(), kid.into());
        }
        Ok(jwk)
    }
}

impl std::str::FromStr for Algorithm {
    type Err = VaultError;
    fn from_str(s: &str) -> Result<Self, VaultError> {
        [Self::EdDsa, Self::Es256, Self::Rs256]
            .into_iter()
            .find(|a| a.name() == s)
            .ok_or(VaultError::Crypto)
    }
}

/// A private key, ready to sign.
pub(crate) enum Private {
    EdDsa { pair: Ed25519KeyPair, seed: Secret<[u8; 32]> },
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
}

/// A new key: its public half, and its private half in the form that
/// [`Private::open`] takes.
pub(crate) fn generate(
    env: &Env,
    algorithm: Algorithm,
) -> Result<(Vec<u8>, Secret<Vec<u8>>), VaultError> {
    let refused = |_| VaultError::Crypto;
    match algorithm {
        Algorithm::EdDsa => {
            let seed = env.secret();
            let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose())
                .map_err(|_| VaultError::Crypto)?;
            Ok((pair.public_key().as_ref().to_vec(), Secret::new(seed.expose().to_vec())))
        }
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(refused)?;
            let private = pair.to_pkcs8v1().map_err(refused)?;
            Ok((pair.public_key().as_ref().to_vec(), Secret::new(private.as_ref().to_vec())))
        }
        Algorithm::Rs256 => {
            let size = aws_lc_rs::rsa::KeySize::Rsa3072;
            let pair = RsaKeyPair::generate(size).map_err(refused)?;
            let private: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().map_err(refused)?;
            Ok((pair.public_key().as_ref().to_vec(), Secret::new(private.as_ref().to_vec())))
        }
    }
}

impl Private {
    pub fn open(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, VaultError> {
        let refused = |_| VaultError::Crypto;
        Ok(match algorithm {
            Algorithm::EdDsa => {
                let seed: [u8; 32] = bytes.try_into().map_err(|_| VaultError::Crypto)?;
                let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(refused)?;
                Self::EdDsa { pair, seed: Secret::new(seed) }
            }
            Algorithm::Es256 => Self::Es256(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes)
                    .map_err(refused)?,
            ),
            Algorithm::Rs256 => Self::Rs256(RsaKeyPair::from_pkcs8(bytes).map_err(refused)?),
        })
    }

    pub fn sign(&self, data: &[u8]) -> Result<Vec<u8>, VaultError> {
        let refused = |_| VaultError::Crypto;
        let rng = SystemRandom::new();
        match self {
            Self::EdDsa { pair, .. } => Ok(pair.sign(data).as_ref().to_vec()),
            Self::Es256(pair) => Ok(pair.sign(&rng, data).map_err(refused)?.as_ref().to_vec()),
            Self::Rs256(pair) => {
                let mut out = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &rng, data, &mut out).map_err(refused)?;
                Ok(out)
            }
        }
    }

    pub fn seed(&self) -> Result<Secret<[u8; 32]>, VaultError> {
        match self {
            Self::EdDsa { seed, .. } => Ok(seed.clone()),
            Self::Es256(_) | Self::Rs256(_) => Err(VaultError::Crypto),
        }
    }
}

/// Modulus and exponent out of an `RSAPublicKey` (RFC 8017 appendix A.1.1),
/// without leading zeros.
fn rsa_numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (body, rest) = element(0x30, der)?;
    let (n, after) = element(0x02, body)?;
    let (e, end) = element(0x02, after)?;
    if !rest.is_empty() || !end.is_empty() {
        return None;
    }
    Some((n.strip_prefix(&[0]).unwrap_or(n), e.strip_prefix(&[0]).unwrap_or(e)))
}

/// One DER element of this tag: its content and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    if *found != tag {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (octets, rest) = rest.split_at_checked(usize::from(*first & 0x7f))?;
        if octets.len() > 4 {
            return None;
        }
        (octets.iter().fold(0, |n, o| (n << 8) | usize::from(*o)), rest)
    };
    rest.split_at_checked(length)
}
