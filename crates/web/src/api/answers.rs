//! What handlers answer: typed, so that the description says what is sent.

use axum::Json;
use axum::response::{IntoResponse, Response};
use doorward_directory::Page;
use http::{HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::Problem;
use crate::describe::{Description, Gives, Schemas};
use crate::frame::csv::Rows;

/// What a handler gives.
pub(crate) type Answer<T> = Result<T, Problem>;

const JSON: &[&str] = &["application/json"];

fn body(value: &impl Serialize) -> Response {
    match serde_json::to_value(value) {
        Ok(value) => {
            let version = value.get("version").and_then(Value::as_i64);
            let tag = version.and_then(|v| HeaderValue::from_str(&format!("\"v{v}\"")).ok());
            let mut response = Json(value).into_response();
            if let Some(tag) = tag {
                response.headers_mut().insert(header::ETAG, tag);
            }
            response
        }
        Err(e) => Problem::internal(e).into_response(),
    }
}

/// One thing; with an ETag when it has a version.
pub(crate) struct Shown<T>(T);

/// One thing, as it is now.
pub(crate) fn answer<T>(value: impl Into<T>) -> Answer<Shown<T>> {
    Ok(Shown(value.into()))
}

impl<T: Serialize> IntoResponse for Shown<T> {
    fn into_response(self) -> Response {
        body(&self.0)
    }
}

impl<T: JsonSchema> Gives for Shown<T> {
    fn gives(d: &mut Description<'_>) {
        d.gives::<T>(200, "As it is now", JSON);
    }
}

/// The same with 201.
pub(crate) struct Created<T>(T);

/// One thing that was made.
pub(crate) fn created<T>(value: impl Into<T>) -> Answer<Created<T>> {
    Ok(Created(value.into()))
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = body(&self.0);
        if response.status().is_success() {
            *response.status_mut() = StatusCode::CREATED;
        }
        response
    }
}

impl<T: JsonSchema> Gives for Created<T> {
    fn gives(d: &mut Description<'_>) {
        d.gives::<T>(201, "Made", JSON);
    }
}

/// Either: what was there is changed, what was not is made.
pub(crate) enum Kept<T> {
    Changed(T),
    Made(T),
}

impl<T: Serialize> IntoResponse for Kept<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Changed(value) => Shown(value).into_response(),
            Self::Made(value) => Created(value).into_response(),
        }
    }
}

impl<T: JsonSchema> Gives for Kept<T> {
    fn gives(d: &mut Description<'_>) {
        Shown::<T>::gives(d);
        Created::<T>::gives(d);
    }
}

/// Nothing more to say: 204.
pub(crate) struct Nothing;

/// Nothing more to say.
pub(crate) fn nothing() -> Answer<Nothing> {
    Ok(Nothing)
}

impl IntoResponse for Nothing {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl Gives for Nothing {
    fn gives(d: &mut Description<'_>) {
        d.gives_nothing();
    }
}

/// A page of a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}List")]
pub(crate) struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page; none on the last.
    pub next: Option<String>,
}

/// A page of items and the cursor of the next.
pub(crate) fn page<T>(items: Vec<T>, next: Option<String>) -> Answer<Listed<T>> {
    Ok(Listed { items, next })
}

impl<T> From<Page<T>> for Listed<T> {
    fn from(page: Page<T>) -> Self {
        Self { items: page.items, next: page.next }
    }
}

impl<T: Serialize + JsonSchema> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self).into_response();
        response.extensions_mut().insert(Rows(columns::<T>));
        response
    }
}

/// The fields of an item: what it is first, the rest by name.
fn columns<T: JsonSchema>() -> Vec<String> {
    let mut schemas = Schemas::new();
    let schema = T::json_schema(&mut schemas.told).to_value();
    let fields = schema.get("properties").and_then(Value::as_object);
    let mut names: Vec<String> =
        fields.into_iter().flatten().map(|(name, _)| name.clone()).collect();
    names.sort_by_key(|name| match name.as_str() {
        "id" => (0, String::new()),
        "name" => (1, String::new()),
        other => (2, other.to_owned()),
    });
    names
}

impl<T: JsonSchema> Gives for Listed<T> {
    fn gives(d: &mut Description<'_>) {
        d.gives::<Self>(200, "A page", &["application/json", "text/csv"]);
    }
}

/// A stream that is no JSON.
pub(crate) struct Asciicast(pub Response);

impl IntoResponse for Asciicast {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Gives for Asciicast {
    fn gives(d: &mut Description<'_>) {
        d.gives::<String>(200, "asciicast v2, line by line", &["application/x-asciicast"]);
    }
}

/// Server-sent events.
pub(crate) struct Events(pub Response);

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Gives for Events {
    fn gives(d: &mut Description<'_>) {
        let what = "Server-sent events: `change` with {kind}, and `over` when the session is";
        d.gives::<String>(200, what, &["text/event-stream"]);
    }
}

/// One JSON object on each line.
pub(crate) struct JsonLines(pub Response);

impl IntoResponse for JsonLines {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Gives for JsonLines {
    fn gives(d: &mut Description<'_>) {
        d.gives::<String>(200, "One JSON object on each line", &["application/jsonl"]);
    }
}
