//! The codes that people type.

/// Twenty consonants: no vowels, hence no words, and nothing to be taken for
/// something else (RFC 8628 section 6.1). Eight of them are 34 bits.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// A new one: `BCDF-GHJK`.
pub(super) fn user_code(env: &doorward_core::Env) -> String {
    let mut code = String::with_capacity(9);
    while code.len() < 9 {
        let [byte] = env.bytes::<1>();
        // 240 is a multiple of 20: what is beyond would favour some letters.
        if byte < 240
            && let Some(letter) = LETTERS.get(usize::from(byte % 20))
        {
            code.push(char::from(*letter));
            if code.len() == 4 {
                code.push('-');
            }
        }
    }
    code
}

/// The code in its one spelling: lower case, spaces and a missing dash do no harm.
pub(super) fn canonical_code(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let letters: String =
        typed.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_uppercase()).collect();
    let ok = letters.len() == 8 && letters.bytes().all(|b| LETTERS.contains(&b));
    ok.then(|| format!("{}-{}", letters.get(..4).unwrap_or(""), letters.get(4..).unwrap_or("")))
}
