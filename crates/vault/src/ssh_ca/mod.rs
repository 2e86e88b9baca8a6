//! The authority whose certificates open accounts over SSH.
//!
//! Owns: the authority's keys (purpose [`PURPOSE`]), what a certificate says, the
//! record of those that were issued.
//! Promises: a certificate is issued only for an `Allowed<OpenSession>` whose
//! session is opening at this moment, once for each session, or to test an account,
//! for a minute; it names one account, lives five minutes at most and never longer
//! than the grant; its event is durable before it leaves the vault. Neither its private key nor the
//! authority's is ever stored in the clear.
//! Must not know: how a target is reached.

mod wire;

use std::net::IpAddr;
use std::time::Duration;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use doorward_core::{
    Allowed, Class, Entity, Event, GrantId, KeyId, OpenSession, PrivilegedSessionId,
    RotateCredential, Secret, Timestamp,
};
use doorward_store::ssh_certificate::{self as rows, SshCertificate};
use doorward_store::{event, grant, identity, privileged_session as sessions};

use crate::credentials::CredentialError;
use crate::credentials::openssh::{NewKey, ed25519_blob};
use crate::error::VaultError;
use crate::keys::{self, Algorithm, KeyState, SigningKey};
use crate::vault::Vault;

/// The purpose of the authority's signing keys.
pub const PURPOSE: &str = "ssh-ca";

/// How an account says in the database that it opens with certificates: a secret
/// of this kind without any version, because there is nothing to keep.
pub(crate) const KIND: &str = "certificate";
/// From the first to the last moment at which a certificate is valid. A session
/// that stands goes on after it.
const VALID: Duration = Duration::from_secs(5 * 60);
/// How long one is valid that only tests whether a target takes it.
const TESTED: Duration = Duration::from_secs(60);
/// How far a target's clock may be behind.
const SKEW: Duration = Duration::from_secs(30);
/// The longest principal.
const LONGEST: usize = 255;

/// A key of the authority, as targets must know it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "SshAuthorityKey")]
pub struct AuthorityKey {
    /// A line for the file that `TrustedUserCAKeys` names.
    pub line: String,
    /// `SHA256:…`
    pub fingerprint: String,
    /// Whether it signs now, will sign, or has signed.
    pub state: KeyState,
    /// From when it signs.
    pub activates_at: Timestamp,
    /// When it is no longer listed.
    pub retires_at: Option<Timestamp>,
}

/// Where targets see this node's connections come from: addresses and CIDR
/// blocks. Certificates hold nowhere else; with none they hold everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(Option<String>);

/// No address and no CIDR block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no address and no block of addresses such as 10.0.0.0/24 (nothing after its prefix)"
)]
pub struct SourceError(String);

impl Sources {
    /// Of these addresses and blocks.
    pub fn parse(blocks: &[String]) -> Result<Self, SourceError> {
        match blocks.iter().find(|block| !is_block(block)) {
            Some(wrong) => Err(SourceError(wrong.clone())),
            None => Ok(Self((!blocks.is_empty()).then(|| blocks.join(",")))),
        }
    }
}

/// Whether sshd would take it: it refuses blocks with bits after their prefix.
fn is_block(text: &str) -> bool {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let (bits, width) = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(a)) => (u128::from(u32::from(a)) << 96, 32),
        Ok(IpAddr::V6(a)) => (u128::from(a), 128),
        Err(_) => return false,
    };
    match length {
        None => true,
        Some(length) => length.parse::<u32>().is_ok_and(|l| {
            l <= width && length == l.to_string() && bits.checked_shl(l).unwrap_or(0) == 0
        }),
    }
}

/// Whether ports may be forwarded in the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ports {
    /// They may not; the target refuses them too.
    #[default]
    Closed,
    /// Policy permits them.
    Forwarded,
}

/// What a certificate may be used for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// From where.
    pub sources: Sources,
    /// Whether ports may be forwarded.
    pub ports: Ports,
}

/// A key that was born for one session, and the certificate over it.
#[derive(Debug)]
pub struct SessionCertificate {
    /// The private key, in OpenSSH's form.
    pub key: Secret<String>,
    /// The certificate, as a line.
    pub line: String,
}

/// A name that can stand in a certificate as its one principal: visible ASCII
/// without what somewhere separates or matches names (OpenSSH CVE-2026-35414).
pub(crate) fn principal(name: &str) -> Result<&str, CredentialError> {
    let letters = |b: u8| b.is_ascii_graphic() && !b",*?!\"'`;".contains(&b);
    if (1..=LONGEST).contains(&name.len()) && name.bytes().all(letters) {
        Ok(name)
    } else {
        let shown = name.chars().filter(|c| !c.is_control()).take(80).collect();
        Err(CredentialError::Principal(shown))
    }
}

/// Makes the authority's first key, unless it has one.
pub async fn ensure(vault: &Vault) -> Result<(), VaultError> {
    keys::ensure(vault, PURPOSE, Algorithm::EdDsa).await
}

/// The keys that targets must trust: the one that signs, the one that will, and
/// those whose certificates may still be under way.
pub fn authority(vault: &Vault) -> Result<Vec<AuthorityKey>, VaultError> {
    let found = keys::all(vault, PURPOSE)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let (now, active) = (vault.env().now(), keys::active(vault, PURPOSE)?.id);
    let shown = |key: SigningKey| {
        let blob = public_blob(&key)?;
        Ok(AuthorityKey {
            line: format!("ssh-ed25519 {} doorward-ssh-ca", STANDARD.encode(&blob)),
            fingerprint: fingerprint(&blob),
            state: key.state(now, active),
            activates_at: key.activates_at,
            retires_at: key.retires_at,
        })
    };
    found.into_iter().map(shown).collect()
}

/// The public half, out of the private one: what targets are told to trust must
/// not be what somebody has written into the database.
fn public_blob(key: &SigningKey) -> Result<Vec<u8>, VaultError> {
    let seed = key.ed25519_seed()?;
    let pair =
        Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| VaultError::Crypto)?;
    Ok(ed25519_blob(pair.public_key().as_ref()))
}

fn fingerprint(blob: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, blob);
    format!("SHA256:{}", STANDARD_NO_PAD.encode(hash))
}

/// What the record says of the session that a certificate is for.
struct Facts {
    identity: String,
    grant: Option<(GrantId, Timestamp)>,
}

async fn facts(
    vault: &Vault,
    allowed: &Allowed<OpenSession>,
    session: PrivilegedSessionId,
) -> Result<Facts, CredentialError> {
    let (account, actor, now) = (allowed.act().account, allowed.actor().id(), vault.env().now());
    let found = vault
        .db()
        .read(move |c| {
            let Some(row) = sessions::find(c, session)? else { return Ok(None) };
            let grant = match row.grant {
                Some(id) => match grant::find(c, id)? {
                    Some(g) if g.ended_at.is_none() && g.grant.in_force(now) => {
                        Some((id, g.grant.ends_at))
                    }
                    _ => return Ok(None),
                },
                None => None,
            };
            let fits =
                row.state == "opening" && row.account == account && Some(row.identity) == actor;
            let identity = identity::find(c, row.identity)?.filter(|_| fits);
            Ok::<_, doorward_store::Error>(
                identity.map(|i| Facts { identity: i.name.to_string(), grant }),
            )
        })
        .await?;
    found.ok_or(CredentialError::NotOpening)
}

/// A certificate for the session that is being opened, once.
pub(crate) async fn issue(
    vault: &Vault,
    allowed: &Allowed<OpenSession>,
    session: PrivilegedSessionId,
    account_name: &str,
    terms: &Terms,
) -> Result<SessionCertificate, CredentialError> {
    let principal = principal(account_name)?;
    let facts = facts(vault, allowed, session).await?;
    let second = Timestamp::from_secs(vault.env().now().secs());
    let mut valid_before = second + (VALID - SKEW);
    if let Some((_, ends_at)) = facts.grant {
        valid_before = valid_before.min(Timestamp::from_secs(ends_at.secs()));
    }
    let grant = facts.grant.map_or_else(|| "none".to_owned(), |(id, _)| id.to_string());
    let key_id = format!("identity={} session={session} grant={grant}", facts.identity);
    let valid = (second - SKEW, valid_before);
    let made = sign(vault, principal, &key_id, valid, terms).await?;
    let row = SshCertificate {
        serial: made.serial,
        privileged_session: session,
        signing_key: made.authority,
        principal: principal.to_owned(),
        valid_after: valid.0,
        valid_before: valid.1,
    };
    let record = used(vault, allowed, &row, &key_id, terms);
    vault
        .db()
        .write(move |c| {
            if !rows::insert(c, &row)? {
                return Err(CredentialError::NotOpening);
            }
            event::append(c, &record)?;
            Ok(())
        })
        .await?;
    Ok(made.certificate)
}

/// A certificate by which a target is asked whether it takes one for this account. It
/// belongs to no session, holds for a minute, and lets no ports through.
pub(crate) async fn issue_test(
    vault: &Vault,
    allowed: &Allowed<RotateCredential>,
    account_name: &str,
    sources: &Sources,
) -> Result<SessionCertificate, CredentialError> {
    let principal = principal(account_name)?;
    let who = match allowed.actor().id() {
        Some(id) => vault.db().read(move |c| identity::find(c, id)).await?,
        None => None,
    };
    let who = who.map_or_else(|| "doorward".to_owned(), |i| i.name.to_string());
    let key_id = format!("identity={who} test");
    let second = Timestamp::from_secs(vault.env().now().secs());
    let valid = (second - SKEW, second + TESTED);
    let terms = Terms { sources: sources.clone(), ports: Ports::Closed };
    let made = sign(vault, principal, &key_id, valid, &terms).await?;
    let record =
        Event::new(vault.env(), Class::EntityManagement, "credential.tested", allowed.actor())
            .on(Entity::new("Account", allowed.act().account))
            .by(allowed.policies())
            .with("kind", KIND)
            .with("serial", made.serial.to_string())
            .with("key_id", key_id)
            .with("principal", principal)
            .with("valid_before", valid.1.to_string())
            .with("source_address", terms.sources.0.clone())
            .with("authority", made.authority.to_string());
    vault.db().write(move |c| event::append(c, &record)).await?;
    Ok(made.certificate)
}

/// A certificate that is signed and not yet recorded.
struct Signed {
    certificate: SessionCertificate,
    serial: i64,
    authority: KeyId,
}

async fn sign(
    vault: &Vault,
    principal: &str,
    key_id: &str,
    (valid_after, valid_before): (Timestamp, Timestamp),
    terms: &Terms,
) -> Result<Signed, CredentialError> {
    ensure(vault).await?;
    let (env, authority) = (vault.env(), keys::active(vault, PURPOSE)?);
    let seconds = |t: Timestamp| u64::try_from(t.secs()).map_err(|_| VaultError::Crypto);
    // Positive, because databases have no other kind; a clash is refused there.
    let serial = i64::from_be_bytes(env.bytes()) & i64::MAX;
    let key = NewKey::ed25519(env, "doorward")?;
    let authority_blob = public_blob(&authority)?;
    let body = wire::Body {
        nonce: env.bytes(),
        public: &key.public,
        serial: serial.unsigned_abs(),
        key_id,
        principal,
        valid_after: seconds(valid_after)?,
        valid_before: seconds(valid_before)?,
        source_address: terms.sources.0.as_deref(),
        ports: terms.ports,
        authority: &authority_blob,
    };
    let signed = body.bytes();
    let signature = authority.sign(&signed)?;
    let line = wire::line(signed, &signature, "doorward");
    let certificate = SessionCertificate { key: key.private, line };
    Ok(Signed { certificate, serial, authority: authority.id })
}

fn used(
    vault: &Vault,
    allowed: &Allowed<OpenSession>,
    row: &SshCertificate,
    key_id: &str,
    terms: &Terms,
) -> Event {
    let kid: KeyId = row.signing_key;
    Event::new(vault.env(), Class::ApiActivity, "credential.used", allowed.actor())
        .on(Entity::new("Account", allowed.act().account))
        .within(row.privileged_session)
        .by(allowed.policies())
        .with("kind", KIND)
        .with("serial", row.serial.to_string())
        .with("key_id", key_id)
        .with("principal", row.principal.clone())
        .with("valid_before", row.valid_before.to_string())
        .with("source_address", terms.sources.0.clone())
        .with("authority", kid.to_string())
}
