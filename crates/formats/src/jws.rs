//! JWS in compact form (RFC 7515), taken apart strictly and put together. What
//! a signature means is not known here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::strict;

/// A longer token is refused before anything is decoded.
pub const LONGEST: usize = 16 * 1024;

/// A token taken apart. Nothing in it is verified yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Unverified<'t> {
    /// `alg`.
    pub algorithm: String,
    /// `kid`.
    pub key: Option<String>,
    /// `typ`, in lower case and without `application/`.
    pub kind: Option<String>,
    /// The claims.
    pub claims: Map<String, Value>,
    /// What is signed.
    pub signed: &'t str,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Why a token was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum JwsError {
    /// It has not three parts of base64url, or is too long.
    #[error("it is no JWS in compact form")]
    Form,
    /// Header or claims.
    #[error(transparent)]
    Json(#[from] strict::JsonError),
    /// A header parameter that could change what is verified, or by which key.
    #[error("the header parameter {0:?} is not accepted")]
    Header(String),
}

/// Header parameters that are understood. Everything else is refused: keys come
/// from our own records (no `jku`, `x5u`, `jwk`, `x5c`), nothing is critical, and
/// nothing is compressed or detached (`zip`, `b64`).
const KNOWN: &[&str] = &["alg", "kid", "typ"];

/// Takes a token apart.
pub fn parse(token: &str) -> Result<Unverified<'_>, JwsError> {
    if token.len() > LONGEST {
        return Err(JwsError::Form);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(JwsError::Form)?;
    let (header, claims) = signed.split_once('.').ok_or(JwsError::Form)?;
    if claims.contains('.') {
        return Err(JwsError::Form);
    }
    // INVARIANT: this engine refuses stray trailing bits, so that one token has
    // one spelling.
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Form);
    let header = strict::object(&decode(header)?)?;
    let claims = strict::object(&decode(claims)?)?;
    let signature = decode(signature)?;
    if let Some(name) = header.keys().find(|k| !KNOWN.contains(&k.as_str())) {
        return Err(JwsError::Header(name.clone()));
    }
    let text = |name: &str| match header.get(name) {
        None => Ok(None),
        Some(Value::String(s)) if s.len() <= 128 => Ok(Some(s.clone())),
        Some(_) => Err(JwsError::Header(name.to_owned())),
    };
    let algorithm = text("alg")?.ok_or_else(|| JwsError::Header("alg".to_owned()))?;
    let kind = text("typ")?.map(|t| {
        let lower = t.to_ascii_lowercase();
        lower.strip_prefix("application/").map(str::to_owned).unwrap_or(lower)
    });
    Ok(Unverified { algorithm, key: text("kid")?, kind, claims, signed, signature })
}

/// What is to be signed: `base64url(header) . base64url(claims)`.
pub fn signing_input(algorithm: &str, key: &str, kind: &str, claims: &Value) -> String {
    let header = serde_json::json!({ "alg": algorithm, "kid": key, "typ": kind });
    let encode = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
    format!("{}.{}", encode(&header), encode(claims))
}

/// The token.
pub fn compact(signing_input: &str, signature: &[u8]) -> String {
    format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(header: &str) -> String {
        let e = |s: &str| URL_SAFE_NO_PAD.encode(s);
        format!("{}.{}.{}", e(header), e(r#"{"sub":"x"}"#), e("signature"))
    }

    #[test]
    fn what_is_put_together_comes_apart() {
        let input = signing_input("EdDSA", "k", "at+jwt", &json!({ "sub": "x" }));
        let token = compact(&input, b"sig");
        let found = parse(&token).unwrap();
        assert_eq!((found.algorithm.as_str(), found.kind.as_deref()), ("EdDSA", Some("at+jwt")));
        assert_eq!(found.signature, b"sig");
        assert_eq!(found.signed, input);
    }

    /// abuse case F6: header parameters that steer verification are refused.
    #[test]
    fn steering_headers_are_refused() {
        assert!(
            parse(&token(r#"{"alg":"EdDSA","kid":"../../etc"}"#)).is_ok(),
            "a kid is only looked up"
        );
        for header in [
            r#"{"alg":"EdDSA","jku":"https://evil.example"}"#,
            r#"{"alg":"EdDSA","jwk":{}}"#,
            r#"{"alg":"EdDSA","x5u":"https://evil.example"}"#,
            r#"{"alg":"EdDSA","x5c":[]}"#,
            r#"{"alg":"EdDSA","crit":["exp"]}"#,
            r#"{"alg":"EdDSA","b64":false}"#,
            r#"{"alg":"EdDSA","zip":"DEF"}"#,
            r#"{"alg":"PBES2-HS256+A128KW","p2c":2147483648}"#,
            r#"{"alg":"EdDSA","alg":"none"}"#,
            r#"{"alg":5}"#,
            r#"{}"#,
        ] {
            assert!(parse(&token(header)).is_err(), "{header}");
        }
        assert!(parse(&"a".repeat(20_000_000)).is_err());
        for form in ["", ".", "..", "a.b", "a.b.c.d", "e30.e30", "e30.e30.=="] {
            assert!(parse(form).is_err(), "{form}");
        }
    }
}
