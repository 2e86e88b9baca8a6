//! doorward-watch
