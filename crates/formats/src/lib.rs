//! doorward-formats
