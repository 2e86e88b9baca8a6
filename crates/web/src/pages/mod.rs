//! The pages: sign-in, enrolment, confirmations, consent, the portal, live
//! sessions and recordings. Drawn on the server; they work without script,
//! except where the browser itself needs it.

mod activity;
mod ask;
mod asset;
mod commands;
mod confirm;
mod consent;
pub(crate) mod error;
mod glass;
mod grants;
mod home;
mod lang;
mod live;
pub(crate) mod reach;
mod requests;
mod sessions;
mod shell;
mod sign_in;
mod terminal;
mod views;
mod you;

pub(crate) use asset::{ICON, TYPEFACE};
pub(crate) use consent::{ask_sign_out, consent, form_post, not_permitted, sign_out};
pub(crate) use lang::Lang;
pub(crate) use sign_in::{to_sign_in, to_step_up};

#[cfg(test)]
pub(crate) use sign_in::{here as local, landing};

use doorward_core::{Denied, Requirement};

use crate::table::Table;

/// Whether a fresh proof is all that is missing.
pub(crate) fn provable(denied: &Denied) -> bool {
    let proof = |r: &Requirement| matches!(r, Requirement::StepUp | Requirement::PhishingResistant);
    !denied.requirements.is_empty() && denied.requirements.iter().all(proof)
}

/// The routes of the pages.
pub(crate) fn table() -> Table {
    Table::under("")
        .public_get("/assets/{file}", "Stylesheet, script, icon", asset::serve)
        .public_get("/sign-in", "Sign in", sign_in::begin)
        .public_post("/sign-in", "Answer a step of the sign-in", sign_in::answer)
        .public_post("/sign-in/strength", "How strong a new password is", sign_in::strength)
        .public_get("/enrol/{token}", "Enrol by a one-time link", sign_in::enrol)
        .public_get("/signed-out", "After signing out", consent::signed_out)
        .get("/", "The portal", home::show)
        .get("/live", "Says when something changed", live::follow)
        .get("/step-up", "Prove yourself again", sign_in::step_up)
        .get("/device", "Confirm a device or an SSH connection", confirm::show)
        .post("/device", "Answer it", confirm::answer)
        .post("/consent", "Answer an application", consent::answer)
        .post("/sign-out", "Sign out", consent::leave)
        .get("/requests", "Requests and approvals", requests::show)
        .post("/requests", "Ask for access", ask::file)
        .get("/requests/new", "What a request needs", ask::show)
        .get("/requests/{id}", "One request", requests::one)
        .post("/requests/{id}/decide", "Approve or deny", requests::decide)
        .post("/requests/{id}/withdraw", "Take a request back", requests::withdraw)
        .get("/grants", "Your grants", grants::list)
        .get("/grants/{id}", "One grant", grants::one)
        .post("/grants/{id}/return", "Give a grant back", grants::give_back)
        .post("/grants/{id}/revoke", "End somebody's grant", grants::revoke)
        .post("/grants/{id}/review", "Review broken glass", grants::review)
        .get("/break-glass", "What breaking the glass means", glass::show)
        .post("/break-glass", "Break it", glass::smash)
        .get("/sessions", "Privileged sessions and recordings", sessions::list)
        .get("/sessions/{id}", "One privileged session", sessions::show)
        .get("/sessions/{id}/screen", "Its screen, live", sessions::screen)
        .get("/sessions/{id}/frames", "Its recording, drawn", sessions::frames)
        .get("/sessions/{id}/commands", "Its commands, as they come", commands::more)
        .post("/sessions/{id}/end", "Cut it", sessions::end)
        .get("/you", "Authenticators and sessions", you::show)
        .get("/you/activity", "What was recorded about you", activity::show)
        .post("/you/authenticators", "Add an authenticator", you::add)
        .post("/you/authenticators/{id}/remove", "Remove one", you::remove)
        .post("/you/ssh-keys", "Enrol an SSH key", you::add_key)
        .post("/you/sessions/{id}/end", "End one of your sessions", you::end_session)
}
