//! The resources, each with questions about itself, and their ids and ARNs.

pub(crate) mod application;
pub(crate) mod arns;
pub(crate) mod group;
pub(crate) mod location;
pub(crate) mod session;
pub(crate) mod tokens;
