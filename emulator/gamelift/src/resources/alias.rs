//! Aliases: stable names of fleets that may change.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Another name of a fleet, or a name that leads to no fleet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) routing: Routing,
    pub(crate) creation_time: Timestamp,
    pub(crate) last_updated_time: Timestamp,
}

/// The target of an alias.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Routing {
    /// The fleet with this id.
    Simple { fleet_id: String },
    /// No fleet: requests through the alias fail with this message.
    Terminal { message: String },
}
