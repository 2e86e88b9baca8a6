//! How the root key is kept: under a key file, a passphrase, or shares.

mod gf256;
mod keyfile;
mod operations;
mod shamir;
mod wrap;

pub(crate) use keyfile::KeyFile;
#[cfg(test)]
pub(crate) use keyfile::parse as parse_key;
pub(crate) use operations::Progress;
pub use operations::{RekeyError, Rekeyed, UnsealError};
#[cfg(fuzzing)]
pub(crate) use shamir::Share;
pub use shamir::ShareError;
#[cfg(test)]
pub(crate) use wrap::seal_root_alone;
pub use wrap::{Cost, Method, NewSeal};
pub(crate) use wrap::{Opened, Params, open_root, seal_root};

#[cfg(test)]
mod tests;
