//! How rule sets are read: what is wrong with one, and that any text can be read.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod admission;
mod any_text;
mod good;
mod mistakes;
mod support;
