//! People with several identities: an everyday one and an administrator's, say.
//!
//! The attribute `linked_to` of one of them names the others. It holds in both
//! directions and over several steps, and means: what only somebody else may do,
//! such as approve a request, none of them may do for another.

use doorward_core::IdentityId;
use doorward_store::facts::LINKED;
use doorward_store::identity::{self, Identity, IdentityKind};
use doorward_store::{Conn, Error as StoreError};

use crate::error::{Error, Result};
use crate::resolve::canonical;

/// More are not accepted: what is compared at each approval stays small.
const MOST: usize = 8;

/// Checks whom the attribute names, and keeps them by their ids: a name may pass to
/// somebody else.
pub(crate) fn resolve(c: &Conn<'_>, i: &mut Identity) -> Result<()> {
    let Some(value) = i.attributes.get(LINKED) else { return Ok(()) };
    let problem = |text: String| Error::field("attributes", format!("{LINKED}: {text}"));
    let text = value.as_str().ok_or_else(|| problem("must be a string".to_owned()))?;
    if i.kind != IdentityKind::Person {
        return Err(problem("only people have further identities".to_owned()));
    }
    let mut ids = Vec::new();
    for word in text.split([' ', ',']).filter(|w| !w.is_empty()) {
        let shown: String = word.chars().take(80).collect();
        let found = find(c, word)?.filter(|o| o.kind == IdentityKind::Person);
        let Some(other) = found else {
            return Err(problem(format!("there is no person called {shown:?}")));
        };
        if other.id == i.id {
            return Err(problem("nobody is linked to themselves".to_owned()));
        }
        if !ids.contains(&other.id) {
            ids.push(other.id);
        }
    }
    if ids.len() > MOST {
        return Err(problem(format!("at most {MOST} are kept")));
    }
    let text = ids.iter().map(IdentityId::to_string).collect::<Vec<_>>().join(" ");
    i.attributes.insert(LINKED.to_owned(), text.into());
    Ok(())
}

fn find(c: &Conn<'_>, word: &str) -> Result<Option<Identity>, StoreError> {
    match word.parse::<IdentityId>() {
        Ok(id) => identity::find(c, id),
        Err(_) => canonical(word).map_or(Ok(None), |name| identity::by_name_or_email(c, &name)),
    }
}
