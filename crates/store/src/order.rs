//! Sorted lists in pages: which orders a list has, where a page of it begins,
//! and the statements that continue there (keyset paging).
//!
//! Promises: an order is one of those that the list names; a page continues
//! after the last key of the page before, so that what is added or removed
//! meanwhile moves nothing; a cursor is good for its list and order alone.

use std::borrow::Cow;
use std::str::FromStr;

use doorward_core::{Id as _, IdentityId};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use crate::conn::{Conn, FromRow, Row};
use crate::cursor::{Cursors, LIMIT, Page};
use crate::db::Db;
use crate::error::Result;
use crate::value::{FromValue, ToValue, Value};

/// By what a list can be sorted.
pub trait Sort: Copy + Send + Sync + 'static {
    /// The names and what they mean.
    const ALL: &'static [(&'static str, Self)];
    /// The name.
    fn name(self) -> &'static str;
}

/// Declares by what a list can be sorted.
macro_rules! sorts {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$of])* $variant),+ }

        impl $crate::order::Sort for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),+];
            fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

pub(crate) use sorts;

/// An order: by what, and in which direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order<S> {
    /// By what.
    pub by: S,
    /// The largest first.
    pub descending: bool,
}

impl<S: Sort> Order<S> {
    /// The smallest first.
    pub const fn up(by: S) -> Self {
        Self { by, descending: false }
    }

    /// The largest first.
    pub const fn down(by: S) -> Self {
        Self { by, descending: true }
    }

    /// As it is written: `name`, or `-name` for the largest first.
    pub fn name(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.by.name())
    }

    fn names() -> Vec<String> {
        let both = |(_, by): &(_, S)| [Self::up(*by).name(), Self::down(*by).name()];
        S::ALL.iter().flat_map(both).collect()
    }
}

/// The list has no such order.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no order {0:?}; use one of {1}")]
pub struct UnknownOrder(String, String);

impl<S: Sort> FromStr for Order<S> {
    type Err = UnknownOrder;
    fn from_str(text: &str) -> std::result::Result<Self, UnknownOrder> {
        let (name, descending) = match text.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let found = S::ALL.iter().find(|(n, _)| *n == name);
        found
            .map(|(_, by)| Self { by: *by, descending })
            .ok_or_else(|| UnknownOrder(text.chars().take(40).collect(), Self::names().join(", ")))
    }
}

impl<'de, S: Sort> Deserialize<'de> for Order<S> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        <Cow<'de, str>>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<S: Sort> JsonSchema for Order<S> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Order".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::names() })
    }
}

/// Which page of a sorted list somebody wants.
#[derive(Clone, Debug)]
pub struct Wanted<S> {
    /// Sorted how.
    pub order: Order<S>,
    /// The cursor of the page before.
    pub cursor: Option<String>,
    /// At most this many; 50 when it is none.
    pub limit: Option<i64>,
}

impl<S: Sort> Wanted<S> {
    /// The first page.
    pub fn first(order: Order<S>) -> Self {
        Self { order, cursor: None, limit: None }
    }

    /// How many items the page holds at most.
    pub fn most(&self) -> i64 {
        self.limit.unwrap_or(50).clamp(1, LIMIT)
    }
}

/// A place in a sorted list: the key of an item, and its id among equal keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    key: Key,
    id: uuid::Uuid,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Int(i64),
    Text(String),
}

impl FromValue for Key {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Int(i) => Ok(Self::Int(i)),
            other => String::from_value(other).map(Self::Text),
        }
    }
}

impl Mark {
    pub(crate) fn values(&self) -> [Value; 2] {
        let key = match &self.key {
            Key::Int(i) => i.to_value(),
            Key::Text(text) => text.to_value(),
        };
        [key, Value::Uuid(self.id)]
    }
}

/// Where a page begins.
#[derive(Clone, Debug)]
pub struct Keyset<S> {
    /// Sorted how.
    pub order: Order<S>,
    /// After what; from the beginning when it is none.
    pub after: Option<Mark>,
    /// How many rows.
    pub limit: i64,
}

/// A row and where it stands.
#[derive(Clone, Debug)]
pub struct Keyed<T> {
    /// The row.
    pub item: T,
    /// Its place.
    pub mark: Mark,
}

impl<T: FromRow> FromRow for Keyed<T> {
    fn from_row(row: &Row) -> Result<Self> {
        let id: IdentityId = row.get("id")?; // whatever it is the id of: sixteen bytes
        let mark = Mark { key: row.get("sort_key")?, id: id.uuid() };
        Ok(Self { item: T::from_row(row)?, mark })
    }
}

/// The rows of a keyset: one statement for each order and direction, with and
/// without a beginning. `$limit`, `$key` and `$id` name the parameters that come
/// after those of the filter, in this order. SQLite finds the beginning of a page by
/// two columns, but not by an expression and a column: an expression is `bounded by`
/// itself alone too.
macro_rules! keyset {
    (
        $c:expr, $at:expr, $head:literal, [$($argument:expr),* $(,)?],
        $limit:literal, $key:literal, $id:literal,
        { $($sort:path => $column:literal $(bounded by $bound:literal)?),+ $(,)? }
    ) => {{
        let at: &$crate::order::Keyset<_> = $at;
        let mut arguments = args![$($argument,)* at.limit].to_vec();
        arguments.extend(at.after.iter().flat_map($crate::order::Mark::values));
        let text = match (at.order.by, at.order.descending, at.after.is_some()) {
            $(
                ($sort, false, false) => sql!(concat!(
                    "SELECT ", $column, " AS sort_key, ", $head,
                    " ORDER BY ", $column, ", id LIMIT ", $limit
                )),
                ($sort, true, false) => sql!(concat!(
                    "SELECT ", $column, " AS sort_key, ", $head,
                    " ORDER BY ", $column, " DESC, id DESC LIMIT ", $limit
                )),
                ($sort, false, true) => sql!(concat!(
                    "SELECT ", $column, " AS sort_key, ", $head,
                    $(" AND ", $bound, " >= ", $key,)?
                    " AND (", $column, ", id) > (", $key, ", ", $id, ")",
                    " ORDER BY ", $column, ", id LIMIT ", $limit
                )),
                ($sort, true, true) => sql!(concat!(
                    "SELECT ", $column, " AS sort_key, ", $head,
                    $(" AND ", $bound, " <= ", $key,)?
                    " AND (", $column, ", id) < (", $key, ", ", $id, ")",
                    " ORDER BY ", $column, " DESC, id DESC LIMIT ", $limit
                )),
            )+
        };
        $c.all(text, &arguments)
    }};
}

pub(crate) use keyset;

impl Cursors {
    /// Where the page of `list` begins that somebody wants.
    pub fn begin<S: Sort>(&self, list: &str, wanted: &Wanted<S>) -> Result<Keyset<S>> {
        let name = place(list, wanted.order);
        let after = wanted.cursor.as_deref().map(|c| self.unseal(&name, c)).transpose()?;
        Ok(Keyset { order: wanted.order, after, limit: wanted.most() })
    }

    /// The cursor that continues after this place of `list`.
    pub fn after<S: Sort>(&self, list: &str, order: Order<S>, mark: &Mark) -> Result<String> {
        self.seal(&place(list, order), mark)
    }

    /// The page of `list` that somebody wants.
    pub async fn sorted<S, T, F>(
        &self,
        db: &Db,
        list: &str,
        wanted: &Wanted<S>,
        read: F,
    ) -> Result<Page<T>>
    where
        S: Sort,
        T: Send + 'static,
        F: Fn(&Conn<'_>, &Keyset<S>) -> Result<Vec<Keyed<T>>> + Send + Sync + 'static,
    {
        let mut at = self.begin(list, wanted)?;
        at.limit += 1;
        let mut rows = db.read(move |c| read(c, &at)).await?;
        let most = usize::try_from(wanted.most()).unwrap_or(1);
        let more = rows.len() > most;
        rows.truncate(most);
        let next = match rows.last() {
            Some(last) if more => Some(self.after(list, wanted.order, &last.mark)?),
            _ => None,
        };
        Ok(Page { items: rows.into_iter().map(|r| r.item).collect(), next })
    }
}

fn place<S: Sort>(list: &str, order: Order<S>) -> String {
    format!("{list}?sort={}", order.name())
}
