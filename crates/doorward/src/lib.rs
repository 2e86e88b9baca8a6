//! The wiring: every room of the house, built in order and started.
//!
//! Owns: the order of start and stop, the first start, the demo.
//! Promises: nothing listens before everything that it needs stands.
//! Must not know: what the rooms do.

pub mod demo;
mod first;
pub mod house;
mod keys;
pub mod verify;

pub use house::{House, HouseError};
