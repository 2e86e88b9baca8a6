//! The pages: sign-in, enrolment, confirmations, consent, the portal, live
//! sessions and recordings. Drawn on the server; they work without script,
//! except where the browser itself needs it.

mod asset;
mod confirm;
mod consent;
pub(crate) mod error;
mod home;
mod lang;
mod live;
mod requests;
mod sessions;
mod shell;
mod sign_in;
mod terminal;
mod views;
mod you;

pub(crate) use consent::{ask_sign_out, consent, form_post, not_permitted, sign_out};
pub(crate) use lang::Lang;
pub(crate) use sign_in::{to_sign_in, to_step_up};

#[cfg(test)]
pub(crate) use sign_in::here as local;

use crate::table::Table;

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
        .post("/requests", "Ask for access", requests::file)
        .post("/requests/{id}/decide", "Approve or deny", requests::decide)
        .post("/requests/{id}/withdraw", "Take a request back", requests::withdraw)
        .post("/grants/{id}/return", "Give a grant back", requests::give_back)
        .get("/sessions", "Privileged sessions and recordings", sessions::list)
        .get("/sessions/{id}", "One privileged session", sessions::show)
        .get("/sessions/{id}/screen", "Its screen, live", sessions::screen)
        .get("/sessions/{id}/frames", "Its recording, drawn", sessions::frames)
        .post("/sessions/{id}/end", "Cut it", sessions::end)
        .get("/you", "Authenticators, sessions, activity", you::show)
        .post("/you/authenticators", "Add an authenticator", you::add)
        .post("/you/authenticators/{id}/remove", "Remove one", you::remove)
        .post("/you/ssh-keys", "Enrol an SSH key", you::add_key)
        .post("/you/sessions/{id}/end", "End one of your sessions", you::end_session)
}
