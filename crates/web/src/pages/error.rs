//! Problems, drawn.

use askama::Template;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use doorward_core::Requirement;
use http::header;

use super::lang::Lang;
use super::shell::Shell;
use crate::{AppState, Code, Problem};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    s: Shell,
    p: Problem,
    code: String,
    to: String,
    way: &'static str,
    hint: &'static str,
}

/// What to do next, where the detail does not say it.
fn hint(problem: &Problem) -> &'static str {
    match problem.code {
        Code::NotFound => "It may be gone, or it is not for you to see. Check the address.",
        Code::NotPermitted if problem.requirements.as_ref().is_none_or(Vec::is_empty) => {
            "If you need it, ask your administrators and name the code below."
        }
        Code::BadAuthorization => {
            "Go back to the application and try again. If it stays, tell those who run it: it asks in a way that cannot be accepted."
        }
        Code::CrossSite | Code::CsrfToken => "Open the page anew and send it again from there.",
        Code::Conflict | Code::VersionMismatch | Code::InProgress => {
            "Look at it again as it is now."
        }
        Code::Unavailable | Code::Internal | Code::StorageFull | Code::TargetFailed => {
            "Nothing was done by halves. Try again; if it stays, tell your operators the code below and the time."
        }
        _ => "",
    }
}

/// Draws problems that are answers to a browser that wants a page; the API's are
/// documents for whoever asks.
pub(crate) async fn as_page(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let lang = Lang::of(request.headers());
    let wants = !request.uri().path().starts_with("/api/")
        && request
            .headers()
            .get(header::ACCEPT)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.contains("text/html"));
    let back = if *request.method() == http::Method::GET {
        request.uri().path_and_query().map(ToString::to_string).unwrap_or_default()
    } else {
        "/".to_owned()
    };
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().cloned() else { return response };
    if !wants {
        return response;
    }
    page(&state, lang, problem, &back).unwrap_or(response)
}

/// The page; `back` is where to try again.
pub(crate) fn page(
    state: &AppState,
    lang: Lang,
    mut problem: Problem,
    back: &str,
) -> Option<Response> {
    let needed = problem.requirements.as_deref().unwrap_or_default();
    let proof = |r: &Requirement| matches!(r, Requirement::StepUp | Requirement::PhishingResistant);
    let step_up = !needed.is_empty() && needed.iter().all(proof);
    let hint = hint(&problem);
    let (to, way) = if step_up {
        (
            super::sign_in::step_up_path(back, needed.contains(&Requirement::PhishingResistant)),
            "Confirm that it is you",
        )
    } else if matches!(problem.code, Code::Unauthenticated | Code::Over) {
        ("/sign-in".to_owned(), "Sign in")
    } else {
        ("/".to_owned(), "Back to the start")
    };
    if !needed.is_empty() {
        // The list of what would help says it.
        problem.detail = String::new();
    }
    let code = serde_json::to_value(problem.code)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default();
    let status = problem.code.status();
    let page =
        ErrorPage { s: Shell::open(state, lang, problem.title), p: problem, code, to, way, hint };
    let mut response = page.s.page(&page).ok()?;
    *response.status_mut() = status;
    Some(response)
}
