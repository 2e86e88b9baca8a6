//! Holds every body and answer that a test sees against the description of the API.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use http::Method;
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use super::house::Answer;
use crate::Web;

/// The description, in which an answer may hold nothing but what is named.
fn document() -> &'static Value {
    fn close(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.values_mut().for_each(close);
                if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                    map.insert("additionalProperties".to_owned(), json!(false));
                }
            }
            Value::Array(all) => all.iter_mut().for_each(close),
            _ => {}
        }
    }
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let mut document = Web::openapi();
        close(&mut document["components"]["schemas"]);
        document
    })
}

/// The operation that answers at this path.
fn operation(method: &Method, path: &str) -> Option<(String, &'static Value)> {
    let fits = |template: &str| {
        let (mut ours, mut theirs) = (template.split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(o), Some(t)) if o == t || o.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let method = method.as_str().to_lowercase();
    let paths = document()["paths"].as_object()?;
    let mut all: Vec<&String> = paths
        .keys()
        .filter(|template| fits(template) && paths[*template].get(&method).is_some())
        .collect();
    // What is spelled out wins, as in the router.
    all.sort_by_key(|template| template.matches('{').count());
    let template = all.first()?;
    Some(((*template).clone(), &paths[*template][&method]))
}

/// Where the description is for a reference that leaves the schema.
const PLACE: &str = "urn:doorward:api";

fn absolute(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner {
                    Value::String(text) if key == "$ref" => *text = format!("{PLACE}{text}"),
                    _ => absolute(inner),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(absolute),
        _ => {}
    }
}

fn wrong(schema: &Value, answer: &Value) -> Vec<String> {
    static REGISTRY: OnceLock<Registry<'static>> = OnceLock::new();
    static KNOWN: OnceLock<Mutex<HashMap<String, Validator>>> = OnceLock::new();
    let registry =
        REGISTRY.get_or_init(|| Registry::new().add(PLACE, document()).unwrap().prepare().unwrap());
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap();
    let validator = known.entry(schema.to_string()).or_insert_with(|| {
        let mut schema = schema.clone();
        absolute(&mut schema);
        let options = jsonschema::options().should_validate_formats(true);
        options.with_registry(registry).build(&schema).unwrap()
    });
    validator.iter_errors(answer).map(|e| format!("{e} at {}", e.instance_path())).collect()
}

/// Fails when what was taken or answered is not as described; gives which operation and status
/// it is, when it is one of the API.
pub fn check(method: &Method, path: &str, asked: &[u8], answer: &Answer) -> Option<String> {
    let (template, operation) = operation(method, path)?;
    let status = answer.status.as_u16().to_string();
    let name = format!("{method} {template} {status}");
    let kind = answer.header("content-type").split(';').next().unwrap_or_default().trim();
    let taken = &operation["requestBody"]["content"]["application/json"]["schema"];
    if answer.status.is_success() && !asked.is_empty() && taken.is_object() {
        let asked: Value = serde_json::from_slice(asked).unwrap();
        let found = wrong(taken, &asked);
        assert!(found.is_empty(), "{name} took {asked}: {}", found.join("; "));
    }
    let responses = &operation["responses"];
    let response = match responses.get(&status) {
        Some(response) => response,
        None if status.starts_with(['4', '5']) => &document()["components"]["responses"]["Problem"],
        None => panic!("{name} is not described: {}", answer.text),
    };
    let Some(content) = response["content"].as_object() else {
        assert!(answer.text.is_empty(), "{name} has a body: {}", answer.text);
        return Some(name);
    };
    let Some(described) = content.get(kind) else {
        panic!("{name} is {kind:?}, which is not described: {}", answer.text)
    };
    if kind.ends_with("json") {
        let found = wrong(&described["schema"], &answer.json());
        assert!(found.is_empty(), "{name}: {}\n{}", found.join("; "), answer.text);
    }
    Some(name)
}
