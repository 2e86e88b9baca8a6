//! What people sign in with, and which of it is managed.
//!
//! A browser or a command line is known again by a key that it got when its person
//! first signed in with it: 256 random bits, kept here as a hash. Whoever shows the key
//! has the same browser profile or the same file; that the machine is looked after is an
//! administrator's word about it, which policies may ask for
//! (`context.managed_device`).
//!
//! Promises: a key signs nobody in; it is one person's, so that what somebody plants in
//! another's browser, or has there as well, never stands for that other; a session is on
//! its device only where the key is shown beside its bearer value; a device that is
//! forgotten takes its sessions with it. What this cannot tell is a copy of a browser
//! profile from the profile.

use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::{
    Actor, Allowed, Class, DeviceId, Entity, Event, IdentityId, ManageDevice, ManageOwn,
    ReadDevice, Secret,
};
use doorward_store::cursor::Cursors;
use doorward_store::device::{self as rows, Device, DeviceSort, Filter};
use doorward_store::order::Wanted;
use doorward_store::{Conn, Page, change, event, session as sessions};

use crate::error::{Result, SignInError};
use crate::factors::Tools;
use crate::sessions::end;
use crate::token::{self, Token};
use crate::{Inner, SignIn};

/// So many people may share a browser or a file; who signed in least lately is forgotten
/// by it first.
const SHARED: usize = 8;
/// What stands between the keys of several people.
const BETWEEN: char = '.';

/// An administrator's word about a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Managed {
    /// The organisation looks after it.
    Yes,
    /// It does not.
    No,
}

/// A key that somebody shows, and its hash.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    text: Secret<String>,
    hash: Vec<u8>,
}

/// The keys in a cookie or a header; what can be none of ours is left out.
pub(crate) fn shown(text: Option<&str>) -> Vec<Key> {
    let parts = text.unwrap_or_default().split(BETWEEN).take(SHARED);
    parts
        .filter_map(|p| Some(Key { hash: token::presented(p)?, text: Secret::new(p.to_owned()) }))
        .collect()
}

/// Which device it is.
#[derive(Clone, Debug)]
pub(crate) struct Recognised {
    pub id: DeviceId,
    /// The places of the keys that are worth keeping, this person's own first; none of
    /// its own when it has to be given one.
    own: Option<usize>,
    others: Vec<usize>,
}

impl Recognised {
    /// What is to be kept from now on: the keys of all who share it.
    pub fn keep(&self, keys: &[Key], fresh: &Token) -> Secret<String> {
        let own = self.own.and_then(|n| keys.get(n)).map(|k| k.text.expose().as_str());
        let others = self.others.iter().filter_map(|n| keys.get(*n));
        let all = std::iter::once(own.unwrap_or(fresh.expose()))
            .chain(others.map(|k| k.text.expose().as_str()))
            .take(SHARED);
        Secret::new(all.collect::<Vec<_>>().join(&BETWEEN.to_string()))
    }
}

/// Finds the device of a new session, or takes it in under the key `fresh`. A key that
/// is nobody's is not adopted, for whoever planted it has it too.
pub(crate) fn recognise(
    c: &Conn<'_>,
    tools: &Tools,
    session: &LiveSession,
    label: &str,
    keys: &[Key],
    fresh: &[u8],
) -> doorward_store::Result<Recognised> {
    let now = session.created_at;
    let mut others = Vec::new();
    let mut own = None;
    for (place, key) in keys.iter().enumerate() {
        match rows::by_token(c, &key.hash)?.filter(|d| d.kind == session.kind) {
            Some(d) if d.identity == session.identity => own = own.or(Some((place, d.id))),
            Some(_) => others.push(place),
            None => {}
        }
    }
    if let Some((place, id)) = own {
        rows::seen(c, id, label, now)?;
        return Ok(Recognised { id, own: Some(place), others });
    }
    let device = Device {
        id: DeviceId::new(&tools.env),
        identity: session.identity,
        kind: session.kind,
        label: label.to_owned(),
        managed: false,
        created_at: now,
        last_seen_at: now,
        version: 1,
    };
    rows::insert(c, &device, fresh)?;
    let actor = session.actor(session.network.clone());
    event::append(c, &record(tools, &actor, "device.registered", &device))?;
    Ok(Recognised { id: device.id, own: None, others })
}

/// Whether the key of the session's device is among these.
pub(crate) fn holds(
    c: &Conn<'_>,
    session: &LiveSession,
    keys: &[Key],
) -> doorward_store::Result<bool> {
    let Some(device) = session.device.filter(|_| !keys.is_empty()) else { return Ok(false) };
    let hash = rows::token_hash(c, device, session.identity)?;
    Ok(hash.is_some_and(|hash| keys.iter().any(|k| k.hash == hash)))
}

fn record(tools: &Tools, actor: &Actor, activity: &str, device: &Device) -> Event {
    let kind = match device.kind {
        SessionKind::Browser => "browser",
        SessionKind::Cli => "cli",
    };
    Event::new(&tools.env, Class::AccountChange, activity, actor)
        .on(Entity::new("Identity", device.identity))
        .with("device", device.id.to_string())
        .with("kind", kind)
        .with("label", device.label.as_str())
}

impl Inner {
    /// Which devices, of whom, these keys are of.
    pub(crate) async fn held(
        &self,
        keys: Vec<Key>,
        kind: SessionKind,
    ) -> Result<Vec<(IdentityId, DeviceId)>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.db.read(move |c| {
            let mut all = Vec::new();
            for key in &keys {
                all.extend(rows::by_token(c, &key.hash)?.filter(|d| d.kind == kind));
            }
            Ok::<_, doorward_store::Error>(all)
        });
        Ok(found.await?.into_iter().map(|d| (d.identity, d.id)).collect())
    }

    async fn forget(
        &self,
        actor: &Actor,
        by: &[String],
        id: DeviceId,
        of: IdentityId,
    ) -> Result<()> {
        let (tools, actor, by) = (self.tools.clone(), actor.clone(), by.to_vec());
        let now = self.env.now();
        self.db
            .write(move |c| {
                let device = theirs(c, id, of)?;
                rows::delete(c, id, of)?;
                event::append(c, &record(&tools, &actor, "device.forgotten", &device).by(&by))?;
                let live = sessions::of_identity(c, of, now)?;
                for s in live.iter().filter(|s| s.device == Some(id)) {
                    end(c, &tools, &actor, s, "its device was forgotten")?;
                }
                Ok(change::bump(c, "device", id, now)?)
            })
            .await
    }
}

/// Another person's is as good as none.
fn theirs(c: &Conn<'_>, id: DeviceId, of: IdentityId) -> Result<Device> {
    let found = rows::find(c, id)?.filter(|d| d.identity == of);
    found.ok_or(SignInError::NotFound("device"))
}

impl SignIn {
    /// One's own devices.
    pub async fn own_devices(
        &self,
        allowed: &Allowed<ManageOwn>,
        cursors: &Cursors,
        page: &Wanted<DeviceSort>,
    ) -> Result<Page<Device>> {
        let filter = Filter { identity: Some(allowed.act().of), ..Filter::default() };
        let list = format!("devices of {}", allowed.act().of);
        let read = move |c: &Conn<'_>, at: &_| rows::search(c, &filter, at);
        Ok(cursors.sorted(&self.0.db, &list, page, read).await?)
    }

    /// Everybody's devices.
    pub async fn devices(
        &self,
        _allowed: &Allowed<ReadDevice>,
        cursors: &Cursors,
        filter: Filter,
        page: &Wanted<DeviceSort>,
    ) -> Result<Page<Device>> {
        let read = move |c: &Conn<'_>, at: &_| rows::search(c, &filter, at);
        Ok(cursors.sorted(&self.0.db, "devices", page, read).await?)
    }

    /// Whose device it is: what the permission to change it is asked about.
    pub async fn device_owner(&self, id: DeviceId) -> Result<IdentityId> {
        let found = self.0.db.read(move |c| rows::find(c, id)).await?;
        found.map(|d| d.identity).ok_or(SignInError::NotFound("device"))
    }

    /// Says whether a device of somebody's is managed. Unless it is as `seen`, it is
    /// left as it is.
    pub async fn manage_device(
        &self,
        allowed: &Allowed<ManageDevice>,
        managed: Managed,
        seen: Option<i64>,
    ) -> Result<Device> {
        let ManageDevice { device: id, owner } = *allowed.act();
        let activity = match managed {
            Managed::Yes => "device.managed",
            Managed::No => "device.unmanaged",
        };
        let (tools, allowed) = (self.0.tools.clone(), allowed.clone());
        let now = self.0.env.now();
        self.0
            .db
            .write(move |c| {
                let device = theirs(c, id, owner)?;
                if seen.is_some_and(|v| v != device.version) {
                    return Err(SignInError::Conflict);
                }
                let changed = rows::set_managed(c, id, owner, managed == Managed::Yes)?;
                let changed = changed.ok_or(SignInError::NotFound("device"))?;
                let happened = record(&tools, allowed.actor(), activity, &device);
                event::append(c, &happened.by(allowed.policies()))?;
                change::bump(c, "device", id, now)?;
                Ok(changed)
            })
            .await
    }

    /// Forgets one of one's own devices and ends what is signed in with it.
    pub async fn forget_own_device(
        &self,
        allowed: &Allowed<ManageOwn>,
        id: DeviceId,
    ) -> Result<()> {
        self.0.forget(allowed.actor(), allowed.policies(), id, allowed.act().of).await
    }

    /// Forgets somebody's device and ends what is signed in with it.
    pub async fn forget_device(&self, allowed: &Allowed<ManageDevice>) -> Result<()> {
        let ManageDevice { device, owner } = *allowed.act();
        self.0.forget(allowed.actor(), allowed.policies(), device, owner).await
    }
}
