//! doorward-gate-ssh
