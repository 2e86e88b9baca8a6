//! doorward-signin
