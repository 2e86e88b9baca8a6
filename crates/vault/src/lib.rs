//! doorward-vault
