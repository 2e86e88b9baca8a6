//! doorward-formats

pub mod asciicast;
