//! User certificates: those of people, by authorities that the operator trusts,
//! and those that open accounts on targets.
//!
//! Of a person's, russh has checked by now that the certificate's signature is by the key that
//! it names, and that the person holds its private key. What remains is whether
//! that authority is ours and whether the certificate says one clear thing.

use std::net::IpAddr;
use std::time::Duration;

use doorward_core::{Name, Timestamp};
use russh::keys::ssh_key::certificate::CertType;
use russh::keys::{Certificate, PublicKey};

/// The longest that a certificate may be valid: a working day's session.
const LONGEST: Duration = Duration::from_secs(12 * 3600);

/// Why a certificate is refused.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Refused {
    #[error("it is a host certificate")]
    NotUser,
    #[error("its authority is not trusted")]
    Authority,
    #[error("it must name exactly one principal")]
    Principals,
    #[error("its principal is not the name that it must be")]
    Principal,
    #[error("it is not valid now, or for too long")]
    Validity,
    #[error("it has a critical option that is not understood")]
    Option,
    #[error("it is not valid from this address")]
    Address,
}

/// Whom the certificate names.
pub(crate) fn check(
    certificate: &Certificate,
    authorities: &[PublicKey],
    address: Option<IpAddr>,
    now: Timestamp,
) -> Result<Name, Refused> {
    if certificate.cert_type() != CertType::User {
        return Err(Refused::NotUser);
    }
    if !authorities.iter().any(|ca| ca.key_data() == certificate.signature_key()) {
        return Err(Refused::Authority);
    }
    let [principal] = certificate.valid_principals() else { return Err(Refused::Principals) };
    // A name has no comma, blank or control character (OpenSSH CVE-2026-35414).
    let name = Name::parse(principal).map_err(|_| Refused::Principal)?;
    let now = u64::try_from(now.secs()).map_err(|_| Refused::Validity)?;
    let (after, before) = (certificate.valid_after(), certificate.valid_before());
    let length = before.checked_sub(after).ok_or(Refused::Validity)?;
    if now < after || now >= before || length > LONGEST.as_secs() {
        return Err(Refused::Validity);
    }
    for (option, value) in certificate.critical_options().iter() {
        match option.as_str() {
            "source-address" => {
                let inside =
                    address.is_some_and(|a| value.split(',').any(|block| covers(block, a)));
                if !inside {
                    return Err(Refused::Address);
                }
            }
            // force-command would bind a shell and not a subsystem; it is refused
            // like every option that is not understood.
            _ => return Err(Refused::Option),
        }
    }
    Ok(name)
}

/// Whether this is a certificate to open `account` with, and nothing else
/// (OpenSSH CVE-2026-35414): what is not, is not shown to a target.
pub(crate) fn opens(
    certificate: &Certificate,
    account: &str,
    now: Timestamp,
) -> Result<(), Refused> {
    if certificate.cert_type() != CertType::User {
        return Err(Refused::NotUser);
    }
    let [principal] = certificate.valid_principals() else { return Err(Refused::Principals) };
    let odd = |c: char| c == ',' || c.is_control() || c.is_whitespace();
    if principal != account || principal.is_empty() || principal.contains(odd) {
        return Err(Refused::Principal);
    }
    let now = u64::try_from(now.secs()).map_err(|_| Refused::Validity)?;
    if now < certificate.valid_after() || now >= certificate.valid_before() {
        return Err(Refused::Validity);
    }
    Ok(())
}

/// Whether an address or CIDR block covers `address`.
fn covers(block: &str, address: IpAddr) -> bool {
    let (base, length) = match block.split_once('/') {
        Some((base, length)) => (base, length.parse::<u32>().ok()),
        None => (block, Some(u32::MAX)),
    };
    let (Ok(base), Some(length)) = (base.parse::<IpAddr>(), length) else { return false };
    match (base, address.to_canonical()) {
        (IpAddr::V4(b), IpAddr::V4(a)) => {
            let length = if length == u32::MAX { 32 } else { length };
            let shift = 32_u32.checked_sub(length);
            shift.is_some_and(|s| u32::from(b).checked_shr(s) == u32::from(a).checked_shr(s))
        }
        (IpAddr::V6(b), IpAddr::V6(a)) => {
            let length = if length == u32::MAX { 128 } else { length };
            let shift = 128_u32.checked_sub(length);
            shift.is_some_and(|s| u128::from(b).checked_shr(s) == u128::from(a).checked_shr(s))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
