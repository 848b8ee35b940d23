//! Computes: machines registered to a fleet, and the tokens with which their game servers connect.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A machine registered to a fleet.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Compute {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) fleet_id: String,
    pub(crate) fleet_arn: String,
    pub(crate) location: String,
    pub(crate) ip_address: String,
    pub(crate) dns_name: Option<String>,
    /// The path of the TLS certificate of its game servers; only they use it.
    pub(crate) certificate_path: Option<String>,
    pub(crate) creation_time: Timestamp,
}

/// A token with which game servers of a compute connect, as often as they like.
#[derive(Serialize, Deserialize)]
pub(crate) struct AuthToken {
    pub(crate) fleet_id: String,
    pub(crate) compute_name: String,
    pub(crate) made_for: TokenUse,
    pub(crate) value: String,
    pub(crate) made: Timestamp,
    pub(crate) expires: Timestamp,
}

/// The caller that a token was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TokenUse {
    /// Any caller of `GetComputeAuthToken`.
    Anybody,
    /// The built-in sample game servers.
    SampleServer,
    /// One process that is told to connect again. The token identifies it.
    Refresh,
}

/// Leaves the secret out.
impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthToken").field("compute", &self.compute_name).finish_non_exhaustive()
    }
}

/// The members of `RegisterCompute`.
pub(crate) struct Registration {
    pub(crate) name: String,
    pub(crate) location: String,
    pub(crate) ip_address: String,
    pub(crate) dns_name: Option<String>,
    pub(crate) certificate_path: Option<String>,
}
