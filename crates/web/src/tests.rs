//! The whole of HTTP, without the network, on both databases.

mod conform;
mod description;
mod devices;
mod effective;
mod front;
mod house;
mod lists;
mod live;
mod matrix;
mod once;
mod orders;
mod own;
mod risk;
mod sign_in_test;
mod ssh_ca;
mod standing;
mod walk;
mod whole;
