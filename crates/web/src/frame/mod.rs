//! What stands around every handler: the address is checked before anything
//! is routed by it, the client is told by a peer that we believe, headers go
//! out with every answer, a panic stays inside.

mod admit;
pub(crate) mod cookie;
pub(crate) mod csv;
pub(crate) mod extract;
pub(crate) mod guard;
pub(crate) mod idempotency;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse as _;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::limit::RequestBodyLimitLayer;

use crate::{AppState, Code, Problem, api, console, oidc, pages};

/// The most that a body may hold.
pub(crate) const BODY: usize = 1024 * 1024;

pub(crate) fn router(state: AppState) -> Router {
    let for_api = |r: Router<AppState>| {
        r.layer(from_fn(csv::lists))
            .layer(from_fn_with_state(state.clone(), idempotency::once))
            .layer(from_fn_with_state(state.clone(), guard::api))
    };
    let for_pages = |r: Router<AppState>| r.layer(from_fn_with_state(state.clone(), guard::page));
    let api = api::table().routes(for_api);
    let oidc = oidc::table().routes(for_pages);
    let pages = pages::table().routes(for_pages);
    let console = console::table().routes(for_pages);
    let inner = Router::new()
        .merge(api)
        .merge(oidc)
        .merge(pages)
        .merge(console)
        .fallback(|| async { Problem::new(Code::NotFound, "check the address") })
        .method_not_allowed_fallback(|| async {
            Problem::new(Code::MethodNotAllowed, "see /api/v1/openapi.json for what can be done")
        })
        .layer(from_fn_with_state(state.clone(), pages::error::as_page))
        .layer(RequestBodyLimitLayer::new(BODY))
        .layer(
            CompressionLayer::new().compress_when(
                // A stream of events must not wait in a compressor.
                DefaultPredicate::new()
                    .and(NotForContentType::const_new("text/event-stream"))
                    .and(NotForContentType::const_new("application/x-asciicast")),
            ),
        )
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::internal("a handler panicked").into_response()
        }))
        .with_state(state.clone());
    // A layer over a fallback runs before routing.
    Router::new()
        .fallback_service(inner)
        .layer(from_fn_with_state(state, admit::admit))
        .layer(from_fn(admit::headers))
}
