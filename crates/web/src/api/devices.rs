//! What people sign in with, and which of it is managed.

use doorward_core::{DeviceId, ManageDevice, ReadDevice};
use doorward_signin::{Device, DeviceFilter, DeviceSort, Managed};
use doorward_store::order::Order;

use super::listing::listing;
use super::me::own;
use super::prelude::*;
use super::support::who;

/// What an administrator says of a device.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceChange {
    /// Whether the organisation looks after it.
    managed: bool,
}

/// A device of one's own.
#[derive(Serialize, JsonSchema)]
pub(super) struct OwnDevice {
    #[serde(flatten)]
    device: Device,
    /// Whether it is the one that asks.
    current: bool,
}

/// A device, with its owner's name.
#[derive(Serialize, JsonSchema)]
pub(super) struct NamedDevice {
    #[serde(flatten)]
    device: Device,
    /// Their name.
    owner: String,
}

listing! {
    /// Which devices to list.
    DeviceQuery sorted by DeviceSort, Order::down(DeviceSort::LastSeenAt);
    {
        /// Part of what it calls itself or of its owner's name.
        q: String,
        /// Only those of this person.
        identity: String,
        /// Only those that are managed, or are not.
        managed: bool,
    }
}

listing! {
    /// Which of one's own devices to list.
    OwnDeviceQuery sorted by DeviceSort, Order::down(DeviceSort::LastSeenAt);
    {}
}

pub(super) async fn mine(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<OwnDeviceQuery>,
) -> Answer<Listed<OwnDevice>> {
    let found = s.signin.own_devices(&own(&s, &caller)?, &s.cursors, &q.page()).await?;
    let here = caller.session.device;
    let shown = |device: Device| OwnDevice { current: here == Some(device.id), device };
    page(found.items.into_iter().map(shown).collect(), found.next)
}

pub(super) async fn forget_mine(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<DeviceId>,
) -> Answer<Nothing> {
    s.signin.forget_own_device(&own(&s, &caller)?, id).await?;
    nothing()
}

pub(super) async fn list(
    State(s): State<AppState>,
    caller: Caller,
    Params(q): Params<DeviceQuery>,
) -> Answer<Listed<NamedDevice>> {
    let allowed = s.allow(&caller.actor, ReadDevice {})?;
    let of = who(&s, "identity", q.identity.as_deref())?;
    let filter = DeviceFilter { identity: of, managed: q.managed, q: q.q.clone() };
    let found = s.signin.devices(&allowed, &s.cursors, filter, &q.page()).await?;
    page(found.items.into_iter().map(|d| named(&s, d)).collect(), found.next)
}

fn named(s: &AppState, device: Device) -> NamedDevice {
    NamedDevice { owner: name_of(s, device.identity), device }
}

pub(super) async fn change(
    State(s): State<AppState>,
    caller: Caller,
    Path(device): Path<DeviceId>,
    IfMatch(seen): IfMatch,
    Body(change): Body<DeviceChange>,
) -> Answer<Shown<NamedDevice>> {
    let owner = s.signin.device_owner(device).await?;
    let allowed = s.allow(&caller.actor, ManageDevice { device, owner })?;
    let managed = if change.managed { Managed::Yes } else { Managed::No };
    answer(named(&s, s.signin.manage_device(&allowed, managed, seen).await?))
}

pub(super) async fn forget(
    State(s): State<AppState>,
    caller: Caller,
    Path(device): Path<DeviceId>,
) -> Answer<Nothing> {
    let owner = s.signin.device_owner(device).await?;
    s.signin.forget_device(&s.allow(&caller.actor, ManageDevice { device, owner })?).await?;
    nothing()
}
