//! Computes: machines that are registered to a fleet, and the tokens their game servers connect with.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A machine that was registered to a fleet.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Compute {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) fleet_id: String,
    pub(crate) fleet_arn: String,
    pub(crate) location: String,
    pub(crate) ip_address: String,
    pub(crate) dns_name: Option<String>,
    /// Where the TLS certificate of its game servers is; only they look at it.
    pub(crate) certificate_path: Option<String>,
    pub(crate) creation_time: Timestamp,
}

/// What game servers of a compute connect with, each as often as it likes.
#[derive(Serialize, Deserialize)]
pub(crate) struct AuthToken {
    pub(crate) fleet_id: String,
    pub(crate) compute_name: String,
    pub(crate) made_for: TokenUse,
    pub(crate) value: String,
    pub(crate) made: Timestamp,
    pub(crate) expires: Timestamp,
}

/// Whom a token was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TokenUse {
    /// Whoever asks with `GetComputeAuthToken`.
    Anybody,
    /// The built-in sample game servers.
    SampleServer,
    /// One process that has to connect again, which is known by it.
    Refresh,
}

/// Without the secret.
impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthToken").field("compute", &self.compute_name).finish_non_exhaustive()
    }
}

/// What `RegisterCompute` says of a machine.
pub(crate) struct Registration {
    pub(crate) name: String,
    pub(crate) location: String,
    pub(crate) ip_address: String,
    pub(crate) dns_name: Option<String>,
    pub(crate) certificate_path: Option<String>,
}
