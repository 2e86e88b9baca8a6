//! Confirming a command line or an SSH connection: the person sees what asks,
//! from where and for what, before they say yes (RFC 8628 section 5.4).

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use doorward_signin::{ConfirmationPurpose, SignInError};
use doorward_sso::DeviceOutcome;
use serde::Deserialize;

use super::consent::scope;
use super::lang::Lang;
use super::shell::Shell;
use crate::frame::extract::{Ask, Form, Here};
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

/// A question with a yes and perhaps a no.
#[derive(Template)]
#[template(path = "question.html")]
pub(super) struct Question {
    pub s: Shell,
    pub title: String,
    pub text: String,
    pub facts: Vec<(&'static str, String)>,
    /// What is given away by a yes.
    pub gives: Vec<&'static str>,
    pub code: String,
    pub warning: &'static str,
    pub method: &'static str,
    pub action: &'static str,
    pub hidden: Vec<(&'static str, String)>,
    pub input: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
}

impl Question {
    pub fn new(s: Shell, title: &str, action: &'static str) -> Self {
        Self {
            s,
            title: title.to_owned(),
            text: String::new(),
            facts: Vec::new(),
            gives: Vec::new(),
            code: String::new(),
            warning: "",
            method: "post",
            action,
            hidden: Vec::new(),
            input: "",
            yes: "Continue",
            no: "",
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Code {
    code: String,
    done: String,
}

pub(super) async fn show(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
    from: Here,
    Ask(asked): Ask<Code>,
) -> Result<Response, Problem> {
    let shell = |title| Shell::closed(&state, lang, &caller, title);
    if !asked.done.is_empty() {
        let (title, text) = match asked.done.as_str() {
            "yes" => ("Confirmed", "You can go back to the terminal and close this page."),
            _ => (
                "Refused",
                "Nothing was let in. If you did not expect this, tell your administrators.",
            ),
        };
        let mut page = Question::new(shell(title), title, "/");
        (page.method, page.yes) = ("get", "To the portal");
        text.clone_into(&mut page.text);
        return page.s.page(&page);
    }
    if asked.code.is_empty() {
        let title = "Confirm a device";
        let mut page = Question::new(shell(title), title, "/device");
        (page.method, page.input) = ("get", "code");
        "Type the code that your terminal shows.".clone_into(&mut page.text);
        return page.s.page(&page);
    }
    let found = state.signin.find_confirmation(&caller.session, &asked.code, &from.0).await?;
    let (title, yes) = match found.purpose {
        ConfirmationPurpose::Device => ("Sign a command line in?", "Yes, sign it in"),
        ConfirmationPurpose::Ssh => ("Let this SSH connection in?", "Yes, this is me"),
        ConfirmationPurpose::StepUp => ("Confirm this SSH connection?", "Yes, this is me"),
        ConfirmationPurpose::Application => ("Sign an application in?", "Yes, sign it in"),
    };
    let mut page = Question::new(shell(title), title, "/device");
    let asks = match found.purpose {
        ConfirmationPurpose::Application => "Application",
        _ => "Program",
    };
    page.facts.push((asks, found.details.client.clone()));
    if let Some(target) = &found.details.target {
        page.facts.push(("Target", target.clone()));
    }
    let here = from.0.address;
    if let Some(address) = found.details.address {
        let same = if here == Some(address) { " (the same address as yours)" } else { "" };
        page.facts.push(("From", format!("{address}{same}")));
    }
    if found.purpose == ConfirmationPurpose::Application {
        "It asks for the following. You can take this back with your administrators."
            .clone_into(&mut page.text);
        page.gives = found.details.scopes.iter().map(|name| scope(name)).collect();
    }
    page.code.clone_from(&found.user_code);
    page.warning = match found.purpose {
        ConfirmationPurpose::Application => {
            "Say yes only if you started this yourself just now and the code is the same on your device. Nobody from support will ever ask you to confirm a code."
        }
        _ => {
            "Say yes only if you started this yourself just now and the code is the same in your terminal. Nobody from support will ever ask you to confirm a code."
        }
    };
    page.hidden = vec![("id", found.id.to_string()), ("code", found.user_code)];
    (page.yes, page.no) = (yes, "No, this is not me");
    page.s.page(&page)
}

pub(super) async fn answer(
    State(state): State<AppState>,
    caller: Caller,
    from: Here,
    form: Form,
) -> Result<Response, Problem> {
    let id = form.get("id").parse().map_err(|_| Problem::not_found("confirmation"))?;
    if form.get("answer") != "yes" {
        state.signin.refuse(&caller.session, id, &from.0).await?;
        return Ok(Redirect::to("/device?done=no").into_response());
    }
    let again = |form: &Form, passkey| {
        let code: String =
            form.get("code").chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        super::to_step_up(&format!("/device?code={code}"), passkey)
    };
    let what = state.signin.confirmation(&caller.session, id).await?;
    if what.purpose == ConfirmationPurpose::Application {
        return match state.oidc.confirm_device(&caller.session, id, &from.0).await? {
            DeviceOutcome::Confirmed => Ok(Redirect::to("/device?done=yes").into_response()),
            DeviceOutcome::NeedStepUp { phishing_resistant } => {
                Ok(again(&form, phishing_resistant))
            }
            DeviceOutcome::NotPermitted { application, id, denied } => {
                Ok(super::not_permitted(&state, caller.lang, &application, id, denied))
            }
        };
    }
    match state.signin.confirm(&caller.session, id, &from.0).await {
        Ok(()) => Ok(Redirect::to("/device?done=yes").into_response()),
        Err(SignInError::Denied(denied)) if super::provable(&denied) => {
            Ok(again(&form, denied.needs(&doorward_core::Requirement::PhishingResistant)))
        }
        Err(e) => Err(e.into()),
    }
}
