//! A whole house in a temporary directory, for the tests that cross crates and
//! for the benchmarks.
//!
//! Owns: nothing but what a test throws away.
//! Promises: what is served is the real program.
//! Must not know: what a test is about.

#![allow(clippy::disallowed_methods, reason = "waits for a process")]

pub mod home;

pub use home::{Home, Served};
