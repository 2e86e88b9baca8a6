//! The API's description: of every operation, and true.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::house::each_house;
use crate::Web;

const SOME_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// `GET /api/v1/groups` and what is said of it, for every operation.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let mut all = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            all.push((method.to_uppercase(), path.clone(), operation));
        }
    }
    all
}

#[test]
fn every_operation_says_what_it_answers() {
    let document = Web::openapi();
    for (method, path, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        let good: Vec<&String> = responses.keys().filter(|s| s.starts_with('2')).collect();
        assert!(!good.is_empty(), "{method} {path}");
        for status in good {
            let content = responses[status]["content"].as_object();
            match status.as_str() {
                "204" => assert!(content.is_none(), "{method} {path}"),
                "200" | "201" => {
                    let content = content.unwrap();
                    assert!(!content.is_empty(), "{method} {path}");
                    assert!(
                        content.values().all(|c| c["schema"].is_object()),
                        "{method} {path} {status}"
                    );
                }
                other => panic!("{method} {path} answers {other}"),
            }
        }
    }
}

/// Two types of one name would get a number behind it.
#[test]
fn every_schema_has_a_name_of_its_own() {
    let document = Web::openapi();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(name.chars().all(|c| c.is_ascii_alphabetic()), "{name}");
    }
}

/// Every `$ref` leads somewhere.
#[test]
fn every_reference_is_there() {
    fn walk(document: &Value, value: &Value) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    let at = reference.trim_start_matches('#');
                    assert!(document.pointer(at).is_some(), "{reference}");
                }
                map.values().for_each(|v| walk(document, v));
            }
            Value::Array(all) => all.iter().for_each(|v| walk(document, v)),
            _ => {}
        }
    }
    let document = Web::openapi();
    walk(&document, &document);
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// What is not described is refused, and the description says so.
#[tokio::test]
async fn no_body_takes_what_is_not_described() {
    each_house(|house| async move {
        let ada = house.administrator().await;
        let document = Web::openapi();
        for (method, path, operation) in operations(&document) {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            let schema = resolved(&document, schema);
            let branches = schema["oneOf"].as_array().cloned().unwrap_or(vec![schema.clone()]);
            for branch in &branches {
                let branch = resolved(&document, branch);
                assert_eq!(branch["additionalProperties"], false, "{method} {path}: {branch}");
            }
            let segment = |s: &str| match s {
                "{kind}" => "identities".to_owned(),
                "{id}" => SOME_ID.to_owned(),
                s => s.trim_matches(['{', '}']).to_owned(),
            };
            let at = path.split('/').map(segment).collect::<Vec<_>>().join("/");
            let tag = schema["oneOf"][0]["properties"]
                .as_object()
                .and_then(|p| p.iter().find(|(_, v)| v["const"].is_string()));
            let mut body = json!({ "no_such_field": 1 });
            if let Some((name, constant)) = tag {
                body[name] = constant["const"].clone();
            }
            let method: Method = method.parse().unwrap();
            let answer = house.by(&ada, method.clone(), &at, Some(body)).await;
            assert_eq!(
                (answer.status, answer.json()["field"].clone()),
                (StatusCode::UNPROCESSABLE_ENTITY, json!("no_such_field")),
                "{method} {at}: {}",
                answer.text
            );
        }
    })
    .await;
}

/// The console's client is made from this file. UPDATE=1 writes it anew.
#[test]
fn the_description_that_clients_are_made_from_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../console/openapi.json");
    let served = Web::openapi();
    if std::env::var_os("UPDATE").is_some() {
        let text = serde_json::to_string_pretty(&served).unwrap();
        std::fs::write(path, format!("{text}\n")).unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(
        kept == served,
        "the API differs from console/openapi.json; if that is meant: UPDATE=1 cargo test -p doorward-web description"
    );
}
