//! The keys by which the house knows its own rows: given to the database, and used to
//! sign what it did not sign itself, once, or on the word of somebody with the keys.

use std::sync::Arc;

use aws_lc_rs::hmac;
use doorward_core::{Actor, Class, Entity, Event, Secret};
use doorward_store::genuine::{self, Adopt, Adopted, Forged, RowKeySource, RowKeys};
use doorward_store::ring_key::RingKeyRow;
use doorward_store::{Conn, event, ring_key, seal as rows};

use crate::envelope::{Key, Tampered};
use crate::error::VaultError;
use crate::ring::{self, Keys, Purpose};
use crate::seal::{Opened, Params, seal_root};
use crate::vault::{Vault, WeakVault};

/// What the ring's key for rows becomes: a key for MACs and nothing else.
fn mac_key(key: &Key) -> Key {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.expose()), b"doorward row mac v1");
    let mut out = [0; 32];
    out.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
    Secret::new(out)
}

impl Keys {
    /// The keys that sign rows and know them again; none when the ring has none that
    /// signs.
    pub fn rows(&self) -> Option<RowKeys> {
        let (live, _) = self.live(Purpose::Rows)?;
        Some(RowKeys::new(live, self.of(Purpose::Rows).map(|(id, key)| (id, mac_key(key)))))
    }
}

/// What the first key of the ring for rows is, before the ring is read.
pub(crate) fn first(root: &Key, row: &RingKeyRow) -> Result<RowKeys, Tampered> {
    Keys::load(root.clone(), std::slice::from_ref(row))?.rows().ok_or(Tampered)
}

impl Vault {
    /// From now on rows are known by these.
    pub(crate) fn arm(&self, keys: &Keys) -> Result<(), VaultError> {
        let rows = keys.rows().ok_or(VaultError::RowKeysGone)?;
        self.db().arm(rows, Arc::new(self.downgrade()));
        Ok(())
    }

    /// Signs the rows of a house that is older than their MACs: once, with its first row
    /// key, and marked where nobody without the seal's key can take the mark away.
    pub(crate) async fn adopt(
        &self,
        opened: &Opened,
        params: &Params,
        version: i64,
    ) -> Result<(), VaultError> {
        let env = self.env().clone();
        // Later generations are signed by the key that the first one got.
        let (root, signed) = (opened.root.clone(), opened.rows_signed);
        let first_key = ring::new_row(&env, &root, Purpose::Rows)?;
        let wrapped = seal_root(&env, params, &opened.kek, &opened.root)?;
        self.db()
            .write(move |c| {
                // Of several nodes that start at once, one does it.
                if !rows::rewrap(c, version, &wrapped)? {
                    return Ok(());
                }
                if signed == 0 && !ring_key::insert_first(c, &first_key)? {
                    return Err(VaultError::from(Tampered));
                }
                let ring = Keys::load(root.clone(), &ring_key::all(c)?)?;
                let keys = ring.rows().ok_or(VaultError::RowKeysGone)?;
                let actor = Actor::system("first row key");
                let mut record =
                    Event::new(&env, Class::ApplicationLifecycle, "rows.adopted", &actor)
                        .on(Entity::new("House", "doorward"));
                for adopted in genuine::adopt(c, &keys, Adopt::Since(signed))? {
                    tracing::info!(table = adopted.table, rows = adopted.rows, "rows signed");
                    record = record.with(adopted.table, adopted.rows);
                }
                Ok(event::append(c, &record)?)
            })
            .await
    }

    /// Takes every row as it is for the house's own, whoever wrote it: for whoever has
    /// the keys and has looked. Gives what was signed, and what was not genuine before.
    pub async fn accept_rows(
        &self,
        actor: &Actor,
    ) -> Result<(Vec<Adopted>, Vec<Forged>), VaultError> {
        let keys = self.keys()?;
        let (env, actor) = (self.env().clone(), actor.clone());
        self.db()
            .write(move |c| {
                let forged = genuine::sweep(c)?;
                let rows = keys.rows().ok_or(VaultError::RowKeysGone)?;
                let adopted = genuine::adopt(c, &rows, Adopt::Everything)?;
                let named: Vec<String> =
                    forged.iter().take(100).map(|f| format!("{} {}", f.table, f.row)).collect();
                let record = Event::new(&env, Class::DetectionFinding, "rows.accepted", &actor)
                    .on(Entity::new("House", "doorward"))
                    .with("not_genuine_before", forged.len())
                    .with("rows", named);
                event::append(c, &record)?;
                Ok((adopted, forged))
            })
            .await
    }
}

impl RowKeySource for WeakVault {
    fn read(&self, c: &Conn<'_>) -> Option<RowKeys> {
        let keys = self.upgrade().ok()?.keys().ok()?;
        Keys::load(keys.root().clone(), &ring_key::all(c).ok()?).ok()?.rows()
    }
}
