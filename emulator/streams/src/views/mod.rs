//! Resources as the API describes them, one file a noun. Several operations answer with them.

pub(crate) mod application;
pub(crate) mod group;
pub(crate) mod location;
pub(crate) mod session;
