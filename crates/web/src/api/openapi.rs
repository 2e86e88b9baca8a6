//! The description of the API (OpenAPI 3.1), made from the table of routes and
//! the types of its handlers.

use std::collections::BTreeSet;

use axum::Json;
use serde_json::{Map, Value, json};

use crate::Problem;
use crate::describe::{ASKED, Description, SCHEMAS, Schemas};
use crate::table::{Door, Operation};

/// `GET /api/v1/openapi.json`
pub(crate) async fn serve() -> Json<Value> {
    Json(document(&super::table().operations))
}

/// The document.
pub(crate) fn document(operations: &[Operation]) -> Value {
    let mut schemas = Schemas::new();
    let problem = schemas.told.subschema_for::<Problem>().to_value();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let shown = described(operation, &mut schemas);
        let entry = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        if let Some(map) = entry.as_object_mut() {
            map.insert(operation.method.to_lowercase(), shown);
        }
    }
    let mut paths = Value::Object(paths);
    let schemas = merged(
        schemas.told.take_definitions(true),
        schemas.asked.take_definitions(true),
        &mut paths,
    );
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorward",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "description": "Identity and privileged access. Lists answer {items, next}, or CSV to those who ask for text/csv; updates take If-Match; creations take Idempotency-Key; changes by cookie take the csrf_token of GET /api/v1/session as X-CSRF-Token; refusals are problem details (RFC 9457) with a stable code.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-sid" },
                "csrf": { "type": "apiKey", "in": "header", "name": "X-CSRF-Token" },
                "bearer": { "type": "http", "scheme": "bearer" },
            },
            "responses": {
                "Problem": {
                    "description": "A refusal (RFC 9457)",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
            "schemas": schemas,
        },
    })
}

fn described(operation: &Operation, schemas: &mut Schemas) -> Value {
    let mut d = Description::new(schemas, &operation.path);
    if let Some(describe) = operation.describe {
        describe(&mut d);
    }
    let security = match operation.door {
        Door::Public => json!([]),
        Door::Session if operation.method == "GET" => json!([{ "session": [] }, { "bearer": [] }]),
        Door::Session => json!([{ "session": [], "csrf": [] }, { "bearer": [] }]),
    };
    let closed = operation.door == Door::Session;
    if closed && operation.method == "POST" && d.responses.contains_key("201") {
        d.header("Idempotency-Key", "the same key of a session gives the same answer for a day");
    }
    let Description { parameters, body, mut responses, .. } = d;
    for kind in ["4XX", "5XX"] {
        responses.insert(kind.to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
    }
    let first = operation.path.trim_start_matches("/api/v1/").split('/').next();
    let mut shown = json!({
        "tags": [first],
        "summary": operation.summary,
        "operationId": operation_id(operation),
        "parameters": parameters,
        "security": security,
        "responses": responses,
    });
    if let (Some(map), Some(body)) = (shown.as_object_mut(), body) {
        map.insert("requestBody".to_owned(), body);
    }
    shown
}

/// The schemas of answers and of bodies in one place. Those of bodies that
/// differ from an answer's of the same name are called `…Input`.
fn merged(
    mut told: Map<String, Value>,
    asked: Map<String, Value>,
    paths: &mut Value,
) -> Map<String, Value> {
    let mut differing: BTreeSet<String> = BTreeSet::new();
    loop {
        let before = differing.len();
        for (name, schema) in &asked {
            let mut moved = schema.clone();
            move_references(&mut moved, &differing);
            if told.get(name).is_some_and(|t| *t != moved) {
                differing.insert(name.clone());
            }
        }
        if differing.len() == before {
            break;
        }
    }
    for (name, mut schema) in asked {
        move_references(&mut schema, &differing);
        told.insert(final_name(&name, &differing), schema);
    }
    move_references(paths, &differing);
    told
}

fn final_name(name: &str, differing: &BTreeSet<String>) -> String {
    if differing.contains(name) { format!("{name}Input") } else { name.to_owned() }
}

fn move_references(value: &mut Value, differing: &BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner {
                    Value::String(text) if key == "$ref" => {
                        if let Some(name) = text.strip_prefix(ASKED) {
                            *text = format!("{SCHEMAS}{}", final_name(name, differing));
                        }
                    }
                    _ => move_references(inner, differing),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|v| move_references(v, differing)),
        _ => {}
    }
}

fn operation_id(operation: &Operation) -> String {
    let path = operation
        .path
        .trim_start_matches("/api/v1/")
        .replace(['{', '}'], "")
        .replace(['/', '-', '.'], "_");
    format!("{}_{path}", operation.method.to_lowercase())
}
