//! The description of the API (OpenAPI 3.1), made from the table of routes.

use axum::Json;
use serde_json::{Map, Value, json};

use crate::table::{Door, Operation};

/// `GET /api/v1/openapi.json`
pub(crate) async fn serve() -> Json<Value> {
    Json(document(&super::table().operations))
}

/// The document.
pub(crate) fn document(operations: &[Operation]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let entry = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        if let Some(map) = entry.as_object_mut() {
            map.insert(operation.method.to_lowercase(), described(operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorward",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "description": "Identity and privileged access. Lists answer {items, next}; updates take If-Match; creations take Idempotency-Key; refusals are problem details (RFC 9457) with a stable code.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-sid" },
                "bearer": { "type": "http", "scheme": "bearer" },
            },
            "responses": {
                "Problem": {
                    "description": "A refusal (RFC 9457)",
                    "content": { "application/problem+json": { "schema": {
                        "type": "object",
                        "required": ["code", "title", "status"],
                        "properties": {
                            "code": { "type": "string" }, "title": { "type": "string" },
                            "status": { "type": "integer" }, "detail": { "type": "string" },
                            "field": { "type": "string" },
                            "requirements": { "type": "array", "items": { "type": "object" } },
                            "policies": { "type": "array", "items": { "type": "string" } },
                        },
                    } } },
                },
            },
        },
    })
}

fn described(operation: &Operation) -> Value {
    let in_path = operation.path.split('{').skip(1).filter_map(|s| s.split('}').next());
    let mut parameters: Vec<Value> = in_path
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    parameters.extend(operation.query.iter().map(|(name, what)| {
        json!({ "name": name, "in": "query", "description": what, "schema": { "type": "string" } })
    }));
    let security = match operation.door {
        Door::Public => json!([]),
        Door::Session => json!([{ "session": [] }, { "bearer": [] }]),
    };
    let mut shown = json!({
        "summary": operation.summary,
        "operationId": operation_id(operation),
        "parameters": parameters,
        "security": security,
        "responses": {
            "2XX": { "description": "Done" },
            "4XX": { "$ref": "#/components/responses/Problem" },
            "5XX": { "$ref": "#/components/responses/Problem" },
        },
    });
    if let (Some(map), true) =
        (shown.as_object_mut(), ["POST", "PUT", "PATCH"].contains(&operation.method))
    {
        let schema = schema(super::bodies::of(operation.method, &operation.path));
        map.insert(
            "requestBody".to_owned(),
            json!({ "content": { "application/json": { "schema": schema } } }),
        );
    }
    shown
}

fn schema(fields: &[super::bodies::Field]) -> Value {
    let name = |n: &str| n.trim_end_matches('!').to_owned();
    let properties: Map<String, Value> =
        fields.iter().map(|(n, what)| (name(n), json!({ "description": what }))).collect();
    let required: Vec<String> =
        fields.iter().filter(|(n, _)| n.ends_with('!')).map(|(n, _)| name(n)).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn operation_id(operation: &Operation) -> String {
    let path = operation
        .path
        .trim_start_matches("/api/v1/")
        .replace(['{', '}'], "")
        .replace(['/', '-', '.'], "_");
    format!("{}_{path}", operation.method.to_lowercase())
}
