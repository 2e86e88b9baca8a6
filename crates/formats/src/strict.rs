//! JSON from strangers: no key twice, no deep nesting, no huge text. Two parsers
//! that pick different ones of two equal keys have been the hole in more than
//! one product.

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Deeper nesting is refused.
pub const DEPTH: usize = 16;
/// Longer text is refused.
pub const LONGEST: usize = 64 * 1024;

/// Why the text was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not acceptable as JSON: {0}")]
pub struct JsonError(String);

/// Parses one JSON object strictly.
pub fn object(text: &[u8]) -> Result<Map<String, Value>, JsonError> {
    if text.len() > LONGEST {
        return Err(JsonError("it is longer than 64 KiB".to_owned()));
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Strict(DEPTH).deserialize(&mut reader).map_err(|e| JsonError(e.to_string()))?;
    reader.end().map_err(|e| JsonError(e.to_string()))?;
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(JsonError("an object was expected".to_owned())),
    }
}

struct Strict(usize);

impl Strict {
    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("it is nested too deeply"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: serde::Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self.deeper()?)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(self.deeper()?)?;
            if found.contains_key(&key) {
                return Err(A::Error::custom(format!("the key {key:?} is there twice")));
            }
            found.insert(key, value);
        }
        Ok(Value::Object(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_deep_nesting_and_trailing_bytes_are_refused() {
        assert!(object(br#"{"a":1,"b":{"c":[1,2.5,null,"x",true]}}"#).is_ok());
        for bad in [r#"{"a":1,"a":2}"#, r#"{"b":{"c":1,"c":1}}"#, r#"{"a":1} x"#, "[1]", "", "{"] {
            assert!(object(bad.as_bytes()).is_err(), "{bad}");
        }
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(40), "]".repeat(40));
        assert!(object(deep.as_bytes()).is_err());
    }
}
