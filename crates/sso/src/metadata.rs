//! What clients discover (OpenID Connect Discovery 1.0; RFC 8414).

use doorward_vault::{VaultError, keys};
use serde_json::{Value, json};

use crate::tokens::{ACR_AAL1, ACR_AAL2, ACR_PHR};
use crate::{KEY_PURPOSE, Oidc};

impl Oidc {
    /// `/.well-known/openid-configuration`, and the same for RFC 8414.
    pub fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        let methods = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
        let strong = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
        let algorithms = ["EdDSA", "ES256", "PS256", "RS256"];
        json!({
            "issuer": &*self.issuer,
            "authorization_endpoint": at("/oauth2/authorize"),
            "token_endpoint": at("/oauth2/token"),
            "userinfo_endpoint": at("/oauth2/userinfo"),
            "jwks_uri": at("/oauth2/jwks"),
            "introspection_endpoint": at("/oauth2/introspect"),
            "revocation_endpoint": at("/oauth2/revoke"),
            "end_session_endpoint": at("/oauth2/logout"),
            "device_authorization_endpoint": at("/oauth2/device_authorization"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "grant_types_supported": [
                "authorization_code", "refresh_token", "client_credentials", crate::device::GRANT_TYPE,
            ],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "introspection_endpoint_auth_methods_supported": strong,
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
            "revocation_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": self.algorithms(),
            "scopes_supported": ["openid", "profile", "email", "groups", "roles", "offline_access"],
            "claims_supported": [
                "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid",
                "name", "preferred_username", "updated_at", "email", "email_verified", "groups", "roles",
            ],
            "acr_values_supported": [ACR_AAL1, ACR_AAL2, ACR_PHR],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "authorization_response_iss_parameter_supported": true,
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
            "claims_parameter_supported": false,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
        })
    }

    /// The public keys, those to come and those of a while ago included.
    pub fn jwks(&self) -> Result<Value, VaultError> {
        let keys: Result<Vec<Value>, VaultError> =
            keys::all(&self.vault, KEY_PURPOSE)?.iter().map(keys::SigningKey::jwk).collect();
        Ok(json!({ "keys": keys? }))
    }

    fn algorithms(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = keys::all(&self.vault, KEY_PURPOSE)
            .map(|keys| keys.iter().map(|k| k.algorithm.name()).collect())
            .unwrap_or_default();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            names.push("ES256");
        }
        names
    }
}
