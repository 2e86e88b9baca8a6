//! Passwords that nobody has to think of.

use doorward_core::{Env, Secret};

/// How a password is generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordRule {
    /// How many characters.
    pub length: usize,
    /// Which, each of them once.
    pub alphabet: String,
}

/// The rule cannot give a good password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short or too long.
    #[error("length: between 16 and 256")]
    Length,
    /// Not enough letters.
    #[error("alphabet: at least 10 different printable ASCII characters")]
    Alphabet,
}

impl Default for PasswordRule {
    /// 32 letters and digits out of 57: 186 bits. Nothing that a shell, a
    /// `chpasswd` line, a URL or an eye could take for something else.
    fn default() -> Self {
        let alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
        Self { length: 32, alphabet: alphabet.to_owned() }
    }
}

/// A password by the rule, every character equally likely.
pub fn generate_password(env: &Env, rule: &PasswordRule) -> Result<Secret<String>, PasswordError> {
    if !(16..=256).contains(&rule.length) {
        return Err(PasswordError::Length);
    }
    let letters: Vec<char> = rule.alphabet.chars().collect();
    let mut distinct = letters.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() != letters.len()
        || letters.len() < 10
        || !letters.iter().all(char::is_ascii_graphic)
    {
        return Err(PasswordError::Alphabet);
    }
    // Bytes from the largest multiple of the alphabet's size up are thrown away:
    // they would make its first letters likelier.
    let fair = 256 - 256 % letters.len();
    let mut text = String::with_capacity(rule.length);
    while text.len() < rule.length {
        let [byte] = env.bytes::<1>();
        let byte = usize::from(byte);
        if byte < fair {
            text.extend(letters.get(byte % letters.len()));
        }
    }
    Ok(Secret::new(text))
}
