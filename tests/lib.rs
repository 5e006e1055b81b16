//! The harness of the Markdown suites.
