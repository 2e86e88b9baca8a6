//! doorward-testsuite
