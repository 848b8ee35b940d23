//! What there is: each kind of resource with what it says of itself, and what resources are called.

pub(crate) mod application;
pub(crate) mod arns;
pub(crate) mod group;
pub(crate) mod location;
pub(crate) mod session;
pub(crate) mod tokens;
