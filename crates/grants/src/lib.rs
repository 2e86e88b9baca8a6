//! doorward-grants
