//! What an operation takes and gives, read off the types of its handler.
//!
//! Owns: how extractors and answers become parameters, bodies and responses of
//! the API's description.
//! Promises: a handler whose arguments or answer cannot be described does not
//! compile as a route of the API, so that the description and what happens are
//! one thing.

use std::future::Future;

use axum::Json;
use axum::extract::State;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::frame::extract::{Ask, Body, Here, IfMatch, Path};
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

/// Where the schemas of bodies are until they are merged with those of answers.
pub(crate) const ASKED: &str = "#/components/asked/";
/// Where all schemas are in the end.
pub(crate) const SCHEMAS: &str = "#/components/schemas/";

/// The description of one operation while it is written.
pub(crate) struct Description<'a> {
    schemas: &'a mut Schemas,
    path: &'a str,
    pub parameters: Vec<Value>,
    pub body: Option<Value>,
    pub responses: Map<String, Value>,
}

/// The schemas that operations share: what is asked and what is told differ,
/// because a field with a default may be left out of a body and is always there
/// in an answer.
pub(crate) struct Schemas {
    pub asked: SchemaGenerator,
    pub told: SchemaGenerator,
}

impl Schemas {
    pub fn new() -> Self {
        let settings = |place: &'static str| {
            SchemaSettings::draft2020_12()
                .with(|s| {
                    s.meta_schema = None;
                    s.definitions_path = place.trim_start_matches('#').trim_end_matches('/').into();
                })
                // Generators of clients take a field with a default for one that is always there.
                .with_transform(RecursiveTransform(|s: &mut Schema| drop(s.remove("default"))))
        };
        Self {
            asked: settings(ASKED).for_deserialize().into_generator(),
            told: settings(SCHEMAS).for_serialize().into_generator(),
        }
    }
}

impl<'a> Description<'a> {
    pub fn new(schemas: &'a mut Schemas, path: &'a str) -> Self {
        Self { schemas, path, parameters: Vec::new(), body: None, responses: Map::new() }
    }

    /// An answer with this status, of these types of content.
    pub fn gives<T: JsonSchema>(&mut self, status: u16, what: &str, types: &[&str]) {
        let schema = self.schemas.told.subschema_for::<T>().to_value();
        let content: Map<String, Value> = types
            .iter()
            .map(|t| match *t {
                "application/json" => ((*t).to_owned(), json!({ "schema": schema })),
                _ => ((*t).to_owned(), json!({ "schema": { "type": "string" } })),
            })
            .collect();
        self.responses
            .insert(status.to_string(), json!({ "description": what, "content": content }));
    }

    /// An answer without content.
    pub fn gives_nothing(&mut self) {
        self.responses.insert("204".to_owned(), json!({ "description": "Done" }));
    }

    /// A header that means something here.
    pub fn header(&mut self, name: &str, what: &str) {
        self.parameters.push(json!({
            "name": name, "in": "header", "required": false, "description": what,
            "schema": { "type": "string" },
        }));
    }
}

/// Something that a handler takes.
pub(crate) trait Takes {
    fn takes(d: &mut Description<'_>);
}

/// What a handler answers.
pub(crate) trait Gives {
    fn gives(d: &mut Description<'_>);
}

/// A handler that can be described; `T` is what axum calls its arguments.
pub(crate) trait Described<T> {
    fn describe(d: &mut Description<'_>);
}

macro_rules! described {
    ($($argument:ident),*) => {
        impl<F, Fut, Out, M, $($argument),*> Described<(M, $($argument,)*)> for F
        where
            F: Fn($($argument),*) -> Fut,
            Fut: Future<Output = Out>,
            Out: Gives,
            $($argument: Takes,)*
        {
            fn describe(d: &mut Description<'_>) {
                $($argument::takes(d);)*
                Out::gives(d);
            }
        }
    };
}

described!();
described!(A);
described!(A, B);
described!(A, B, C);
described!(A, B, C, D);
described!(A, B, C, D, E);

impl Takes for State<AppState> {
    fn takes(_: &mut Description<'_>) {}
}

impl Takes for Caller {
    fn takes(_: &mut Description<'_>) {}
}

impl Takes for Here {
    fn takes(_: &mut Description<'_>) {}
}

impl Takes for IfMatch {
    fn takes(d: &mut Description<'_>) {
        d.header("If-Match", "the ETag that you saw; refused when it has changed since");
    }
}

impl<T: JsonSchema> Takes for Path<T> {
    fn takes(d: &mut Description<'_>) {
        let schema = d.schemas.asked.subschema_for::<T>().to_value();
        let names = d.path.split('{').skip(1).filter_map(|s| s.split('}').next());
        for (i, name) in names.enumerate() {
            let one = schema.get("prefixItems").and_then(|all| all.get(i)).unwrap_or(&schema);
            d.parameters
                .push(json!({ "name": name, "in": "path", "required": true, "schema": one }));
        }
    }
}

impl<T: JsonSchema> Takes for Ask<T> {
    fn takes(d: &mut Description<'_>) {
        let schema = T::json_schema(&mut d.schemas.asked).to_value();
        let required = schema.get("required").and_then(Value::as_array).cloned();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let mut property = property.clone();
            let what = property.as_object_mut().and_then(|p| p.remove("description"));
            let needed = required.iter().flatten().any(|r| r == name);
            let mut parameter = json!({
                "name": name, "in": "query", "required": needed, "schema": never_null(property),
            });
            if let (Some(map), Some(what)) = (parameter.as_object_mut(), what) {
                map.insert("description".to_owned(), what);
            }
            d.parameters.push(parameter);
        }
    }
}

/// A query parameter is absent, never null.
fn never_null(mut schema: Value) -> Value {
    let is_null = |v: &Value| v == "null" || v.get("type").is_some_and(|t| t == "null");
    if let Some(map) = schema.as_object_mut() {
        map.remove("default");
        for key in ["type", "anyOf", "enum"] {
            let Some(all) = map.get_mut(key).and_then(Value::as_array_mut) else { continue };
            all.retain(|v| !is_null(v) && !v.is_null());
            let only = if all.len() == 1 && key != "enum" { all.pop() } else { None };
            match (key, only) {
                ("type", Some(one)) => drop(map.insert(key.to_owned(), one)),
                (_, Some(one)) => return one,
                (_, None) => {}
            }
        }
    }
    schema
}

impl<T: JsonSchema> Takes for Body<T> {
    fn takes(d: &mut Description<'_>) {
        let schema = d.schemas.asked.subschema_for::<T>().to_value();
        // An empty body counts as `{}`.
        let whole = T::json_schema(&mut d.schemas.asked).to_value();
        let needed = whole.get("required").is_some() || whole.get("oneOf").is_some();
        d.body = Some(json!({
            "required": needed, "content": { "application/json": { "schema": schema } },
        }));
    }
}

impl<T: Gives> Gives for Result<T, Problem> {
    fn gives(d: &mut Description<'_>) {
        T::gives(d);
    }
}

impl Gives for Json<Value> {
    fn gives(d: &mut Description<'_>) {
        d.gives::<Map<String, Value>>(200, "Done", &["application/json"]);
    }
}
