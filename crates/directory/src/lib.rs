//! doorward-directory
