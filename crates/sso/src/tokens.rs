//! Bearer values, and the tokens of a family.

use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::{Actor, Assurance, Env, Proof, Timestamp, TokenFamilyId, Who};
use doorward_store::identity::Identity;
use doorward_store::token::{self as rows, Family};
use doorward_store::{Conn, Error as StoreError};
use doorward_vault::VaultError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::Oidc;
use crate::applications::ApplicationView;
use crate::jwt::TokenKind;

/// How long access and ID tokens live.
pub(crate) const SHORT: Duration = Duration::from_secs(5 * 60);
/// How long a refresh token lives without use.
pub(crate) const IDLE: Duration = Duration::from_secs(8 * 3600);
/// How long a family lives in any case.
pub(crate) const ABSOLUTE: Duration = Duration::from_secs(24 * 3600);

/// `acr` of two factors.
pub const ACR_AAL2: &str = "urn:doorward:aal2";
/// `acr` of one factor.
pub const ACR_AAL1: &str = "urn:doorward:aal1";
/// `acr` of phishing-resistant proof (OpenID Connect EAP ACR Values).
pub const ACR_PHR: &str = "phr";

/// 256 random bits in base64url.
pub(crate) fn random(env: &Env) -> String {
    URL_SAFE_NO_PAD.encode(env.secret().expose())
}

/// What is kept of a bearer value.
pub(crate) fn hash(value: &str) -> [u8; 32] {
    sha256(&[value.as_bytes()])
}

/// SHA-256 over length-prefixed parts, so that no two lists of parts are equal.
pub(crate) fn hash_parts(parts: &[&str]) -> [u8; 32] {
    let mut all = Vec::new();
    for part in parts {
        all.extend((part.len() as u64).to_be_bytes());
        all.extend(part.as_bytes());
    }
    sha256(&[&all])
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    out
}

/// What the tokens of a family repeat.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) proofs: Vec<Proof>,
    #[serde(default)]
    pub(crate) nonce: Option<String>,
    #[serde(default)]
    pub(crate) address: Option<std::net::IpAddr>,
    /// The browser that the person was signed in with.
    #[serde(default)]
    pub(crate) device: Option<String>,
}

impl Facts {
    pub(crate) fn of(family: &Family) -> Result<Self, StoreError> {
        serde_json::from_value(family.facts.clone()).map_err(|e| StoreError::Decode(e.to_string()))
    }

    /// When the person proved who they are, the last time.
    pub(crate) fn auth_time(&self) -> Option<Timestamp> {
        auth_time(&self.proofs)
    }

    pub(crate) fn actor(&self, family: &Family) -> Actor {
        Actor {
            who: Who::Identity(family.identity),
            proofs: self.proofs.clone(),
            session: family.session,
            device: self.device.clone(),
            network: doorward_core::Network { address: self.address },
        }
    }
}

pub(crate) fn auth_time(proofs: &[Proof]) -> Option<Timestamp> {
    proofs.iter().map(|p| p.at).max()
}

/// The strongest `acr` that these proofs reach.
pub(crate) fn acr(proofs: &[Proof]) -> &'static str {
    let two = Assurance::of(proofs) >= Assurance::Aal2;
    match (two, proofs.iter().any(|p| p.phishing_resistant)) {
        (true, true) => ACR_PHR,
        (true, false) => ACR_AAL2,
        _ => ACR_AAL1,
    }
}

/// Whether proofs that reach `have` satisfy `wanted`.
pub(crate) fn acr_satisfies(have: &str, wanted: &str) -> bool {
    let rank = |acr: &str| match acr {
        ACR_AAL1 => Some(1),
        ACR_AAL2 => Some(2),
        ACR_PHR => Some(3),
        _ => None,
    };
    matches!((rank(have), rank(wanted)), (Some(h), Some(w)) if h >= w)
}

/// `amr` (RFC 8176) of these proofs.
pub(crate) fn amr(proofs: &[Proof]) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = proofs
        .iter()
        .map(|p| match p.factor.as_str() {
            "password" => "pwd",
            "totp" | "recovery" => "otp",
            "passkey" | "ssh-key" => "pop",
            _ => "user",
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    if Assurance::of(proofs) >= Assurance::Aal2 {
        found.push("mfa");
    }
    found
}

/// The `jti` of an access token: which family it is of and when it ends, so that
/// it needs no row of its own until somebody revokes it. To others it is opaque.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Jti {
    pub(crate) family: TokenFamilyId,
    /// By our own clock, which is never set back; `exp` is by everybody's.
    pub(crate) ends: Timestamp,
    random: String,
}

impl Jti {
    fn new(env: &Env, family: TokenFamilyId, ends: Timestamp) -> Self {
        Self { family, ends, random: random(env) }
    }

    /// Of the claims of a token whose signature is ours.
    pub(crate) fn of(claims: &Map<String, Value>) -> Option<Self> {
        let mut parts = claims.get("jti")?.as_str()?.split('.');
        let (family, ends, random) = (parts.next()?, parts.next()?, parts.next()?);
        let ends = Timestamp::from_micros(ends.parse().ok()?);
        let found = Self { family: family.parse().ok()?, ends, random: random.to_owned() };
        parts.next().is_none().then_some(found)
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        hash(&self.to_string())
    }
}

impl std::fmt::Display for Jti {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.family, self.ends.micros(), self.random)
    }
}

/// Tokens that are signed and whose rows are not yet written.
pub(crate) struct Minted {
    pub(crate) access: String,
    pub(crate) id: Option<String>,
    pub(crate) refresh: Option<String>,
    family: TokenFamilyId,
    refresh_hash: Option<[u8; 32]>,
    refresh_ends: Timestamp,
}

impl Minted {
    /// Writes what makes the refresh token active. The others stand with their family.
    pub(crate) fn keep(&self, c: &Conn<'_>) -> Result<(), StoreError> {
        if let Some(hash) = &self.refresh_hash {
            rows::insert_refresh(c, hash, self.family, self.refresh_ends)?;
        }
        Ok(())
    }
}

impl Oidc {
    /// Signs the next tokens of a family.
    pub(crate) fn mint(
        &self,
        application: &ApplicationView,
        family: &Family,
        facts: &Facts,
        with_refresh: WithRefresh,
    ) -> Result<Minted, VaultError> {
        let now = self.env.now();
        // INVARIANT: nothing outlives its family.
        let ends = (now + SHORT).min(family.expires_at);
        // Others read the claims by clocks of their own; we read the `jti`.
        let issued = self.env.wall();
        let expires = issued + ends.since(now);
        let jti = Jti::new(&self.env, family.id, ends).to_string();
        let client = application.id.to_string();
        let subject = family.identity.to_string();
        let mut access = json!({
            "iss": &*self.issuer, "sub": subject, "aud": &*self.issuer, "client_id": client,
            "iat": issued.secs(), "exp": expires.secs(), "jti": jti, "scope": family.scopes.join(" "),
        });
        let person = !facts.proofs.is_empty();
        if let (Some(map), Some(at), true) = (access.as_object_mut(), facts.auth_time(), person) {
            map.insert("auth_time".to_owned(), at.secs().into());
            map.insert("acr".to_owned(), acr(&facts.proofs).into());
            map.insert("amr".to_owned(), json!(amr(&facts.proofs)));
        }
        let access = self.sign(TokenKind::Access, &access)?;
        let valid = (issued, expires);
        let id = self
            .id_claims(application, family, facts, valid, Some(&access))
            .map(|claims| self.sign(TokenKind::Id, &Value::Object(claims)))
            .transpose()?;
        let refresh = (with_refresh == WithRefresh::Yes).then(|| random(&self.env));
        Ok(Minted {
            access,
            id,
            refresh_hash: refresh.as_deref().map(hash),
            refresh,
            family: family.id,
            refresh_ends: (now + IDLE).min(family.expires_at),
        })
    }

    /// The claims of an ID token that is valid from one moment to another and comes
    /// with this access token; none, unless one was asked for.
    pub(crate) fn id_claims(
        &self,
        application: &ApplicationView,
        family: &Family,
        facts: &Facts,
        (issued, expires): (Timestamp, Timestamp),
        access: Option<&str>,
    ) -> Option<Map<String, Value>> {
        if !family.scopes.iter().any(|s| s == "openid") {
            return None;
        }
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", (*self.issuer).into());
        put("sub", family.identity.to_string().into());
        put("aud", application.id.to_string().into());
        put("iat", issued.secs().into());
        put("exp", expires.secs().into());
        put("acr", acr(&facts.proofs).into());
        put("amr", json!(amr(&facts.proofs)));
        if let Some(access) = access {
            put("at_hash", at_hash(access).into());
        }
        if let Some(at) = facts.auth_time() {
            put("auth_time", at.secs().into());
        }
        if let Some(nonce) = &facts.nonce {
            put("nonce", nonce.as_str().into());
        }
        if let Some(session) = family.session {
            put("sid", session.to_string().into());
        }
        claims.extend(self.memberships(application, family));
        Some(claims)
    }

    /// What userinfo says of the person (Core section 5.4).
    pub(crate) fn person_claims(
        &self,
        application: &ApplicationView,
        family: &Family,
        person: &Identity,
    ) -> Map<String, Value> {
        let has = |scope: &str| family.scopes.iter().any(|s| s == scope);
        let mut claims = self.memberships(application, family);
        claims.insert("sub".to_owned(), person.id.to_string().into());
        if has("profile") {
            claims.insert("name".to_owned(), person.display_name.clone().into());
            claims.insert("preferred_username".to_owned(), person.name.to_string().into());
            claims.insert("updated_at".to_owned(), person.updated_at.secs().into());
        }
        if has("email")
            && let Some(email) = &person.email
        {
            claims.insert("email".to_owned(), email.to_string().into());
            // An administrator wrote it; nobody has proven that they read it.
            claims.insert("email_verified".to_owned(), false.into());
        }
        claims
    }

    /// The claims of groups and roles, as scopes and mapping say.
    pub(crate) fn memberships(
        &self,
        application: &ApplicationView,
        family: &Family,
    ) -> Map<String, Value> {
        let (groups, roles) = self.engine.world().memberships(family.identity, self.env.now());
        let settings = &application.settings;
        let has = |scope: &str| family.scopes.iter().any(|s| s == scope);
        let mut claims = Map::new();
        if has("groups") {
            let name = settings.groups.claim.clone().unwrap_or_else(|| "groups".to_owned());
            claims.insert(name, json!(settings.groups.apply(&groups)));
        }
        if has("roles") {
            let name = settings.roles.claim.clone().unwrap_or_else(|| "roles".to_owned());
            claims.insert(name, json!(settings.roles.apply(&roles)));
        }
        // A mapping cannot speak in the provider's name.
        claims.retain(|name, _| !RESERVED.contains(&name.as_str()));
        claims
    }
}

/// Claims that no mapping may set.
const RESERVED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "azp",
    "nonce",
    "acr",
    "amr",
    "auth_time",
    "at_hash",
    "sid",
    "client_id",
    "scope",
    "events",
    "email",
    "email_verified",
];

/// Whether a refresh token comes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WithRefresh {
    Yes,
    No,
}

/// The left half of the SHA-256 of the access token (OpenID Connect Core
/// section 3.1.3.6).
fn at_hash(access: &str) -> String {
    let hash = hash(access);
    URL_SAFE_NO_PAD.encode(hash.first_chunk::<16>().unwrap_or(&[0; 16]))
}
