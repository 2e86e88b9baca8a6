//! What every page has: its title, its language, its nonce, who looks at it.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, header};

use super::asset::{ICON, SCRIPT, STYLE, TYPEFACE};
use super::lang::Lang;
use super::views::Names;
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

/// The frame of a page.
pub(crate) struct Shell {
    pub title: String,
    pub house: String,
    pub origin: String,
    pub lang: Lang,
    pub nonce: String,
    /// The name of whoever is signed in; empty when nobody is.
    pub who: String,
    /// What their forms bring.
    pub token: String,
    pub nav: &'static str,
    /// How many requests and reviews wait for them.
    pub inbox: usize,
    /// Whether the page follows what changes.
    pub live: bool,
    /// Whether there is a console to lead to.
    pub console: bool,
}

impl Shell {
    /// For anybody.
    pub fn open(state: &AppState, lang: Lang, title: &str) -> Self {
        Self {
            title: lang.say(title).into_owned(),
            house: state.config.house.clone(),
            origin: state.config.origin.clone(),
            lang,
            nonce: URL_SAFE_NO_PAD.encode(state.env.bytes::<18>()),
            who: String::new(),
            token: String::new(),
            nav: "",
            inbox: 0,
            live: false,
            console: crate::console::built(),
        }
    }

    /// For whoever is signed in.
    pub fn closed(state: &AppState, lang: Lang, caller: &Caller, title: &str) -> Self {
        Self {
            who: Names::of(state).identity(caller.id()),
            token: caller.csrf_token.expose().clone(),
            ..Self::open(state, lang, title)
        }
    }

    /// A page of the portal.
    pub async fn portal(
        state: &AppState,
        lang: Lang,
        caller: &Caller,
        nav: &'static str,
        title: &str,
    ) -> Result<Self, Problem> {
        let inbox = super::requests::inbox(state, caller).await?.len()
            + super::grants::to_review(state, caller).await?.len();
        Ok(Self { nav, inbox, live: true, ..Self::closed(state, lang, caller, title) })
    }

    pub fn t(&self, text: impl AsRef<str>) -> String {
        self.lang.say(text.as_ref()).into_owned()
    }
    /// A sentence with what belongs into its gap.
    pub fn fill(&self, text: &str, part: impl std::fmt::Display) -> String {
        self.t(text).replacen("{}", &part.to_string(), 1)
    }
    /// A sentence with two gaps.
    pub fn fill2(
        &self,
        text: &str,
        first: impl std::fmt::Display,
        second: impl std::fmt::Display,
    ) -> String {
        let said = self.t(text);
        let (before, after) = said.split_once("{}").unwrap_or((&said, ""));
        format!("{before}{first}{}", after.replacen("{}", &second.to_string(), 1))
    }
    /// A sentence of an error, as a sentence for people: with a capital and a stop.
    pub fn sentence(&self, text: impl AsRef<str>) -> String {
        let said = self.t(text);
        let mut letters = said.chars();
        let Some(first) = letters.next() else { return said };
        let stop = if said.ends_with(['.', '!', '?', ':']) { "" } else { "." };
        format!("{}{}{stop}", first.to_uppercase(), letters.as_str())
    }
    /// A moment for those whose browser runs no script.
    pub fn when(&self, at: impl std::fmt::Display) -> String {
        let text: String = at.to_string().chars().take(16).collect();
        format!("{} UTC", text.replace('T', " "))
    }
    pub fn css(&self) -> &str {
        &STYLE.url
    }
    pub fn js(&self) -> &str {
        &SCRIPT.url
    }
    pub fn typeface(&self) -> &str {
        &TYPEFACE.url
    }
    pub fn icon(&self) -> &str {
        &ICON.url
    }

    /// The page, with the policy for what it may do.
    pub fn page(&self, template: &impl Template) -> Result<Response, Problem> {
        let html = template.render().map_err(Problem::internal)?;
        let mut response = Html(html).into_response();
        let nonce = &self.nonce;
        let policy = format!(
            "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'nonce-{nonce}'; \
             connect-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'"
        );
        let policy = HeaderValue::from_str(&policy).map_err(Problem::internal)?;
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        Ok(response)
    }
}
