//! Arithmetic in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197 section 4.2).
//!
//! INVARIANT: no table and no branch depends on an operand, so that neither the
//! cache nor the clock tells what was multiplied.

/// The product.
pub(crate) fn mul(a: u8, b: u8) -> u8 {
    let (mut a, mut product) = (a, 0_u8);
    for bit in 0..8 {
        // All ones when the bit of `b` is set, all zeros when it is not.
        let take = 0_u8.wrapping_sub((b >> bit) & 1);
        product ^= a & take;
        let carry = 0_u8.wrapping_sub(a >> 7);
        a = (a << 1) ^ (0x1b & carry);
    }
    product
}

/// The inverse of `a`, which is `a` to the power 254; 0 for 0.
pub(crate) fn invert(a: u8) -> u8 {
    // 254 = 0b1111_1110: square seven times, multiply on every step but the last.
    let mut power = a;
    let mut result = 1;
    for _ in 0..7 {
        power = mul(power, power);
        result = mul(result, power);
    }
    result
}
