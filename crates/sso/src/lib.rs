//! doorward-sso
