//! What is asked, in a neutral form: `web` draws it as HTML, `gate-ssh` as
//! keyboard-interactive, the command line as text.

use std::collections::BTreeMap;

use serde::Serialize;

/// What was answered, by the name of the field.
pub type Answer = BTreeMap<String, String>;

/// One question, or several at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prompt {
    /// Where the flow stands: `name`, `password`, `totp`, `passkey`, `recovery`,
    /// `choose`, `enrol-password`, `enrol-totp`, `enrol-passkey`,
    /// `enrol-recovery`.
    pub step: String,
    /// The heading.
    pub title: String,
    /// What to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What was wrong with the answer before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Who is being asked, as they typed it themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What to fill in.
    pub fields: Vec<Field>,
    /// What may be used instead: answer with `use` = its factor.
    pub others: Vec<Other>,
}

/// Another way to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Other {
    /// The value of `use`.
    pub factor: String,
    /// What people read.
    pub label: String,
}

/// Which half of WebAuthn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ceremony {
    /// `navigator.credentials.create`.
    Create,
    /// `navigator.credentials.get`.
    Get,
}

/// One thing to fill in or to look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Field {
    /// A line of text.
    Text {
        /// The name to answer under.
        name: &'static str,
        /// What people read.
        label: String,
        /// The HTML `autocomplete` tokens.
        autocomplete: &'static str,
        /// What it holds already.
        value: String,
    },
    /// A line that is not shown.
    Secret {
        /// The name to answer under.
        name: &'static str,
        /// What people read.
        label: String,
        /// The HTML `autocomplete` tokens.
        autocomplete: &'static str,
        /// Whether it is being chosen now: show its strength.
        fresh: bool,
    },
    /// A short code.
    Code {
        /// The name to answer under.
        name: &'static str,
        /// What people read.
        label: String,
        /// Whether it is digits alone.
        numeric: bool,
        /// The HTML `autocomplete` tokens.
        autocomplete: &'static str,
    },
    /// A WebAuthn ceremony; answer with the credential's `toJSON()`.
    Webauthn {
        /// The name to answer under.
        name: &'static str,
        /// Which half.
        ceremony: Ceremony,
        /// What the browser's API takes, in its JSON form.
        options: serde_json::Value,
        /// Whether to offer it in the autofill of another field only.
        conditional: bool,
    },
    /// One of several.
    Choice {
        /// The name to answer under.
        name: &'static str,
        /// What people read.
        label: String,
        /// The values and what people read for them.
        options: Vec<Other>,
    },
    /// A seed for an authenticator app.
    Seed {
        /// `otpauth://…`
        uri: String,
        /// The seed in base32, in groups, to type.
        text: String,
        /// The URI as a QR code, an SVG element.
        svg: String,
    },
    /// Codes to be saved, shown once.
    Codes {
        /// The codes.
        codes: Vec<String>,
    },
    /// A box to tick: answer with `yes`.
    Tick {
        /// The name to answer under.
        name: &'static str,
        /// What people read.
        label: String,
    },
}

impl Prompt {
    pub(crate) fn new(step: &str, title: &str) -> Self {
        Self {
            step: step.to_owned(),
            title: title.to_owned(),
            message: None,
            error: None,
            name: None,
            fields: Vec::new(),
            others: Vec::new(),
        }
    }

    pub(crate) fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    pub(crate) fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }
}
