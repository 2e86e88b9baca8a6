//! Values on their way in and out. The types of both databases meet here.

use std::time::Duration;

use bytes::BytesMut;
use doorward_core::{Id, Name, Timestamp};
use tokio_postgres::types::{IsNull, ToSql, Type};

use crate::error::{Error, Result};

/// A value of either database.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// An integer.
    Int(i64),
    /// A truth value; 0 or 1 in SQLite.
    Bool(bool),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID; 16 bytes in SQLite.
    Uuid(uuid::Uuid),
    /// JSON; text in SQLite.
    Json(String),
}

/// What can be given to a statement.
pub trait ToValue {
    /// As a value.
    fn to_value(&self) -> Value;
}

/// What can be taken from a row.
pub trait FromValue: Sized {
    /// From a value; the error says what was found.
    fn from_value(value: Value) -> Result<Self>;
}

/// JSON of any serialisable type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

fn wrong<T>(wanted: &str, found: &Value) -> Result<T> {
    // The kind only: the value may be a secret.
    let kind = match found {
        Value::Null => "null",
        Value::Int(_) => "an integer",
        Value::Bool(_) => "a truth value",
        Value::Text(_) => "text",
        Value::Bytes(_) => "bytes",
        Value::Uuid(_) => "a UUID",
        Value::Json(_) => "JSON",
    };
    Err(Error::Decode(format!("wanted {wanted}, found {kind}")))
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}
impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl ToValue for i64 {
    fn to_value(&self) -> Value {
        Value::Int(*self)
    }
}
impl FromValue for i64 {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Int(i) => Ok(i),
            other => wrong("an integer", &other),
        }
    }
}
impl ToValue for u32 {
    fn to_value(&self) -> Value {
        Value::Int(i64::from(*self))
    }
}
impl FromValue for u32 {
    fn from_value(value: Value) -> Result<Self> {
        let i = i64::from_value(value)?;
        Self::try_from(i).map_err(|_| Error::Decode(format!("{i} is out of range")))
    }
}
impl FromValue for u64 {
    fn from_value(value: Value) -> Result<Self> {
        let i = i64::from_value(value)?;
        Self::try_from(i).map_err(|_| Error::Decode(format!("{i} is out of range")))
    }
}
impl ToValue for u64 {
    fn to_value(&self) -> Value {
        Value::Int(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}
impl FromValue for bool {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Bool(b) => Ok(b),
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            other => wrong("a truth value", &other),
        }
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}
impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
}
impl FromValue for String {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Text(s) | Value::Json(s) => Ok(s),
            other => wrong("text", &other),
        }
    }
}
impl ToValue for Name {
    fn to_value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
}
impl FromValue for Name {
    fn from_value(value: Value) -> Result<Self> {
        let text = String::from_value(value)?;
        Name::parse(&text).map_err(|e| Error::Decode(e.to_string()))
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value {
        Value::Bytes(self.to_vec())
    }
}
impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value {
        Value::Bytes(self.to_vec())
    }
}
impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value {
        Value::Bytes(self.clone())
    }
}
impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Bytes(b) => Ok(b),
            other => wrong("bytes", &other),
        }
    }
}
impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: Value) -> Result<Self> {
        let bytes = Vec::<u8>::from_value(value)?;
        let found = bytes.len();
        bytes.try_into().map_err(|_| Error::Decode(format!("wanted {N} bytes, found {found}")))
    }
}

macro_rules! ids {
    ($($id:ident),+ $(,)?) => {$(
        impl ToValue for doorward_core::$id {
            fn to_value(&self) -> Value {
                Value::Uuid(self.uuid())
            }
        }
        impl FromValue for doorward_core::$id {
            fn from_value(value: Value) -> Result<Self> {
                match value {
                    Value::Uuid(u) => Ok(Self::from_uuid(u)),
                    Value::Bytes(b) => uuid::Uuid::from_slice(&b)
                        .map(Self::from_uuid)
                        .map_err(|_| Error::Decode("wanted the 16 bytes of a UUID".to_owned())),
                    other => wrong("a UUID", &other),
                }
            }
        }
    )+};
}

ids! {
    IdentityId, GroupId, RoleId, AuthenticatorId, SignInId, SessionId, DeviceId, ApplicationId,
    TokenFamilyId, TargetId, AccountId, SecretId, PolicyId, RequestId, ApprovalId, GrantId,
    PrivilegedSessionId, RecordingId, RelayId, EventId, KeyId, NoticeId, WebhookId, NodeId,
    ConfirmationId,
}

impl ToValue for Timestamp {
    fn to_value(&self) -> Value {
        Value::Int(self.micros())
    }
}
impl FromValue for Timestamp {
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value).map(Timestamp::from_micros)
    }
}
impl ToValue for Duration {
    fn to_value(&self) -> Value {
        Value::Int(i64::try_from(self.as_micros()).unwrap_or(i64::MAX))
    }
}
impl FromValue for Duration {
    fn from_value(value: Value) -> Result<Self> {
        u64::from_value(value).map(Duration::from_micros)
    }
}

impl<T: serde::Serialize> ToValue for Json<T> {
    fn to_value(&self) -> Value {
        // Our own types have string keys throughout, so this cannot fail; if it
        // ever did, NOT NULL refuses the row.
        serde_json::to_string(&self.0).map_or(Value::Null, Value::Json)
    }
}
impl<T: serde::de::DeserializeOwned> FromValue for Json<T> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Text(s) | Value::Json(s) => serde_json::from_str(&s).map(Json).map_err(|e| {
                Error::Decode(format!("JSON at line {} column {}", e.line(), e.column()))
            }),
            other => wrong("JSON", &other),
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(i) => ValueRef::Integer(*i),
            Self::Bool(b) => ValueRef::Integer(i64::from(*b)),
            Self::Text(s) | Self::Json(s) => ValueRef::Text(s.as_bytes()),
            Self::Bytes(b) => ValueRef::Blob(b),
            Self::Uuid(u) => ValueRef::Blob(u.as_bytes()),
        }))
    }
}

impl Value {
    pub(crate) fn from_sqlite(value: rusqlite::types::ValueRef<'_>) -> Result<Self> {
        use rusqlite::types::ValueRef;
        match value {
            ValueRef::Null => Ok(Self::Null),
            ValueRef::Integer(i) => Ok(Self::Int(i)),
            ValueRef::Text(t) => std::str::from_utf8(t)
                .map(|s| Self::Text(s.to_owned()))
                .map_err(|_| Error::Decode("text is no UTF-8".to_owned())),
            ValueRef::Blob(b) => Ok(Self::Bytes(b.to_vec())),
            ValueRef::Real(_) => Err(Error::Decode("floating point is not used".to_owned())),
        }
    }

    pub(crate) fn from_postgres(row: &tokio_postgres::Row, index: usize) -> Result<Self> {
        let Some(column) = row.columns().get(index) else {
            return Err(Error::Decode("no such column".to_owned()));
        };
        fn take<'a, T: tokio_postgres::types::FromSql<'a>>(
            row: &'a tokio_postgres::Row,
            index: usize,
            make: impl FnOnce(T) -> Value,
        ) -> Result<Value> {
            let value: Option<T> = row.try_get(index).map_err(|e| Error::Decode(e.to_string()))?;
            Ok(value.map_or(Value::Null, make))
        }
        match *column.type_() {
            Type::INT8 => take(row, index, Value::Int),
            Type::INT4 => take(row, index, |i: i32| Value::Int(i64::from(i))),
            Type::BOOL => take(row, index, Value::Bool),
            Type::TEXT | Type::VARCHAR | Type::NAME => take(row, index, Value::Text),
            Type::BYTEA => take(row, index, Value::Bytes),
            Type::UUID => take(row, index, Value::Uuid),
            Type::JSONB | Type::JSON => {
                take(row, index, |v: serde_json::Value| Value::Json(v.to_string()))
            }
            ref other => Err(Error::Decode(format!("type {other} is not used"))),
        }
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(i), &Type::INT4) => i32::try_from(*i)?.to_sql(ty, out),
            (Self::Int(i), _) => i.to_sql(ty, out),
            (Self::Bool(b), _) => b.to_sql(ty, out),
            (Self::Text(s) | Self::Json(s), &Type::JSONB) => {
                out.extend_from_slice(&[1]);
                out.extend_from_slice(s.as_bytes());
                Ok(IsNull::No)
            }
            (Self::Text(s) | Self::Json(s), _) => s.to_sql(ty, out),
            (Self::Bytes(b), _) => b.to_sql(ty, out),
            (Self::Uuid(u), _) => u.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let fits = match self {
            Self::Null => true,
            Self::Int(_) => matches!(*ty, Type::INT8 | Type::INT4),
            Self::Bool(_) => *ty == Type::BOOL,
            Self::Text(_) | Self::Json(_) => {
                matches!(*ty, Type::TEXT | Type::VARCHAR | Type::JSONB | Type::JSON)
            }
            Self::Bytes(_) => *ty == Type::BYTEA,
            Self::Uuid(_) => *ty == Type::UUID,
        };
        if fits { self.to_sql(ty, out) } else { Err(format!("argument does not fit {ty}").into()) }
    }
}
