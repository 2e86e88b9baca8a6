//! What people type to say where they want to go.

/// A login, taken apart. Nothing is known yet about whether any of it exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Login {
    /// Who says that they come, when they say it: `alice/deploy@web-1`.
    pub person: Option<String>,
    /// The account and target; none when only the gateway is greeted (`ssh -J`).
    pub destination: Option<(String, String)>,
}

/// The longest login that is looked at.
const LONGEST: usize = 256;

/// The login makes no sense.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not a login: write account@target, account%target or person/account@target")]
pub struct LoginError(String);

impl Login {
    /// Takes a login apart: `deploy@web-1`, `deploy%web-1` (where `@` means
    /// something to the client), `alice/deploy@web-1`, or only `alice`.
    pub fn parse(text: &str) -> Result<Self, LoginError> {
        let refused = || LoginError(text.chars().take(80).filter(|c| !c.is_control()).collect());
        if text.is_empty()
            || text.len() > LONGEST
            || text.chars().any(|c| c.is_control() || c.is_whitespace() || c == ',')
        {
            return Err(refused());
        }
        let (person, rest) = match text.split_once('/') {
            Some((person, rest)) => (Some(person), rest),
            None => (None, text),
        };
        // The target's name has neither sign in it, an account's name may.
        let split = rest.rfind(['@', '%']).map(|i| rest.split_at(i));
        let login = match split {
            Some((account, target)) => {
                let target = target.get(1..).unwrap_or_default();
                Self {
                    person: person.map(str::to_owned),
                    destination: Some((account.to_owned(), target.to_owned())),
                }
            }
            None if person.is_none() => Self { person: Some(rest.to_owned()), destination: None },
            None => return Err(refused()),
        };
        let empty = login.person.as_deref() == Some("")
            || login.destination.as_ref().is_some_and(|(a, t)| a.is_empty() || t.is_empty());
        // Written out again, what stands before another stroke would be a person.
        if empty || rest.contains('/') { Err(refused()) } else { Ok(login) }
    }
}

impl std::fmt::Display for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.destination, &self.person) {
            (Some((account, target)), _) => write!(f, "{account}@{target}"),
            (None, Some(person)) => f.write_str(person),
            (None, None) => f.write_str("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An account `de/doy` would be written as if a person `de` went to `doy`; with a
    /// target `web/1` it would be no login any more.
    #[test]
    fn a_login_has_one_meaning_when_it_is_written_out() {
        for text in ["alice/de/doy@web-1", "alice/deploy@web/1", "alice/deploy@web-1/"] {
            assert!(Login::parse(text).is_err(), "{text}");
        }
        let login = Login::parse("alice/deploy@corp@web-1").unwrap();
        let again = Login::parse(&login.to_string()).unwrap();
        assert_eq!(again.destination, login.destination);
    }

    fn destination(text: &str) -> Option<(String, String)> {
        Login::parse(text).ok().and_then(|l| l.destination)
    }

    #[test]
    fn every_spelling_names_the_same_account() {
        let wanted = Some(("deploy".to_owned(), "web-1".to_owned()));
        for text in ["deploy@web-1", "deploy%web-1", "alice/deploy@web-1", "alice/deploy%web-1"] {
            assert_eq!(destination(text), wanted, "{text}");
        }
        let domain = Some(("DOM\\admin@corp".to_owned(), "web-1".to_owned()));
        assert_eq!(destination("DOM\\admin@corp@web-1"), domain);
        assert_eq!(Login::parse("alice").map(|l| l.destination), Ok(None));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in ["", "@web-1", "deploy@", "a/", "/b@c", "a b@c", "a\0@c", "a\n@c", "a,b@c"] {
            assert!(Login::parse(text).is_err(), "{text:?}");
        }
        assert!(Login::parse(&"a".repeat(300)).is_err());
    }
}
