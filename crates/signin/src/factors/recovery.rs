//! Recovery codes: ten, 80 bits each, each good for one use, kept as MACs.

use async_trait::async_trait;
use doorward_core::{AuthenticatorId, FactorClass, IdentityId};
use doorward_store::authenticator;
use doorward_vault::Purpose;
use serde_json::{Value, json};

use super::{Asked, Factor, FactorError, Later, Pending, Subject, Tools, filled, note};
use crate::error::SignInError;
use crate::prompt::{Answer, Field};

const CODES: usize = 10;
/// 32 letters that are not taken for one another: 5 bits each, 16 of them.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
const LETTERS: usize = 16;

pub(crate) struct Recovery;

/// What was typed, without dashes and spaces, in lower case; none for what is no
/// code.
fn canonical(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let plain: String =
        typed.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    let ok = plain.len() == LETTERS && plain.bytes().all(|b| ALPHABET.contains(&b));
    ok.then_some(plain)
}

fn codes_of(state: &Value) -> Option<Vec<String>> {
    state.get("codes").and_then(|c| serde_json::from_value(c.clone()).ok())
}

fn lookup(tools: &Tools, id: IdentityId, plain: &str) -> Result<String, FactorError> {
    let input = format!("recovery\0{id}\0{plain}");
    Ok(hex::encode(tools.vault.mac(Purpose::Factors, input.as_bytes())?))
}

#[async_trait]
impl Factor for Recovery {
    fn name(&self) -> &'static str {
        "recovery"
    }
    fn label(&self) -> &'static str {
        "Recovery code"
    }
    fn class(&self) -> FactorClass {
        FactorClass::Possession
    }

    async fn ask(&self, _: &Tools, _: &Subject) -> Result<Asked, FactorError> {
        Ok(Asked {
            title: "Enter a recovery code",
            message: Some("Each of your recovery codes works once.".to_owned()),
            fields: vec![Field::Code {
                name: "code",
                label: "Recovery code".to_owned(),
                numeric: false,
                autocomplete: "off",
            }],
            state: Value::Null,
        })
    }

    async fn check(
        &self,
        tools: &Tools,
        subject: &Subject,
        _: &Value,
        answer: &Answer,
        _: &mut Later,
    ) -> Result<IdentityId, FactorError> {
        let plain = canonical(filled(answer, "code")?).ok_or(FactorError::Wrong)?;
        let id = subject.id().ok_or(FactorError::Wrong)?;
        let lookup = lookup(tools, id, &plain)?;
        let left = subject.of(self.name()).count().saturating_sub(1);
        let (t, actor) = (tools.clone(), subject.actor.clone());
        let used = tools
            .db
            .write(move |c| {
                if !authenticator::consume(c, id, "recovery", &lookup)? {
                    return Ok(false);
                }
                let text = format!("One of your recovery codes was used; {left} are left.");
                note(c, &t, &actor, id, "recovery-code.used", "recovery", text)?;
                Ok::<_, doorward_store::Error>(true)
            })
            .await?;
        if used { Ok(id) } else { Err(FactorError::Wrong) }
    }

    async fn offer(
        &self,
        tools: &Tools,
        _: &Subject,
        before: &Value,
    ) -> Result<Asked, FactorError> {
        let fresh = || {
            (0..CODES)
                .map(|_| {
                    let bytes: [u8; LETTERS] = tools.env.bytes();
                    // 256 is a multiple of 32: every letter is as likely as any other.
                    let letters: Vec<char> = bytes
                        .iter()
                        .filter_map(|b| ALPHABET.get(usize::from(b % 32)).map(|b| char::from(*b)))
                        .collect();
                    letters.chunks(4).map(|c| c.iter().collect()).collect::<Vec<String>>().join("-")
                })
                .collect::<Vec<String>>()
        };
        let codes = codes_of(before).unwrap_or_else(fresh);
        Ok(Asked {
            title: "Save your recovery codes",
            message: Some(
                "Each of these signs you in once when your other second factor is lost. They are shown only now. Keep them where you keep your passport."
                    .to_owned(),
            ),
            fields: vec![
                Field::Codes { codes: codes.clone() },
                Field::Tick { name: "saved", label: "I have saved these codes".to_owned() },
            ],
            state: json!({ "codes": codes }),
        })
    }

    async fn enrol(
        &self,
        tools: &Tools,
        subject: &Subject,
        state: &Value,
        answer: &Answer,
    ) -> Result<Vec<Pending>, FactorError> {
        if answer.get("saved").map(String::as_str) != Some("yes") {
            return Err(FactorError::Unusable("Save the codes, then tick the box.".to_owned()));
        }
        let id = subject.id().ok_or(FactorError::Failed(SignInError::Over))?;
        let codes = codes_of(state).ok_or(FactorError::Failed(SignInError::Over))?;
        codes
            .iter()
            .enumerate()
            .map(|(i, code)| {
                let plain = canonical(code).ok_or(FactorError::Failed(SignInError::Over))?;
                Ok(Pending {
                    id: AuthenticatorId::new(&tools.env),
                    factor: self.name().to_owned(),
                    label: format!("Recovery code {}", i + 1),
                    lookup: Some(lookup(tools, id, &plain)?),
                    data: Vec::new(),
                    counter: 0,
                    replaces: true,
                })
            })
            .collect()
    }
}
