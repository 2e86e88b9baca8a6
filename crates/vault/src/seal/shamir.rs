//! Shamir's scheme over GF(2^8): `k` of `n` shares give 32 bytes, fewer give
//! nothing.
//!
//! Each share is text with a checksum, so that a typing error is found at once,
//! and the seal keeps a check value of each, so that a wrong share is named.

use aws_lc_rs::digest;
use data_encoding::BASE32_NOPAD;
use doorward_core::{Env, Secret};
use zeroize::Zeroizing;

use super::gf256;

/// The most shares that are made.
pub const MOST: u8 = 32;
const PREFIX: &str = "dws1";
const SET: usize = 4;
const VALUE: usize = 32;
const SUM: usize = 4;
const CHECK: usize = 16;

/// Why a text is no share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// It does not look like one.
    #[error("this is not a share; a share begins with dws1-")]
    Form,
    /// A letter is wrong.
    #[error("the share has a typing error: its checksum does not fit")]
    Checksum,
}

/// One share: a point of the polynomials, and the set that it belongs to.
pub(crate) struct Share {
    pub index: u8,
    pub set: [u8; SET],
    value: Zeroizing<[u8; VALUE]>,
}

impl Share {
    /// Reads the text of a share; spaces, dashes and case do not matter.
    pub fn parse(text: &str) -> Result<Self, ShareError> {
        if text.len() > 256 {
            return Err(ShareError::Form);
        }
        let letters: Zeroizing<String> =
            Zeroizing::new(text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect());
        let body = Zeroizing::new(letters.to_ascii_lowercase())
            .strip_prefix(PREFIX)
            .map(|b| Zeroizing::new(b.to_ascii_uppercase()))
            .ok_or(ShareError::Form)?;
        let bytes = BASE32_NOPAD
            .decode(body.as_bytes())
            .map(Zeroizing::new)
            .map_err(|_| ShareError::Checksum)?;
        let (payload, sum) = bytes.split_last_chunk::<SUM>().ok_or(ShareError::Checksum)?;
        if checksum(payload) != *sum {
            return Err(ShareError::Checksum);
        }
        let (index, rest) = payload.split_first().ok_or(ShareError::Form)?;
        let (set, value) = rest.split_first_chunk::<SET>().ok_or(ShareError::Form)?;
        let value: [u8; VALUE] = value.try_into().map_err(|_| ShareError::Form)?;
        if *index == 0 || *index > MOST {
            return Err(ShareError::Form);
        }
        Ok(Self { index: *index, set: *set, value: Zeroizing::new(value) })
    }

    /// As text, in groups of four letters.
    pub fn text(&self) -> Secret<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 + SET + VALUE + SUM));
        bytes.push(self.index);
        bytes.extend_from_slice(&self.set);
        bytes.extend_from_slice(self.value.as_ref());
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum);
        let letters = Zeroizing::new(BASE32_NOPAD.encode(&bytes).to_ascii_lowercase());
        let mut text = String::with_capacity(letters.len() * 2);
        text.push_str(PREFIX);
        for (i, letter) in letters.chars().enumerate() {
            if i % 4 == 0 {
                text.push('-');
            }
            text.push(letter);
        }
        Secret::new(text)
    }

    /// What the seal keeps to know this share again. The value is 256 random
    /// bits, so its digest tells nothing about it.
    pub fn check(&self) -> [u8; CHECK] {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"doorward share check v1");
        context.update(&self.set);
        context.update(&[self.index]);
        context.update(self.value.as_ref());
        let mut check = [0; CHECK];
        for (to, from) in check.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        check
    }
}

fn checksum(payload: &[u8]) -> [u8; SUM] {
    let mut sum = [0; SUM];
    for (to, from) in sum.iter_mut().zip(digest::digest(&digest::SHA256, payload).as_ref()) {
        *to = *from;
    }
    sum
}

/// Splits 32 bytes into `n` shares, of which any `k` give them back.
pub(crate) fn split(env: &Env, secret: &[u8; VALUE], k: u8, n: u8) -> Vec<Share> {
    let set: [u8; SET] = env.bytes();
    // coefficients[d][i]: of x^(d+1), for byte i.
    let coefficients: Vec<Zeroizing<[u8; VALUE]>> =
        (1..k).map(|_| Zeroizing::new(env.bytes())).collect();
    (1..=n)
        .map(|index| {
            // Horner: from the highest coefficient down to the secret itself.
            let mut value = Zeroizing::new([0; VALUE]);
            let rows = coefficients.iter().rev().map(|c| &**c).chain(std::iter::once(secret));
            for row in rows {
                for (to, c) in value.iter_mut().zip(row) {
                    *to = gf256::mul(*to, index) ^ c;
                }
            }
            Share { index, set, value }
        })
        .collect()
}

/// The secret out of `k` different shares of one set (Lagrange, at zero).
pub(crate) fn join(shares: &[Share]) -> Secret<[u8; VALUE]> {
    let mut secret = Zeroizing::new([0; VALUE]);
    for share in shares {
        let mut weight = 1;
        for other in shares.iter().filter(|o| o.index != share.index) {
            // x_j / (x_j - x_i); subtraction is XOR.
            let over = gf256::invert(other.index ^ share.index);
            weight = gf256::mul(weight, gf256::mul(other.index, over));
        }
        for (to, from) in secret.iter_mut().zip(share.value.iter()) {
            *to ^= gf256::mul(*from, weight);
        }
    }
    Secret::new(*secret)
}
