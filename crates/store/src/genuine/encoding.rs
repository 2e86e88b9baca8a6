//! The bytes that a row's MAC is over: the same for the same row, whichever database
//! it is read from, and never the same for two rows.
//!
//! Table and columns stand with their names and lengths before them, so that nothing
//! can be moved from one into the next. A column that is NULL is left out: a later
//! schema may add one without making every row a stranger.

use serde_json::Value as Json;

use super::tables::{Kind, Table};
use crate::conn::Row;
use crate::value::Value;

const LABEL: &[u8] = b"doorward row v1";

/// The bytes; none when a value is not of its column's kind, which no row of ours is.
pub(super) fn encode(table: &Table, row: &Row) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(512);
    part(&mut out, LABEL);
    part(&mut out, table.name.as_bytes());
    for (column, kind) in table.columns {
        let value = row.value(column)?;
        if *value == Value::Null {
            continue;
        }
        part(&mut out, column.as_bytes());
        match (kind, value) {
            (Kind::Uuid, Value::Uuid(u)) => part(&mut out, u.as_bytes()),
            (Kind::Uuid, Value::Bytes(b)) if b.len() == 16 => part(&mut out, b),
            (Kind::Int, Value::Int(i)) => part(&mut out, &i.to_be_bytes()),
            (Kind::Bool, Value::Bool(b)) => part(&mut out, &[u8::from(*b)]),
            (Kind::Bool, Value::Int(i @ 0..=1)) => part(&mut out, &[u8::from(*i == 1)]),
            (Kind::Text, Value::Text(s)) => part(&mut out, s.as_bytes()),
            (Kind::Bytes, Value::Bytes(b)) => part(&mut out, b),
            (Kind::Json, Value::Json(s) | Value::Text(s)) => {
                let mut inner = Vec::with_capacity(s.len());
                json(&mut inner, &serde_json::from_str(s).ok()?);
                part(&mut out, &inner);
            }
            _ => return None,
        }
    }
    Some(out)
}

/// What a row is found by, among those of its table.
pub(super) fn key(table: &Table, row: &Row) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    for column in table.key {
        match row.value(column) {
            Some(Value::Uuid(u)) => part(&mut out, u.as_bytes()),
            Some(Value::Bytes(b)) => part(&mut out, b),
            Some(Value::Text(s)) => part(&mut out, s.as_bytes()),
            Some(Value::Int(i)) => part(&mut out, &i.to_be_bytes()),
            _ => part(&mut out, &[]),
        }
    }
    out
}

/// The same for people.
pub(super) fn shown(table: &Table, row: &Row) -> String {
    let parts: Vec<String> = table
        .key
        .iter()
        .map(|column| match row.value(column) {
            Some(Value::Uuid(u)) => u.to_string(),
            Some(Value::Bytes(b)) => {
                uuid::Uuid::from_slice(b).map_or_else(|_| hex::encode(b), |u| u.to_string())
            }
            Some(Value::Text(s)) => s.chars().filter(|c| !c.is_control()).take(80).collect(),
            Some(Value::Int(i)) => i.to_string(),
            _ => "?".to_owned(),
        })
        .collect();
    parts.join("/")
}

fn part(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// A JSON value with the keys of its objects in order: PostgreSQL keeps them in an
/// order of its own.
fn json(out: &mut Vec<u8>, value: &Json) {
    match value {
        Json::Object(map) => {
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_str());
            out.push(b'{');
            out.extend_from_slice(&(fields.len() as u64).to_be_bytes());
            for (name, inner) in fields {
                part(out, name.as_bytes());
                json(out, inner);
            }
        }
        Json::Array(all) => {
            out.push(b'[');
            out.extend_from_slice(&(all.len() as u64).to_be_bytes());
            all.iter().for_each(|inner| json(out, inner));
        }
        plain => {
            out.push(b'=');
            part(out, plain.to_string().as_bytes());
        }
    }
}
