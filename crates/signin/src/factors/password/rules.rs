//! What may be a password: length, the blocklist, words of one's own; and how
//! strong it is.
//!
//! The offline blocklist is compiled into the binary from the package `zxcvbn`:
//! its dictionary of the 30,000 most common passwords, and those of names and
//! of English words, are matched against the whole password, in any case,
//! reversed, and with the usual letter substitutions. There are no rules of
//! composition and there is no expiry (63B-4 section 3.1.1.2).

use zxcvbn::Score;
use zxcvbn::matching::patterns::MatchPattern;

use super::LONGEST;

/// The estimator looks no further: its cost grows with the square of it.
const ESTIMATED: usize = 100;

/// How strong a password would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strength {
    /// 0 (guessed at once) to 4 (strong).
    pub score: u8,
    /// What would make it better.
    pub advice: Vec<String>,
}

/// Whether it may be a password; the error is for the person who chose it.
pub(super) fn check(password: &str, words: &[String], shortest: usize) -> Result<(), String> {
    let length = password.chars().count();
    if length < shortest {
        return Err(format!("Use at least {shortest} characters; this has {length}."));
    }
    if length > LONGEST {
        return Err(format!("Use at most {LONGEST} characters; this has {length}."));
    }
    if password.chars().all(char::is_whitespace) {
        return Err("Use something besides spaces.".to_owned());
    }
    let lower = password.to_lowercase();
    for word in words.iter().filter(|w| w.chars().count() >= 4) {
        // What is left when the word is taken out must be a secret by itself.
        if lower.contains(word.as_str()) && length - word.chars().count() < 4 {
            return Err(format!(
                "This is little more than {word:?}, which others know about you. Choose another."
            ));
        }
    }
    let found = estimate(password, words);
    if let [only] = found.sequence()
        && only.token.chars().count() == length.min(ESTIMATED)
    {
        let why = match &only.pattern {
            MatchPattern::Dictionary(_) => "is in a list of the most common passwords and words",
            MatchPattern::Spatial(_) => "is a row of keys on the keyboard",
            MatchPattern::Repeat(_) => "is one thing again and again",
            MatchPattern::Sequence(_) => "is a plain sequence",
            MatchPattern::Date(_) => "is a date",
            _ => "",
        };
        if !why.is_empty() && found.score() < Score::Three {
            return Err(format!("This {why}. Choose another."));
        }
    }
    if found.score() < Score::Two {
        let because = found
            .feedback()
            .and_then(|f| f.warning())
            .map_or_else(String::new, |w| format!(" {w}"));
        return Err(format!("This would be guessed quickly.{because} Choose another."));
    }
    Ok(())
}

pub(super) fn strength(password: &str, words: &[String]) -> Strength {
    let found = estimate(password, words);
    let advice = found.feedback().map_or_else(Vec::new, |f| {
        f.warning()
            .map(|w| w.to_string())
            .into_iter()
            .chain(f.suggestions().iter().map(ToString::to_string))
            .collect()
    });
    Strength { score: u8::from(found.score()), advice }
}

fn estimate(password: &str, words: &[String]) -> zxcvbn::Entropy {
    let start: String = password.chars().take(ESTIMATED).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    zxcvbn::zxcvbn(&start, &words)
}
