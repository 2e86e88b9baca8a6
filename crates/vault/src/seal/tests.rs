use std::collections::HashSet;

use doorward_store::testing::TestEnv;
use proptest::prelude::*;

use super::gf256::{invert, mul};
use super::shamir::{Share, ShareError, join, split};
use super::wrap::{Cost, stretch};

/// Multiplication as the standard writes it: polynomials, then the remainder.
fn schoolbook(a: u8, b: u8) -> u8 {
    let mut product = 0_u16;
    for bit in 0..8 {
        if b >> bit & 1 == 1 {
            product ^= u16::from(a) << bit;
        }
    }
    for bit in (8..16).rev() {
        if product >> bit & 1 == 1 {
            product ^= 0x11b << (bit - 8);
        }
    }
    u8::try_from(product).unwrap()
}

/// abuse case A23: the field is computed without tables; every product and every
/// inverse is right.
#[test]
fn field_without_tables_agrees_with_the_schoolbook() {
    for a in 0..=255 {
        for b in 0..=255 {
            assert_eq!(mul(a, b), schoolbook(a, b), "{a} * {b}");
        }
        assert_eq!(mul(a, invert(a)), u8::from(a != 0), "1/{a}");
    }
    // FIPS 197 section 4.2.
    assert_eq!(mul(0x57, 0x83), 0xc1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_k_shares_give_the_secret_and_fewer_do_not(
        secret in any::<[u8; 32]>(),
        (k, n) in (2..=6_u8).prop_flat_map(|k| (Just(k), k..=8)),
        skip in any::<usize>(),
    ) {
        let env = TestEnv::default().env();
        let mut shares = split(&env, &secret, k, n);
        let len = shares.len();
        shares.rotate_left(skip % len);
        shares.truncate(usize::from(k));
        let joined = join(&shares);
        prop_assert_eq!(joined.expose(), &secret);
        shares.pop();
        let joined = join(&shares);
        prop_assert_ne!(joined.expose(), &secret);
    }
}

#[test]
fn share_is_read_back_however_it_is_typed_and_no_typing_error_passes() {
    let env = TestEnv::default().env();
    let share = split(&env, &[7; 32], 2, 3).remove(1);
    let text = share.text();
    let text = text.expose();
    for typed in [text.clone(), text.to_uppercase(), text.replace('-', " "), text.replace('-', "")]
    {
        let back = Share::parse(&typed).unwrap();
        assert_eq!((back.index, back.check()), (2, share.check()));
    }
    for (i, old) in text.char_indices().skip("dws1-".len()) {
        for new in "abcz27".chars().filter(|c| *c != old && old != '-') {
            let mut wrong = text.clone();
            wrong.replace_range(i..=i, &new.to_string());
            assert!(Share::parse(&wrong).is_err(), "{wrong}");
        }
    }
    for cut in 0..text.len() {
        assert!(Share::parse(&text[..cut]).is_err());
    }
    assert_eq!(Share::parse("correct horse").err(), Some(ShareError::Form));
}

#[test]
fn check_values_differ_by_share_and_set() {
    let env = TestEnv::default().env();
    let checks: HashSet<_> =
        (0..4).flat_map(|_| split(&env, &[1; 32], 2, 5)).map(|share| share.check()).collect();
    assert_eq!(checks.len(), 20);
}

#[test]
fn passphrase_at_its_usual_cost_gives_the_same_key_each_time() {
    let key = stretch("correct horse battery", b"saltsaltsaltsalt", Cost::default()).unwrap();
    let again = stretch("correct horse battery", b"saltsaltsaltsalt", Cost::default()).unwrap();
    assert_eq!(key.expose(), again.expose());
    let other = stretch("correct horse batterz", b"saltsaltsaltsalt", Cost::default()).unwrap();
    assert_ne!(key.expose(), other.expose());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn no_text_makes_the_parsers_panic(text in ".{0,200}", bytes in any::<Vec<u8>>()) {
        use base64::Engine as _;
        let _ = Share::parse(&text);
        let _ = Share::parse(&format!("dws1-{}", data_encoding::BASE32_NOPAD.encode(&bytes)));
        let _ = super::keyfile::parse(&text);
        let body = base64::engine::general_purpose::STANDARD.encode(&bytes);
        let magic = base64::engine::general_purpose::STANDARD.encode([b"openssh-key-v1\0".as_slice(), &bytes].concat());
        for body in [text, body, magic] {
            let pem = format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END OPENSSH PRIVATE KEY-----");
            let _ = crate::public_line(&pem, "");
        }
        let _ = crate::envelope::ring_key_of(&bytes);
        let key = doorward_core::Secret::new([0; 32]);
        let aad = crate::Aad::new("t", "1", "c", 0);
        prop_assert!(crate::envelope::open(&key, &aad, &bytes).is_err());
    }
}
