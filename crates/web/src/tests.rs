//! The whole of HTTP, without the network, on both databases.

mod conform;
mod description;
mod front;
mod house;
mod matrix;
mod once;
mod own;
mod walk;
mod whole;
