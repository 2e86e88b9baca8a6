//! The session kernel: everything that privileged sessions have in common,
//! whichever protocol they speak.
//!
//! Owns: the [`Protocol`] trait and its registry, logins, the way from a
//! permission to a live session, the recorder, the live register, watching,
//! playing, freezing, ending, the reading of commands off the screen.
//! Promises: no session without an `Allowed<OpenSession>` for its very account;
//! no credential before its event; no byte that is not recorded; an end is an
//! end, within a second, on every node.
//! Must not know: any protocol.

mod control;
#[cfg(fuzzing)]
pub mod fuzz;
pub mod house;
mod kernel;
mod live;
mod login;
mod playback;
mod protocol;
mod recorder;
mod relay;
mod services;
mod standing;
mod watching;

pub use control::OrderError;
pub use kernel::{Destination, Gate, GateConfig, Live, OpenError, Opening, Services, Wire};
pub use live::Notice;
pub use login::{Login, LoginError};
pub use playback::{Playback, SeeError};
pub use protocol::{HostKey, Protocol, Registry, ServeError, SettingsError};
pub use recorder::file::{ChunkHash, Chunks, FileError, chunk_hashes};
pub use recorder::{FileDone, Recorder, RecorderStopped, Stream};
pub use services::{
    Access, Confirmation, ConfirmationAbout, Confirmed, Credential, Credentials, Entry,
    FileError as RequestError, Filed, GrantFacts, Identify, Progress, Purpose, ServiceError,
    WrappedKey,
};
pub use watching::Watching;

/// Where targets see a node's connections come from.
pub use doorward_vault::ssh_ca::{SessionCertificate, SourceError, Sources};
/// What rotators of protocols implement; the vault calls them.
pub use doorward_vault::{Credential as StoredCredential, HostAccount, Rotator, RotatorError};
/// Keeps something that lasts in the register.
pub use doorward_watch::Registration;
