//! What a designer asks of a FlexMatch rule set before players meet it.
//!
//! - `examples`: example players, read from lines of JSON ([`read_examples`]);
//! - `warnings`: what is legal and surely not meant ([`warnings()`]).
//!
//! The crate is pure: it reads no files and has no clock.

mod bounds;
mod examples;
mod warnings;

pub use examples::{
    example::Example,
    read::{ExamplesError, read_examples},
};
pub use warnings::warn::warnings;
