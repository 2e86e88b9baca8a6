//! What every server needs and no rule of access lives in: configuration,
//! TLS and Doorward's own CA, tracing, shutdown, outbound HTTP, and the real
//! clock and random source.
//!
//! Promises: bad configuration is refused with the field's name and what to do;
//! private keys are written 0600; outbound HTTP never reaches an address that
//! the operator did not allow.
//! Must not know: any aggregate of the product.

pub mod config;
mod env;
pub mod files;
pub mod logging;
pub mod outbound;
mod shutdown;
pub mod tls;

pub use env::env;
pub use shutdown::Shutdown;
