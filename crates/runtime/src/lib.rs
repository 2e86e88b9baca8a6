//! doorward-runtime
