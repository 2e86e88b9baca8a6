use doorward_core::Timestamp;
use russh::keys::ssh_key::certificate::{Builder, CertType};
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{Certificate, PrivateKey, PublicKey};

use super::*;
use crate::settings::PublicKeyLine;

const NOW: u64 = 1_800_000_000;

fn key(seed: u8) -> PrivateKey {
    let pair = Ed25519Keypair::from_seed(&[seed; 32]);
    PrivateKey::new(KeypairData::Ed25519(pair), "").unwrap()
}

fn made(change: impl FnOnce(&mut Builder)) -> Certificate {
    let mut builder =
        Builder::new(vec![7; 16], key(1).public_key().key_data().clone(), NOW - 60, NOW + 3600)
            .unwrap();
    change(&mut builder);
    builder.sign(&key(9)).unwrap()
}

fn asked(certificate: &Certificate, authority: &PublicKey, address: &str) -> Result<Name, Refused> {
    let now = Timestamp::from_secs(NOW as i64);
    check(certificate, std::slice::from_ref(authority), address.parse().ok(), now)
}

fn outcome(change: impl FnOnce(&mut Builder)) -> Result<Name, Refused> {
    asked(&made(change), key(9).public_key(), "192.0.2.7")
}

#[test]
fn one_clear_name_of_a_trusted_authority_is_taken() {
    assert_eq!(outcome(|b| drop(b.valid_principal("alice"))).unwrap().as_str(), "alice");
    let certificate = made(|b| drop(b.valid_principal("alice")));
    let other = asked(&certificate, key(8).public_key(), "192.0.2.7");
    assert_eq!(other, Err(Refused::Authority));
}

/// abuse case 52: a principal with a comma, a blank or a control character is
/// refused, and so are none and several.
#[test]
fn principals_that_are_not_one_name_are_refused() {
    for bad in ["deploy,root", "a b", "a\nb", "a\0b", "Alice", "*"] {
        assert_eq!(outcome(|b| drop(b.valid_principal(bad))), Err(Refused::Principal), "{bad:?}");
    }
    assert_eq!(outcome(|b| drop(b.all_principals_valid())), Err(Refused::Principals));
    let two = outcome(|b| {
        b.valid_principal("alice").unwrap();
        b.valid_principal("bob").unwrap();
    });
    assert_eq!(two, Err(Refused::Principals));
}

/// abuse case F9: a host certificate, an expired one, one valid for ever, an
/// unknown critical option, a forced command.
#[test]
fn certificates_that_say_something_else_are_refused() {
    let with = |option: &'static str, value: &'static str| {
        outcome(move |b| {
            b.valid_principal("alice").unwrap();
            b.critical_option(option, value).unwrap();
        })
    };
    assert_eq!(with("force-command", "true"), Err(Refused::Option));
    assert_eq!(with("verify-required", ""), Err(Refused::Option));
    assert_eq!(with("source-address", "10.0.0.0/8"), Err(Refused::Address));
    assert!(with("source-address", "10.0.0.0/8,192.0.2.0/24").is_ok());
    let host = outcome(|b| {
        b.valid_principal("alice").unwrap();
        b.cert_type(CertType::Host).unwrap();
    });
    assert_eq!(host, Err(Refused::NotUser));
    for (after, before) in [(NOW - 7200, NOW - 1), (NOW + 60, NOW + 120), (NOW - 60, NOW + 90_000)]
    {
        let mut b =
            Builder::new(vec![7; 16], key(1).public_key().key_data().clone(), after, before)
                .unwrap();
        b.valid_principal("alice").unwrap();
        let certificate = b.sign(&key(9)).unwrap();
        let got = asked(&certificate, key(9).public_key(), "192.0.2.7");
        assert_eq!(got, Err(Refused::Validity), "{after} {before}");
    }
}

#[test]
fn blocks_of_addresses_cover_what_they_say() {
    let yes = |block: &str, address: &str| covers(block, address.parse().unwrap());
    assert!(yes("192.0.2.7", "192.0.2.7") && yes("0.0.0.0/0", "192.0.2.7"));
    assert!(yes("2001:db8::/32", "2001:db8::1") && yes("192.0.2.0/24", "::ffff:192.0.2.9"));
    assert!(!yes("192.0.2.0/25", "192.0.2.200") && !yes("192.0.2.0/33", "192.0.2.1"));
    assert!(!yes("::/0", "192.0.2.7") && !yes("nonsense", "192.0.2.7"));
}

/// abuse case 52: a comma principal is refused at verify, on the way out too.
#[test]
fn certificate_opens_the_one_account_that_it_names() {
    let at = |c: &Certificate, account: &str| opens(c, account, Timestamp::from_secs(NOW as i64));
    let deploy = made(|b| drop(b.valid_principal("deploy")));
    assert_eq!(at(&deploy, "deploy"), Ok(()));
    assert_eq!(at(&deploy, "root"), Err(Refused::Principal));
    for odd in ["deploy,root", "a b", "a\nb", "a\0b", "a\u{9}", ""] {
        let certificate = made(|b| drop(b.valid_principal(odd)));
        assert_eq!(at(&certificate, odd), Err(Refused::Principal), "{odd:?}");
    }
    let two = made(|b| {
        b.valid_principal("deploy").unwrap();
        b.valid_principal("root").unwrap();
    });
    assert_eq!(at(&two, "deploy"), Err(Refused::Principals));
    assert_eq!(at(&made(|b| drop(b.all_principals_valid())), "deploy"), Err(Refused::Principals));
    let host = made(|b| {
        b.valid_principal("deploy").unwrap();
        b.cert_type(CertType::Host).unwrap();
    });
    assert_eq!(at(&host, "deploy"), Err(Refused::NotUser));
    for late in [NOW - 61, NOW + 3600] {
        let at = opens(&deploy, "deploy", Timestamp::from_secs(late as i64));
        assert_eq!(at, Err(Refused::Validity), "{late}");
    }
}

/// abuse case 51: a certificate is no authority: neither when one is signed in its
/// name, nor when an operator lists it as one.
#[test]
fn certificate_is_no_authority() {
    let plain = made(|b| drop(b.valid_principal("alice")));
    let authority = made(|b| drop(b.valid_principal("authority")));
    let (bytes, nested) = (plain.to_bytes().unwrap(), authority.to_bytes().unwrap());
    let string = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        [&length[..], bytes].concat()
    };
    let signer = string(&key(9).public_key().to_bytes().unwrap());
    let at = bytes.windows(signer.len()).rposition(|w| w == signer).unwrap();
    let forged = [&bytes[..at], &string(&nested), &bytes[at + signer.len()..]].concat();
    if let Ok(forged) = Certificate::from_bytes(&forged) {
        assert!(forged.verify_signature().is_err());
        let got = asked(&forged, key(9).public_key(), "192.0.2.7");
        assert_eq!(got, Err(Refused::Authority));
    }
    let line = PublicKeyLine(authority.to_openssh().unwrap());
    assert_eq!(line.key(), None, "a certificate as an authority");
}
