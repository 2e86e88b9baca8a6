//! HTTP: the API under `/api/v1`, the pages, the endpoints that applications
//! speak, and the TLS listener that serves them.
//!
//! Owns: routes, cookies, headers, problem documents, HTML.
//! Promises: every route is in one table and demands a session unless the table
//! says that it is public; what changes something is refused from other sites;
//! nothing that a request brings is reflected unescaped; no cause of an error
//! reaches a client.
//! Must not know: SQL, who may do what (it asks the decider), what a factor is
//! (it draws prompts).

#![allow(
    clippy::result_large_err,
    reason = "a problem ends its request; its size costs nothing there"
)]

mod api;
mod console;
mod describe;
mod error;
mod frame;
mod oidc;
mod pages;
mod serve;
mod state;
mod streams;
mod table;

pub use error::{Code, Problem};
pub use serve::serve;
pub use state::{AppState, WebConfig};
pub use streams::Streams;
pub use table::{Door, Operation};

/// The whole of HTTP, without the listener.
pub struct Web;

impl Web {
    /// Every route, behind the frame.
    pub fn router(state: AppState) -> axum::Router {
        frame::router(state)
    }

    /// The table of routes that [`Web::router`] is made from.
    pub fn operations() -> Vec<Operation> {
        let mut all = api::table().operations;
        all.extend(oidc::table().operations);
        all.extend(pages::table().operations);
        all.extend(console::table().operations);
        all
    }

    /// The description of the API, as served at `/api/v1/openapi.json`.
    pub fn openapi() -> serde_json::Value {
        api::openapi::document(&api::table().operations)
    }
}

#[cfg(test)]
mod tests;
