//! doorward-gate
