//! Property expressions: values of a match in the making (`match-rules-reference-property-expression`).
//!
//! - [`syntax`]: the language as it is written;
//! - [`kind`]: the types of values, and what a function makes of them;
//! - [`drift`]: which way a value can go when players join;
//! - [`compiled`]: an expression whose names are places in a rule set;
//! - [`value`]: what comes out.

pub(crate) mod compiled;
pub(crate) mod drift;
pub(crate) mod function;
pub(crate) mod kind;
pub(crate) mod syntax;
pub(crate) mod value;
