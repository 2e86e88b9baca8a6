//! Which policies look at the time. What such a policy permits may end although no
//! fact has changed.

use cedar_policy::{ActionConstraint, Policy};
use doorward_core::Action;
use serde_json::Value;

/// How a policy looks at the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timed {
    /// It asks for the present moment (`context.now`, `context.date`).
    pub moment: bool,
    /// It asks how old a proof is (`context.proof_age`).
    pub age: bool,
}

const MOMENTS: [&str; 2] = ["now", "date"];
const AGES: [&str; 1] = ["proof_age"];

impl Timed {
    /// Of this policy. What cannot be told counts as looking at the time.
    pub fn of(policy: &Policy) -> Self {
        let all = Self { moment: true, age: true };
        policy.to_json().map_or(all, |json| {
            let mut found = Self::default();
            found.look(&json);
            found
        })
    }

    fn look(&mut self, json: &Value) {
        match json {
            Value::Array(all) => all.iter().for_each(|v| self.look(v)),
            Value::Object(map) => {
                for (key, value) in map {
                    match attribute(key, value) {
                        Some(name) => {
                            self.moment |= MOMENTS.contains(&name);
                            self.age |= AGES.contains(&name);
                        }
                        // The context as a whole, in whatever place.
                        None if key == "Var" && value == "context" => {
                            (self.moment, self.age) = (true, true);
                        }
                        None => self.look(value),
                    }
                }
            }
            _ => {}
        }
    }
}

/// The attribute of the context that `context.attribute` or `context has attribute`
/// names.
fn attribute<'a>(operator: &str, value: &'a Value) -> Option<&'a str> {
    let access = matches!(operator, "." | "has");
    let of_context = value.get("left")?.get("Var")? == "context";
    value.get("attr").and_then(Value::as_str).filter(|_| access && of_context)
}

/// The actions that this policy speaks of.
pub(crate) fn actions(policy: &Policy) -> Vec<Action> {
    let named = |uid: &cedar_policy::EntityUid| uid.id().unescaped().parse().ok();
    match policy.action_constraint() {
        ActionConstraint::Any => Action::ALL.to_vec(),
        ActionConstraint::Eq(uid) => named(&uid).into_iter().collect(),
        ActionConstraint::In(uids) => uids.iter().filter_map(named).collect(),
    }
}
