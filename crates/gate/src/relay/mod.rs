//! Seeing what another node has: a session that runs there, a recording that lies
//! there.
//!
//! ```text
//!  viewer's node                       database                    the other node
//!  permission ─▶ relay row ───────────────────────────────▶ asked again, registered
//!        frames ◀─ relay_frame rows (sealed, seconds old) ◀─ live lines, or chunks
//! ```
//!
//! Owns: the frames and both their ends.
//! Promises: the node that has it decides again, and goes on deciding, for the
//! same viewer; frames are sealed under a key of the vault for this one look and
//! deleted once seen; whichever side goes away, the other notices by counts that
//! stand still, never by comparing clocks. Nothing is written while nobody looks.
//! Must not know: how the nodes reach each other; only the database does
//! (`docs/adr/0008-see-through-the-database.md`).

mod frame;
mod serve;
mod view;

use std::time::Duration;

use doorward_core::{Id as _, RelayId};

pub(crate) use serve::answer;
pub(crate) use view::Viewed;

/// Of which kind a look is, in its row.
pub(crate) const WATCH: &str = "watch";
pub(crate) const PLAY: &str = "play";
/// The kind of thing that changes when somebody wants to look.
pub(crate) const CHANGE: &str = "relay";

/// How often a viewer looks for frames.
const POLL: Duration = Duration::from_millis(100);
/// For how long lines are gathered into one frame, and how large it may become.
const GATHER: Duration = Duration::from_millis(60);
const LARGEST: usize = 64 << 10;
/// How often each side says that it is there.
const BEAT: Duration = Duration::from_secs(2);
/// For how long the other side may say nothing.
const STALE: Duration = Duration::from_secs(12);
/// For how long a node may take to begin.
const ANSWER: Duration = Duration::from_secs(5);
/// How many frames of a live session may wait; a viewer that is slower is left.
const MOST_LIVE: i64 = 256;
/// How many frames of a recording may wait; then the server does.
const MOST_PLAYED: i64 = 8;

/// What the key of a look is bound to in the vault.
fn key_aad(id: RelayId) -> Vec<u8> {
    let mut text = b"relay ".to_vec();
    text.extend_from_slice(id.uuid().as_bytes());
    text
}

#[cfg(test)]
mod tests;
