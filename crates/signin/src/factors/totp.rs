//! Time-based one-time passwords: RFC 6238 with SHA-1, 30 seconds, 6 digits,
//! one step of tolerance, each code good for one use.

use async_trait::async_trait;
use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;
use doorward_core::{AuthenticatorId, FactorClass, IdentityId, Timestamp};
use doorward_store::authenticator;
use doorward_vault::{Aad, Purpose};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::{Asked, Factor, FactorError, Later, Pending, Subject, Tools, filled};
use crate::error::SignInError;
use crate::prompt::{Answer, Field};

const STEP: i64 = 30;
const SEED: usize = 20;

pub(crate) struct Totp {
    issuer: String,
}

impl Totp {
    pub fn new(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned() }
    }
}

fn aad(id: AuthenticatorId) -> Aad {
    Aad::new("authenticator", id, "data", 0)
}

/// Six ASCII digits and nothing else: no spaces, no other scripts' digits.
fn parse(text: &str) -> Result<&str, FactorError> {
    if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text)
    } else {
        Err(FactorError::Unusable("Enter the 6 digits that the app shows.".to_owned()))
    }
}

/// The code of a step (RFC 4226 section 5.3).
pub(crate) fn code(seed: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag.last().copied().unwrap_or(0) & 0x0f);
    let cut = tag.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok()).unwrap_or_default();
    let number = (u32::from_be_bytes(cut) & 0x7fff_ffff) % 1_000_000;
    format!("{number:06}")
}

/// The step that the code belongs to, of those that are good at `now`.
fn step_of(seed: &[u8], given: &str, now: Timestamp) -> Option<i64> {
    let present = now.secs().div_euclid(STEP);
    let mut found = None;
    // All three are looked at, whichever fits: the time says nothing.
    for step in [present - 1, present, present + 1] {
        if bool::from(code(seed, step).as_bytes().ct_eq(given.as_bytes())) {
            found = Some(step);
        }
    }
    found
}

#[async_trait]
impl Factor for Totp {
    fn name(&self) -> &'static str {
        "totp"
    }
    fn label(&self) -> &'static str {
        "Authenticator app"
    }
    fn class(&self) -> FactorClass {
        FactorClass::Possession
    }

    async fn ask(&self, _: &Tools, _: &Subject) -> Result<Asked, FactorError> {
        Ok(Asked {
            title: "Enter the code",
            message: Some("Open your authenticator app and enter the 6 digits.".to_owned()),
            fields: vec![field()],
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
        let given = parse(filled(answer, "code")?)?;
        let id = subject.id().ok_or(FactorError::Wrong)?;
        // The app reads the same clock as everybody; a code that was used stays used
        // by its counter.
        let (now, shown) = (tools.env.now(), tools.env.wall());
        for row in subject.of(self.name()) {
            let seed = tools.vault.decrypt(Purpose::Factors, &aad(row.id), &row.data).await?;
            let Some(step) = step_of(seed.expose(), given, shown) else { continue };
            let row = row.id;
            // INVARIANT: the code is used up by the same statement that accepts it.
            let first = tools.db.write(move |c| authenticator::advance(c, row, step, now)).await?;
            return if first { Ok(id) } else { Err(FactorError::Wrong) };
        }
        Err(FactorError::Wrong)
    }

    async fn offer(
        &self,
        tools: &Tools,
        subject: &Subject,
        before: &Value,
    ) -> Result<Asked, FactorError> {
        // A mistyped code does not take the seed away that was just scanned.
        let seed = seed_of(before).unwrap_or_else(|| tools.env.bytes::<SEED>().to_vec());
        let account = subject.identity.as_ref().map_or("", |i| i.name.as_str());
        let text = BASE32_NOPAD.encode(&seed);
        let issuer: String = url::form_urlencoded::byte_serialize(self.issuer.as_bytes())
            .collect::<String>()
            .replace('+', "%20");
        let uri = format!(
            "otpauth://totp/{issuer}:{account}?secret={text}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
        );
        let svg = qr(&uri)?;
        let grouped = text
            .as_bytes()
            .chunks(4)
            .map(|c| String::from_utf8_lossy(c).into_owned())
            .collect::<Vec<_>>()
            .join(" ");
        Ok(Asked {
            title: "Set up an authenticator app",
            message: Some(
                "Scan the code with an authenticator app, then enter the 6 digits that it shows."
                    .to_owned(),
            ),
            fields: vec![Field::Seed { uri, text: grouped, svg }, field()],
            state: json!({ "seed": text }),
        })
    }

    async fn enrol(
        &self,
        tools: &Tools,
        _: &Subject,
        state: &Value,
        answer: &Answer,
    ) -> Result<Vec<Pending>, FactorError> {
        let given = parse(filled(answer, "code")?)?;
        let seed = seed_of(state).ok_or(FactorError::Failed(SignInError::Over))?;
        let step = step_of(&seed, given, tools.env.wall()).ok_or_else(|| {
            FactorError::Unusable(
                "That code does not fit. Check that your device's clock is right and try the next code."
                    .to_owned(),
            )
        })?;
        let id = AuthenticatorId::new(&tools.env);
        Ok(vec![Pending {
            id,
            factor: self.name().to_owned(),
            label: "Authenticator app".to_owned(),
            lookup: None,
            data: tools.vault.encrypt(Purpose::Factors, &aad(id), &seed)?,
            // The code that confirmed the enrolment signs nobody in.
            counter: step,
            replaces: true,
        }])
    }
}

fn seed_of(state: &Value) -> Option<Vec<u8>> {
    state.get("seed").and_then(Value::as_str).and_then(|s| BASE32_NOPAD.decode(s.as_bytes()).ok())
}

fn field() -> Field {
    Field::Code {
        name: "code",
        label: "Code".to_owned(),
        numeric: true,
        autocomplete: "one-time-code",
    }
}

fn qr(uri: &str) -> Result<String, FactorError> {
    let code = qrcode::QrCode::new(uri.as_bytes())
        .map_err(|e| FactorError::Failed(SignInError::Internal(e.to_string())))?;
    let svg = code
        .render::<qrcode::render::svg::Color<'_>>()
        .min_dimensions(200, 200)
        .dark_color(qrcode::render::svg::Color("#000"))
        .light_color(qrcode::render::svg::Color("#fff"))
        .build();
    // To be put into a page: an element, not a document.
    Ok(match svg.find("<svg") {
        Some(at) => svg.get(at..).unwrap_or_default().to_owned(),
        None => svg,
    })
}
