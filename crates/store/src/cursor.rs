//! Pages of a list, by cursors that cannot be forged: the last key of a page,
//! with a MAC under a key that only this database knows.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::Env;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::db::Db;
use crate::error::{Error, Result};
use crate::setting;

/// The most that one page holds.
pub const LIMIT: i64 = 200;
const TAG: usize = 16;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page; none on the last.
    pub next: Option<String>,
}

/// Seals and opens cursors.
#[derive(Clone)]
pub struct Cursors(hmac::Key);

impl Cursors {
    /// With the key of this database, made on first use.
    pub async fn open(db: &Db, env: &Env) -> Result<Self> {
        let fresh: [u8; 32] = env.bytes();
        let key = db.write(move |c| setting::ensure(c, "cursor-key", &fresh)).await?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// A cursor of the list `list` that continues after `key`.
    pub fn seal(&self, list: &str, key: &impl Serialize) -> Result<String> {
        let mut bytes = serde_json::to_vec(key).map_err(|_| Error::Cursor)?;
        let tag = self.tag(list, &bytes);
        bytes.extend_from_slice(&tag);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The key that a cursor of `list` continues after.
    pub fn unseal<K: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<K> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Error::Cursor)?;
        let at = bytes.len().checked_sub(TAG).ok_or(Error::Cursor)?;
        let (payload, tag) = bytes.split_at(at);
        let wanted = self.tag(list, payload);
        if aws_lc_rs::constant_time::verify_slices_are_equal(tag, &wanted).is_err() {
            return Err(Error::Cursor);
        }
        serde_json::from_slice(payload).map_err(|_| Error::Cursor)
    }

    /// A page out of at most `limit + 1` items: the surplus one says that there
    /// is a next page.
    pub fn page<T, K: Serialize>(
        &self,
        list: &str,
        limit: i64,
        mut items: Vec<T>,
        key: impl Fn(&T) -> K,
    ) -> Result<Page<T>> {
        let most = usize::try_from(limit.clamp(1, LIMIT)).unwrap_or(1);
        let more = items.len() > most;
        items.truncate(most);
        let next = match items.last() {
            Some(last) if more => Some(self.seal(list, &key(last))?),
            _ => None,
        };
        Ok(Page { items, next })
    }

    fn tag(&self, list: &str, payload: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&(list.len() as u64).to_be_bytes());
        context.update(list.as_bytes());
        context.update(payload);
        let mut tag = context.sign().as_ref().to_vec();
        tag.truncate(TAG);
        tag
    }
}

impl std::fmt::Debug for Cursors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cursors")
    }
}
