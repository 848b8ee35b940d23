//! The API's limit of every number.

/// The largest integer of the API. SDKs cannot read an answer with a higher one.
pub(crate) const MAX_INTEGER: u32 = 2_147_483_647;
