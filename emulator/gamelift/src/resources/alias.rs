//! Aliases: names that stay while the fleet behind them changes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Another name of a fleet, or of none any more.
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

/// Where an alias leads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Routing {
    /// To the fleet with this id.
    Simple { fleet_id: String },
    /// Nowhere: whoever uses it gets this message.
    Terminal { message: String },
}
