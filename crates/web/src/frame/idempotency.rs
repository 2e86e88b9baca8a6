//! `Idempotency-Key` on creations: the same key of the same session gives the same
//! answer, and the deed is done once, also when two copies of a request arrive
//! together. Any other answer is given anew, decided and recorded anew: what may be
//! read today may not be read tomorrow.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use doorward_store::idempotency::{self as rows, Claim};
use doorward_vault::{Aad, Purpose};
use http::{HeaderValue, Method, StatusCode, header};

use super::guard::Caller;
use crate::{AppState, Code, Problem};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// A request that was begun and never answered counts as lost after this time.
const LOST: Duration = Duration::from_secs(120);

pub(crate) async fn once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let key = request.headers().get("idempotency-key").cloned();
    match (key, request.extensions().get::<Caller>().cloned()) {
        (Some(key), Some(caller)) if *request.method() == Method::POST => {
            match run(&state, &caller, &key, request, next).await {
                Ok(response) => response,
                Err(problem) => problem.into_response(),
            }
        }
        _ => next.run(request).await,
    }
}

fn digest(parts: &[&[u8]]) -> Vec<u8> {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part);
    }
    context.finish().as_ref().to_vec()
}

async fn run(
    state: &AppState,
    caller: &Caller,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if key.is_empty() || key.len() > 128 {
        return Err(Problem::field("Idempotency-Key", "use 1 to 128 characters, such as a UUID"));
    }
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    // Of the session, not of the person: one that proved less learns nothing here.
    let session = caller.session.id.to_string();
    let key = digest(&[session.as_bytes(), path.as_bytes(), key.as_bytes()]);
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, super::BODY)
        .await
        .map_err(|_| Problem::new(Code::TooLarge, "at most 1 MiB is accepted"))?;
    let asked = digest(&[&bytes]);
    let now = state.env.now();
    let claim = {
        let (key, asked) = (key.clone(), asked.clone());
        state
            .db
            .write(move |c| rows::claim(c, &key, &asked, now, now + LOST))
            .await
            .map_err(Problem::from)?
    };
    match claim {
        Claim::Ours => {}
        Claim::InProgress => return Err(Problem::new(Code::InProgress, "wait for its answer")),
        Claim::OtherRequest => {
            return Err(Problem::new(Code::KeyReused, "use a new key for a new request"));
        }
        Claim::Answered { status, body } => return replay(state, &key, status, &body).await,
    }
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    let (mut parts, body) = response.into_parts();
    let answer = axum::body::to_bytes(body, super::BODY).await.map_err(Problem::internal)?;
    parts.headers.remove(header::TRANSFER_ENCODING);
    if parts.status == StatusCode::CREATED {
        // The answer may hold a secret that is shown once: it is kept sealed.
        let sealed = state.vault.encrypt(Purpose::Sessions, &aad(&key), &answer)?;
        let status = i64::from(parts.status.as_u16());
        let until = now + KEPT;
        state
            .db
            .write(move |c| rows::answer(c, &key, status, &sealed, until))
            .await
            .map_err(Problem::from)?;
    } else {
        state.db.write(move |c| rows::forget(c, &key)).await.map_err(Problem::from)?;
    }
    Ok(Response::from_parts(parts, Body::from(answer)))
}

fn aad(key: &[u8]) -> Aad {
    use base64::Engine as _;
    Aad::new("idempotency", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key), "body", 0)
}

async fn replay(
    state: &AppState,
    key: &[u8],
    status: i64,
    sealed: &[u8],
) -> Result<Response, Problem> {
    let body = state.vault.decrypt(Purpose::Sessions, &aad(key), sealed).await?;
    let status = u16::try_from(status)
        .ok()
        .and_then(|s| StatusCode::from_u16(s).ok())
        .unwrap_or(StatusCode::OK);
    let mut response = (status, body.expose().clone()).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    Ok(response)
}
