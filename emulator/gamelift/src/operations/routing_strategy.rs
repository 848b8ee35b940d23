//! The routing strategy of an alias, as operations take it.

use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::Deserialize;

use crate::{resources::alias::Routing, types::FleetId};

/// The fleet or message of an alias.
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoutingStrategy {
    #[garde(pattern("^(SIMPLE|TERMINAL)$"))]
    r#type: Option<String>,
    #[garde(dive)]
    fleet_id: Option<FleetId>,
    #[garde(skip)]
    message: Option<String>,
}

impl RoutingStrategy {
    /// Checks which members belong together (inferred: the model requires none of them).
    pub(crate) fn parse(self) -> Result<Routing, ServiceError> {
        match (self.r#type.as_deref(), self.fleet_id, self.message) {
            (Some("SIMPLE"), Some(FleetId(fleet_id)), None) => Ok(Routing::Simple { fleet_id }),
            (Some("TERMINAL"), None, Some(message)) => Ok(Routing::Terminal { message }),
            (None, ..) => Err(invalid_request("A RoutingStrategy needs a Type.")),
            (Some("SIMPLE"), ..) => Err(invalid_request("A SIMPLE RoutingStrategy has a FleetId and no Message.")),
            (Some(_), ..) => Err(invalid_request("A TERMINAL RoutingStrategy has a Message and no FleetId.")),
        }
    }
}
