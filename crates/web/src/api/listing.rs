//! What lists have in common: the query of one, and pages of things that policy
//! is asked about one by one.

use doorward_store::Conn;
use doorward_store::order::{Keyed, Keyset, Sort, Wanted};

use super::prelude::*;

/// How many rows are read at once, and how many one call looks at before it gives
/// what it has found and where to go on.
const BATCH: i64 = 200;
const MOST_LOOKED_AT: usize = 2_000;

/// The query of a list: its filters, and what every list has. With `whole`, also that
/// of the list given whole, which has no pages.
macro_rules! listing {
    (
        $(#[$doc:meta])* $name:ident sorted by $sort:ty, $default:expr;
        { $($(#[$of:meta])* $field:ident: $kind:ty),* $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub(super) struct $name {
            $($(#[$of])* pub(super) $field: Option<$kind>,)*
            /// In which order; a `-` before the name turns it around.
            pub(super) sort: Option<doorward_store::order::Order<$sort>>,
            /// The cursor of the page before; it is good for the same order only.
            pub(super) cursor: Option<String>,
            /// At most this many, 1 to 200; 50 when absent.
            pub(super) limit: Option<i64>,
        }

        impl $name {
            /// Which page is wanted.
            pub(super) fn page(&self) -> doorward_store::order::Wanted<$sort> {
                doorward_store::order::Wanted {
                    order: self.sort.unwrap_or($default),
                    cursor: self.cursor.clone(),
                    limit: self.limit,
                }
            }
        }
    };
    (
        $(#[$doc:meta])* $name:ident sorted by $sort:ty, $default:expr;
        { $($(#[$of:meta])* $field:ident: $kind:ty),* $(,)? }
        whole $whole:ident
    ) => {
        listing! {
            $(#[$doc])* $name sorted by $sort, $default;
            { $($(#[$of])* $field: $kind,)* }
        }

        $(#[$doc])*
        #[derive(Debug, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub(super) struct $whole {
            $($(#[$of])* $field: Option<$kind>,)*
            /// In which order; a `-` before the name turns it around.
            sort: Option<doorward_store::order::Order<$sort>>,
        }

        impl From<$whole> for $name {
            fn from(q: $whole) -> Self {
                Self { $($field: q.$field,)* sort: q.sort, cursor: None, limit: None }
            }
        }
    };
}

pub(super) use listing;

/// The page of what `keep` keeps, in order. A page may hold fewer than were asked
/// for, or nothing, and still say where to go on: what one call looks at is
/// bounded, however little of it the caller may see.
pub(super) async fn sifted<S, T, U, F>(
    s: &AppState,
    list: &str,
    wanted: &Wanted<S>,
    read: F,
    mut keep: impl FnMut(T) -> Option<U>,
) -> Answer<Listed<U>>
where
    S: Sort,
    T: Send + 'static,
    F: Fn(&Conn<'_>, &Keyset<S>) -> doorward_store::Result<Vec<Keyed<T>>>
        + Clone
        + Send
        + Sync
        + 'static,
{
    let mut at = s.cursors.begin(list, wanted)?;
    at.limit = BATCH;
    let most = usize::try_from(wanted.most()).unwrap_or(1);
    let next = |mark| s.cursors.after(list, wanted.order, mark);
    let (mut items, mut kept, mut looked) = (Vec::new(), None, 0);
    loop {
        let (read, from) = (read.clone(), at.clone());
        let rows = s.db.read(move |c| read(c, &from)).await?;
        let more = i64::try_from(rows.len()).is_ok_and(|n| n == BATCH);
        looked += rows.len();
        for row in rows {
            at.after = Some(row.mark.clone());
            let Some(shown) = keep(row.item) else { continue };
            if items.len() == most {
                return page(items, kept.as_ref().map(next).transpose()?);
            }
            items.push(shown);
            kept = Some(row.mark);
        }
        if !more {
            return page(items, None);
        }
        if looked >= MOST_LOOKED_AT {
            return page(items, at.after.as_ref().map(next).transpose()?);
        }
    }
}
