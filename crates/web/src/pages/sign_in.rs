//! Signing in, stepping up, enrolling: one flow, one step a page. The page draws
//! what the sign-in asks; it knows no factor.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use doorward_core::Requirement;
use doorward_signin::{Ceremony, Field, Other, Prompt, Turn};
use http::HeaderMap;
use serde::Deserialize;

use super::lang::Lang;
use super::shell::Shell;
use crate::frame::cookie;
use crate::frame::extract::{Ask, Form, Here};
use crate::frame::guard::Caller;
use crate::{AppState, Code, Problem, console};

/// The start of the pages.
const START: &str = "/";

/// A field, flat for the template.
#[derive(Default)]
struct Drawn {
    kind: &'static str,
    name: &'static str,
    label: String,
    autocomplete: &'static str,
    value: String,
    fresh: bool,
    numeric: bool,
    ceremony: &'static str,
    options: String,
    conditional: bool,
    choices: Vec<Other>,
    codes: Vec<String>,
    first: bool,
}

impl From<Field> for Drawn {
    fn from(field: Field) -> Self {
        match field {
            Field::Text { name, label, autocomplete, value } => {
                Self { kind: "text", name, label, autocomplete, value, ..Self::default() }
            }
            Field::Secret { name, label, autocomplete, fresh } => {
                Self { kind: "secret", name, label, autocomplete, fresh, ..Self::default() }
            }
            Field::Code { name, label, numeric, autocomplete } => {
                Self { kind: "code", name, label, numeric, autocomplete, ..Self::default() }
            }
            Field::Webauthn { name, ceremony, options, conditional } => Self {
                kind: "webauthn",
                name,
                ceremony: match ceremony {
                    Ceremony::Create => "create",
                    Ceremony::Get => "get",
                },
                options: options.to_string(),
                conditional,
                ..Self::default()
            },
            Field::Choice { name, label, options } => {
                Self { kind: "choice", name, label, choices: options, ..Self::default() }
            }
            Field::Seed { text, svg, .. } => {
                Self { kind: "seed", label: text, value: inline(&svg), ..Self::default() }
            }
            Field::Codes { codes } => {
                Self { kind: "codes", value: codes.join("\n"), codes, ..Self::default() }
            }
            Field::Tick { name, label } => Self { kind: "tick", name, label, ..Self::default() },
        }
    }
}

/// The element without the XML declaration before it.
fn inline(svg: &str) -> String {
    svg.find("<svg").and_then(|at| svg.get(at..)).unwrap_or_default().to_owned()
}

#[derive(Template)]
#[template(path = "prompt.html")]
struct PromptPage {
    s: Shell,
    p: Prompt,
    fields: Vec<Drawn>,
    submit: bool,
    wide: bool,
}

#[derive(Template)]
#[template(path = "go.html")]
struct Go {
    s: Shell,
    to: String,
}

/// A page that goes on by itself. Not a redirect: what follows a form may lead
/// to an application, and the policy of our pages lets forms go to us alone.
pub(super) fn go(state: &AppState, lang: Lang, to: &str) -> Result<Response, Problem> {
    let page = Go { s: Shell::open(state, lang, "One moment …"), to: to.to_owned() };
    page.s.page(&page)
}

/// Draws a prompt.
pub(crate) fn draw(state: &AppState, lang: Lang, mut prompt: Prompt) -> Result<Response, Problem> {
    let mut fields: Vec<Drawn> =
        std::mem::take(&mut prompt.fields).into_iter().map(Drawn::from).collect();
    if let Some(first) = fields.iter_mut().find(|f| matches!(f.kind, "text" | "secret" | "code")) {
        first.first = true;
    }
    for other in &mut prompt.others {
        other.label = instead(&other.factor, &other.label);
    }
    // The page offers a button for a passkey by itself.
    if fields.iter().any(|f| f.kind == "webauthn") {
        prompt.others.retain(|o| o.factor != "passkey");
    }
    // Where a passkey is what is asked for, there is nothing else to send.
    let submit = fields.iter().any(|f| !matches!(f.kind, "webauthn" | "choice"))
        && fields.iter().all(|f| f.kind != "webauthn" || f.conditional);
    let wide = fields.iter().any(|f| f.kind == "codes");
    let s = Shell::open(state, lang, &prompt.title);
    let page = PromptPage { s, p: prompt, fields, submit, wide };
    page.s.page(&page)
}

/// Another way to go on, as an offer.
fn instead(factor: &str, label: &str) -> String {
    let said = match factor {
        "password" => "Use a password instead",
        "passkey" => "Use a passkey instead",
        "totp" => "Use an authenticator app instead",
        "recovery" => "Use a recovery code instead",
        _ => return label.to_owned(),
    };
    said.to_owned()
}

fn turned(state: &AppState, lang: Lang, turn: Turn) -> Result<Response, Problem> {
    match turn {
        Turn::Ask { token, prompt } => {
            let mut response = draw(state, lang, *prompt)?;
            cookie::set(response.headers_mut(), cookie::FLOW, token.expose());
            Ok(response)
        }
        Turn::Done(finished) => {
            let to = landing(here(&finished.carry), console::built());
            let mut response = go(state, lang, to)?;
            cookie::clear(response.headers_mut(), cookie::FLOW);
            cookie::set(response.headers_mut(), cookie::SESSION, finished.token.expose());
            if let Some(device) = &finished.device {
                cookie::keep(response.headers_mut(), cookie::DEVICE, device.expose());
            }
            Ok(response)
        }
        Turn::Changed { carry, .. } => {
            let mut response = Redirect::to(here(&carry)).into_response();
            cookie::clear(response.headers_mut(), cookie::FLOW);
            Ok(response)
        }
    }
}

/// Where to go on: a path of ours, or the start. Never another site.
pub(crate) fn here(next: &str) -> &str {
    let good = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control);
    if good { next } else { START }
}

/// Where a sign-in ends: who asked for no other place lands at the console, when
/// there is one. The pages lead there and back.
pub(crate) fn landing(next: &str, console: bool) -> &str {
    if console && next == START { console::START } else { next }
}

/// Where to go on afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Next {
    next: String,
    #[serde(rename = "hint")]
    hint: String,
    kind: String,
}

pub(super) async fn begin(
    State(state): State<AppState>,
    lang: Lang,
    from: Here,
    Ask(next): Ask<Next>,
) -> Result<Response, Problem> {
    let turn = state.signin.begin(&from.browser(), here(&next.next)).await?;
    let turn = match turn {
        Turn::Ask { token, mut prompt } if !next.hint.is_empty() => {
            for field in &mut prompt.fields {
                if let Field::Text { value, .. } = field {
                    next.hint
                        .chars()
                        .filter(|c| !c.is_control())
                        .take(256)
                        .collect::<String>()
                        .clone_into(value);
                }
            }
            Turn::Ask { token, prompt }
        }
        other => other,
    };
    turned(&state, lang, turn)
}

pub(super) async fn answer(
    State(state): State<AppState>,
    lang: Lang,
    from: Here,
    headers: HeaderMap,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let Some(token) = cookie::find(&headers, cookie::FLOW) else {
        return Err(Problem::new(Code::Over, "this sign-in is over; begin again"));
    };
    let turn = state.signin.answer(token, &fields, &from.browser()).await?;
    turned(&state, lang, turn)
}

pub(super) async fn enrol(
    State(state): State<AppState>,
    lang: Lang,
    from: Here,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let turn = state.signin.begin_link(&token, &from.browser()).await?;
    turned(&state, lang, turn)
}

pub(super) async fn step_up(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    from: Here,
    Ask(next): Ask<Next>,
) -> Result<Response, Problem> {
    let requirement =
        if next.kind == "passkey" { Requirement::PhishingResistant } else { Requirement::StepUp };
    let turn = state
        .signin
        .begin_step_up(&caller.session, &requirement, &from.browser(), here(&next.next))
        .await?;
    turned(&state, lang, turn)
}

/// The next step of a flow that another page began.
pub(super) fn began(state: &AppState, lang: Lang, turn: Turn) -> Result<Response, Problem> {
    turned(state, lang, turn)
}

pub(super) async fn strength(
    State(state): State<AppState>,
    lang: Lang,
    form: Form,
) -> Result<Response, Problem> {
    let password: String = form.get("password").chars().take(1_024).collect();
    let found = state.signin.password_strength(None, &password).await?;
    let advice: Vec<_> = found.advice.iter().map(|text| lang.say(text)).collect();
    Ok(Json(serde_json::json!({ "score": found.score, "advice": advice })).into_response())
}

pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// To the sign-in, and back to `next`.
pub(crate) fn to_sign_in(next: &str, hint: Option<&str>) -> Response {
    let mut pairs = vec![("next", next)];
    pairs.extend(hint.map(|h| ("hint", h)));
    Redirect::to(&format!("/sign-in?{}", query(&pairs))).into_response()
}

/// To a fresh proof, and back to `next`.
pub(crate) fn to_step_up(next: &str, phishing_resistant: bool) -> Response {
    Redirect::to(&step_up_path(next, phishing_resistant)).into_response()
}

pub(super) fn step_up_path(next: &str, phishing_resistant: bool) -> String {
    let kind = if phishing_resistant { "passkey" } else { "any" };
    format!("/step-up?{}", query(&[("next", next), ("kind", kind)]))
}
