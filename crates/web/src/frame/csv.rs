//! Lists as CSV (RFC 4180), for whoever asks for `text/csv`.
//!
//! Promises: a cell never becomes a formula of a spreadsheet; the columns of a
//! list are the same on every page, also on an empty one; the page after is named
//! by a `Link` header.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, Uri, header};
use serde_json::Value;

use crate::Problem;

/// Says of a response that it is a page of a list, and which columns its items have.
#[derive(Clone, Copy)]
pub(crate) struct Rows(pub fn() -> Vec<String>);

pub(crate) async fn lists(request: Request, next: Next) -> Response {
    let wanted = wants_csv(request.headers());
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    let Some(Rows(columns)) = response.extensions_mut().remove::<Rows>() else { return response };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    if !wanted {
        return response;
    }
    match rewritten(response, &columns(), &uri).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

/// Whether CSV is what the client likes best of what there is.
fn wants_csv(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok());
    let (mut csv, mut json) = (0.0_f32, 0.0_f32);
    for range in accept.flat_map(|a| a.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let weight = parts.find_map(|p| p.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
        let weight: f32 = weight.unwrap_or(0.0);
        match kind {
            "text/csv" => csv = csv.max(weight),
            "application/json" | "application/*" => json = json.max(weight),
            _ => {}
        }
    }
    csv > json
}

async fn rewritten(response: Response, columns: &[String], uri: &Uri) -> Result<Response, Problem> {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.map_err(Problem::internal)?;
    let page: Value = serde_json::from_slice(&bytes).map_err(Problem::internal)?;
    let items = page.get("items").and_then(Value::as_array);
    let items = items.ok_or_else(|| Problem::internal("a page without items"))?;
    let mut text = row(columns.iter().map(|c| quoted(c)));
    for item in items {
        text.push_str(&row(columns.iter().map(|c| cell(item.get(c.as_str())))));
    }
    if let Some(next) = page.get("next").and_then(Value::as_str) {
        let link = format!("<{}>; rel=\"next\"", after(uri, next));
        let link = HeaderValue::from_str(&link).map_err(Problem::internal)?;
        parts.headers.insert(header::LINK, link);
    }
    let name = uri.path().rsplit('/').next().unwrap_or("list");
    let file = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\""));
    parts.headers.insert(header::CONTENT_DISPOSITION, file.map_err(Problem::internal)?);
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    parts.headers.insert(header::CONTENT_TYPE, kind);
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Body::from(text)))
}

/// The same address with another cursor.
fn after(uri: &Uri, cursor: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let asked = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    query.extend_pairs(asked.filter(|(name, _)| name != "cursor"));
    query.append_pair("cursor", cursor);
    format!("{}?{}", uri.path(), query.finish())
}

fn row(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(",") + "\r\n"
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => quoted(&harmless(text)),
        Some(number @ (Value::Number(_) | Value::Bool(_))) => number.to_string(),
        Some(nested) => quoted(&harmless(&nested.to_string())),
    }
}

/// Spreadsheets take a cell that begins like this for a formula, some of them
/// behind white space too; after an apostrophe it is text.
fn harmless(text: &str) -> String {
    let formula = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    let hidden = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    let begins = text.starts_with(['\t', '\r', '\n']);
    if begins || text.trim_start_matches(hidden).starts_with(formula) {
        return format!("'{text}");
    }
    text.to_owned()
}

fn quoted(text: &str) -> String {
    let plain = |c: char| !matches!(c, '"' | ',' | ';' | '\t' | '\r' | '\n');
    if text.chars().all(plain) && text.trim() == text {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A name, a reason or a command that a spreadsheet would run.
    #[test]
    fn no_cell_begins_a_formula() {
        for text in ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1", " =1", "\u{feff}=1"]
        {
            let cell = cell(Some(&json!(text)));
            let inner = cell.trim_start_matches('"');
            assert!(inner.starts_with('\''), "{text:?} became {cell:?}");
        }
        assert_eq!(cell(Some(&json!("a = b"))), "a = b");
        assert_eq!(cell(Some(&json!("=HYPERLINK(\"x\",1)"))), "\"'=HYPERLINK(\"\"x\"\",1)\"");
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(cell(Some(&json!("plain"))), "plain");
        assert_eq!(cell(Some(&json!("a,b"))), "\"a,b\"");
        assert_eq!(cell(Some(&json!("a;b"))), "\"a;b\"");
        assert_eq!(cell(Some(&json!("a\r\nb"))), "\"a\r\nb\"");
        assert_eq!(cell(Some(&json!(" a"))), "\" a\"");
        assert_eq!(cell(Some(&json!({ "a": [1] }))), "\"{\"\"a\"\":[1]}\"");
        assert_eq!(cell(Some(&json!(-3))), "-3");
        assert_eq!(cell(Some(&Value::Null)), "");
    }

    #[test]
    fn csv_is_for_those_who_prefer_it() {
        let of = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            wants_csv(&headers)
        };
        assert!(of("text/csv"));
        assert!(of("text/html, text/csv;q=0.9, */*;q=0.1"));
        assert!(!of("application/json, text/csv;q=0.5"));
        assert!(!of("*/*"));
        assert!(!of("text/csv;q=0"));
        assert!(!wants_csv(&HeaderMap::new()));
    }
}
