//! Custom locations: where the computes of Anywhere fleets are.

use serde::{Deserialize, Serialize};

/// A location of the account, `custom-…`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CustomLocation {
    pub(crate) name: String,
    pub(crate) arn: String,
}
